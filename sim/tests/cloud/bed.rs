//! A site with one project and one user, behind both servers.

use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tms_sync_sim::jira::account::{Actor, Token, User};
use tms_sync_sim::jira::id::{IssueId, ProjectId};
use tms_sync_sim::jira::input::IssueInput;
use tms_sync_sim::jira::project::Role;
use tms_sync_sim::jira::site::{SharedSite, Site};
use tms_sync_sim::jira::variant::Variant;
use tms_sync_sim::jira_cloud::JiraCloud;
use tms_sync_sim::world::Tracker;
use tms_sync_sim::xray_cloud::XrayCloud;
use tms_sync_sim::{Clock, Cloud, Server};

pub const USER: &str = "712020:qa";
pub const EMAIL: &str = "qa@example.com";
pub const TOKEN: &str = "api-token";

/// The two servers and the site behind them.
pub struct Bed {
    pub clock: Clock,
    pub site: SharedSite,
    pub xray: XrayCloud,
    pub jira: JiraCloud,
    cloud: Cloud,
    pub servers: Tracker,
    pub project: ProjectId,
    pub jwt: String,
    http: reqwest::Client,
}

/// 2026-01-01T00:00:00Z.
pub const START: i64 = 1_767_225_600_000;

impl Bed {
    pub async fn new() -> Self {
        let clock = Clock::manual(START);
        let mut site = Site::new(Variant::Cloud, clock.clone());
        site.accounts.add(User {
            id: USER.to_owned(),
            email: EMAIL.to_owned(),
            display_name: "QA".to_owned(),
            password: String::new(),
            tokens: vec![Token {
                secret: TOKEN.to_owned(),
                expires: None,
                revoked: false,
            }],
            active: true,
            admin: false,
            failed_logins: 0,
        });
        let project = site.add_project("CALC", "Calculator");
        let site = SharedSite::new(site);
        let cloud = Cloud::new(site.clone(), clock.clone());
        cloud.xray.add_api_key("ID", "SECRET", USER);
        cloud.xray.configure(|options| options.rate = None);
        cloud
            .jira
            .configure(|options| (options.burst, options.issue_writes) = (None, None));
        let servers = cloud.start().await.unwrap();
        let mut bed = Self {
            clock,
            site,
            xray: cloud.xray.clone(),
            jira: cloud.jira.clone(),
            cloud,
            servers,
            project,
            jwt: String::new(),
            http: {
                // The workspace's reqwest has no TLS provider; another test may have set it already.
                let _ = rustls::crypto::ring::default_provider().install_default();
                reqwest::Client::builder()
            }
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap(),
        };
        bed.jwt = bed.sign_in().await;
        bed
    }

    pub async fn sign_in(&self) -> String {
        let body = json!({ "client_id": "ID", "client_secret": "SECRET" });
        let response = self
            .anonymous(Method::POST, "/api/v2/authenticate")
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response.json().await.unwrap()
    }

    /// Atlassian's authorization server.
    pub async fn sign_in_server(&self) -> Server {
        self.cloud.start_sign_in(0).await.unwrap()
    }

    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    pub fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub fn anonymous(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.servers.xray.as_ref().unwrap().url()))
    }

    pub fn xray(&self, method: Method, path: &str) -> RequestBuilder {
        self.anonymous(method, path).bearer_auth(&self.jwt)
    }

    /// A request to Jira without a credential.
    pub fn jira_anonymous(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.servers.jira.url()))
    }

    /// A request to Jira as the user.
    pub fn jira(&self, method: Method, path: &str) -> RequestBuilder {
        self.jira_anonymous(method, path).basic_auth(EMAIL, Some(TOKEN))
    }

    /// Status and body of a GET to Jira's version 3.
    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        parts(
            self.jira(Method::GET, &format!("/rest/api/3{path}"))
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    /// Status and body of a request with a body to Jira's version 3.
    pub async fn send(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        parts(
            self.jira(method, &format!("/rest/api/3{path}"))
                .json(&body)
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    /// The fields of a new issue of the project.
    pub fn fields(summary: &str) -> Value {
        json!({ "project": { "key": "CALC" }, "issuetype": { "name": "Test" }, "summary": summary })
    }

    /// Runs a document and gives status and body.
    pub async fn graphql_raw(&self, query: &str, variables: Value) -> (StatusCode, Value) {
        let body = json!({ "query": query, "variables": variables });
        let response = self
            .xray(Method::POST, "/api/v2/graphql")
            .json(&body)
            .send()
            .await
            .unwrap();
        parts(response).await
    }

    /// Runs a document that must succeed and gives its data.
    pub async fn graphql(&self, query: &str, variables: Value) -> Value {
        let (status, mut body) = self.graphql_raw(query, variables).await;
        assert_eq!((status, body.get("errors")), (StatusCode::OK, None), "{body}");
        body["data"].take()
    }

    /// An issue of a role made by an administrator, known to Xray; its id.
    pub fn seed(&self, role: Role, summary: &str) -> String {
        let mut site = self.site.lock();
        let ty = site.type_of_role(self.project, role).unwrap().id.to_string();
        let fields = [
            ("project".to_owned(), json!({ "key": "CALC" })),
            ("issuetype".to_owned(), json!({ "id": ty })),
            ("summary".to_owned(), json!(summary)),
        ];
        let id = site.create_issue(&Actor::System, &IssueInput::of(fields)).unwrap();
        site.xray.learn(id);
        id.to_string()
    }

    pub fn key(&self, id: &str) -> String {
        self.site.lock().issue(IssueId::parse(id).unwrap()).unwrap().key.clone()
    }

    /// A manual test with so many steps.
    pub async fn manual_test(&self, summary: &str, steps: usize) -> String {
        let steps: Vec<Value> = (1..=steps)
            .map(|n| json!({ "action": format!("a{n}"), "result": "r" }))
            .collect();
        let jira = json!({ "fields": { "project": { "key": "CALC" }, "summary": summary } });
        let document = "mutation($s:[CreateStepInput],$j:JSON!){createTest(steps:$s,jira:$j){test{issueId} warnings}}";
        let data = self.graphql(document, json!({ "s": steps, "j": jira })).await;
        data["createTest"]["test"]["issueId"].as_str().unwrap().to_owned()
    }
}

pub async fn parts(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}
