//! How long runs and verdicts are kept.
//!
//! Verdicts go after the tenant's days, or when there are more than its quota; the newest run keeps its own whatever their
//! number. Runs and the log go after longer. What a run came to stays with the run.

use crate::store::{StoreError, TenantScope, sql};
use crate::users::Quotas;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// Days for which sent and given-up messages are kept.
const MESSAGE_DAYS: u64 = 30;

/// Removes what is too old or too much. Returns of how many runs verdicts were removed.
///
/// # Errors
///
/// The store's.
pub(crate) async fn tidy(scope: &TenantScope, quotas: &Quotas, now: u64) -> Result<usize, StoreError> {
    let before = |days: u64| now.saturating_sub(days * DAY_MS);
    let runs = expired(scope, quotas, before(quotas.verdict_days)).await?;
    for run in &runs {
        // One transaction for each: others write in between.
        let verdicts = sql("DELETE FROM verdict WHERE tenant = ?1 AND run = ?2").bind(run);
        let count = sql("UPDATE run SET verdicts = 0 WHERE tenant = ?1 AND id = ?2").bind(run);
        scope.write(vec![verdicts, count]).await?;
    }
    let history = before(quotas.history_days);
    let rows = vec![
        sql("DELETE FROM run WHERE tenant = ?1 AND finished_at < ?2").bind(history),
        sql("DELETE FROM audit WHERE tenant = ?1 AND at < ?2").bind(history),
        sql("DELETE FROM reminder WHERE tenant = ?1 AND at < ?2").bind(history),
        sql("DELETE FROM message WHERE tenant = ?1 AND next_at IS NULL AND created_at < ?2").bind(before(MESSAGE_DAYS)),
    ];
    scope.write(rows).await?;
    Ok(runs.len())
}

/// Runs whose verdicts are to go.
async fn expired(scope: &TenantScope, quotas: &Quotas, before: u64) -> Result<Vec<String>, StoreError> {
    let query = sql(
        "SELECT id, verdicts, finished_at FROM run WHERE tenant = ?1 AND verdicts > 0 \
         AND finished_at IS NOT NULL ORDER BY finished_at DESC, id DESC",
    );
    let (mut kept, mut gone) = (0, Vec::new());
    for (place, row) in scope.read(query).await?.iter().enumerate() {
        kept += row.get::<u64>("verdicts")?;
        let is_old = row.get::<u64>("finished_at")? < before;
        if is_old || (place > 0 && kept > quotas.stored_verdicts) {
            gone.push(row.get("id")?);
        }
    }
    Ok(gone)
}
