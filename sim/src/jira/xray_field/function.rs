//! Xray Data Center's JQL functions.

use std::collections::HashSet;

use crate::jira::account::Actor;
use crate::jira::id::IssueId;
use crate::jira::project::Role;
use crate::jira::site::Site;
use crate::jira::xray::{Owner, Relation};

impl Site {
    /// Xray Data Center's JQL functions: `None` for an unknown name, an error in Jira's words for bad arguments.
    #[must_use]
    pub fn xray_jql_function(
        &self,
        actor: &Actor,
        name: &str,
        arguments: &[String],
    ) -> Option<Result<HashSet<IssueId>, String>> {
        let first = arguments.first().map(String::as_str).unwrap_or_default();
        let issue_of = |role: fn(Role) -> bool, what: &str| {
            let found = self.visible_issue(actor, first).filter(|issue| role(self.role(issue)));
            found
                .map(|issue| issue.id)
                .ok_or_else(|| format!("{what} with key {first} was not found."))
        };
        Some(match name.to_lowercase().as_str() {
            "testexecutiontests" => issue_of(Role::is_execution, "Test Execution")
                .map(|id| self.xray.runs_of_execution(id).map(|run| run.test).collect()),
            "testplantests" => issue_of(|role| role == Role::TestPlan, "Test Plan")
                .map(|id| self.xray.members(Relation::PlanTests, id).iter().copied().collect()),
            "testplantestexecutions" => issue_of(|role| role == Role::TestPlan, "Test Plan").map(|id| {
                self.xray
                    .members(Relation::PlanExecutions, id)
                    .iter()
                    .copied()
                    .collect()
            }),
            "testsettests" => issue_of(|role| role == Role::TestSet, "Test Set")
                .map(|id| self.xray.members(Relation::SetTests, id).iter().copied().collect()),
            "testrepositoryfoldertests" => self.folder_tests(actor, arguments),
            _ => return None,
        })
    }

    fn folder_tests(&self, actor: &Actor, arguments: &[String]) -> Result<HashSet<IssueId>, String> {
        let mut arguments = arguments.iter().map(String::as_str);
        let (key, path) = (arguments.next().unwrap_or_default(), arguments.next().unwrap_or("/"));
        let with_descendants = arguments.next().is_some_and(|flag| flag.eq_ignore_ascii_case("true"));
        let project = self
            .visible_project(actor, key)
            .ok_or_else(|| format!("Project with key {key} was not found."))?;
        let tree = self.xray.repository(Owner::Project(project.id));
        let missing = || format!("Folder with path {path} was not found.");
        let (tree, folder) = tree
            .and_then(|tree| Some((tree, tree.find(path)?)))
            .ok_or_else(missing)?;
        let folders = if with_descendants {
            tree.subtree(folder)
        } else {
            vec![folder]
        };
        Ok(folders
            .iter()
            .filter_map(|&id| tree.folder(id))
            .flat_map(|folder| folder.tests.iter().copied())
            .collect())
    }
}
