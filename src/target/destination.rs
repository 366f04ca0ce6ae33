//! Where an export goes: what a person configured, and what the preflight found there.

use crate::jira::Project;
use crate::mapping::fields::Planned;
use crate::mapping::{Options, Statuses};
use std::rc::Rc;

/// Where an export goes, and how.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// Key of the destination project, as a person configured it.
    pub project: String,
    /// Address of the Jira site, as a person types it.
    pub site: String,
    /// How cases and launches are mapped.
    pub options: Options,
}

/// What the preflight found out about the destination.
#[derive(Clone, Debug, Default)]
pub struct Destination {
    /// The project, with the key that it has now: a renamed one still answers to its old key.
    pub project: Project,
    /// Addresses of the site: the one that a person types, and the one that Jira has in its settings.
    pub addresses: Vec<String>,
    /// It has Cucumber Tests.
    pub cucumber: bool,
    /// Linked Issues is on the create screen of Test.
    pub links: bool,
    /// Versions that a Test Execution can be for.
    pub versions: Vec<String>,
    /// Run statuses of the server.
    pub statuses: Statuses,
    /// Jira fields of a Test that the configuration fills.
    pub plan: Rc<[Planned]>,
}
