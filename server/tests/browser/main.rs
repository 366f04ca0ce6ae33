//! The pages as people use them: in a real browser, on a real service, with the real component and simulated servers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that fails fails its test"
)]

mod accessible;
mod chromium;
mod forms;
mod hostile;
mod items;
mod journey;
mod pictures;
mod plain;
mod stage;
mod still;

#[path = "../serve/clock.rs"]
mod clock;
#[path = "../serve/place.rs"]
mod place;
#[allow(dead_code, reason = "these tests need a part of what the API's tests share")]
#[path = "../serve/rig.rs"]
mod rig;
