//! Puts a call together: settings in, source and target out, engine run.

use crate::error::{Error, Kind, Result, Side};
use crate::ports::Ports;
use crate::report::Report;
use crate::setup::{self, Settings};
use crate::sync::{self, Job};

pub use crate::sync::Mode;
use crate::target::{Setup, Target};
use crate::testops::TestOps;
use crate::xray::{cloud::Cloud, dc::DataCenter};

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
}

/// Settings that were found good, as the rest needs them.
pub struct Ready {
    /// TestOps' address as a person types it.
    pub testops: String,
    /// TestOps project.
    pub project_id: u64,
    /// Jira's address as a person types it.
    pub site: String,
    /// Which Xray.
    pub variant: Variant,
}

/// Which Xray.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// Xray Cloud.
    Cloud,
    /// Xray Data Center.
    DataCenter,
}

/// Refuses settings that validation finds wrong, with every finding.
pub fn ready(settings: &Settings, secrets: &[String]) -> Result<Ready> {
    let findings = setup::validate(settings, secrets);
    let errors = findings
        .iter()
        .filter(|finding| finding.severity == setup::Severity::Error);
    let wrong: Vec<String> = errors
        .map(|finding| format!("{}: {}", finding.field, finding.message))
        .collect();
    if !wrong.is_empty() {
        return Err(
            Error::new(Kind::Configuration, Side::Settings, wrong.join("; ")).hint("`validate` shows all findings")
        );
    }
    let value = |name: &str| settings.value(name).unwrap_or_default().to_owned();
    let project_id = value("testops-project-id").parse().map_err(|_| {
        Error::new(
            Kind::Configuration,
            Side::Settings,
            "testops-project-id is not a number",
        )
    })?;
    let variant = if settings.kind == setup::CLOUD {
        Variant::Cloud
    } else {
        Variant::DataCenter
    };
    Ok(Ready {
        testops: value("testops-endpoint"),
        site: value("endpoint"),
        project_id,
        variant,
    })
}

/// Refuses an order that cannot begin: settings that are wrong, or an export that is switched off.
pub fn permitted(order: &Order, secrets: &[String]) -> Result<Ready> {
    let ready = ready(&order.settings, secrets)?;
    match &order.settings.export {
        None => Err(Error::new(
            Kind::Configuration,
            Side::Settings,
            "there is no export configuration",
        )),
        Some(export) if export.disable_export => {
            let message = format!("the export {} is switched off by disable-export", export.name);
            Err(Error::new(Kind::Configuration, Side::Settings, message)
                .hint("set disable-export to false to export again"))
        }
        Some(_) => Ok(ready),
    }
}

/// Runs or plans an export until it is done or `cancel` resolves. An error: it could not begin.
pub async fn export(
    order: &Order,
    secrets: &[String],
    ports: Ports<'_>,
    cancel: impl Future<Output = ()>,
) -> Result<Report> {
    let ready = permitted(order, secrets)?;
    let export = order.settings.export.clone().unwrap_or_default();
    let options = export.options().options;
    let job = Job {
        run_id: order.run_id.clone(),
        mode: order.mode,
        test_case_aql: export.test_case_aql,
        launches_aql: export.launches_aql,
        no_create: export.disable_test_case_create,
        no_launches: export.disable_launches_sync,
        recreate: order.recreate,
        full: order.full,
        accept_changes: order.accept_changes,
        options: options.clone(),
        site: ready.site.clone(),
    };
    let setup = Setup {
        project: export.project,
        site: ready.site,
        options,
    };
    let source = TestOps::new(ports, &ready.testops, ready.project_id);
    let target: Box<dyn Target + '_> = match ready.variant {
        Variant::Cloud => Box::new(Cloud::new(ports, setup)),
        Variant::DataCenter => Box::new(DataCenter::new(ports, setup)),
    };
    Ok(sync::run(&job, ports, &source, &*target, cancel).await)
}
