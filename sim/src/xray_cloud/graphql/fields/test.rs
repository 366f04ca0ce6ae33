//! Fields of tests, their versions, and preconditions.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::jira::site::Site;
use crate::jira::xray::{Definition, Kind, PreconditionData, TestVersion};

use super::super::call::{Answer, Call, Entity, data, record};
use super::super::render;

fn with_definition(call: &Call<'_>, show: impl FnOnce(&Site, &Definition) -> Value) -> Answer {
    let site = call.site()?;
    let definition = site.xray.definition(call.issue()?, call.version()?).map(Arc::clone);
    data(definition.map_or(Value::Null, |definition| show(&site, &definition)))
}

pub(super) fn test_type(call: &Call<'_>) -> Answer {
    with_definition(call, |_, definition| render::test_type(&definition.test_type))
}

/// Steps in order; a test of another kind shows none.
pub(super) fn steps(call: &Call<'_>) -> Answer {
    let base = call.base()?;
    with_definition(call, |site, definition| {
        let shown = definition
            .steps
            .iter()
            .filter(|_| definition.test_type.kind == Kind::Steps);
        shown
            .map(|step| render::step(&site.xray.settings, base, step))
            .collect()
    })
}

/// Steps with those of called tests in place of the calls.
pub(super) fn expanded_steps(call: &Call<'_>) -> Answer {
    let base = call.base()?;
    let site = call.site()?;
    let steps = site.xray.unfolded(call.issue()?).into_iter().map(|unfolded| {
        let mut shown = render::step(&site.xray.settings, base, unfolded.step);
        if let Some(members) = shown.as_object_mut() {
            let called = unfolded.parent.map(|_| unfolded.test.to_string());
            let parent = unfolded.parent.map(|parent| parent.to_string());
            members.insert("calledTestIssueId".to_owned(), json!(called));
            members.insert("parentTestIssueId".to_owned(), json!(parent));
        }
        shown
    });
    data(steps.collect::<Vec<_>>())
}

pub(super) fn unstructured(call: &Call<'_>) -> Answer {
    with_definition(call, |_, definition| match definition.test_type.kind {
        Kind::Unstructured => json!(definition.unstructured),
        _ => Value::Null,
    })
}

pub(super) fn gherkin(call: &Call<'_>) -> Answer {
    with_definition(call, |_, definition| match definition.test_type.kind {
        Kind::Gherkin => json!(definition.gherkin),
        _ => Value::Null,
    })
}

pub(super) fn scenario_type(call: &Call<'_>) -> Answer {
    with_definition(call, |_, definition| match definition.test_type.kind {
        Kind::Gherkin => json!(definition.scenario_type),
        _ => Value::Null,
    })
}

/// Datasets cannot be made through the API.
pub(super) fn dataset(_: &Call<'_>) -> Answer {
    Ok(None)
}

/// Archived ones are left out where `archived` is false.
pub(super) fn versions(call: &Call<'_>) -> Answer {
    let with_archived = call.get::<bool>("archived").unwrap_or(true);
    let versions: Vec<Entity> = {
        let site = call.site()?;
        let test = call.issue()?;
        let versions = site.xray.test(test).into_iter().flat_map(|data| data.versions());
        let shown = versions.filter(|(version, _)| with_archived || !version.archived);
        shown.map(|(version, _)| Entity::Version(test, version.id)).collect()
    };
    record(call.page(versions.into_iter())?)
}

fn with_version(call: &Call<'_>, show: impl FnOnce(&TestVersion) -> Value) -> Answer {
    let site = call.site()?;
    let id = call.version()?.map(|id| id.to_string());
    data(
        site.xray
            .version(call.issue()?, id.as_deref())
            .map_or(Value::Null, show),
    )
}

pub(super) fn version_id(call: &Call<'_>) -> Answer {
    with_version(call, |version| json!(version.id))
}

pub(super) fn version_name(call: &Call<'_>) -> Answer {
    with_version(call, |version| json!(version.name))
}

pub(super) fn version_default(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    let default = site.xray.test(call.issue()?).map(|data| data.version.id);
    data(call.version()?.is_none_or(|id| Some(id) == default))
}

pub(super) fn version_archived(call: &Call<'_>) -> Answer {
    with_version(call, |version| json!(version.archived))
}

pub(super) fn no_warnings(_: &Call<'_>) -> Answer {
    data(json!([]))
}

fn with_precondition(call: &Call<'_>, show: impl FnOnce(&PreconditionData) -> Value) -> Answer {
    let site = call.site()?;
    data(site.xray.precondition(call.issue()?).map_or(Value::Null, show))
}

pub(super) fn precondition_type(call: &Call<'_>) -> Answer {
    with_precondition(call, |precondition| render::test_type(&precondition.test_type))
}

pub(super) fn precondition_definition(call: &Call<'_>) -> Answer {
    with_precondition(call, |precondition| json!(precondition.definition))
}
