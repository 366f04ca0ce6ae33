//! How a call ended, and what the host saw of it.

use std::fmt;

use crate::ledger::LedgerError;
use crate::metering::facts::Facts;
use crate::model::{Fault, Report};

/// Why a call of a plugin brought no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// The plugin reported why it could not go on.
    #[error("{}", .0.message)]
    Fault(Fault),
    /// The host ended the call, or the plugin broke.
    #[error(transparent)]
    Ended(#[from] Ended),
}

impl CallError {
    pub(crate) fn ledger(error: LedgerError) -> Self {
        Self::Fault(error.fault())
    }
}

/// A call that was ended from outside the plugin's logic. The instance is gone; what it began at a destination stands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}: {detail}")]
pub struct Ended {
    /// What ended it.
    pub reason: EndReason,
    /// More about it: of a trap what the plugin logged last as an error, such as a panic's message; of memory the largest
    /// answer. Where in the plugin it was is in its log ([`TenantBuilder::log`](crate::TenantBuilder::log)).
    pub detail: String,
}

/// What ended a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndReason {
    /// The plugin panicked or did something WebAssembly forbids.
    Trap,
    /// The plugin broke after an allocation beyond [`CallLimits::memory_bytes`](crate::CallLimits::memory_bytes).
    Memory,
    /// The plugin recursed beyond [`EngineLimits::stack_bytes`](crate::EngineLimits::stack_bytes).
    Stack,
    /// A host call or an answer carried more than [`CallLimits::hostcall_bytes`](crate::CallLimits::hostcall_bytes).
    Copies,
    /// More than [`CallLimits::handles`](crate::CallLimits::handles) or
    /// [`CallLimits::tasks`](crate::CallLimits::tasks) at once.
    Handles,
    /// [`CallLimits::cpu`](crate::CallLimits::cpu) was used up.
    Cpu,
    /// [`CallLimits::wall`](crate::CallLimits::wall) passed.
    Wall,
    /// The run was cancelled and did not end within [`CallLimits::cancel_grace`](crate::CallLimits::cancel_grace).
    IgnoredCancel,
    /// An event was too large, or there were too many, or all together were too large.
    Events,
    /// The plugin ended without the report it owes.
    NoReport,
    /// [`Run::kill`](crate::Run::kill) was called.
    Killed,
    /// The host itself failed.
    Host,
}

impl fmt::Display for EndReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Trap => "the plugin broke",
            Self::Memory => "the plugin needs more memory than a plugin may use",
            Self::Stack => "the plugin recursed too deeply",
            Self::Copies => "the plugin passed too much data at once",
            Self::Handles => "the plugin held too many handles or tasks at once",
            Self::Cpu => "the plugin computed for too long",
            Self::Wall => "the call took too long",
            Self::IgnoredCancel => "the plugin did not end when it was cancelled",
            Self::Events => "the plugin sent too many or too large events",
            Self::NoReport => "the plugin ended without a report",
            Self::Killed => "the run was killed",
            Self::Host => "the host failed",
        })
    }
}

/// A finished plan or run.
#[derive(Debug)]
pub struct RunOutcome {
    /// Name of the run in the ledger's history.
    pub run_id: String,
    /// The plugin's report, or why there is none.
    pub result: Result<Report, CallError>,
    /// What the host counted, whatever the plugin reports.
    pub facts: Facts,
}

impl RunOutcome {
    pub(crate) fn host_failed(run_id: String) -> Self {
        let ended = Ended {
            reason: EndReason::Host,
            detail: "the run's task broke".into(),
        };
        Self {
            run_id,
            result: Err(ended.into()),
            facts: Facts::default(),
        }
    }

    pub(crate) fn no_ledger(run_id: String, error: &LedgerError) -> Self {
        Self {
            run_id,
            result: Err(CallError::Fault(error.fault())),
            facts: Facts::default(),
        }
    }
}
