//! Versions of Tests on Data Center. Requests name a version, and none lists them: Jira's fields are those of the default one,
//! and whether a Test has a version of a name shows when its steps are read.

use super::RAVEN;
use super::create::columns_of;
use super::read::step;
use super::site::Site;
use crate::domain::IssueKey;
use crate::error::Result;
use crate::mapping::options::TestVersion;
use crate::mapping::{Field, StepChange, StepText, TestKind, step_changes};
use crate::target::{RemoteStep, Update, Updates, UsedVersion};
use crate::web::{Call, Idempotency};
use serde_json::{Value, json};

/// Query parameter that names a version.
const PARAMETER: &str = "testVersion";

impl Site<'_> {
    /// Steps of the version that an option names, of a Test that has it. Costs a request per Test where an option does.
    pub(super) async fn named_version(&self, test: &IssueKey) -> Result<Option<(UsedVersion, Vec<RemoteStep>)>> {
        let TestVersion::Named(name) = &self.setup.options.test_version else {
            return Ok(None);
        };
        let call = Call::get(format!("{RAVEN}/api/test/{test}/steps")).query(PARAMETER, name);
        let response = self.jira.client().answer(call, Idempotency::Safe).await?;
        if response.status == 400 {
            return Ok(None);
        }
        if response.status != 200 {
            return Err(self.jira.client().refusal(&response, "GET steps of a version"));
        }
        let answer: Value = self
            .jira
            .client()
            .decode(&response, "steps of a version", Idempotency::Safe)?;
        let steps = answer.get("steps").and_then(Value::as_array);
        let plan = self.schema().destination.xray_fields.steps;
        let steps = steps.into_iter().flatten().map(|value| step(value, &plan)).collect();
        let version = UsedVersion {
            id: None,
            name: Some(name.clone()),
            all: None,
            left: vec![Field::Kind, Field::Definition],
        };
        Ok(Some((version, steps)))
    }

    /// Writes steps of versions other than the default one, step by step.
    pub(super) async fn write_versions(&self, updates: &[Update<'_>], done: &mut Updates) {
        for (owner, update) in updates.iter().enumerate() {
            let name = update.remote.version.as_ref().and_then(|version| version.name.as_ref());
            let manual = update.content.procedure.kind == TestKind::Manual;
            let Some(name) = name.filter(|_| manual && update.fields.contains(&Field::Steps)) else {
                continue;
            };
            if done.stop.is_some() {
                done.leave(owner, true);
            } else if done.is_done(owner)
                && let Err(error) = self.write_steps(name, update).await
            {
                done.done_but([owner], &error);
            }
        }
    }

    async fn write_steps(&self, version: &str, update: &Update<'_>) -> Result<()> {
        let path = format!("{RAVEN}/api/test/{}/steps", update.remote.issue.key);
        let there = &update.remote.steps;
        let of = |at: &usize| format!("{path}/{}", there.get(*at).map_or("", |step| step.id.as_str()));
        let standing = super::super::standing(there);
        let plan = self.schema().destination.xray_fields.steps;
        let body = |step: &StepText| json!({"fields": columns_of(step, &plan)});
        for change in step_changes(&standing, &update.content.procedure.steps) {
            let (call, class) = match &change {
                StepChange::Update(at, step) => (Call::put(of(at), &body(step)), Idempotency::Idempotent),
                StepChange::Remove(at) => (Call::delete(of(at)), Idempotency::NotIdempotent),
                StepChange::Append(step) => {
                    let call = Call::post(path.clone(), &body(step)).query(PARAMETER, version);
                    (call, Idempotency::NotIdempotent)
                }
            };
            self.jira.client().success(call, class).await?;
        }
        Ok(())
    }
}
