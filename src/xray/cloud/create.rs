//! Creates by aliased mutations: what the bulk import cannot express, calls of other Tests among it, and what is not worth a
//! job. Each is one mutation, so that a Test has all of its steps or is not there.

use super::bulk;
use super::graphql::RESOLVERS;
use super::test_issues::CloudTests;
use super::update::{Mutation, document, step_input};
use crate::error::Result;
use crate::target::{Creation, Draft, Issue, Submission};
use crate::web::Idempotency;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Resolvers of a create with its issue.
const COST: usize = 2;
/// Creates a request.
pub const MOST: usize = RESOLVERS / COST;

/// A create that answers with its issue as `made`.
pub(super) fn mutation(
    field: &'static str,
    arguments: Vec<(&'static str, &'static str, Value)>,
    selection: &'static str,
) -> Mutation {
    Mutation {
        owner: 0,
        cost: COST,
        field,
        arguments,
        selection,
    }
}

impl CloudTests<'_> {
    /// Creates Manual Tests, each with its steps.
    pub(super) async fn submit_each(&self, drafts: &[Draft<'_>]) -> Result<Submission> {
        let paths = drafts.iter().filter_map(|draft| draft.content.folder.as_deref());
        self.make_folders(BTreeSet::from_iter(paths)).await?;
        let mutations: Vec<Mutation> = {
            let schema = self.site.schema.borrow();
            let create = |draft: &Draft<'_>| {
                let content = draft.content;
                let plan = &schema.destination.xray_fields.steps;
                let input = |step| step_input(step, plan, false);
                let steps: Vec<Value> = content.procedure.steps.iter().map(input).collect();
                let mut arguments = vec![
                    (
                        "testType",
                        "UpdateTestTypeInput",
                        json!({"name": schema.test_type(content.procedure.kind)}),
                    ),
                    ("steps", "[CreateStepInput]", json!(steps)),
                    (
                        "jira",
                        "JSON!",
                        bulk::jira(draft, &schema, self.site.link_type()).into(),
                    ),
                ];
                arguments.extend(content.folder.iter().map(|path| ("folderPath", "String", json!(path))));
                mutation(
                    "createTest",
                    arguments,
                    "{made:test{issueId jira(fields:[\"key\"])} warnings}",
                )
            };
            drafts.iter().map(create).collect()
        };
        Ok(Submission::Done(self.create_each(&mutations).await?))
    }

    /// Sends creates in one request; outcomes in their order.
    pub(super) async fn create_each(&self, creates: &[Mutation]) -> Result<Vec<Creation>> {
        let (document, variables) = document(creates);
        let answer = self
            .site
            .graphql(&document, variables, Idempotency::NotIdempotent)
            .await?;
        let outcome = |(index, create): (usize, &Mutation)| {
            let (name, field) = (format!("m{index}"), create.field);
            if let Some(message) = answer.refusal(&name) {
                // What Jira refused is not there. What Xray refuses may be there nevertheless, as far as is known.
                let message = format!("{field}: {message}");
                return match message.contains("create failed") {
                    true => Creation::Refused(message),
                    false => Creation::Unknown(message),
                };
            }
            let made = answer.alias(&name).unwrap_or(&Value::Null);
            let id = made.pointer("/made/issueId").and_then(Value::as_str);
            let key = made.pointer("/made/jira/key").and_then(Value::as_str);
            match (id, key) {
                (Some(id), Some(key)) => Creation::Created(Issue::new(id, key)),
                _ => Creation::Unknown(format!("{field} did not return the new issue")),
            }
        };
        Ok(creates.iter().enumerate().map(outcome).collect())
    }
}
