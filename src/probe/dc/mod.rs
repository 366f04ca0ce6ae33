//! What Xray Data Center shows: of a Test Execution that exists, or of one that is made with Tests and runs.

mod lists;

use super::assumption::Findings;
use super::fields;
use super::jira::Found;
use super::scratch::Scratch;
use super::shape::shape;
use crate::error::{Error, Kind, Result, Side};
use crate::jira::Jira;
use crate::mapping::TestRun;
use crate::target::{Issue, Submission};
use crate::web::{Call, Idempotency};
use crate::xray::{custom_fields, dc::RAVEN};
use serde_json::{Value, json};

/// More Tests than the smallest known maximum of a page but one.
const TESTS: usize = 21;

/// Looks at the Test Execution of the project that was changed last.
pub(super) async fn read(jira: &Jira<'_>, project: &Found, findings: &mut Findings) -> Result<()> {
    let Some(kind) = &project.execution_type else {
        findings.miss_rest("the project has no issue type Test Execution");
        return Ok(());
    };
    let jql = format!("project = {} AND issuetype = {kind} ORDER BY updated DESC", project.id);
    match jira.first(&jql).await? {
        Some(execution) => lists::look(jira, &execution.key, findings).await,
        None => {
            findings.miss_rest("the project has no Test Execution");
            Ok(())
        }
    }
}

/// Makes Tests, a Test Execution and runs, and looks at them.
pub(super) async fn write(scratch: &mut Scratch<'_>, findings: &mut Findings) -> Result<()> {
    let tests = match scratch.submit(TESTS, false).await? {
        Submission::Done(outcomes) | Submission::Recognised(outcomes, _) => scratch.keep(outcomes)?,
        Submission::Unread(error) => return Err(error),
        Submission::Accepted(_) => {
            let message = "Data Center accepted a bulk create as a job";
            return Err(Error::new(Kind::Internal, Side::Jira, message));
        }
    };
    let execution = scratch.execution(findings).await?;
    let mut runs: Vec<TestRun> = tests.iter().map(|test| scratch.run(test)).collect();
    if let [steps, iterations, ..] = &mut *runs {
        steps.steps = scratch.steps();
        iterations.iterations = scratch.iterations();
    }
    if let Some(run) = runs.last() {
        fields::look(scratch, &execution, run, findings).await?;
    }
    scratch.publish(&execution, &runs).await?;
    if let Some(run) = runs.last() {
        scratch.words(&run.test, false, findings).await?;
        refusals(scratch, &execution, run, findings).await?;
        import_answer(scratch, &execution, run, findings).await?;
        evidence(scratch, &execution, run, findings).await?;
    }
    lists::look(scratch.jira, &execution.key, findings).await
}

async fn refusals(scratch: &Scratch<'_>, execution: &Issue, run: &TestRun, findings: &mut Findings) -> Result<()> {
    let (status, (key, whole)) = scratch.refusals(execution, run).await?;
    let (form, seen) = match status {
        true => ("reject", "an import with a status that does not exist is refused"),
        false => ("initial", "an import with a status that does not exist is accepted"),
    };
    findings.see("xray-dc.unknown-status", form, seen);
    let (form, seen) = match (key, whole) {
        (_, true) => (
            "reject",
            "an import with a key that does not exist is refused as a whole",
        ),
        (true, false) => (
            "listed",
            "an import with a key that does not exist imports the other run",
        ),
        (false, false) => ("skip", "an import with a key that does not exist is accepted"),
    };
    findings.see("xray-dc.unknown-test-key", form, seen);
    Ok(())
}

/// Imports a run once more. The export imports in version 2.0 alone, where two forms are the same.
async fn import_answer(scratch: &Scratch<'_>, execution: &Issue, run: &TestRun, findings: &mut Findings) -> Result<()> {
    let mut test = json!({"testKey": run.test.key, "status": run.status});
    let fields = custom_fields(run);
    if let (Some(test), [_, ..]) = (test.as_object_mut(), &*fields) {
        test.insert("customFields".to_owned(), json!(fields));
    }
    let body = json!({"testExecutionKey": execution.key, "tests": [test]});
    let call = Call::post(format!("{RAVEN}/import/execution"), &body).patient();
    let answer: Value = scratch.jira.client().json(call, Idempotency::Idempotent).await?;
    let form = match (answer.get("testExecIssue"), answer.get("testIssues")) {
        (_, Some(_)) => "by-version",
        (Some(_), None) => "short",
        (None, None) => "another answer",
    };
    let seen = format!("an import in version 2.0 is answered with {}", shape(&answer));
    findings.see("xray-dc.import-answer", form, seen);
    Ok(())
}

/// Two imports with a file each: the run has both, or the second.
async fn evidence(scratch: &Scratch<'_>, execution: &Issue, run: &TestRun, findings: &mut Findings) -> Result<()> {
    scratch.publish_files(execution, run).await?;
    let found = lists::of_test(scratch.jira, &execution.key, run.test.key.as_str()).await?;
    let files = lists::evidence(&found.run);
    let form = match files.len() {
        1 => "replaces",
        2 => "appends",
        _ => "another number",
    };
    let seen = format!("after two imports with a file each the run has {} of them", files.len());
    findings.see("xray-dc.import-evidence", form, seen);
    lists::file_size(files, findings);
    Ok(())
}
