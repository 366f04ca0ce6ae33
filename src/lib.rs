//! The xray component of tms-sync.

pub mod aql;
pub mod markup;
pub mod setup;
pub mod text;
