//! Xray Data Center's custom fields: reading and writing Xray's data through Jira's issue resource.

mod function;
mod read;
mod write;

use serde_json::{Map, Value, json};

use super::account::Actor;
use super::date;
use super::field::{Field, XrayField};
use super::id::{IssueId, Millis};
use super::input::Operation;
use super::project::Role;
use super::site::Site;
use super::xray::{Relation, Step};

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
