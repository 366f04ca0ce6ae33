//! What the examples begin with: servers from the arguments, secrets from variables, a tenant of them.
//!
//! `tms-sync sim --variant dc` prints both addresses and both secrets, and `tms-sync plugin export-bundled COMPONENT.wasm`
//! writes the component.

use std::error::Error;
use std::sync::Arc;

use tms_sync_host::{EgressPolicy, Engine, EngineLimits, Ledger, LoadedPlugin, Secret, Tenant};

/// Servers and secrets of an integration.
pub struct Servers {
    component: String,
    jira: String,
    testops: String,
    password: String,
    token: String,
}

impl Servers {
    /// `COMPONENT.wasm JIRA TESTOPS`, with `JIRA_PASSWORD` and `TESTOPS_TOKEN` set.
    pub fn named() -> Result<Self, Box<dyn Error>> {
        let mut arguments = std::env::args().skip(1);
        let mut next = || arguments.next().ok_or("three arguments: COMPONENT.wasm JIRA TESTOPS");
        Ok(Self {
            component: next()?,
            jira: next()?,
            testops: next()?,
            password: std::env::var("JIRA_PASSWORD")?,
            token: std::env::var("TESTOPS_TOKEN")?,
        })
    }

    /// The plugin, compiled and asked for its manifest: once per process, whatever number of tenants uses it.
    pub async fn plugin(&self) -> Result<LoadedPlugin, Box<dyn Error>> {
        let engine = Engine::new(EngineLimits::default())?;
        Ok(LoadedPlugin::load(&engine, std::fs::read(&self.component)?).await?)
    }

    /// An integration of a tenant. Cheap: make one for each call, from what is stored then.
    pub fn tenant(&self, name: &str, plugin: &LoadedPlugin, ledger: Arc<dyn Ledger>) -> Result<Tenant, Box<dyn Error>> {
        let tenant = Tenant::builder(name, plugin)
            .kind("xray-dc")
            .egress(EgressPolicy::reaching(&self.jira)?.reach(&self.testops)?)
            .field("endpoint", &self.jira)
            .field("username", "exporter")
            .field("testops-endpoint", &self.testops)
            .field("testops-project-id", "1")
            .secret("password", Secret::new(&*self.password, &*self.jira))
            .secret("testops-token", Secret::new(&*self.token, &*self.testops))
            .ledger(ledger)
            .build()?;
        Ok(tenant)
    }
}
