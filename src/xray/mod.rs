//! The targets: Xray for Jira, Cloud and Data Center. Neither knows the other.

mod checks;
pub mod cloud;
pub mod dc;
mod edit;
mod evidence;
mod fields;
mod forecast;
mod import;
pub mod issue_type;
mod launches;
mod results;

use self::cloud::Cloud;
use self::dc::DataCenter;
pub use self::results::custom_fields;
use crate::domain::IssueKey;
use crate::error::{Error, Kind, Side};
use crate::jira::{Flavour, Jira};
use crate::mapping::fields::{Plan, Planned, digests};
use crate::mapping::xray_field::{sent, settled};
use crate::mapping::{ExistingStep, TestRun, Unknown};
use crate::ports::Ports;
use crate::setup::CLOUD;
use crate::target::{RemoteStep, Setup, Target};
use serde_json::Value;
use std::collections::BTreeMap;

/// The Jira below an integration of this kind.
pub fn jira<'a>(kind: &str, ports: Ports<'a>) -> Jira<'a> {
    let flavour = match kind {
        CLOUD => Flavour::CLOUD,
        _ => Flavour::DATA_CENTER,
    };
    Jira::new(ports, flavour)
}

/// The target of an integration of this kind. Nothing else knows more than one of them.
pub fn target<'a>(kind: &str, jira: &'a Jira<'a>, ports: Ports<'a>, setup: Setup) -> Box<dyn Target + 'a> {
    match kind {
        CLOUD => Box::new(Cloud::new(jira, ports, setup)),
        _ => Box::new(DataCenter::new(jira, setup)),
    }
}

/// Steps of a Test, to be compared with what is wanted.
fn standing(steps: &[RemoteStep]) -> Vec<ExistingStep<'_>> {
    let standing = steps.iter().map(|step| ExistingStep {
        text: &step.text,
        fixed: step.kept,
    });
    standing.collect()
}

/// A digest of each planned field, as the destination has it.
fn planned(plan: &Plan, value: impl Fn(&Planned) -> Value) -> String {
    let values: Vec<(&str, Value)> = plan.iter().map(|field| (field.id.as_str(), value(field))).collect();
    digests(values.iter().map(|(id, value)| (*id, value)))
}

/// A digest of each field of a run that is filled, of values by id.
fn recorded_fields<'v>(plan: &Plan, value: impl Fn(&str) -> Option<&'v Value>) -> String {
    let of = |field: &Planned| {
        let held = value(&field.id).unwrap_or(&Value::Null);
        (field.id.clone(), sent(field, &settled(field, held)))
    };
    let values: Vec<(String, Value)> = plan.iter().map(of).collect();
    digests(values.iter().map(|(id, value)| (id.as_str(), value)))
}

/// The error of required fields that nobody fills in.
fn unfilled_fields(issue_type: &str, project: &str, fields: &[String]) -> Error {
    let names = fields.join("; ");
    Error::new(
        Kind::Configuration,
        Side::Jira,
        format!("project {project} requires fields of a {issue_type} that the export does not fill in: {names}"),
    )
    .hint("give them a value by the mapping options fields.… or defaults.… (of a Test Execution: execution-defaults.…), or make them optional in Jira")
}

/// The error of statuses that the server does not know.
fn missing_statuses(unknown: &Unknown) -> Error {
    let (kind, hint) = if unknown.configured {
        (
            Kind::Configuration,
            "choose one of these in the mapping options status.*, or add the status in Xray's settings (Test Statuses)",
        )
    } else {
        (Kind::Product, "add the status in Xray's settings (Test Statuses)")
    };
    let (names, known) = (unknown.names.join(", "), unknown.known.join(", "));
    Error::new(
        kind,
        Side::Xray,
        format!("Xray has no run status {names}; it has {known}"),
    )
    .hint(hint)
}

/// The error of permissions that the account lacks.
fn missing_permissions(names: &[&str], project: &str) -> Error {
    Error::new(
        Kind::Permission,
        Side::Jira,
        format!("the account lacks {} in project {project}", names.join(", ")),
    )
    .hint("give the account's project role these permissions")
}

/// The verdict of an import that was refused as a whole, for each of its runs.
fn all_refused(runs: &[TestRun], message: &str) -> BTreeMap<IssueKey, String> {
    BTreeMap::from_iter(runs.iter().map(|run| {
        (
            run.test.key.clone(),
            format!("Xray refuses the results import: {message}"),
        )
    }))
}
