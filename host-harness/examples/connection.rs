//! The connection test: every check with its side, what was found, and what to do.
//!
//! `connection COMPONENT.wasm JIRA TESTOPS`; see `setup/mod.rs`.
#![expect(clippy::print_stdout, reason = "an example shows what it gets")]

mod setup;

use std::error::Error;
use std::sync::Arc;

use setup::Servers;
use tms_sync_host::SqliteLedger;
use tms_sync_host::model::{CheckStatus, ExportConfig};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let servers = Servers::named()?;
    let plugin = servers.plugin().await?;
    // A refused credential is remembered and not tried again before time or a person allows it: keep the ledger.
    let ledger = Arc::new(SqliteLedger::open("tms-sync.db")?);
    let tenant = servers.tenant("acme", &plugin, ledger)?;
    let export = ExportConfig::everything("main", "CALC");

    // What can be judged without a server, for a form that is being filled in.
    for finding in tenant.validate(Some(&export)).await? {
        println!("{}: {}", finding.field, finding.message);
    }
    // The same with the servers. With an export its project and its filters are checked too.
    let test = tenant.test(Some(&export)).await?;
    println!("{}", test.summary);
    for check in &test.checks {
        println!("{:?} {} ({}): {}", check.status, check.name, check.side, check.message);
        if let Some(hint) = &check.hint {
            println!("  {hint}");
        }
    }
    if test.checks.iter().all(|check| check.status != CheckStatus::Failed) {
        let size = tenant.count(&export).await?;
        println!(
            "in scope: {:?} test cases, {:?} launches",
            size.test_cases, size.launches
        );
        for project in tenant.projects("").await? {
            println!("destination {} {}", project.key, project.name);
        }
    }
    Ok(())
}
