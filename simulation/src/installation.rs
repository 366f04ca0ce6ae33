//! The simulated products of one customer, and the settings that lead to them.

use axum::Router;
use tms_sync_sim::jira::account::{Token, User};

use tms_sync_sim::jira::dc::DataCenter;
use tms_sync_sim::jira::id::ProjectId;
use tms_sync_sim::jira::site::{SharedSite, Site};
use tms_sync_sim::jira::variant;
use tms_sync_sim::jira_cloud::JiraCloud;
use tms_sync_sim::testops::{self, TestOps};
use tms_sync_sim::xray_cloud::XrayCloud;
use tms_sync_xray::setup::{self, ExportConfig, Field, Settings};

use crate::executor::Executor;
use crate::project::Project;

/// TestOps' host, which is also its identity in markers.
pub const TESTOPS_HOST: &str = "testops.example.com";
/// Key of the destination project.
pub const PROJECT: &str = "CALC";
/// The account that the export acts as: user name on Data Center, account id on Cloud.
pub const USER: &str = "exporter";

/// Which product it is exported to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// Jira Data Center with Xray.
    DataCenter,
    /// Jira Cloud with Xray Cloud.
    Cloud,
}

impl Variant {
    /// Id of the integration kind.
    pub fn kind(self) -> &'static str {
        match self {
            Variant::DataCenter => setup::DC,
            Variant::Cloud => setup::CLOUD,
        }
    }
}

/// The products.
pub struct Installation {
    /// Which.
    pub variant: Variant,
    /// Jira's data with Xray's.
    pub jira: SharedSite,
    /// Id of the destination project.
    pub project_id: ProjectId,
    /// What was put into TestOps.
    pub project: Project,
    /// TestOps' data.
    pub testops: testops::State,
    routers: Vec<(&'static str, Router)>,
}

impl Installation {
    /// Installs everything, with one project on each side.
    pub fn new(variant: Variant, project: Project, executor: &Executor) -> Self {
        let clock = executor.servers_clock();
        let (router, testops) = TestOps::builder()
            .clock(clock.clone())
            .project(project.build())
            .in_memory();
        let mut routers = vec![("testops", router)];
        let mut site = match variant {
            Variant::DataCenter => Site::new(variant::Variant::DataCenter, clock.clone()),
            Variant::Cloud => Site::new(variant::Variant::Cloud, clock.clone()),
        };
        site.base_url = "https://jira.example.com".to_owned();
        site.accounts.add(user());
        let project_id = site.add_project(PROJECT, "Calculator");
        let jira = SharedSite::new(site);
        match variant {
            Variant::DataCenter => routers.push(("jira", DataCenter::new(jira.clone()).router())),
            Variant::Cloud => {
                let xray = XrayCloud::new(jira.clone(), clock.clone());
                let (id, secret) = (stored("xray-client-id"), stored("xray-client-secret"));
                xray.add_api_key(id, secret, USER);
                routers.push(("jira", JiraCloud::new(jira.clone(), clock).router()));
                routers.push(("xray", xray.router()));
            }
        }
        Installation {
            variant,
            jira,
            project_id,
            project,
            testops,
            routers,
        }
    }

    /// Routes of the server behind a connection; absent where nobody signs in over it.
    pub fn router(&self, connection: &str) -> Option<Router> {
        let found = self.routers.iter().find(|(name, _)| *name == connection);
        found.map(|(_, router)| router.clone())
    }

    /// The settings of the export.
    pub fn settings(&self) -> Settings {
        let names: &[&str] = match self.variant {
            Variant::DataCenter => &["testops-endpoint", "testops-project-id", "endpoint"],
            Variant::Cloud => &["testops-endpoint", "testops-project-id", "endpoint", "username"],
        };
        let field = |name: &&str| Field {
            name: (*name).to_owned(),
            value: match (*name, self.variant) {
                ("endpoint", Variant::Cloud) => "https://acme.atlassian.net".to_owned(),
                (name, _) => stored(name).to_owned(),
            },
        };
        let preconditions = self.project.cases.iter().any(|case| case.precondition.is_some());
        let wanted = [
            ("precondition", "issue", preconditions),
            ("shared-steps", "call", !self.project.shared.is_empty()),
        ];
        let option = |(name, value, _): (&str, &str, bool)| Field {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        let mapping = wanted.into_iter().filter(|(.., wanted)| *wanted).map(option).collect();
        Settings {
            kind: self.variant.kind().to_owned(),
            fields: names.iter().map(field).collect(),
            export: Some(ExportConfig {
                name: "simulated".to_owned(),
                project: PROJECT.to_owned(),
                mapping,
                ..ExportConfig::default()
            }),
        }
    }

    /// Names of the secrets that are stored.
    pub fn secrets(&self) -> Vec<String> {
        let names: &[&str] = match self.variant {
            Variant::DataCenter => &["testops-token", "token"],
            Variant::Cloud => &["testops-token", "api-token", "xray-client-id", "xray-client-secret"],
        };
        names.iter().map(|name| (*name).to_owned()).collect()
    }
}

/// Values of fields and secrets; empty where nothing is stored.
pub fn stored(name: &str) -> &'static str {
    match name {
        "testops-endpoint" => "https://testops.example.com",
        "testops-project-id" => "1",
        "testops-token" => testops::TOKEN,
        "endpoint" => "https://jira.example.com",
        "token" => "personal-access-token",
        "username" => "exporter@example.com",
        "api-token" => "jira-api-token",
        "xray-client-id" => "XRAYCLIENTID",
        "xray-client-secret" => "xray-client-secret",
        _ => "",
    }
}

fn user() -> User {
    let token = |name: &str| Token {
        secret: stored(name).to_owned(),
        expires: None,
        revoked: false,
    };
    User {
        id: USER.to_owned(),
        email: stored("username").to_owned(),
        display_name: "Exporter".to_owned(),
        password: String::new(),
        tokens: vec![token("token"), token("api-token")],
        active: true,
        admin: false,
        failed_logins: 0,
    }
}
