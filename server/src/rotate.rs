//! `tms-sync rotate-key`: another master key, while the service is stopped.

use std::sync::Arc;

use crate::options::{Keys, Options};
use crate::places::Places;
use crate::secrets::{Keyring, NewKey, SealedStore};
use crate::server::ServerError;

/// Seals every tenant's key with a new master key, or with the first of those that are named, and returns how many that
/// were. A file of master keys gets a new one, which is alone in it afterwards.
///
/// # Errors
///
/// The service runs, or a key is not opened by the master keys that are there.
pub async fn rotate_keys(options: &Options) -> Result<u64, ServerError> {
    let (Places { store, .. }, _guard) = Places::open(options).await?;
    let sealed = |keys| SealedStore::new(keys, Arc::clone(&options.clock));
    let named = match &options.keys {
        Keys::File(path) => path.clone().unwrap_or_else(|| options.state.join("master.key")),
        Keys::Text(text) => return Ok(sealed(Arc::new(Keyring::parse(text)?)).rotate(&store).await?),
        Keys::Source(source) => return Ok(sealed(Arc::clone(source)).rotate(&store).await?),
    };
    let (new, ring) = NewKey::before(&named)?;
    let rotated = sealed(Arc::new(ring)).rotate(&store).await?;
    new.alone()?;
    Ok(rotated)
}
