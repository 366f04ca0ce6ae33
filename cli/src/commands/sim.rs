//! `tms-sync sim`: simulated servers until Ctrl-C.

use std::io;
use std::path::{Path, PathBuf};

use tms_sync_sim::Answers;
use tms_sync_sim::answers::UnknownAnswer;

use crate::interrupt::Interrupts;
use crate::log::{self, Level};
use crate::output::Output;
use crate::render::diagnostic::{self, Diagnostic};
use crate::render::sim;
use crate::simulated::{Simulation, Variant};

/// Ports between the first servers of two variants.
const APART: u16 = 10;

/// Serves simulated TestOps, Jira and Xray until Ctrl-C
///
/// Prints addresses, credentials and a configuration file that works with them.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which destination to simulate; without it, both
    #[arg(long, value_enum)]
    pub variant: Option<Variant>,
    /// Port of the simulated TestOps; the others take the ports after it. 0: any free ports
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Write a folder per destination with a configuration file that is ready to use, and its secrets
    #[arg(long, value_name = "FOLDER")]
    pub write: Option<PathBuf>,
    /// How many test cases the simulated project has
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(0..=50_000))]
    pub cases: u32,
    /// Lets the servers answer in another form than the default, as some versions of the products do;
    /// docs/assumptions.md lists names and forms. May be given several times
    #[arg(long, value_name = "NAME=VALUE", value_parser = answer)]
    pub answers: Vec<String>,
}

/// Refuses what names no form of an answer, with those there are.
fn answer(text: &str) -> Result<String, UnknownAnswer> {
    Answers::default().set(text).map(|()| text.to_owned())
}

impl Args {
    pub async fn perform(self) -> u8 {
        serve(&self, Interrupts::listen()).await
    }
}

async fn serve(args: &Args, mut interrupts: Interrupts) -> u8 {
    let simulations = match start(args).await {
        Ok(simulations) => simulations,
        Err(error) => {
            let diagnostic = Diagnostic::new(format!("the servers cannot start: {error}"));
            diagnostic::log(&diagnostic.hint("another --port may be free; 0 takes any"));
            return 2;
        }
    };
    let mut output = Output::default();
    for simulation in &simulations {
        match show(simulation, args.write.as_deref()) {
            Ok(text) => output.text(&text),
            Err(error) => {
                diagnostic::log(&Diagnostic::new(format!("cannot write the configuration: {error}")));
                return 2;
            }
        }
    }
    log::write(Level::Info, "Serving until Ctrl-C");
    interrupts.reached(1).await;
    0
}

/// Ready to paste, or ready to use where it was written.
fn show(simulation: &Simulation, folder: Option<&Path>) -> io::Result<String> {
    let Some(folder) = folder else {
        return Ok(sim::text(&simulation.addresses, &simulation.secrets));
    };
    let file = simulation.write(&folder.join(simulation.addresses.variant.name()))?;
    Ok(sim::written(&simulation.addresses, &file))
}

async fn start(args: &Args) -> io::Result<Vec<Simulation>> {
    let answers = Answers::default();
    for text in &args.answers {
        answers.set(text).map_err(io::Error::other)?;
    }
    let both = vec![Variant::Cloud, Variant::Dc];
    let mut simulations = Vec::new();
    let mut port = args.port;
    for variant in args.variant.map_or(both, |variant| vec![variant]) {
        simulations.push(Simulation::start(variant, port, args.cases, answers.clone()).await?);
        if port != 0 {
            port = port
                .checked_add(APART)
                .ok_or_else(|| io::Error::other("no port is left"))?;
        }
    }
    Ok(simulations)
}
