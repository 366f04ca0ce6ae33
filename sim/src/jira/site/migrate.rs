//! A project that moves to another site, as Atlassian's and Xray's migration assistants leave it: keys, labels, texts,
//! links, definitions and runs stay, every id is another one.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::{IssueLink, Site};
use crate::jira::edit::document;
use crate::jira::id::{IssueId, LinkId, ProjectId, TypeId};
use crate::jira::issue::{Comment, Issue, rich_text};
use crate::jira::variant::Variant;
use crate::jira::xray::{Iteration, Owner, Relation, Run, StepResult, TestType};

/// How far the ids of a site that a project moves to are from those of the other.
const GAP: u64 = 50_000;

/// The names of one status on both products.
const STATUSES: [[&str; 2]; 3] = [["PASS", "PASSED"], ["FAIL", "FAILED"], ["TODO", "TO DO"]];

/// Issue ids before and after.
type Ids = HashMap<IssueId, IssueId>;

impl Site {
    /// Takes over a project of another site with everything in it; the ids of its issues before and after.
    ///
    /// Custom fields that are not Xray's stay behind when the products differ, as do users whom this site does not know.
    pub fn migrate_project(&mut self, from: &Self, key: &str) -> Vec<(IssueId, IssueId)> {
        let Some(old) = from.projects().find(|project| project.key == key) else {
            return Vec::new();
        };
        self.last_id += GAP;
        let project = self.add_project(key, &old.name);
        if let Some(new) = self.projects.get_mut(&project) {
            new.versions.clone_from(&old.versions);
            new.components.clone_from(&old.components);
            new.last_number = old.last_number;
        }
        let issues: Vec<&Issue> = from.issues().filter(|issue| issue.project == old.id).collect();
        let mut ids = Ids::new();
        for issue in &issues {
            ids.insert(issue.id, self.take_issue(from, issue, project));
        }
        for issue in &issues {
            self.take_parent(issue, &ids);
            self.take_definition(from, issue, &ids);
        }
        self.take_links(from, &ids);
        for issue in &issues {
            self.take_members(from, issue.id, &ids);
            self.take_runs(from, issue.id, &ids);
        }
        let mut ids: Vec<_> = ids.into_iter().collect();
        ids.sort_unstable();
        ids
    }

    fn take_issue(&mut self, from: &Self, issue: &Issue, project: ProjectId) -> IssueId {
        let id = IssueId(self.fresh_id());
        let known = |user: &Option<String>| user.clone().filter(|user| self.accounts.get(user).is_some());
        let comment = |comment: &Comment| Comment {
            body: self.text(&comment.body),
            author: known(&comment.author),
            ..comment.clone()
        };
        let role = from.role(issue);
        let taken = Arc::new(Issue {
            id,
            project,
            issue_type: self.type_like(from, issue),
            description: self.text(&issue.description),
            reporter: known(&issue.reporter),
            creator: known(&issue.creator),
            assignee: known(&issue.assignee),
            comments: issue.comments.iter().map(comment).collect(),
            custom: if self.variant == from.variant {
                issue.custom.clone()
            } else {
                std::collections::BTreeMap::new()
            },
            links: Vec::new(),
            ..issue.clone()
        });
        let now = self.now();
        self.keys.insert(taken.key.clone(), id);
        self.issues.insert(id, Arc::clone(&taken));
        self.index.write(now, id, Some(taken));
        self.xray.register(id, role, now, now);
        id
    }

    /// The type with the same role; of Jira's own types the one of the same name.
    fn type_like(&self, from: &Self, issue: &Issue) -> TypeId {
        let old = from.issue_type(issue.issue_type);
        let same = |name: bool| {
            let fits =
                |t: &&super::IssueType| old.is_some_and(|old| old.role == t.role && (!name || old.name == t.name));
            self.types.values().find(fits).map(|t| t.id)
        };
        same(true).or_else(|| same(false)).unwrap_or(issue.issue_type)
    }

    /// Rich text as this product keeps it.
    fn text(&self, value: &Value) -> Value {
        match (self.variant, value) {
            (Variant::Cloud, Value::String(text)) => document(text),
            (Variant::DataCenter, Value::Object(_)) => Value::String(rich_text(value)),
            _ => value.clone(),
        }
    }

    fn take_parent(&mut self, issue: &Issue, ids: &Ids) {
        let parent = issue.parent.and_then(|parent| ids.get(&parent).copied());
        if let Some(id) = ids.get(&issue.id) {
            self.modify(*id, |taken| taken.parent = parent);
        }
    }

    fn take_links(&mut self, from: &Self, ids: &Ids) {
        for link in from.links.values() {
            let ends = (ids.get(&link.inward), ids.get(&link.outward));
            let name = from.link_types.iter().find(|t| t.id == link.link_type);
            let same = name.and_then(|name| self.link_types.iter().find(|t| t.outward == name.outward));
            let (Some(kind), (Some(&inward), Some(&outward))) = (same.map(|t| t.id), ends) else {
                continue;
            };
            let id = LinkId(self.fresh_id());
            let taken = IssueLink {
                id,
                link_type: kind,
                inward,
                outward,
            };
            self.links.insert(id, taken);
            for end in [inward, outward] {
                self.modify(end, |issue| issue.links.push(id));
            }
        }
    }

    fn take_definition(&mut self, from: &Self, issue: &Issue, ids: &Ids) {
        let Some(&id) = ids.get(&issue.id) else { return };
        let now = self.now();
        if let Some(test) = from.xray.test(issue.id) {
            let mut definition = (*test.definition).clone();
            definition.test_type = self.test_type_like(&definition.test_type);
            let mut steps = std::mem::take(&mut definition.steps);
            for step in &mut steps {
                step.call_test = step.call_test.and_then(|called| ids.get(&called).copied());
            }
            self.xray.define(id, now, |target| *target = definition);
            self.xray.set_steps(id, now, steps);
            let path = from.folder_path(issue);
            let project = self.issue(id).map(|issue| issue.project);
            let tree = project.map(|project| self.xray.repository_mut(Owner::Project(project)));
            if let Some(tree) = tree.filter(|_| path != "/")
                && let Ok(folder) = tree.ensure(&path)
            {
                // The folder is there and the test is new to it.
                let _ = tree.place(id, folder, None);
            }
        }
        if let Some(precondition) = from.xray.precondition(issue.id) {
            let test_type = self.test_type_like(&precondition.test_type);
            let definition = precondition.definition.clone();
            self.xray.define_precondition(id, now, |target| {
                target.test_type = test_type;
                target.definition = definition;
            });
        }
    }

    fn test_type_like(&self, old: &TestType) -> TestType {
        let types = &self.xray.settings.test_types;
        let same_name = types.iter().find(|t| t.name == old.name);
        let found = same_name.or_else(|| types.iter().find(|t| t.kind == old.kind));
        found.cloned().unwrap_or_else(|| old.clone())
    }

    fn take_members(&mut self, from: &Self, container: IssueId, ids: &Ids) {
        let Some(&id) = ids.get(&container) else { return };
        for relation in [
            Relation::SetTests,
            Relation::PlanTests,
            Relation::PlanExecutions,
            Relation::PreconditionTests,
        ] {
            for member in from.xray.members(relation, container) {
                if let Some(&member) = ids.get(member) {
                    self.xray.add_member(relation, id, member);
                }
            }
        }
        if let (Some(old), Some(new)) = (from.xray.execution(container), self.xray.execution_mut(id)) {
            new.clone_from(old);
        }
    }

    fn take_runs(&mut self, from: &Self, execution: IssueId, ids: &Ids) {
        let Some(&id) = ids.get(&execution) else { return };
        let now = self.now();
        for old in from.xray.runs_of_execution(execution) {
            let made = ids.get(&old.test).and_then(|&test| self.xray.add_run(id, test, now));
            let Some(blank) = made.and_then(|run| self.xray.run(&run).cloned()) else {
                continue;
            };
            let run = self.run_like(old, blank, ids);
            if let Some(target) = self.xray.run_mut(&run.id.clone(), now) {
                *target = run;
            }
        }
    }

    fn run_like(&self, old: &Run, blank: Run, ids: &Ids) -> Run {
        let settings = &self.xray.settings;
        let is_run = |name: &str| settings.run_status(name).is_some();
        let is_step = |name: &str| settings.step_status(name).is_some();
        let step = |blank: &StepResult, old: &StepResult| StepResult {
            id: blank.id.clone(),
            status: status_like(&old.status, is_step),
            defects: defects_like(&old.defects, ids),
            ..old.clone()
        };
        let steps = |old: &[StepResult]| -> Vec<StepResult> {
            let pairs = blank.steps.iter().zip(old);
            pairs.map(|(blank, old)| step(blank, old)).collect()
        };
        let iteration = |old: &Iteration| Iteration {
            status: status_like(&old.status, is_step),
            steps: steps(&old.steps),
            ..old.clone()
        };
        Run {
            status: status_like(&old.status, is_run),
            comment: old.comment.clone(),
            started: old.started,
            finished: old.finished,
            defects: defects_like(&old.defects, ids),
            evidence: old.evidence.clone(),
            steps: steps(&old.steps),
            iterations: old.iterations.iter().map(iteration).collect(),
            ..blank
        }
    }
}

fn defects_like(defects: &[IssueId], ids: &Ids) -> Vec<IssueId> {
    defects.iter().filter_map(|defect| ids.get(defect).copied()).collect()
}

/// The name of a status where `is_known` are the names.
fn status_like(name: &str, is_known: impl Fn(&str) -> bool) -> String {
    let pair = STATUSES.iter().find(|pair| pair.contains(&name)).into_iter().flatten();
    let other = pair.copied().find(|other| is_known(other));
    match other {
        Some(other) if !is_known(name) => other.to_owned(),
        _ => name.to_owned(),
    }
}
