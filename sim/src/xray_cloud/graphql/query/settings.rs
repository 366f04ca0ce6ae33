//! Queries for settings, folders and datasets.

use serde_json::json;

use crate::jira::project::Role;
use crate::jira::xray::CustomField;

use super::super::call::{Answer, Call, Refusal, data};
use super::super::{folder, lookup, render};

/// Datasets cannot be made through the API, so no test of this site has one.
pub(super) fn dataset(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    lookup::required(call, &site, "testIssueId", &[Role::Test])?;
    Ok(None)
}

pub(super) fn datasets(_: &Call<'_>) -> Answer {
    data(json!([]))
}

pub(super) fn folder(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    let owner = folder::owner(call, &site)?;
    data(folder::tree(&site, owner, &call.required("path"))?)
}

pub(super) fn project(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    let wanted = call.required("projectIdOrKey");
    let project = site
        .visible_project(call.actor()?, &wanted)
        .ok_or_else(|| Refusal::from("projectIdOrKey provided is not valid"))?;
    let settings = &site.xray.settings;
    let types: Vec<_> = settings.test_types.iter().map(render::test_type).collect();
    let defects = project.types.iter().filter_map(|id| site.issue_type(*id));
    let defects: Vec<String> = defects
        .filter(|ty| ty.name == "Bug")
        .map(|ty| ty.id.to_string())
        .collect();
    let coverable = project
        .types
        .iter()
        .filter_map(|id| site.issue_type(*id))
        .filter(|ty| ty.role == Role::Plain);
    let coverable: Vec<String> = coverable
        .filter(|ty| ty.name != "Bug")
        .map(|ty| ty.id.to_string())
        .collect();
    let step_field = |field: &CustomField| {
        json!({ "id": field.id, "name": field.name, "type": field.kind, "required": field.required,
                "disabled": field.disabled, "values": field.values })
    };
    let builtin = ["Action", "Data", "Expected Result"].map(|name| {
        let id = name.split(' ').next_back().unwrap_or_default().to_lowercase();
        json!({ "id": id, "name": name, "type": "WikiEditor", "required": false, "disabled": false, "values": null })
    });
    let run_field = |field: &CustomField| {
        json!({ "id": field.id, "name": field.name, "type": field.kind, "required": field.required,
                "values": field.values })
    };
    data(json!({
        "projectId": project.id.to_string(),
        "testEnvironments": settings.environments,
        "defectIssueTypes": defects,
        "testTypeSettings": {
            "defaultTestTypeId": settings.test_types.first().map(|ty| ty.id.clone()),
            "testTypes": types,
        },
        "testStepSettings": {
            "fields": builtin.into_iter().chain(settings.step_fields.iter().map(step_field)).collect::<Vec<_>>(),
        },
        "testRunCustomFieldSettings": { "fields": settings.run_fields.iter().map(run_field).collect::<Vec<_>>() },
        "testCoverageSettings": {
            "coverableIssueTypeIds": coverable,
            "issueLinkTypeId": site.link_types.iter().find(|ty| ty.name.starts_with("Test")).map(|ty| ty.id.to_string()),
            "issueLinkTypeDirection": "inward",
            "epicIssuesRelation": false,
            "issueSubTasksRelation": false,
        },
    }))
}

pub(super) fn status(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    data(
        site.xray
            .settings
            .run_status(&call.required("name"))
            .map(render::run_status),
    )
}

pub(super) fn statuses(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    data(
        site.xray
            .settings
            .run_statuses
            .iter()
            .map(render::run_status)
            .collect::<Vec<_>>(),
    )
}

pub(super) fn step_status(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    let settings = &site.xray.settings;
    data(
        settings
            .step_status(&call.required("name"))
            .map(|status| render::step_status(settings, &status.name)),
    )
}

pub(super) fn step_statuses(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    let settings = &site.xray.settings;
    let all = settings
        .step_statuses
        .iter()
        .map(|status| render::step_status(settings, &status.name));
    data(all.collect::<Vec<_>>())
}

pub(super) fn link_types(call: &Call<'_>) -> Answer {
    let site = call.site()?;
    let all = site
        .link_types
        .iter()
        .map(|ty| json!({ "id": ty.id.to_string(), "name": ty.name }));
    data(all.collect::<Vec<_>>())
}
