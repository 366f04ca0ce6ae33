//! Exports through the real component in the real host against simulated servers over HTTP, one scenario over both
//! variants. What arrived is read from the simulators' own state, never from the report.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails here fails the test"
)]

#[macro_use]
mod rig;
mod budget;
mod cases;
mod changes;
mod connection;
mod evidence;
mod fields;
mod files;
mod forecast;
mod launches;
mod replay;
mod scenario;
mod seen;
mod standing;
mod switches;
mod truth;
