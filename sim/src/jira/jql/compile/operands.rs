//! Operands of JQL: names, keys and functions as the ids they stand for.

use std::collections::HashSet;

use super::{Compiler, Condition, Subject};
use crate::jira::account::Actor;
use crate::jira::jql::parser::Operator;
use crate::jira::project::{WORKFLOW, WorkflowStatus};
use crate::jira::site::Site;
use crate::jira::variant::Variant;

impl Compiler<'_> {
    pub(super) fn values(&mut self, field: &str, subject: &Subject, values: &[String]) -> Condition {
        match subject {
            Subject::Project => Condition::Project(self.resolve(field, values, |s, actor, v| {
                s.visible_project(actor, v)
                    .or_else(|| s.project_named(actor, v))
                    .map(|p| p.id)
            })),
            Subject::Issue | Subject::Parent => self.issues(field, subject, values),
            Subject::IssueType => Condition::Types(self.resolve_many(field, values, Site::types_named)),
            Subject::Status => Condition::Status(self.resolve(field, values, |_, _, v| {
                let named = |s: &&WorkflowStatus| s.name.eq_ignore_ascii_case(v) || s.id.to_string() == v;
                WORKFLOW.iter().find(named).map(|s| s.id)
            })),
            Subject::StatusCategory => {
                let categories = [
                    ("to do", "new"),
                    ("new", "new"),
                    ("in progress", "indeterminate"),
                    ("done", "done"),
                ];
                let of = |v: &String| {
                    categories
                        .iter()
                        .find(|(name, _)| v.eq_ignore_ascii_case(name))
                        .map(|c| c.1)
                };
                let wanted: HashSet<_> = values.iter().filter_map(of).collect();
                Condition::Status(
                    WORKFLOW
                        .iter()
                        .filter(|s| wanted.contains(s.category))
                        .map(|s| s.id)
                        .collect(),
                )
            }
            Subject::Created | Subject::Updated => {
                let dates = values
                    .iter()
                    .map(|value| self.date(field, subject.clone(), Operator::Eq, value));
                Condition::Or(dates.collect())
            }
            _ => Condition::AnyOf(subject.clone(), values.iter().map(|v| v.to_lowercase()).collect()),
        }
    }

    fn resolve<T: Eq + std::hash::Hash>(
        &mut self,
        field: &str,
        values: &[String],
        find: impl Fn(&Site, &Actor, &str) -> Option<T>,
    ) -> HashSet<T> {
        self.resolve_many(field, values, |site, value| {
            find(site, self.actor, value).into_iter().collect()
        })
    }

    fn resolve_many<T: Eq + std::hash::Hash>(
        &mut self,
        field: &str,
        values: &[String],
        find: impl Fn(&Site, &str) -> Vec<T>,
    ) -> HashSet<T> {
        let mut found = HashSet::new();
        let mut missing = Vec::new();
        for value in values {
            let ids = find(self.site, value);
            if ids.is_empty() {
                missing.push(format!("The value '{value}' does not exist for the field '{field}'."));
            }
            found.extend(ids);
        }
        for text in missing {
            self.problem(text);
        }
        found
    }

    fn issues(&mut self, field: &str, subject: &Subject, values: &[String]) -> Condition {
        let mut ids = HashSet::new();
        for value in values {
            match self.site.visible_issue(self.actor, value) {
                Some(issue) => {
                    ids.insert(issue.id);
                }
                None if value.parse::<u64>().is_ok() => {
                    self.problem(format!(
                        "A value with ID '{value}' does not exist for the field '{field}'."
                    ));
                }
                None if is_key(value) => {
                    self.problem(format!(
                        "An issue with key '{value}' does not exist for field '{field}'."
                    ));
                }
                None => {
                    self.problem(format!("The issue key '{value}' for field '{field}' is invalid."));
                }
            }
        }
        if *subject == Subject::Parent {
            return Condition::AnyOf(Subject::Parent, ids.iter().map(ToString::to_string).collect());
        }
        Condition::Ids(ids)
    }

    pub(super) fn unknown_function(&mut self, name: &str, arguments: &[String]) -> Condition {
        self.problem(format!(
            "Unable to find JQL function '{name}({})'.",
            arguments.join(", ")
        ))
    }

    pub(super) fn function(&mut self, field: &str, subject: &Subject, name: &str, arguments: &[String]) -> Condition {
        if name.eq_ignore_ascii_case("currentUser") {
            let user = self.actor.user().map(str::to_lowercase);
            return Condition::AnyOf(subject.clone(), user.into_iter().collect());
        }
        let has_xray_functions = self.site.variant == Variant::DataCenter && self.site.xray.installed;
        match self
            .site
            .xray_jql_function(self.actor, name, arguments)
            .filter(|_| has_xray_functions)
        {
            _ if *subject != Subject::Issue => self.problem(format!(
                "A value provided by the function '{name}' is invalid for the field '{field}'."
            )),
            Some(Ok(ids)) => Condition::Ids(ids),
            Some(Err(text)) => self.problem(text),
            None => self.unknown_function(name, arguments),
        }
    }
}

/// Whether it looks like an issue key.
fn is_key(value: &str) -> bool {
    value.rsplit_once('-').is_some_and(|(project, number)| {
        project.starts_with(|c: char| c.is_ascii_alphabetic()) && number.parse::<u64>().is_ok()
    })
}
