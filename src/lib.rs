//! The xray component of tms-sync.

pub mod setup;
pub mod text;
