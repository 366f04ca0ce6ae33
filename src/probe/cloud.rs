//! What Xray Cloud shows of a bulk import, a Test Execution and its runs, which are made for it.

use super::assumption::Findings;
use super::fields;
use super::scratch::Scratch;
use crate::error::{Error, Kind, Result, Side};
use crate::mapping::TestRun;
use crate::target::{Issue, Submission};

/// Tests of the bulk import.
const TESTS: usize = 2;
/// How long its job is waited for, in milliseconds.
const PATIENCE: u64 = 120_000;

/// Makes Tests, a Test Execution and runs, and looks at them.
pub(super) async fn write(scratch: &mut Scratch<'_>, findings: &mut Findings) -> Result<()> {
    let mut tests = import(scratch, findings).await?;
    if tests.is_empty() {
        tests = one_by_one(scratch).await?;
    }
    let execution = scratch.execution(findings).await?;
    let runs: Vec<TestRun> = tests.iter().map(|test| scratch.run(test)).collect();
    if let Some(run) = runs.last() {
        fields::look(scratch, &execution, run, findings).await?;
    }
    scratch.publish(&execution, &runs).await?;
    let Some(run) = runs.first() else { return Ok(()) };
    scratch.words(&run.test, true, findings).await?;
    evidence(scratch, &execution, run, findings).await?;
    refusals(scratch, &execution, run, findings).await
}

/// A bulk import, and what becomes of its job.
async fn import(scratch: &mut Scratch<'_>, findings: &mut Findings) -> Result<Vec<Issue>> {
    const NAME: &str = "xray-cloud.job-end";
    let job = match scratch.submit(TESTS, false).await? {
        Submission::Accepted(job) => job,
        Submission::Done(outcomes) | Submission::Recognised(outcomes, _) => return scratch.keep(outcomes),
        Submission::Unread(error) => return Err(error),
    };
    match scratch.target.tests().collect(&job, PATIENCE).await {
        Ok(Some(outcomes)) => {
            findings.see(NAME, "finish", "a bulk import of two Tests came to its end");
            scratch.keep(outcomes.into_values())
        }
        Ok(None) => {
            findings.miss(NAME, "Xray did not know the job of its own answer");
            scratch.unnamed().await
        }
        Err(error) if error.kind == Kind::RateLimited => {
            let found = scratch.unnamed().await?;
            let form = if found.is_empty() { "stuck-empty" } else { "stuck" };
            let seen = format!(
                "a job did not end in {} s, and made {} of {TESTS} Tests",
                PATIENCE / 1_000,
                found.len()
            );
            findings.see(NAME, form, seen);
            Ok(found)
        }
        Err(error) => {
            // The job may go on without us.
            scratch.unnamed().await?;
            Err(error)
        }
    }
}

async fn one_by_one(scratch: &mut Scratch<'_>) -> Result<Vec<Issue>> {
    match scratch.submit(TESTS, true).await? {
        Submission::Done(outcomes) | Submission::Recognised(outcomes, _) => scratch.keep(outcomes),
        Submission::Unread(error) => Err(error),
        Submission::Accepted(_) => {
            let message = "Xray accepted single creates as a job";
            Err(Error::new(Kind::Internal, Side::Xray, message))
        }
    }
}

/// Two imports with a file each: the run has both, or the second.
async fn evidence(scratch: &Scratch<'_>, execution: &Issue, run: &TestRun, findings: &mut Findings) -> Result<()> {
    scratch.publish_files(execution, run).await?;
    let tests = std::slice::from_ref(&run.test);
    let files = scratch.target.executions().evidence(execution, tests).await?;
    let count = files.first().map_or(0, Vec::len);
    let form = match count {
        1 => "replaces",
        2 => "appends",
        _ => "another number",
    };
    let seen = format!("after two imports with a file each the run has {count} of them");
    findings.see("xray-cloud.import-evidence", form, seen);
    Ok(())
}

async fn refusals(scratch: &Scratch<'_>, execution: &Issue, run: &TestRun, findings: &mut Findings) -> Result<()> {
    let (status, (key, _)) = scratch.refusals(execution, run).await?;
    let (form, seen) = match status {
        true => ("reject", "an import with a status that does not exist is refused"),
        false => ("initial", "an import with a status that does not exist is accepted"),
    };
    findings.see("xray-cloud.unknown-status", form, seen);
    let (form, seen) = match key {
        false => ("skip", "an import with a key that does not exist is accepted"),
        true => ("reject", "an import with a key that does not exist is refused"),
    };
    findings.see("xray-cloud.unknown-test-key", form, seen);
    Ok(())
}
