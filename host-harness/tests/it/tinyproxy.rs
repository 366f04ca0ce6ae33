//! Requests through a proxy that companies run: tinyproxy of Debian, started here.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use tms_sync_host::{EgressPolicy, Proxy};

use crate::tls::{Authority, answers_of};

const PASSWORD: &str = "password-of-tinyproxy";

/// A running tinyproxy; it ends with this value.
struct Tinyproxy {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Drop for Tinyproxy {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Tinyproxy {
    /// Starts one that knows one user. `None` where it is not installed, which CI does not accept.
    #[expect(clippy::print_stderr, reason = "whoever runs the tests hears what is missing")]
    fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tinyproxy.conf");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = format!(
            "Port {port}\nListen 127.0.0.1\nAllow 127.0.0.1\nTimeout 60\nMaxClients 20\nBasicAuth me {PASSWORD}\nLogLevel Info\n"
        );
        std::fs::write(&file, config).unwrap();
        let started = Command::new("tinyproxy")
            .arg("-d")
            .arg("-c")
            .arg(&file)
            .stdout(Stdio::piped())
            .spawn();
        let mut child = match started {
            Ok(child) => child,
            Err(error) => {
                let how = "requests through tinyproxy are not tested: apt-get install tinyproxy";
                assert!(std::env::var_os("CI").is_none(), "{how} ({error})");
                eprintln!("{how} ({error})");
                return None;
            }
        };
        let lines = BufReader::new(child.stdout.take().unwrap());
        let mut proxy = Self {
            child,
            lines,
            port,
            _folder: folder,
        };
        proxy.read_until("Accepting connections");
        Some(proxy)
    }

    /// Its log up to the line with these words.
    fn read_until(&mut self, words: &str) -> String {
        let mut log = String::new();
        while !log.contains(words) {
            let read = self.lines.read_line(&mut log).unwrap();
            assert!(read > 0, "tinyproxy ended: {log}");
        }
        log
    }

    fn with(&self, password: &str) -> Proxy {
        let proxy = Proxy::new(&format!("http://127.0.0.1:{}", self.port)).unwrap();
        proxy.credentials("me", password)
    }
}

/// An https server on this machine by the name that every machine knows, and a policy that believes it.
async fn server() -> (String, EgressPolicy) {
    let authority = Authority::new();
    let port = authority.server("localhost", false).await;
    let policy = EgressPolicy::public_only().allow(&format!("localhost:{port}")).unwrap();
    let policy = policy.trust(authority.pem.as_bytes()).unwrap();
    (format!("https://localhost:{port}"), policy)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_go_through_tinyproxy_with_its_password() {
    let Some(mut proxy) = Tinyproxy::start() else { return };
    let (url, policy) = server().await;
    let answer = answers_of(url.clone(), policy.proxy(proxy.with(PASSWORD)), 1).await;
    assert!(answer[0].starts_with("200 "), "{answer:?}");
    let connect = url.replace("https://", "CONNECT ");
    proxy.read_until(&connect);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_that_tinyproxy_refuses_is_named_and_nothing_was_sent() {
    let Some(proxy) = Tinyproxy::start() else { return };
    let (url, policy) = server().await;
    let answer = answers_of(url, policy.proxy(proxy.with("another-password")), 1).await;
    assert!(
        answer[0].contains("NotSent") && answer[0].contains("through the proxy"),
        "{answer:?}"
    );
    assert!(!answer[0].contains("another-password"), "{answer:?}");
}
