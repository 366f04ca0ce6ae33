//! tms-sync as a service: pages, an API and a schedule, for one team or for hundreds of tenants on one machine.
//!
//! | Room | What it holds |
//! |---|---|
//! | [`Server`], [`Options`] | starting, stopping |
//! | `api` | JSON over HTTP: everything the pages do, described by OpenAPI |
//! | `console` | the pages |
//! | `settings` | integrations, projects, credentials, syncs |
//! | `runs` | how a run is carried out, what it said, who listens |
//! | [`schedule`] | when a run begins, behind a trait |
//! | [`users`] | accounts, roles, sessions, tokens |
//! | [`secrets`] | credentials at rest, behind a trait |
//! | [`store`] | the database, behind a trait; [`store::TenantScope`] is the one way to a tenant's rows |
//! | [`plugins`] | manifests and reports in words of the service's own |
//! | `audit`, `notify`, `telemetry` | who changed what, who hears of what, how it goes |
//!
//! It stands on the host library alone and knows no plugin: every form comes from manifests.

mod api;
mod app;
mod assembling;
mod audit;
mod console;
pub mod furnish;
mod gate;
mod id;
mod moving;
pub mod notify;
mod options;
mod places;
pub mod plugins;
mod portable;
mod problem;
mod rotate;
mod router;
pub mod runs;
pub mod schedule;
pub mod secrets;
mod server;
pub mod settings;
pub mod store;
mod telemetry;
pub(crate) mod upkeep;
pub mod users;

pub use app::App;
pub use moving::{Moved, copy_service};
pub use options::{Keys, Options};
pub use problem::Problem;
pub use rotate::rotate_keys;
pub use server::{Server, ServerError};
pub use telemetry::{LogFormat, Traces, begin_log};
