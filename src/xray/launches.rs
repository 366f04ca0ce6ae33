//! What both variants do the same for Test Executions: checks of what options name.

use crate::domain::IssueId;
use crate::error::{Error, Kind, Result, Side};
use crate::jira::meta::ScreenField;
use crate::jira::{self, Jira};
use crate::mapping::options::{Fields, LaunchOptions};
use crate::mapping::{Dialect, StepText};
use crate::target::{Issue, RemoteTest};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Versions that an error names.
const NAMED: usize = 20;

/// The version that Test Executions are for can be set, and exists.
pub fn check_version(screen: &[ScreenField], options: &LaunchOptions) -> Result<()> {
    let Some(wanted) = &options.fix_version else {
        return Ok(());
    };
    let Some(field) = screen.iter().find(|field| field.field_id == "fixVersions") else {
        return Err(wrong("Fix Version is not on the create screen of Test Execution")
            .hint("add the field to the screen, or take the mapping option fix-version out"));
    };
    let names: Vec<&str> = field
        .allowed_values
        .iter()
        .filter_map(|value| value.get("name")?.as_str())
        .collect();
    if names.contains(&wanted.as_str()) {
        return Ok(());
    }
    let known: Vec<&str> = names.into_iter().take(NAMED).collect();
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
        let types = jira.link_types().await?;
        if !types.iter().any(|name| name == kind) {
            return Err(
                wrong(format!("Jira has no link type {kind}; it has {}", types.join(", ")))
                    .hint("change the mapping option launch-issues; none links nothing"),
            );
        }
    }
    let Some(key) = &options.test_plan else {
        return Ok(None);
    };
    let hint = "the mapping option test-plan is the key of a Test Plan that the account sees";
    let found = jira.issue(key, &["issuetype"]).await?;
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
    Ok(Some(found.issue()))
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
            let found = jira.account(&text).await?;
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
        if !jira.has_user(account).await? {
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
