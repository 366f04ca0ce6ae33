//! Puts a call together: settings in, source and target out, engine run.

use crate::error::{Error, Kind, Result, Side};
use crate::ports::Ports;
use crate::report::Report;
use crate::setup::{self, Export, Integration, Settings};
use crate::sync::{self, Cancelling, Job, Switches};
use crate::target::Setup;
use crate::testops::TestOps;
use crate::xray;

pub use crate::sync::{Approved, Former, Mode};

/// What an export, a plan, a verification or an undo is asked.
#[derive(Clone, Debug)]
pub struct Order {
    /// Settings with an export configuration.
    pub settings: Settings,
    /// Unique name of the run.
    pub run_id: String,
    /// What to do.
    pub mode: Mode,
    /// Create deleted issues again.
    pub recreate: bool,
    /// Read every case in full.
    pub full: bool,
    /// A person has looked at the unexpected changes that paused an earlier run.
    pub accept_changes: bool,
    /// Only these actions are applied, and only as they were planned; absent: all.
    pub approved: Option<Approved>,
    /// Where issues came from that are to be adopted.
    pub former: Former,
}

/// Settings as typed values; the error names every finding that makes them wrong.
pub fn integration(settings: &Settings, secrets: &[String]) -> Result<Integration> {
    setup::read(settings, secrets).map_err(|findings| {
        let wrong: Vec<String> = findings
            .iter()
            .map(|finding| format!("{}: {}", finding.field, finding.message))
            .collect();
        Error::new(Kind::Configuration, Side::Settings, wrong.join("; ")).hint("`validate` shows all findings")
    })
}

/// An export whose settings were read and allow it.
pub struct Prepared {
    order: Order,
    integration: Integration,
    export: Export,
}

impl Order {
    /// An order without any option.
    pub fn new(settings: Settings, run_id: String, mode: Mode) -> Self {
        Order {
            settings,
            run_id,
            mode,
            recreate: false,
            full: false,
            accept_changes: false,
            approved: None,
            former: Former::default(),
        }
    }

    /// Reads the settings. Refuses those that are wrong, and an export that is switched off.
    pub fn prepare(self, secrets: &[String]) -> Result<Prepared> {
        let mut integration = integration(&self.settings, secrets)?;
        match integration.export.take() {
            None => Err(Error::new(
                Kind::Configuration,
                Side::Settings,
                "there is no export configuration",
            )),
            Some(export) if export.disabled => {
                let message = format!("the export {} is switched off by disable-export", export.name);
                Err(Error::new(Kind::Configuration, Side::Settings, message)
                    .hint("set disable-export to false to export again"))
            }
            Some(export) => Ok(Prepared {
                order: self,
                integration,
                export,
            }),
        }
    }
}

impl Prepared {
    /// Runs or plans the export until it is done or `cancel` resolves.
    pub async fn run<'a>(self, ports: Ports<'a>, cancel: impl Future<Output = ()> + 'a) -> Report {
        let Prepared {
            order,
            integration,
            export,
        } = self;
        let setup = Setup {
            project: export.project,
            site: integration.site.to_string(),
            options: export.options.clone(),
            asks_for_fields: false,
        };
        let job = Job {
            run_id: order.run_id,
            mode: order.mode,
            test_case_aql: export.test_case_aql,
            launches_aql: export.launches_aql,
            switches: Switches {
                no_create: export.no_create,
                no_launches: export.no_launches,
                recreate: order.recreate,
                full: order.full,
                accept_changes: order.accept_changes,
            },
            approved: order.approved,
            former: order.former,
            options: export.options,
            site: integration.site.to_string(),
        };
        let cancelling = Cancelling::new(ports, cancel);
        let ports = cancelling.ports();
        let source = TestOps::new(ports, integration.testops, integration.project_id);
        let jira = xray::jira(integration.kind.id, ports);
        let target = xray::target(integration.kind.id, &jira, ports, setup);
        sync::run(&job, ports, &source, &jira, &*target).await
    }
}
