//! The service on PostgreSQL: what its callers see is what they see of one on files, by the same tests.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a helper that fails fails its test"
)]

mod contract;
mod figures;
mod killed;
mod moving;
mod nats;
mod nodes;
mod partition;
mod place;
#[path = "../../../host-harness/tests/postgres/mod.rs"]
#[allow(dead_code, reason = "each test binary uses its part")]
mod postgres;
mod process;
mod tenants;
mod versions;

#[path = "../serve/clock.rs"]
mod clock;
#[path = "../serve/fairness.rs"]
mod fairness;
#[path = "../serve/isolation.rs"]
mod isolation;
#[path = "../serve/mailbox.rs"]
#[allow(dead_code, reason = "each test binary uses its part")]
mod mailbox;
#[path = "../serve/notify.rs"]
mod notify;
#[path = "../serve/rig.rs"]
#[allow(dead_code, reason = "each test binary uses its part")]
mod rig;
#[path = "../serve/runs.rs"]
mod runs;
#[path = "../serve/schedule.rs"]
mod schedule;
#[path = "../serve/users.rs"]
mod users;
