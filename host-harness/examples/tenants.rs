//! Several tenants of one process: one engine, one plugin, one ledger, and nothing that one sees of another.
//!
//! `tenants COMPONENT.wasm JIRA TESTOPS`; see `setup/mod.rs`. Both tenants export into one project here, which is fine: the
//! second finds the Tests of the first by their markers. Tenants with servers of their own are built alike.
#![expect(clippy::print_stdout, reason = "an example shows what it gets")]

mod setup;

use std::error::Error;
use std::sync::Arc;

use setup::Servers;
use tms_sync_host::model::ExportConfig;
use tms_sync_host::{Job, Ledger, SqliteLedger};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let servers = Servers::named()?;
    let plugin = servers.plugin().await?;
    let ledger: Arc<dyn Ledger> = Arc::new(SqliteLedger::open("tms-sync.db")?);
    for name in ["acme", "rival"] {
        let tenant = servers.tenant(name, &plugin, Arc::clone(&ledger))?;
        let run = tenant.run(Job::new(ExportConfig::everything("main", "CALC")));
        let outcome = run.finish().await;
        // Every call runs in a fresh instance of the plugin: no memory of one tenant is there for the next.
        println!("{name}: {:?}", outcome.result?.tallies);
    }
    for name in ["acme", "rival"] {
        let tenant = servers.tenant(name, &plugin, Arc::clone(&ledger))?;
        for run in ledger.runs(tenant.scope(), 10).await? {
            println!("{name} ran {} at {}: {:?}", run.run_id, run.started_at, run.ending);
        }
    }
    // A customer leaves: nothing of theirs stays here, and their issues stay where they are.
    ledger.forget("rival".to_owned()).await?;
    Ok(())
}
