//! Names of the contract's enumerations, as `wit/` writes them: the ledger stores them, JSON and people read them.

use crate::contract::exports::connection::{CheckStatus, ObservationState};
use crate::contract::exports::exporter::Outcome;
use crate::contract::imports::links::Phase;
use crate::contract::imports::log::Level;
use crate::contract::imports::types::FaultKind;

/// An enumeration whose cases have names: lower-case words with hyphens.
pub trait Named: Copy + 'static {
    /// Every case with its name.
    const NAMES: &'static [(&'static str, Self)];

    /// The name of a case.
    fn name(self) -> &'static str;

    /// The case of a name.
    fn of_name(name: &str) -> Option<Self> {
        let mut names = Self::NAMES.iter();
        names.find(|(known, _)| *known == name).map(|(_, case)| *case)
    }
}

macro_rules! named {
    ($type:ty { $($case:ident = $name:literal),+ $(,)? }) => {
        impl $crate::names::Named for $type {
            const NAMES: &'static [(&'static str, Self)] = &[$(($name, Self::$case)),+];

            fn name(self) -> &'static str {
                match self { $(Self::$case => $name),+ }
            }
        }
    };
}
pub(crate) use named;

named!(FaultKind {
    Configuration = "configuration",
    Credential = "credential",
    Locked = "locked",
    Permission = "permission",
    Product = "product",
    Unreachable = "unreachable",
    RateLimited = "rate-limited",
    MassChange = "mass-change",
    Ledger = "ledger",
    Cancelled = "cancelled",
    Unsupported = "unsupported",
    Internal = "internal",
});

named!(CheckStatus {
    Passed = "passed",
    Failed = "failed",
    Warning = "warning",
    Skipped = "skipped",
});

named!(ObservationState {
    Held = "held",
    Broken = "broken",
    NotSeen = "not-seen",
});

named!(Outcome {
    Created = "created",
    Updated = "updated",
    Unchanged = "unchanged",
    Skipped = "skipped",
    Failed = "failed",
    Waiting = "waiting",
    Removed = "removed",
    Adopted = "adopted",
});

named!(Phase {
    Idle = "idle",
    Intent = "intent",
    Acknowledged = "acknowledged",
    Linked = "linked",
    Synced = "synced",
    Orphaned = "orphaned",
    Tombstone = "tombstone",
});

named!(Level {
    Error = "error",
    Warning = "warning",
    Info = "info",
    Debug = "debug",
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_back_to_its_case() {
        for (name, kind) in FaultKind::NAMES {
            assert_eq!((kind.name(), FaultKind::of_name(name)), (*name, Some(*kind)));
        }
        assert_eq!(FaultKind::of_name("Internal"), None);
    }
}
