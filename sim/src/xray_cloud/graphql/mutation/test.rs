//! Mutations of a test's type and definition.

use serde_json::{Value, json};

use crate::jira::project::Role;
use crate::jira::xray::{Kind, Owner, Relation};

use super::super::super::{create, gherkin};
use super::super::call::{Answer, Call, Entity, Member, Record, Refusal, entity, record};
use super::super::{folder, lookup};
use super::step::{self, StepInput};

pub(super) fn create(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let actor = call.actor()?;
    let jira: Value = call.get("jira").unwrap_or_default();
    let test_type = lookup::test_type(call, &site, "testType")?;
    let inputs: Vec<StepInput> = call
        .get::<Vec<Option<StepInput>>>("steps")
        .unwrap_or_default()
        .into_iter()
        .flatten()
        .collect();
    inputs.iter().try_for_each(StepInput::check)?;
    let path = call.text("folderPath").filter(|path| path != "/");
    let place = match (&path, create::project_of(&site, actor, &jira)) {
        (Some(path), Some(project)) => Some((project, folder::at(&site, Owner::Project(project), path)?)),
        _ => None,
    };
    let preconditions = call.list("preconditionIssueIds").unwrap_or_default();
    let (preconditions, warning) = lookup::sift(&site, actor, &preconditions, &[Role::Precondition], "Preconditions");
    let mut warnings: Vec<String> = warning.into_iter().collect();
    let test = create::issue(&mut site, actor, &jira, Role::Test)
        .map_err(|rejection| Refusal(format!("Error creating Test - {}", create::failure(&rejection))))?;
    let now = site.now();
    let kind = match test_type.as_ref().or(site.xray.settings.test_types.first()) {
        Some(ty) => ty.kind,
        None => Kind::Steps,
    };
    if let Some(test_type) = test_type {
        site.xray
            .define(test, now, |definition| definition.test_type = test_type);
    }
    let (unstructured, gherkin) = (call.text("unstructured"), call.text("gherkin"));
    for (given, of) in [
        (!inputs.is_empty(), Kind::Steps),
        (unstructured.is_some(), Kind::Unstructured),
        (gherkin.is_some(), Kind::Gherkin),
    ] {
        if given && of != kind {
            warnings.push(format!(
                "The {} definition was ignored: it does not fit the test type.",
                of.name()
            ));
        }
    }
    match kind {
        Kind::Steps => {
            let steps = inputs
                .into_iter()
                .map(|input| step::build(call, &mut site, input, &mut warnings))
                .collect::<Result<Vec<_>, _>>()?;
            let calls: Vec<_> = steps.iter().filter_map(|step| step.call_test).collect();
            site.xray.may_call(None, &calls)?;
            site.xray.set_steps(test, now, steps);
        }
        Kind::Unstructured => {
            site.xray.define(test, now, |definition| {
                definition.unstructured = unstructured.unwrap_or_default()
            });
        }
        Kind::Gherkin => {
            site.xray.define(test, now, |definition| {
                gherkin::write(definition, gherkin.unwrap_or_default())
            });
        }
    }
    if let Some((project, folder)) = place {
        // The folder was looked up under the same lock.
        let _ = site
            .xray
            .repository_mut(Owner::Project(project))
            .place(test, folder, None);
    }
    for precondition in preconditions {
        site.xray.add_member(Relation::PreconditionTests, precondition, test);
    }
    record(
        Record::default()
            .with("test", Member::One(Entity::Issue(test)))
            .data("warnings", json!(warnings)),
    )
}

pub(super) fn update_type(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let test = lookup::required(call, &site, "issueId", &[Role::Test])?;
    let version = lookup::version(call, &site, test)?;
    let test_type = lookup::test_type(call, &site, "testType")?.ok_or("testType must have an id or a name")?;
    let now = site.now();
    site.xray
        .define_version(test, version, now, |definition| definition.test_type = test_type);
    entity(Entity::Issue(test))
}

/// Replaces a definition of one kind; the test must be of that kind already.
fn redefine(call: &Call<'_>, kind: Kind, argument: &str) -> Answer {
    let mut site = call.site()?;
    let test = lookup::required(call, &site, "issueId", &[Role::Test])?;
    let version = lookup::version(call, &site, test)?;
    let text = call.required(argument);
    let current = site.xray.definition(test, version).map(|of| of.test_type.kind);
    if current != Some(kind) {
        return Err(Refusal(format!("The test is not of kind {}", kind.name())));
    }
    let now = site.now();
    site.xray.define_version(test, version, now, |definition| match kind {
        Kind::Gherkin => gherkin::write(definition, text),
        _ => definition.unstructured = text,
    });
    entity(Entity::Issue(test))
}

pub(super) fn update_unstructured(call: &Call<'_>) -> Answer {
    redefine(call, Kind::Unstructured, "unstructured")
}

pub(super) fn update_gherkin(call: &Call<'_>) -> Answer {
    redefine(call, Kind::Gherkin, "gherkin")
}
