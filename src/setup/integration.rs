//! Settings that were found good, as typed values.

use super::validate::review;
use super::{Finding, IntegrationKind, Settings, Severity};
use crate::domain::BaseUrl;
use crate::mapping::Options;

/// An integration, and the export configuration where the settings carry one.
#[derive(Clone, Debug)]
pub struct Integration {
    /// Its kind.
    pub kind: &'static IntegrationKind,
    /// Address of TestOps.
    pub testops: BaseUrl,
    /// Id of the TestOps project.
    pub project_id: u64,
    /// Address of the Jira site.
    pub site: BaseUrl,
    /// What is exported.
    pub export: Option<Export>,
}

/// An export configuration.
#[derive(Clone, Debug)]
pub struct Export {
    /// Its name, for messages.
    pub name: String,
    /// Key of the destination project, as a person configured it.
    pub project: String,
    /// Filter of test cases; empty: all.
    pub test_case_aql: String,
    /// Filter of launches; empty: all.
    pub launches_aql: String,
    /// Create no Test.
    pub no_create: bool,
    /// Export no launch.
    pub no_launches: bool,
    /// Export nothing at all.
    pub disabled: bool,
    /// How cases and launches are mapped.
    pub options: Options,
}

/// Settings as typed values. `stored` are the names of the stored secrets.
///
/// # Errors
///
/// The findings that make the settings wrong. [`super::validate`] gives warnings too.
pub fn read(settings: &Settings, stored: &[String]) -> Result<Integration, Vec<Finding>> {
    let (integration, findings) = review(settings, stored);
    let errors: Vec<Finding> = findings
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    match integration {
        Some(integration) if errors.is_empty() => Ok(integration),
        _ => Err(errors),
    }
}
