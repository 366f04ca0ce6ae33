//! The execution an import goes to: which one, or what to create.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::jira::account::{Actor, Permission};
use crate::jira::date;
use crate::jira::id::{IssueId, Millis};
use crate::jira::input::IssueInput;
use crate::jira::project::Role;
use crate::jira::site::Site;
use crate::jira::xray::Relation;

use super::super::reply::Refused;
use super::super::{create, environment};
use super::format::Report;

/// Where results go.
#[derive(Clone, Debug, Default)]
pub(super) struct Target {
    /// Key of an existing execution.
    pub execution: Option<String>,
    /// Project of a new one.
    pub project: Option<String>,
    /// Jira fields to create with or to overwrite.
    pub fields: Map<String, Value>,
    /// Jira's `update` block.
    pub update: Option<Value>,
    /// Whether fields were sent: then a summary must be among them.
    pub has_info: bool,
    pub plan: Option<String>,
    pub environments: Vec<String>,
    pub revision: Option<String>,
    pub begin: Option<Millis>,
    pub end: Option<Millis>,
}

/// How the product introduces most refusals of an import.
pub(super) fn refused(text: impl AsRef<str>) -> Refused {
    Refused::bad(format!("Error importing results: {}", text.as_ref()))
}

/// The issue with a key and a role.
///
/// # Errors
/// In the product's words.
pub(super) fn issue_of(site: &Site, actor: &Actor, key: &str, role: Role, what: &str) -> Result<IssueId, Refused> {
    let found = site.visible_issue(actor, key).filter(|issue| {
        let own = site.role(issue);
        own == role || (role == Role::TestExecution && own.is_execution())
    });
    let found = found.map(|issue| issue.id);
    found.ok_or_else(|| {
        refused(format!(
            "issue with key {key} does not exist or is not of issue type {what}!"
        ))
    })
}

impl Target {
    /// From the root of an Xray JSON file.
    pub fn from_report(report: &Report) -> Self {
        let mut target = Self {
            execution: report.test_execution_key.clone(),
            ..Self::default()
        };
        let Some(info) = report.info.clone() else { return target };
        target.has_info = true;
        target.project = info.project;
        target.plan = info.test_plan_key;
        target.environments = info.test_environments.unwrap_or_default();
        target.revision = info.revision;
        target.begin = info.start_date.as_deref().and_then(date::parse);
        target.end = info.finish_date.as_deref().and_then(date::parse);
        let texts = [("summary", info.summary), ("description", info.description)];
        target.fields = texts
            .into_iter()
            .filter_map(|(name, text)| Some((name.to_owned(), json!(text?))))
            .collect();
        if let Some(version) = info.version {
            target
                .fields
                .insert("fixVersions".to_owned(), json!([{ "name": version }]));
        }
        if let Some(user) = info.user {
            target
                .fields
                .insert("assignee".to_owned(), json!({ "accountId": user }));
        }
        target
    }

    /// From the part `info` of a multipart import.
    ///
    /// # Errors
    /// Members of `xrayFields` that do not exist.
    pub fn from_info_part(info: &Value, execution: Option<String>) -> Result<Self, Refused> {
        let empty = Map::new();
        let xray = info.get("xrayFields").and_then(Value::as_object).unwrap_or(&empty);
        let known = ["testPlanKey", "environments"];
        let wrong: Vec<&str> = xray
            .keys()
            .map(String::as_str)
            .filter(|name| !known.contains(name))
            .collect();
        if !wrong.is_empty() {
            let text = format!(
                "xrayFields in info file contains the following invalid fields: {}!",
                wrong.join(", ")
            );
            return Err(refused(text));
        }
        let names = xray.get("environments").and_then(Value::as_array).into_iter().flatten();
        let fields = info
            .get("fields")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        let project = fields
            .get("project")
            .and_then(|project| project.get("key").or_else(|| project.get("id")));
        Ok(Self {
            execution,
            project: project.and_then(Value::as_str).map(str::to_owned),
            has_info: !fields.is_empty(),
            fields,
            update: info.get("update").cloned(),
            plan: xray.get("testPlanKey").and_then(Value::as_str).map(str::to_owned),
            environments: names.filter_map(|name| name.as_str().map(str::to_owned)).collect(),
            ..Self::default()
        })
    }

    /// From the query parameters of the XML formats.
    pub fn from_query(query: &HashMap<String, String>) -> Self {
        let get = |name: &str| query.get(name).filter(|value| !value.is_empty()).cloned();
        let environments = get("testEnvironments").unwrap_or_default();
        let mut target = Self {
            execution: get("testExecKey"),
            project: get("projectKey"),
            plan: get("testPlanKey"),
            environments: environments
                .split(';')
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect(),
            revision: get("revision"),
            ..Self::default()
        };
        if let Some(version) = get("fixVersion") {
            target
                .fields
                .insert("fixVersions".to_owned(), json!([{ "name": version }]));
        }
        target
    }

    /// The execution with this target's fields, plan and environments: found and overwritten, or created in the
    /// target's project, else in `fallback`.
    ///
    /// # Errors
    /// 400; nothing was written then.
    pub fn execution(&self, site: &mut Site, actor: &Actor, fallback: Option<String>) -> Result<IssueId, Refused> {
        let plan = self
            .plan
            .as_deref()
            .map(|key| issue_of(site, actor, key, Role::TestPlan, "Test Plan"))
            .transpose()?;
        let environments = environment::check(site, &self.environments);
        if let Some(warning) = environments.warnings.first() {
            return Err(refused(warning));
        }
        let id = match &self.execution {
            Some(key) => self.overwrite(site, actor, key)?,
            None => self.create(site, actor, fallback)?,
        };
        environment::associate(site, id, &environments);
        if let Some(data) = site.xray.execution_mut(id) {
            if let Some(revision) = &self.revision {
                data.revision.clone_from(revision);
            }
            data.begin = self.begin.or(data.begin);
            data.end = self.end.or(data.end);
        }
        if let Some(plan) = plan {
            site.xray.add_member(Relation::PlanExecutions, plan, id);
        }
        Ok(id)
    }

    fn overwrite(&self, site: &mut Site, actor: &Actor, key: &str) -> Result<IssueId, Refused> {
        let id = issue_of(site, actor, key, Role::TestExecution, "Test Execution")?;
        let allowed = site
            .issue(id)
            .is_some_and(|issue| site.may(actor, issue, Permission::Edit));
        if !allowed {
            return Err(refused("You do not have permission to edit issues in this project."));
        }
        let fields = self
            .fields
            .iter()
            .filter(|(name, _)| !["project", "issuetype"].contains(&name.as_str()));
        let fields: Map<String, Value> = fields.map(|(name, value)| (name.clone(), value.clone())).collect();
        if !fields.is_empty() {
            let mut body = json!({ "fields": fields });
            if let (Some(update), Some(members)) = (&self.update, body.as_object_mut()) {
                members.insert("update".to_owned(), update.clone());
            }
            let edit = IssueInput::from_json(&body).and_then(|mut input| {
                input.plain_text = true;
                site.edit_issue(actor, id, &input)
            });
            edit.map_err(|rejection| refused(format!("Issue update failed! - {}", rejection.to_line())))?;
        }
        Ok(id)
    }

    fn create(&self, site: &mut Site, actor: &Actor, fallback: Option<String>) -> Result<IssueId, Refused> {
        let project = self.project.clone().or(fallback);
        let project = project.ok_or_else(|| Refused::bad("Error assembling issue data: project is required"))?;
        let mut fields = self.fields.clone();
        if !self.has_info {
            let now = date::readable(site.now());
            fields.insert("summary".to_owned(), json!(format!("Execution results [{now}]")));
        }
        fields.entry("project").or_insert_with(|| json!({ "key": project }));
        let mut body = json!({ "fields": fields });
        if let (Some(update), Some(members)) = (&self.update, body.as_object_mut()) {
            members.insert("update".to_owned(), update.clone());
        }
        create::issue(site, actor, &body, Role::TestExecution).map_err(|rejection| {
            Refused::bad(format!(
                "Error creating Test Execution - {}",
                create::failure(&rejection)
            ))
        })
    }
}
