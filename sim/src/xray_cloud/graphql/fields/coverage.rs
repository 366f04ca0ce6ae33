//! Coverage: what a test covers, and how tests and requirements stand.

use serde_json::{Value, json};

use crate::jira::id::IssueId;
use crate::jira::site::Site;
use crate::jira::xray::{Relation, Run, RunStatus};

use super::super::call::{Answer, Call, data};
use super::super::render;
use super::container::page;

/// The scope of a status: arguments `environment`, `version`, `testPlan`, `isFinal`.
struct Scope {
    environment: Option<String>,
    version: Option<String>,
    plan: Option<IssueId>,
    only_final: bool,
}

impl Scope {
    fn of(call: &Call<'_>) -> Self {
        Self {
            environment: call.text("environment"),
            version: call.text("version"),
            plan: call.text("testPlan").and_then(|plan| IssueId::parse(&plan)),
            only_final: call.get("isFinal").unwrap_or(true),
        }
    }

    fn includes(&self, site: &Site, run: &Run) -> bool {
        let in_environment = |wanted: &String| {
            site.xray
                .execution(run.execution)
                .is_some_and(|execution| execution.environments.contains(wanted))
        };
        let in_version = |wanted: &String| {
            site.issue(run.execution)
                .is_some_and(|issue| issue.fix_versions.contains(wanted))
        };
        let in_plan = |plan: IssueId| {
            site.xray
                .members(Relation::PlanExecutions, plan)
                .contains(&run.execution)
        };
        let status = site.xray.settings.run_status(&run.status);
        self.environment.as_ref().is_none_or(in_environment)
            && self.version.as_ref().is_none_or(in_version)
            && self.plan.is_none_or(in_plan)
            && (!self.only_final || status.is_some_and(|status| status.is_final))
    }

    /// The status of the latest run in scope, or the initial one.
    fn status<'a>(&self, site: &'a Site, test: IssueId) -> Option<&'a RunStatus> {
        let runs = site.xray.runs_of_test(test).filter(|run| self.includes(site, run));
        let latest = runs.max_by_key(|run| run.finished.or(run.started).unwrap_or(run.modified));
        let settings = &site.xray.settings;
        match latest {
            Some(run) => settings.run_status(&run.status),
            None => settings.run_statuses.first(),
        }
    }
}

pub(super) fn test_status(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    data(Scope::of(call).status(&site, call.issue()?).map(render::run_status))
}

/// Issues on the other side of links of the coverage type.
fn linked(site: &Site, issue: IssueId) -> Vec<IssueId> {
    let links = site
        .issue(issue)
        .map(|issue| issue.links.as_slice())
        .unwrap_or_default();
    let links = links.iter().filter_map(|id| site.link(*id));
    let covers = |kind: u64| {
        site.link_types
            .iter()
            .any(|ty| ty.id == kind && ty.name.starts_with("Test"))
    };
    links
        .filter(|link| covers(link.link_type))
        .map(|link| {
            if link.inward == issue {
                link.outward
            } else {
                link.inward
            }
        })
        .collect()
}

pub(super) fn issues_of_test(call: &Call<'_>) -> Answer {
    let issues = linked(&*call.site()?, call.issue()?);
    page(call, issues)
}

fn covering(site: &Site, issue: IssueId) -> Vec<IssueId> {
    linked(site, issue)
        .into_iter()
        .filter(|id| site.xray.test(*id).is_some())
        .collect()
}

pub(super) fn tests_of_issue(call: &Call<'_>) -> Answer {
    let tests = covering(&*call.site()?, call.issue()?);
    page(call, tests)
}

/// `NOK` when a test failed, else `NOTRUN` when one was not run, else `OK`; `UNCOVERED` without tests.
pub(super) fn issue_status(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    let scope = Scope::of(call);
    let tests = covering(&site, call.issue()?);
    let found: Vec<&str> = tests
        .iter()
        .filter_map(|test| scope.status(&site, *test))
        .map(|status| status.coverage.as_str())
        .collect();
    let (name, color) = match (
        found.is_empty(),
        found.contains(&"NOK"),
        found.iter().all(|status| *status == "OK"),
    ) {
        (true, ..) => ("UNCOVERED", "#CCCCCC"),
        (_, true, _) => ("NOK", "#D45D52"),
        (_, _, true) => ("OK", "#95C160"),
        _ => ("NOTRUN", "#A2A6AE"),
    };
    data(json!({ "name": name, "description": Value::Null, "color": color }))
}
