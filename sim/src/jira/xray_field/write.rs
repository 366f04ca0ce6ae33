//! Making the changes that were checked.

use std::collections::HashSet;

use super::{ListChange, XrayChange};
use crate::jira::id::IssueId;
use crate::jira::site::Site;
use crate::jira::xray::{Definition, ExecutionData, Owner, Relation};

impl Site {
    pub(in crate::jira) fn commit_xray(&mut self, issue: IssueId, changes: Vec<XrayChange>) {
        let now = self.now();
        for change in changes {
            match change {
                XrayChange::TestType(name) => {
                    self.xray.set_test_type(issue, now, &name);
                }
                XrayChange::Steps(steps) => self.xray.set_steps(issue, now, steps),
                XrayChange::ScenarioType(name) => self.define(issue, |d| {
                    d.scenario_type = name.to_lowercase().replace(' ', "_");
                }),
                XrayChange::Scenario(text) => self.define(issue, |d| d.gherkin = text),
                XrayChange::Definition(text) => self.define(issue, |d| d.unstructured = text),
                XrayChange::Folder(path) => self.place_at(issue, &path),
                XrayChange::PreconditionType(name) => {
                    if let Some(test_type) = self.xray.settings.test_type(&name).cloned() {
                        self.xray
                            .define_precondition(issue, now, |data| data.test_type = test_type);
                    }
                }
                XrayChange::PreconditionDefinition(text) => {
                    self.xray.define_precondition(issue, now, |data| data.definition = text);
                }
                XrayChange::Environments(names) => self.execute(issue, |data| data.environments = names),
                XrayChange::Revision(text) => self.execute(issue, |data| data.revision = text),
                XrayChange::Begin(at) => self.execute(issue, |data| data.begin = at),
                XrayChange::End(at) => self.execute(issue, |data| data.end = at),
                XrayChange::Membership {
                    relation,
                    inside,
                    change,
                } => self.relate(issue, relation, inside, change),
                XrayChange::Runs(change) => self.change_runs(issue, change),
            }
        }
    }

    fn define(&mut self, issue: IssueId, change: impl FnOnce(&mut Definition)) {
        let now = self.now();
        self.xray.define(issue, now, change);
    }

    fn execute(&mut self, issue: IssueId, change: impl FnOnce(&mut ExecutionData)) {
        if let Some(data) = self.xray.execution_mut(issue) {
            change(data);
        }
    }

    /// Puts a test into the folder at a path of its project, which is created where missing; an unusable path leaves it
    /// where it is.
    pub fn place_at(&mut self, test: IssueId, path: &str) {
        let Some(project) = self.issue(test).map(|issue| issue.project) else {
            return;
        };
        let tree = self.xray.repository_mut(Owner::Project(project));
        if let Ok(folder) = tree.ensure(path) {
            // The folder was just found or made.
            let _ = tree.place(test, folder, None);
        }
    }

    fn relate(&mut self, issue: IssueId, relation: Relation, inside: bool, change: ListChange) {
        let existing = if inside {
            self.xray.members(relation, issue).to_vec()
        } else {
            self.xray.containers(relation, issue)
        };
        let sides = |other: IssueId| if inside { (issue, other) } else { (other, issue) };
        let (added, removed) = difference(&existing, change);
        for other in removed {
            let (container, member) = sides(other);
            self.xray.remove_member(relation, container, member);
        }
        for other in added {
            let (container, member) = sides(other);
            self.xray.add_member(relation, container, member);
        }
    }

    fn change_runs(&mut self, execution: IssueId, change: ListChange) {
        let now = self.now();
        let existing: Vec<IssueId> = self.xray.runs_of_execution(execution).map(|run| run.test).collect();
        let (added, removed) = difference(&existing, change);
        for test in removed {
            self.xray.remove_run(execution, test);
        }
        for test in added {
            self.xray.add_run(execution, test, now);
        }
    }
}

/// What to add to and remove from `existing`.
fn difference(existing: &[IssueId], change: ListChange) -> (Vec<IssueId>, Vec<IssueId>) {
    match change {
        ListChange::Add(ids) => (ids, Vec::new()),
        ListChange::Remove(ids) => (Vec::new(), ids),
        ListChange::Set(ids) => {
            let wanted: HashSet<IssueId> = ids.iter().copied().collect();
            let removed = existing.iter().copied().filter(|id| !wanted.contains(id)).collect();
            (ids, removed)
        }
    }
}
