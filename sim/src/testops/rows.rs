//! Stored rows as AQL and sorting see them.

use std::cmp::Ordering;

use super::aql::{Attribute, Operand, Row};
use super::data::{Case, Issue, Launch, Project, SharedStep, Stamp, TestResult};
use super::names::Names;
use super::page::Sorted;
use super::site::Site;

/// A row together with the site that gives names their ids.
#[derive(Clone, Copy)]
pub(crate) struct Of<'a, T> {
    pub(crate) site: &'a Site,
    pub(crate) row: &'a T,
}

type See<'s, 'a> = &'s mut dyn FnMut(Operand<'a>) -> bool;

fn stamp<'a>(stamp: &'a Stamp, attribute: &Attribute, see: See<'_, 'a>) -> bool {
    match attribute.name {
        "createdDate" => see(Operand::Number(stamp.created_ms)),
        "createdBy" => see(Operand::Text(&stamp.created_by)),
        "lastModifiedDate" => see(Operand::Number(stamp.modified_ms)),
        "lastModifiedBy" => see(Operand::Text(&stamp.modified_by)),
        _ => false,
    }
}

fn named<'a>(names: &Names, values: impl IntoIterator<Item = &'a String>, see: See<'_, 'a>) -> bool {
    values
        .into_iter()
        .any(|value| see(Operand::Named(names.id(value), value)))
}

fn issues<'a>(names: &Names, issues: &'a [Issue], see: See<'_, 'a>) -> bool {
    issues
        .iter()
        .any(|issue| see(Operand::Named(names.id(&issue.key), &issue.key)))
}

/// Pairs of an owner and a value: the values whose owner the attribute's bracket means, or all without a bracket.
fn pairs<'a>(
    owners: &Names,
    id: impl Fn(Option<i64>, &str) -> Option<i64>,
    pairs: &'a [(String, String)],
    attribute: &Attribute,
    see: See<'_, 'a>,
) -> bool {
    pairs.iter().any(|(owner, value)| {
        let owner_id = owners.id(owner);
        attribute.key.as_ref().is_none_or(|key| key.means(owner_id, owner))
            && see(Operand::Named(id(owner_id, value), value))
    })
}

impl Row for Of<'_, Case> {
    fn any<'a>(&'a self, attribute: &Attribute, see: &mut dyn FnMut(Operand<'a>) -> bool) -> bool {
        let (case, names) = (self.row, &self.site.names);
        match attribute.name {
            "id" => see(Operand::Number(case.id)),
            "name" => see(Operand::Text(&case.name)),
            "tag" => named(&names.tags, &case.tags, see),
            "issue" => issues(&names.issues, &case.issues, see),
            "role" | "member" => pairs(
                &names.roles,
                |_, user| names.users.id(user),
                &case.members,
                attribute,
                see,
            ),
            "cf" | "cfv" => {
                let id = |field: Option<i64>, value: &str| names.value_id(field?, value);
                pairs(&names.fields, id, &case.fields, attribute, see)
            }
            "layer" => named(&names.layers, &case.layer, see),
            "status" => named(&names.statuses, [&case.status], see),
            "workflow" => named(&names.workflows, [&case.workflow], see),
            "automation" => see(Operand::Bool(case.automated)),
            "muted" => see(Operand::Bool(case.mute.is_some())),
            "mutedDate" => case
                .mute
                .as_ref()
                .is_some_and(|mute| see(Operand::Number(mute.stamp.created_ms))),
            _ => stamp(&case.stamp, attribute, see),
        }
    }
}

impl Row for Of<'_, Launch> {
    fn any<'a>(&'a self, attribute: &Attribute, see: &mut dyn FnMut(Operand<'a>) -> bool) -> bool {
        let (launch, names) = (self.row, &self.site.names);
        match attribute.name {
            "id" => see(Operand::Number(launch.id)),
            "name" => see(Operand::Text(&launch.name)),
            "tag" => named(&names.launch_tags, &launch.tags, see),
            "issue" => issues(&names.issues, &launch.issues, see),
            "ev" | "evv" => {
                let id = |variable: Option<i64>, value: &str| names.environment_id(variable?, value);
                pairs(&names.variables, id, &launch.environment, attribute, see)
            }
            "job" => named(&names.jobs, &launch.jobs, see),
            "closed" => see(Operand::Bool(launch.closed)),
            _ => stamp(&launch.stamp, attribute, see),
        }
    }
}

impl Row for Of<'_, TestResult> {
    fn any<'a>(&'a self, attribute: &Attribute, see: &mut dyn FnMut(Operand<'a>) -> bool) -> bool {
        let (result, names) = (self.row, &self.site.names);
        match attribute.name {
            "id" => see(Operand::Number(result.id)),
            "name" => see(Operand::Text(&result.name)),
            "fullName" => result.full_name.as_ref().is_some_and(|name| see(Operand::Text(name))),
            "testCase" => {
                let case = result.case.and_then(|id| self.site.cases.get(&id));
                case.is_some_and(|case| see(Operand::Named(Some(case.id), &case.name)))
            }
            "launch" => {
                let launch = self.site.launches.get(&result.launch);
                launch.is_some_and(|launch| see(Operand::Named(Some(launch.id), &launch.name)))
            }
            "tag" => named(&names.tags, &result.tags, see),
            "issue" => issues(&names.issues, &result.issues, see),
            "role" | "member" => pairs(
                &names.roles,
                |_, user| names.users.id(user),
                &result.members,
                attribute,
                see,
            ),
            "cf" | "cfv" => {
                let id = |field: Option<i64>, value: &str| names.value_id(field?, value);
                pairs(&names.fields, id, &result.fields, attribute, see)
            }
            "ev" | "evv" => {
                let id = |variable: Option<i64>, value: &str| names.environment_id(variable?, value);
                pairs(&names.variables, id, &result.environment, attribute, see)
            }
            "layer" => named(&names.layers, &result.layer, see),
            "status" => result
                .status
                .is_some_and(|status| see(Operand::Named(None, status.name()))),
            "category" => named(&names.categories, &result.category, see),
            "muted" => see(Operand::Bool(result.muted)),
            "hidden" => see(Operand::Bool(result.hidden)),
            "testedBy" => result.tested_by.as_ref().is_some_and(|user| see(Operand::Text(user))),
            _ => stamp(&result.stamp, attribute, see),
        }
    }
}

fn by_stamp(left: &Stamp, right: &Stamp, property: &str) -> Option<Ordering> {
    Some(match property {
        "createddate" => left.created_ms.cmp(&right.created_ms),
        "createdby" => left.created_by.cmp(&right.created_by),
        "lastmodifieddate" => left.modified_ms.cmp(&right.modified_ms),
        "lastmodifiedby" => left.modified_by.cmp(&right.modified_by),
        _ => return None,
    })
}

impl Sorted for &Case {
    fn compare(&self, other: &Self, property: &str) -> Option<Ordering> {
        match property {
            "id" => Some(self.id.cmp(&other.id)),
            "name" => Some(self.name.cmp(&other.name)),
            "automated" => Some(self.automated.cmp(&other.automated)),
            "status" => Some(self.status.cmp(&other.status)),
            _ => by_stamp(&self.stamp, &other.stamp, property),
        }
    }
}

impl Sorted for &Launch {
    fn compare(&self, other: &Self, property: &str) -> Option<Ordering> {
        match property {
            "id" => Some(self.id.cmp(&other.id)),
            "name" => Some(self.name.cmp(&other.name)),
            "closed" => Some(self.closed.cmp(&other.closed)),
            _ => by_stamp(&self.stamp, &other.stamp, property),
        }
    }
}

impl Sorted for &TestResult {
    fn compare(&self, other: &Self, property: &str) -> Option<Ordering> {
        match property {
            "id" => Some(self.id.cmp(&other.id)),
            "name" => Some(self.name.cmp(&other.name)),
            "status" => Some(self.status.cmp(&other.status)),
            "start" => Some(self.start.cmp(&other.start)),
            "stop" => Some(self.stop.cmp(&other.stop)),
            "duration" => {
                let duration = |row: &TestResult| row.stop.zip(row.start).map(|(stop, start)| stop - start);
                Some(duration(self).cmp(&duration(other)))
            }
            _ => by_stamp(&self.stamp, &other.stamp, property),
        }
    }
}

impl Sorted for &Project {
    fn compare(&self, other: &Self, property: &str) -> Option<Ordering> {
        match property {
            "id" => Some(self.id.cmp(&other.id)),
            "name" => Some(self.name.cmp(&other.name)),
            _ => by_stamp(&self.stamp, &other.stamp, property),
        }
    }
}

impl Sorted for &SharedStep {
    fn compare(&self, other: &Self, property: &str) -> Option<Ordering> {
        match property {
            "id" => Some(self.id.cmp(&other.id)),
            "name" => Some(self.name.cmp(&other.name)),
            _ => by_stamp(&self.stamp, &other.stamp, property),
        }
    }
}
