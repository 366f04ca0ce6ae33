//! Host of tms-sync plugins: runs a component against real servers, and holds what the component must not.
//!
//! # Guide
//!
//! A platform embeds this crate to offer the export to its users. It brings settings, secrets and a place for links; the crate
//! brings the sandbox, the gate to the servers and the rules that keep issues from being created twice.
//!
//! ## Load the plugin once
//!
//! An [`Engine`] holds wasmtime and its limits, a [`LoadedPlugin`] a component that was judged, compiled and asked for its
//! manifest. Both are cheap to clone and serve every tenant of the process. The manifest describes the kinds of integrations with
//! their forms, so that a platform draws forms it knows nothing about.
//!
//! ```no_run
//! use tms_sync_host::{Engine, EngineLimits, LoadedPlugin};
//!
//! # async fn load() -> Result<LoadedPlugin, Box<dyn std::error::Error>> {
//! let engine = Engine::new(EngineLimits::default())?;
//! let plugin = LoadedPlugin::load(&engine, std::fs::read("xray.wasm")?).await?;
//! for kind in &plugin.info().kinds {
//!     println!("{}: {} fields", kind.id, kind.fields.len());
//! }
//! # Ok(plugin)
//! # }
//! ```
//!
//! ## Build a tenant for each call
//!
//! A [`Tenant`] is one customer's integration: fields of the form, secrets, which servers may be reached, and the ledger. Build it
//! from what you store, when you need it. A secret belongs to the server that it was entered for: where the form's address is
//! another one by now, building fails ([`TenantError::OriginChanged`]). The plugin never sees a secret.
//!
//! ```no_run
//! use std::sync::Arc;
//! use tms_sync_host::{EgressPolicy, Ledger, LoadedPlugin, Secret, Tenant, TenantError};
//!
//! fn tenant(plugin: &LoadedPlugin, ledger: Arc<dyn Ledger>) -> Result<Tenant, TenantError> {
//!     Tenant::builder("acme", plugin)
//!         .integration("jira-of-payments")
//!         .kind("xray-dc")
//!         .egress(EgressPolicy::public_only())
//!         .field("endpoint", "https://jira.example.com")
//!         .field("testops-endpoint", "https://testops.example.com")
//!         .field("testops-project-id", "7")
//!         .secret("token", Secret::new("…", "https://jira.example.com"))
//!         .secret("testops-token", Secret::new("…", "https://testops.example.com"))
//!         .ledger(ledger)
//!         .build()
//! }
//! ```
//!
//! ## Ask before you act
//!
//! [`Tenant::validate`] judges settings without a server, for a form that is being filled in. [`Tenant::test`] makes every check
//! with its side and what to do. [`Tenant::count`] says how much the filters cover, [`Tenant::projects`] lists destinations.
//!
//! ```no_run
//! use tms_sync_host::model::{CheckStatus, ExportConfig};
//! use tms_sync_host::{CallError, Tenant};
//!
//! async fn is_ready(tenant: &Tenant) -> Result<bool, CallError> {
//!     let test = tenant.test(Some(&ExportConfig::everything("main", "CALC"))).await?;
//!     Ok(test.checks.iter().all(|check| check.status != CheckStatus::Failed))
//! }
//! ```
//!
//! ## Plan, run, watch, end
//!
//! [`Tenant::plan`], [`Tenant::run`], [`Tenant::verify`] and [`Tenant::undo`] start a [`Run`]. Its events are progress, waits, notes
//! and one verdict per item; its outcome is the plugin's report, or why there is none, with what the host counted.
//! [`Run::canceller`] gives something that ends it at the next safe place; dropping the run does the same. A run that was ended,
//! or whose process was killed, is settled by the next one.
//!
//! ```no_run
//! use tms_sync_host::model::{Event, ExportConfig};
//! use tms_sync_host::{Job, RunOutcome, Tenant};
//!
//! async fn export(tenant: &Tenant) -> RunOutcome {
//!     let mut run = tenant.run(Job::new(ExportConfig::everything("main", "CALC")));
//!     while let Some(event) = run.next_event().await {
//!         if let Event::Verdict(verdict) = event {
//!             println!("{} {}: {:?}", verdict.entity, verdict.id, verdict.outcome);
//!         }
//!     }
//!     run.finish().await
//! }
//! ```
//!
//! ## Keep the ledger
//!
//! The [`Ledger`] knows which issue belongs to which test case, who works on a destination, and how credentials stand. One for
//! all tenants is right: rows are scoped. [`SqliteLedger`] keeps it in a file; a database of your own implements the trait. A
//! ledger that is lost costs look-ups, never duplicates. Everything has a bound: [`limits`] has them in one table.
//!
//! ## Whole programs
//!
//! | `examples/` | shows |
//! |---|---|
//! | `embed.rs` | one tenant, one export |
//! | `connection.rs` | the connection test, destinations, counts |
//! | `cancelling.rs` | a run that is cancelled, and the one that goes on |
//! | `tenants.rs` | several tenants with one plugin and one ledger |
//! | `own_ledger.rs` | a ledger of one's own |
//!
//! # Where things are
//!
//! | Module | What it holds |
//! |---|---|
//! | [`Engine`], [`LoadedPlugin`] | wasmtime, compiled code, what a component is refused for |
//! | [`Tenant`], [`Run`], [`Job`] | one tenant's integration, and calls of it |
//! | [`EgressPolicy`], [`Secret`] | which servers may be called, and with what |
//! | [`ledger`] | what survives between runs |
//! | [`credentials`] | which credentials may be used |
//! | [`SecretWatch`] | proof that plugins hold no secret |
//! | [`vault`] | secrets in OpenBao or HashiCorp Vault |
//! | [`limits`] | every limit, in one table |
//! | [`model`] | the contract's records |
//! | [`Tenant::record`], [`replay()`] | a run's host calls on a recording, and a run from a recording |

mod budget;
mod call;
mod clock;
mod contract;
pub mod credentials;
mod egress;
mod engine;
mod id;
pub mod ledger;
pub mod limits;
mod metering;
pub mod model;
mod names;
mod plugin;
mod recording;
mod spool;
mod tenant;
#[cfg(feature = "test-kit")]
pub mod test_kit;
pub mod vault;

pub use call::cancel::Canceller;
pub use call::http::{RequestSink, SentRequest};
pub use call::log::{LogMessage, LogSink};
pub use call::outcome::{CallError, EndReason, Ended, RunOutcome};
pub use clock::{Clock, SystemClock};
pub use contract::{PACKAGE, VERSION};
pub use credentials::{Leak, Place, Secret, SecretWatch};
pub use egress::{
    EgressPolicy, HostAnswer, HostRequest, InvalidAccess, InvalidAuthority, InvalidHostPort, InvalidProxy, Names,
    Proxy, origin_of,
};
pub use engine::compiler::compile_child;
pub use engine::refusal::RefusedComponent;
pub use engine::{Engine, EngineError};
pub use ledger::{Ending, Ledger, LedgerError, PostgresLedger, RunMode, RunRecord, Scope, SqliteLedger};
pub use limits::{CallLimits, CompilerProcess, EngineLimits};
pub use metering::facts::{Facts, Traffic};
pub use names::Named;
pub use plugin::LoadedPlugin;
pub use recording::Difference;
pub use tenant::Tenant;
pub use tenant::builder::{TenantBuilder, TenantError};
pub use tenant::job::{Adoption, Job, Undo};
pub use tenant::native::NativeImports;
pub use tenant::replay::{ReplayError, Replayed, replay};
pub use tenant::run::Run;
