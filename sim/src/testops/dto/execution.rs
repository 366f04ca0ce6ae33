//! What a result executed, in both generations.

use serde_json::Value;

use super::{View, document, dto, duration, file, html, link, parameter, stamped};
use crate::testops::data::{Fixture, RunStep, TestResult};

/// Second generation: attachments are steps.
pub(crate) fn steps(steps: &[RunStep], entity: &str) -> Vec<Value> {
    steps
        .iter()
        .map(|step| second_generation(step, "body", entity))
        .collect()
}

fn second_generation(step: &RunStep, kind: &str, entity: &str) -> Value {
    let status = step.status.map(|status| status.name());
    let time = duration(step.start, step.stop);
    if let Some(row) = &step.file {
        return dto! {
            "type": "attachment",
            "attachmentId": row.id,
            "attachment": file(row, Some(entity)),
            "status": status,
            "start": step.start,
            "stop": step.stop,
            "duration": time,
        };
    }
    let is_body = kind == "body";
    let expected = || {
        step.expected
            .iter()
            .map(|line| second_generation(line, "expected_body", entity))
            .collect::<Vec<_>>()
    };
    dto! {
        "type": kind,
        "body": step.body.as_str(),
        "bodyJson": document(&step.body),
        "status": status,
        "start": step.start,
        "stop": step.stop,
        "duration": time,
        "message": step.message.as_deref(),
        "trace": step.trace.as_deref().filter(|_| is_body),
        "showMessage": step.message.is_some(),
        "parameters": is_body.then(|| step.parameters.iter().map(parameter).collect::<Vec<_>>()),
        "steps": is_body.then(|| steps(&step.steps, entity)),
        "expectedResultSteps": is_body.then(expected),
    }
}

/// First generation: attachments stand beside the steps.
fn first_generation(steps: &[RunStep]) -> (Vec<Value>, Vec<Value>) {
    let (mut rows, mut attachments) = (Vec::new(), Vec::new());
    for step in steps {
        if let Some(row) = &step.file {
            attachments.push(file(row, Some("test_result")));
            continue;
        }
        let (below, files) = first_generation(&step.steps);
        let expected: Vec<&str> = step.expected.iter().map(|line| line.body.as_str()).collect();
        rows.push(dto! {
            "name": step.body.as_str(),
            "status": step.status.map(|status| status.name()),
            "expectedResult": (!expected.is_empty()).then(|| expected.join("\n")),
            "message": step.message.as_deref(),
            "trace": step.trace.as_deref(),
            "showMessage": step.message.is_some(),
            "start": step.start,
            "stop": step.stop,
            "duration": duration(step.start, step.stop),
            "parameters": step.parameters.iter().map(parameter).collect::<Vec<_>>(),
            "leaf": below.is_empty(),
            "expandable": !below.is_empty() || !files.is_empty(),
            "stepsCount": below.len(),
            "hasContent": !below.is_empty() || !files.is_empty(),
            "steps": below,
            "attachments": files,
        });
    }
    (rows, attachments)
}

impl View<'_> {
    /// `TestResultDto`; lists leave `trace` out.
    pub(crate) fn result(&self, result: &TestResult, with_trace: bool) -> Value {
        let category = result.category.as_deref();
        let retried_by = result.retried_by.and_then(|id| self.site.results.get(&id));
        let row = dto! {
            "id": result.id,
            "launchId": result.launch,
            "projectId": result.project,
            "testCaseId": result.case,
            "name": result.name.as_str(),
            "fullName": result.full_name.as_deref(),
            "status": result.status.map(|status| status.name()),
            "message": result.message.as_deref(),
            "trace": result.trace.as_deref().filter(|_| with_trace),
            "start": result.start,
            "stop": result.stop,
            "duration": duration(result.start, result.stop),
            "manual": result.manual,
            "external": result.external,
            "hidden": result.hidden,
            "flaky": result.flaky,
            "muted": result.muted,
            "known": !result.defects.is_empty(),
            "assignee": result.assignee.as_deref(),
            "testedBy": result.tested_by.as_deref(),
            "hostId": result.host.as_deref(),
            "threadId": result.thread.as_deref(),
            "historyKey": format!("{}.{}", result.case.unwrap_or_default(), result.name),
            "retriedBy": retried_by.map(|by| dto! { "id": by.id, "name": by.name.as_str() }),
            "parameters": result.parameters.iter().map(parameter).collect::<Vec<_>>(),
            "tags": self.tags(&result.tags),
            "links": result.links.iter().map(link).collect::<Vec<_>>(),
            "layer": self.layer(result.layer.as_deref()),
            "category": category.map(|name| dto! { "id": self.site.names.categories.id(name), "name": name }),
            "description": result.description.as_deref(),
            "descriptionHtml": html(result.description.as_deref()),
            "precondition": result.precondition.as_deref(),
            "preconditionHtml": html(result.precondition.as_deref()),
            "expectedResult": result.expected_result.as_deref(),
            "expectedResultHtml": html(result.expected_result.as_deref()),
        };
        stamped(row, &result.stamp)
    }

    /// `TestResultRowDto`.
    pub(crate) fn result_row(&self, result: &TestResult) -> Value {
        dto! {
            "id": result.id,
            "name": result.name.as_str(),
            "status": result.status.map(|status| status.name()),
            "duration": duration(result.start, result.stop),
            "testCaseId": result.case,
            "assignee": result.assignee.as_deref(),
        }
    }

    /// `TestResultFlatDto`.
    pub(crate) fn result_flat(&self, result: &TestResult) -> Value {
        dto! {
            "id": result.id,
            "name": result.name.as_str(),
            "status": result.status.map(|status| status.name()),
            "hidden": result.hidden,
            "manual": result.manual,
            "flaky": result.flaky,
            "start": result.start,
            "stop": result.stop,
            "duration": duration(result.start, result.stop),
            "testedBy": result.tested_by.as_deref(),
            "assignee": result.assignee.as_deref(),
            "layerName": result.layer.as_deref(),
            "testCaseId": result.case,
            "createdDate": result.stamp.created_ms,
            "lastModifiedDate": result.stamp.modified_ms,
        }
    }

    /// `TestResultHistoryDto`.
    pub(crate) fn result_history(&self, result: &TestResult) -> Value {
        let launch = self.site.launches.get(&result.launch);
        let row = dto! {
            "id": result.id,
            "status": result.status.map(|status| status.name()),
            "message": result.message.as_deref(),
            "trace": result.trace.as_deref(),
            "start": result.start,
            "stop": result.stop,
            "duration": duration(result.start, result.stop),
            "testedBy": result.tested_by.as_deref(),
            "parameters": result.parameters.iter().map(parameter).collect::<Vec<_>>(),
            "environment": self.environment(&result.environment),
            "launch": launch.map(|launch| dto! { "id": launch.id, "name": launch.name.as_str() }),
        };
        stamped(row, &result.stamp)
    }

    /// The execution as `testresult/{id}/execution` shows it with and without `v2=true`. None is the empty body that a
    /// finished manual result gives to those who do not ask for the second generation.
    pub(crate) fn execution(&self, result: &TestResult, second: bool) -> Option<Value> {
        if second && !self.is_old() {
            return Some(dto! { "steps": steps(&result.steps, "test_result") });
        }
        if result.manual && result.status.is_some() && !self.is_old() {
            return None;
        }
        let (steps, attachments) = first_generation(&result.steps);
        Some(dto! { "steps": steps, "attachments": attachments })
    }

    /// `TestFixtureResultV2Dto`.
    pub(crate) fn fixture(&self, fixture: &Fixture) -> Value {
        dto! {
            "id": fixture.id,
            "name": fixture.name.as_str(),
            "type": if fixture.after { "after" } else { "before" },
            "status": fixture.status.map(|status| status.name()),
            "message": fixture.message.as_deref(),
            "scenario": dto! { "steps": steps(&fixture.steps, "test_fixture_result") },
        }
    }
}
