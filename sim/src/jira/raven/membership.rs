//! Which tests are in executions, plans, sets and pre-conditions, and which executions are in plans.

use axum::extract::Path;
use axum::routing::{delete, get};
use serde_json::{Value, json};

use super::run_view::{run_json, run_summary};
use super::{Version, issue_of, paged, require};
use crate::answers::RunList;
use crate::jira::account::Permission;
use crate::jira::http::{Answer, Caller, JsonBody, Params, Refusal, Routes, empty, ok};
use crate::jira::id::IssueId;
use crate::jira::project::Role;
use crate::jira::site::Site;
use crate::jira::xray::{Relation, Run};

/// One membership resource.
#[derive(Clone, Copy)]
struct Kind {
    container: fn(Role) -> bool,
    /// `None` for the runs of an execution.
    relation: Option<Relation>,
    member: fn(Role) -> bool,
}

const EXECUTION: Kind = Kind {
    container: Role::is_execution,
    relation: None,
    member: super::is_test,
};
const PLAN: Kind = Kind {
    container: |role| role == Role::TestPlan,
    relation: Some(Relation::PlanTests),
    member: super::is_test,
};
const PLAN_EXECUTIONS: Kind = Kind {
    container: |role| role == Role::TestPlan,
    relation: Some(Relation::PlanExecutions),
    member: Role::is_execution,
};
const SET: Kind = Kind {
    container: |role| role == Role::TestSet,
    relation: Some(Relation::SetTests),
    member: super::is_test,
};
const PRECONDITION: Kind = Kind {
    container: |role| role == Role::Precondition,
    relation: Some(Relation::PreconditionTests),
    member: super::is_test,
};

pub(super) fn routes(mut routes: Routes, api: &str) -> Routes {
    let kinds = [
        ("testexec/{issue}/test", EXECUTION),
        ("testplan/{issue}/test", PLAN),
        ("testplan/{issue}/testexecution", PLAN_EXECUTIONS),
        ("testset/{issue}/test", SET),
        ("precondition/{issue}/test", PRECONDITION),
    ];
    for (path, kind) in kinds {
        let list = move |caller: Caller, version: Version, Path(key): Path<String>, params: Params| async move {
            list(&caller, version, kind, &key, &params)
        };
        let change = move |caller: Caller, Path(key): Path<String>, JsonBody(body): JsonBody| async move {
            change(&caller, kind, &key, &body)
        };
        let remove = move |caller: Caller, Path((key, member)): Path<(String, String)>| async move {
            remove_one(&caller, kind, &key, &member)
        };
        routes = routes.at(&format!("{api}/{path}"), get(list).post(change));
        routes = routes.at(&format!("{api}/{path}/{{member}}"), delete(remove));
    }
    routes
}

fn list(caller: &Caller, version: Version, kind: Kind, key: &str, params: &Params) -> Answer {
    let site = caller.site();
    let container = issue_of(&site, &caller.actor, key, kind.container)?.id;
    match kind.relation {
        None => {
            let detailed = params.flag("detailed") == Some(true);
            let runs = site.xray.runs_of_execution(container).zip(1..);
            let page = paged(&site, params, runs);
            ok(&page
                .into_iter()
                .map(|(run, rank)| entry(&site, run, rank, detailed, version))
                .collect())
        }
        Some(relation) => {
            let members = site
                .xray
                .members(relation, container)
                .iter()
                .filter_map(|&id| site.issue(id))
                .zip(1..);
            let page = paged(&site, params, members);
            let entry = |(issue, rank): (&crate::jira::issue::Issue, u32)| {
                let link = site.api(&format!("issue/{}", issue.id));
                json!({ "id": issue.id.0, "key": issue.key, "rank": rank, "self": link, "archived": false })
            };
            ok(&page.into_iter().map(entry).collect())
        }
    }
}

fn entry(site: &Site, run: &Run, rank: u32, detailed: bool, version: Version) -> Value {
    let mut json = match site.answers.of() {
        _ if !detailed => json!({ "status": run.status }),
        RunList::Documented => run_summary(site, run),
        RunList::WithSteps => run_json(site, run, version),
    };
    if let Value::Object(members) = &mut json {
        members.insert("id".to_owned(), crate::jira::xray_field::numeric(&run.id));
        members.insert(
            "key".to_owned(),
            json!(site.issue(run.test).map(|issue| issue.key.as_str())),
        );
        members.insert("rank".to_owned(), json!(rank));
        members.insert("archived".to_owned(), json!(false));
    }
    json
}

fn keys<'a>(body: &'a Value, name: &str) -> Vec<&'a str> {
    body.get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// `{"add":[…],"remove":[…]}`; 200 with an array of warnings about keys that could not be applied.
fn change(caller: &Caller, kind: Kind, key: &str, body: &Value) -> Answer {
    let mut site = caller.site();
    let container = issue_of(&site, &caller.actor, key, kind.container)?;
    require(&site, &caller.actor, container, Permission::Edit)?;
    let container = container.id;
    let mut warnings = Vec::new();
    for key in keys(body, "add") {
        match members_of(&site, caller, kind, key) {
            Ok(members) => {
                for member in members {
                    if !add(&mut site, kind, container, member) {
                        warnings.push(format!("Issue with key {key} is already associated"));
                    }
                }
            }
            Err(warning) => warnings.push(warning),
        }
    }
    for key in keys(body, "remove") {
        let member = site.visible_issue(&caller.actor, key).map(|issue| issue.id);
        if !member.is_some_and(|member| remove(&mut site, kind, container, member)) {
            warnings.push(format!("Issue with key {key} is not associated"));
        }
    }
    ok(&json!(warnings))
}

/// The issues a key stands for: itself, or the tests of a Test Set.
fn members_of(site: &Site, caller: &Caller, kind: Kind, key: &str) -> Result<Vec<IssueId>, String> {
    let issue = site
        .visible_issue(&caller.actor, key)
        .ok_or_else(|| format!("Issue with key {key} not found"))?;
    match site.role(issue) {
        role if (kind.member)(role) => Ok(vec![issue.id]),
        Role::TestSet if (kind.member)(Role::Test) && kind.relation != Some(Relation::SetTests) => {
            Ok(site.xray.members(Relation::SetTests, issue.id).to_vec())
        }
        _ => Err(format!("Issue with key {key} is not of a valid issue type")),
    }
}

fn add(site: &mut Site, kind: Kind, container: IssueId, member: IssueId) -> bool {
    let now = site.now();
    match kind.relation {
        None => site.xray.add_run(container, member, now).is_some(),
        Some(relation) => site.xray.add_member(relation, container, member),
    }
}

fn remove(site: &mut Site, kind: Kind, container: IssueId, member: IssueId) -> bool {
    match kind.relation {
        None => site.xray.remove_run(container, member),
        Some(relation) => site.xray.remove_member(relation, container, member),
    }
}

fn remove_one(caller: &Caller, kind: Kind, key: &str, member: &str) -> Answer {
    let mut site = caller.site();
    let container = issue_of(&site, &caller.actor, key, kind.container)?;
    require(&site, &caller.actor, container, Permission::Edit)?;
    let container = container.id;
    let member_id = issue_of(&site, &caller.actor, member, kind.member)?.id;
    if remove(&mut site, kind, container, member_id) {
        return empty(200);
    }
    Err(Refusal::error(
        400,
        format!("Issue with key {member} is not associated"),
    ))
}
