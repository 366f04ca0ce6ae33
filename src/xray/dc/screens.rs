//! What the preflight reads from the create screens on Data Center: Xray's custom fields, the fields that a configuration
//! fills, and whether anything is required that nobody fills in.

use super::super::{issue_type, launches, unfilled_fields};
use super::open::Preflight;
use super::site::{Cucumber, FieldIds, Preconditions};
use crate::error::{Error, Kind, Result, Side};
use crate::jira::meta::{self, IssueType, ScreenField};
use crate::jira::{self, Project};
use crate::mapping::Dialect;
use crate::mapping::fields::Planned;

/// Xray's names of its field types; admins rename fields, never these.
const CUSTOM: &str = "com.xpandit.plugins.xray:";

/// Fields that we fill in when a Test or a Test Execution is created.
const FILLED: [&str; 6] = ["summary", "description", "labels", "project", "issuetype", "reporter"];

impl Preflight<'_> {
    /// Issue types and custom fields are there, on the screens, and nothing else is required.
    pub(super) async fn check_screens(&self) -> Result<()> {
        let project = &self.project()?;
        let types = self.site.jira.screens().issue_types(&project.key).await?;
        let named = &self.site.setup.options.issues.types;
        let test_type = issue_type::test(named).find(&types, &project.key)?.id.clone();
        let execution_type = issue_type::execution(named).find(&types, &project.key)?.id.clone();
        let test_screen = self.site.jira.screens().of_type(&project.key, &test_type).await?;
        let preconditions = self.find_preconditions(project, &types, &test_screen).await?;
        let test_sets = self.site.find_test_sets(project, &types, &test_screen)?;
        let execution_screen = self.site.jira.screens().of_type(&project.key, &execution_type).await?;
        let fields = self.field_ids(&test_screen, &execution_screen)?;
        let plan = self.check_test_screen(project, &test_screen, &fields)?;
        self.check_execution_screen(project, &execution_screen).await?;
        let kind = field(&test_screen, "test-type-custom-field", "Test")?;
        let (manual, generic) = (option(kind, "Manual")?, option(kind, "Generic")?);
        let cucumber = cucumber(&test_screen, kind);
        let mut schema = self.site.schema.borrow_mut();
        schema.destination.cucumber = cucumber.is_some();
        schema.destination.links = test_screen.iter().any(|field| field.field_id == "issuelinks");
        schema.destination.plan = plan.into();
        schema.test_type_id = test_type;
        schema.execution_type_id = execution_type;
        schema.fields = fields;
        schema.manual = manual;
        schema.generic = generic;
        schema.cucumber = cucumber;
        schema.preconditions = preconditions;
        schema.test_sets = test_sets;
        Ok(())
    }

    async fn find_preconditions(
        &self,
        project: &Project,
        types: &[IssueType],
        test_screen: &[ScreenField],
    ) -> Result<Option<Preconditions>> {
        if !self.site.setup.options.scenario.preconditions {
            return Ok(None);
        }
        let sought = issue_type::precondition("Pre-Condition", &self.site.setup.options.issues.types);
        let issue_type = &sought.find(types, &project.key)?.id;
        let found = self.check_preconditions(project, issue_type, test_screen).await?;
        Ok(Some(found))
    }

    /// Ids of Xray's fields on both screens.
    fn field_ids(&self, of_test: &[ScreenField], of_execution: &[ScreenField]) -> Result<FieldIds> {
        let of_tests = |name: &str| field(of_test, name, "Test").map(|field| field.field_id.clone());
        let environments = optional(of_execution, "test-environments-custom-field");
        if environments.is_none() && !self.site.setup.options.launches.environments.is_empty() {
            return Err(Error::new(
                Kind::Configuration,
                Side::Jira,
                "Xray's field test-environments-custom-field is not on the create screen of Test Execution",
            )
            .hint("add the field to the screen, or take the mapping option environments out"));
        }
        Ok(FieldIds {
            environments,
            begin: optional(of_execution, "begin-date-custom-field"),
            end: optional(of_execution, "end-date-custom-field"),
            test_type: of_tests("test-type-custom-field")?,
            steps: of_tests("manual-test-steps-custom-field")?,
            definition: of_tests("path-editor-custom-field")?,
            folder: optional(of_test, "test-repository-path-custom-field"),
        })
    }

    /// The fields of a Test that a configuration fills; no other is required.
    fn check_test_screen(&self, project: &Project, screen: &[ScreenField], fields: &FieldIds) -> Result<Vec<Planned>> {
        let taken = [fields.test_type.as_str(), &fields.steps, &fields.definition];
        let plan = jira::plan(screen, &self.site.setup.options.issues.fields, &taken, Dialect::Wiki)?;
        let planned = plan.iter().map(|field| field.id.as_str());
        let filled: Vec<&str> = FILLED.into_iter().chain(taken).chain(planned).collect();
        let open = meta::unfilled(screen, &filled);
        match open.is_empty() {
            true => Ok(plan),
            false => Err(unfilled_fields("Test", &project.key, &open)),
        }
    }

    /// What the options name for Test Executions exists, and nothing else is required of one.
    async fn check_execution_screen(&self, project: &Project, screen: &[ScreenField]) -> Result<()> {
        let options = &self.site.setup.options.launches;
        let fixed = launches::fixed_fields(self.site.jira, screen, options, Dialect::Wiki).await?;
        let filled: Vec<&str> = FILLED.into_iter().chain(fixed.keys().map(String::as_str)).collect();
        let open = meta::unfilled(screen, &filled);
        if !open.is_empty() {
            return Err(unfilled_fields("Test Execution", &project.key, &open));
        }
        let versions = launches::check_version(screen, options)?;
        launches::check_users(self.site.jira, &options.users).await?;
        let test_plan = launches::check_named(self.site.jira, options).await?;
        let mut schema = self.site.schema.borrow_mut();
        schema.destination.versions = versions;
        schema.plan = test_plan;
        schema.execution_fields = fixed;
        Ok(())
    }
}

/// How scenarios are written. Gherkin is optional: without its fields such cases arrive as Manual Tests.
fn cucumber(screen: &[ScreenField], kind: &ScreenField) -> Option<Cucumber> {
    Some(Cucumber {
        name: option(kind, "Cucumber").ok()?,
        scenario_type: optional(screen, "automated-test-type-custom-field")?,
        scenario: optional(screen, "steps-editor-custom-field")?,
    })
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
    // A screen without a list of values takes the default names.
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
