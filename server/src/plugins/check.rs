//! Findings, checks and faults.

use serde::{Deserialize, Serialize};
use tms_sync_host::model::{self, Severity};
use tms_sync_host::{CallError, EndReason, Named};
use utoipa::ToSchema;

/// What is wrong, or odd, with settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Finding {
    /// Whether it cannot work so.
    pub is_error: bool,
    /// Form field, member of the sync or mapping option.
    pub field: String,
    /// One sentence.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// Where in the text.
    pub at: Option<Place>,
    /// The line of text and a caret below the place.
    pub excerpt: Option<String>,
}

/// A place in a text, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Place {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

impl Finding {
    /// An error of the service itself.
    pub fn error(field: &str, message: impl Into<String>) -> Self {
        Self {
            is_error: true,
            field: field.to_owned(),
            message: message.into(),
            hint: None,
            at: None,
            excerpt: None,
        }
    }
}

impl From<model::Finding> for Finding {
    fn from(finding: model::Finding) -> Self {
        Self {
            is_error: finding.severity == Severity::Error,
            field: finding.field,
            message: finding.message,
            hint: finding.hint,
            at: finding.at.map(|at| Place {
                line: at.line,
                column: at.column,
            }),
            excerpt: finding.excerpt,
        }
    }
}

/// What a connection test found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct TestResult {
    /// `Connection established`, or which side fails.
    pub summary: String,
    /// Whether no check failed.
    pub passed: bool,
    /// In the order they were made.
    pub checks: Vec<Check>,
}

/// One check of a connection test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Check {
    /// What was checked.
    pub name: String,
    /// Whose matter it is.
    pub side: String,
    /// `passed`, `failed`, `warning` or `skipped`.
    pub status: String,
    /// What was found, one sentence.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl From<model::TestResult> for TestResult {
    fn from(result: model::TestResult) -> Self {
        let check = |check: model::Check| Check {
            name: check.name,
            side: check.side,
            status: check.status.name().to_owned(),
            message: check.message,
            hint: check.hint,
        };
        let checks: Vec<Check> = result.checks.into_iter().map(check).collect();
        let passed = !checks.is_empty()
            && checks
                .iter()
                .all(|check| matches!(&*check.status, "passed" | "warning"));
        Self {
            summary: result.summary,
            passed,
            checks,
        }
    }
}

/// Why something could not go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Stop {
    /// What kind of fault, for example `credential`.
    pub kind: String,
    /// Whose matter it is.
    pub side: String,
    /// What happened, one sentence.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// When another try makes sense, in milliseconds since the Unix epoch.
    pub retry_at: Option<u64>,
}

impl From<&model::Fault> for Stop {
    fn from(fault: &model::Fault) -> Self {
        Self {
            kind: fault.kind.name().to_owned(),
            side: fault.side.clone(),
            message: fault.message.clone(),
            hint: fault.hint.clone(),
            retry_at: fault.retry_at,
        }
    }
}

impl From<&CallError> for Stop {
    fn from(error: &CallError) -> Self {
        match error {
            CallError::Fault(fault) => fault.into(),
            CallError::Ended(ended) if ended.reason == EndReason::Killed => Self {
                hint: Some("What was begun is settled by the next run.".to_owned()),
                ..Self::of_host("cancelled", "Ended at once, as asked.")
            },
            CallError::Ended(ended) => Self::of_host("internal", ended.to_string()),
        }
    }
}

impl Stop {
    /// Of the host's side.
    pub fn of_host(kind: &str, message: impl Into<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            side: "host".to_owned(),
            message: message.into(),
            hint: None,
            retry_at: None,
        }
    }
}
