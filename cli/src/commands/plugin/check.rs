//! `tms-sync plugin check`: the contract's conformance tests, against simulated servers.

mod world;

use std::path::PathBuf;

use serde_json::{Value, json};
use tms_sync_host::EngineLimits;
use tms_sync_host::test_kit::{Finding, Thoroughness, conformance};

use self::world::{Documents, Setup};
use super::read;
use crate::answer::Answer;
use crate::files;
use crate::options::OutputOptions;
use crate::plugin::Acceptance;
use crate::render::diagnostic::{self, Diagnostic};
use crate::render::text::harmless;

/// Runs a plugin through good and bad days, and names the rules of the contract that it breaks
///
/// Its source is a simulated TestOps, its destination a server that keeps documents by PUT. A plugin for another kind of
/// destination brings a world of its own: see the conformance tests in docs/plugin-authors.md.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A component
    #[arg(value_name = "FILE")]
    pub component: PathBuf,
    /// How it is set up; by default check.toml beside the component
    #[arg(long, value_name = "FILE")]
    pub setup: Option<PathBuf>,
    /// At how many of an export's requests things go wrong
    #[arg(long, value_name = "NUMBER", default_value_t = Thoroughness::default().places)]
    pub places: usize,
    #[command(flatten)]
    pub acceptance: Acceptance,
    #[command(flatten)]
    pub output: OutputOptions,
}

impl Args {
    pub async fn answer(&self) -> Result<Answer, Vec<Diagnostic>> {
        let unreadable = |error| Diagnostic::new(format!("cannot read {}: {error}", self.component.display()));
        let component = files::read(&self.component, self.acceptance.mib << 20).map_err(unreadable)?;
        let beside = || self.component.with_file_name("check.toml");
        let file = self.setup.clone().unwrap_or_else(beside);
        let setup = Setup::read(&file.display().to_string(), &read(&file)?)?;
        let limits = EngineLimits {
            component_bytes: component.len(),
            instances: usize::try_from(self.acceptance.instances).unwrap_or(usize::MAX),
            ..EngineLimits::default()
        };
        let thoroughness = Thoroughness { places: self.places };
        let world = async || match Documents::start(&setup).await {
            Ok(world) => world,
            Err(problem) => {
                diagnostic::log(&problem);
                std::process::exit(2)
            }
        };
        let findings = conformance(&component, limits, thoroughness, world).await;
        let findings = findings.map_err(|error| Diagnostic::new(error.to_string()))?;
        let is_sound = findings.iter().all(|finding| finding.broken.is_none());
        let json = findings
            .iter()
            .map(|finding| json!({ "rule": finding.rule, "broken": finding.broken }));
        let text: String = findings.iter().map(line).collect();
        Ok(Answer::new(
            u8::from(!is_sound),
            text,
            "rules",
            Value::Array(json.collect()),
        ))
    }
}

fn line(finding: &Finding) -> String {
    match &finding.broken {
        None => format!("kept    {}\n", finding.rule),
        Some(what) => format!("broken  {}\n        {}\n", finding.rule, harmless(what)),
    }
}
