//! A proxy that companies run, for tests: tinyproxy of Debian, started from what is installed.

use std::io::{BufRead, BufReader, Write as _};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

/// What brings it where it is missing.
const INSTALL: &str = "apt-get install tinyproxy";
/// Whom it knows.
pub const USER: &str = "me";
pub const PASSWORD: &str = "password-of-tinyproxy";

/// A running tinyproxy; it ends with this value.
pub struct Tinyproxy {
    child: Child,
    /// Its log, read all the time: it would wait for whoever reads it.
    lines: Receiver<String>,
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
    pub fn start(suite: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tinyproxy.conf");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = format!(
            "Port {port}\nListen 127.0.0.1\nAllow 127.0.0.1\nTimeout 60\nMaxClients 20\nBasicAuth {USER} {PASSWORD}\nLogLevel Info\n"
        );
        std::fs::write(&file, config).unwrap();
        let started = Command::new("tinyproxy")
            .arg("-d")
            .arg("-c")
            .arg(&file)
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut child) = started else {
            assert!(
                std::env::var_os("CI").is_none(),
                "{suite} needs tinyproxy, and CI does not skip: {INSTALL}"
            );
            let notice = format!("NOT RUN: {suite}. It needs tinyproxy: {INSTALL}\n");
            std::io::stderr().write_all(notice.as_bytes()).unwrap();
            return None;
        };
        let log = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || log.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let proxy = Self {
            child,
            lines,
            port,
            _folder: folder,
        };
        proxy.read_until("Accepting connections");
        Some(proxy)
    }

    /// Waits until its log has a line with these words.
    pub fn read_until(&self, words: &str) {
        let found = self.lines.iter().any(|line| line.contains(words));
        assert!(found, "tinyproxy ended before: {words}");
    }

    /// For whoever is to go through it.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}
