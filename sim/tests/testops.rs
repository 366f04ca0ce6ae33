//! The simulated TestOps through its API, as an exporter and other clients use it.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers fail as loudly as the tests they serve"
)]

#[path = "testops/mod.rs"]
mod site;

#[path = "testops/access.rs"]
mod access;
#[path = "testops/attachments.rs"]
mod attachments;
#[path = "testops/browser.rs"]
mod browser;
#[path = "testops/cases.rs"]
mod cases;
#[path = "testops/launches.rs"]
mod launches;
#[path = "testops/paging.rs"]
mod paging;
#[path = "testops/scale.rs"]
mod scale;
#[path = "testops/scenarios.rs"]
mod scenarios;
#[path = "testops/versions.rs"]
mod versions;
