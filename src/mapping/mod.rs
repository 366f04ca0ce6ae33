//! What maps to what, as pure functions: a test case to a Test's content, a status to a status, a tag to a label.
//! `docs/mapping.md` is this module for people.

mod content;
mod coverage;
mod definition;
mod description;
mod details;
mod execution;
mod field;
pub mod fields;
mod file;
mod folder;
mod full_text;
mod gherkin;
mod label;
mod last_run;
pub mod options;
mod parameters;
mod precondition;
mod procedure;
mod rich_text;
mod run;
mod status;
mod step;
mod step_changes;
mod step_origin;
mod step_run;
mod test_set;
pub mod xray_field;

pub use content::{Content, Context, test};
pub use definition::TestKind;
pub use execution::{Execution, Launch, execution};
pub use field::{Field, FieldTexts, folder_text};
pub use file::{choose as choose_files, left_out, media_type, numbered, safe_name, with_full_text};
pub use gherkin::is_outline;
pub use label::{COMMON, Marker, is_marker, markers};
pub use options::{Options, Policy};
pub use precondition::Precondition;
pub use procedure::Procedure;
pub use rich_text::RichText;
pub use run::{Iteration, TestRun, iterations, run_comment, shortened, timestamp};
pub use status::{Statuses, Unknown, same_status};
pub use step::StepText;
pub use step_changes::{ExistingStep, StepChange, after, step_changes};
pub use step_origin::{REMEMBERED, added};
pub use step_run::{Matched, StepRun, match_steps, passed, untouched};
pub use test_set::TestSets;

/// The rules that no option changes, as a person reads them.
pub const RULES: &[(&str, &str)] = &[
    (
        "test type",
        "Cucumber where all steps are Gherkin; Generic where the case is automated without a manual scenario; else Manual",
    ),
    ("summary", "name, within 255 characters"),
    (
        "description",
        "description, precondition, expected result, details and parameters as sections, and a link to TestOps",
    ),
    (
        "steps",
        "action and expected result; steps below steps expanded and numbered",
    ),
    (
        "definition",
        "full name of the automated test (Generic), the scenario (Cucumber)",
    ),
    (
        "labels",
        "tags with white space as _, added and never replaced; tms-sync; one marker",
    ),
    (
        "run status",
        "unless status.* says otherwise: passed → PASSED/PASS; failed, broken → FAILED/FAIL; skipped, unknown → TODO",
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
