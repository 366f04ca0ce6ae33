//! Another master key: tenants' keys are sealed anew, secrets stay as they are.

use super::{SealedStore, SecretError};
use crate::store::{SharedStore, TenantScope, sql};

impl SealedStore {
    /// Seals with the current master key what an older one sealed. Returns how many keys that were. Afterwards the older
    /// key can be taken from the keyring.
    ///
    /// # Errors
    ///
    /// The store's, or a key that none of the keyring opens: nothing of that tenant is changed.
    pub async fn rotate(&self, store: &SharedStore) -> Result<u64, SecretError> {
        let current = self.keyring.current().map(|key| key.name.clone()).unwrap_or_default();
        let query = sql("SELECT tenant, id, master, sealed FROM data_key WHERE master <> ?1").bind(&current);
        let mut rotated = 0;
        for row in store.read(query).await? {
            let tenant: String = row.get("tenant")?;
            let scope = TenantScope::proved(store.clone(), &tenant);
            let (id, key) = self.unseal(&scope, &row)?;
            let (master, sealed) = self.seal_key(&tenant, &id, &key)?;
            let change =
                sql("UPDATE data_key SET master = ?3, sealed = ?4 WHERE tenant = ?1 AND id = ?2 AND master <> ?3");
            rotated += scope
                .write(vec![change.bind(&id).bind(master).bind(sealed)])
                .await?
                .into_iter()
                .sum::<u64>();
        }
        Ok(rotated)
    }
}
