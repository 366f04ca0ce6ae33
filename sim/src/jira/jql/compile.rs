//! JQL checked against a site: names become ids, mistakes become Jira's messages.

mod operands;

use std::collections::HashSet;

use super::parser::{Expr, Operand, Operator, Query};
use super::text::{Term, terms};
use crate::jira::account::Actor;
use crate::jira::date;
use crate::jira::id::{IssueId, Millis, ProjectId, TypeId};
use crate::jira::site::Site;

/// A field JQL can compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Project,
    Issue,
    IssueType,
    Status,
    StatusCategory,
    Labels,
    Summary,
    Description,
    Comment,
    Text,
    Created,
    Updated,
    Reporter,
    Creator,
    Assignee,
    Priority,
    Component,
    FixVersion,
    Parent,
    Resolution,
    /// A custom field, by id.
    Custom(String),
}

/// A condition with everything resolved.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Project(HashSet<ProjectId>),
    Types(HashSet<TypeId>),
    Ids(HashSet<IssueId>),
    IdRange(Operator, IssueId),
    /// Issues of one project whose number compares so.
    KeyRange(Operator, ProjectId, u64),
    Status(HashSet<u64>),
    /// Any of these values, compared in lower case.
    AnyOf(Subject, HashSet<String>),
    Words(Subject, Vec<Term>),
    Date(Subject, Operator, Millis),
    Has(Subject),
    Nothing,
}

/// A query ready to run; see [`Site::search`].
#[derive(Clone, Debug)]
pub struct Compiled {
    pub(super) condition: Option<Condition>,
    pub(super) order: Vec<(Subject, bool, bool)>,
    /// Whether the query restricts anything at all; Cloud refuses those that do not.
    pub bounded: bool,
    /// What was wrong but forgiven because validation was off.
    pub warnings: Vec<String>,
}

/// Checks a query for `actor`. With `strict` every mistake is an error; without, mistaken clauses match nothing and
/// the messages become warnings.
pub(super) fn compile(site: &Site, actor: &Actor, query: &Query, strict: bool) -> Result<Compiled, Vec<String>> {
    let mut compiler = Compiler {
        site,
        actor,
        problems: Vec::new(),
    };
    let condition = query.filter.as_ref().map(|expr| compiler.expr(expr));
    let order = compiler.order(&query.order);
    if strict && !compiler.problems.is_empty() {
        return Err(compiler.problems);
    }
    Ok(Compiled {
        bounded: condition.is_some(),
        condition,
        order,
        warnings: compiler.problems,
    })
}

struct Compiler<'a> {
    site: &'a Site,
    actor: &'a Actor,
    problems: Vec<String>,
}

impl Compiler<'_> {
    fn problem(&mut self, text: String) -> Condition {
        if !self.problems.contains(&text) {
            self.problems.push(text);
        }
        Condition::Nothing
    }

    fn order(&mut self, wanted: &[(String, bool)]) -> Vec<(Subject, bool, bool)> {
        let mut order = Vec::new();
        for (field, descending) in wanted {
            match self.subject(field) {
                Some(subject) => order.push((subject, *descending, field.eq_ignore_ascii_case("id"))),
                None => {
                    self.problem(format!("Not able to sort using field '{field}'."));
                }
            }
        }
        order
    }

    fn expr(&mut self, expr: &Expr) -> Condition {
        match expr {
            Expr::And(all) => Condition::And(all.iter().map(|e| self.expr(e)).collect()),
            Expr::Or(all) => Condition::Or(all.iter().map(|e| self.expr(e)).collect()),
            Expr::Not(inner) => Condition::Not(Box::new(self.expr(inner))),
            Expr::Clause {
                field,
                operator,
                operand,
            } => self.clause(field, *operator, operand),
        }
    }

    fn subject(&self, field: &str) -> Option<Subject> {
        Some(match field.to_lowercase().as_str() {
            "project" => Subject::Project,
            "key" | "issuekey" | "issue" | "id" => Subject::Issue,
            "issuetype" | "type" => Subject::IssueType,
            "status" => Subject::Status,
            "statuscategory" => Subject::StatusCategory,
            "labels" => Subject::Labels,
            "summary" => Subject::Summary,
            "description" => Subject::Description,
            "comment" => Subject::Comment,
            "text" => Subject::Text,
            "created" | "createddate" => Subject::Created,
            "updated" | "updateddate" => Subject::Updated,
            "reporter" => Subject::Reporter,
            "creator" => Subject::Creator,
            "assignee" => Subject::Assignee,
            "priority" => Subject::Priority,
            "component" => Subject::Component,
            "fixversion" => Subject::FixVersion,
            "parent" => Subject::Parent,
            "resolution" => Subject::Resolution,
            _ => {
                let custom = self.site.fields.by_jql_name(field).filter(|f| f.custom.is_some());
                return custom.map(|f| Subject::Custom(f.id.clone()));
            }
        })
    }

    fn clause(&mut self, field: &str, operator: Operator, operand: &Operand) -> Condition {
        let Some(subject) = self.subject(field) else {
            return self.problem(format!(
                "Field '{field}' does not exist or you do not have permission to view it."
            ));
        };
        if let (Operator::Is | Operator::IsNot, Operand::Empty) = (operator, operand) {
            return self.presence(subject, operator == Operator::IsNot);
        }
        if let (Operator::Eq | Operator::Ne, Operand::Empty) = (operator, operand) {
            return self.presence(subject, operator == Operator::Ne);
        }
        if !supports(&subject, operator) {
            let symbol = operator.symbol();
            return self.problem(format!(
                "The operator '{symbol}' is not supported by the '{field}' field."
            ));
        }
        match operator {
            Operator::Eq | Operator::In => self.any(field, &subject, operand),
            Operator::Ne | Operator::NotIn => {
                let same = self.any(field, &subject, operand);
                Condition::And(vec![Condition::Has(subject), Condition::Not(Box::new(same))])
            }
            Operator::Contains => self.words(subject, operand),
            Operator::NotContains => {
                let words = self.words(subject.clone(), operand);
                Condition::And(vec![Condition::Has(subject), Condition::Not(Box::new(words))])
            }
            Operator::Lt | Operator::Le | Operator::Gt | Operator::Ge => self.range(field, subject, operator, operand),
            Operator::Is | Operator::IsNot => {
                let symbol = operator.symbol();
                self.problem(format!(
                    "The operator '{symbol}' only supports searching for 'EMPTY' for the field '{field}'."
                ))
            }
        }
    }

    fn presence(&mut self, subject: Subject, present: bool) -> Condition {
        let has = Condition::Has(subject);
        if present { has } else { Condition::Not(Box::new(has)) }
    }

    fn any(&mut self, field: &str, subject: &Subject, operand: &Operand) -> Condition {
        let items = match operand {
            Operand::List(items) => items.as_slice(),
            single => std::slice::from_ref(single),
        };
        let mut values = Vec::new();
        let mut conditions = Vec::new();
        for item in items {
            match item {
                Operand::Value(value) => values.push(value.clone()),
                Operand::Function(name, arguments) => conditions.push(self.function(field, subject, name, arguments)),
                Operand::Empty => conditions.push(Condition::Not(Box::new(Condition::Has(subject.clone())))),
                Operand::List(nested) => conditions.push(self.any(field, subject, &Operand::List(nested.clone()))),
            }
        }
        if !values.is_empty() {
            conditions.push(self.values(field, subject, &values));
        }
        if conditions.len() == 1 {
            conditions.remove(0)
        } else {
            Condition::Or(conditions)
        }
    }

    fn words(&mut self, subject: Subject, operand: &Operand) -> Condition {
        match operand {
            Operand::Value(text) => Condition::Words(subject, terms(text)),
            _ => Condition::Nothing,
        }
    }

    fn range(&mut self, field: &str, subject: Subject, operator: Operator, operand: &Operand) -> Condition {
        let value = match operand {
            Operand::Value(value) => value.clone(),
            Operand::Function(name, _) if name.eq_ignore_ascii_case("now") => {
                return Condition::Date(subject, operator, self.site.now());
            }
            Operand::Function(name, _) if name.eq_ignore_ascii_case("startOfDay") => {
                let now = self.site.now();
                return Condition::Date(subject, operator, now - now.rem_euclid(86_400_000));
            }
            Operand::Function(name, arguments) => return self.unknown_function(name, arguments),
            _ => return self.problem(format!("Operator '{}' does not support a list.", operator.symbol())),
        };
        if subject != Subject::Issue {
            return self.date(field, subject, operator, &value);
        }
        if let Some(id) = IssueId::parse(&value) {
            return Condition::IdRange(operator, id);
        }
        // A key beyond the last issue of a visible project is a valid bound.
        let parts = value
            .rsplit_once('-')
            .and_then(|(key, number)| Some((key, number.parse::<u64>().ok()?)));
        let bound = parts.and_then(|(key, n)| self.site.visible_project(self.actor, key).map(|p| (p.id, n)));
        match bound {
            Some((project, number)) => Condition::KeyRange(operator, project, number),
            None => self.problem(format!(
                "An issue with key '{value}' does not exist for field '{field}'."
            )),
        }
    }

    fn date(&mut self, field: &str, subject: Subject, operator: Operator, value: &str) -> Condition {
        match date::parse_jql(value, self.site.now()) {
            Some(at) => Condition::Date(subject, operator, at),
            None => self.problem(format!(
                "Date value '{value}' for field '{field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', \
                 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
            )),
        }
    }
}

fn supports(subject: &Subject, operator: Operator) -> bool {
    let is_text = matches!(
        subject,
        Subject::Summary | Subject::Description | Subject::Comment | Subject::Text
    );
    let is_ordered = matches!(subject, Subject::Created | Subject::Updated | Subject::Issue);
    match operator {
        Operator::Contains | Operator::NotContains => is_text || matches!(subject, Subject::Custom(_)),
        Operator::Lt | Operator::Le | Operator::Gt | Operator::Ge => is_ordered,
        Operator::Eq | Operator::Ne | Operator::In | Operator::NotIn => !is_text,
        Operator::Is | Operator::IsNot => true,
    }
}
