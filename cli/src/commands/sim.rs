//! `tms-sync sim`: simulated servers until Ctrl-C.

use std::io;

use tms_sync_sim::Answers;

use crate::args::Variant;
use crate::interrupt::Interrupts;
use crate::output::{Output, say};
use crate::render::problems::{self, Told};
use crate::render::sim;
use crate::simulated::Simulation;

/// Ports between the first servers of two variants.
const APART: u16 = 10;

pub async fn perform(
    variants: &[Variant],
    port: u16,
    cases: u32,
    answers: &[String],
    mut interrupts: Interrupts,
) -> u8 {
    let simulations = match start(variants, port, cases, answers).await {
        Ok(simulations) => simulations,
        Err(error) => {
            let told = Told::new(format!("the servers cannot start: {error}"));
            say(problems::text(&told.hint("another --port may be free; 0 takes any")).trim_end());
            return 2;
        }
    };
    let mut output = Output::default();
    for simulation in &simulations {
        output.text(&sim::text(&simulation.addresses, &simulation.secrets));
    }
    say("Serving until Ctrl-C");
    interrupts.reached(1).await;
    0
}

async fn start(variants: &[Variant], port: u16, cases: u32, chosen: &[String]) -> io::Result<Vec<Simulation>> {
    let answers = Answers::default();
    for text in chosen {
        answers.set(text).map_err(io::Error::other)?;
    }
    let mut simulations = Vec::new();
    let mut port = port;
    for variant in variants {
        simulations.push(Simulation::start(*variant, port, cases, answers.clone()).await?);
        if port != 0 {
            port = port
                .checked_add(APART)
                .ok_or_else(|| io::Error::other("no port is left"))?;
        }
    }
    Ok(simulations)
}
