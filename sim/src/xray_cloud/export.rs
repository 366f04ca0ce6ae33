//! Exports: Cucumber features, datasets, backups.

use std::collections::HashMap;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::jira::account::{Actor, Permission};
use crate::jira::project::Role;
use crate::jira::site::Site;
use crate::jira::xray::Kind;

use super::reply::Refused;
use super::state::Shared;

/// `GET /export/cucumber?keys=A-1;A-2`: one feature with the tests named.
///
/// # Errors
/// 400 without keys or when none of them is a Cucumber test.
pub(super) fn cucumber(shared: &Shared, actor: &Actor, query: &HashMap<String, String>) -> Result<Response, Refused> {
    let site = shared.site();
    let keys = query
        .get("keys")
        .ok_or_else(|| Refused::bad("keys or filter is required"))?;
    let mut scenarios = String::new();
    for key in keys.split([';', ',']).map(str::trim).filter(|key| !key.is_empty()) {
        let issue = site
            .visible_issue(actor, key)
            .ok_or_else(|| Refused::bad("Invalid JQL query"))?;
        let tests = match site.role(issue) {
            Role::Test => vec![issue.id],
            role if role.is_execution() => site.xray.runs_of_execution(issue.id).map(|run| run.test).collect(),
            _ => Vec::new(),
        };
        for test in tests {
            scenarios.push_str(&scenario(&site, test));
        }
    }
    if scenarios.is_empty() {
        return Err(Refused::bad("There are no Cucumber tests to export."));
    }
    let feature = format!("Feature: Default\n\n{scenarios}");
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"1_Default.feature\"",
        ),
    ];
    Ok((headers, feature).into_response())
}

fn scenario(site: &Site, test: crate::jira::id::IssueId) -> String {
    let (Some(issue), Some(data)) = (site.issue(test), site.xray.test(test)) else {
        return String::new();
    };
    let definition = &data.definition;
    if definition.test_type.kind != Kind::Gherkin {
        return String::new();
    }
    let word = if definition.scenario_type == "scenario_outline" {
        "Scenario Outline"
    } else {
        "Scenario"
    };
    let body: String = definition.gherkin.lines().map(|line| format!("\t\t{line}\n")).collect();
    format!("\t@TEST_{}\n\t{word}: {}\n{body}\n", issue.key, issue.summary)
}

/// `GET /dataset/export`: an empty CSV, since datasets cannot be made through the API.
///
/// # Errors
/// 400 without a test, 404 for an unknown one.
pub(super) fn dataset(shared: &Shared, actor: &Actor, query: &HashMap<String, String>) -> Result<Response, Refused> {
    let site = shared.site();
    let named = query.get("testIssueId").or_else(|| query.get("testIssueKey"));
    let named = named.ok_or_else(|| Refused::bad("testIssueId or testIssueKey is required"))?;
    let test = site
        .visible_issue(actor, named)
        .filter(|issue| site.role(issue) == Role::Test);
    test.ok_or_else(|| Refused::new(StatusCode::NOT_FOUND, "Test not found."))?;
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], "").into_response())
}

/// Backups can be asked for about once in this time, in milliseconds.
const BACKUP_INTERVAL: i64 = 6 * 60 * 60 * 1_000;

/// `POST /backup`, for administrators.
///
/// # Errors
/// 403 for others, 400 when the last one is too recent.
pub(super) fn backup(shared: &Shared, actor: &Actor) -> Result<Value, Refused> {
    if !shared.site().accounts.allows_globally(actor, Permission::Administer) {
        return Err(Refused::new(
            StatusCode::FORBIDDEN,
            "The user is not a Jira administrator.",
        ));
    }
    let now = shared.now();
    let mut state = shared.state();
    if state.last_backup.is_some_and(|last| now < last + BACKUP_INTERVAL) {
        return Err(Refused::bad("A backup was requested recently."));
    }
    state.last_backup = Some(now);
    Ok(json!({ "jobId": backup_id(now) }))
}

fn backup_id(asked: i64) -> String {
    format!("backup-{asked}")
}

/// The state of the latest backup, which is ready at once.
///
/// # Errors
/// 404 for any other.
pub(super) fn backup_status(shared: &Shared, job: &str) -> Result<Value, Refused> {
    match shared.state().last_backup.filter(|asked| backup_id(*asked) == job) {
        Some(_) => Ok(json!({ "status": "successful", "fileSize": EMPTY_ZIP.len() })),
        None => Err(Refused::new(StatusCode::NOT_FOUND, "job not found.")),
    }
}

/// An archive without entries: its end record alone.
const EMPTY_ZIP: [u8; 22] = *b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// The file of the latest backup; the content of a site is not in it.
///
/// # Errors
/// 404 when there was none.
pub(super) fn backup_file(shared: &Shared) -> Result<Response, Refused> {
    if shared.state().last_backup.is_none() {
        return Err(Refused::new(StatusCode::NOT_FOUND, "There is no backup."));
    }
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"xray-backup.zip\""),
    ];
    Ok((headers, EMPTY_ZIP.to_vec()).into_response())
}
