//! `tms-sync sim`: simulated servers until Ctrl-C.

use std::io;

use tms_sync_sim::Answers;
use tms_sync_sim::answers::UnknownAnswer;

use crate::interrupt::Interrupts;
use crate::output::{Output, to_stderr};
use crate::render::problems::{self, Told};
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
            let told = Told::new(format!("the servers cannot start: {error}"));
            to_stderr(problems::text(&told.hint("another --port may be free; 0 takes any")).trim_end());
            return 2;
        }
    };
    let mut output = Output::default();
    for simulation in &simulations {
        output.text(&sim::text(&simulation.addresses, &simulation.secrets));
    }
    to_stderr("Serving until Ctrl-C");
    interrupts.reached(1).await;
    0
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
