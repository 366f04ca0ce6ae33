//! What an operator decides when the service starts.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tms_sync_host::{Clock, EgressPolicy, LoadedPlugin, SystemClock};
use zeroize::Zeroizing;

use crate::notify::Mail;
use crate::schedule::FleetOptions;
use crate::secrets::{KeySource, SecretPlace};
use crate::telemetry::Traces;
use crate::users::SingleSignOn;

/// Where the master keys come from.
#[derive(Clone)]
pub enum Keys {
    /// A file, made at the first start. Absent: `master.key` in the state folder.
    File(Option<PathBuf>),
    /// The keys themselves, from an environment variable for instance.
    Text(Zeroizing<String>),
    /// Elsewhere, for example in a [`Transit`](crate::secrets::Transit) engine.
    Source(Arc<dyn KeySource>),
}

/// Options of the service.
#[derive(Clone)]
pub struct Options {
    /// Folder of the databases, unless they are in PostgreSQL, and of the master key; made where there is none.
    pub state: PathBuf,
    /// Address of a PostgreSQL database for store and ledger, instead of files in the folder.
    pub postgres: Option<String>,
    /// Where several services that share the database meet; absent: this one is alone.
    pub fleet: Option<FleetOptions>,
    /// How long runs under way may go on when the service stops, before they are asked to end and handed over.
    pub drain: Duration,
    /// Where to listen. Port 0 picks a free one.
    pub listen: SocketAddr,
    /// Where to serve metrics; absent: nowhere. They are for the operator, so keep the address to yourself.
    pub metrics: Option<SocketAddr>,
    /// How people reach it, for example `https://sync.example.com/tms`: links and cookies depend on it. Absent: by the
    /// address it listens on.
    pub public_url: Option<String>,
    /// Plugins that are offered.
    pub plugins: Vec<LoadedPlugin>,
    /// Where the master keys come from.
    pub keys: Keys,
    /// Where secrets may stay, beside what is entered: teams enter references to them.
    pub secret_places: Vec<Arc<dyn SecretPlace>>,
    /// Runs under way at once, all tenants together.
    pub runs_at_once: usize,
    /// The mail server that messages go by; absent: no mail.
    pub mail: Option<Mail>,
    /// Where people log in beside here; absent: nowhere.
    pub single_sign_on: Option<SingleSignOn>,
    /// What tenants may reach, beside the private or plain servers that administrators enter, and how: proxy, authorities,
    /// client certificates, headers. Messages and log-ins at an OpenID provider go the same way.
    pub egress: EgressPolicy,
    /// Where spans of runs go; by default nowhere.
    pub traces: Traces,
    /// Whether runs begin by themselves. Tests turn the wheel by hand ([`Server::tick`](crate::Server::tick)).
    pub wheel: bool,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl Options {
    /// On loopback, with defaults.
    pub fn new(state: impl Into<PathBuf>) -> Self {
        Self {
            state: state.into(),
            postgres: None,
            fleet: None,
            drain: Duration::ZERO,
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            metrics: None,
            public_url: None,
            plugins: Vec::new(),
            keys: Keys::File(None),
            secret_places: Vec::new(),
            runs_at_once: 4,
            mail: None,
            single_sign_on: None,
            egress: EgressPolicy::public_only(),
            traces: Traces::default(),
            wheel: true,
            clock: Arc::new(SystemClock),
        }
    }
}
