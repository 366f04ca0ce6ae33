//! Proof that plugins hold no secret: everything they hold and everything they are given is searched for every secret and
//! token that the host has.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, Weak};

use zeroize::Zeroizing;

use crate::contract::imports::http::{Response, SendError};
use crate::credentials::scanner::{Encodings, SecretScanner};

/// What was looked at and what was found, of an engine with [`EngineLimits::watch`](crate::EngineLimits::watch).
///
/// Looked at are the whole linear memory of each instance when it is thrown away, whatever ended its call, and each value
/// that crosses the boundary. Searched for are all secrets of the engine's tenants, as long as these exist, and all tokens
/// that they use, in the encodings in which servers send them back.
#[derive(Default)]
pub struct SecretWatch {
    /// Replaced whenever there is one more.
    secrets: RwLock<Arc<Secrets>>,
    leaks: Mutex<BTreeSet<Leak>>,
    memory_bytes: AtomicU64,
    values: AtomicU64,
}

/// What is searched for until the last of these is dropped.
pub(crate) type Watched = Arc<Sought>;

pub(crate) struct Sought {
    name: String,
    secret: Zeroizing<String>,
    encodings: Encodings,
}

/// What is searched for together.
#[derive(Default)]
struct Secrets {
    sought: Vec<Weak<Sought>>,
    /// Of what still was there when the first text was searched.
    scan: OnceLock<SecretScanner>,
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
        self.known().living().len()
    }

    /// From now on `secret` is searched for, until what this returns is dropped.
    pub(crate) fn learn(&self, name: &str, secret: &str) -> Watched {
        let mut secrets = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        let mut living = secrets.living();
        if let Some(known) = living.iter().find(|sought| sought.secret.as_str() == secret) {
            return Arc::clone(known);
        }
        let sought = Arc::new(Sought {
            name: name.to_owned(),
            secret: Zeroizing::new(secret.to_owned()),
            encodings: Encodings::new(secret),
        });
        living.push(Arc::clone(&sought));
        *secrets = Arc::new(Secrets {
            sought: living.iter().map(Arc::downgrade).collect(),
            scan: OnceLock::new(),
        });
        sought
    }

    pub(crate) fn memory(&self, bytes: &[u8]) {
        self.memory_bytes.fetch_add(bytes.len() as u64, Relaxed);
        self.search(Place::Memory, |scan, see| scan.find_plain(bytes, see));
    }

    pub(crate) fn value(&self, place: Place, value: &impl Debug) {
        self.values.fetch_add(1, Relaxed);
        let text = Zeroizing::new(format!("{value:?}"));
        self.text(place, text.as_bytes());
    }

    pub(crate) fn answer(&self, answer: Result<&Response, &SendError>) {
        match answer {
            Ok(response) => {
                self.value(Place::IntoPlugin, &response.headers);
                self.text(Place::IntoPlugin, &response.body);
            }
            Err(error) => self.value(Place::IntoPlugin, error),
        }
    }

    /// Searches bytes as they are.
    pub(crate) fn text(&self, place: Place, text: &[u8]) {
        self.search(place, |scan, see| scan.find(text, see));
    }

    fn search(&self, place: Place, look: impl FnOnce(&SecretScanner, &mut dyn FnMut(usize))) {
        let secrets = self.known();
        let mut found = BTreeSet::new();
        look(secrets.scan(), &mut |secret| {
            found.insert(secret);
        });
        let found = found
            .into_iter()
            .filter_map(|secret| secrets.sought.get(secret)?.upgrade());
        let mut leaks = self.leaks.lock().unwrap_or_else(PoisonError::into_inner);
        leaks.extend(found.map(|sought| Leak {
            secret: sought.name.clone(),
            place,
        }));
    }

    fn known(&self) -> Arc<Secrets> {
        Arc::clone(&self.secrets.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Secrets {
    fn living(&self) -> Vec<Watched> {
        self.sought.iter().filter_map(Weak::upgrade).collect()
    }

    fn scan(&self) -> &SecretScanner {
        self.scan.get_or_init(|| {
            let places = self.sought.iter().enumerate();
            let living: Vec<_> = places
                .filter_map(|(place, sought)| Some((place, sought.upgrade()?)))
                .collect();
            let encodings = living.iter().map(|(place, sought)| (*place, &sought.encodings));
            SecretScanner::of(&encodings.collect::<Vec<_>>())
        })
    }
}
