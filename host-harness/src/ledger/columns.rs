//! How stores of every kind keep an ending and a credential's state: names in columns, so that a case can be added
//! anywhere.

use super::health::{HealthState, Reason};
use super::{Ending, FaultKind};
use crate::names::Named;

const DONE: &str = "done";
const STOPPED: &str = "stopped";
const ENDED: &str = "ended";

const ACTIVE: &str = "active";
const SUSPECT: &str = "suspect";
const DISABLED: &str = "disabled";
const LOCKED: &str = "locked";

/// How a run ended: all empty while it runs.
#[derive(Default)]
pub(super) struct EndingColumns {
    pub(super) outcome: Option<String>,
    pub(super) fault: Option<String>,
    pub(super) side: Option<String>,
    pub(super) reason: Option<String>,
}

impl EndingColumns {
    pub(super) fn of(ending: Option<&Ending>) -> Self {
        match ending {
            None => Self::default(),
            Some(Ending::Done) => Self {
                outcome: Some(DONE.to_owned()),
                ..Self::default()
            },
            Some(Ending::Stopped { kind, side, message }) => Self {
                outcome: Some(STOPPED.to_owned()),
                fault: Some(kind.name().to_owned()),
                side: Some(side.clone()),
                reason: Some(message.clone()),
            },
            Some(Ending::Ended(reason)) => Self {
                outcome: Some(ENDED.to_owned()),
                reason: Some(reason.clone()),
                ..Self::default()
            },
        }
    }

    /// A fault that this host does not know counts as the host's own.
    pub(super) fn ending(self) -> Option<Ending> {
        let reason = self.reason.unwrap_or_default();
        Some(match self.outcome?.as_str() {
            DONE => Ending::Done,
            STOPPED => Ending::Stopped {
                kind: kind(self.fault.as_deref()),
                side: self.side.unwrap_or_default(),
                message: reason,
            },
            _ => Ending::Ended(reason),
        })
    }
}

/// What is known against a credential: nothing but a name while it is active.
#[derive(Default)]
pub(super) struct StateColumns {
    pub(super) state: String,
    pub(super) kind: Option<String>,
    pub(super) side: Option<String>,
    pub(super) message: Option<String>,
    pub(super) hint: Option<String>,
    pub(super) since: Option<i64>,
    pub(super) seen: Option<i64>,
}

impl StateColumns {
    pub(super) fn of(state: &HealthState) -> Self {
        let (name, reason) = match state {
            HealthState::Active => (ACTIVE, None),
            HealthState::Suspect(reason) => (SUSPECT, Some(reason)),
            HealthState::Disabled(reason) => (DISABLED, Some(reason)),
            HealthState::Locked(reason) => (LOCKED, Some(reason)),
        };
        Self {
            state: name.to_owned(),
            kind: reason.map(|reason| reason.kind.name().to_owned()),
            side: reason.map(|reason| reason.side.clone()),
            message: reason.map(|reason| reason.message.clone()),
            hint: reason.and_then(|reason| reason.hint.clone()),
            since: reason.map(|reason| reason.since.cast_signed()),
            seen: reason.map(|reason| reason.seen.cast_signed()),
        }
    }

    pub(super) fn state(self) -> HealthState {
        let reason = Reason {
            kind: kind(self.kind.as_deref()),
            side: self.side.unwrap_or_default(),
            message: self.message.unwrap_or_default(),
            hint: self.hint,
            since: self.since.unwrap_or_default().cast_unsigned(),
            seen: self.seen.unwrap_or_default().cast_unsigned(),
        };
        match self.state.as_str() {
            SUSPECT => HealthState::Suspect(reason),
            DISABLED => HealthState::Disabled(reason),
            LOCKED => HealthState::Locked(reason),
            _ => HealthState::Active,
        }
    }
}

fn kind(name: Option<&str>) -> FaultKind {
    name.and_then(FaultKind::of_name).unwrap_or(FaultKind::Internal)
}

/// When log-ins were refused, in one text.
pub(super) fn joined(times: &[u64]) -> String {
    times.iter().map(u64::to_string).collect::<Vec<_>>().join(",")
}

pub(super) fn times(joined: &str) -> Vec<u64> {
    joined.split(',').filter_map(|at| at.parse().ok()).collect()
}
