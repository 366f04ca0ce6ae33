//! What maps to what, as pure functions: a test case to a Test's content, a status to a status, a tag to a label.
//! `docs/mapping.md` is this module in words.

mod content;
mod details;
mod file;
mod label;
pub mod options;
mod run;
mod status;
mod step;

pub use content::{Content, Context, Field, Kind, test};
pub use file::{choose as choose_files, left_out, media_type, safe_name};
pub use label::{COMMON, Marker, markers};
pub use options::{Options, Policy};
pub use run::{Execution, Run, execution, run_comment, timestamp};
pub use status::{Statuses, run_status, same_status};
pub use step::StepText;

/// The rules that no option changes, as a person reads them.
pub const RULES: &[(&str, &str)] = &[
    (
        "test type",
        "Manual where steps were written by hand or nothing automated stands behind the case, else Generic",
    ),
    ("summary", "name, within 255 characters"),
    (
        "description",
        "description, precondition, expected result and details as sections, and a link to TestOps",
    ),
    (
        "steps",
        "action and expected result; nested and shared steps expanded and numbered",
    ),
    ("definition", "full name of the automated test (Generic only)"),
    (
        "labels",
        "tags with white space as _, added and never replaced; tms-sync; one marker",
    ),
    (
        "run status",
        "passed → PASSED/PASS; failed, broken → FAILED/FAIL; skipped, unknown → TODO",
    ),
    (
        "several results of a case",
        "one run with the worst status, all results in its comment",
    ),
];

/// In which dialect a destination takes formatted text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Atlassian Document Format for issue fields; run comments are plain text. Jira Cloud.
    Adf,
    /// Jira wiki markup for issue fields and run comments. Jira Data Center.
    Wiki,
}
