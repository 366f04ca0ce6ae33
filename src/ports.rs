//! What the guest needs from outside, as traits. In the component the WIT imports stand behind them
//! (`contract::imports`); natively, tests and benchmarks put their own.
//!
//! Futures are local: a component instance has one thread.

use crate::domain::Verdict;
use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::rc::Rc;

/// Result of a port call that is under way.
pub type Pending<'a, T> = LocalBoxFuture<'a, T>;

/// HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET
    Get,
    /// HEAD
    Head,
    /// POST
    Post,
    /// PUT
    Put,
    /// DELETE
    Delete,
}

/// A file that the host keeps: the body of an answer, never in the guest's memory. Clones share it; it is gone with the
/// last one.
#[derive(Clone)]
pub struct Blob {
    /// In bytes.
    pub size: u64,
    /// SHA-256, in hexadecimal.
    pub digest: String,
    /// What the implementation of [`Http`] knows it by.
    pub handle: Rc<dyn Any>,
}

impl std::fmt::Debug for Blob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes {}", self.size, self.digest)
    }
}

/// A part of a request's body.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Bytes.
    Bytes(Vec<u8>),
    /// A file as it is.
    Blob(Blob),
    /// A file in Base64.
    Base64(Blob),
}

/// A request over a declared connection.
#[derive(Clone, Debug)]
pub struct Request {
    /// Name of the connection in the manifest.
    pub connection: &'static str,
    /// Method.
    pub method: Method,
    /// Path below the connection's base URL, with a leading slash.
    pub path: String,
    /// Decoded query pairs.
    pub query: Vec<(String, String)>,
    /// Headers with lower-case names.
    pub headers: Vec<(&'static str, String)>,
    /// Body, piece after piece.
    pub body: Option<Vec<Piece>>,
    /// Time for the whole exchange, in milliseconds.
    pub timeout_ms: u32,
}

/// Whom the server took the request for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The server named the account.
    Authenticated,
    /// The server treated the request as anonymous.
    Anonymous,
    /// The server said nothing.
    Unknown,
}

/// A complete answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers with lower-case names.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
    /// Whom the server took the request for.
    pub identity: Identity,
    /// The connection's gateway answered (`setup::Gateway`).
    pub gateway: bool,
}

impl Response {
    /// Value of a header, by lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// What came back where the body may be a file.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The answer; its body is empty where there is a file.
    pub answer: Response,
    /// The body of a success, if it was asked for.
    pub blob: Option<Blob>,
}

/// Why no answer is there.
#[derive(Clone, Debug)]
pub enum SendError {
    /// Against the manifest or the host's policy; nothing was sent.
    Denied(String),
    /// A secret is not stored; nothing was sent.
    NoCredential(String),
    /// The token exchange failed; the request itself was not sent.
    NoToken {
        /// Status of the exchange's answer.
        status: Option<u16>,
        /// The answer was the product's own JSON.
        from_product: bool,
        /// The answer's message.
        message: String,
        /// The wait that the answer asks for, in milliseconds.
        retry_after: Option<u64>,
    },
    /// Nothing was sent; safe to repeat.
    NotSent(String),
    /// The server may have acted.
    OutcomeUnknown(String),
    /// The answer was too large, in bytes.
    TooLarge(u64),
    /// The run's budget is used up; nothing was sent.
    Exhausted(String),
    /// The host itself cannot do it now; nothing was sent.
    HostFailed(String),
    /// The run was cancelled; the server may have acted on what was on its way.
    Cancelled,
}

/// Sends requests.
pub trait Http {
    /// Sends one request, once.
    fn send(&self, request: Request) -> Pending<'_, Result<Response, SendError>>;
    /// Sends one request, once; the body of a success becomes a file of at most `limit` bytes.
    fn fetch(&self, request: Request, limit: u64) -> Pending<'_, Result<Fetched, SendError>>;
}

/// Time.
pub trait Clock {
    /// Milliseconds since the Unix epoch.
    fn now(&self) -> u64;
    /// Returns after so many milliseconds.
    fn sleep(&self, milliseconds: u64) -> Pending<'_, ()>;
    /// The run was cancelled: sleeping returns at once.
    fn is_over(&self) -> bool {
        false
    }
}

/// What a ledger row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Entity {
    /// A test case.
    TestCase,
    /// A launch.
    Launch,
    /// A precondition.
    Precondition,
    /// A shared step.
    SharedStep,
    /// The export configuration itself.
    Checkpoint,
}

/// Key of a ledger row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    /// What the row is about.
    pub entity: Entity,
    /// Numeric id of the destination project.
    pub destination: String,
    /// The source's id.
    pub id: String,
}

/// How far an entity got; see `links.phase` in the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// No issue exists.
    Idle,
    /// A create is about to be sent, or its outcome is unknown.
    Intent,
    /// A create was accepted and is not verified.
    Acknowledged,
    /// The issue exists.
    Linked,
    /// The issue held what the fingerprint says.
    Synced,
    /// The issue is gone.
    Orphaned,
    /// The source entity is gone.
    Tombstone,
}

/// A ledger row's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Key.
    pub key: Key,
    /// How far the entity got.
    pub phase: Phase,
    /// Numeric issue id.
    pub issue_id: Option<String>,
    /// Issue key when last seen.
    pub issue_key: Option<String>,
    /// Digest of the content last written.
    pub fingerprint: String,
    /// Digest of the source's list row.
    pub stamp: String,
    /// Creates tried.
    pub attempt: u32,
    /// Job of an asynchronous server.
    pub token: Option<String>,
    /// The run that created the issue.
    pub created_by: Option<String>,
    /// When written, in milliseconds since the epoch.
    pub updated_at: u64,
    /// Notes of the plugin, JSON.
    pub detail: String,
}

/// A stored row.
#[derive(Clone, Debug)]
pub struct Row {
    /// Content.
    pub link: Link,
    /// Version for compare-and-swap.
    pub version: u64,
}

/// Outcome of one row's write.
#[derive(Clone, Debug)]
pub enum PutOutcome {
    /// Stored, with the new version.
    Stored(u64),
    /// Another writer was faster.
    Conflict,
}

/// Why the ledger did not do it. Nothing of the call was written.
#[derive(Clone, Debug)]
pub enum LedgerError {
    /// The store failed.
    Unavailable(String),
    /// A quota is exceeded.
    TooLarge(String),
    /// Another run works on this destination.
    LeaseLost(String),
}

/// The link ledger. Calls take at most 1,000 rows.
pub trait Links {
    /// Rows in the order of the keys.
    fn get_many(&self, keys: Vec<Key>) -> Pending<'_, Result<Vec<Option<Row>>, LedgerError>>;
    /// Writes rows whose version (0: none) still holds.
    fn put_many(&self, writes: Vec<(Link, u64)>) -> Pending<'_, Result<Vec<PutOutcome>, LedgerError>>;
    /// Rows by ascending id, after an id.
    fn scan(
        &self,
        entity: Entity,
        destination: String,
        after: Option<String>,
        limit: u32,
    ) -> Pending<'_, Result<Vec<Row>, LedgerError>>;
}

/// Part of a run that progress is reported for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The run as a whole, in requests.
    Run,
    /// Checking the connection.
    Checking,
    /// Reading test cases.
    ReadingCases,
    /// Looking up the destination.
    Comparing,
    /// Creating and updating.
    WritingCases,
    /// Reading launches.
    ReadingLaunches,
    /// Publishing results.
    Publishing,
}

/// What happens in a run.
#[derive(Clone, Debug)]
pub enum Event {
    /// So far in a stage.
    Progress {
        /// Stage.
        stage: Stage,
        /// Items done, or requests sent.
        done: u64,
        /// Items in all, where known.
        total: Option<u64>,
    },
    /// A wait has begun.
    Waiting {
        /// Connection waited for.
        connection: &'static str,
        /// How long.
        milliseconds: u64,
        /// Why.
        reason: String,
    },
    /// An entity's one verdict.
    Verdict(Verdict),
    /// A remark about the run as a whole.
    Note(String),
}

/// Takes events; returns when there is room for more.
pub trait Events {
    /// Hands one event over.
    fn emit(&self, event: Event) -> Pending<'_, ()>;
}

/// All ports of a call.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// Requests.
    pub http: &'a dyn Http,
    /// Time.
    pub clock: &'a dyn Clock,
    /// Ledger.
    pub links: &'a dyn Links,
    /// Events.
    pub events: &'a dyn Events,
}
