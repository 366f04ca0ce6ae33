//! A connection test, as far as it concerns credentials.

use crate::model::{self, Check, CheckStatus, Fault, FaultKind, TestResult};

/// The answer in place of a test that is not made.
pub(crate) fn not_tried(barred: &[Fault]) -> TestResult {
    let check = |fault: &Fault| Check {
        name: "Not tried".to_owned(),
        side: fault.side.clone(),
        status: CheckStatus::Failed,
        message: fault.message.clone(),
        hint: fault.hint.clone(),
        kind: Some(fault.kind),
    };
    TestResult {
        summary: "Connection not tested: a credential must not be tried now".to_owned(),
        checks: barred.iter().map(check).collect(),
    }
}

/// Explains why where the host withheld a request: the plugin cannot know.
pub(crate) fn explain(result: &mut TestResult, withheld: Option<&Fault>) {
    let Some(fault) = withheld else { return };
    for check in &mut result.checks {
        if check.kind == Some(FaultKind::Configuration) && check.side == model::HOST {
            check.side.clone_from(&fault.side);
            check.kind = Some(fault.kind);
            check.hint.clone_from(&fault.hint);
        }
    }
}

/// What the checks found against credentials, and whether all passed.
pub(crate) fn judged(result: &TestResult) -> (Vec<Fault>, bool) {
    let failed = |check: &&Check| check.status == CheckStatus::Failed;
    let fault = |check: &Check| {
        check.kind.map(|kind| Fault {
            kind,
            side: check.side.clone(),
            message: check.message.clone(),
            hint: check.hint.clone(),
            retry_at: None,
        })
    };
    let faults: Vec<Fault> = result.checks.iter().filter(failed).filter_map(fault).collect();
    let passed = result
        .checks
        .iter()
        .all(|check| matches!(check.status, CheckStatus::Passed | CheckStatus::Warning));
    (faults, passed)
}
