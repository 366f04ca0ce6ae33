//! A real PostgreSQL server for tests, started from what is installed. It listens on a socket in a folder of its own, and
//! ends with the process that started it, however that ends.

use std::io::Write as _;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

/// What brings it where it is missing.
const INSTALL: &str = "apt-get install --no-install-recommends postgresql";
/// The server's name for whoever connects.
const ROLE: &str = "tms";

/// A data directory, and the server on it while it runs.
pub struct Postgres {
    folder: tempfile::TempDir,
    programs: PathBuf,
    server: std::sync::Mutex<Option<Child>>,
    databases: AtomicUsize,
}

/// The server of this process; absent where none is installed, which only CI takes for a failure.
pub fn shared(suite: &str) -> Option<&'static Postgres> {
    static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
    let shared = SHARED.get_or_init(Postgres::start).as_ref();
    if shared.is_none() {
        missing(suite);
    }
    shared
}

/// A server of the test's own.
pub fn own(suite: &str) -> Option<Postgres> {
    let own = Postgres::start();
    if own.is_none() {
        missing(suite);
    }
    own
}

fn missing(suite: &str) {
    assert!(
        std::env::var_os("CI").is_none(),
        "{suite} needs PostgreSQL, and CI does not skip: {INSTALL}"
    );
    // To the terminal itself: what a test prints is kept from people unless it fails.
    let notice = format!("NOT RUN: {suite}. It needs a PostgreSQL server: {INSTALL}\n");
    std::io::stderr().write_all(notice.as_bytes()).unwrap();
}

impl Postgres {
    fn start() -> Option<Self> {
        let postgres = Self {
            folder: tempfile::tempdir().unwrap(),
            programs: programs()?,
            server: std::sync::Mutex::default(),
            databases: AtomicUsize::new(0),
        };
        postgres.own(postgres.folder.path());
        // A collation that orders otherwise than bytes do, so that the ledger's own is seen to matter.
        let arguments = [
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--locale-provider=icu",
            "--icu-locale=en-US",
            "--no-sync",
            "--no-instructions",
            "--wal-segsize=1",
        ];
        let data = postgres.data();
        postgres.run(
            "initdb",
            &[&arguments[..], &["--username", ROLE, "--pgdata", &data]].concat(),
        );
        postgres.append("postgresql.conf", "listen_addresses = ''\n");
        postgres.begin();
        Some(postgres)
    }

    fn data(&self) -> String {
        self.path("data")
    }

    /// A place in the server's folder.
    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Starts the server and waits until it takes connections. After a kill, processes of the server before may live for a
    /// moment longer, and keep it from starting.
    pub fn begin(&self) {
        for _ in 0..100 {
            self.spawn();
            if self.is_ready() {
                return;
            }
            self.end();
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("PostgreSQL does not start:\n{}", self.log());
    }

    fn spawn(&self) {
        // The shell ends the server when its own input ends: with this process, or when the server is dropped.
        let script = format!(
            "{}/postgres -D {} -k {} >{} 2>&1 & server=$!; read _; kill -INT $server; wait $server",
            self.programs.display(),
            self.data(),
            self.folder.path().display(),
            self.path("log")
        );
        let shell = self
            .command("sh")
            .args(["-c", &script])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        *self.server.lock().unwrap() = Some(shell);
    }

    /// Waits until it takes connections; false where it does not start.
    fn is_ready(&self) -> bool {
        for _ in 0..600 {
            let ready = self
                .command("pg_isready")
                .args(["-q", "-h", &self.path("")])
                .status()
                .unwrap();
            if ready.success() || self.log().contains("still in use") {
                return ready.success();
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        false
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// Ends the server.
    pub fn end(&self) {
        if let Some(mut shell) = self.server.lock().unwrap().take() {
            drop(shell.stdin.take());
            shell.wait().unwrap();
        }
    }

    /// Listens on an address of this machine as well, and there over TLS alone, with a certificate and its key.
    pub fn listen(&self, address: &str, certificate: &str, key: &str) {
        for (name, text) in [("server.crt", certificate), ("server.key", key)] {
            let path = Path::new(&self.data()).join(name);
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            self.own(&path);
        }
        self.append(
            "postgresql.conf",
            &format!("ssl = on\nlisten_addresses = '{address}'\n"),
        );
        let clients = "local all all trust\nhostssl all all 127.0.0.0/8 trust\n";
        std::fs::write(Path::new(&self.data()).join("pg_hba.conf"), clients).unwrap();
        self.end();
        self.begin();
    }

    /// Adds to a file of settings; the last line of a name counts.
    fn append(&self, name: &str, text: &str) {
        let path = format!("{}/{name}", self.data());
        let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    /// SIGKILL for the server and its children.
    pub fn kill(&self) {
        let pid = std::fs::read_to_string(self.path("data/postmaster.pid")).unwrap();
        let pid = pid.lines().next().unwrap();
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
        let kill = Command::new("kill")
            .args(["-KILL", pid])
            .args(children.split_whitespace())
            .status();
        assert!(kill.unwrap().success());
        self.end();
    }

    /// Takes a base backup, and returns where it is.
    pub fn back_up(&self) -> String {
        let (backup, host) = (self.path("backup"), self.path(""));
        let arguments = ["-h", &host, "-U", ROLE, "-D", &backup, "-X", "stream", "-c", "fast"];
        self.run("pg_basebackup", &arguments);
        backup
    }

    /// Ends the server and brings the backup back in its place: recovered, as an operator does to a point in time.
    pub fn recover(&self, backup: &str) {
        let data = self.data();
        self.end();
        std::fs::remove_dir_all(&data).unwrap();
        std::fs::rename(backup, &data).unwrap();
        self.append("postgresql.auto.conf", "restore_command = 'false'\n");
        let signal = format!("{data}/recovery.signal");
        std::fs::write(&signal, "").unwrap();
        self.own(Path::new(&signal));
        self.begin();
        while self.sql("postgres", "SELECT pg_is_in_recovery()") == "t" {
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Makes an empty database, and returns its address.
    pub fn database(&self) -> String {
        let name = format!("test{}", self.databases.fetch_add(1, SeqCst));
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        self.address(&name)
    }

    /// The address of a database.
    pub fn address(&self, database: &str) -> String {
        let folder = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://{ROLE}@{folder}/{database}")
    }

    /// Runs SQL, and returns what it prints.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        self.run(
            "psql",
            &[
                "-qAtX",
                "-v",
                "ON_ERROR_STOP=1",
                "-d",
                &self.address(database),
                "-c",
                sql,
            ],
        )
    }

    /// Runs a program of PostgreSQL's.
    pub fn run(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.command(program).args(arguments).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program}: {errors}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// A command as the account that may run a server, which root may not.
    fn command(&self, program: &str) -> Command {
        let path = self.programs.join(program);
        let mut command = Command::new(if path.exists() { path } else { PathBuf::from(program) });
        command.current_dir(self.folder.path()).env("LC_ALL", "C.UTF-8");
        if let Some((user, group)) = unprivileged() {
            command.uid(user).gid(group);
        }
        command
    }

    /// Gives a folder to that account.
    fn own(&self, folder: &Path) {
        if let Some((user, group)) = unprivileged() {
            std::os::unix::fs::chown(folder, Some(user), Some(group)).unwrap();
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.end();
    }
}

/// The newest installed version's programs.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let programs = versions.filter_map(|version| {
        let path = version.ok()?.path();
        let number: u32 = path.file_name()?.to_str()?.parse().ok()?;
        path.join("bin/postgres").exists().then(|| (number, path.join("bin")))
    });
    programs.max().map(|(_, path)| path)
}

/// The account `postgres`, which comes with the server, where this process is root.
fn unprivileged() -> Option<(u32, u32)> {
    use std::os::unix::fs::MetadataExt;
    if std::fs::metadata("/proc/self").unwrap().uid() != 0 {
        return None;
    }
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap();
    let account = accounts.lines().find(|line| line.starts_with("postgres:")).unwrap();
    let mut ids = account.split(':').skip(2).map(|id| id.parse().unwrap());
    Some((ids.next().unwrap(), ids.next().unwrap()))
}
