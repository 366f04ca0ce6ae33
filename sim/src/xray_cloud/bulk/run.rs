//! The work of a job: element by element, each on its own.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use crate::jira::account::Actor;
use crate::jira::id::IssueId;
use crate::jira::project::Role;
use crate::jira::rejection::Rejection;
use crate::jira::site::Site;
use crate::jira::xray::{Kind as Form, Owner, Relation, Step, TestType};

use super::Outcome;
use super::element::{Element, Finding, Kind};
use crate::xray_cloud::graphql::check_step_texts;
use crate::xray_cloud::state::Shared;
use crate::xray_cloud::{create, gherkin};

/// Creates what the elements describe: Test Sets first, since tests refer to them.
pub(super) fn run(shared: &Shared, actor: &Actor, elements: Vec<Value>, project: Option<&str>) -> Outcome {
    let mut site = shared.site();
    let mut results: BTreeMap<usize, Result<IssueId, Vec<Finding>>> = BTreeMap::new();
    let mut sets: HashMap<String, IssueId> = HashMap::new();
    let mut tests = Vec::new();
    for (number, element) in elements.into_iter().enumerate() {
        match Element::read(element) {
            Err(finding) => {
                results.insert(number, Err(vec![finding]));
            }
            Ok(element) if element.kind == Kind::TestSet => {
                let made = jira_issue(&mut site, actor, &element, project, Role::TestSet);
                if let (Ok(set), Some(id)) = (&made, &element.id) {
                    sets.insert(id.clone(), *set);
                }
                results.insert(number, made);
            }
            Ok(element) => tests.push((number, element)),
        }
    }
    for (number, element) in tests {
        let made = test(&mut site, actor, element, project, &sets);
        results.insert(number, made);
    }
    let mut outcome = Outcome::default();
    for (number, result) in results {
        match result {
            Ok(id) => {
                let Some(issue) = site.issue(id) else { continue };
                let link = format!("{}/rest/api/2/issue/{id}", site.base_url);
                let id = id.to_string();
                outcome
                    .issues
                    .push(json!({ "elementNumber": number, "id": id, "key": issue.key, "self": link }));
            }
            Err(findings) => {
                let errors: BTreeMap<String, String> = findings.into_iter().collect();
                outcome
                    .errors
                    .push(json!({ "elementNumber": number, "errors": errors }));
            }
        }
    }
    outcome
}

fn jira_issue(
    site: &mut Site,
    actor: &Actor,
    element: &Element,
    project: Option<&str>,
    role: Role,
) -> Result<IssueId, Vec<Finding>> {
    let mut body = Value::Object(element.jira.clone());
    if let (Some(project), Some(fields)) = (project, body.get_mut("fields").and_then(Value::as_object_mut)) {
        let member = if project.chars().all(|c| c.is_ascii_digit()) {
            "id"
        } else {
            "key"
        };
        fields.entry("project").or_insert_with(|| json!({ member: project }));
    }
    create::issue(site, actor, &body, role).map_err(findings)
}

fn findings(rejection: Rejection) -> Vec<Finding> {
    let general = rejection.messages.into_iter().map(|text| ("issue".to_owned(), text));
    general.chain(rejection.errors).collect()
}

fn test(
    site: &mut Site,
    actor: &Actor,
    element: Element,
    project: Option<&str>,
    sets: &HashMap<String, IssueId>,
) -> Result<IssueId, Vec<Finding>> {
    let problem = |field: &str, text: String| vec![(field.to_owned(), text)];
    let Some(named) = &element.test_type else {
        return Err(problem("testtype", "The test type is mandatory.".to_owned()));
    };
    let Some(test_type) = site.xray.settings.test_type(named).cloned() else {
        return Err(problem("testtype", format!("The test type {named} is not valid.")));
    };
    let steps = steps(&element).map_err(|text| problem("steps", text))?;
    let mut member_of = Vec::new();
    for set in &element.test_sets {
        let known = site
            .visible_issue(actor, set)
            .filter(|issue| site.role(issue) == Role::TestSet);
        match sets.get(set).copied().or(known.map(|issue| issue.id)) {
            Some(id) => member_of.push(id),
            None => return Err(problem("xray_test_sets", format!("Test Set {set} not found."))),
        }
    }
    let id = jira_issue(site, actor, &element, project, Role::Test)?;
    define(site, id, test_type, steps, element);
    for set in member_of {
        site.xray.add_member(Relation::SetTests, set, id);
    }
    Ok(id)
}

fn define(site: &mut Site, id: IssueId, test_type: TestType, steps: Vec<Step>, element: Element) {
    let now = site.now();
    let form = test_type.kind;
    site.xray.define(id, now, |definition| {
        definition.test_type = test_type;
        match form {
            Form::Gherkin => gherkin::write(definition, element.gherkin.unwrap_or_default()),
            Form::Unstructured => definition.unstructured = element.unstructured.unwrap_or_default(),
            Form::Steps => {}
        }
    });
    if form == Form::Steps && !steps.is_empty() {
        site.xray.set_steps(id, now, steps);
    }
    let project = site.issue(id).map(|issue| issue.project);
    if let (Some(path), Some(project)) = (element.folder, project) {
        let tree = site.xray.repository_mut(Owner::Project(project));
        // A path that is none leaves the test outside of any folder.
        let _ = tree.ensure(&path).and_then(|folder| tree.place(id, folder, None));
    }
}

fn steps(element: &Element) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    for given in &element.steps {
        let text = |name: &str| given.get(name).and_then(Value::as_str);
        check_step_texts([
            ("action", text("action")),
            ("data", text("data")),
            ("result", text("result")),
        ])?;
        let own = |name: &str| text(name).unwrap_or_default().to_owned();
        let further = given
            .iter()
            .filter(|(name, _)| !["action", "data", "result"].contains(&name.as_str()));
        steps.push(Step {
            action: own("action"),
            data: own("data"),
            result: own("result"),
            custom: further.map(|(name, value)| (name.clone(), value.clone())).collect(),
            ..Step::default()
        });
    }
    Ok(steps)
}
