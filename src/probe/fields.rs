//! Xray's own fields: what a probe fills them with, and whether an import may lack one that is required.

use super::assumption::Findings;
use super::scratch::Scratch;
use crate::domain::TestResult;
use crate::error::Result;
use crate::mapping::TestRun;
use crate::mapping::fields::{Plan, Planned, Shape};
use crate::mapping::options::OfLaunch;
use crate::mapping::xray_field::of_run;
use crate::target::{Issue, RunRows};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a field of text has where no option says.
const TEXT: &str = "tms-sync";

/// Imports a run of a final status without the fields that the project requires, where it requires some.
pub(super) async fn look(
    scratch: &Scratch<'_>,
    execution: &Issue,
    run: &TestRun,
    findings: &mut Findings,
) -> Result<()> {
    const NAME: &str = "xray.required-run-field";
    if !scratch.destination.xray_fields.runs.iter().any(|field| field.required) {
        let why = "the project requires no field of Test Runs, and no request makes one";
        findings.miss(NAME, why);
        return Ok(());
    }
    let bare = TestRun {
        fields: Vec::new(),
        ..run.clone()
    };
    let refused = scratch.target.executions().publish(execution, &[bare]).await?;
    // Some answers do not say what was refused.
    let (form, seen) = match refused.is_empty() && is_recorded(scratch, execution, &run.test).await? {
        true => ("accepted", "an import of a run without its required field is accepted"),
        false => ("refused", "an import of a run without its required field is refused"),
    };
    findings.see(NAME, form, seen);
    Ok(())
}

async fn is_recorded(scratch: &Scratch<'_>, execution: &Issue, test: &Issue) -> Result<bool> {
    let rows = RunRows::of(1, scratch.target.capability().batches.recorded);
    let (runs, _) = scratch.target.executions().runs(execution, rows, false).await?;
    let names = [test.id.as_str(), test.key.as_str()];
    Ok(runs.iter().any(|run| names.contains(&run.test.as_str())))
}

/// Values of the fields of a run, by id.
pub(super) fn of_runs(plan: &Plan) -> Vec<(String, Value)> {
    let values: BTreeMap<String, String> = plan.iter().map(|field| (field.id.clone(), sample(field))).collect();
    of_run(plan, &TestResult::default(), &values, &mut Vec::new())
}

/// Values of the fields of a step, by name.
pub(super) fn of_steps(plan: &Plan) -> BTreeMap<String, Vec<String>> {
    let value = |field: &Planned| (field.name.clone(), vec![sample(field)]);
    plan.iter().map(value).collect()
}

/// What the configuration has for all, or something that the field takes.
fn sample(field: &Planned) -> String {
    let rule = field.default.as_deref().map(OfLaunch::read);
    if let Some(fixed) = rule.as_ref().and_then(OfLaunch::fixed) {
        return fixed.to_owned();
    }
    let text = match field.shape {
        Shape::Toggle => "true",
        Shape::Number => "1",
        Shape::Date => "2026-01-01",
        Shape::DateTime => "2026-01-01T00:00:00.000+0000",
        Shape::One | Shape::Many => field.allowed.first().map_or(TEXT, |value| &value.name),
        _ => TEXT,
    };
    text.to_owned()
}
