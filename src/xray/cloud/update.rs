//! Updating Tests on Cloud: Jira's own fields one PUT an issue, Xray's by aliased mutations, many Tests in one request.

use super::Cloud;
use super::graphql::{RESOLVERS, refused};
use crate::error::{Error, Result};
use crate::jira::test_edit;
use crate::mapping::{Field, Kind as TestKind, StepText};
use crate::target::{Remote, Update};
use crate::web::Verb;
use serde_json::{Map, Value, json};

/// One mutation of an update.
struct Mutation {
    /// Which update it belongs to.
    owner: usize,
    /// Resolvers it costs, in the vendor's own count.
    cost: usize,
    field: &'static str,
    /// Arguments with their GraphQL types.
    arguments: Vec<(&'static str, &'static str, Value)>,
    /// What is selected of its result.
    selection: &'static str,
}

impl Cloud<'_> {
    pub(super) async fn update_tests(&self, updates: &[Update<'_>]) -> Result<Vec<Result<()>>> {
        let edits = updates
            .iter()
            .map(|update| (update.remote.issue.id.as_str(), test_edit(update, self.link_type())));
        let mut results = self.jira.edit_each(edits.collect()).await?;
        self.make_folders(updates).await?;
        let (manual, generic) = {
            let known = self.known.borrow();
            (known.manual.clone(), known.generic.clone())
        };
        let each = updates
            .iter()
            .enumerate()
            .filter(|(owner, _)| results.get(*owner).is_some_and(Result::is_ok));
        let mutations: Vec<Mutation> = each
            .flat_map(|(owner, update)| mutations(owner, update, &manual, &generic))
            .collect();
        for batch in batches(&mutations) {
            self.mutate(batch, &mut results).await?;
        }
        Ok(results)
    }

    async fn mutate(&self, batch: &[Mutation], results: &mut [Result<()>]) -> Result<()> {
        let (document, variables) = document(batch);
        // Adding a step twice would double it, so the request is not repeated blindly; the next run compares the steps.
        let answer = match self.graphql(&document, variables, Verb::Create).await {
            Ok(answer) => answer,
            Err(error) if error.concerns_one_item() => {
                for mutation in batch {
                    set(results, mutation.owner, error.clone());
                }
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        for (index, mutation) in batch.iter().enumerate() {
            if let Err(words) = answer.alias(&format!("m{index}")) {
                set(results, mutation.owner, refused(mutation.field, &words));
            }
        }
        Ok(())
    }
}

fn set(results: &mut [Result<()>], owner: usize, error: Error) {
    if let Some(slot) = results.get_mut(owner) {
        *slot = Err(error);
    }
}

/// Groups that stay within the resolver limit.
fn batches(mutations: &[Mutation]) -> Vec<&[Mutation]> {
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

fn document(batch: &[Mutation]) -> (String, Value) {
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

fn mutations(owner: usize, update: &Update<'_>, manual: &str, generic: &str) -> Vec<Mutation> {
    let issue = || ("issueId", "String!", json!(update.remote.issue.id));
    let mut list = Vec::new();
    if update.fields.contains(&Field::Kind) {
        let name = if update.content.kind == TestKind::Manual {
            manual
        } else {
            generic
        };
        let arguments = vec![issue(), ("testType", "UpdateTestTypeInput!", json!({"name": name}))];
        list.push(Mutation {
            owner,
            cost: 2,
            field: "updateTestType",
            arguments,
            selection: "{issueId}",
        });
    }
    let definition = update.fields.contains(&Field::Definition) && update.content.kind == TestKind::Generic;
    if definition {
        let arguments = vec![issue(), ("unstructured", "String!", json!(update.content.definition))];
        list.push(Mutation {
            owner,
            cost: 2,
            field: "updateUnstructuredTestDefinition",
            arguments,
            selection: "{issueId}",
        });
    }
    if let (true, Some(path)) = (update.fields.contains(&Field::Folder), &update.content.folder) {
        list.push(Mutation {
            owner,
            cost: 1,
            field: "updateTestFolder",
            arguments: vec![issue(), ("folderPath", "String!", json!(path))],
            selection: "",
        });
    }
    if update.fields.contains(&Field::Steps) && update.content.kind == TestKind::Manual {
        list.extend(steps(owner, update.remote, &update.content.steps));
    }
    list
}

/// Steps by position: equal ones keep their id, changed ones are updated, the rest is appended or removed. Xray cannot
/// insert or move a step, so content moves between positions instead.
fn steps(owner: usize, remote: &Remote, wanted: &[StepText]) -> Vec<Mutation> {
    let text = |step: &StepText| json!({"action": step.action, "data": step.data, "result": step.result});
    let mut list = Vec::new();
    for (standing, step) in remote
        .steps
        .iter()
        .zip(wanted)
        .filter(|(standing, step)| standing.text != **step)
    {
        let arguments = vec![
            ("stepId", "String!", json!(standing.id)),
            ("step", "UpdateStepInput!", text(step)),
        ];
        list.push(Mutation {
            owner,
            cost: 1,
            field: "updateTestStep",
            arguments,
            selection: "{warnings}",
        });
    }
    for standing in remote.steps.iter().skip(wanted.len()) {
        let arguments = vec![("stepId", "String!", json!(standing.id))];
        list.push(Mutation {
            owner,
            cost: 1,
            field: "removeTestStep",
            arguments,
            selection: "",
        });
    }
    for step in wanted.iter().skip(remote.steps.len()) {
        let issue = ("issueId", "String!", json!(remote.issue.id));
        let arguments = vec![issue, ("step", "CreateStepInput!", text(step))];
        list.push(Mutation {
            owner,
            cost: 2,
            field: "addTestStep",
            arguments,
            selection: "{id}",
        });
    }
    list
}
