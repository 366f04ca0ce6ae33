//! The site that everything on Cloud speaks to: its Jira, its Xray, and what the preflight learned of the project.

use super::CAPABILITY;
use crate::error::{Error, Kind, Side};
use crate::jira::Jira;
use crate::mapping::TestKind;
use crate::mapping::options::XrayPlan;
use crate::ports::{Ports, Response};
use crate::target::{Destination, Issue, Setup};
use crate::web::{Allowance, Client, describe};
use serde_json::{Map, Value};
use std::cell::RefCell;

/// The plan's requests in 5 minutes, REST and GraphQL together, less a tenth for other clients of the site
/// (docs.getxray.app, REST API). Xray answers slowly rather than in parallel: two in flight.
fn allowance(plan: XrayPlan) -> Allowance {
    Allowance {
        requests: match plan {
            XrayPlan::Standard => 270,
            XrayPlan::Enterprise => 900,
        },
        window_ms: 300_000,
        in_flight: 2,
    }
}

/// What the preflight learned.
#[derive(Clone, Debug, Default)]
pub(super) struct ProjectSchema {
    /// What was found out for the engine; its project is absent until a check has found it.
    pub(super) destination: Destination,
    /// Names of the test types for manual and for automated cases, and for scenarios where the project has one.
    pub(super) manual: String,
    pub(super) generic: String,
    pub(super) cucumber: Option<String>,
    /// Names of step statuses.
    pub(super) step_statuses: Vec<String>,
    /// The Test Plan that executions belong to, where one is configured.
    pub(super) plan: Option<Issue>,
    /// What every new execution has in further fields.
    pub(super) execution_fields: Map<String, Value>,
}

impl ProjectSchema {
    pub(super) fn test_type(&self, kind: TestKind) -> &str {
        match kind {
            TestKind::Manual => &self.manual,
            TestKind::Generic => &self.generic,
            TestKind::Cucumber => self.cucumber.as_deref().unwrap_or(kind.name()),
        }
    }
}

/// Jira and Xray of a site.
pub(super) struct Site<'a> {
    pub(super) jira: &'a Jira<'a>,
    pub(super) xray: Client<'a>,
    pub(super) setup: Setup,
    pub(super) schema: RefCell<ProjectSchema>,
}

impl<'a> Site<'a> {
    pub(super) fn new(jira: &'a Jira<'a>, ports: Ports<'a>, setup: Setup) -> Self {
        let allowance = allowance(setup.options.xray_plan);
        Site {
            jira,
            xray: Client::new(ports, "xray", Side::Xray, allowance, refused_access),
            setup,
            schema: RefCell::default(),
        }
    }

    pub(super) fn destination(&self) -> Destination {
        self.schema.borrow().destination.clone()
    }

    /// Name of the link type with which a Test covers an issue.
    pub(super) fn link_type(&self) -> Option<&str> {
        self.setup.options.places.coverage.link_type(CAPABILITY.coverage_link)
    }
}

/// Which of the two Xray's 401 is about shows in its text: the credential or the licence.
fn refused_access(response: &Response) -> Error {
    let message = describe(response);
    let lower = message.to_ascii_lowercase();
    let (kind, hint) = if lower.contains("licen") {
        (Kind::Product, "ask a Jira administrator about the Xray licence")
    } else if response.status == 403 || lower.contains("impersonate") || lower.contains("permission") {
        (
            Kind::Permission,
            "the user of the Xray API key needs an active Jira account with access to the project",
        )
    } else {
        (
            Kind::Credential,
            "make a new API key in Jira settings → Apps → Xray → API Keys and store it",
        )
    };
    Error::new(
        kind,
        Side::Xray,
        format!("Xray does not accept the request ({message})"),
    )
    .hint(hint)
    .status(response.status)
}
