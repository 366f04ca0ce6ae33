//! `testInfo`: finding the test it describes, creating it, or rewriting the one that exists.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::jira::field::XrayField;
use crate::jira::http::Caller;
use crate::jira::id::{IssueId, ProjectId};
use crate::jira::input::IssueInput;
use crate::jira::project::Role;
use crate::jira::site::Site;
use crate::jira::xray::Kind;

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// Tests by what `testInfo` is matched with, built once per import and project.
#[derive(Default)]
pub(super) struct Matcher {
    projects: HashMap<ProjectId, Known>,
}

#[derive(Default)]
struct Known {
    by_summary: HashMap<String, IssueId>,
    by_definition: HashMap<String, IssueId>,
}

impl Matcher {
    /// Manual and Cucumber tests are matched by summary, Generic ones by definition; the oldest wins.
    fn find(&mut self, site: &Site, project: ProjectId, info: &Value, kind: Kind) -> Option<IssueId> {
        let known = self.projects.entry(project).or_insert_with(|| scan(site, project));
        match kind {
            Kind::Unstructured => known.by_definition.get(text(info, "definition")?).copied(),
            Kind::Steps | Kind::Gherkin => known.by_summary.get(text(info, "summary")?).copied(),
        }
    }

    fn learn(&mut self, project: ProjectId, info: &Value, id: IssueId) {
        let known = self.projects.entry(project).or_default();
        if let Some(summary) = text(info, "summary") {
            known.by_summary.entry(summary.to_owned()).or_insert(id);
        }
        if let Some(definition) = text(info, "definition") {
            known.by_definition.entry(definition.to_owned()).or_insert(id);
        }
    }
}

fn scan(site: &Site, project: ProjectId) -> Known {
    let mut known = Known::default();
    for issue in site.issues().filter(|issue| issue.project == project) {
        let Some(test) = site.xray.test(issue.id) else { continue };
        match test.definition.test_type.kind {
            Kind::Unstructured => {
                known
                    .by_definition
                    .entry(test.definition.unstructured.clone())
                    .or_insert(issue.id);
            }
            Kind::Steps | Kind::Gherkin => {
                known.by_summary.entry(issue.summary.clone()).or_insert(issue.id);
            }
        }
    }
    known
}

/// The test `info` describes, created when there is none, rewritten when there is.
pub(super) fn resolve(
    site: &mut Site,
    caller: &Caller,
    matcher: &mut Matcher,
    info: &Value,
) -> Result<IssueId, String> {
    let key = text(info, "projectKey").ok_or("testInfo: projectKey is required")?;
    let project = site.visible_project(&caller.actor, key).map(|project| project.id);
    let project = project.ok_or_else(|| format!("Project with key {key} not found"))?;
    let named = type_name(info);
    let kind = site
        .xray
        .settings
        .test_type(named)
        .ok_or_else(|| format!("Test Type {named} is not valid"))?
        .kind;
    if let Some(found) = matcher.find(site, project, info, kind) {
        rewrite(site, caller, found, info)?;
        return Ok(found);
    }
    let issue_type = site
        .type_of_role(project, Role::Test)
        .map(|t| t.id)
        .ok_or("issuetype: issuetype")?;
    let mut fields = fields(site, info)?;
    fields.push(("project".to_owned(), json!({ "id": project.to_string() })));
    fields.push(("issuetype".to_owned(), json!({ "id": issue_type.to_string() })));
    let created = site
        .create_issue(&caller.actor, &IssueInput::of(fields))
        .map_err(|rejection| rejection.to_line())?;
    cover(site, caller, created, info)?;
    matcher.learn(project, info, created);
    Ok(created)
}

fn type_name(info: &Value) -> &str {
    text(info, "testType").or(text(info, "type")).unwrap_or("Generic")
}

/// Sets everything `testInfo` mentions on an existing test, whatever people made of it meanwhile.
pub(super) fn rewrite(site: &mut Site, caller: &Caller, test: IssueId, info: &Value) -> Result<(), String> {
    let fields = fields(site, info)?;
    site.edit_issue(&caller.actor, test, &IssueInput::of(fields))
        .map_err(|rejection| rejection.to_line())?;
    cover(site, caller, test, info)
}

fn fields(site: &Site, info: &Value) -> Result<Vec<(String, Value)>, String> {
    let mut fields = Vec::new();
    let mut put = |id: Option<String>, value: Value| fields.extend(id.map(|id| (id, value)));
    let xray = |role: XrayField| site.fields.xray(role).map(|field| field.id.clone());
    for name in ["summary", "description"] {
        if let Some(value) = text(info, name) {
            put(Some(name.to_owned()), json!(value));
        }
    }
    if let Some(labels) = info.get("labels").filter(|labels| labels.is_array()) {
        put(Some("labels".to_owned()), labels.clone());
    }
    let test_type = site
        .xray
        .settings
        .test_type(type_name(info))
        .ok_or("testInfo: testType is not valid")?;
    put(xray(XrayField::TestType), json!({ "value": test_type.name }));
    if let Some(steps) = info.get("steps").and_then(Value::as_array) {
        let step = |(step, index): (&Value, usize)| {
            let column = |name: &str| text(step, name).unwrap_or_default();
            let columns = json!({
                "Action": column("action"), "Data": column("data"), "Expected Result": column("result"),
            });
            json!({ "index": index, "fields": columns })
        };
        let steps: Vec<Value> = steps.iter().zip(1..).map(step).collect();
        put(xray(XrayField::Steps), json!({ "steps": steps }));
    }
    if let Some(scenario) = text(info, "scenario") {
        put(xray(XrayField::Scenario), json!(scenario));
        let kind = text(info, "scenarioType").unwrap_or("Scenario");
        put(xray(XrayField::ScenarioType), json!({ "value": kind }));
    }
    if let Some(definition) = text(info, "definition") {
        put(xray(XrayField::Definition), json!(definition));
    }
    Ok(fields)
}

/// Links the requirements that are not linked yet.
fn cover(site: &mut Site, caller: &Caller, test: IssueId, info: &Value) -> Result<(), String> {
    let Some(link_type) = site.link_type("Tests").map(|t| t.id) else {
        return Ok(());
    };
    for key in info
        .get("requirementKeys")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        let requirement = site.visible_issue(&caller.actor, key).map(|issue| issue.id);
        let requirement = requirement.ok_or_else(|| format!("Requirement with key {key} not found"))?;
        let links = site.issue(test).map(|issue| issue.links.clone()).unwrap_or_default();
        let same = |id: &crate::jira::id::LinkId| {
            site.link(*id)
                .is_some_and(|link| link.link_type == link_type && link.outward == requirement)
        };
        if !links.iter().any(same) {
            site.add_link(&caller.actor, link_type, test, requirement);
        }
    }
    Ok(())
}
