//! Which cluster the rows come from, and on which of its timelines.
//!
//! A standby that was promoted and a backup that was recovered have a new timeline; a dump that was loaded elsewhere, and a
//! replica that took over by logical means, have another system identifier. Both may miss the latest rows, intents of
//! creates among them. Such a ledger is treated as a lost one: every lease ends, so that no run goes on with what it
//! remembers; and nobody gets one before creates that only the missing rows knew can be found by their markers, which is
//! what every run does before it creates.
//!
//! A data directory that was copied back with its old timeline cannot be distinguished from itself.

use deadpool_postgres::GenericClient;
use tokio_postgres::{Client, Error};

use super::super::LedgerError;

/// How long nobody gets a lease after a restored database was noticed, in milliseconds: holders of the old leases have sent
/// their last request by then, and search indexes that lag for minutes show what it created.
const PAUSE_MS: i64 = 10 * 60_000;

/// The database's clock, in milliseconds since the Unix epoch.
pub(super) const NOW: &str = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/// Ends every lease where the server is another than the one that wrote the rows. Before the tables are there, nothing is
/// to be noticed.
pub(super) async fn notice(client: &Client) -> Result<(), Error> {
    let there = client
        .query_one("SELECT to_regclass('cluster') IS NOT NULL", &[])
        .await?;
    if !there.get::<_, bool>(0) {
        return Ok(());
    }
    // One statement: of several hosts that notice it at once, one ends the leases, which are nobody's for the others too.
    let notice = format!(
        "WITH here AS (
           SELECT system_identifier::text AS system, left(pg_walfile_name(pg_current_wal_lsn()), 8) AS timeline
             FROM pg_control_system()
         ), restored AS (
           UPDATE cluster SET system_identifier = here.system, timeline = here.timeline, restored_at = {NOW} FROM here
            WHERE (cluster.system_identifier, cluster.timeline) <> (here.system, here.timeline) RETURNING 1
         ), first AS (
           INSERT INTO cluster SELECT 1, here.system, here.timeline, NULL FROM here ON CONFLICT DO NOTHING
         )
         UPDATE lease SET holder = '', expires_at = 0 WHERE EXISTS (SELECT FROM restored)"
    );
    client.batch_execute(&notice).await
}

/// The database's clock, read at once and not as of the transaction's beginning.
pub(super) async fn now(client: &impl GenericClient) -> Result<u64, LedgerError> {
    let statement = client.prepare_cached(&format!("SELECT {NOW}")).await?;
    let now: i64 = client.query_one(&statement, &[]).await?.try_get(0)?;
    Ok(now.cast_unsigned())
}

/// Refuses a lease while the database was restored just now.
pub(super) async fn check_pause(client: &impl GenericClient) -> Result<(), LedgerError> {
    let statement = client
        .prepare_cached(&format!(
            "SELECT coalesce(max(restored_at), 0) + {PAUSE_MS} - {NOW} FROM cluster"
        ))
        .await?;
    let left: i64 = client.query_one(&statement, &[]).await?.get(0);
    if left <= 0 {
        return Ok(());
    }
    let seconds = left.cast_unsigned().div_ceil(1_000);
    Err(LedgerError::Unavailable(format!(
        "the database is a restored or promoted one that may miss the latest rows: exports begin in {seconds} s, when \
         issues that it does not know of can be found"
    )))
}
