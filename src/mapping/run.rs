//! Results of a case in a launch as a run.

use super::Dialect;
use super::status::Statuses;
use super::step_run::StepRun;
use crate::domain::{Defect, Failure, Issue, Parameter, Status, TestResult};
use crate::markup::tree::FilePlace;
use crate::markup::{Document, wiki};
use serde_json::Value;

/// Characters of a run's comment. Xray documents no limit for it; this is Jira's for comments.
const COMMENT: usize = 32_000;
/// Characters of one result's trace inside a comment.
const TRACE: usize = 8_000;
/// Parameters of an iteration: Data Center refuses more.
const PARAMETERS: usize = 20;
/// Iterations of a run: Xray documents no limit; its pages show them all at once.
const ITERATIONS: usize = 200;

/// A run to publish.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestRun {
    /// The Test.
    pub test: Issue,
    /// Name of the version of the Test that was run, where an option chooses among several.
    pub version: Option<String>,
    /// Status in the server's spelling.
    pub status: String,
    /// Comment in the destination's dialect; may be empty.
    pub comment: String,
    /// Milliseconds since the epoch.
    pub start: Option<u64>,
    /// Milliseconds since the epoch.
    pub finish: Option<u64>,
    /// Keys of issues of this Jira.
    pub defects: Vec<String>,
    /// Account of who ran it.
    pub executed_by: Option<String>,
    /// Account of whose task it is.
    pub assignee: Option<String>,
    /// Results of the Test's steps, by position; none, or never more than the Test has.
    pub steps: Vec<StepRun>,
    /// Passes with their own parameters; none where there are steps.
    pub iterations: Vec<Iteration>,
    /// Values of Xray's own fields of Test Runs, by id, as they are sent; null: the run has none.
    pub fields: Vec<(String, Value)>,
}

/// One of several results of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Iteration {
    /// Name.
    pub name: String,
    /// Parameters, as many as Xray takes.
    pub parameters: Vec<Parameter>,
    /// Step status in the server's spelling.
    pub status: String,
    /// Message and trace, plain text.
    pub log: String,
    /// Results of the Test's steps, by position.
    pub steps: Vec<StepRun>,
}

/// Several results as iterations, and how many of them, or of their parameters, did not fit. Steps come by result.
pub fn iterations(results: &[TestResult], steps: Vec<Vec<StepRun>>, statuses: &Statuses) -> (Vec<Iteration>, usize) {
    let mut left = results.len().saturating_sub(ITERATIONS);
    let mut list = Vec::new();
    let steps = steps.into_iter().chain(std::iter::repeat_with(Vec::new));
    for (result, steps) in results.iter().zip(steps).take(ITERATIONS) {
        let Some(status) = result.status.and_then(|status| statuses.of(status)) else {
            left += 1;
            continue;
        };
        left += usize::from(result.parameters.len() > PARAMETERS);
        list.push(Iteration {
            name: result.name.clone(),
            parameters: result.parameters.iter().take(PARAMETERS).cloned().collect(),
            status: status.to_owned(),
            log: shortened(&failure(result).join("\n"), TRACE),
            steps,
        });
    }
    (list, left)
}

/// The comment of a run, from all results of the case in the launch. A single plain pass has nothing to say.
pub fn run_comment(results: &[TestResult], dialect: Dialect) -> String {
    let mut parts = Vec::new();
    for result in results {
        let mut lines = Vec::new();
        let parameters: Vec<String> = result
            .parameters
            .iter()
            .map(|p| format!("{} = {}", p.name, p.value))
            .collect();
        if results.len() > 1 || !parameters.is_empty() {
            let mut head = format!("{}: {}", result.name, word(result));
            if !parameters.is_empty() {
                head.push_str(&format!(" ({})", parameters.join(", ")));
            }
            lines.push(head);
        } else if !matches!(result.status, Some(Status::Passed | Status::Failed)) {
            // Xray has no such status of its own.
            lines.push(format!("Status in TestOps: {}", word(result)));
        }
        let flags = [
            (result.flags.muted, "muted"),
            (result.flags.flaky, "flaky"),
            (result.flags.known, "known"),
        ];
        let flags: Vec<&str> = flags.iter().filter(|(set, _)| *set).map(|(_, word)| *word).collect();
        if !flags.is_empty() {
            lines.push(format!("In TestOps: {}", flags.join(", ")));
        }
        lines.extend(result.testers.tested_by.iter().map(|name| format!("Run by {name}")));
        lines.extend(result.defects.iter().map(|defect| format!("Defect: {}", title(defect))));
        lines.extend(failure(result));
        if !lines.is_empty() {
            parts.push(lines.join("\n"));
        }
    }
    prose(&parts.join("\n\n"), COMMENT, dialect)
}

fn word(result: &TestResult) -> &'static str {
    result.status.map_or("in progress", Status::word)
}

fn title(defect: &Defect) -> String {
    match defect.issue.as_ref().map(|issue| issue.key.as_str()) {
        Some(key) if key != defect.name => format!("{key} {}", defect.name),
        _ => defect.name.clone(),
    }
}

/// Message and trace, where the trace says more.
fn failure(result: &TestResult) -> Vec<String> {
    let Failure { message, trace } = &result.failure;
    let trace = trace.as_ref().filter(|trace| message.as_ref() != Some(trace));
    let trace = trace.map(|trace| shortened(trace, TRACE));
    message.iter().cloned().chain(trace).collect()
}

/// Text for a comment of a run or of a step, shortened.
pub(super) fn prose(text: &str, most: usize, dialect: Dialect) -> String {
    let text = shortened(text, most);
    match dialect {
        Dialect::Adf => text,
        Dialect::Wiki => {
            let mut tree = Document::from_plain(&text).tree;
            // Files of a result are evidence under names of their own; an address in a message stays one.
            tree.resolve_attachments(|source| FilePlace::Foreign(source.url("")));
            wiki::write(&tree, most).0
        }
    }
}

/// A text of at most `most` characters, and a word where there was more.
pub fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}… (shortened)", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// A time as imports take it: ISO 8601 in UTC with whole seconds, `2014-08-30T11:47:35+00:00`.
pub fn timestamp(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Days since 1970 as a civil date: Howard Hinnant's `civil_from_days`, for dates after 1970 only.
    let z = days + 719_468;
    let era = z / 146_097;
    let doe = z % 146_097;
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + u64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}+00:00",
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
}

#[cfg(test)]
mod tests {
    use super::super::options::StatusNames;
    use super::{Dialect, PARAMETERS, Parameter, Status, Statuses, TestResult, iterations, run_comment, timestamp};
    use crate::domain::{Defect, Failure, Flags, IssueLink};

    #[test]
    fn times_are_iso_8601_in_utc() {
        assert_eq!(timestamp(0), "1970-01-01T00:00:00+00:00");
        assert_eq!(timestamp(951_782_400_000), "2000-02-29T00:00:00+00:00");
        assert_eq!(timestamp(1_795_368_896_789), "2026-11-22T17:34:56+00:00");
    }

    fn result(status: Status) -> TestResult {
        TestResult {
            name: "Cart".to_owned(),
            status: Some(status),
            ..TestResult::default()
        }
    }

    #[test]
    fn a_comment_says_what_the_status_and_the_fields_do_not() {
        let comment = |result: TestResult| run_comment(&[result], Dialect::Adf);
        assert_eq!(comment(result(Status::Passed)), "");
        assert_eq!(comment(result(Status::Broken)), "Status in TestOps: broken");
        let issue = IssueLink {
            key: "CALC-9".to_owned(),
            url: None,
        };
        let known = TestResult {
            flags: Flags {
                muted: true,
                known: true,
                ..Flags::default()
            },
            failure: Failure {
                message: Some("no".to_owned()),
                trace: Some("no".to_owned()),
            },
            defects: vec![Defect {
                name: "Cart is empty".to_owned(),
                issue: Some(issue),
            }],
            ..result(Status::Failed)
        };
        assert_eq!(
            comment(known),
            "In TestOps: muted, known\nDefect: CALC-9 Cart is empty\nno"
        );
    }

    #[test]
    fn iterations_keep_as_many_parameters_as_xray_takes_and_count_the_rest() {
        let names = ["PASSED".to_owned(), "FAILED".to_owned(), "TODO".to_owned()];
        let statuses = Statuses::of_steps(&names, &StatusNames::default());
        let parameter = |n: usize| Parameter {
            name: format!("p{n}"),
            value: String::new(),
        };
        let many = TestResult {
            parameters: (0..30).map(parameter).collect(),
            ..result(Status::Broken)
        };
        let (list, left) = iterations(&[result(Status::Passed), many], Vec::new(), &statuses);
        assert_eq!((list.len(), left), (2, 1));
        assert_eq!((list[0].status.as_str(), list[1].status.as_str()), ("PASSED", "FAILED"));
        assert_eq!(list[1].parameters.len(), PARAMETERS);
    }
}
