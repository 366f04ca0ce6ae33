//! The host of tms-sync plugins.
