//! Host of tms-sync plugins: runs a component against real servers, and holds what the component must not.
//!
//! | Module | What it holds |
//! |---|---|
//! | [`Engine`], [`LoadedPlugin`] | wasmtime, compiled code, what a component is refused for |
//! | [`Tenant`], [`Run`], [`Job`] | one tenant's integration, and calls of it |
//! | [`EgressPolicy`], [`Secret`] | which servers may be called, and with what |
//! | [`ledger`] | what survives between runs |
//! | [`standing`] | which credentials may be used |
//! | [`SecretWatch`] | proof that plugins hold no secret |
//! | [`limits`] | every limit, in one table |
//! | [`model`] | the contract's records |
//! | [`Tenant::record`], [`replay()`] | a run's host calls on a tape, and a run from a tape |
//!
//! `examples/embed.rs` shows the whole way in ten lines.

mod cache;
mod call;
mod cancel;
mod clock;
mod compiler;
mod contract;
mod egress;
mod engine;
mod events;
mod history;
mod imports;
mod job;
pub mod ledger;
pub mod limits;
mod manifest;
mod meter;
pub mod model;
mod native;
mod outcome;
mod plugin;
mod refusal;
mod run;
mod secret;
mod secret_watch;
pub mod standing;
mod store;
mod tape;
mod tenant;
mod tenant_builder;
#[cfg(feature = "test-kit")]
pub mod test_kit;
mod turns;
mod watched_memory;

pub use cancel::Canceller;
pub use clock::{Clock, SystemClock};
pub use compiler::{CompilerProcess, compile_child};
pub use contract::{PACKAGE, VERSION};
pub use egress::{EgressPolicy, InvalidAuthority, InvalidHostPort, Names, origin_of};
pub use engine::{Engine, EngineError};
pub use job::{Job, Undo};
pub use ledger::{Ending, Ledger, LedgerError, RunMode, RunRecord, Scope, SqliteLedger};
pub use limits::{CallLimits, EngineLimits};
pub use native::NativeImports;
pub use outcome::{CallError, EndReason, Ended, Facts, RunOutcome, Traffic};
pub use plugin::LoadedPlugin;
pub use refusal::RefusedComponent;
pub use run::Run;
pub use secret::Secret;
pub use secret_watch::{Leak, Place, SecretWatch};
pub use tape::{Difference, ReplayError, Replayed, replay};
pub use tenant::Tenant;
pub use tenant_builder::{TenantBuilder, TenantError};
