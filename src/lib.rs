//! The xray component of tms-sync.
