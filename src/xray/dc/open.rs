//! The preflight on Data Center: the credential, the app and its licence, the project, custom fields, statuses.

use super::super::{checks, launches};
use super::{Cucumber, DataCenter, FieldIds, RAVEN};
use crate::error::{Error, Kind, Result, Side};
use crate::jira::meta::{self, ScreenField};
use crate::jira::{self, Project};
use crate::mapping::{Dialect, Statuses};
use crate::target::{Check, Destination};
use crate::web::{Call, Idempotency, words};
use serde_json::Value;

/// Xray's names of its field types; admins rename fields, never these.
const CUSTOM: &str = "com.xpandit.plugins.xray:";

impl DataCenter<'_> {
    pub(super) async fn preflight(&self) -> Result<Destination> {
        checks::preflight(self.jira, self.list_checks()).await?;
        Ok(self.schema().destination)
    }

    pub(super) fn list_checks(&self) -> Vec<Check<'_>> {
        let mut list = vec![
            checks::reachable("Jira Data Center", self.check_site()),
            checks::credential(self.jira),
        ];
        if self.setup.project.is_empty() {
            list.push(checks::licence(self.check_licence()));
            return list;
        }
        list.extend([
            checks::project(self.find_project()),
            checks::licence(self.check_licence()),
            checks::permissions(self.jira, || self.project()),
            checks::screens(self.check_screens()),
            checks::set_up(checks::SET_UP_ON_DC, self.check_statuses()),
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

    /// The address is a Jira Data Center or Server.
    async fn check_site(&self) -> Result<String> {
        let info = self.jira.server_info().await?;
        if !info.deployment_type.eq_ignore_ascii_case("cloud") {
            self.schema.borrow_mut().base = info.base_url;
            return Ok(info.version);
        }
        Err(Error::new(
            Kind::Configuration,
            Side::Jira,
            "this is a Jira Cloud, not a Jira Data Center",
        )
        .hint("use the integration type xray-cloud for it"))
    }

    /// The app is there and licensed. A 401 here, while `myself` was answered, is the licence and not the credential.
    async fn check_licence(&self) -> Result<()> {
        let call = Call::get(format!("{RAVEN}/api/xraylicense"));
        let response = match self.jira.client().answer(call, Idempotency::Safe).await {
            Err(error) if error.kind == Kind::Credential && error.status == Some(401) => return Err(unlicensed()),
            other => other?,
        };
        match response.status {
            200 => {}
            404 => {
                return Err(Error::new(
                    Kind::Product,
                    Side::Xray,
                    "Xray is not installed in this Jira, or disabled",
                )
                .hint("ask a Jira administrator to install and enable the app"));
            }
            _ => {
                let words = words(&response);
                return Err(Error::new(
                    Kind::Unreachable,
                    Side::Xray,
                    format!("Xray does not tell its licence: {words}"),
                ));
            }
        }
        let licence: Value = self.jira.client().decode(&response, "the licence", Idempotency::Safe)?;
        if licence.get("active").and_then(Value::as_bool) == Some(false) {
            Err(unlicensed())
        } else {
            Ok(())
        }
    }

    /// Issue types and custom fields are there, on the screens, and nothing else is required.
    async fn check_screens(&self) -> Result<()> {
        let project = &self.project()?;
        let types = self.jira.issue_types(&project.key).await?;
        let find = |name: &str, icon: &str| {
            let found = meta::pick(&types, &[name], icon).map(|t| t.id.clone());
            found.ok_or_else(|| super::super::no_issue_type(name, &project.key))
        };
        let test_type_id = find("Test", "/test.png")?;
        let execution_type_id = find("Test Execution", "/test-execution.png")?;
        let screen = self.jira.screen(&project.key, &test_type_id).await?;
        let preconditions = match self.setup.options.scenario.preconditions {
            true => Some(
                self.check_preconditions(project, &find("Pre-Condition", "/precondition.png")?, &screen)
                    .await?,
            ),
            false => None,
        };
        let test_type = field(&screen, "test-type-custom-field", "Test")?;
        let execution_screen = self.jira.screen(&project.key, &execution_type_id).await?;
        let options = &self.setup.options.launches;
        let of_execution = |name: &str| optional(&execution_screen, name);
        let environments = of_execution("test-environments-custom-field");
        if environments.is_none() && !options.environments.is_empty() {
            return Err(Error::new(
                Kind::Configuration,
                Side::Jira,
                "Xray's field test-environments-custom-field is not on the create screen of Test Execution",
            )
            .hint("add the field to the screen, or take the mapping option environments out"));
        }
        let fields = FieldIds {
            environments,
            begin: of_execution("begin-date-custom-field"),
            end: of_execution("end-date-custom-field"),
            test_type: test_type.field_id.clone(),
            steps: field(&screen, "manual-test-steps-custom-field", "Test")?
                .field_id
                .clone(),
            definition: field(&screen, "path-editor-custom-field", "Test")?.field_id.clone(),
            folder: field(&screen, "test-repository-path-custom-field", "Test")
                .ok()
                .map(|field| field.field_id.clone()),
        };
        // Gherkin is optional: without its fields such cases arrive as Manual Tests.
        let custom = |name: &str| optional(&screen, name);
        let cucumber = match (
            option(test_type, "Cucumber").ok(),
            custom("automated-test-type-custom-field"),
            custom("steps-editor-custom-field"),
        ) {
            (Some(name), Some(scenario_type), Some(scenario)) => Some(Cucumber {
                name,
                scenario_type,
                scenario,
            }),
            _ => None,
        };
        let taken = [fields.test_type.as_str(), &fields.steps, &fields.definition];
        let plan = jira::plan(&screen, &self.setup.options.fields, &taken, Dialect::Wiki)?;
        let links = screen.iter().any(|field| field.field_id == "issuelinks");
        let own = [
            "summary",
            "description",
            "labels",
            "project",
            "issuetype",
            "reporter",
            &fields.test_type,
            &fields.steps,
            &fields.definition,
        ];
        let filled: Vec<&str> = own
            .into_iter()
            .chain(plan.iter().map(|field| field.id.as_str()))
            .collect();
        let open = meta::unfilled(&screen, &filled);
        if !open.is_empty() {
            return Err(super::super::unfilled_fields("Test", &project.key, &open));
        }
        let fixed = launches::fixed_fields(self.jira, &execution_screen, options, Dialect::Wiki).await?;
        let filled: Vec<&str> = own.into_iter().chain(fixed.keys().map(String::as_str)).collect();
        let open = meta::unfilled(&execution_screen, &filled);
        if !open.is_empty() {
            return Err(super::super::unfilled_fields("Test Execution", &project.key, &open));
        }
        let (manual, generic) = (option(test_type, "Manual")?, option(test_type, "Generic")?);
        launches::check_version(&execution_screen, options)?;
        launches::check_users(self.jira, &options.users).await?;
        let test_plan = launches::check_named(self.jira, options).await?;
        let mut schema = self.schema.borrow_mut();
        schema.destination.project_id.clone_from(&project.id);
        schema.destination.project_key.clone_from(&project.key);
        schema.destination.cucumber = cucumber.is_some();
        schema.destination.plan = plan.into();
        schema.test_type_id = test_type_id;
        schema.execution_type_id = execution_type_id;
        schema.fields = fields;
        schema.links = links;
        schema.manual = manual;
        schema.generic = generic;
        schema.cucumber = cucumber;
        schema.preconditions = preconditions;
        schema.plan = test_plan;
        schema.execution_fields = fixed;
        Ok(())
    }

    /// Xray knows the statuses that we send.
    async fn check_statuses(&self) -> Result<()> {
        let names = self.status_names("teststatuses").await?;
        let statuses = Statuses::of_runs(&names, &self.setup.options.statuses)
            .map_err(|unknown| super::super::missing_statuses(&unknown))?;
        self.schema.borrow_mut().destination.statuses = statuses;
        Ok(())
    }

    /// Names of one of Xray's lists of statuses.
    pub(super) async fn status_names(&self, list: &str) -> Result<Vec<String>> {
        let call = Call::get(format!("{RAVEN}/api/settings/{list}"));
        let list: Vec<Value> = self.jira.client().json(call, Idempotency::Safe).await?;
        let names = list.iter().filter_map(|s| s.get("name")?.as_str());
        Ok(names.map(str::to_owned).collect())
    }
}

fn unlicensed() -> Error {
    Error::new(Kind::Product, Side::Xray, "Xray's licence is not valid")
        .hint("ask a Jira administrator about the Xray licence")
}

/// The one field of an Xray type on a screen. Reinstalling the app can leave orphans with the same type behind.
pub(super) fn field<'s>(screen: &'s [ScreenField], name: &str, of: &str) -> Result<&'s ScreenField> {
    let wanted = format!("{CUSTOM}{name}");
    let mut found = screen
        .iter()
        .filter(|field| field.schema.custom.as_deref() == Some(wanted.as_str()));
    match (found.next(), found.next()) {
        (Some(field), None) => Ok(field),
        (None, _) => Err(Error::new(
            Kind::Configuration,
            Side::Jira,
            format!("Xray's field {name} is not on the create screen of {of}"),
        )
        .hint("add the field to the screen of that issue type in this project")),
        (Some(one), Some(two)) => Err(Error::new(
            Kind::Configuration,
            Side::Jira,
            format!(
                "two fields of Xray's type {name} are on the screen of {of}: {} and {}",
                one.field_id, two.field_id
            ),
        )
        .hint("take the orphan off the screen")),
    }
}

/// Id of the one field of an Xray type on a screen that need not be there.
fn optional(screen: &[ScreenField], name: &str) -> Option<String> {
    field(screen, name, "").ok().map(|field| field.field_id.clone())
}

/// The value of the Test Type field for one of Xray's own types.
pub(super) fn option(field: &ScreenField, name: &str) -> Result<String> {
    let values = || field.allowed_values.iter().filter_map(|v| v.get("value")?.as_str());
    // A screen that tells no values takes the default names.
    if values().next().is_none() || values().any(|value| value.eq_ignore_ascii_case(name)) {
        return Ok(values()
            .find(|value| value.eq_ignore_ascii_case(name))
            .unwrap_or(name)
            .to_owned());
    }
    Err(Error::new(
        Kind::Product,
        Side::Xray,
        format!(
            "Xray has no test type {name}: {}",
            values().collect::<Vec<_>>().join(", ")
        ),
    )
    .hint("enable the Manual and Generic test types for the project"))
}
