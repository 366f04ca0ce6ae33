//! Ordered sets of issues, and which test belongs to what.

use std::collections::HashSet;

use super::Xray;
use crate::jira::id::IssueId;

/// Issues in the order they were added, each once.
#[derive(Clone, Debug, Default)]
pub struct Members {
    order: Vec<IssueId>,
    present: HashSet<IssueId>,
}

impl Members {
    /// Appends an issue; whether it was new.
    pub fn add(&mut self, issue: IssueId) -> bool {
        let new = self.present.insert(issue);
        if new {
            self.order.push(issue);
        }
        new
    }

    /// Removes an issue; whether it was there.
    pub fn remove(&mut self, issue: IssueId) -> bool {
        let there = self.present.remove(&issue);
        if there {
            self.order.retain(|&member| member != issue);
        }
        there
    }

    /// Whether the issue is in.
    #[must_use]
    pub fn contains(&self, issue: IssueId) -> bool {
        self.present.contains(&issue)
    }

    /// The issues in order.
    #[must_use]
    pub fn as_slice(&self) -> &[IssueId] {
        &self.order
    }
}

/// The kinds of membership other than a test's run in an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    /// Test Set → Tests.
    SetTests,
    /// Test Plan → Tests.
    PlanTests,
    /// Test Plan → Test Executions.
    PlanExecutions,
    /// Precondition → Tests.
    PreconditionTests,
}

impl Xray {
    /// The members of a set, plan or precondition, in order.
    #[must_use]
    pub fn members(&self, relation: Relation, container: IssueId) -> &[IssueId] {
        self.relations
            .get(&relation)
            .and_then(|of| of.get(&container))
            .map_or(&[], Members::as_slice)
    }

    /// Adds a member; whether it was new. The caller checks that both issues are of the right kind.
    pub fn add_member(&mut self, relation: Relation, container: IssueId, member: IssueId) -> bool {
        self.relations
            .entry(relation)
            .or_default()
            .entry(container)
            .or_default()
            .add(member)
    }

    /// Removes a member; whether it was there.
    pub fn remove_member(&mut self, relation: Relation, container: IssueId, member: IssueId) -> bool {
        let containers = self.relations.get_mut(&relation);
        containers
            .and_then(|of| of.get_mut(&container))
            .is_some_and(|members| members.remove(member))
    }

    /// The containers `member` is in, ascending by id.
    #[must_use]
    pub fn containers(&self, relation: Relation, member: IssueId) -> Vec<IssueId> {
        let all = self.relations.get(&relation).into_iter().flatten();
        let mut found: Vec<IssueId> = all.filter(|(_, set)| set.contains(member)).map(|(&id, _)| id).collect();
        found.sort_unstable();
        found
    }
}
