//! Host of tms-sync plugins: runs a component against real servers, and holds what the component must not.
//!
//! | Module | What it holds |
//! |---|---|
//! | [`Engine`], [`LoadedPlugin`] | wasmtime, compiled code, what a component is refused for |
//! | [`Tenant`], [`Run`], [`Job`] | one tenant's integration, and calls of it |
//! | [`EgressPolicy`], [`Secret`] | which servers may be called, and with what |
//! | [`ledger`] | what survives between runs |
//! | [`credentials`] | which credentials may be used |
//! | [`SecretWatch`] | proof that plugins hold no secret |
//! | [`limits`] | every limit, in one table |
//! | [`model`] | the contract's records |
//! | [`Tenant::record`], [`replay()`] | a run's host calls on a recording, and a run from a recording |
//!
//! `examples/embed.rs` shows the whole way in ten lines.

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

pub use call::cancel::Canceller;
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
