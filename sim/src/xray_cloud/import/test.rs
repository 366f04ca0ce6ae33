//! The tests a report speaks of: found by key or by what they are, created where they are missing.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::answers::UnknownTestKey;
use crate::jira::account::{Actor, Permission};
use crate::jira::id::{IssueId, ProjectId};
use crate::jira::input::IssueInput;
use crate::jira::project::Role;
use crate::jira::site::Site;
use crate::jira::xray::{Kind, Step, TestType};

use super::super::graphql::check_step_texts;
use super::super::reply::Refused;
use super::super::{create, gherkin};
use super::format::{Entry, TestInfo};
use super::target::{issue_of, refused};

/// What is known of an entry's test before anything is written.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// It exists.
    Existing(IssueId),
    /// It is to be created from the entry's `testInfo`, which names this project and type.
    New(TestType),
    /// It does not count.
    Skipped,
}

/// Tests by what reports without keys know of them: project, kind, and summary or (generic tests) definition.
#[derive(Debug, Default)]
pub(super) struct Catalogue(Option<HashMap<(ProjectId, &'static str, String), IssueId>>);

impl Catalogue {
    fn of(site: &Site) -> HashMap<(ProjectId, &'static str, String), IssueId> {
        let mut tests = HashMap::new();
        for issue in site.issues() {
            let Some(definition) = site.xray.test(issue.id).map(|test| &test.definition) else {
                continue;
            };
            let kind = definition.test_type.kind;
            let text = if kind == Kind::Unstructured {
                &definition.unstructured
            } else {
                &issue.summary
            };
            tests
                .entry((issue.project, kind.name(), text.clone()))
                .or_insert(issue.id);
        }
        tests
    }

    /// Finds an entry's test: by key, else in the project of its `testInfo` by summary, a generic one by definition.
    ///
    /// # Errors
    /// An unknown key, unless such entries are skipped; a definition that cannot be taken.
    pub fn find(
        &mut self,
        site: &Site,
        actor: &Actor,
        entry: &Entry,
        unknown: UnknownTestKey,
    ) -> Result<Found, Refused> {
        if let Some(info) = &entry.test_info {
            check(site, actor, info)?;
        }
        if let Some(key) = &entry.test_key {
            return match issue_of(site, actor, key, Role::Test, "Test") {
                Ok(id) => Ok(Found::Existing(id)),
                Err(_) if unknown == UnknownTestKey::Skip => Ok(Found::Skipped),
                Err(refused) => Err(refused),
            };
        }
        let Some(info) = &entry.test_info else {
            return Ok(Found::Skipped);
        };
        let ty = type_of(site, info)?;
        let Some(project) = site.visible_project(actor, &info.project_key) else {
            return Ok(Found::Skipped);
        };
        let text = if ty.kind == Kind::Unstructured {
            info.definition.as_ref()
        } else {
            Some(&info.summary)
        };
        let known = self.0.get_or_insert_with(|| Self::of(site));
        let found = known.get(&(project.id, ty.kind.name(), text.cloned().unwrap_or_default()));
        Ok(found.map_or(Found::New(ty), |id| Found::Existing(*id)))
    }
}

fn type_of(site: &Site, info: &TestInfo) -> Result<TestType, Refused> {
    let found = site.xray.settings.test_type(&info.test_type).cloned();
    found.ok_or_else(|| refused(format!("test type {} is not valid!", info.test_type)))
}

fn check(site: &Site, actor: &Actor, info: &TestInfo) -> Result<(), Refused> {
    type_of(site, info)?;
    let project = site.visible_project(actor, &info.project_key);
    let project = project.ok_or_else(|| refused(format!("project with key {} does not exist!", info.project_key)))?;
    if !site.accounts.allows(actor, project.id, Permission::Create) {
        return Err(refused("You do not have permission to create issues in this project."));
    }
    for step in info.steps.iter().flatten() {
        check_step_texts([
            ("action", Some(&step.action)),
            ("data", Some(&step.data)),
            ("result", Some(&step.result)),
        ])
        .map_err(refused)?;
    }
    Ok(())
}

/// Creates the test of a `testInfo`.
///
/// # Errors
/// What Jira said.
pub(super) fn create(site: &mut Site, actor: &Actor, info: &TestInfo, ty: TestType) -> Result<IssueId, Refused> {
    let mut fields = Map::new();
    fields.insert("project".to_owned(), json!({ "key": info.project_key }));
    fields.insert("summary".to_owned(), json!(info.summary));
    if !info.labels.is_empty() {
        fields.insert("labels".to_owned(), json!(info.labels));
    }
    let id = create::issue(site, actor, &json!({ "fields": fields }), Role::Test)
        .map_err(|rejection| Refused::bad(format!("Error creating Test - {}", create::failure(&rejection))))?;
    define(site, id, info, ty);
    cover(site, actor, id, info);
    Ok(id)
}

/// Overwrites summary and definition of an existing test.
///
/// # Errors
/// What Jira said.
pub(super) fn overwrite(site: &mut Site, actor: &Actor, id: IssueId, info: &TestInfo) -> Result<(), Refused> {
    let ty = type_of(site, info)?;
    let mut fields = vec![("summary".to_owned(), json!(info.summary))];
    if !info.labels.is_empty() {
        fields.push(("labels".to_owned(), json!(info.labels)));
    }
    site.edit_issue(actor, id, &IssueInput::of(fields))
        .map_err(|rejection| refused(rejection.to_line()))?;
    define(site, id, info, ty);
    cover(site, actor, id, info);
    Ok(())
}

fn define(site: &mut Site, id: IssueId, info: &TestInfo, ty: TestType) {
    let now = site.now();
    let steps: Option<Vec<Step>> = info.steps.as_ref().map(|steps| {
        let step = |step: &super::format::StepInfo| Step {
            action: step.action.clone(),
            data: step.data.clone(),
            result: step.result.clone(),
            custom: step.custom.clone(),
            ..Step::default()
        };
        steps.iter().map(step).collect()
    });
    site.xray.define(id, now, |definition| {
        definition.test_type = ty;
        if let Some(scenario) = &info.scenario {
            gherkin::write(definition, scenario.clone());
        }
        if let Some(unstructured) = &info.definition {
            definition.unstructured.clone_from(unstructured);
        }
    });
    if let Some(steps) = steps {
        site.xray.set_steps(id, now, steps);
    }
}

/// Links the test to its requirements; unknown keys are left out.
fn cover(site: &mut Site, actor: &Actor, test: IssueId, info: &TestInfo) {
    let Some(kind) = site
        .link_types
        .iter()
        .find(|ty| ty.name.starts_with("Test"))
        .map(|ty| ty.id)
    else {
        return;
    };
    for key in &info.requirement_keys {
        let Some(requirement) = site.visible_issue(actor, key).map(|issue| issue.id) else {
            continue;
        };
        let links = site.issue(test).map(|issue| issue.links.clone()).unwrap_or_default();
        let linked = links
            .iter()
            .filter_map(|id| site.link(*id))
            .any(|link| link.outward == requirement);
        if !linked {
            site.add_link(actor, kind, test, requirement);
        }
    }
}

/// Project key of a test.
pub(super) fn project_of(site: &Site, test: IssueId) -> Option<String> {
    Some(site.project(site.issue(test)?.project)?.key.clone())
}

/// A definition as an entry that creates a generic or Cucumber test on the way.
pub(super) fn info(project: &str, ty: &str, summary: &str, member: (&str, &str)) -> Value {
    let (name, text) = member;
    json!({ "projectKey": project, "type": ty, "summary": summary, name: text })
}
