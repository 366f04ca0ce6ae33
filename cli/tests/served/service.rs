//! The service in a process of its own, and its API.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use serde_json::{Value, json};
use tms_sync_host::{EgressPolicy, HostAnswer, HostRequest};
use tokio::runtime::Runtime;

use crate::servers::is_open;

const PASSWORD: &str = "correct horse battery";

pub struct Service {
    child: Child,
    state: PathBuf,
    address: String,
    headers: Vec<(&'static str, String)>,
    pub syncs: Vec<String>,
    runtime: Runtime,
}

impl Service {
    /// Starts the process and waits until it listens.
    pub fn start(state: &Path) -> Self {
        std::fs::create_dir_all(state).unwrap();
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
        let errors = state.with_extension("err");
        let child = Command::new(env!("CARGO_BIN_EXE_tms-sync"))
            .args(["serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--state"])
            .arg(state)
            .env("XDG_CACHE_HOME", cache)
            .stdout(File::create(state.with_extension("out")).unwrap())
            .stderr(File::create(&errors).unwrap())
            .spawn();
        let mut child = child.unwrap();
        let address = loop {
            let text = std::fs::read_to_string(&errors).unwrap();
            let place = text
                .split("Serving http://")
                .nth(1)
                .and_then(|rest| rest.split_once(' '));
            if let Some((address, _)) = place {
                break address.to_owned();
            }
            assert!(child.try_wait().unwrap().is_none(), "it did not start: {text}");
            std::thread::sleep(Duration::from_millis(5));
        };
        Self {
            child,
            state: state.to_owned(),
            address,
            headers: Vec::new(),
            syncs: Vec::new(),
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap(),
        }
    }

    /// Makes the administrator by the link on standard output, and the tenant `acme`.
    pub fn claim(&mut self) {
        let output = std::fs::read_to_string(self.state.with_extension("out")).unwrap();
        let link = output.split_whitespace().find(|word| word.contains("/link/")).unwrap();
        let form = format!("login=admin@example.com&password={}", PASSWORD.replace(' ', "+"));
        let request = HostRequest::post(link, form.into_bytes());
        let answer = self.send(request.header("content-type", "application/x-www-form-urlencoded"));
        let cookie = answer.headers.iter().find(|(name, _)| name == "set-cookie").unwrap();
        self.headers
            .push(("cookie", cookie.1.split(';').next().unwrap().to_owned()));
        let me = self.get("/me");
        self.headers
            .push(("x-csrf-token", me["csrf"].as_str().unwrap().to_owned()));
        self.post("/admin/tenants", &json!({ "name": "acme" }));
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Another process on the same folder.
    pub fn again(mut self) -> Self {
        let mut next = Self::start(&self.state);
        next.headers = std::mem::take(&mut self.headers);
        next.syncs = std::mem::take(&mut self.syncs);
        next
    }

    /// What the command prints at this service: exit code and standard output.
    pub fn command(&self, token: &str, arguments: &[&str]) -> (Option<i32>, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_tms-sync"))
            .args(["--server", &format!("http://{}", self.address)])
            .args(arguments)
            .current_dir(self.state.parent().unwrap())
            .env("TMS_SYNC_TOKEN", token)
            .env("TESTOPS_TOKEN", tms_sync_sim::testops::TOKEN)
            .env("TOKEN", tms_sync_sim::world::JIRA_TOKEN)
            .env("XDG_CACHE_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"))
            .output();
        let output = output.unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.is_empty(), "{arguments:?}: {errors}");
        (output.status.code(), text)
    }

    /// An API token that reaches `manage`.
    pub fn token(&self, tenant: &str) -> String {
        let body = json!({ "name": "command", "reach": "manage", "days": 1 });
        let made = self.post(&format!("/tenants/{tenant}/tokens"), &body);
        made["secret"].as_str().unwrap().to_owned()
    }

    /// Has something done: an export, and a plan that waits for its turn or runs beside it.
    pub fn load(&self) {
        for (sync, mode) in self.syncs.iter().zip(["export", "plan"]) {
            // Where the start has begun one already it is refused.
            let body = json!({ "mode": mode }).to_string().into_bytes();
            self.ask(HostRequest::post(
                &self.url(&format!("/tenants/acme/syncs/{sync}/runs")),
                body,
            ));
        }
    }

    /// Right after a start: what was under way is marked, and nothing is open but what was begun since.
    pub fn expect_right(&self) {
        let runs = self.get("/tenants/acme/runs?limit=1000");
        let runs = runs.as_array().unwrap();
        for sync in &self.syncs {
            let open = runs.iter().filter(|run| run["sync"] == **sync && is_open(run));
            assert!(open.count() <= 1, "{runs:#?}");
        }
        for run in runs.iter().filter(|run| run["status"] == "interrupted") {
            assert_eq!(run["stopped"]["kind"], "interrupted", "{run:#}");
            assert!(run["finished-at"].is_u64(), "{run:#}");
        }
    }

    /// An export from its beginning to its end, with its verdicts.
    pub fn export(&self) -> (Value, Vec<Value>) {
        let open = || {
            let runs = self.get("/tenants/acme/runs?limit=1000");
            runs.as_array().unwrap().iter().any(is_open)
        };
        let path = format!("/tenants/acme/syncs/{}/runs", self.syncs[0]);
        let run: Value = loop {
            // The schedule may be first: then its run is waited for.
            let body = json!({ "mode": "export" }).to_string().into_bytes();
            let answer = self.ask(HostRequest::post(&self.url(&path), body));
            if answer.status == 201 {
                break serde_json::from_slice(&answer.body).unwrap();
            }
            assert_eq!(answer.status, 409, "{}", String::from_utf8_lossy(&answer.body));
            while open() {
                std::thread::sleep(Duration::from_millis(20));
            }
        };
        let path = format!("/tenants/acme/runs/{}", run["id"].as_str().unwrap());
        let run = loop {
            let run = self.get(&path);
            if !is_open(&run) {
                break run;
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let items = self.get(&format!("{path}/items?limit=1000"));
        (run, items["items"].as_array().unwrap().clone())
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/api/v1{path}", self.address)
    }

    pub fn get(&self, path: &str) -> Value {
        self.answered(path, HostRequest::get(&self.url(path)))
    }

    pub fn post(&self, path: &str, body: &Value) -> Value {
        self.answered(path, HostRequest::post(&self.url(path), body.to_string().into_bytes()))
    }

    fn answered(&self, path: &str, request: HostRequest) -> Value {
        let answer = self.ask(request);
        let text = String::from_utf8_lossy(&answer.body);
        assert!(answer.status < 300, "{path}: {} {text}", answer.status);
        serde_json::from_str(&text).unwrap_or_default()
    }

    fn ask(&self, mut request: HostRequest) -> HostAnswer {
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        self.send(request.header("content-type", "application/json"))
    }

    fn send(&self, request: HostRequest) -> HostAnswer {
        let policy = EgressPolicy::reaching(&format!("http://{}", self.address)).unwrap();
        self.runtime.block_on(request.send(&policy)).unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
