//! The world of `examples/csv-tms`: a simulated TestOps, and a web server with one file.

use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use tms_sync_component_builder::Build;
use tms_sync_host::model::ExportConfig;
use tms_sync_host::test_kit::World;
use tms_sync_host::{EgressPolicy, Secret, TenantBuilder};
use tms_sync_sim::generate::Plan;
use tms_sync_sim::testops::{TOKEN, TestOps};

/// Compiles a plugin of the example's workspace.
pub async fn component(package: &'static str) -> Vec<u8> {
    let build = move || {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        Build {
            workspace: here.join("../examples/csv-tms"),
            package: package.into(),
            profile: "release".into(),
            target_dir: Path::new(env!("CARGO_TARGET_TMPDIR")).join("csv-tms"),
        }
        .run()
        .unwrap()
    };
    tokio::task::spawn_blocking(build).await.unwrap()
}

#[derive(Default)]
struct File {
    text: String,
    writes: usize,
}

type Shared = Arc<Mutex<File>>;

pub struct Files {
    testops: TestOps,
    address: String,
    file: Shared,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Files {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Files {
    pub async fn start() -> Self {
        let file = Shared::default();
        let app = Router::new()
            .route("/cases.csv", get(read).put(write))
            .with_state(Arc::clone(&file));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let testops = TestOps::builder()
            .project(Plan::new(3, 1).build())
            .start()
            .await
            .unwrap();
        Self {
            testops,
            address,
            file,
            server,
        }
    }
}

async fn read(State(file): State<Shared>) -> String {
    file.lock().unwrap().text.clone()
}

async fn write(State(file): State<Shared>, text: String) {
    let mut file = file.lock().unwrap();
    file.text = text;
    file.writes += 1;
}

impl World for Files {
    fn tenant<'p>(&self, tenant: TenantBuilder<'p>) -> TenantBuilder<'p> {
        let (source, file) = (self.testops.url(), format!("http://{}", self.address));
        let egress = EgressPolicy::public_only().allow(&self.address).unwrap();
        let egress = egress.allow(source.trim_start_matches("http://")).unwrap();
        tenant
            .kind("csv")
            .field("testops-endpoint", &source)
            .field("testops-project-id", "1")
            .secret("testops-token", Secret::new(TOKEN, &source))
            .field("endpoint", &file)
            .egress(egress)
    }

    fn export(&self) -> ExportConfig {
        ExportConfig::everything("main", "CSV")
    }

    fn found(&self) -> Vec<String> {
        self.file.lock().unwrap().text.lines().map(str::to_owned).collect()
    }

    fn writes(&self) -> usize {
        self.file.lock().unwrap().writes
    }
}
