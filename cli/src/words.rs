//! The contract's enumerations as the words of JSON output: those of `wit/`, in kebab case.

use tms_sync_host::RunMode;
use tms_sync_host::model::links::{Entity as LinkEntity, Phase as LinkPhase};
use tms_sync_host::model::{CheckStatus, Entity, FaultKind, Method, Phase, Side};

pub fn entity(entity: Entity) -> &'static str {
    match entity {
        Entity::TestCase => "test-case",
        Entity::Launch => "launch",
    }
}

pub fn side(side: Side) -> &'static str {
    match side {
        Side::Testops => "testops",
        Side::Tracker => "tracker",
        Side::Product => "product",
        Side::Settings => "settings",
        Side::Host => "host",
    }
}

pub fn fault_kind(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Configuration => "configuration",
        FaultKind::Credential => "credential",
        FaultKind::Locked => "locked",
        FaultKind::Permission => "permission",
        FaultKind::Product => "product",
        FaultKind::Unreachable => "unreachable",
        FaultKind::RateLimited => "rate-limited",
        FaultKind::MassChange => "mass-change",
        FaultKind::Ledger => "ledger",
        FaultKind::Cancelled => "cancelled",
        FaultKind::Internal => "internal",
    }
}

pub fn check_status(status: CheckStatus) -> &'static str {
    match status {
        CheckStatus::Passed => "passed",
        CheckStatus::Failed => "failed",
        CheckStatus::Warning => "warning",
        CheckStatus::Skipped => "skipped",
    }
}

pub fn method(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
    }
}

pub fn link_entity(entity: LinkEntity) -> &'static str {
    match entity {
        LinkEntity::TestCase => "test-case",
        LinkEntity::Launch => "launch",
        LinkEntity::Precondition => "precondition",
        LinkEntity::SharedStep => "shared-step",
        LinkEntity::Checkpoint => "checkpoint",
    }
}

pub fn link_phase(phase: LinkPhase) -> &'static str {
    match phase {
        LinkPhase::Idle => "idle",
        LinkPhase::Intent => "intent",
        LinkPhase::Acknowledged => "acknowledged",
        LinkPhase::Linked => "linked",
        LinkPhase::Synced => "synced",
        LinkPhase::Orphaned => "orphaned",
        LinkPhase::Quarantined => "quarantined",
        LinkPhase::Tombstone => "tombstone",
    }
}

pub fn run_mode(mode: RunMode) -> &'static str {
    match mode {
        RunMode::Export => "export",
        RunMode::Plan => "plan",
        RunMode::Verify => "verify",
        RunMode::Undo => "undo",
        RunMode::UndoDryRun => "undo-dry-run",
    }
}

/// A phase of a run as progress shows it.
pub fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Checking => "checking",
        Phase::ReadingCases => "reading cases",
        Phase::Comparing => "comparing",
        Phase::WritingCases => "writing cases",
        Phase::ReadingLaunches => "reading launches",
        Phase::Publishing => "publishing",
    }
}

/// The side at fault, as a person calls it.
pub fn whose(side: Side) -> &'static str {
    match side {
        Side::Testops => "TestOps",
        Side::Tracker => "Jira",
        Side::Product => "test management app",
        Side::Settings => "configuration",
        Side::Host => "this host",
    }
}
