//! Proof that plugins hold no secret: everything they hold and everything they are given is searched for every secret and
//! token that the host has.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

use zeroize::Zeroizing;

use crate::contract::imports::http::{Piece, Request, Response, SendError};
use crate::egress::{EchoScan, found};

/// What was looked at and what was found, of an engine with [`EngineLimits::watch`](crate::EngineLimits::watch).
///
/// Looked at are the whole linear memory of each instance when it is thrown away, whatever ended its call, and each value
/// that crosses the boundary. Searched for are all secrets of the engine's tenants, as long as these exist, and all tokens
/// that they use, in the spellings in which servers send them back.
#[derive(Default)]
pub struct SecretWatch {
    secrets: RwLock<Vec<Weak<Sought>>>,
    leaks: Mutex<BTreeSet<Leak>>,
    memory_bytes: AtomicU64,
    values: AtomicU64,
}

/// What is searched for until the last of these is dropped.
pub(crate) type Watched = Arc<Sought>;

pub(crate) struct Sought {
    name: String,
    secret: Zeroizing<String>,
    scan: EchoScan,
}

/// A secret where no plugin may have it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leak {
    /// Form field of the secret, or what kind of token it is.
    pub secret: String,
    /// Where it was found.
    pub place: Place,
}

/// Where a value was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In the linear memory of an instance.
    Memory,
    /// In a value that the host gave to the plugin.
    IntoPlugin,
    /// In a value that the plugin gave to the host.
    OutOfPlugin,
}

impl SecretWatch {
    /// What was found so far.
    pub fn leaks(&self) -> Vec<Leak> {
        let leaks = self.leaks.lock().unwrap_or_else(PoisonError::into_inner);
        leaks.iter().cloned().collect()
    }

    /// Bytes of linear memory that were searched.
    pub fn memory_bytes(&self) -> u64 {
        self.memory_bytes.load(Relaxed)
    }

    /// Values that were searched.
    pub fn values(&self) -> u64 {
        self.values.load(Relaxed)
    }

    /// How many secrets and tokens are searched for.
    pub fn secrets(&self) -> usize {
        self.sought().len()
    }

    /// From now on `secret` is searched for, until what this returns is dropped.
    pub(crate) fn learn(&self, name: &str, secret: &str) -> Watched {
        let mut secrets = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        secrets.retain(|sought| sought.strong_count() > 0);
        let mut known = secrets.iter().filter_map(Weak::upgrade);
        if let Some(known) = known.find(|sought| sought.secret.as_str() == secret) {
            return known;
        }
        let sought = Arc::new(Sought {
            name: name.to_owned(),
            secret: Zeroizing::new(secret.to_owned()),
            scan: EchoScan::new(secret),
        });
        secrets.push(Arc::downgrade(&sought));
        sought
    }

    pub(crate) fn memory(&self, bytes: &[u8]) {
        self.memory_bytes.fetch_add(bytes.len() as u64, Relaxed);
        let sought = self.sought();
        self.tell(
            Place::Memory,
            sought.iter().filter(|sought| sought.scan.finds_plain(bytes)),
        );
    }

    pub(crate) fn value(&self, place: Place, value: &impl Debug) {
        self.values.fetch_add(1, Relaxed);
        let text = Zeroizing::new(format!("{value:?}"));
        self.search(place, text.as_bytes());
    }

    /// Bodies are searched as they are: `Debug` would write them as numbers.
    pub(crate) fn request(&self, request: &Request) {
        let Request {
            connection,
            path,
            query,
            headers,
            body,
            ..
        } = request;
        self.value(Place::OutOfPlugin, &(connection, path, query, headers));
        for piece in body.iter().flatten() {
            if let Piece::Bytes(bytes) = piece {
                self.search(Place::OutOfPlugin, bytes);
            }
        }
    }

    pub(crate) fn answer(&self, answer: Result<&Response, &SendError>) {
        match answer {
            Ok(response) => {
                self.value(Place::IntoPlugin, &response.headers);
                self.search(Place::IntoPlugin, &response.body);
            }
            Err(error) => self.value(Place::IntoPlugin, error),
        }
    }

    fn search(&self, place: Place, text: &[u8]) {
        let sought = self.sought();
        let scans: Vec<&EchoScan> = sought.iter().map(|sought| &sought.scan).collect();
        let found = found(&scans, text);
        self.tell(place, found.into_iter().filter_map(|place| sought.get(place)));
    }

    fn sought(&self) -> Vec<Watched> {
        let secrets = self.secrets.read().unwrap_or_else(PoisonError::into_inner);
        secrets.iter().filter_map(Weak::upgrade).collect()
    }

    fn tell<'a>(&self, place: Place, found: impl Iterator<Item = &'a Watched>) {
        let mut leaks = self.leaks.lock().unwrap_or_else(PoisonError::into_inner);
        leaks.extend(found.map(|sought| Leak {
            secret: sought.name.clone(),
            place,
        }));
    }
}
