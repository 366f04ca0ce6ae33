//! Jira and Xray Data Center as a client sees them, over a real connection.
#![expect(clippy::unwrap_used, reason = "helpers fail as loudly as the tests they serve")]
#![expect(clippy::indexing_slicing, reason = "a missing member fails the test that reads it")]

mod answers;
mod import;
mod issue;
mod login;
mod page;
mod raven;
mod scale;
mod search;
mod setup;
mod testrun;

use std::fmt::Write as _;

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tms_sync_sim::jira::account::{Token, User};
use tms_sync_sim::jira::dc::DataCenter;
use tms_sync_sim::jira::field::XrayField;
use tms_sync_sim::jira::id::ProjectId;
use tms_sync_sim::jira::site::{SharedSite, Site};
use tms_sync_sim::jira::variant::Variant;
use tms_sync_sim::{Answers, Clock, Server};

/// A running instance with project CALC and the users `ann` (password `secret`, token `pat-ann`) and `root`
/// (administrator, token `pat-root`).
pub(crate) struct Rig {
    pub(crate) dc: DataCenter,
    pub(crate) server: Server,
    pub(crate) clock: Clock,
    pub(crate) project: ProjectId,
    client: Client,
    base: String,
}

fn user(id: &str, admin: bool) -> User {
    let token = Token {
        secret: format!("pat-{id}"),
        expires: None,
        revoked: false,
    };
    User {
        id: id.to_owned(),
        email: format!("{id}@example.com"),
        display_name: id.to_uppercase(),
        password: "secret".to_owned(),
        tokens: vec![token],
        active: true,
        admin,
        failed_logins: 0,
    }
}

pub(crate) async fn rig() -> Rig {
    rig_at("").await
}

pub(crate) async fn rig_at(context: &str) -> Rig {
    let clock = Clock::manual(1_769_854_272_000);
    let mut site = Site::new(Variant::DataCenter, clock.clone());
    let project = site.add_project("CALC", "Calculator");
    site.accounts.add(user("ann", false));
    site.accounts.add(user("root", true));
    let dc = DataCenter::new(SharedSite::new(site)).context_path(context);
    let server = dc.start(clock.clone(), 0).await.unwrap();
    let base = dc.site().lock().base_url.clone();
    let client = {
        // The workspace's reqwest has no TLS provider; another test may have set it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Client::builder()
    }
    .build()
    .unwrap();
    Rig {
        dc,
        server,
        clock,
        project,
        client,
        base,
    }
}

impl Rig {
    /// The switches of answers.
    pub(crate) fn answers(&self) -> Answers {
        self.dc.site().lock().answers.clone()
    }

    /// A request without a credential.
    pub(crate) fn anonymous(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{path}", self.base))
            .header("accept", "application/json")
    }

    /// A request by ann.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.anonymous(method, path).bearer_auth("pat-ann")
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        read(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        read(self.request(method, path).json(&body).send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.send(Method::POST, path, body).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> (u16, Value) {
        self.send(Method::PUT, path, body).await
    }

    pub(crate) async fn delete(&self, path: &str) -> u16 {
        self.request(Method::DELETE, path)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    }

    /// The id of the custom field that shows a part of Xray.
    pub(crate) fn field(&self, role: XrayField) -> String {
        self.dc.site().lock().fields.xray(role).unwrap().id.clone()
    }

    /// Creates an issue and returns its key.
    pub(crate) async fn create(&self, kind: &str, summary: &str, more: Value) -> String {
        let mut fields = json!({ "project": { "key": "CALC" }, "issuetype": { "name": kind }, "summary": summary });
        for (id, value) in more.as_object().unwrap() {
            fields[id] = value.clone();
        }
        let (status, created) = self.post("/rest/api/2/issue", json!({ "fields": fields })).await;
        assert_eq!(status, 201, "{created}");
        created["key"].as_str().unwrap().to_owned()
    }

    /// Creates a manual test with so many steps.
    pub(crate) async fn manual(&self, summary: &str, steps: usize) -> String {
        let step =
            |index| json!({ "index": index, "fields": { "Action": format!("do {index}"), "Expected Result": "ok" } });
        let steps: Vec<Value> = (1..=steps).map(step).collect();
        let more = json!({ self.field(XrayField::Steps): { "steps": steps }, self.field(XrayField::TestType): { "value": "Manual" } });
        self.create("Test", summary, more).await
    }

    /// Runs a request against the journal: how many arrived.
    pub(crate) fn arrived(&self) -> String {
        let mut out = String::new();
        for entry in self.server.journal().entries() {
            writeln!(out, "{} {} {:?}", entry.method, entry.path, entry.status).unwrap();
        }
        out
    }
}

/// Status and JSON; text becomes a string, nothing becomes null.
pub(crate) async fn read(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    let value = match text.as_str() {
        "" => Value::Null,
        text => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
    };
    (status, value)
}
