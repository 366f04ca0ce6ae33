//! Xray Data Center: Tests are Jira issues whose steps are in a custom field, results are imported over raven.

mod create;
mod evidence;
mod execution;
mod executions;
mod folder;
mod open;
mod precondition;
mod read;
mod screens;
mod site;
mod test_issues;
mod test_set;
mod version;

pub(super) use create::MOST;
pub use execution::RECORDED;
pub(super) use read::MOST as READ;

use self::executions::DataCenterExecutions;
use self::open::Preflight;
use self::site::Site;
use self::test_issues::DataCenterTests;
use crate::error::Result;
use crate::jira::Jira;
use crate::mapping::Dialect;
use crate::ports::Pending;
use crate::target::{
    Batches, Capability, Check, Destination, Executions, Forecast, Quiescence, Setup, Target, Tests, Work,
};
use std::rc::Rc;

/// Path of Xray's resources. Version 2.0 answers since Xray 4.
pub const RAVEN: &str = "/rest/raven/2.0";

/// What Xray Data Center can do. It works while a request waits and has no jobs, and nothing that an export makes is called.
const CAPABILITY: Capability = Capability {
    dialect: Dialect::Wiki,
    coverage_link: "Tests",
    batches: Batches {
        reads: read::MOST,
        together: create::MOST,
        singly: create::MOST,
        preconditions: create::MOST,
        runs: super::import::MOST,
        recorded: RECORDED,
    },
    // A request that a proxy gave up on may be worked on for long; other nodes' indexes follow within minutes.
    quiescence: Quiescence {
        sent: 30 * 60_000,
        accepted: 30 * 60_000,
    },
    jobs: false,
    creates_link_preconditions: true,
    calls: false,
    creates_step_fields: true,
};

/// Xray Data Center.
pub struct DataCenter<'a> {
    site: Rc<Site<'a>>,
    preflight: Preflight<'a>,
    tests: DataCenterTests<'a>,
    executions: DataCenterExecutions<'a>,
}

impl<'a> DataCenter<'a> {
    /// The destination.
    pub fn new(jira: &'a Jira<'a>, setup: Setup) -> Self {
        let site = Rc::new(Site::new(jira, setup));
        DataCenter {
            preflight: Preflight { site: Rc::clone(&site) },
            tests: DataCenterTests::new(Rc::clone(&site)),
            executions: DataCenterExecutions::new(Rc::clone(&site)),
            site,
        }
    }
}

impl Target for DataCenter<'_> {
    fn capability(&self) -> Capability {
        CAPABILITY
    }

    fn checks(&self) -> Vec<Check<'_>> {
        self.preflight.checks()
    }

    fn open(&self) -> Pending<'_, Result<Destination>> {
        Box::pin(self.preflight.open())
    }

    fn tests(&self) -> &dyn Tests {
        &self.tests
    }

    fn executions(&self) -> &dyn Executions {
        &self.executions
    }

    fn forecast(&self, work: &Work) -> Vec<Forecast> {
        let client = self.site.jira.client();
        let forecast = client.forecast(super::forecast::on_dc(work));
        vec![Forecast::of(client.connection(), forecast)]
    }
}
