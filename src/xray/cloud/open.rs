//! The preflight on Cloud: both credential pairs, the project, permissions, issue types, statuses.

use super::super::{checks, launches};
use super::Cloud;
use crate::error::{Error, Kind, Result, Side};
use crate::jira::{self, Project, meta};
use crate::mapping::{Dialect, Statuses};
use crate::target::{Check, Destination};
use crate::web::Idempotency;
use serde_json::{Map, Value, json};

/// Fields that we fill in when a Test or a Test Execution is created.
const FILLED: [&str; 6] = ["summary", "description", "labels", "project", "issuetype", "reporter"];

const SETTINGS: &str = "query($project:String){\
settings:getProjectSettings(projectIdOrKey:$project){projectId testTypeSettings{defaultTestTypeId testTypes{id name kind}}} \
statuses:getStatuses{name final} steps:getStepStatuses{name}}";

impl Cloud<'_> {
    pub(super) async fn preflight(&self) -> Result<Destination> {
        checks::preflight(self.jira, self.list_checks()).await?;
        Ok(self.destination())
    }

    pub(super) fn list_checks(&self) -> Vec<Check<'_>> {
        let mut list = vec![
            checks::reachable("Jira Cloud", self.check_site()),
            checks::credential(self.jira),
        ];
        if self.setup.project.is_empty() {
            list.push(checks::client(self.check_client()));
            return list;
        }
        list.extend([
            checks::project(self.find_project()),
            checks::client(self.check_client()),
            checks::permissions(self.jira, || self.project()),
            checks::screens(self.check_screens()),
            checks::set_up(checks::SET_UP_ON_CLOUD, self.check_xray()),
        ]);
        list
    }

    async fn find_project(&self) -> Result<Project> {
        let project = self.jira.project(&self.setup.project).await?;
        self.schema.borrow_mut().project = Some(project.clone());
        Ok(project)
    }

    fn project(&self) -> Result<Project> {
        checks::found(&self.schema.borrow().project)
    }

    /// The address is a Jira Cloud.
    async fn check_site(&self) -> Result<String> {
        let info = self.jira.server_info().await?;
        if info.deployment_type.eq_ignore_ascii_case("cloud") {
            self.schema.borrow_mut().base = info.base_url;
            return Ok(info.version);
        }
        Err(Error::new(
            Kind::Configuration,
            Side::Jira,
            format!("this is a Jira Data Center ({}), not a Jira Cloud", info.version),
        )
        .hint("use the integration type xray-dc for it"))
    }

    /// Issue types are there and require nothing that we do not fill in.
    async fn check_screens(&self) -> Result<()> {
        let project = &self.project()?;
        let types = self.jira.issue_types(&project.key).await?;
        let mut needed = vec![("Test", "/test.png"), ("Test Execution", "/test-execution.png")];
        if self.setup.options.scenario.preconditions {
            needed.push(("Precondition", "/precondition.png"));
        }
        for (name, icon) in needed {
            let found =
                meta::pick(&types, &[name], icon).ok_or_else(|| super::super::no_issue_type(name, &project.key))?;
            let screen = self.jira.screen(&project.key, &found.id).await?;
            let mut filled = FILLED.to_vec();
            let options = &self.setup.options;
            let (mut plan, mut fixed) = (Vec::new(), Map::new());
            if name == "Test" {
                plan = jira::plan(&screen, &options.fields, &[], Dialect::Adf)?;
            } else if name == "Test Execution" {
                fixed = launches::fixed_fields(self.jira, &screen, &options.launches, Dialect::Adf).await?;
            }
            filled.extend(plan.iter().map(|field| field.id.as_str()));
            filled.extend(fixed.keys().map(String::as_str));
            let open = meta::unfilled(&screen, &filled);
            if !open.is_empty() {
                return Err(super::super::unfilled_fields(name, &project.key, &open));
            }
            if name == "Test" {
                let mut schema = self.schema.borrow_mut();
                schema.links = screen.iter().any(|field| field.field_id == "issuelinks");
                schema.destination.plan = plan.into();
            } else if name == "Test Execution" {
                launches::check_version(&screen, &options.launches)?;
                self.schema.borrow_mut().execution_fields = fixed;
            }
        }
        let options = &self.setup.options.launches;
        launches::check_users(self.jira, &options.users).await?;
        let plan = launches::check_named(self.jira, options).await?;
        self.schema.borrow_mut().plan = plan;
        Ok(())
    }

    /// The client credential is accepted and its data is where the endpoint points.
    async fn check_client(&self) -> Result<()> {
        let answer = self
            .graphql("query{statuses:getStatuses{name}}", json!({}), Idempotency::Safe)
            .await?;
        answer
            .alias("statuses")
            .map(drop)
            .map_err(|words| super::graphql::refused("getStatuses", &words))
    }

    /// The client credential works where the data is, Xray is set up for the project, and it knows our statuses.
    async fn check_xray(&self) -> Result<()> {
        let project = &self.project()?;
        let answer = self
            .graphql(SETTINGS, json!({"project": project.key}), Idempotency::Safe)
            .await?;
        let settings = answer
            .alias("settings")
            .map_err(|words| not_set_up(&project.key, &words))?;
        let types = settings
            .pointer("/testTypeSettings/testTypes")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let of_kind = |kind: &str, default: &str| test_type(&types, kind, default);
        let (Some(manual), Some(generic)) = (of_kind("Steps", "Manual"), of_kind("Unstructured", "Generic")) else {
            return Err(Error::new(
                Kind::Product,
                Side::Xray,
                format!("project {} lacks a test type for steps or for definitions", project.key),
            )
            .hint("enable the Manual and Generic test types in the project's Xray settings"));
        };
        let statuses = answer
            .alias("statuses")
            .map_err(|words| super::graphql::refused("getStatuses", &words))?;
        let statuses = Statuses::of_runs(&names(statuses), &self.setup.options.statuses)
            .map_err(|unknown| super::super::missing_statuses(&unknown))?;
        // Without the list no result of a step is sent.
        let steps = answer.alias("steps").map(names).unwrap_or_default();
        let cucumber = of_kind("Gherkin", "Cucumber");
        let mut schema = self.schema.borrow_mut();
        let destination = Destination {
            project_id: project.id.clone(),
            project_key: project.key.clone(),
            cucumber: cucumber.is_some(),
            statuses,
            plan: schema.destination.plan.clone(),
        };
        schema.destination = destination;
        schema.manual = manual;
        schema.generic = generic;
        schema.cucumber = cucumber;
        schema.step_statuses = steps;
        Ok(())
    }
}

fn names(statuses: &Value) -> Vec<String> {
    let names = statuses.as_array().into_iter().flatten();
    names
        .filter_map(|s| s.get("name")?.as_str())
        .map(str::to_owned)
        .collect()
}

/// Name of the test type of a kind; the vendor's default name wins where several share the kind.
fn test_type(types: &[Value], kind: &str, default: &str) -> Option<String> {
    let name = |t: &Value| t.get("name").and_then(Value::as_str).map(str::to_owned);
    let of_kind = || {
        types
            .iter()
            .filter(|t| t.get("kind").and_then(Value::as_str) == Some(kind))
            .filter_map(name)
    };
    of_kind().find(|name| name == default).or_else(|| of_kind().next())
}

fn not_set_up(project: &str, words: &str) -> Error {
    let refused = super::graphql::refused("getProjectSettings", words);
    if refused.kind == Kind::Permission {
        return refused;
    }
    Error::new(
        Kind::Product,
        Side::Xray,
        format!("Xray has no settings for project {project}: {words}"),
    )
    .hint("enable Xray for the project, and check that the API key belongs to this Jira site and data region")
}
