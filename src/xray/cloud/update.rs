//! Updating Tests on Cloud: Jira's own fields one PUT an issue, Xray's by aliased mutations, many Tests in one request.

use super::super::edit::test_edit;
use super::graphql::{RESOLVERS, refused};
use super::site::ProjectSchema;
use super::test_issues::CloudTests;
use crate::error::Kind;
use crate::mapping::fields::{Plan, Planned};
use crate::mapping::xray_field::sent;
use crate::mapping::{Field, StepChange, StepText, TestKind, step_changes};
use crate::target::{RemoteStep, Update, Updates};
use crate::web::Idempotency;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// One mutation.
pub(super) struct Mutation {
    /// Which update it belongs to.
    pub owner: usize,
    /// Resolvers it costs, in the vendor's own count.
    pub cost: usize,
    pub field: &'static str,
    /// Arguments with their GraphQL types.
    pub arguments: Vec<(&'static str, &'static str, Value)>,
    /// What is selected of its result.
    pub selection: &'static str,
}

impl CloudTests<'_> {
    pub(super) async fn update_tests(&self, updates: &[Update<'_>]) -> Updates {
        let edit = |update| test_edit(update, self.site.link_type());
        let edits: Vec<Option<Value>> = updates.iter().map(edit).collect();
        let begun: Vec<bool> = edits.iter().map(Option::is_some).collect();
        let ids = updates.iter().map(|update| &update.remote.issue.id);
        let project = self.site.destination().project.key;
        let mut done = self.site.jira.edit_each(&project, ids.zip(edits).collect()).await;
        let moves = updates.iter().filter(|update| update.fields.contains(&Field::Folder));
        let paths = moves.filter_map(|update| update.content.folder.as_deref());
        if done.stop.is_none() {
            // A folder that is missing shows when a Test is moved into it.
            let made = self.make_folders(BTreeSet::from_iter(paths)).await;
            done.stop = made.err().filter(|error| error.ends_the_run());
        }
        let schema = self.site.schema.borrow().clone();
        let each = updates.iter().enumerate().filter(|(owner, _)| done.is_done(*owner));
        let mutations: Vec<Mutation> = each
            .flat_map(|(owner, update)| mutations(owner, update, &schema))
            .collect();
        for batch in batches(&mutations) {
            match done.stop {
                None => self.mutate(batch, &mut done).await,
                Some(_) => batch.iter().for_each(|mutation| {
                    let owner = mutation.owner;
                    done.leave(owner, begun.get(owner) == Some(&true));
                }),
            }
        }
        done
    }

    async fn mutate(&self, batch: &[Mutation], done: &mut Updates) {
        let (document, variables) = document(batch);
        // Adding a step twice would double it, so the request is not repeated blindly; the next run compares the steps.
        match self
            .site
            .graphql(&document, variables, Idempotency::NotIdempotent)
            .await
        {
            Ok(answer) => {
                for (index, mutation) in batch.iter().enumerate() {
                    if let Err(message) = answer.alias(&format!("m{index}")) {
                        // What Xray does not allow for one Test says nothing about the others.
                        let mut error = refused(mutation.field, &message);
                        error.kind = Kind::Rejected;
                        done.done_but([mutation.owner], &error);
                    }
                }
            }
            Err(error) => done.done_but(batch.iter().map(|mutation| mutation.owner), &error),
        }
    }
}

/// Groups that stay within the resolver limit.
pub(super) fn batches(mutations: &[Mutation]) -> Vec<&[Mutation]> {
    let (mut groups, mut from, mut cost) = (Vec::new(), 0, 0);
    for (index, mutation) in mutations.iter().enumerate() {
        if cost + mutation.cost > RESOLVERS {
            groups.extend(mutations.get(from..index));
            (from, cost) = (index, 0);
        }
        cost += mutation.cost;
    }
    groups.extend(mutations.get(from..).filter(|rest| !rest.is_empty()));
    groups
}

/// A document of mutations, `m0` and on, and its variables.
pub(super) fn document(batch: &[Mutation]) -> (String, Value) {
    let (mut head, mut body, mut variables) = (Vec::new(), String::new(), Map::new());
    for (index, mutation) in batch.iter().enumerate() {
        let mut arguments = Vec::new();
        for (name, kind, value) in &mutation.arguments {
            let variable = format!("{name}{index}");
            head.push(format!("${variable}:{kind}"));
            arguments.push(format!("{name}:${variable}"));
            variables.insert(variable, value.clone());
        }
        body.push_str(&format!(
            " m{index}:{}({}){}",
            mutation.field,
            arguments.join(","),
            mutation.selection
        ));
    }
    (
        format!("mutation({}){{{body} }}", head.join(",")),
        Value::Object(variables),
    )
}

/// The mutations of one Test. A Test that becomes Manual may have steps from before that nobody shows; they go first.
fn mutations(owner: usize, update: &Update<'_>, schema: &ProjectSchema) -> Vec<Mutation> {
    let (content, becomes) = (update.content, update.fields.contains(&Field::Kind));
    let issue = || ("issueId", "String!", json!(update.remote.issue.id));
    let version = update.remote.version.as_ref().and_then(|version| version.id);
    let of_version = |mut arguments: Vec<(&'static str, &'static str, Value)>| {
        arguments.extend(version.map(|id| ("versionId", "Int", json!(id))));
        arguments
    };
    let made = |cost, field, arguments, selection| Mutation {
        owner,
        cost,
        field,
        arguments,
        selection,
    };
    let mut list = Vec::new();
    if becomes {
        let name = json!({"name": schema.test_type(content.procedure.kind)});
        let arguments = vec![issue(), ("testType", "UpdateTestTypeInput!", name)];
        list.push(made(2, "updateTestType", of_version(arguments), "{issueId}"));
    }
    let definition = match content.procedure.kind {
        TestKind::Manual => None,
        TestKind::Generic => Some(("updateUnstructuredTestDefinition", "unstructured")),
        TestKind::Cucumber => Some(("updateGherkinTestDefinition", "gherkin")),
    };
    if let Some((field, name)) = definition.filter(|_| update.fields.contains(&Field::Definition)) {
        let arguments = vec![issue(), (name, "String!", json!(content.procedure.definition))];
        list.push(made(2, field, of_version(arguments), "{issueId}"));
    }
    if let (true, Some(path)) = (update.fields.contains(&Field::Folder), &content.folder) {
        let arguments = vec![issue(), ("folderPath", "String!", json!(path))];
        list.push(made(1, "updateTestFolder", arguments, ""));
    }
    if update.fields.contains(&Field::Precondition) {
        let ids = |id: &str| ("preconditionIssueIds", "[String]!", json!([id]));
        if let Some(id) = &update.precondition.remove {
            list.push(made(1, "removePreconditionsFromTest", vec![issue(), ids(id)], ""));
        }
        if let Some(to) = &update.precondition.add {
            list.push(made(
                2,
                "addPreconditionsToTest",
                vec![issue(), ids(to.id.as_str())],
                "{warning}",
            ));
        }
    }
    if update.fields.contains(&Field::Steps) && content.procedure.kind == TestKind::Manual {
        if becomes {
            list.push(made(1, "removeAllTestSteps", of_version(vec![issue()]), ""));
        }
        let there = if becomes { &[] } else { update.remote.steps.as_slice() };
        let plan = &schema.destination.xray_fields.steps;
        let steps_of = (there, content.procedure.steps.as_slice());
        list.extend(steps(owner, &of_version(vec![issue()]), steps_of, plan));
    }
    list
}

/// A step as Xray takes it. One that calls a Test shows that Test's steps and has no texts. `exists`: fields without a value
/// are emptied.
pub(super) fn step_input(step: &StepText, plan: &Plan, exists: bool) -> Value {
    if let Some(test) = &step.call {
        return json!({"callTestIssueId": test});
    }
    let mut input = json!({"action": step.action, "data": step.data, "result": step.result});
    let field = |field: &Planned| {
        let value = sent(field, step.fields.get(&field.name)?);
        (exists || !value.is_null()).then(|| json!({"id": field.id, "value": value}))
    };
    let fields: Vec<Value> = plan.iter().filter_map(field).collect();
    if let (Some(input), false) = (input.as_object_mut(), fields.is_empty()) {
        input.insert("customFields".to_owned(), json!(fields));
    }
    input
}

/// The fewest mutations that make the wanted steps of those that stand. `issue`: what names the Test, and its version.
fn steps(
    owner: usize,
    issue: &[(&'static str, &'static str, Value)],
    (there, wanted): (&[RemoteStep], &[StepText]),
    plan: &Plan,
) -> Vec<Mutation> {
    let id = |at: usize| ("stepId", "String!", json!(there.get(at).map(|step| &step.id)));
    let mutation = |change: &StepChange<'_>| {
        let (cost, field, arguments, selection) = match change {
            StepChange::Update(at, step) => {
                let arguments = vec![id(*at), ("step", "UpdateStepInput!", step_input(step, plan, true))];
                (1, "updateTestStep", arguments, "{warnings}")
            }
            StepChange::Remove(at) => (1, "removeTestStep", vec![id(*at)], ""),
            StepChange::Append(step) => {
                let mut arguments = issue.to_vec();
                arguments.push(("step", "CreateStepInput!", step_input(step, plan, false)));
                (2, "addTestStep", arguments, "{id}")
            }
        };
        Mutation {
            owner,
            cost,
            field,
            arguments,
            selection,
        }
    };
    let standing = super::super::standing(there);
    step_changes(&standing, wanted).iter().map(mutation).collect()
}
