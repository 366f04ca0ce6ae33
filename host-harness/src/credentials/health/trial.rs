//! Who tries a credential: one call at a time, until it is known to be accepted.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{MutexGuard, Semaphore, SemaphorePermit};

use super::version::SecretKind;
use crate::ledger::health::{CredentialHealth, CredentialKey};
use crate::ledger::holder;

/// Longest time one trial is waited for, in milliseconds: above every request's own limit.
pub(super) const LONGEST_MS: u64 = 150_000;
/// Between two looks at a trial of another process.
pub(super) const PAUSE: Duration = Duration::from_millis(200);
/// Requests in flight with a password. One that is changed while it is in use costs as many refused log-ins.
const PASSWORD_PLACES: usize = 2;
/// Beyond what a tenant may have in flight.
const TOKEN_PLACES: usize = 1_024;

/// What the calls of this process share about a credential.
pub(super) struct Shared {
    turn: tokio::sync::Mutex<()>,
    places: Semaphore,
    refused: AtomicBool,
}

impl Shared {
    pub(super) async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// `None` only where the semaphore was closed, which nobody does.
    pub(super) async fn place(&self) -> Option<SemaphorePermit<'_>> {
        self.places.acquire().await.ok()
    }

    pub(super) fn refused(&self) {
        self.refused.store(true, Relaxed);
    }

    pub(super) fn accepted(&self) {
        self.refused.store(false, Relaxed);
    }

    pub(super) fn is_refused(&self) -> bool {
        self.refused.load(Relaxed)
    }
}

/// By tenant, origin and version.
type Registry = BTreeMap<[String; 3], Weak<Shared>>;

/// The part shared by all calls of this process that use the credential. Versions are digests by a ledger's own key, so
/// that two ledgers never meet here.
pub(super) fn shared(tenant: &str, key: &CredentialKey, secret_kind: SecretKind) -> Arc<Shared> {
    static REGISTRY: Mutex<Registry> = Mutex::new(BTreeMap::new());
    let mut registry = REGISTRY.lock().unwrap_or_else(PoisonError::into_inner);
    registry.retain(|_, shared| shared.strong_count() > 0);
    let key = [tenant.to_owned(), key.origin.clone(), key.version.clone()];
    if let Some(shared) = registry.get(&key).and_then(Weak::upgrade) {
        return shared;
    }
    let places = match secret_kind {
        SecretKind::Password => PASSWORD_PLACES,
        SecretKind::Token => TOKEN_PLACES,
    };
    let shared = Arc::new(Shared {
        turn: tokio::sync::Mutex::new(()),
        places: Semaphore::new(places),
        refused: AtomicBool::new(false),
    });
    registry.insert(key, Arc::downgrade(&shared));
    shared
}

/// Whether another process, which still lives, tries it at the moment. The calls of this one take turns.
pub(super) fn is_taken(row: &CredentialHealth, now: u64) -> bool {
    row.trial
        .as_ref()
        .is_some_and(|(other, until)| other != holder::process() && now < *until && !holder::is_gone(other))
}
