//! Judges the servers' own state, and reports against it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tms_sync_sim::jira::project::Role;

use crate::servers::Servers;

fn items(report: &Value) -> Vec<&Value> {
    let syncs = report["syncs"].as_array().unwrap();
    syncs
        .iter()
        .flat_map(|sync| sync["items"].as_array().unwrap())
        .collect()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

/// Fails where a report names an issue that is not there, or not the case's. Names of generated cases are unique.
pub fn expect_true(servers: &Servers, report: &Value) {
    let site = servers.world.site.lock();
    for item in items(report) {
        let Some(key) = item["issue"]["key"].as_str() else {
            continue;
        };
        let issue = site.find_issue(key);
        let summary = issue.map(|issue| issue.summary.as_str());
        let launch = text(item, "entity") == "launch";
        assert!(issue.is_some(), "{key} is reported and not there: {item:#}");
        assert!(
            launch || summary == Some(text(item, "name")),
            "{key} is another case's: {item:#}"
        );
    }
}

/// True where a report says that there was nothing to do.
pub fn is_idle(report: &Value) -> bool {
    items(report).iter().all(|item| text(item, "outcome") == "unchanged")
}

/// What is wrong when nothing is left to do: every case is one Test and every launch one Test Execution, with one run for
/// each of its cases; the report says the same.
pub fn settled(servers: &Servers, report: &Value) -> Vec<String> {
    let site = servers.world.site.lock();
    let mut wrong = Vec::new();
    let mut tests: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut markers: BTreeSet<&str> = BTreeSet::new();
    for issue in site.issues() {
        for label in issue
            .labels
            .iter()
            .filter(|label| label.starts_with("tms-tc-") || label.starts_with("tms-le-"))
        {
            if !markers.insert(label) {
                wrong.push(format!("{label} is on several issues, one of them {}", issue.key));
            }
        }
        if site.role(issue) == Role::Test {
            tests.entry(&issue.summary).or_default().push(&issue.key);
        }
    }
    for case in &servers.project.cases {
        match tests.remove(case.name.as_str()).as_deref() {
            Some([_]) => {}
            Some(several) => wrong.push(format!("{} is {}", case.name, several.join(" and "))),
            None => wrong.push(format!("{} is lost", case.name)),
        }
    }
    wrong.extend(tests.into_keys().map(|name| format!("{name} is no case's")));
    let mut expected: Vec<usize> = servers
        .project
        .launches
        .iter()
        .map(|launch| {
            launch
                .results
                .iter()
                .filter_map(|result| result.case)
                .collect::<BTreeSet<_>>()
                .len()
        })
        .collect();
    let executions = site.issues().filter(|issue| site.role(issue).is_execution());
    let mut runs: Vec<usize> = executions
        .map(|issue| site.xray.runs_of_execution(issue.id).count())
        .collect();
    expected.sort_unstable();
    runs.sort_unstable();
    if runs != expected {
        wrong.push(format!("Test Executions have {runs:?} runs instead of {expected:?}"));
    }
    let reported: BTreeSet<&str> = items(report).iter().map(|item| text(&item["issue"], "key")).collect();
    let there: BTreeSet<&str> = site.issues().map(|issue| issue.key.as_str()).collect();
    if reported != there {
        wrong.push(format!("the report names {reported:?}, and there are {there:?}"));
    }
    wrong
}
