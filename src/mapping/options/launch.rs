//! How launches and their results are mapped.

use super::form::ValueType;
use super::of_launch::OfLaunch;
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
    /// Key of a Test Execution of people that results go into.
    pub execution: Option<OfLaunch>,
    /// Name of the version that Test Executions are for.
    pub fix_version: Option<OfLaunch>,
    /// Key of the Test Plan that Test Executions belong to.
    pub test_plan: Option<OfLaunch>,
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
    reader.group("Test Executions");
    let environments = reader.option(
        "environments",
        "Test environments",
        "Environment variables of TestOps whose values become test environments of the Test Execution.",
    );
    let environments = environments.list(',');
    let fix_version = reader
        .option(
            "fix-version",
            "Fix Version",
            "Version of the destination project, for every Test Execution; or where each launch has it: tag:PREFIX, \
             variable:NAME, name:BEFORE*AFTER or link:NAME.",
        )
        .text(ValueType::Remote("version"));
    let test_plan = reader
        .option(
            "test-plan",
            "Test Plan",
            "Key of a Test Plan to which every Test Execution is added; or where each launch has it: tag:PREFIX, \
             variable:NAME, name:BEFORE*AFTER or link:NAME.",
        )
        .text(ValueType::Remote("issue"));
    let execution = reader
        .option(
            "test-execution",
            "Existing Test Execution",
            "Where a launch has the key of a Test Execution that its results go into: tag:PREFIX, variable:NAME, \
             name:BEFORE*AFTER or link:NAME; a launch without one gets its own.",
        )
        .text(ValueType::Text);
    let issue_links = reader.option(
        "launch-issues",
        "Link type for issues of a launch",
        "Name of a link type, or none; Relates where it is not set and Jira has it.",
    );
    let issue_links = issue_links.text(ValueType::Remote("link-type"));
    let defaults = reader.option(
        "execution-defaults",
        "Value of a Jira field of Test Executions",
        "Fills the Jira field that the name ends with, for every new Test Execution.",
    );
    let defaults = defaults.table(ValueType::Text);
    reader.group("Results");
    LaunchOptions {
        environments,
        execution: execution.as_deref().map(OfLaunch::read),
        fix_version: fix_version.as_deref().map(OfLaunch::read),
        test_plan: test_plan.as_deref().map(OfLaunch::read),
        issue_links,
        defaults,
        several: several(reader),
        steps: steps(reader),
        defects: defects(reader),
        users: users(reader),
    }
}

fn several(reader: &mut Reader<'_>) -> SeveralResults {
    let asked = reader.option(
        "parameters-of-results",
        "Several results of one case",
        "What becomes of results of one case with different parameters or environments.",
    );
    let choices = [
        (
            "iterations",
            "Iterations and comment of the Test Run",
            SeveralResults::Iterations,
        ),
        ("comment", "Comment of the Test Run alone", SeveralResults::Comment),
    ];
    asked.choice(&choices).unwrap_or_default()
}

fn steps(reader: &mut Reader<'_>) -> StepResults {
    let asked = reader.option(
        "step-results",
        "Results of steps",
        "Whose steps are read; each result costs TestOps a request.",
    );
    let choices = [
        ("failed", "Of failed and broken results", StepResults::Failed),
        ("all", "Of all results", StepResults::All),
        ("none", "None", StepResults::None),
    ];
    asked.choice(&choices).unwrap_or_default()
}

fn defects(reader: &mut Reader<'_>) -> Defects {
    let asked = reader.option(
        "defects",
        "Defects of results",
        "What becomes of linked defects; linking costs TestOps a request for each known result.",
    );
    let choices = [
        ("link", "Defects of the Test Run, and its comment", Defects::Link),
        ("comment", "Comment of the Test Run alone", Defects::Comment),
    ];
    asked.choice(&choices).unwrap_or_default()
}

fn users(reader: &mut Reader<'_>) -> BTreeMap<String, String> {
    let asked = reader.option(
        "user",
        "Jira account",
        "Account of the TestOps user that the name ends with: account id on Cloud, user name on Data Center. Becomes \
         Executed By and Assignee of the Test Run.",
    );
    asked.table(ValueType::Remote("user"))
}
