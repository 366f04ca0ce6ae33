//! The preflight on Cloud: both credential pairs, the project, permissions, issue types, statuses.

use super::super::fields::{self, Of};
use super::super::issue_type::{self, Sought};
use super::super::{checks, launches};
use super::site::Site;
use crate::error::{Error, Kind, Result, Side};
use crate::jira::meta::{self, IssueType, ScreenField};
use crate::jira::{self, Project};
use crate::mapping::{Dialect, Statuses};
use crate::target::{Check, Destination, XrayPlan};
use crate::web::Idempotency;
use serde_json::{Value, json};
use std::rc::Rc;

/// Fields that we fill in when a Test or a Test Execution is created.
const FILLED: [&str; 6] = ["summary", "description", "labels", "project", "issuetype", "reporter"];

const ONE_TEST: &str =
    "query($project:String){tests:getTests(projectId:$project,limit:1){results{jira(fields:[\"issuetype\"])}}}";
const SETTINGS: &str = "query($project:String){\
settings:getProjectSettings(projectIdOrKey:$project){projectId testTypeSettings{defaultTestTypeId testTypes{id name kind}}} \
statuses:getStatuses{name final} steps:getStepStatuses{name}}";
const FIELDS: &str = "query($project:String){settings:getProjectSettings(projectIdOrKey:$project){\
testStepSettings{fields{id name type required disabled values}} \
testRunCustomFieldSettings{fields{id name type required values}}}}";

/// What is asked before the first write.
pub(super) struct Preflight<'a> {
    pub(super) site: Rc<Site<'a>>,
}

impl Preflight<'_> {
    pub(super) async fn open(&self) -> Result<Destination> {
        checks::preflight(self.site.jira, self.checks()).await?;
        Ok(self.site.destination())
    }

    pub(super) fn checks(&self) -> Vec<Check<'_>> {
        let mut list = vec![
            checks::reachable("Jira Cloud", self.check_site()),
            checks::credential(self.site.jira),
        ];
        if self.site.setup.project.is_empty() {
            list.push(checks::client(self.check_client()));
            return list;
        }
        list.extend([
            checks::project(self.find_project()),
            checks::client(self.check_client()),
            checks::permissions(self.site.jira, || self.project()),
            checks::screens(self.check_screens()),
            checks::set_up(checks::SET_UP_ON_CLOUD, self.check_xray()),
            checks::fields(self.site.setup.looks_at_fields(), self.check_fields()),
        ]);
        list
    }

    async fn find_project(&self) -> Result<Project> {
        let project = self.site.jira.projects().by_key(&self.site.setup.project).await?;
        self.site.schema.borrow_mut().destination.project = project.clone();
        Ok(project)
    }

    fn project(&self) -> Result<Project> {
        checks::found(&self.site.schema.borrow().destination.project)
    }

    /// The address is a Jira Cloud.
    async fn check_site(&self) -> Result<String> {
        let info = self.site.jira.server_info().await?;
        if info.deployment_type.eq_ignore_ascii_case("cloud") {
            self.site.schema.borrow_mut().destination.addresses = vec![self.site.setup.site.clone(), info.base_url];
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
        let types = self.site.jira.screens().issue_types(&project.key).await?;
        let named = &self.site.setup.options.issues.types;
        self.check_test_screen(project, &types).await?;
        self.check_execution_screen(project, &types).await?;
        if self.site.setup.options.scenario.preconditions {
            let screen = self
                .screen(project, &types, issue_type::precondition("Precondition", named))
                .await?;
            complete("Precondition", project, &screen, [].into_iter())?;
        }
        let options = &self.site.setup.options.launches;
        launches::check_users(self.site.jira, &options.users).await?;
        let plan = launches::check_named(self.site.jira, options).await?;
        self.site.schema.borrow_mut().plan = plan;
        Ok(())
    }

    async fn check_test_screen(&self, project: &Project, types: &[IssueType]) -> Result<()> {
        let screen = self
            .screen(project, types, issue_type::test(&self.site.setup.options.issues.types))
            .await?;
        let plan = jira::plan(&screen, &self.site.setup.options.issues.fields, &[], Dialect::Adf)?;
        complete("Test", project, &screen, plan.iter().map(|field| field.id.as_str()))?;
        let mut schema = self.site.schema.borrow_mut();
        schema.destination.links = screen.iter().any(|field| field.field_id == "issuelinks");
        schema.destination.plan = plan.into();
        Ok(())
    }

    async fn check_execution_screen(&self, project: &Project, types: &[IssueType]) -> Result<()> {
        let options = &self.site.setup.options.launches;
        let screen = self
            .screen(
                project,
                types,
                issue_type::execution(&self.site.setup.options.issues.types),
            )
            .await?;
        let fixed = launches::fixed_fields(self.site.jira, &screen, options, Dialect::Adf).await?;
        complete("Test Execution", project, &screen, fixed.keys().map(String::as_str))?;
        let versions = launches::check_version(&screen, options)?;
        let mut schema = self.site.schema.borrow_mut();
        schema.destination.versions = versions;
        schema.execution_fields = fixed;
        Ok(())
    }

    /// The create screen of an issue type.
    async fn screen(&self, project: &Project, types: &[IssueType], sought: Sought<'_>) -> Result<Vec<ScreenField>> {
        let id = match sought.find(types, &project.key) {
            Ok(found) => found.id.clone(),
            // Xray has its own mapping, which its Tests show.
            Err(error) if sought.name == "Test" => self.type_of_tests(project).await.ok_or(error)?,
            Err(error) => return Err(error),
        };
        self.site.jira.screens().of_type(&project.key, &id).await
    }

    /// Id of the issue type of a Test that is there.
    async fn type_of_tests(&self, project: &Project) -> Option<String> {
        let found = self
            .site
            .query(ONE_TEST, json!({"project": project.id}), "tests")
            .await
            .ok()?;
        let id = found.pointer("/results/0/jira/issuetype/id")?;
        id.as_str().map(str::to_owned)
    }

    /// The client credential is accepted and its data is where the endpoint points.
    async fn check_client(&self) -> Result<()> {
        let answer = self
            .site
            .graphql("query{statuses:getStatuses{name}}", json!({}), Idempotency::Safe)
            .await?;
        answer
            .alias("statuses")
            .map(drop)
            .map_err(|message| super::graphql::refused("getStatuses", &message))
    }

    /// The client credential works where the data is, Xray is set up for the project, and it knows our statuses.
    async fn check_xray(&self) -> Result<()> {
        let project = &self.project()?;
        let answer = self
            .site
            .graphql(SETTINGS, json!({"project": project.key}), Idempotency::Safe)
            .await?;
        let settings = answer
            .alias("settings")
            .map_err(|message| not_set_up(&project.key, &message))?;
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
            .map_err(|message| super::graphql::refused("getStatuses", &message))?;
        let statuses = Statuses::of_runs(&names(statuses), &self.site.setup.options.statuses)
            .map_err(|unknown| super::super::missing_statuses(&unknown))?;
        // Without the list no result of a step is sent.
        let steps = answer.alias("steps").map(names).unwrap_or_default();
        let cucumber = of_kind("Gherkin", "Cucumber");
        let mut schema = self.site.schema.borrow_mut();
        schema.destination.cucumber = cucumber.is_some();
        schema.destination.statuses = statuses;
        schema.manual = manual;
        schema.generic = generic;
        schema.cucumber = cucumber;
        schema.step_statuses = steps;
        Ok(())
    }

    /// Xray's own fields of steps and Test Runs.
    async fn check_fields(&self) -> Result<String> {
        let project = &self.project()?.key;
        let answer = self
            .site
            .graphql(FIELDS, json!({"project": project}), Idempotency::Safe)
            .await?;
        let settings = answer
            .alias("settings")
            .map_err(|message| not_set_up(project, &message))?;
        let of = |path: &str| fields::known(settings.pointer(path).unwrap_or(&Value::Null));
        let options = &self.site.setup.options.issues.xray_fields;
        let steps = fields::plan(project, &of("/testStepSettings/fields"), &options.steps, Of::Steps)?;
        let runs = of("/testRunCustomFieldSettings/fields");
        let runs = fields::plan(project, &runs, &options.runs, Of::Runs)?;
        let found = fields::found(&steps, &runs);
        self.site.schema.borrow_mut().destination.xray_fields = XrayPlan {
            steps: steps.into(),
            runs: runs.into(),
        };
        Ok(found)
    }
}

/// No field is required that neither we nor the configuration fill in.
fn complete<'f>(
    name: &str,
    project: &Project,
    screen: &[ScreenField],
    configured: impl Iterator<Item = &'f str>,
) -> Result<()> {
    let filled: Vec<&str> = FILLED.into_iter().chain(configured).collect();
    let open = meta::unfilled(screen, &filled);
    match open.is_empty() {
        true => Ok(()),
        false => Err(super::super::unfilled_fields(name, &project.key, &open)),
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

fn not_set_up(project: &str, message: &str) -> Error {
    let refused = super::graphql::refused("getProjectSettings", message);
    if refused.kind == Kind::Permission {
        return refused;
    }
    Error::new(
        Kind::Product,
        Side::Xray,
        format!("Xray has no settings for project {project}: {message}"),
    )
    .hint("enable Xray for the project, and check that the API key belongs to this Jira site and data region")
}
