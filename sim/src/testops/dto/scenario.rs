//! Manual scenarios: the normalized form, the first-generation tree, the second-generation tree.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{View, document, dto, file, put, stamped};
use crate::testops::data::{Case, Content, Expected, File, RunStep, SharedStep, Step, TestResult};

/// The attachments that are steps, in the order of the scenario.
pub(crate) fn files<'a>(steps: &'a [Step]) -> Vec<&'a File> {
    let mut files = Vec::new();
    let mut see = |step: &'a Step| {
        if let Content::File(file) = &step.content {
            files.push(file);
        }
    };
    steps.iter().for_each(|step| step.visit(&mut see));
    files
}

/// The text of lines of an expected result, for the forms that know only text.
fn inline(expected: &Expected) -> Option<String> {
    match expected {
        Expected::None => None,
        Expected::Inline(text) => Some(text.clone()),
        Expected::Lines { lines, .. } => {
            let texts: Vec<&str> = lines
                .iter()
                .filter_map(|line| match &line.content {
                    Content::Text(text, _) => Some(text.as_str()),
                    Content::Empty | Content::File(_) | Content::Shared(_) => None,
                })
                .collect();
            (!texts.is_empty()).then(|| texts.join("\n"))
        }
    }
}

impl View<'_> {
    /// `NormalizedScenarioDto` of a case.
    pub(crate) fn scenario(&self, case: &Case) -> Value {
        let mut steps = Map::new();
        self.normalize(&case.steps, Some(case.id), &mut steps);
        let attachments = files(&case.steps).into_iter().chain(&case.files);
        let attachments: Map<_, _> = attachments
            .map(|row| (row.id.to_string(), file(row, Some("test_case"))))
            .collect();
        self.with_shared(&case.steps, children(&case.steps), steps, attachments)
    }

    /// `NormalizedScenarioDto` of a shared step, with its own root.
    pub(crate) fn shared_scenario(&self, shared: &SharedStep) -> Value {
        let mut steps = Map::new();
        self.normalize(&shared.steps, None, &mut steps);
        let attachments = files(&shared.steps);
        let attachments: Map<_, _> = attachments
            .into_iter()
            .map(|row| (row.id.to_string(), file(row, None)))
            .collect();
        self.with_shared(&shared.steps, children(&shared.steps), steps, attachments)
    }

    fn with_shared(
        &self,
        calling: &[Step],
        root: Vec<i64>,
        steps: Map<String, Value>,
        attachments: Map<String, Value>,
    ) -> Value {
        let (mut shared_steps, mut shared_rows, mut shared_files) = (Map::new(), Map::new(), Map::new());
        for shared in self.called(calling) {
            let row = dto! {
                "id": shared.id,
                "body": shared.name.as_str(),
                "archived": shared.archived,
                "children": children(&shared.steps),
            };
            shared_steps.insert(shared.id.to_string(), stamped(row, &shared.stamp));
            self.normalize(&shared.steps, None, &mut shared_rows);
            shared_files.extend(
                files(&shared.steps)
                    .into_iter()
                    .map(|row| (row.id.to_string(), file(row, None))),
            );
        }
        json!({
            "root": {"children": root},
            "scenarioSteps": steps,
            "attachments": attachments,
            "sharedSteps": shared_steps,
            "sharedStepScenarioSteps": shared_rows,
            "sharedStepAttachments": shared_files,
        })
    }

    /// Every shared step called from these steps, directly or through another, once each.
    fn called(&self, steps: &[Step]) -> Vec<&SharedStep> {
        let mut found = Vec::new();
        let mut known = BTreeSet::new();
        let mut ahead = vec![steps];
        while let Some(steps) = ahead.pop() {
            let mut see = |step: &Step| {
                if let Content::Shared(id) = step.content
                    && known.insert(id)
                    && let Some(shared) = self.site.shared_steps.get(&id)
                {
                    found.push(shared);
                    ahead.push(shared.steps.as_slice());
                }
            };
            steps.iter().for_each(|step| step.visit(&mut see));
        }
        found
    }

    fn normalize(&self, steps: &[Step], case: Option<i64>, rows: &mut Map<String, Value>) {
        for step in steps {
            let mut row = self.step(step, case);
            if let Value::Object(members) = &mut row {
                self.put_expected(step, case, members, rows);
            }
            rows.insert(step.id.to_string(), row);
            self.normalize(&step.children, case, rows);
        }
    }

    fn put_expected(
        &self,
        step: &Step,
        case: Option<i64>,
        row: &mut Map<String, Value>,
        rows: &mut Map<String, Value>,
    ) {
        match &step.expected {
            Expected::Lines { wrapper, lines } if !self.is_old() => {
                put(row, "expectedResultId", *wrapper);
                let placeholder = dto! {
                    "id": *wrapper, "body": "Expected Result", "archived": false, "children": children(lines),
                };
                rows.insert(wrapper.to_string(), stamped(placeholder, &step.stamp));
                self.normalize(lines, case, rows);
            }
            expected => put(row, "expectedResult", inline(expected)),
        }
    }

    fn step(&self, step: &Step, case: Option<i64>) -> Value {
        let mut row = dto! { "id": step.id, "archived": false, "children": children(&step.children) };
        let Value::Object(members) = &mut row else { return row };
        if let Some(case) = case {
            put(members, "testCaseId", case);
        }
        match &step.content {
            Content::Empty => {}
            Content::Text(body, rich) => {
                put(members, "body", body.as_str());
                if !self.is_old() {
                    put(members, "bodyJson", rich.clone().unwrap_or_else(|| document(body)));
                }
            }
            Content::File(file) => put(members, "attachmentId", file.id),
            Content::Shared(id) => {
                put(members, "sharedStepId", *id);
                let archived = self.site.shared_steps.get(id).is_some_and(|shared| shared.archived);
                put(members, "archived", archived);
            }
        }
        stamped(row, &step.stamp)
    }

    /// `TestCaseScenarioDto`: shared steps in place, attachments beside the steps.
    pub(crate) fn first_generation_scenario(&self, case: &Case) -> Value {
        let (steps, mut attachments) = self.first_generation(&case.steps, 0);
        attachments.extend(case.files.iter().map(|row| file(row, Some("test_case"))));
        dto! { "steps": steps, "attachments": attachments }
    }

    fn first_generation(&self, steps: &[Step], depth: usize) -> (Vec<Value>, Vec<Value>) {
        let (mut rows, mut attachments) = (Vec::new(), Vec::new());
        for step in steps {
            let (name, below) = match &step.content {
                Content::Empty => (String::new(), step.children.as_slice()),
                Content::Text(body, _) => (body.clone(), step.children.as_slice()),
                Content::File(row) => {
                    attachments.push(file(row, Some("test_case")));
                    continue;
                }
                // A cycle of shared steps ends here instead of never.
                Content::Shared(id) => match self.site.shared_steps.get(id).filter(|_| depth < 16) {
                    Some(shared) => (shared.name.clone(), shared.steps.as_slice()),
                    None => continue,
                },
            };
            let (steps, files) = self.first_generation(below, depth + 1);
            let has_content = !steps.is_empty() || !files.is_empty();
            rows.push(dto! {
                "name": name,
                "keyword": Value::Null,
                "expectedResult": inline(&step.expected),
                "leaf": steps.is_empty(),
                "stepsCount": steps.len(),
                "hasContent": has_content,
                "steps": steps,
                "attachments": files,
            });
        }
        (rows, attachments)
    }

    /// `TestCaseScenarioV2Dto` of a case's last run.
    pub(crate) fn scenario_from_run(&self, last: Option<&TestResult>) -> Value {
        dto! { "steps": last.map(|run| Self::run_as_scenario(&run.steps)).unwrap_or_default() }
    }

    fn run_as_scenario(steps: &[RunStep]) -> Vec<Value> {
        let row = |step: &RunStep, kind: &str| match &step.file {
            Some(file) => dto! { "type": "attachment", "attachmentId": file.id },
            None => dto! { "type": kind, "body": step.body.as_str(), "bodyJson": document(&step.body) },
        };
        steps
            .iter()
            .map(|step| {
                let mut shown = row(step, "body");
                if let (Value::Object(members), None) = (&mut shown, &step.file) {
                    put(members, "steps", Self::run_as_scenario(&step.steps));
                    let expected: Vec<Value> = step.expected.iter().map(|line| row(line, "expected_body")).collect();
                    put(members, "expectedResultSteps", expected);
                }
                shown
            })
            .collect()
    }
}

fn children(steps: &[Step]) -> Vec<i64> {
    steps.iter().map(|step| step.id).collect()
}
