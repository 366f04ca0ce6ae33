//! What Data Center's custom fields show of Xray's data.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{MEMBERSHIPS, numeric};
use crate::jira::date;
use crate::jira::field::XrayField;
use crate::jira::id::IssueId;
use crate::jira::issue::{Issue, StoredFile};
use crate::jira::project::Role;
use crate::jira::site::Site;
use crate::jira::xray::{Definition, Owner, RunStatus};

impl Site {
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
            let file = |file: &StoredFile| {
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
        let row = |status: &RunStatus| json!({ "name": status.name, "color": status.color, "statusCount": counts.get(status.name.as_str()).unwrap_or(&0) });
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
}
