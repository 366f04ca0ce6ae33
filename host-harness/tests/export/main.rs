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
#[macro_use]
#[path = "../stories/mod.rs"]
mod stories;
mod actions;
mod adopted;
mod approved;
mod attributes;
#[path = "../authority/mod.rs"]
mod authority;
mod budget;
mod called;
mod cases;
mod changes;
mod checker;
mod connection;
mod copies;
mod evidence;
mod executions;
mod fields;
mod files;
mod forecast;
mod forms;
mod launches;
mod log_ins;
mod looks;
mod neighbours;
mod oversized;
#[expect(dead_code, reason = "each suite uses a part of it")]
#[path = "../postgres/mod.rs"]
mod postgres;
mod preconditions;
mod probe;
mod recreated;
mod renamed;
mod rendering;
mod replay;
mod restored;
mod runs;
mod scenario;
mod seen;
mod standing;
mod statuses;
mod switches;
mod test_sets;
mod truth;
mod versions;
mod waits;
mod windows;
mod workflow;
mod xray_fields;
