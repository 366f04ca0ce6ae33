//! Importing a `.feature` file: scenarios become Cucumber tests.

use serde_json::{Map, Value, json};

use crate::jira::account::Actor;
use crate::jira::id::IssueId;
use crate::jira::project::Role;
use crate::jira::site::Site;

use super::super::reply::Refused;
use super::super::state::Shared;
use super::super::{create, gherkin};

struct Scenario {
    name: String,
    tags: Vec<String>,
    body: String,
}

/// Reads the scenarios of a feature; `None` when the text is no feature.
fn scenarios(text: &str) -> Option<Vec<Scenario>> {
    let mut found: Vec<Scenario> = Vec::new();
    let mut tags: Vec<String> = Vec::new();
    let mut is_feature = false;
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        let titled = |words: &[&str]| words.iter().find_map(|word| line.strip_prefix(word)).map(str::trim);
        if line.starts_with('@') {
            tags.extend(
                line.split_whitespace()
                    .map(|tag| tag.trim_start_matches('@').to_owned()),
            );
        } else if titled(&["Feature:"]).is_some() {
            is_feature = true;
            tags.clear();
        } else if let Some(name) = titled(&["Scenario Outline:", "Scenario Template:", "Scenario:", "Example:"]) {
            let tags = std::mem::take(&mut tags);
            found.push(Scenario {
                name: name.to_owned(),
                tags,
                body: String::new(),
            });
        } else if let Some(scenario) = found.last_mut().filter(|_| !line.is_empty()) {
            scenario.body.push_str(line);
            scenario.body.push('\n');
        }
    }
    is_feature.then_some(found)
}

/// Imports a feature file into a project given by key or id.
///
/// # Errors
/// 400 without a project or when the text is no feature.
pub(in super::super) fn import(
    shared: &Shared,
    actor: &Actor,
    project: Option<&String>,
    text: &[u8],
) -> Result<Value, Refused> {
    let mut site = shared.site();
    let project = project
        .and_then(|project| site.visible_project(actor, project))
        .map(|project| project.key.clone());
    let project = project.ok_or_else(|| Refused::bad("A valid projectKey or projectId is required."))?;
    let text = std::str::from_utf8(text).ok().and_then(scenarios);
    let scenarios = text.ok_or_else(|| Refused::bad("The file is not a valid feature file."))?;
    let (mut errors, mut done) = (Vec::new(), Vec::new());
    for scenario in scenarios {
        match take(&mut site, actor, &project, &scenario) {
            Ok(id) => done.extend(site.issue(id).map(|issue| {
                let link = format!("{}/rest/api/2/issue/{id}", site.base_url);
                json!({ "id": id.to_string(), "key": issue.key, "self": link })
            })),
            Err(text) => errors.push(text),
        }
    }
    Ok(json!({ "errors": errors, "updatedOrCreatedTests": done, "updatedOrCreatedPreconditions": [] }))
}

/// Updates the test a tag or the summary names, or creates it.
fn take(site: &mut Site, actor: &Actor, project: &str, scenario: &Scenario) -> Result<IssueId, String> {
    let is_test = |issue: &crate::jira::issue::Issue| site.role(issue) == Role::Test;
    let tagged = scenario.tags.iter().find_map(|tag| {
        let key = tag.strip_prefix("TEST_").unwrap_or(tag);
        site.visible_issue(actor, key)
            .filter(|issue| is_test(issue))
            .map(|issue| issue.id)
    });
    let prefix = format!("{project}-");
    let same = || {
        let mut all = site
            .issues()
            .filter(|issue| issue.key.starts_with(&prefix) && issue.summary == scenario.name);
        all.find(|issue| is_test(issue)).map(|issue| issue.id)
    };
    let id = match tagged.or_else(same) {
        Some(id) => id,
        None => {
            let mut fields = Map::new();
            fields.insert("project".to_owned(), json!({ "key": project }));
            fields.insert("summary".to_owned(), json!(scenario.name));
            create::issue(site, actor, &json!({ "fields": fields }), Role::Test)
                .map_err(|rejection| create::failure(&rejection))?
        }
    };
    let now = site.now();
    let ty = site
        .xray
        .settings
        .test_types
        .iter()
        .find(|ty| ty.kind == crate::jira::xray::Kind::Gherkin)
        .cloned();
    site.xray.define(id, now, |definition| {
        if let Some(ty) = ty {
            definition.test_type = ty;
        }
        gherkin::write(definition, scenario.body.trim_end().to_owned());
    });
    Ok(id)
}
