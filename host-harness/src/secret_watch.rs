//! Proof that plugins hold no secret: everything they hold and everything they are given is searched for every secret and
//! token that the host has.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError, RwLock};

use zeroize::Zeroizing;

use crate::contract::imports::http::{Piece, Request, Response, SendError};
use crate::egress::EchoScan;

/// What was looked at and what was found, of an engine with [`EngineLimits::watch`](crate::EngineLimits::watch).
///
/// Looked at are the whole linear memory of each instance when it is thrown away, whatever ended its call, and each value
/// that crosses the boundary. Searched for are all secrets of the tenants built on the engine and all tokens obtained with
/// them, in the spellings in which servers send them back.
#[derive(Default)]
pub struct SecretWatch {
    secrets: RwLock<Vec<Sought>>,
    leaks: Mutex<BTreeSet<Leak>>,
    memory_bytes: AtomicU64,
    values: AtomicU64,
}

struct Sought {
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
        self.secrets.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// From now on `secret` is searched for.
    pub(crate) fn learn(&self, name: &str, secret: &str) {
        let mut secrets = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        if secrets.iter().all(|sought| sought.secret.as_str() != secret) {
            secrets.push(Sought {
                name: name.to_owned(),
                secret: Zeroizing::new(secret.to_owned()),
                scan: EchoScan::new(secret),
            });
        }
    }

    pub(crate) fn memory(&self, bytes: &[u8]) {
        self.memory_bytes.fetch_add(bytes.len() as u64, Relaxed);
        self.search(Place::Memory, |scan| scan.finds_plain(bytes));
    }

    pub(crate) fn value(&self, place: Place, value: &impl Debug) {
        self.values.fetch_add(1, Relaxed);
        let text = Zeroizing::new(format!("{value:?}"));
        self.search(place, |scan| scan.finds_in(text.as_bytes()));
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
                self.search(Place::OutOfPlugin, |scan| scan.finds_in(bytes));
            }
        }
    }

    pub(crate) fn answer(&self, answer: Result<&Response, &SendError>) {
        match answer {
            Ok(response) => {
                self.value(Place::IntoPlugin, &response.headers);
                self.search(Place::IntoPlugin, |scan| scan.finds_in(&response.body));
            }
            Err(error) => self.value(Place::IntoPlugin, error),
        }
    }

    fn search(&self, place: Place, finds: impl Fn(&EchoScan) -> bool) {
        let secrets = self.secrets.read().unwrap_or_else(PoisonError::into_inner);
        for sought in secrets.iter().filter(|sought| finds(&sought.scan)) {
            let secret = sought.name.clone();
            let mut leaks = self.leaks.lock().unwrap_or_else(PoisonError::into_inner);
            leaks.insert(Leak { secret, place });
        }
    }
}
