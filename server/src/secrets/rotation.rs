//! Another master key: tenants' keys are sealed anew, secrets stay as they are.

use std::path::Path;

use super::{KeyError, Keyring, SealedStore, SecretError};
use crate::store::{SharedStore, TenantScope, sql};

impl SealedStore {
    /// Seals with the current master key what an older one sealed. Returns how many keys that were. Afterwards the older
    /// key can be taken from the keyring.
    ///
    /// # Errors
    ///
    /// The store's, or a key that the source does not open: nothing of that tenant is changed.
    pub async fn rotate(&self, store: &SharedStore) -> Result<u64, SecretError> {
        let current = self.keys.current().await?;
        let query = sql("SELECT tenant, id, master, sealed FROM data_key WHERE master <> ?1").bind(&current);
        let mut rotated = 0;
        for row in store.read(query).await? {
            let tenant: String = row.get("tenant")?;
            let scope = TenantScope::proved(store.clone(), &tenant);
            let (id, key) = self.unseal(&scope, &row).await?;
            let sealed = self.seal_key(&tenant, &id, &key).await?;
            let change =
                sql("UPDATE data_key SET master = ?3, sealed = ?4 WHERE tenant = ?1 AND id = ?2 AND master <> ?3");
            rotated += scope
                .write(vec![change.bind(&id).bind(sealed.master).bind(sealed.bytes)])
                .await?
                .into_iter()
                .sum::<u64>();
        }
        Ok(rotated)
    }
}

/// A file of master keys on its way to a new one. Killed in between, the file has both, and the service starts.
pub(crate) struct NewKey<'a> {
    path: &'a Path,
    text: zeroize::Zeroizing<String>,
}

impl<'a> NewKey<'a> {
    /// Puts a new key before those of the file.
    pub(crate) fn before(path: &'a Path) -> Result<(Self, Keyring), KeyError> {
        let known = Keyring::at(path)?;
        let text = Keyring::random().text();
        let both = zeroize::Zeroizing::new(format!("{}{}", *text, *known.text()));
        let ring = Keyring::parse(&both)?;
        Keyring::write(path, &both)?;
        Ok((Self { path, text }, ring))
    }

    /// Leaves it alone in the file.
    pub(crate) fn alone(self) -> Result<(), KeyError> {
        Keyring::write(self.path, &self.text)
    }
}
