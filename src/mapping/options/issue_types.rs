//! The issue types of a project that Xray takes for its own, where a person names them: administrators rename them, Jira
//! translates them, and team-managed projects make their own.

use super::form::ValueType;
use super::reader::Reader;

/// Name or id of each issue type, where it is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueTypes {
    /// Of a Test.
    pub test: Option<String>,
    /// Of a Test Execution.
    pub execution: Option<String>,
    /// Of a Precondition.
    pub precondition: Option<String>,
    /// Of a Test Set, where the server does not list them itself.
    pub test_set: Option<String>,
}

pub(super) fn read(reader: &mut Reader<'_>) -> IssueTypes {
    reader.group("Issue types");
    let mut named = |name: &str, title: &str| {
        let help = "Name or id of the issue type that Xray takes for it; not set: the one with Xray's name or icon.";
        let asked = reader.option(format!("issue-type.{name}"), title, help);
        asked.text(ValueType::Remote("issue-type"))
    };
    IssueTypes {
        test: named("test", "Issue type of a Test"),
        execution: named("test-execution", "Issue type of a Test Execution"),
        precondition: named("precondition", "Issue type of a Precondition"),
        test_set: named("test-set", "Issue type of a Test Set"),
    }
}
