//! Every resource a plugin can use up, and how much of it there is. Fields of [`EngineLimits`] and [`CallLimits`]:
//!
#![doc = include_str!("../../docs/limits.md")]

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// Limits and places of an engine, shared by all its plugins and tenants.
#[derive(Debug, Clone)]
pub struct EngineLimits {
    /// Largest component accepted, in bytes.
    pub component_bytes: usize,
    /// Core instances that a component consists of: its module, and the small ones that the encoder puts around it.
    /// Languages that bring an interpreter of several modules need more.
    pub instances: usize,
    /// Stack of a guest, in bytes.
    pub stack_bytes: usize,
    /// Time that `describe` may take when a plugin is loaded. It is pure; what takes longer is not describing itself.
    pub describe: Duration,
    /// The process that compiles. `None` compiles in the host's own, without a limit: for components that the host's
    /// operator trusts.
    pub compiler: Option<CompilerProcess>,
    /// How many plugins may compute for long at once while others wait for servers: fewer than the runtime has threads, so
    /// that there is always one for those and for the host itself.
    pub computing: usize,
    /// Runs under way at once, all tenants together. Others wait, and the tenant with the fewest under way is next: the memory
    /// of plugins stays below so many times [`CallLimits::memory_bytes`].
    pub runs: usize,
    /// Whether everything that plugins hold and are given is searched for secrets (see [`crate::SecretWatch`]). Their code is
    /// slower then.
    pub watch: bool,
    /// Folder for compiled code, made and read by this host alone (see [`crate::Engine`]). `None` compiles every time.
    pub cache: Option<PathBuf>,
}

impl Default for EngineLimits {
    fn default() -> Self {
        Self {
            component_bytes: 20 * MIB,
            instances: 32,
            stack_bytes: 512 * KIB,
            describe: Duration::from_secs(5),
            compiler: None,
            computing: std::thread::available_parallelism().map_or(1, |threads| threads.get().div_ceil(2)),
            runs: 100,
            watch: false,
            cache: None,
        }
    }
}

/// A program that compiles: one whose `main` calls [`compile_child`](crate::compile_child) when it gets `arguments`.
#[derive(Debug, Clone)]
pub struct CompilerProcess {
    /// The program; a host usually names itself ([`std::env::current_exe`]).
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Computing time of one component, all threads together.
    pub cpu: Duration,
    /// Memory of the process, in bytes. Enforced on Unix.
    pub memory_bytes: u64,
}

impl CompilerProcess {
    /// With the default limits: 60 s of computing, 1 GiB of memory.
    pub fn new(program: impl Into<PathBuf>, arguments: impl IntoIterator<Item = OsString>) -> Self {
        Self {
            program: program.into(),
            arguments: arguments.into_iter().collect(),
            cpu: Duration::from_secs(60),
            memory_bytes: 1 << 30,
        }
    }
}

/// Limits of one call of a plugin. Every call has its own instance and starts from zero.
#[derive(Debug, Clone)]
pub struct CallLimits {
    /// Linear memory of the instance, in bytes.
    pub memory_bytes: usize,
    /// Elements of all tables of the instance.
    pub table_elements: usize,
    /// Time the guest may compute; waiting for a server or a timer is free.
    pub cpu: Duration,
    /// Time from the call to its answer.
    pub wall: Duration,
    /// How long a cancelled run may take to end by itself.
    pub cancel_grace: Duration,
    /// Bytes of strings and lists that one host call may copy out of the guest. Above `request_bytes`.
    pub hostcall_bytes: usize,
    /// Bytes that the host holds for the guest at once: requests and rows on their way, and answers on their way back.
    /// A guest can ask for the same megabytes a thousand times over before the first answer is there.
    pub pending_bytes: usize,
    /// Resource handles, streams and futures the guest may hold.
    pub handles: usize,
    /// Concurrent tasks of the call.
    pub tasks: usize,
    /// Requests of one call.
    pub requests: u64,
    /// Requests in flight, all calls of the tenant together.
    pub in_flight: usize,
    /// Body of one request, in bytes.
    pub request_bytes: usize,
    /// Body of one response, in bytes. The host asks for no compression and undoes none.
    pub response_bytes: usize,
    /// Body of one request that carries files, in bytes; what the guest itself adds stays below `request_bytes`.
    pub upload_bytes: u64,
    /// One file that is kept for the guest, in bytes, after decoding.
    pub blob_bytes: u64,
    /// Files that are kept at once, in bytes: room in the system's temporary folder.
    pub spool_bytes: u64,
    /// Files that are kept at once.
    pub blobs: usize,
    /// Time to resolve the name, connect and finish the TLS handshake.
    pub connect: Duration,
    /// Time without a byte, before the answer's first one and between two.
    pub silence: Duration,
    /// Time of one exchange; a request can ask for less, not for more.
    pub exchange: Duration,
    /// Ledger calls at once.
    pub ledger_calls: usize,
    /// Rows that the tenant may have in the ledger, all integrations together.
    pub ledger_rows: u64,
    /// Size of one ledger row: the sum of its texts, in bytes.
    pub ledger_row_bytes: usize,
    /// Size of one event: the sum of its texts, in bytes.
    pub event_bytes: usize,
    /// Events of one call.
    pub events: u64,
    /// Size of all events of one call, in bytes.
    pub events_bytes: u64,
    /// Events a second that are taken from the guest.
    pub events_per_second: u32,
}

impl Default for CallLimits {
    fn default() -> Self {
        Self {
            memory_bytes: 64 * MIB,
            table_elements: 20_000,
            cpu: Duration::from_secs(60),
            wall: Duration::from_secs(30 * 60),
            cancel_grace: Duration::from_secs(10),
            hostcall_bytes: 24 * MIB,
            pending_bytes: 64 * MIB,
            handles: 4_096,
            tasks: 1_000,
            requests: 100_000,
            in_flight: 16,
            request_bytes: 16 * MIB,
            response_bytes: 16 * MIB,
            upload_bytes: 128 * MIB as u64,
            blob_bytes: 64 * MIB as u64,
            spool_bytes: 512 * MIB as u64,
            blobs: 256,
            connect: Duration::from_secs(10),
            silence: Duration::from_secs(100),
            exchange: Duration::from_secs(120),
            ledger_calls: 4,
            ledger_rows: 2_000_000,
            ledger_row_bytes: 4 * KIB,
            event_bytes: 64 * KIB,
            events: 1_000_000,
            events_bytes: 128 << 20,
            events_per_second: 5_000,
        }
    }
}
