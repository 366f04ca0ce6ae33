//! Guests built once per process, a loopback server that records, and tenants as dull as can be.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use tms_sync_component_builder::Build;
use tms_sync_host::model::{Event, ExportConfig, Field};
use tms_sync_host::{
    CallLimits, EgressPolicy, Engine, EngineLimits, Job, LoadedPlugin, RunOutcome, Secret, SqliteLedger, Tenant,
};
use tokio::sync::OnceCell;

pub const TOKEN: &str = "bearer-token-of-the-tests";
pub const CLIENT: &str = "client-secret-of-the-tests";

fn target_dir() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("guests")
}

async fn guest(package: &'static str, cell: &'static OnceCell<Vec<u8>>) -> &'static [u8] {
    let build = move || {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests");
        Build {
            workspace,
            package: package.into(),
            profile: "release".into(),
            target_dir: target_dir(),
        }
        .run()
        .unwrap()
    };
    let made = async || tokio::task::spawn_blocking(build).await.unwrap().component;
    cell.get_or_init(made).await
}

/// The guest that does as it is told.
pub async fn speaks() -> &'static [u8] {
    static CELL: OnceCell<Vec<u8>> = OnceCell::const_new();
    guest("guest-speaks", &CELL).await
}

/// The guest that commits the sin named by its `user` field.
pub async fn sins() -> &'static [u8] {
    static CELL: OnceCell<Vec<u8>> = OnceCell::const_new();
    guest("guest-sins", &CELL).await
}

pub async fn load(bytes: &[u8]) -> LoadedPlugin {
    let cache = Some(target_dir().join("cache"));
    let engine = Engine::new(EngineLimits {
        cache,
        ..EngineLimits::default()
    })
    .unwrap();
    LoadedPlugin::load(&engine, bytes).await.unwrap()
}

/// A tenant of `server` with all secrets stored.
pub fn tenant(plugin: &LoadedPlugin, server: &Server, user: &str, limits: CallLimits) -> Tenant {
    let policy = EgressPolicy::public_only().allow(&server.address).unwrap();
    let url = format!("http://{}/base/", server.address);
    Tenant::builder("acme", plugin)
        .kind("probe")
        .field("url", &url)
        .field("user", user)
        .secret("password", Secret::new("pw", &url))
        .secret("token", Secret::new(TOKEN, &url))
        .secret("client", Secret::new(CLIENT, &url))
        .ledger(Arc::new(SqliteLedger::in_memory().unwrap()))
        .egress(policy)
        .limits(limits)
        .build()
        .unwrap()
}

/// A job that makes `speaks` obey each order.
pub fn job(orders: &[&str]) -> Job {
    let mapping = orders.iter().map(|order| Field {
        name: "said".into(),
        value: (*order).into(),
    });
    Job::new(ExportConfig {
        name: "main".into(),
        project: "CALC".into(),
        test_case_aql: String::new(),
        launches_aql: String::new(),
        disable_test_case_create: false,
        disable_launches_sync: false,
        disable_export: false,
        mapping: mapping.collect(),
    })
}

/// What `speaks` answered to each order, and the outcome.
pub async fn obey(tenant: &Tenant, orders: &[&str]) -> (Vec<String>, RunOutcome) {
    let mut run = tenant.run(job(orders));
    let mut said = Vec::new();
    while let Some(event) = run.next_event().await {
        if let Event::Note(note) = event {
            said.push(note.trim_start_matches("said=").to_owned());
        }
    }
    (said, run.finish().await)
}

/// One request as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    pub path: String,
    pub headers: HeaderMap,
}

pub type Answer = fn(&Seen, &[Seen]) -> Response;

pub struct Server {
    pub address: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Answers by `answer`, which also gets the requests before.
    pub async fn start(answer: Answer) -> Self {
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let app = axum::Router::new()
            .fallback(handle)
            .with_state((Arc::clone(&seen), answer));
        Self {
            seen,
            ..Self::of(app).await
        }
    }

    /// Serves routes of a test's own, which nobody records.
    pub async fn of(app: axum::Router) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            address,
            seen: Arc::default(),
        }
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Values of `authorization`, in order; empty where there was none.
    pub fn authorizations(&self) -> Vec<String> {
        let value = |seen: &Seen| {
            seen.headers
                .get("authorization")
                .map(|v| v.to_str().unwrap().to_owned())
        };
        self.seen().iter().map(|seen| value(seen).unwrap_or_default()).collect()
    }
}

async fn handle(State((seen, answer)): State<(Arc<Mutex<Vec<Seen>>>, Answer)>, request: Request) -> Response {
    let this = Seen {
        path: request.uri().to_string(),
        headers: request.headers().clone(),
    };
    let mut seen = seen.lock().unwrap();
    let response = answer(&this, &seen);
    seen.push(this);
    response
}

/// 200 and a little JSON.
pub fn fine(_: &Seen, _: &[Seen]) -> Response {
    (StatusCode::OK, [("content-type", "application/json")], "{}").into_response()
}
