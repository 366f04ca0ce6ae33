//! Xray Cloud: Tests are created by bulk import, read and updated by aliased GraphQL, results are imported.

mod bulk;
mod call;
mod create;
mod evidence;
mod execution;
mod executions;
mod folder;
mod graphql;
mod open;
mod precondition;
mod read;
mod site;
mod test_issues;
mod test_set;
mod update;
mod version;

pub(super) use bulk::MOST;
pub(super) use create::MOST as AT_ONCE;
pub(super) use execution::RUNS_READ;
pub(super) use read::MOST as READ;

use self::executions::CloudExecutions;
use self::open::Preflight;
use self::site::Site;
use self::test_issues::CloudTests;
use crate::error::Result;
use crate::jira::Jira;
use crate::mapping::Dialect;
use crate::ports::{Pending, Ports};
use crate::target::{
    Batches, Capability, Check, Destination, Executions, Forecast, Quiescence, Setup, Target, Tests, Work,
};
use std::rc::Rc;

/// What Xray Cloud can do.
const CAPABILITY: Capability = Capability {
    dialect: Dialect::Adf,
    coverage_link: "Test",
    batches: Batches {
        reads: read::MOST,
        together: bulk::MOST,
        singly: create::MOST,
        preconditions: create::MOST,
        runs: super::import::MOST,
        recorded: execution::LIST,
    },
    // Jira Cloud's search index lags by seconds to minutes (Atlassian, search and reconcile); a job may take long.
    quiescence: Quiescence {
        sent: 15 * 60_000,
        accepted: 60 * 60_000,
    },
    jobs: true,
    creates_link_preconditions: false,
    calls: true,
    // "Importing Tests - REST v2" knows action, data and result alone.
    creates_step_fields: false,
};

/// Xray Cloud.
pub struct Cloud<'a> {
    site: Rc<Site<'a>>,
    preflight: Preflight<'a>,
    tests: CloudTests<'a>,
    executions: CloudExecutions<'a>,
}

impl<'a> Cloud<'a> {
    /// The destination.
    pub fn new(jira: &'a Jira<'a>, ports: Ports<'a>, setup: Setup) -> Self {
        let site = Rc::new(Site::new(jira, ports, setup));
        Cloud {
            preflight: Preflight { site: Rc::clone(&site) },
            tests: CloudTests::new(Rc::clone(&site)),
            executions: CloudExecutions::new(Rc::clone(&site)),
            site,
        }
    }
}

impl Target for Cloud<'_> {
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
        let (jira, xray) = super::forecast::on_cloud(work);
        [(self.site.jira.client(), jira), (&self.site.xray, xray)]
            .map(|(client, more)| Forecast::of(client.connection(), client.forecast(more)))
            .to_vec()
    }
}
