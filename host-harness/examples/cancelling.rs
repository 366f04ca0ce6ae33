//! A run that is cancelled, and the next one that goes on.
//!
//! `cancelling COMPONENT.wasm JIRA TESTOPS`; see `setup/mod.rs`.
#![expect(clippy::print_stdout, reason = "an example shows what it gets")]

mod setup;

use std::error::Error;
use std::sync::Arc;

use setup::Servers;
use tms_sync_host::model::{Event, ExportConfig};
use tms_sync_host::{CallError, Job, RunOutcome, SqliteLedger};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let servers = Servers::named()?;
    let plugin = servers.plugin().await?;
    let ledger = Arc::new(SqliteLedger::open("tms-sync.db")?);
    let tenant = servers.tenant("acme", &plugin, ledger)?;
    let job = || Job::new(ExportConfig::everything("main", "CALC"));

    let mut run = tenant.run(job());
    // The canceller may go anywhere: to a button, to a signal handler. Dropping the run cancels as well.
    let canceller = run.canceller();
    while let Some(event) = run.next_event().await {
        if let Event::Verdict(verdict) = event {
            println!("{} {} has its verdict; that is enough", verdict.entity, verdict.id);
            // It ends at the next safe place. `Canceller::kill` ends it at once, and nothing is lost either.
            canceller.cancel();
        }
    }
    shown("cancelled", &run.finish().await);

    // What was begun is settled by the next run before it sends anything new.
    let run = tenant.run(job());
    shown("again", &run.finish().await);
    Ok(())
}

fn shown(what: &str, outcome: &RunOutcome) {
    match &outcome.result {
        Ok(report) => {
            let stopped = report.stopped.as_ref().map(|fault| fault.message.as_str());
            println!("{what}: {:?}, stopped: {stopped:?}", report.tallies);
        }
        Err(CallError::Fault(fault)) => println!("{what}: {}", fault.message),
        Err(CallError::Ended(ended)) => println!("{what}: {ended}"),
    }
}
