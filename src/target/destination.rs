//! Where an export goes: what a person configured, and what the preflight found there.

use crate::domain::Issue;
use crate::jira::Project;
use crate::mapping::fields::Planned;
use crate::mapping::options::XrayFields;
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
    /// Xray's own fields are looked at although no option names one.
    pub asks_for_fields: bool,
}

impl Setup {
    /// True where the checks that an export begins with look at Xray's own fields.
    pub fn looks_at_fields(&self) -> bool {
        self.asks_for_fields || self.options.issues.xray_fields != XrayFields::default()
    }
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
    /// Xray's own fields that the configuration fills.
    pub xray_fields: XrayPlan,
}

/// Xray's own fields that the configuration fills, of steps and of Test Runs.
#[derive(Clone, Debug, Default)]
pub struct XrayPlan {
    /// Of steps.
    pub steps: Rc<[Planned]>,
    /// Of Test Runs. A constant may be a rule that each launch answers for itself.
    pub runs: Rc<[Planned]>,
}

impl Destination {
    /// True where the server means this issue by an id or by a key, which another key of the project stands for after a
    /// rename.
    pub fn means(&self, held: &str, issue: &Issue) -> bool {
        let Issue { id, key } = issue;
        let number = key.as_str().rsplit_once('-');
        let number: Option<u64> = number.and_then(|(_, number)| number.parse().ok());
        [id.as_str(), key.as_str()].contains(&held) || number.is_some() && self.project.number(&held.into()) == number
    }
}
