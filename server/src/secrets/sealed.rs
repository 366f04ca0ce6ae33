//! Secrets in the service's own store, sealed.

use std::sync::Arc;

use tms_sync_host::Clock;
use zeroize::Zeroizing;

use super::keyring::SealingKey;
use super::{KeySource, OpenSecret, SealedKey, SecretError, SecretResult, SecretStore, StoredSecret};
use crate::id::id;
use crate::store::{Row, StoreError, TenantScope, sql};

/// The default store of secrets.
#[derive(Clone)]
pub struct SealedStore {
    pub(super) keys: Arc<dyn KeySource>,
    clock: Arc<dyn Clock>,
}

impl SealedStore {
    /// With the instance's keys.
    pub fn new(keys: Arc<dyn KeySource>, clock: Arc<dyn Clock>) -> Self {
        Self { keys, clock }
    }

    /// The tenant's newest key, made where it has none.
    async fn tenant_key(&self, scope: &TenantScope) -> Result<(String, SealingKey), SecretError> {
        let query =
            sql("SELECT id, master, sealed FROM data_key WHERE tenant = ?1 ORDER BY created_at DESC, id LIMIT 1");
        if let Some(row) = scope.find(query).await? {
            return self.unseal(scope, &row).await;
        }
        let (id, key) = (id(), SealingKey::random());
        let sealed = self.seal_key(scope.tenant(), &id, &key).await?;
        let row = sql("INSERT INTO data_key (tenant, id, master, sealed, created_at) VALUES (?1, ?2, ?3, ?4, ?5)");
        let row = row
            .bind(&id)
            .bind(sealed.master)
            .bind(sealed.bytes)
            .bind(self.clock.now());
        scope.write(vec![row]).await?;
        Ok((id, key))
    }

    async fn key(&self, scope: &TenantScope, id: &str) -> Result<SealingKey, SecretError> {
        let query = sql("SELECT id, master, sealed FROM data_key WHERE tenant = ?1 AND id = ?2").bind(id);
        let row = scope
            .find(query)
            .await?
            .ok_or_else(|| SecretError::Closed("tenant's key".into()))?;
        Ok(self.unseal(scope, &row).await?.1)
    }

    pub(super) async fn unseal(&self, scope: &TenantScope, row: &Row) -> Result<(String, SealingKey), SecretError> {
        let id: String = row.get("id")?;
        let sealed = SealedKey {
            master: row.get("master")?,
            bytes: row.get("sealed")?,
        };
        let opened = self.keys.open(&sealed, &["data key", scope.tenant(), &id]).await?;
        let key = SealingKey::new(&opened);
        key.map(|key| (id, key))
            .ok_or_else(|| SecretError::Closed("tenant's key".into()))
    }

    pub(super) async fn seal_key(&self, tenant: &str, id: &str, key: &SealingKey) -> Result<SealedKey, SecretError> {
        self.keys.seal(key.bytes(), &["data key", tenant, id]).await
    }
}

impl SecretStore for SealedStore {
    fn put<'a>(&'a self, scope: &'a TenantScope, owner: &'a str, secret: OpenSecret) -> SecretResult<'a, ()> {
        Box::pin(async move {
            let OpenSecret { field, origin, value } = secret;
            let (key_id, key) = self.tenant_key(scope).await?;
            let bound = ["secret", scope.tenant(), owner, &*field, &*origin];
            let sealed = key.seal(value.trim().as_bytes(), &bound);
            let sealed = sealed.ok_or_else(|| SecretError::Closed(field.clone()))?;
            let row = sql(
                "INSERT INTO secret (tenant, owner, field, origin, key, sealed, entered_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
                 ON CONFLICT (tenant, owner, field) DO UPDATE SET origin = excluded.origin, key = excluded.key, \
                 sealed = excluded.sealed, entered_at = excluded.entered_at",
            );
            let row = row
                .bind(owner)
                .bind(field)
                .bind(origin)
                .bind(key_id)
                .bind(sealed)
                .bind(self.clock.now());
            scope.write(vec![row]).await?;
            Ok(())
        })
    }

    fn stored<'a>(&'a self, scope: &'a TenantScope, owner: &'a str) -> SecretResult<'a, Vec<StoredSecret>> {
        Box::pin(async move {
            let query =
                sql("SELECT field, origin, entered_at FROM secret WHERE tenant = ?1 AND owner = ?2 ORDER BY field");
            let stored = |row: &Row| {
                Ok(StoredSecret {
                    field: row.get("field")?,
                    origin: row.get("origin")?,
                    entered_at: row.get("entered_at")?,
                })
            };
            let rows = scope.read(query.bind(owner)).await?;
            Ok(rows.iter().map(stored).collect::<Result<_, StoreError>>()?)
        })
    }

    fn open<'a>(&'a self, scope: &'a TenantScope, owner: &'a str) -> SecretResult<'a, Vec<OpenSecret>> {
        Box::pin(async move {
            let query =
                sql("SELECT field, origin, key, sealed FROM secret WHERE tenant = ?1 AND owner = ?2 ORDER BY field");
            let mut opened = Vec::new();
            for row in scope.read(query.bind(owner)).await? {
                let (field, origin): (String, String) = (row.get("field")?, row.get("origin")?);
                let key = self.key(scope, &row.get::<String>("key")?).await?;
                let sealed: Vec<u8> = row.get("sealed")?;
                let bytes = key.open(&sealed, &["secret", scope.tenant(), owner, &field, &origin]);
                let text = bytes.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
                let value = text
                    .map(Zeroizing::new)
                    .ok_or_else(|| SecretError::Closed(field.clone()))?;
                opened.push(OpenSecret { field, origin, value });
            }
            Ok(opened)
        })
    }

    fn forget<'a>(&'a self, scope: &'a TenantScope, owner: &'a str, field: Option<&'a str>) -> SecretResult<'a, ()> {
        Box::pin(async move {
            let row = match field {
                Some(field) => sql("DELETE FROM secret WHERE tenant = ?1 AND owner = ?2 AND field = ?3")
                    .bind(owner)
                    .bind(field),
                None => sql("DELETE FROM secret WHERE tenant = ?1 AND owner = ?2").bind(owner),
            };
            scope.write(vec![row]).await?;
            Ok(())
        })
    }
}
