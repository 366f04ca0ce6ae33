//! The host through real components.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

mod containment;
mod egress;
mod files;
mod ledger;
mod refusal;
mod rig;
mod runs;
mod secrets;
