//! One request as the journal keeps it, and sums over many.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::{HeaderMap, Method, header};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// What a request does to the server's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Changes nothing.
    Read,
    /// Creates, changes or removes something.
    Write,
    /// Exchanges a credential; its body is never kept.
    Auth,
}

impl Class {
    /// The plain HTTP reading: GET, HEAD and OPTIONS read, everything else writes.
    #[must_use]
    pub fn of_method(method: &Method) -> Self {
        if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
            Self::Read
        } else {
            Self::Write
        }
    }
}

/// What a classifier may look at.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The method.
    pub method: &'a Method,
    /// The path, without the query.
    pub path: &'a str,
    /// The body, when it is JSON of at most 256 KiB: a GraphQL document shows whether it is a query or a mutation.
    pub body: Option<&'a Value>,
}

/// A server's declaration of which of its requests read, write or sign in.
pub type Classify = Arc<dyn Fn(Call<'_>) -> Class + Send + Sync>;

/// Who asked, without the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Credential {
    /// The authorisation scheme as sent, such as `Bearer`.
    pub scheme: String,
    /// The first 8 hex digits of the SHA-256 of the rest: sets credentials apart, gives none away.
    pub hash: String,
}

impl Credential {
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(header::AUTHORIZATION)?.as_bytes();
        let value = String::from_utf8_lossy(value);
        let (scheme, secret) = value.split_once(' ').unwrap_or(("", &value));
        let digest = Sha256::digest(secret.trim().as_bytes());
        let hash = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        Some(Self {
            scheme: scheme.to_owned(),
            hash,
        })
    }
}

/// One request and what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// 1 for the first request of the server.
    pub sequence: usize,
    /// Arrival, milliseconds since the Unix epoch by the server's clock.
    pub at_ms: i64,
    /// The method, such as `GET`.
    pub method: String,
    /// The path as sent, still percent-encoded.
    pub path: String,
    /// The query as sent, still percent-encoded; empty when there was none.
    pub query: String,
    /// The route that matched, such as `/api/testcase/{id}`; none for the fallback.
    pub route: Option<String>,
    /// Read, write or sign-in, as the server declares it.
    pub class: Class,
    /// The authorisation, when there was one.
    pub credential: Option<Credential>,
    /// The body, when it was JSON of at most 256 KiB and no sign-in.
    pub body: Option<Value>,
    /// Body bytes that arrived.
    pub request_bytes: u64,
    /// The name of the fault that struck, if one did.
    pub fault: Option<&'static str>,
    /// Whether the server did its work. With a fault this can be true although no answer was given.
    pub handled: bool,
    /// The status sent; none when the connection was closed instead, or the answer is not there yet.
    pub status: Option<u16>,
    /// Whether the answer was handed to the connection to the last byte.
    pub answered: bool,
    /// Body bytes sent.
    pub response_bytes: u64,
}

/// Totals over a stretch of a journal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// All requests, those that faults swallowed included.
    pub total: usize,
    /// Requests that change nothing.
    pub reads: usize,
    /// Requests that change something.
    pub writes: usize,
    /// Sign-ins.
    pub auth: usize,
    /// Requests per `METHOD route`; unmatched ones under `METHOD (no route)`.
    pub by_route: BTreeMap<String, usize>,
    /// Body bytes that arrived.
    pub request_bytes: u64,
    /// Body bytes sent.
    pub response_bytes: u64,
}

impl Counts {
    pub(crate) fn of(entries: &[Entry]) -> Self {
        let mut counts = Self {
            total: entries.len(),
            ..Self::default()
        };
        for entry in entries {
            match entry.class {
                Class::Read => counts.reads += 1,
                Class::Write => counts.writes += 1,
                Class::Auth => counts.auth += 1,
            }
            let route = format!("{} {}", entry.method, entry.route.as_deref().unwrap_or("(no route)"));
            *counts.by_route.entry(route).or_default() += 1;
            counts.request_bytes += entry.request_bytes;
            counts.response_bytes += entry.response_bytes;
        }
        counts
    }
}
