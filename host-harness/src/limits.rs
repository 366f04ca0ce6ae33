//! Every resource a plugin can use up, and how much of it there is.
//!
//! | Resource | Field | Default | Where it runs out |
//! |---|---|---|---|
//! | size of a component | [`EngineLimits::component_bytes`] | 20 MiB | [`LoadedPlugin::load`] refuses it unread |
//! | wasm stack | [`EngineLimits::stack_bytes`] | 512 KiB | the call traps |
//! | linear memory | [`CallLimits::memory_bytes`] | 64 MiB | the allocation fails inside the guest |
//! | table elements | [`CallLimits::table_elements`] | 20,000 | `table.grow` fails |
//! | computing time | [`CallLimits::cpu`] | 60 s | the call is ended, at most one tick (10 ms) late |
//! | wall time | [`CallLimits::wall`] | 30 min | cancelled, and after the grace ended |
//! | time to obey `cancel` | [`CallLimits::cancel_grace`] | 10 s | the call is ended |
//! | copies into the host, per host call | [`CallLimits::hostcall_bytes`] | 24 MiB | the call traps |
//! | resource handles | [`CallLimits::handles`] | 4,096 | the call traps |
//! | tasks, futures and streams at once | [`CallLimits::tasks`] | 1,000 | the call traps |
//! | requests, token exchanges not counted | [`CallLimits::requests`] | 100,000 | `exhausted` |
//! | requests in flight, per tenant | [`CallLimits::in_flight`] | 16 | the request waits |
//! | request body | [`CallLimits::request_bytes`] | 16 MiB | `denied` |
//! | response body | [`CallLimits::response_bytes`] | 16 MiB | `too-large` |
//! | request body with files | [`CallLimits::upload_bytes`] | 128 MiB | `denied` |
//! | one kept file | [`CallLimits::blob_bytes`] | 64 MiB | `too-large` |
//! | kept files at once, in bytes on the host's disk | [`CallLimits::spool_bytes`] | 512 MiB | `exhausted` |
//! | kept files at once | [`CallLimits::blobs`] | 256 | `exhausted` |
//! | connecting | [`CallLimits::connect`] | 10 s | `not-sent` |
//! | one exchange from first to last byte | [`CallLimits::exchange`] | 120 s | `outcome-unknown` |
//! | ledger rows of a tenant | [`CallLimits::ledger_rows`] | 2,000,000 | `too-large` |
//! | a ledger row | [`CallLimits::ledger_row_bytes`] | 4 KiB | `too-large` |
//! | one event | [`CallLimits::event_bytes`] | 64 KiB | the call is ended |
//! | events of a call | [`CallLimits::events`] | 1,000,000 | the call is ended |
//! | events a second, after a burst of as many | [`CallLimits::events_per_second`] | 5,000 | the guest waits |
//!
//! [`LoadedPlugin::load`]: crate::LoadedPlugin::load

use std::path::PathBuf;
use std::time::Duration;

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// Limits and places of an engine, shared by all its plugins and tenants.
#[derive(Debug, Clone)]
pub struct EngineLimits {
    /// Largest component accepted, in bytes.
    pub component_bytes: usize,
    /// Stack of a guest, in bytes.
    pub stack_bytes: usize,
    /// Folder for compiled code, made and read by this host alone (see [`crate::Engine`]). `None` compiles every time.
    pub cache: Option<PathBuf>,
}

impl Default for EngineLimits {
    fn default() -> Self {
        Self {
            component_bytes: 20 * MIB,
            stack_bytes: 512 * KIB,
            cache: None,
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
    /// Resource handles the guest may hold.
    pub handles: usize,
    /// Concurrent tasks, futures and streams of the call.
    pub tasks: usize,
    /// Requests of one call.
    pub requests: u64,
    /// Requests in flight, all calls of the tenant together.
    pub in_flight: usize,
    /// Body of one request, in bytes.
    pub request_bytes: usize,
    /// Body of one response, in bytes, after decoding.
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
    /// Time of one exchange; a request can ask for less, not for more.
    pub exchange: Duration,
    /// Rows that the tenant may have in the ledger, all integrations together.
    pub ledger_rows: u64,
    /// Size of one ledger row: the sum of its texts, in bytes.
    pub ledger_row_bytes: usize,
    /// Size of one event: the sum of its texts, in bytes.
    pub event_bytes: usize,
    /// Events of one call.
    pub events: u64,
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
            exchange: Duration::from_secs(120),
            ledger_rows: 2_000_000,
            ledger_row_bytes: 4 * KIB,
            event_bytes: 64 * KIB,
            events: 1_000_000,
            events_per_second: 5_000,
        }
    }
}
