//! Guests built once per process, a loopback server that records, and tenants as dull as can be.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use tms_sync_component_builder::Build;
use tms_sync_host::model::{Event, ExportConfig, Field};
use tms_sync_host::{
    CallLimits, EgressPolicy, Engine, EngineLimits, Job, LoadedPlugin, RunOutcome, Secret, SqliteLedger, Tenant,
    TenantBuilder, Undo,
};
use tokio::sync::OnceCell;

pub const TOKEN: &str = "bearer-token-of-the-tests";
pub const CLIENT: &str = "client-secret-of-the-tests";

fn target_dir() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("guests")
}

/// Builds a guest of a workspace below `tests/`, once.
pub async fn guest(workspace: &'static str, package: &'static str, cell: &'static OnceCell<Vec<u8>>) -> &'static [u8] {
    let build = move || {
        Build {
            workspace: Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../host-harness/tests")
                .join(workspace),
            package: package.into(),
            profile: "release".into(),
            target_dir: target_dir(),
        }
        .run()
        .unwrap()
    };
    let made = async || tokio::task::spawn_blocking(build).await.unwrap();
    cell.get_or_init(made).await
}

/// The guest that does what it is ordered to do.
pub async fn speaks() -> &'static [u8] {
    static CELL: OnceCell<Vec<u8>> = OnceCell::const_new();
    guest("guests", "guest-speaks", &CELL).await
}

/// An engine that keeps compiled code between test processes.
pub fn engine() -> Engine {
    Engine::new(limits()).unwrap()
}

/// Limits of such an engine.
pub fn limits() -> EngineLimits {
    EngineLimits {
        cache: Some(target_dir().join("cache")),
        ..EngineLimits::default()
    }
}

pub async fn load(bytes: &[u8]) -> LoadedPlugin {
    LoadedPlugin::load(&engine(), bytes).await.unwrap()
}

/// A tenant of `server` with all secrets stored and a ledger of its own.
pub fn tenant(plugin: &LoadedPlugin, server: &Server, user: &str, limits: CallLimits) -> Tenant {
    let ledger = Arc::new(SqliteLedger::in_memory().unwrap());
    builder("acme", plugin, server, user, limits)
        .ledger(ledger)
        .build()
        .unwrap()
}

/// A tenant by name, with all secrets stored.
pub fn builder<'p>(
    name: &str,
    plugin: &'p LoadedPlugin,
    server: &Server,
    user: &str,
    limits: CallLimits,
) -> TenantBuilder<'p> {
    let policy = EgressPolicy::public_only().allow(&server.address).unwrap();
    let url = format!("http://{}/base/", server.address);
    Tenant::builder(name, plugin)
        .kind("probe")
        .field("url", &url)
        .field("user", user)
        .secret("password", Secret::new("pw", &url))
        .secret("token", Secret::new(TOKEN, &url))
        .secret("client", Secret::new(CLIENT, &url))
        .egress(policy)
        .limits(limits)
}

/// A job that makes `speaks` obey each order.
pub fn job(orders: &[&str]) -> Job {
    let mapping = orders.iter().map(|order| Field {
        name: "said".into(),
        value: (*order).into(),
    });
    Job::new(export(mapping.collect()))
}

/// An order to report what a run created.
pub fn undo() -> Undo {
    Undo::new(export(Vec::new()), "run")
}

fn export(mapping: Vec<Field>) -> ExportConfig {
    ExportConfig {
        mapping,
        ..ExportConfig::everything("main", "CALC")
    }
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

/// Answers a request, with the requests before it at hand.
pub type Answer = Arc<dyn Fn(&Seen, &[Seen]) -> Response + Send + Sync>;

pub struct Server {
    pub address: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    crowd: Arc<Crowd>,
}

/// Requests that are being answered.
#[derive(Default)]
struct Crowd {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Server {
    /// Answers by `answer`, which also gets the requests before.
    pub async fn start(answer: impl Fn(&Seen, &[Seen]) -> Response + Send + Sync + 'static) -> Self {
        let answer: Answer = Arc::new(answer);
        let (seen, crowd): (Arc<Mutex<Vec<Seen>>>, Arc<Crowd>) = Default::default();
        let app = axum::Router::new()
            .fallback(handle)
            .with_state((Arc::clone(&seen), answer, Arc::clone(&crowd)));
        Self {
            seen,
            crowd,
            ..Self::of(app).await
        }
    }

    /// How many requests there were at once, at most.
    pub fn most_at_once(&self) -> usize {
        self.crowd.most.load(Relaxed)
    }

    /// Serves routes of a test's own, which nobody records.
    pub async fn of(app: axum::Router) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            address,
            seen: Arc::default(),
            crowd: Arc::default(),
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

type Shared = (Arc<Mutex<Vec<Seen>>>, Answer, Arc<Crowd>);

async fn handle(State((seen, answer, crowd)): State<Shared>, request: Request) -> Response {
    let now = crowd.now.fetch_add(1, Relaxed) + 1;
    crowd.most.fetch_max(now, Relaxed);
    // Others may arrive before this one is answered.
    tokio::task::yield_now().await;
    let this = Seen {
        path: request.uri().to_string(),
        headers: request.headers().clone(),
    };
    let response = {
        let mut seen = seen.lock().unwrap();
        let response = answer(&this, &seen);
        seen.push(this);
        response
    };
    crowd.now.fetch_sub(1, Relaxed);
    response
}

/// 200 and a little JSON.
pub fn fine(_: &Seen, _: &[Seen]) -> Response {
    (StatusCode::OK, [("content-type", "application/json")], "{}").into_response()
}
