//! The service as its callers see it: over HTTP, with the real component against simulated servers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a helper that fails fails its test"
)]

#[expect(dead_code, reason = "each suite uses a part of it")]
#[path = "../../../host-harness/tests/bao/mod.rs"]
mod bao;
mod clock;
mod data;
mod fairness;
mod hour;
mod isolation;
mod keys;
mod mailbox;
mod network;
mod notify;
mod place;
mod provider;
mod rig;
mod runs;
mod schedule;
mod secrets;
mod single_sign_on;
mod traces;
mod users;
