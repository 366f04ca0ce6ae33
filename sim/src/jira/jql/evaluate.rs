//! Running a compiled query over the search index.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashSet};

use super::compile::{Compiled, Condition, Subject};
use super::parser::Operator;
use super::text::{Term, split_words};
use crate::jira::account::{Actor, Permission};
use crate::jira::id::IssueId;
use crate::jira::issue::{Issue, rich_text};
use crate::jira::project::WORKFLOW;
use crate::jira::site::Site;

/// Ids of the issues that match and that `actor` may browse, in order. Issues in `fresh` are judged as they are now,
/// all others as the index knows them.
pub(super) fn run(site: &Site, actor: &Actor, query: &Compiled, fresh: &[IssueId]) -> Vec<IssueId> {
    let fresh: HashSet<IssueId> = fresh.iter().copied().collect();
    let mut candidates = match query.condition.as_ref().and_then(|condition| narrow(site, condition)) {
        Some(ids) => ids,
        None => site.index.ids().collect(),
    };
    candidates.extend(&fresh);
    let mut found: Vec<&Issue> = Vec::new();
    for id in candidates {
        let Some(current) = site.issue(id) else { continue };
        let seen = if fresh.contains(&id) {
            current
        } else {
            match site.index.get(id) {
                Some(snapshot) => snapshot,
                None => continue,
            }
        };
        let matches = query
            .condition
            .as_ref()
            .is_none_or(|condition| holds(site, condition, seen));
        if matches && site.accounts.allows(actor, current.project, Permission::Browse) {
            found.push(seen);
        }
    }
    found.sort_by(|a, b| compare(site, &query.order, a, b));
    found.into_iter().map(|issue| issue.id).collect()
}

/// A superset of the matching ids, where an index gives one cheaply.
fn narrow(site: &Site, condition: &Condition) -> Option<BTreeSet<IssueId>> {
    match condition {
        Condition::And(all) => all
            .iter()
            .filter_map(|part| narrow(site, part))
            .min_by_key(BTreeSet::len),
        Condition::Or(all) => {
            let parts: Option<Vec<_>> = all.iter().map(|part| narrow(site, part)).collect();
            parts.map(|sets| sets.into_iter().flatten().collect())
        }
        Condition::Ids(ids) => Some(ids.iter().copied().collect()),
        Condition::Project(projects) => Some(projects.iter().flat_map(|&p| site.index.in_project(p)).collect()),
        Condition::AnyOf(Subject::Labels, labels) => {
            Some(labels.iter().flat_map(|label| site.index.with_label(label)).collect())
        }
        Condition::Nothing => Some(BTreeSet::new()),
        _ => None,
    }
}

fn holds(site: &Site, condition: &Condition, issue: &Issue) -> bool {
    match condition {
        Condition::And(all) => all.iter().all(|part| holds(site, part, issue)),
        Condition::Or(all) => all.iter().any(|part| holds(site, part, issue)),
        Condition::Not(inner) => !holds(site, inner, issue),
        Condition::Project(projects) => projects.contains(&issue.project),
        Condition::Types(types) => types.contains(&issue.issue_type),
        Condition::Ids(ids) => ids.contains(&issue.id),
        Condition::IdRange(operator, bound) => satisfies(*operator, issue.id.cmp(bound)),
        Condition::KeyRange(operator, project, number) => {
            issue.project == *project && satisfies(*operator, issue.number.cmp(number))
        }
        Condition::Status(statuses) => statuses.contains(&issue.status),
        Condition::AnyOf(subject, wanted) => values(site, subject, issue)
            .iter()
            .any(|value| wanted.contains(&value.to_lowercase())),
        Condition::Words(subject, terms) => {
            let words = split_words(&values(site, subject, issue).join("\n"));
            terms.iter().all(|term| contains(&words, term))
        }
        Condition::Date(subject, operator, bound) => {
            let at = if *subject == Subject::Created {
                issue.created
            } else {
                issue.updated
            };
            satisfies(*operator, at.cmp(bound))
        }
        Condition::Has(subject) => values(site, subject, issue).iter().any(|value| !value.is_empty()),
        Condition::Nothing => false,
    }
}

fn satisfies(operator: Operator, ordering: Ordering) -> bool {
    match operator {
        Operator::Lt => ordering.is_lt(),
        Operator::Le => ordering.is_le(),
        Operator::Gt => ordering.is_gt(),
        Operator::Ge => ordering.is_ge(),
        _ => ordering.is_eq(),
    }
}

fn contains(words: &[String], term: &Term) -> bool {
    match term {
        Term::Word(word) => words.contains(word),
        Term::Prefix(stem) => words.iter().any(|word| word.starts_with(stem)),
        Term::Phrase(phrase) => phrase.is_empty() || words.windows(phrase.len()).any(|window| window == phrase),
    }
}

/// The values of a field, as text.
fn values(site: &Site, subject: &Subject, issue: &Issue) -> Vec<String> {
    let status = || WORKFLOW.iter().find(|status| status.id == issue.status);
    match subject {
        Subject::Project => vec![issue.project.to_string()],
        Subject::Issue => vec![issue.key.clone()],
        Subject::IssueType => vec![issue.issue_type.to_string()],
        Subject::Status => status().map(|s| s.name.to_owned()).into_iter().collect(),
        Subject::StatusCategory => status().map(|s| s.category.to_owned()).into_iter().collect(),
        Subject::Labels => issue.labels.clone(),
        Subject::Summary => vec![issue.summary.clone()],
        Subject::Description => vec![issue.description_text()],
        Subject::Comment => issue.comments.iter().map(|comment| rich_text(&comment.body)).collect(),
        Subject::Text => {
            let mut all = vec![issue.summary.clone(), issue.description_text()];
            all.extend(issue.comments.iter().map(|comment| rich_text(&comment.body)));
            all
        }
        Subject::Created | Subject::Updated => vec!["date".to_owned()],
        Subject::Reporter => issue.reporter.iter().cloned().collect(),
        Subject::Creator => issue.creator.iter().cloned().collect(),
        Subject::Assignee => issue.assignee.iter().cloned().collect(),
        Subject::Priority => vec![issue.priority.clone()],
        Subject::Component => issue.components.clone(),
        Subject::FixVersion => issue.fix_versions.clone(),
        Subject::Parent => issue.parent.iter().map(ToString::to_string).collect(),
        Subject::Resolution => Vec::new(),
        Subject::Custom(field) => site.field_texts(field, issue),
    }
}

/// Without an order Jira sorts by key, newest first.
fn compare(site: &Site, order: &[(Subject, bool, bool)], a: &Issue, b: &Issue) -> Ordering {
    for (subject, descending, by_id) in order {
        let ordering = match subject {
            Subject::Issue if *by_id => a.id.cmp(&b.id),
            Subject::Issue => by_key(site, a, b),
            Subject::Project => project_key(site, a).cmp(project_key(site, b)),
            Subject::Created => a.created.cmp(&b.created),
            Subject::Updated => a.updated.cmp(&b.updated),
            other => values(site, other, a).cmp(&values(site, other, b)),
        };
        let ordering = if *descending { ordering.reverse() } else { ordering };
        if ordering.is_ne() {
            return ordering;
        }
    }
    by_key(site, b, a)
}

fn project_key<'a>(site: &'a Site, issue: &Issue) -> &'a str {
    site.project(issue.project).map_or("", |project| project.key.as_str())
}

fn by_key(site: &Site, a: &Issue, b: &Issue) -> Ordering {
    if a.project == b.project {
        return a.number.cmp(&b.number);
    }
    project_key(site, a)
        .cmp(project_key(site, b))
        .then(a.number.cmp(&b.number))
}
