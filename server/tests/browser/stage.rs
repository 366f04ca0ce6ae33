//! What tests begin with: a service that nobody keeps yet, or one with something to look at, and a browser.

use std::sync::Arc;

use serde_json::json;
use tms_sync_server::Server;
use tms_sync_sim::testops::data::{Case, Project};

use crate::chromium::{Browser, browser};
use crate::clock::ManualClock;
use crate::rig::{Change, Client, PASSWORD, Rig, Servers, Variant, sync};

pub const ADMIN: &str = "admin@example.com";

/// A service that nobody keeps yet, and a browser beside it.
pub struct Bare {
    pub server: Server,
    pub clock: ManualClock,
    pub browser: Browser,
    _folder: Arc<tempfile::TempDir>,
}

impl Bare {
    /// `None` where no browser is installed.
    pub async fn start() -> Option<Self> {
        let usual: Change = Arc::new(|options| options);
        let (server, clock, folder) = Rig::unclaimed(&usual).await;
        let browser = browser(&format!("http://{}", server.address())).await?;
        Some(Self {
            server,
            clock,
            browser,
            _folder: folder,
        })
    }
}

/// A service with a tenant whose sync has run, an owner who is logged in, and the servers behind.
pub struct Furnished {
    pub rig: Rig,
    pub servers: Servers,
    pub browser: Browser,
    pub owner: Client,
    /// Id of the sync.
    pub sync: String,
    /// Id of its credentials.
    pub credentials: String,
}

impl Furnished {
    /// `None` where no browser is installed. Everything of `project` is exported once.
    pub async fn start(variant: Variant, project: Project) -> Option<Self> {
        let rig = Rig::start().await;
        let browser = browser(&format!("http://{}", rig.server.address())).await?;
        let servers = Servers::beside(&rig.clock, variant, project).await;
        let owner = rig.token("acme", "manage").await;
        let credentials = servers.set_up(&rig, &owner).await;
        let made = owner.post(&owner.own("/syncs"), sync(&credentials, "Regression")).await;
        let sync = made["id"].as_str().unwrap().to_owned();
        let furnished = Self {
            rig,
            servers,
            browser,
            owner,
            sync,
            credentials,
        };
        furnished.run("export").await;
        log_in(&furnished.browser).await;
        Some(furnished)
    }

    /// Runs the sync and waits for the end; the run's id.
    pub async fn run(&self, mode: &str) -> String {
        let path = self.owner.own(&format!("/syncs/{}/runs", self.sync));
        let started = self.owner.post(&path, json!({ "mode": mode })).await;
        let id = started["id"].as_str().unwrap().to_owned();
        self.owner.over(&id).await;
        id
    }

    /// Gives the first test case of TestOps another name.
    pub fn rename_first_case(&self, name: &str) {
        let renamed = |case: &mut Case| name.clone_into(&mut case.name);
        let testops = &self.servers.world.testops;
        testops.edit(|site| site.edit_case(1, renamed)).unwrap();
    }

    /// A path of the tenant's pages.
    pub fn page(&self, rest: &str) -> String {
        format!("/t/acme/{rest}")
    }
}

/// Logs in as the administrator.
pub async fn log_in(browser: &Browser) {
    browser.open("/login").await;
    browser.fill("login", ADMIN).await;
    browser.fill("password", PASSWORD).await;
    browser.click("Log in").await;
    browser.find("a[href='/admin/tenants']").await;
}
