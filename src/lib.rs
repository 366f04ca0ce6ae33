//! The xray component of tms-sync.

pub mod aql;
pub mod setup;
pub mod text;
