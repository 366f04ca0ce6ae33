//! How launches and their results are mapped.

use super::reader::Reader;
use std::collections::BTreeMap;

/// Which results' steps are read: one request to TestOps for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StepResults {
    /// Of failed and broken results.
    #[default]
    Failed,
    /// Of all results.
    All,
    /// Of none.
    None,
}

/// What becomes of several results of one case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SeveralResults {
    /// Iterations of the run, and its comment.
    #[default]
    Iterations,
    /// The run's comment only.
    Comment,
}

/// What becomes of the defects that are linked to a result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Defects {
    /// Defects of the run where they are this Jira's issues, and its comment.
    #[default]
    Link,
    /// The run's comment says that there are some; they are not read.
    Comment,
}

/// Options of launches and results.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LaunchOptions {
    /// Environment variables whose values become test environments.
    pub environments: Vec<String>,
    /// Name of the version that Test Executions are for.
    pub fix_version: Option<String>,
    /// Key of the Test Plan that Test Executions belong to.
    pub test_plan: Option<String>,
    /// Link type of a launch's issues: a name, `none`, or Jira's own “Relates” where it is not given.
    pub issue_links: Option<String>,
    /// Several results of one case.
    pub several: SeveralResults,
    /// Whose steps are read.
    pub steps: StepResults,
    /// Linked defects.
    pub defects: Defects,
    /// Jira accounts by TestOps user name: the account id on Cloud, the user name on Data Center.
    pub users: BTreeMap<String, String>,
    /// Constant by Jira field, for every new Test Execution.
    pub defaults: BTreeMap<String, String>,
}

impl LaunchOptions {
    /// The link type of a launch's issues, and whether somebody asked for it by name; absent: they are not linked.
    pub fn issue_link(&self) -> Option<(&str, bool)> {
        match self.issue_links.as_deref() {
            Some("none") => None,
            Some(name) => Some((name, true)),
            None => Some(("Relates", false)),
        }
    }
}

pub(super) fn read(reader: &mut Reader<'_>) -> LaunchOptions {
    LaunchOptions {
        environments: reader.list("environments", ','),
        fix_version: reader.text("fix-version"),
        test_plan: reader.text("test-plan"),
        issue_links: reader.text("launch-issues"),
        several: reader
            .choice(
                "parameters-of-results",
                &[
                    ("iterations", SeveralResults::Iterations),
                    ("comment", SeveralResults::Comment),
                ],
            )
            .unwrap_or_default(),
        steps: reader
            .choice(
                "step-results",
                &[
                    ("failed", StepResults::Failed),
                    ("all", StepResults::All),
                    ("none", StepResults::None),
                ],
            )
            .unwrap_or_default(),
        defects: reader
            .choice("defects", &[("link", Defects::Link), ("comment", Defects::Comment)])
            .unwrap_or_default(),
        users: reader.table("user"),
        defaults: reader.table("execution-defaults"),
    }
}
