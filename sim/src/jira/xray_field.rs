//! Xray Data Center's custom fields: reading and writing Xray's data through Jira's issue resource.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value, json};

use super::account::Actor;
use super::date;
use super::field::{Field, XrayField};
use super::id::{IssueId, Millis};
use super::input::Operation;
use super::issue::Issue;
use super::project::Role;
use super::site::Site;
use super::xray::{Definition, Owner, Relation, Step};

/// A checked write to Xray's data, made together with the issue.
#[derive(Clone, Debug)]
pub(super) enum XrayChange {
    TestType(String),
    Steps(Vec<Step>),
    ScenarioType(String),
    Scenario(String),
    Definition(String),
    Folder(String),
    PreconditionType(String),
    PreconditionDefinition(String),
    Environments(Vec<String>),
    Revision(String),
    Begin(Option<Millis>),
    End(Option<Millis>),
    /// Members of this issue (`inside`) or containers it is to be in.
    Membership {
        relation: Relation,
        inside: bool,
        change: ListChange,
    },
    Runs(ListChange),
}

#[derive(Clone, Debug)]
pub(super) enum ListChange {
    Set(Vec<IssueId>),
    Add(Vec<IssueId>),
    Remove(Vec<IssueId>),
}

/// `(field, relation, whether the issue is the container, role of the other side)`
const MEMBERSHIPS: [(XrayField, Relation, bool, Role); 7] = [
    (XrayField::TestsOfSet, Relation::SetTests, true, Role::Test),
    (XrayField::TestsOfPlan, Relation::PlanTests, true, Role::Test),
    (
        XrayField::TestsOfPrecondition,
        Relation::PreconditionTests,
        true,
        Role::Test,
    ),
    (XrayField::TestSets, Relation::SetTests, false, Role::TestSet),
    (XrayField::TestPlansOfTest, Relation::PlanTests, false, Role::TestPlan),
    (
        XrayField::TestPreconditions,
        Relation::PreconditionTests,
        false,
        Role::Precondition,
    ),
    (
        XrayField::PlansOfExecution,
        Relation::PlanExecutions,
        false,
        Role::TestPlan,
    ),
];

impl Site {
    pub(super) fn check_xray(
        &self,
        actor: &Actor,
        role: XrayField,
        field: &Field,
        operation: &Operation,
    ) -> Result<XrayChange, String> {
        let (Operation::Set(value) | Operation::Add(value) | Operation::Remove(value)) = operation;
        let text = || match value {
            Value::Null => Ok(String::new()),
            Value::String(text) => Ok(text.clone()),
            _ => Err("Operation value must be a string".to_owned()),
        };
        let option = || {
            field
                .pick(value)
                .map(str::to_owned)
                .ok_or_else(|| "Option value is not valid".to_owned())
        };
        let moment = || match value {
            Value::Null => Ok(None),
            Value::String(text) => date::parse(text)
                .map(Some)
                .ok_or_else(|| "Error parsing date string".to_owned()),
            _ => Err("Operation value must be a string".to_owned()),
        };
        Ok(match role {
            XrayField::TestType => XrayChange::TestType(option()?),
            XrayField::Steps => XrayChange::Steps(self.check_steps(value)?),
            XrayField::ScenarioType => XrayChange::ScenarioType(option()?),
            XrayField::Scenario => XrayChange::Scenario(text()?),
            XrayField::Definition => XrayChange::Definition(text()?),
            XrayField::RepositoryPath => XrayChange::Folder(text()?),
            XrayField::PreconditionType => XrayChange::PreconditionType(option()?),
            XrayField::PreconditionDefinition => XrayChange::PreconditionDefinition(text()?),
            XrayField::Environments => XrayChange::Environments(read_texts(value)?),
            XrayField::Revision => XrayChange::Revision(text()?),
            XrayField::BeginDate => XrayChange::Begin(moment()?),
            XrayField::EndDate => XrayChange::End(moment()?),
            XrayField::TestsOfExecution => XrayChange::Runs(self.check_members(actor, Role::Test, operation)?),
            XrayField::ExecutionStatus | XrayField::TestRunStatus => {
                return Err(format!("Field '{}' is computed and cannot be set.", field.id));
            }
            _ => {
                let row = MEMBERSHIPS.iter().find(|row| row.0 == role).ok_or("unknown field")?;
                let change = self.check_members(actor, row.3, operation)?;
                XrayChange::Membership {
                    relation: row.1,
                    inside: row.2,
                    change,
                }
            }
        })
    }

    fn check_members(&self, actor: &Actor, wanted: Role, operation: &Operation) -> Result<ListChange, String> {
        let (Operation::Set(value) | Operation::Add(value) | Operation::Remove(value)) = operation;
        let keys = match value {
            Value::String(key) => vec![key.clone()],
            other => read_texts(other)?,
        };
        let mut ids = Vec::with_capacity(keys.len());
        for key in keys {
            match self
                .visible_issue(actor, &key)
                .filter(|issue| self.role(issue) == wanted)
            {
                Some(issue) => ids.push(issue.id),
                None => {
                    return Err(format!(
                        "Issue with key {key} does not exist or is not of the expected issue type."
                    ));
                }
            }
        }
        Ok(match operation {
            Operation::Set(_) => ListChange::Set(ids),
            Operation::Add(_) => ListChange::Add(ids),
            Operation::Remove(_) => ListChange::Remove(ids),
        })
    }

    /// Reads `{"steps":[{"index":1,"fields":{…}}]}`, or Xray 3's `{"steps":[{"index":0,"step","data","result"}]}`.
    fn check_steps(&self, value: &Value) -> Result<Vec<Step>, String> {
        if value.is_null() {
            return Ok(Vec::new());
        }
        let steps = value
            .get("steps")
            .and_then(Value::as_array)
            .ok_or("The steps are not valid: 'steps' is missing.")?;
        let mut read = Vec::with_capacity(steps.len());
        for (step, position) in steps.iter().zip(0_u64..) {
            let index = step.get("index").and_then(Value::as_u64).unwrap_or(position + 1);
            let step = match step.get("fields") {
                Some(Value::Object(fields)) => self.step_of_fields(fields)?,
                _ => self.step_of_fields(
                    step.as_object()
                        .ok_or("The steps are not valid: a step is no object.")?,
                )?,
            };
            read.push((index, step));
        }
        read.sort_by_key(|(index, _)| *index);
        let first = read.first().map_or(1, |(index, _)| *index);
        if first > 1
            || read
                .iter()
                .zip(first..)
                .any(|((index, _), expected)| *index != expected)
        {
            return Err("The steps are not valid: the indexes must be contiguous, from 1.".to_owned());
        }
        Ok(read.into_iter().map(|(_, step)| step).collect())
    }

    /// Reads a step from its columns, named without regard to case.
    ///
    /// # Errors
    /// An unknown column, or a required one that is empty.
    pub fn step_of_fields(&self, fields: &Map<String, Value>) -> Result<Step, String> {
        let mut step = Step::default();
        self.set_step_fields(&mut step, fields)?;
        if step.action.trim().is_empty() && step.call_test.is_none() {
            return Err("The field 'Action' of a step is required.".to_owned());
        }
        let missing = |f: &&super::xray::CustomField| f.required && !f.disabled && !step.custom.contains_key(&f.name);
        match self.xray.settings.step_fields.iter().find(missing) {
            Some(field) => Err(format!("The field '{}' of a step is required.", field.name)),
            None => Ok(step),
        }
    }

    /// Sets columns of a step; those not mentioned stay.
    ///
    /// # Errors
    /// An unknown column.
    pub fn set_step_fields(&self, step: &mut Step, fields: &Map<String, Value>) -> Result<(), String> {
        for (name, value) in fields {
            // Xray's answers wrap a column in {"type","value":{"raw","rendered"}}; the same is accepted back.
            let value = value
                .pointer("/value/raw")
                .or_else(|| value.get("value"))
                .unwrap_or(value);
            let text = value.as_str().map_or_else(
                || {
                    if value.is_null() {
                        String::new()
                    } else {
                        value.to_string()
                    }
                },
                str::to_owned,
            );
            match name.to_lowercase().as_str() {
                "action" | "step" => step.action = text,
                "data" => step.data = text,
                "expected result" | "result" | "expectedresult" => step.result = text,
                "index" | "id" | "attachments" => {}
                lower => {
                    let known = self
                        .xray
                        .settings
                        .step_fields
                        .iter()
                        .find(|f| f.name.to_lowercase() == lower);
                    let field = known.ok_or_else(|| format!("The step field '{name}' does not exist."))?;
                    if value.is_null() || text.is_empty() || *value == json!([]) {
                        step.custom.remove(&field.name);
                    } else {
                        step.custom.insert(field.name.clone(), value.clone());
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn commit_xray(&mut self, issue: IssueId, changes: Vec<XrayChange>) {
        let now = self.now();
        for change in changes {
            match change {
                XrayChange::TestType(name) => {
                    self.xray.set_test_type(issue, now, &name);
                }
                XrayChange::Steps(steps) => self.xray.set_steps(issue, now, steps),
                XrayChange::ScenarioType(name) => self.define(issue, |d| {
                    d.scenario_type = name.to_lowercase().replace(' ', "_");
                }),
                XrayChange::Scenario(text) => self.define(issue, |d| d.gherkin = text),
                XrayChange::Definition(text) => self.define(issue, |d| d.unstructured = text),
                XrayChange::Folder(path) => self.place_at(issue, &path),
                XrayChange::PreconditionType(name) => {
                    if let Some(test_type) = self.xray.settings.test_type(&name).cloned() {
                        self.xray
                            .define_precondition(issue, now, |data| data.test_type = test_type);
                    }
                }
                XrayChange::PreconditionDefinition(text) => {
                    self.xray.define_precondition(issue, now, |data| data.definition = text);
                }
                XrayChange::Environments(names) => self.execute(issue, |data| data.environments = names),
                XrayChange::Revision(text) => self.execute(issue, |data| data.revision = text),
                XrayChange::Begin(at) => self.execute(issue, |data| data.begin = at),
                XrayChange::End(at) => self.execute(issue, |data| data.end = at),
                XrayChange::Membership {
                    relation,
                    inside,
                    change,
                } => self.relate(issue, relation, inside, change),
                XrayChange::Runs(change) => self.change_runs(issue, change),
            }
        }
    }

    fn define(&mut self, issue: IssueId, change: impl FnOnce(&mut Definition)) {
        let now = self.now();
        self.xray.define(issue, now, change);
    }

    fn execute(&mut self, issue: IssueId, change: impl FnOnce(&mut super::xray::ExecutionData)) {
        if let Some(data) = self.xray.execution_mut(issue) {
            change(data);
        }
    }

    /// Puts a test into the folder at a path of its project, which is created where missing; an unusable path leaves it
    /// where it is.
    pub fn place_at(&mut self, test: IssueId, path: &str) {
        let Some(project) = self.issue(test).map(|issue| issue.project) else {
            return;
        };
        let tree = self.xray.repository_mut(Owner::Project(project));
        if let Ok(folder) = tree.ensure(path) {
            // The folder was just found or made.
            let _ = tree.place(test, folder, None);
        }
    }

    fn relate(&mut self, issue: IssueId, relation: Relation, inside: bool, change: ListChange) {
        let existing = if inside {
            self.xray.members(relation, issue).to_vec()
        } else {
            self.xray.containers(relation, issue)
        };
        let sides = |other: IssueId| if inside { (issue, other) } else { (other, issue) };
        let (added, removed) = difference(&existing, change);
        for other in removed {
            let (container, member) = sides(other);
            self.xray.remove_member(relation, container, member);
        }
        for other in added {
            let (container, member) = sides(other);
            self.xray.add_member(relation, container, member);
        }
    }

    fn change_runs(&mut self, execution: IssueId, change: ListChange) {
        let now = self.now();
        let existing: Vec<IssueId> = self.xray.runs_of_execution(execution).map(|run| run.test).collect();
        let (added, removed) = difference(&existing, change);
        for test in removed {
            self.xray.remove_run(execution, test);
        }
        for test in added {
            self.xray.add_run(execution, test, now);
        }
    }

    /// What a Data Center custom field of Xray shows; `Null` where it does not apply.
    #[must_use]
    pub fn xray_value(&self, role: XrayField, issue: &Issue) -> Value {
        let definition = self.xray.test(issue.id).map(|test| test.definition.as_ref());
        let execution = self.xray.execution(issue.id);
        let precondition = self.xray.precondition(issue.id);
        let option = |value: &str| {
            let field = self.fields.xray(role);
            let id = field
                .and_then(|f| f.allowed().find(|(_, v)| v.eq_ignore_ascii_case(value)))
                .map(|(id, _)| id);
            let link = format!(
                "{}/rest/api/2/customFieldOption/{}",
                self.base_url,
                id.as_deref().unwrap_or("0")
            );
            json!({ "self": link, "value": value, "id": id, "disabled": false })
        };
        let value = match role {
            XrayField::TestType => definition.map(|d| option(&d.test_type.name)),
            XrayField::Steps => definition.map(|d| self.steps_value(d)),
            XrayField::ScenarioType => definition.filter(|d| !d.gherkin.is_empty()).map(|d| {
                option(if d.scenario_type == "scenario_outline" {
                    "Scenario Outline"
                } else {
                    "Scenario"
                })
            }),
            XrayField::Scenario => definition.filter(|d| !d.gherkin.is_empty()).map(|d| json!(d.gherkin)),
            XrayField::Definition => definition
                .filter(|d| !d.unstructured.is_empty())
                .map(|d| json!(d.unstructured)),
            XrayField::RepositoryPath => definition.map(|_| json!(self.folder_path(issue))),
            XrayField::PreconditionType => precondition.map(|p| option(&p.test_type.name)),
            XrayField::PreconditionDefinition => precondition.map(|p| json!(p.definition)),
            XrayField::Environments => execution.map(|e| json!(e.environments)),
            XrayField::Revision => execution.filter(|e| !e.revision.is_empty()).map(|e| json!(e.revision)),
            XrayField::BeginDate => execution.and_then(|e| e.begin).map(|at| json!(date::jira(at))),
            XrayField::EndDate => execution.and_then(|e| e.end).map(|at| json!(date::jira(at))),
            XrayField::TestsOfExecution => {
                execution.map(|_| self.keys_of(self.xray.runs_of_execution(issue.id).map(|run| run.test)))
            }
            XrayField::ExecutionStatus => execution.map(|_| self.execution_status(issue.id)),
            XrayField::TestRunStatus => definition
                .and_then(|_| self.xray.runs_of_test(issue.id).last())
                .map(|run| json!(run.status)),
            _ => self.membership_value(role, issue),
        };
        value.unwrap_or(Value::Null)
    }

    fn membership_value(&self, role: XrayField, issue: &Issue) -> Option<Value> {
        let (_, relation, inside, _) = *MEMBERSHIPS.iter().find(|row| row.0 == role)?;
        let shows = match self.role(issue) {
            Role::Test => matches!(
                role,
                XrayField::TestSets | XrayField::TestPlansOfTest | XrayField::TestPreconditions
            ),
            Role::TestSet => role == XrayField::TestsOfSet,
            Role::TestPlan => role == XrayField::TestsOfPlan,
            Role::Precondition => role == XrayField::TestsOfPrecondition,
            Role::TestExecution | Role::SubTestExecution => role == XrayField::PlansOfExecution,
            Role::Plain => false,
        };
        shows.then(|| match inside {
            true => self.keys_of(self.xray.members(relation, issue.id).iter().copied()),
            false => self.keys_of(self.xray.containers(relation, issue.id).into_iter()),
        })
    }

    fn keys_of(&self, ids: impl Iterator<Item = IssueId>) -> Value {
        ids.filter_map(|id| self.issue(id))
            .map(|issue| json!(issue.key))
            .collect()
    }

    /// The folder of a test in its project, `/` for none.
    #[must_use]
    pub fn folder_path(&self, issue: &Issue) -> String {
        let tree = self.xray.repository(Owner::Project(issue.project));
        tree.and_then(|tree| tree.path(tree.folder_of(issue.id)))
            .unwrap_or_else(|| "/".to_owned())
    }

    fn steps_value(&self, definition: &Definition) -> Value {
        let steps = definition.steps.iter().zip(1..).map(|(step, index)| {
            let mut fields = Map::new();
            fields.insert("Action".to_owned(), json!(step.action));
            fields.insert("Data".to_owned(), json!(step.data));
            fields.insert("Expected Result".to_owned(), json!(step.result));
            fields.extend(step.custom.clone());
            let file = |file: &super::issue::StoredFile| {
                let url = format!("{}/plugins/servlet/raven/attachment/{}/{}", self.base_url, file.id, file.filename);
                json!({ "id": numeric(&file.id), "fileName": file.filename, "fileSize": file.bytes.len(), "fileURL": url })
            };
            let attachments: Vec<Value> = step.attachments.iter().map(file).collect();
            json!({ "id": numeric(&step.id), "index": index, "fields": fields, "attachments": attachments })
        });
        json!({ "steps": steps.collect::<Vec<_>>() })
    }

    fn execution_status(&self, execution: IssueId) -> Value {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for run in self.xray.runs_of_execution(execution) {
            *counts.entry(run.status.as_str()).or_default() += 1;
        }
        let statuses = self.xray.settings.run_statuses.iter();
        let row = |status: &super::xray::RunStatus| json!({ "name": status.name, "color": status.color, "statusCount": counts.get(status.name.as_str()).unwrap_or(&0) });
        json!({ "count": self.xray.run_count(execution), "statuses": statuses.map(row).collect::<Vec<_>>() })
    }

    /// The values of a custom field as JQL compares them.
    #[must_use]
    pub fn field_texts(&self, field: &str, issue: &Issue) -> Vec<String> {
        let role = self.fields.get(field).and_then(|field| field.xray);
        let value = match role {
            Some(role) => self.xray_value(role, issue),
            None => issue.custom.get(field).cloned().unwrap_or(Value::Null),
        };
        let items = if let Value::Array(items) = value {
            items
        } else {
            vec![value]
        };
        let text = |item: Value| match item {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            Value::Object(map) => ["value", "name", "key"]
                .iter()
                .find_map(|name| map.get(*name)?.as_str().map(str::to_owned)),
            _ => None,
        };
        items.into_iter().filter_map(text).collect()
    }

    /// Xray Data Center's JQL functions: `None` for an unknown name, an error in Jira's words for bad arguments.
    #[must_use]
    pub fn xray_jql_function(
        &self,
        actor: &Actor,
        name: &str,
        arguments: &[String],
    ) -> Option<Result<HashSet<IssueId>, String>> {
        let first = arguments.first().map(String::as_str).unwrap_or_default();
        let issue_of = |role: fn(Role) -> bool, what: &str| {
            let found = self.visible_issue(actor, first).filter(|issue| role(self.role(issue)));
            found
                .map(|issue| issue.id)
                .ok_or_else(|| format!("{what} with key {first} was not found."))
        };
        Some(match name.to_lowercase().as_str() {
            "testexecutiontests" => issue_of(Role::is_execution, "Test Execution")
                .map(|id| self.xray.runs_of_execution(id).map(|run| run.test).collect()),
            "testplantests" => issue_of(|role| role == Role::TestPlan, "Test Plan")
                .map(|id| self.xray.members(Relation::PlanTests, id).iter().copied().collect()),
            "testplantestexecutions" => issue_of(|role| role == Role::TestPlan, "Test Plan").map(|id| {
                self.xray
                    .members(Relation::PlanExecutions, id)
                    .iter()
                    .copied()
                    .collect()
            }),
            "testsettests" => issue_of(|role| role == Role::TestSet, "Test Set")
                .map(|id| self.xray.members(Relation::SetTests, id).iter().copied().collect()),
            "testrepositoryfoldertests" => self.folder_tests(actor, arguments),
            _ => return None,
        })
    }

    fn folder_tests(&self, actor: &Actor, arguments: &[String]) -> Result<HashSet<IssueId>, String> {
        let mut arguments = arguments.iter().map(String::as_str);
        let (key, path) = (arguments.next().unwrap_or_default(), arguments.next().unwrap_or("/"));
        let with_descendants = arguments.next().is_some_and(|flag| flag.eq_ignore_ascii_case("true"));
        let project = self
            .visible_project(actor, key)
            .ok_or_else(|| format!("Project with key {key} was not found."))?;
        let tree = self.xray.repository(Owner::Project(project.id));
        let missing = || format!("Folder with path {path} was not found.");
        let (tree, folder) = tree
            .and_then(|tree| Some((tree, tree.find(path)?)))
            .ok_or_else(missing)?;
        let folders = if with_descendants {
            tree.subtree(folder)
        } else {
            vec![folder]
        };
        Ok(folders
            .iter()
            .filter_map(|&id| tree.folder(id))
            .flat_map(|folder| folder.tests.iter().copied())
            .collect())
    }
}

/// Data Center's ids are numbers in JSON.
pub(super) fn numeric(id: &str) -> Value {
    id.parse::<u64>().map_or_else(|_| json!(id), |number| json!(number))
}

fn read_texts(value: &Value) -> Result<Vec<String>, String> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => items
            .iter()
            .map(|item| {
                item.as_str()
                    .map(str::to_owned)
                    .ok_or_else(|| "data was not an array of strings".to_owned())
            })
            .collect(),
        _ => Err("data was not an array".to_owned()),
    }
}

/// What to add to and remove from `existing`.
fn difference(existing: &[IssueId], change: ListChange) -> (Vec<IssueId>, Vec<IssueId>) {
    match change {
        ListChange::Add(ids) => (ids, Vec::new()),
        ListChange::Remove(ids) => (Vec::new(), ids),
        ListChange::Set(ids) => {
            let wanted: HashSet<IssueId> = ids.iter().copied().collect();
            let removed = existing.iter().copied().filter(|id| !wanted.contains(id)).collect();
            (ids, removed)
        }
    }
}
