//! A platform's whole use of the library: one tenant, one export.
//!
//! `embed COMPONENT.wasm https://jira.example https://testops.example`, with `JIRA_PASSWORD` and `TESTOPS_TOKEN` set.
//! Against simulated servers: `tms-sync sim --variant dc` prints both addresses and both secrets, and
//! `tms-sync plugin export-bundled COMPONENT.wasm` writes the component.
#![expect(clippy::print_stdout, reason = "an example shows what it gets")]

use std::error::Error;
use std::sync::Arc;

use tms_sync_host::model::ExportConfig;
use tms_sync_host::{EgressPolicy, Engine, EngineLimits, Job, LoadedPlugin, Secret, SqliteLedger, Tenant};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let [component, jira, testops]: [String; 3] = std::env::args()
        .skip(1)
        .collect::<Vec<_>>()
        .try_into()
        .map_err(|_| "three arguments, please")?;
    let secret = |variable: &str, origin: &str| std::env::var(variable).map(|value| Secret::new(value, origin));

    let engine = Engine::new(EngineLimits::default())?;
    let plugin = LoadedPlugin::load(&engine, std::fs::read(component)?).await?;
    let tenant = Tenant::builder("acme", &plugin)
        .kind("xray-dc")
        .egress(reaching([&jira, &testops])?)
        .field("endpoint", &jira)
        .field("username", "exporter")
        .field("testops-endpoint", &testops)
        .field("testops-project-id", "1")
        .secret("password", secret("JIRA_PASSWORD", &jira)?)
        .secret("testops-token", secret("TESTOPS_TOKEN", &testops)?)
        .ledger(Arc::new(SqliteLedger::open("tms-sync.db")?))
        .build()?;
    let mut run = tenant.run(Job::new(export()));
    while let Some(event) = run.next_event().await {
        println!("{event:?}");
    }
    println!("{:?}", run.finish().await);
    Ok(())
}

/// Public servers, and those with plain http by name: a platform lists what its operator allows.
fn reaching(urls: [&str; 2]) -> Result<EgressPolicy, Box<dyn Error>> {
    let mut policy = EgressPolicy::public_only();
    for server in urls.iter().filter_map(|url| url.strip_prefix("http://")) {
        policy = policy.allow(server)?;
    }
    Ok(policy)
}

fn export() -> ExportConfig {
    ExportConfig::everything("main", "CALC")
}
