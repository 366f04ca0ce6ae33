//! The service as its callers see it: over HTTP, with the real component against simulated servers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

mod clock;
mod isolation;
mod rig;
mod runs;
mod schedule;
mod users;
