//! A service on loopback with two tenants, simulated servers behind it, and clients in front.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tms_sync_host::{Engine, EngineLimits, LoadedPlugin};
use tms_sync_server::{Options, Server};
use tms_sync_sim::generate::Plan;
use tms_sync_sim::jira::dc::DataCenter;
use tms_sync_sim::testops::data::Project;
use tms_sync_sim::world::{self, Tracker, World};
use tms_sync_sim::{Cloud, cloud, testops};
use tokio::sync::OnceCell;

use crate::clock::ManualClock;

pub const PASSWORD: &str = "correct horse battery";
/// 2026-11-23, when tests begin.
pub const START: u64 = 1_795_000_000_000;

/// Which Xray.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    Cloud,
    Dc,
}

pub async fn plugin() -> LoadedPlugin {
    static PLUGIN: OnceCell<LoadedPlugin> = OnceCell::const_new();
    let load = || async {
        let _ = rustls::crypto::ring::default_provider().install_default();
        // Compiled once for all processes of all tests.
        let limits = EngineLimits {
            cache: Some(concat!(env!("CARGO_TARGET_TMPDIR"), "/plugins").into()),
            ..EngineLimits::default()
        };
        let engine = Engine::new(limits).unwrap();
        LoadedPlugin::load(&engine, tms_sync_component::bytes()).await.unwrap()
    };
    PLUGIN.get_or_init(load).await.clone()
}

/// How a service differs from the usual one.
pub type Change = Arc<dyn Fn(Options) -> Options + Send + Sync>;

/// The service, and its keeper.
pub struct Rig {
    pub server: Server,
    pub clock: ManualClock,
    pub admin: Client,
    pub folder: Arc<tempfile::TempDir>,
    change: Change,
}

/// A service that is not running.
pub struct Stopped {
    clock: ManualClock,
    admin: Client,
    folder: Arc<tempfile::TempDir>,
    change: Change,
}

impl Rig {
    /// An empty instance, with an administrator and the tenants `acme` and `rival`.
    pub async fn start() -> Self {
        Self::start_with(|options| options).await
    }

    /// The same with other options.
    pub async fn start_with(change: impl Fn(Options) -> Options + Send + Sync + 'static) -> Self {
        let rig = Self::bare_with(change).await;
        for tenant in ["acme", "rival"] {
            rig.admin.post("/admin/tenants", json!({ "name": tenant })).await;
        }
        rig
    }

    /// An empty instance that nobody keeps yet.
    pub async fn unclaimed(change: &Change) -> (Server, ManualClock, Arc<tempfile::TempDir>) {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let clock = ManualClock::at(START);
        (serve(folder.path(), &clock, change).await, clock, folder)
    }

    /// An empty instance with an administrator.
    pub async fn bare() -> Self {
        Self::bare_with(|options| options).await
    }

    async fn bare_with(change: impl Fn(Options) -> Options + Send + Sync + 'static) -> Self {
        let change: Change = Arc::new(change);
        let (server, clock, folder) = Self::unclaimed(&change).await;
        let link = server.first_link().await.unwrap().unwrap();
        let admin = Client::by_link(&server, &link, "admin@example.com").await;
        Self {
            server,
            clock,
            admin,
            folder,
            change,
        }
    }

    /// The process is killed, and another one takes over.
    pub async fn restarted(self) -> Self {
        let (server, stopped) = self.parted();
        drop(server);
        stopped.started().await
    }

    /// The service stops in good order.
    pub async fn stopped(self) -> Stopped {
        let (server, stopped) = self.parted();
        server.stop().await;
        stopped
    }

    /// The process is killed, and another one takes over with the content of another folder.
    pub async fn moved(self, folder: &std::path::Path) -> Self {
        let (server, stopped) = self.parted();
        drop(server);
        stopped.started_in(folder).await
    }

    fn parted(self) -> (Server, Stopped) {
        let Self {
            server,
            clock,
            admin,
            folder,
            change,
        } = self;
        let stopped = Stopped {
            clock,
            admin,
            folder,
            change,
        };
        (server, stopped)
    }

    /// A token of a tenant.
    pub async fn token(&self, tenant: &str, reach: &str) -> Client {
        let body = json!({ "name": format!("{tenant} {reach}"), "reach": reach, "days": 30 });
        let made = self.admin.post(&format!("/tenants/{tenant}/tokens"), body).await;
        Client::with_token(&self.server, tenant, made["secret"].as_str().unwrap())
    }

    /// A person in a tenant.
    pub async fn person(&self, tenant: &str, role: &str) -> Client {
        let login = format!("{role}@{tenant}.example");
        let account = self.admin.post("/admin/accounts", json!({ "login": login })).await;
        let account = account["id"].as_str().unwrap();
        let member = format!("/admin/tenants/{tenant}/members/{account}");
        self.admin
            .send(Method::PUT, &member, Some(json!({ "role": role })))
            .await;
        let link = self
            .admin
            .post(&format!("/admin/accounts/{account}/link"), json!({}))
            .await;
        let client = Client::by_link(&self.server, link["url"].as_str().unwrap(), &login).await;
        Client {
            tenant: tenant.to_owned(),
            ..client
        }
    }
}

impl Stopped {
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub async fn started(self) -> Rig {
        let folder = self.folder.path().to_owned();
        self.started_in(&folder).await
    }

    async fn started_in(self, folder: &std::path::Path) -> Rig {
        let Self {
            clock,
            admin,
            folder: kept,
            change,
        } = self;
        let server = serve(folder, &clock, &change).await;
        let admin = admin.at(&server);
        Rig {
            server,
            clock,
            admin,
            folder: kept,
            change,
        }
    }
}

async fn serve(folder: &std::path::Path, clock: &ManualClock, change: &Change) -> Server {
    let options = Options {
        listen: ([127, 0, 0, 1], 0).into(),
        plugins: vec![plugin().await],
        wheel: false,
        clock: Arc::new(clock.clone()),
        ..Options::new(folder)
    };
    Server::start(crate::place::place(folder, change(options)))
        .await
        .unwrap()
}

/// Somebody who talks to the service.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    pub base: String,
    pub tenant: String,
    headers: Vec<(&'static str, String)>,
}

impl Client {
    pub fn nobody(server: &Server) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Self {
            http: http.build().unwrap(),
            base: format!("http://{}", server.address()),
            tenant: String::new(),
            headers: Vec::new(),
        }
    }

    pub fn with_token(server: &Server, tenant: &str, token: &str) -> Self {
        Self {
            tenant: tenant.to_owned(),
            headers: vec![("authorization", format!("Bearer {token}"))],
            ..Self::nobody(server)
        }
    }

    /// Follows a link and sets a password, as a browser does.
    pub async fn by_link(server: &Server, link: &str, login: &str) -> Self {
        let nobody = Self::nobody(server);
        let form = [("login", login), ("password", PASSWORD)];
        let answer = nobody.http.post(link).form(&form).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        nobody.with_session(&answer).await
    }

    /// With the session that an answer began.
    pub async fn with_session(self, answer: &Response) -> Self {
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let mut client = Self {
            headers: vec![("cookie", cookie)],
            ..self
        };
        let me = client.get("/me").await;
        client
            .headers
            .push(("x-csrf-token", me["csrf"].as_str().unwrap().to_owned()));
        client
    }

    /// The same person, at another process.
    pub fn at(self, server: &Server) -> Self {
        Self {
            base: format!("http://{}", server.address()),
            ..self
        }
    }

    pub fn without_csrf(mut self) -> Self {
        self.headers.retain(|(name, _)| *name != "x-csrf-token");
        self
    }

    /// A request to any path.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        request
    }

    /// A call of the API: status and body.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let request = self.request(method, &format!("/api/v1{path}"));
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.send(Method::GET, path, None).await;
        assert!(status.is_success(), "GET {path}: {status} {body}");
        body
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.send(Method::POST, path, Some(body)).await;
        assert!(status.is_success(), "POST {path}: {status} {answer}");
        answer
    }

    /// A path of the client's tenant.
    pub fn own(&self, path: &str) -> String {
        format!("/tenants/{}{path}", self.tenant)
    }

    /// Waits until a run is over.
    pub async fn over(&self, run: &str) -> Value {
        let answer = self.request(
            Method::GET,
            &format!("/api/v1{}", self.own(&format!("/runs/{run}/events"))),
        );
        let stream = tokio::time::timeout(Duration::from_secs(120), async {
            answer.send().await.unwrap().text().await
        });
        let text = stream.await.unwrap().unwrap();
        let over = text
            .split("event: over\ndata: ")
            .nth(1)
            .unwrap_or_else(|| panic!("no end in {text}"));
        serde_json::from_str(over.trim()).unwrap()
    }
}

/// TestOps, Jira and Xray, and what the service has to know of them.
pub struct Servers {
    pub world: World,
    variant: Variant,
}

impl Servers {
    pub async fn start(rig: &Rig, variant: Variant, cases: usize) -> Self {
        Self::beside(&rig.clock, variant, Plan::new(cases, 2).launch(cases).build()).await
    }

    /// With a project of TestOps.
    pub async fn beside(clock: &ManualClock, variant: Variant, project: Project) -> Self {
        let builder = match variant {
            Variant::Cloud => World::cloud(),
            Variant::Dc => World::dc(),
        };
        let world = builder
            .clock(clock.0.clone())
            .project(project)
            .start_with(|site, clock| async move {
                match variant {
                    Variant::Cloud => Cloud::new(site, clock).start().await,
                    Variant::Dc => Ok(Tracker {
                        jira: DataCenter::new(site).start(clock, 0).await?,
                        xray: None,
                    }),
                }
            })
            .await
            .unwrap();
        Self { world, variant }
    }

    pub fn urls(&self) -> Vec<String> {
        let tracker = &self.world.tracker;
        let xray = tracker.xray.as_ref().map(|xray| xray.url());
        [self.world.testops.url(), tracker.jira.url()]
            .into_iter()
            .chain(xray)
            .collect()
    }

    /// Sets a tenant up to the point where a sync can be made: the id of its credentials.
    pub async fn set_up(&self, rig: &Rig, owner: &Client) -> String {
        self.set_up_by(&rig.admin, owner).await
    }

    /// The same by an administrator.
    pub async fn set_up_by(&self, admin: &Client, owner: &Client) -> String {
        for url in self.urls() {
            let body = json!({ "server": url.trim_start_matches("http://") });
            admin.post("/admin/servers", body).await;
        }
        let project = json!({
            "name": "Calculator", "endpoint": self.world.testops.url(), "number": 1, "token": testops::TOKEN,
        });
        let project = owner.post(&owner.own("/projects"), project).await;
        let integration = owner.post(&owner.own("/integrations"), self.integration()).await;
        let credentials = self.credentials(&project["id"], &integration["id"]);
        let credentials = owner.post(&owner.own("/credentials"), credentials).await;
        credentials["id"].as_str().unwrap().to_owned()
    }

    fn integration(&self) -> Value {
        let jira = self.world.tracker.jira.url();
        match &self.world.tracker.xray {
            Some(xray) => json!({
                "name": "Xray", "kind": "xray-cloud", "fields": { "endpoint": jira, "xray-endpoint": xray.url() },
            }),
            None => json!({ "name": "Xray", "kind": "xray-dc", "fields": { "endpoint": jira } }),
        }
    }

    fn credentials(&self, project: &Value, integration: &Value) -> Value {
        match self.variant {
            Variant::Cloud => json!({
                "project": project, "integration": integration, "fields": { "username": world::EMAIL },
                "secrets": {
                    "api-token": world::JIRA_TOKEN,
                    "xray-client-id": cloud::XRAY_CLIENT_ID,
                    "xray-client-secret": cloud::XRAY_CLIENT_SECRET,
                },
            }),
            Variant::Dc => json!({
                "project": project, "integration": integration, "secrets": { "token": world::JIRA_TOKEN },
            }),
        }
    }
}

/// A sync of everything.
pub fn sync(credentials: &str, name: &str) -> Value {
    json!({ "credentials": credentials, "name": name, "destination": world::PROJECT })
}

impl Servers {
    /// Forgets what was asked of the servers.
    pub fn forget_requests(&self) {
        let tracker = &self.world.tracker;
        for server in [self.world.testops.server(), &tracker.jira]
            .into_iter()
            .chain(&tracker.xray)
        {
            server.journal().clear();
        }
    }

    /// A secret of the credentials, and its right value.
    pub fn a_secret(&self) -> (&'static str, &'static str) {
        match self.variant {
            Variant::Cloud => ("xray-client-secret", cloud::XRAY_CLIENT_SECRET),
            Variant::Dc => ("token", world::JIRA_TOKEN),
        }
    }

    /// Enters a secret anew.
    pub async fn change_secret(&self, owner: &Client, credentials: &str, field: &str, value: &str) {
        let path = owner.own(&format!("/credentials/{credentials}"));
        let now = owner.get(&path).await;
        let body = json!({
            "project": now["project"], "integration": now["integration"], "fields": now["fields"],
            "secrets": { field: value },
        });
        let (status, answer) = owner.send(Method::PUT, &path, Some(body)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }
}
