//! The host through real components.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that fails fails its test"
)]

#[expect(dead_code, reason = "each suite uses a part of it")]
#[path = "../authority/mod.rs"]
mod authority;
mod contract;
mod egress;
mod examples;
mod files;
mod held;
mod ledger;
mod network;
#[path = "../postgres/mod.rs"]
mod postgres;
#[path = "../tinyproxy/mod.rs"]
mod proxies;
mod queue;
#[expect(dead_code, reason = "each suite uses a part of the rig")]
mod rig;
mod runs;
mod secrets;
mod tenancy;
mod tinyproxy;
mod tls;
mod wire;
