//! What the service does by itself beside runs: messages on their way, reminders, what is too old.

use std::time::Duration;

use crate::app::App;
use crate::id::id;
use crate::notify;
use crate::problem::Problem;
use crate::runs::tidy;
use crate::store::{Row, StoreError, TenantScope, sql};

/// Between two turns.
const PAUSE: Duration = Duration::from_secs(10);
/// Between two looks for what is too old, in milliseconds.
const TIDY_MS: u64 = 60 * 60 * 1000;

/// After this time others take over from a process that ended in the middle of a turn, in milliseconds.
const TURN_MS: u64 = 2 * 60 * 1000;

/// When something was last done.
pub(crate) struct Upkeep {
    /// Of this process, among those that share a store.
    holder: String,
    tidied_at: u64,
}

impl Default for Upkeep {
    fn default() -> Self {
        Self {
            holder: id(),
            tidied_at: 0,
        }
    }
}

impl Upkeep {
    /// One turn of everything, unless another process is at it.
    pub(crate) async fn turn(&mut self, app: &App) -> Result<(), Problem> {
        if !self.take_duty(app).await? {
            return Ok(());
        }
        let done = self.do_all(app).await;
        let free = sql("UPDATE duty SET until = 0 WHERE name = 'upkeep' AND holder = ?1").bind(&self.holder);
        app.store().write(vec![free]).await?;
        done
    }

    async fn take_duty(&self, app: &App) -> Result<bool, StoreError> {
        let take = sql("UPDATE duty SET holder = ?1, until = ?2 WHERE name = 'upkeep' AND until <= ?3");
        let take = take.bind(&self.holder).bind(app.now() + TURN_MS).bind(app.now());
        Ok(app.store().write(vec![take]).await?.first() == Some(&1))
    }

    async fn do_all(&mut self, app: &App) -> Result<(), Problem> {
        notify::watch(app).await?;
        notify::deliver(app).await?;
        if app.now() >= self.tidied_at + TIDY_MS {
            self.tidied_at = app.now();
            tidy_all(app).await?;
        }
        Ok(())
    }

    /// Turns again and again.
    pub(crate) async fn keep_turning(mut self, app: App) {
        loop {
            if let Err(problem) = self.turn(&app).await {
                tracing::error!(error = %problem, "upkeep failed");
            }
            app.clock().sleep(PAUSE).await;
        }
    }
}

async fn tidy_all(app: &App) -> Result<(), Problem> {
    let now = app.now();
    for tenant in app.users().tenants().await? {
        let scope = TenantScope::proved(app.store().clone(), &tenant.name);
        let runs = tidy(&scope, &tenant.quotas, now).await?;
        if runs > 0 {
            tracing::info!(tenant = tenant.name, runs, "verdicts were removed");
        }
    }
    let gone = [
        "DELETE FROM session WHERE expires_at < ?1",
        "DELETE FROM link WHERE expires_at < ?1",
        "DELETE FROM single_sign_on WHERE expires_at < ?1",
        "DELETE FROM attempt WHERE until + 86400000 < ?1",
    ];
    let rows = gone.map(|text| sql(text).bind(now));
    app.store().write(rows.to_vec()).await?;
    Ok(())
}

/// Rows of the tenant that a row of the service's own queries names.
pub(crate) fn scope(app: &App, row: &Row) -> Result<TenantScope, StoreError> {
    let tenant: String = row.get("tenant")?;
    Ok(TenantScope::proved(app.store().clone(), &tenant))
}
