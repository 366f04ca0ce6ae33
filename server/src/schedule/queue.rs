//! Whose turn it is: fair among tenants, one run per destination.

use std::collections::{BTreeMap, BTreeSet};

use super::Turn;
use crate::runs::Mode;
use crate::store::{Row, SharedStore, StoreError, TenantScope, sql};

/// Runs that are under way, and who was served.
#[derive(Default)]
pub(super) struct Turns {
    running: BTreeMap<String, u64>,
    busy: BTreeSet<(String, String)>,
    /// When the last run of each tenant ended, where others carry runs out too.
    ended: BTreeMap<String, u64>,
    /// Number of the last claim of each tenant.
    served: BTreeMap<String, u64>,
    claims: u64,
}

impl Turns {
    pub(super) fn total(&self) -> u64 {
        self.running.values().sum()
    }

    pub(super) fn began(&mut self, turn: &Turn) {
        let tenant = turn.scope.tenant().to_owned();
        self.claims += 1;
        self.served.insert(tenant.clone(), self.claims);
        *self.running.entry(tenant).or_default() += 1;
        self.busy.extend(turn.writes_to.clone());
    }

    pub(super) fn ended(&mut self, turn: &Turn) {
        if let Some(running) = self.running.get_mut(turn.scope.tenant()) {
            *running = running.saturating_sub(1);
        }
        if let Some(destination) = &turn.writes_to {
            self.busy.remove(destination);
        }
    }

    /// How many runs each tenant has under way, and when one ended last, as others see it who carry runs out too.
    pub(super) fn see(&mut self, running: BTreeMap<String, u64>, ended: BTreeMap<String, u64>) {
        self.running = running;
        self.ended = ended;
    }

    /// Of the tenants that wait, those who may begin one more: who has the fewest under way, then who was served
    /// longest ago.
    fn order(&self, waiting: Vec<(String, u64)>) -> Vec<(String, u64)> {
        let of = |known: &BTreeMap<String, u64>, tenant: &str| known.get(tenant).copied().unwrap_or_default();
        let mut may = waiting;
        may.retain(|(tenant, quota)| of(&self.running, tenant) < *quota);
        may.sort_by_key(|(tenant, _)| {
            let [running, ended, served] = [&self.running, &self.ended, &self.served].map(|known| of(known, tenant));
            (running, ended, served)
        });
        may
    }
}

/// Tenants that wait and may begin one more, in the order of their turns, each with how many runs it may have under way.
pub(super) async fn waiting(store: &SharedStore, turns: &Turns) -> Result<Vec<(String, u64)>, StoreError> {
    let waiting = sql(
        "SELECT name, quotas FROM tenant WHERE name IN (SELECT DISTINCT tenant FROM run WHERE status = 'queued') \
         ORDER BY name",
    );
    let quota = |row: &Row| {
        let quotas: crate::users::Quotas = row.json("quotas")?;
        Ok((row.get("name")?, quotas.runs_at_once))
    };
    let waiting = store
        .read(waiting)
        .await?
        .iter()
        .map(quota)
        .collect::<Result<_, StoreError>>()?;
    Ok(turns.order(waiting))
}

/// The run whose turn it is. It is not under way yet.
pub(super) async fn pick(store: &SharedStore, turns: &Turns) -> Result<Option<Turn>, StoreError> {
    for (tenant, _) in waiting(store, turns).await? {
        let scope = TenantScope::proved(store.clone(), &tenant);
        if let Some(turn) = first(scope, turns).await? {
            return Ok(Some(turn));
        }
    }
    Ok(None)
}

/// The oldest run of a tenant whose destination is free.
async fn first(scope: TenantScope, turns: &Turns) -> Result<Option<Turn>, StoreError> {
    let query = sql(
        "SELECT run.id AS run, mode, sync.id AS sync, credentials, destination FROM run \
         JOIN sync ON sync.tenant = run.tenant AND sync.id = run.sync \
         WHERE run.tenant = ?1 AND status = 'queued' ORDER BY asked_at, run.id",
    );
    for row in scope.read(query).await? {
        let mode: String = row.get("mode")?;
        let mode = Mode::named(&mode).ok_or_else(|| StoreError::Unavailable(format!("there is no mode `{mode}`")))?;
        let destination = (row.get("credentials")?, row.get("destination")?);
        let writes_to = Some(destination).filter(|_| mode.writes());
        if writes_to
            .as_ref()
            .is_some_and(|destination| turns.busy.contains(destination))
        {
            continue;
        }
        return Ok(Some(Turn {
            run: row.get("run")?,
            sync: row.get("sync")?,
            scope,
            mode,
            writes_to,
        }));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::SqliteStore;

    fn turn(tenant: &str, number: u64) -> Turn {
        let store: SharedStore = std::sync::Arc::new(SqliteStore::in_memory().unwrap());
        Turn {
            scope: TenantScope::proved(store, tenant),
            run: number.to_string(),
            sync: number.to_string(),
            mode: Mode::Export,
            writes_to: Some((tenant.to_owned(), number.to_string())),
        }
    }

    fn names(order: Vec<(String, u64)>) -> Vec<String> {
        order.into_iter().map(|(tenant, _)| tenant).collect()
    }

    #[test]
    fn a_tenant_with_a_long_queue_does_not_come_before_one_with_a_short() {
        let mut turns = Turns::default();
        turns.began(&turn("loud", 1));
        let waiting = || vec![("loud".to_owned(), 2), ("quiet".to_owned(), 2)];
        assert_eq!(names(turns.order(waiting())), ["quiet", "loud"]);
        turns.began(&turn("quiet", 2));
        assert_eq!(
            names(turns.order(waiting())),
            ["loud", "quiet"],
            "the one that was served longer ago"
        );
        turns.began(&turn("loud", 3));
        assert_eq!(names(turns.order(waiting())), ["quiet"], "a tenant at its quota waits");
    }
}
