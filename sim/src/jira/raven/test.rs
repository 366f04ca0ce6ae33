//! Tests: reading them with their definition, and what they belong to.

use axum::extract::Path;
use axum::routing::get;
use serde_json::{Value, json};

use super::run_view::run_json;
use super::step::{view, view_v1};
use super::{Version, is_test, issue_of, paged};
use crate::jira::http::{Answer, Caller, Params, Refusal, Routes, ok};
use crate::jira::id::IssueId;
use crate::jira::issue::Issue;
use crate::jira::site::Site;
use crate::jira::xray::{ExecutionData, Kind, Relation, Run};

pub(super) fn routes(routes: Routes, api: &str) -> Routes {
    let of = |name: &str| format!("{api}/test/{{test}}/{name}");
    routes
        .at(&format!("{api}/test"), get(find))
        .at(&of("testruns"), get(runs))
        .at(&of("testexecutions"), get(executions))
        .at(&of("testplans"), get(plans))
        .at(&of("testsets"), get(sets))
        .at(&of("preconditions"), get(preconditions))
}

/// `?keys=A-1;A-2` or `?jql=`.
async fn find(caller: Caller, version: Version, params: Params) -> Answer {
    let keys = params.list("keys", ';');
    let mut site = caller.site();
    let ids: Vec<IssueId> = if keys.is_empty() {
        let jql = params
            .get("jql")
            .ok_or_else(|| Refusal::error(400, "Either keys, jql or filter is required"))?;
        let query = site
            .jql(&caller.actor, jql, true)
            .map_err(|messages| Refusal::error(400, messages.join(" ")))?;
        site.search(&caller.actor, &query, &[])
    } else {
        let found = keys
            .iter()
            .map(|key| issue_of(&site, &caller.actor, key, is_test).map(|issue| issue.id));
        found.collect::<Result<_, _>>()?
    };
    let tests = ids
        .into_iter()
        .filter_map(|id| site.issue(id))
        .filter(|issue| is_test(site.role(issue)));
    let page = paged(&site, &params, tests);
    ok(&page.into_iter().map(|issue| test_json(&site, issue, version)).collect())
}

fn test_json(site: &Site, issue: &Issue, version: Version) -> Value {
    let Some(definition) = site.xray.test(issue.id).map(|test| &test.definition) else {
        return Value::Null;
    };
    let shown = match definition.test_type.kind {
        Kind::Steps => {
            let steps = definition.steps.iter().zip(1..);
            let view = if version == Version::V1 { view_v1 } else { view };
            json!({ "steps": steps.map(|(step, index)| view(site, step, index)).collect::<Vec<_>>() })
        }
        Kind::Gherkin => json!(definition.gherkin),
        Kind::Unstructured => json!(definition.unstructured),
    };
    let before = site.xray.containers(Relation::PreconditionTests, issue.id);
    let status = site.xray.runs_of_test(issue.id).last().map(|run| run.status.clone());
    json!({
        "key": issue.key, "id": issue.id.0, "self": site.api(&format!("issue/{}", issue.id)), "reporter": issue.reporter,
        "assignee": issue.assignee, "type": definition.test_type.name, "status": status.unwrap_or_else(|| "TODO".to_owned()),
        "archived": false, "definition": shown, "precondition": links(site, &before),
    })
}

fn links(site: &Site, ids: &[IssueId]) -> Value {
    let issues = ids.iter().filter_map(|&id| site.issue(id));
    issues
        .map(|issue| json!({ "id": issue.id.0, "key": issue.key, "self": site.api(&format!("issue/{}", issue.id)) }))
        .collect()
}

/// `?testEnvironments=` keeps the runs of executions in one of them.
async fn runs(caller: Caller, version: Version, Path(key): Path<String>, params: Params) -> Answer {
    let site = caller.site();
    let test = issue_of(&site, &caller.actor, &key, is_test)?;
    let wanted = params.list("testEnvironments", ',');
    let in_environment = |run: &&Run| {
        let has = |data: &ExecutionData| data.environments.iter().any(|name| wanted.contains(&name.as_str()));
        wanted.is_empty() || site.xray.execution(run.execution).is_some_and(has)
    };
    let page = paged(&site, &params, site.xray.runs_of_test(test.id).filter(in_environment));
    ok(&page.into_iter().map(|run| run_json(&site, run, version)).collect())
}

async fn executions(caller: Caller, Path(key): Path<String>) -> Answer {
    let site = caller.site();
    let test = issue_of(&site, &caller.actor, &key, is_test)?;
    let ids: Vec<IssueId> = site.xray.runs_of_test(test.id).map(|run| run.execution).collect();
    ok(&links(&site, &ids))
}

fn containers(caller: &Caller, key: &str, relation: Relation) -> Answer {
    let site = caller.site();
    let test = issue_of(&site, &caller.actor, key, is_test)?;
    ok(&links(&site, &site.xray.containers(relation, test.id)))
}

async fn plans(caller: Caller, Path(key): Path<String>) -> Answer {
    containers(&caller, &key, Relation::PlanTests)
}

async fn sets(caller: Caller, Path(key): Path<String>) -> Answer {
    containers(&caller, &key, Relation::SetTests)
}

async fn preconditions(caller: Caller, Path(key): Path<String>) -> Answer {
    containers(&caller, &key, Relation::PreconditionTests)
}
