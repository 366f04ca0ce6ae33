//! What both variants do the same for Test Executions: checks of what options name.

use crate::domain::{IssueId, IssueKey};
use crate::error::{Error, Kind, Result, Side};
use crate::jira::meta::ScreenField;
use crate::jira::{self, Jira};
use crate::mapping::options::{Fields, LaunchOptions, OfLaunch};
use crate::mapping::{Dialect, Execution, StepText};
use crate::target::{Issue, RemoteTest};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Versions that an error names.
const NAMED: usize = 20;

/// The version that Test Executions are for can be set, and exists.
/// Gives the versions that there are.
pub fn check_version(screen: &[ScreenField], options: &LaunchOptions) -> Result<Vec<String>> {
    let field = screen.iter().find(|field| field.field_id == "fixVersions");
    let names = field.iter().flat_map(|field| &field.allowed_values);
    let names: Vec<String> = names
        .filter_map(|value| value.get("name")?.as_str())
        .map(str::to_owned)
        .collect();
    let Some(wanted) = options.fix_version.as_ref().and_then(OfLaunch::fixed) else {
        return Ok(names);
    };
    if field.is_none() {
        return Err(wrong("Fix Version is not on the create screen of Test Execution")
            .hint("add the field to the screen, or take the mapping option fix-version out"));
    }
    if names.iter().any(|name| name == wanted) {
        return Ok(names);
    }
    let known: Vec<String> = names.into_iter().take(NAMED).collect();
    let known = if known.is_empty() {
        "none".to_owned()
    } else {
        known.join(", ")
    };
    Err(wrong(format!("the project has no version {wanted}; it has {known}"))
        .hint("add the version in Jira, or change the mapping option fix-version"))
}

/// The Test Plan that Test Executions belong to, and the link type of their issues: there, where a person named them.
pub async fn check_named(jira: &Jira<'_>, options: &LaunchOptions) -> Result<Option<Issue>> {
    if let Some((kind, true)) = options.issue_link() {
        let types = jira.links().link_types().await?;
        if !types.iter().any(|name| name == kind) {
            return Err(
                wrong(format!("Jira has no link type {kind}; it has {}", types.join(", ")))
                    .hint("change the mapping option launch-issues; none links nothing"),
            );
        }
    }
    match options.test_plan.as_ref().and_then(OfLaunch::fixed) {
        Some(key) => test_plan(jira, key).await.map(Some),
        None => Ok(None),
    }
}

/// The Test Plan that a launch belongs to: the one for all launches, which is known, or its own. What is wrong with that is
/// noted.
pub async fn plan_of(
    jira: &Jira<'_>,
    options: &LaunchOptions,
    draft: &Execution,
    known: Option<Issue>,
    notes: &mut Vec<String>,
) -> Result<Option<Issue>> {
    let Some(key) = &draft.plan else {
        return Ok(None);
    };
    if options.test_plan.as_ref().and_then(OfLaunch::fixed).is_some() {
        return Ok(known);
    }
    match test_plan(jira, key).await {
        Err(error) if error.kind == Kind::Configuration || error.concerns_one_item() => {
            notes.push(format!("Test Plan: {}", error.message));
            Ok(None)
        }
        found => found.map(Some),
    }
}

/// The Test Plan of a key.
async fn test_plan(jira: &Jira<'_>, key: &str) -> Result<Issue> {
    let hint = "the mapping option test-plan is the key of a Test Plan that the account sees";
    let found = match IssueKey::is_shaped(key) {
        true => jira.issue(key, &["issuetype"]).await?,
        false => None,
    };
    let found = found.ok_or_else(|| wrong(format!("Jira shows no issue {key} to this account")).hint(hint))?;
    let text = |pointer: &str| {
        let kind = found.fields.get("issuetype");
        kind.and_then(|kind| kind.get(pointer))
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    // An administrator may rename the type; Xray's icon gives it away.
    if !text("name").eq_ignore_ascii_case("Test Plan") && !text("iconUrl").ends_with("/test-plan.png") {
        return Err(wrong(format!("{key} is a {}, not a Test Plan", text("name"))).hint(hint));
    }
    Ok(found.issue())
}

/// Values that a person gave fields of every new Test Execution, as its create screen takes them.
pub async fn fixed_fields(
    jira: &Jira<'_>,
    screen: &[ScreenField],
    options: &LaunchOptions,
    dialect: Dialect,
) -> Result<Map<String, Value>> {
    let fields = Fields {
        defaults: options.defaults.clone(),
        ..Fields::default()
    };
    let mut fixed = Map::new();
    for field in jira::plan(screen, &fields, &["fixVersions"], dialect)? {
        let text = field.default.clone().unwrap_or_default();
        let value = if field.is_user() {
            let found = jira.people().account(&text).await?;
            let account = found.ok_or_else(|| {
                wrong(format!("no one Jira account belongs to “{text}”"))
                    .hint(format!("change the mapping option execution-defaults.{}", field.name))
            })?;
            field.of_accounts(vec![account])
        } else {
            field.value(&[text], dialect, &mut Vec::new())
        };
        fixed.insert(field.id.clone(), value);
    }
    Ok(fixed)
}

/// Accounts that a person named exist.
pub async fn check_users(jira: &Jira<'_>, users: &BTreeMap<String, String>) -> Result<()> {
    for (name, account) in users {
        if !jira.people().has_user(account).await? {
            return Err(wrong(format!("Jira knows no account {account}")).hint(format!(
                "change the mapping option user.{name}: the account id on Cloud, the user name on Data Center"
            )));
        }
    }
    Ok(())
}

/// Steps of Tests by their ids.
pub fn steps(tests: Vec<Option<RemoteTest>>) -> BTreeMap<IssueId, Vec<StepText>> {
    let texts = |remote: RemoteTest| remote.steps.into_iter().map(|step| step.text).collect();
    let tests = tests.into_iter().flatten();
    BTreeMap::from_iter(tests.map(|remote| (remote.issue.id.clone(), texts(remote))))
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(Kind::Configuration, Side::Jira, message)
}
