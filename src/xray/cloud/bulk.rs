//! Creating Tests by bulk import: up to 1,000 a request, one running job per user, outcomes by element number
//! (docs.getxray.app, Importing Tests - REST v2).

use super::site::ProjectSchema;
use super::test_issues::CloudTests;
use crate::domain::{IssueId, IssueKey};
use crate::error::{Error, Kind, Result, Side};
use crate::jira::cover;
use crate::json::filled;
use crate::mapping::{COMMON, TestKind};
use crate::target::{Creation, Draft, Issue, Submission};
use crate::web::{Call, Idempotency, describe};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Tests a request.
pub const MOST: usize = 1_000;
/// Pauses between looks at a job, in milliseconds; the last one repeats.
const PAUSES: [u64; 5] = [1_000, 2_000, 4_000, 8_000, 15_000];
/// How long a job of an earlier run is waited for, in milliseconds; then its Tests are looked for by their markers.
const PATIENCE_WITH_OLD: u64 = 2 * 60_000;

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Accepted {
    #[serde(deserialize_with = "filled")]
    job_id: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Job {
    status: String,
    result: Option<Outcomes>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Outcomes {
    errors: Vec<ElementError>,
    issues: Vec<ElementIssue>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ElementError {
    element_number: Option<usize>,
    errors: Value,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ElementIssue {
    element_number: Option<usize>,
    id: IssueId,
    key: IssueKey,
}

impl CloudTests<'_> {
    pub(super) async fn submit_bulk(&self, drafts: &[Draft<'_>]) -> Result<Submission> {
        let body = {
            let schema = self.site.schema.borrow();
            let mut body = Vec::with_capacity(drafts.iter().map(room).sum());
            body.push(b'[');
            // One after the other: a batch of trees takes many times the memory of its text.
            for draft in drafts {
                if body.len() > 1 {
                    body.push(b',');
                }
                body.extend(element(draft, &schema, self.site.link_type()).to_string().into_bytes());
            }
            body.push(b']');
            body
        };
        let mut pause = 2_000;
        loop {
            let call = Call::post_bytes("/api/v2/import/test/bulk", body.clone()).patient();
            let response = self.site.xray.answer(call, Idempotency::NotIdempotent).await?;
            if (200..300).contains(&response.status) {
                let accepted: Accepted =
                    self.site
                        .xray
                        .decode(&response, "the bulk import", Idempotency::NotIdempotent)?;
                *self.job.borrow_mut() = Some(accepted.job_id.clone());
                return Ok(Submission::Accepted(accepted.job_id));
            }
            let message = describe(&response);
            if !message.contains("already in progress") {
                return Ok(Submission::Done(vec![
                    Creation::Refused(format!(
                        "Xray refuses the import: {message}"
                    ));
                    drafts.len()
                ]));
            }
            // Somebody else's job, of the same user: it was not accepted, so asking again is safe.
            if pause > 64_000 {
                return Err(Error::new(
                    Kind::RateLimited,
                    Side::Xray,
                    "another import job of this user is running",
                )
                .hint("wait until it is done, or give tms-sync an API key of its own user"));
            }
            self.site.xray.ports().clock.sleep(pause).await;
            pause *= 2;
        }
    }

    pub(super) async fn collect_bulk(&self, job: &str, patience: u64) -> Result<Option<BTreeMap<usize, Creation>>> {
        let clock = self.site.xray.ports().clock;
        let is_ours = self.job.borrow().as_deref() == Some(job);
        let patience = if is_ours {
            patience
        } else {
            patience.min(PATIENCE_WITH_OLD)
        };
        let give_up = clock.now() + patience;
        let mut looks = 0;
        loop {
            let call = Call::get(format!("/api/v2/import/test/bulk/{job}/status"));
            let state: Job = match self.site.xray.json(call, Idempotency::Safe).await {
                Ok(state) => state,
                // The status is kept for about a day.
                Err(error) if error.kind == Kind::Missing => return Ok(None),
                Err(error) => return Err(error),
            };
            if !matches!(state.status.as_str(), "pending" | "working") {
                return Ok(Some(outcomes(state)));
            }
            if clock.now() >= give_up && !is_ours {
                return Ok(None);
            }
            if clock.now() >= give_up {
                return Err(Error::new(
                    Kind::RateLimited,
                    Side::Xray,
                    format!("Xray's import job is not done after {} minutes", patience / 60_000),
                )
                .hint("the next run looks at the job again")
                .retry_at(clock.now() + patience));
            }
            clock
                .sleep(PAUSES.get(looks).or(PAUSES.last()).copied().unwrap_or(15_000))
                .await;
            looks += 1;
        }
    }
}

/// Bytes that a Test takes in the body, about: a body that grows is there twice while it moves.
fn room(draft: &Draft<'_>) -> usize {
    draft.content.size() * 9 / 8 + 512
}

/// Outcomes by element number. An element in both lists, or twice, is not settled by this answer.
fn outcomes(job: Job) -> BTreeMap<usize, Creation> {
    let result = job.result.unwrap_or_default();
    let mut settled: BTreeMap<usize, Creation> = BTreeMap::new();
    let created = result.issues.into_iter().filter_map(|issue| {
        let (id, key) = (issue.id, issue.key);
        Some((issue.element_number?, Creation::Created(Issue { id, key })))
    });
    let refused = result.errors.into_iter();
    let refused = refused.filter_map(|error| Some((error.element_number?, Creation::Refused(message(&error.errors)))));
    for (number, outcome) in created.chain(refused) {
        if let Some(doubted) = settled.get_mut(&number) {
            *doubted = Creation::Unknown("Xray's answer names the element twice".to_owned());
        } else {
            settled.insert(number, outcome);
        }
    }
    settled
}

fn message(errors: &Value) -> String {
    match errors {
        Value::Object(fields) => {
            let each = fields
                .iter()
                .map(|(field, text)| format!("{field}: {}", text.as_str().unwrap_or(&text.to_string())));
            each.collect::<Vec<_>>().join("; ")
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The body of Jira's create request.
pub(super) fn jira(draft: &Draft<'_>, schema: &ProjectSchema, link_type: Option<&str>) -> Map<String, Value> {
    let content = draft.content;
    let mut labels = content.labels.clone();
    labels.extend([COMMON.to_owned(), draft.marker.0.clone()]);
    let mut body = Map::new();
    let mut fields = Map::new();
    fields.extend([
        ("project".to_owned(), json!({"key": schema.destination.project.key})),
        ("summary".to_owned(), json!(content.summary)),
        ("labels".to_owned(), json!(labels)),
    ]);
    if !content.description.is_empty() {
        fields.insert("description".to_owned(), content.description.value());
    }
    fields.extend(content.fields.body());
    body.insert("fields".to_owned(), Value::Object(fields));
    if let (Some(name), false) = (link_type, content.coverage.is_empty()) {
        let links = cover(content.coverage.iter(), name);
        body.insert("update".to_owned(), json!({"issuelinks": links}));
    }
    body
}

fn element(draft: &Draft<'_>, schema: &ProjectSchema, link_type: Option<&str>) -> Value {
    let content = draft.content;
    let mut element = jira(draft, schema, link_type);
    element.insert("testtype".to_owned(), json!(schema.test_type(content.procedure.kind)));
    if let Some(path) = &content.folder {
        let path = path.trim_start_matches('/');
        element.insert("xray_test_repository_folder".to_owned(), json!(path));
    }
    match content.procedure.kind {
        TestKind::Manual => {
            let steps = content
                .procedure
                .steps
                .iter()
                .map(|s| json!({"action": s.action, "data": s.data, "result": s.result}));
            element.insert("steps".to_owned(), steps.collect());
        }
        TestKind::Generic => {
            element.insert("unstructured_def".to_owned(), json!(content.procedure.definition));
        }
        TestKind::Cucumber => {
            element.insert("gherkin_def".to_owned(), json!(content.procedure.definition));
        }
    }
    Value::Object(element)
}

#[cfg(test)]
mod tests {
    use super::{Job, outcomes};
    use crate::target::Creation;

    #[test]
    fn elements_are_settled_by_their_number_and_doubts_stay_doubts() {
        let job: Job = serde_json::from_slice(
            br#"{"status":"partially_successful","result":{
            "issues":[{"elementNumber":1,"id":"10","key":"A-1","self":"x"},{"elementNumber":2,"id":"11","key":"A-2"}],
            "errors":[{"elementNumber":0,"errors":{"summary":"is required"}},{"elementNumber":2,"errors":{}}]}}"#,
        )
        .unwrap();
        let settled = outcomes(job);
        assert!(matches!(settled.get(&0), Some(Creation::Refused(message)) if message == "summary: is required"));
        assert!(matches!(settled.get(&1), Some(Creation::Created(issue)) if issue.key.as_str() == "A-1"));
        assert!(matches!(settled.get(&2), Some(Creation::Unknown(_))));
        assert_eq!(settled.len(), 3);
    }
}
