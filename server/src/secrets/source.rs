//! What seals the keys of tenants, behind a trait: keys of this process, or a server that shows its keys to nobody.

use futures_util::future::BoxFuture;
use zeroize::Zeroizing;

use super::{Keyring, SecretError};

/// A tenant's key, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedKey {
    /// Name of the key that sealed it.
    pub master: String,
    /// What can be stored.
    pub bytes: Vec<u8>,
}

/// Result of an operation of a key source.
pub type KeyResult<'a, T> = BoxFuture<'a, Result<T, SecretError>>;

/// Where master keys are. What is `bound` when a key is sealed has to be the same when it is opened.
pub trait KeySource: Send + Sync + 'static {
    /// Name of the key that seals now; what another one sealed is sealed anew by a rotation.
    fn current(&self) -> KeyResult<'_, String>;

    /// Seals a tenant's key.
    fn seal<'a>(&'a self, key: &'a [u8], bound: &'a [&'a str]) -> KeyResult<'a, SealedKey>;

    /// Opens it again.
    fn open<'a>(&'a self, sealed: &'a SealedKey, bound: &'a [&'a str]) -> KeyResult<'a, Zeroizing<Vec<u8>>>;
}

fn closed() -> SecretError {
    SecretError::Closed("tenant's key".to_owned())
}

impl KeySource for Keyring {
    fn current(&self) -> KeyResult<'_, String> {
        let name = self.first().map(|key| key.name.clone());
        Box::pin(std::future::ready(name.ok_or_else(closed)))
    }

    fn seal<'a>(&'a self, key: &'a [u8], bound: &'a [&'a str]) -> KeyResult<'a, SealedKey> {
        let sealed = self.first().and_then(|master| {
            Some(SealedKey {
                master: master.name.clone(),
                bytes: master.seal(key, bound)?,
            })
        });
        Box::pin(std::future::ready(sealed.ok_or_else(closed)))
    }

    fn open<'a>(&'a self, sealed: &'a SealedKey, bound: &'a [&'a str]) -> KeyResult<'a, Zeroizing<Vec<u8>>> {
        let master = self.named(&sealed.master);
        let opened = master.and_then(|master| master.open(&sealed.bytes, bound));
        Box::pin(std::future::ready(opened.ok_or_else(closed)))
    }
}
