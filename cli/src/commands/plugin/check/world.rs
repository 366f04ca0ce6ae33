//! The servers of `plugin check`: a simulated TestOps, and one that keeps documents.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri};
use serde::Deserialize;
use tms_sync_host::model::ExportConfig;
use tms_sync_host::test_kit::World;
use tms_sync_host::{EgressPolicy, Secret, TenantBuilder};
use tms_sync_sim::generate::Plan;
use tms_sync_sim::testops::{TOKEN, TestOps};

use crate::render::diagnostic::Diagnostic;

const CASES: usize = 3;

/// How a plugin is set up.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    kind: String,
    /// Key of the destination project.
    project: String,
    #[serde(default)]
    fields: BTreeMap<String, String>,
    #[serde(default)]
    secrets: BTreeMap<String, String>,
    /// Documents that are there from the beginning.
    #[serde(default)]
    documents: BTreeMap<String, String>,
}

impl Setup {
    pub fn read(name: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        toml::from_str(text).map_err(|error| vec![Diagnostic::new(format!("{name}: {}", error.message()))])
    }
}

#[derive(Default)]
struct Kept {
    documents: BTreeMap<String, String>,
    writes: usize,
}

type Shared = Arc<Mutex<Kept>>;

/// Servers of one trial.
pub struct Documents {
    setup: Setup,
    testops: TestOps,
    address: String,
    kept: Shared,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Documents {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Documents {
    pub async fn start(setup: &Setup) -> Result<Self, Diagnostic> {
        let failed = |error: std::io::Error| Diagnostic::new(format!("the simulated servers do not start: {error}"));
        let kept = Kept {
            documents: setup.documents.clone(),
            writes: 0,
        };
        let kept = Arc::new(Mutex::new(kept));
        let app = Router::new().fallback(serve).with_state(Arc::clone(&kept));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?.to_string();
        let server = tokio::spawn(async move {
            // A server that ends is noticed by the trial.
            let _ = axum::serve(listener, app).await;
        });
        let testops = TestOps::builder().project(Plan::new(CASES, 1).build()).start();
        Ok(Self {
            setup: setup.clone(),
            testops: testops.await.map_err(failed)?,
            address,
            kept,
            server,
        })
    }

    fn filled(&self, value: &str) -> String {
        let documents = format!("http://{}", self.address);
        let value = value.replace("{testops}", &self.testops.url());
        value.replace("{documents}", &documents).replace("{token}", TOKEN)
    }
}

async fn serve(State(kept): State<Shared>, method: Method, uri: Uri, body: Bytes) -> (StatusCode, String) {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    let path = uri.path().to_owned();
    match method {
        Method::GET => match kept.documents.get(&path) {
            Some(document) => (StatusCode::OK, document.clone()),
            None => (StatusCode::NOT_FOUND, String::new()),
        },
        Method::PUT => {
            kept.writes += 1;
            let document = String::from_utf8_lossy(&body).into_owned();
            kept.documents.insert(path, document);
            (StatusCode::NO_CONTENT, String::new())
        }
        Method::DELETE => {
            kept.writes += 1;
            kept.documents.remove(&path);
            (StatusCode::NO_CONTENT, String::new())
        }
        _ => (StatusCode::METHOD_NOT_ALLOWED, String::new()),
    }
}

impl World for Documents {
    fn tenant<'p>(&self, tenant: TenantBuilder<'p>) -> TenantBuilder<'p> {
        let source = self.testops.url();
        let servers = [self.address.as_str(), source.trim_start_matches("http://")];
        // Both are addresses that were bound; one that is not would be denied, and the kit shows that.
        let allow = |egress: EgressPolicy, server: &&str| egress.clone().allow(server).unwrap_or(egress);
        let egress = servers.iter().fold(EgressPolicy::public_only(), allow);
        let tenant = tenant.kind(&self.setup.kind).egress(egress);
        let fields = self.setup.fields.iter();
        let tenant = fields.fold(tenant, |tenant, (name, value)| tenant.field(name, self.filled(value)));
        let secrets = self.setup.secrets.iter();
        secrets.fold(tenant, |tenant, (name, value)| {
            tenant.secret(name, Secret::new(self.filled(value), &source))
        })
    }

    fn export(&self) -> ExportConfig {
        ExportConfig::everything("main", &self.setup.project)
    }

    fn found(&self) -> Vec<String> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = |(path, document): (&String, &String)| {
            let lines: Vec<String> = document.lines().map(|line| format!("{path}: {line}")).collect();
            lines
        };
        kept.documents.iter().flat_map(lines).collect()
    }

    fn writes(&self) -> usize {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).writes
    }
}
