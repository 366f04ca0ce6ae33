//! The tables, and how an older schema becomes a current one.

use deadpool_postgres::{Client, GenericClient};

use super::super::LedgerError;

/// Of the ledger. Each entry brings the schema from its index to the next version; the table `version` holds the version.
pub(super) const MIGRATIONS: [&str; 2] = [include_str!("0001.sql"), include_str!("0002.sql")];

/// The schema of a database that is the ledger's. Tables of others, such as the service's, may stand beside it.
pub(super) const SCHEMA: &str = "tms_sync_ledger";

/// One host migrates, the others wait.
const LOCK: i64 = 0x746d_732d_6c65_6467;

/// Brings a schema of the database to the current version.
pub(super) async fn prepare(
    client: &mut Client,
    schema: &str,
    migrations: &[impl AsRef<str>],
) -> Result<(), LedgerError> {
    let transaction = client.transaction().await?;
    transaction
        .execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])
        .await?;
    let create = format!(
        "CREATE SCHEMA IF NOT EXISTS {schema};
         CREATE TABLE IF NOT EXISTS version (one integer PRIMARY KEY CHECK (one = 1), version bigint NOT NULL);
         INSERT INTO version VALUES (1, 0) ON CONFLICT DO NOTHING;"
    );
    // A role that may not create schemas is fine where an administrator has created this one.
    let there = transaction
        .query_one("SELECT to_regclass('version') IS NOT NULL", &[])
        .await?;
    if !there.get::<_, bool>(0) {
        transaction.batch_execute(&create).await?;
    }
    let version: i64 = transaction.query_one("SELECT version FROM version", &[]).await?.get(0);
    let version = usize::try_from(version).unwrap_or_default();
    if version > migrations.len() {
        return Err(LedgerError::Unavailable(format!(
            "the schema {schema} has version {version}, this tms-sync knows up to {}: use the newer one that wrote it",
            migrations.len()
        )));
    }
    for migration in migrations.iter().skip(version) {
        transaction.batch_execute(migration.as_ref()).await?;
    }
    let version = i64::try_from(migrations.len()).unwrap_or_default();
    transaction
        .execute("UPDATE version SET version = $1", &[&version])
        .await?;
    transaction.commit().await?;
    Ok(())
}
