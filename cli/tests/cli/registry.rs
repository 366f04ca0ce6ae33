//! A real registry in this test, and tools of others beside ours.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// A registry that listens on loopback, without TLS and without accounts.
pub struct RealRegistry {
    server: Server,
    pub address: String,
    pub folder: tempfile::TempDir,
}

impl RealRegistry {
    /// `None` where it, or skopeo, is not installed; in CI both have to be.
    pub fn start() -> Option<Self> {
        let is_there = |program: &str| Command::new(program).arg("--version").output().is_ok();
        if !is_there("docker-registry") || !is_there("skopeo") {
            let missing = "`docker-registry` and `skopeo` (apt-get install docker-registry skopeo)";
            assert!(std::env::var_os("CI").is_none(), "CI has {missing}");
            eprintln!("skipped: needs {missing}");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let blobs = folder.path().join("blobs");
        let config = format!(
            "version: 0.1\nlog: {{ level: error }}\nstorage: {{ filesystem: {{ rootdirectory: {} }} }}\nhttp: {{ addr: {address} }}\n",
            blobs.display()
        );
        let file = folder.path().join("registry.yml");
        std::fs::write(&file, config).unwrap();
        let server = Command::new("docker-registry")
            .arg("serve")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let registry = Self {
            server: Server(server),
            address,
            folder,
        };
        while TcpStream::connect(&registry.address).is_err() {
            std::thread::yield_now();
        }
        Some(registry)
    }

    /// Ends it; its folder stays.
    pub fn stopped(self) -> tempfile::TempDir {
        drop(self.server);
        self.folder
    }

    /// A name in it, as our command takes it.
    pub fn name(&self, repository: &str) -> String {
        format!("http://{}/{repository}", self.address)
    }

    /// Overwrites the stored bytes with that digest, as somebody with the registry's disk could.
    pub fn tamper(&self, digest: &str) {
        let hex = digest.trim_start_matches("sha256:");
        let blobs = self.folder.path().join("blobs/docker/registry/v2/blobs/sha256");
        let file = blobs.join(&hex[..2]).join(hex).join("data");
        let mut bytes = std::fs::read(&file).unwrap();
        bytes[40] ^= 1;
        std::fs::write(&file, bytes).unwrap();
    }

    /// Runs skopeo; every `docker://` here is without TLS.
    pub fn skopeo(&self, arguments: &[&str]) -> Output {
        let policy = self.folder.path().join("any.json");
        std::fs::write(&policy, r#"{ "default": [{ "type": "insecureAcceptAnything" }] }"#).unwrap();
        let mut command = Command::new("skopeo");
        command.arg("--policy").arg(&policy).args(arguments);
        let output = command.output().unwrap();
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        output
    }

    /// The manifest under a name, as skopeo sees it.
    pub fn manifest(&self, name: &str) -> Vec<u8> {
        let name = format!("docker://{}/{name}", self.address);
        self.skopeo(&["inspect", "--tls-verify=false", "--raw", &name]).stdout
    }
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A key pair by openssl: `NAME.key` and `NAME.pub`.
pub fn key_pair(folder: &Path, name: &str) {
    let (key, public) = (format!("{name}.key"), format!("{name}.pub"));
    let curve = "ec_paramgen_curve:P-256";
    openssl(
        folder,
        &["genpkey", "-algorithm", "EC", "-pkeyopt", curve, "-out", &key],
    );
    openssl(folder, &["pkey", "-in", &key, "-pubout", "-out", &public]);
}

pub fn openssl(folder: &Path, arguments: &[&str]) {
    let output = Command::new("openssl")
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
