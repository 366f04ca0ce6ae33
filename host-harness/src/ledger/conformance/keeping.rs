//! What is kept beside the rows: credentials, history, where secrets go; and that a tenant leaves nothing behind.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::health::{CredentialHealth, CredentialKey, DestinationAccess, HealthState, Reason};
use super::super::{Copied, CopyError, Ending, Ledger, LedgerError, RunMode, RunRecord, SqliteLedger, copy};
use super::sample::{PROJECT, TTL_MS, Writer, full, scope, write};
use super::{Kept, Store, rules, same};
use crate::model::FaultKind;
use crate::names::Named;

rules! {
    "a credential's health reads back as it was written, in every state" => health_reads_back,
    "of two who judge a credential at once the second judges again" => health_compare_and_swap,
    "the key of digests is made once, for every handle" => digest_key,
    "a run reads back as it was written, in every mode and with every ending" => run_reads_back,
    "the latest runs come first, and a record replaces the one of its name" => latest_runs,
    "where secrets go is remembered, the latest place" => origins,
    "everything can be copied out of it" => copied_out,
    "everything can be copied into it, and nothing over what is there" => copied_into,
    "of a forgotten tenant nothing is left, and of others everything" => forget,
}

fn reason() -> Reason {
    Reason {
        kind: FaultKind::Permission,
        side: "tracker".into(),
        message: "refused".into(),
        hint: Some("ask".into()),
        since: 1,
        seen: i64::MAX.cast_unsigned(),
    }
}

fn health(version: &str, access: Option<DestinationAccess>, state: HealthState) -> CredentialHealth {
    let key = CredentialKey {
        origin: "https://jira.example".into(),
        version: version.into(),
        access,
    };
    CredentialHealth {
        state,
        ..CredentialHealth::new(key, "jira")
    }
}

fn every_health() -> Vec<CredentialHealth> {
    let access = Some(DestinationAccess {
        destination: "CALC".into(),
        side: "tracker".into(),
    });
    let anywhere = Some(DestinationAccess {
        destination: String::new(),
        side: "tracker".into(),
    });
    let without_hint = Reason { hint: None, ..reason() };
    let mut busy = health("B", anywhere, HealthState::Locked(without_hint));
    busy.refused = vec![1, 2, 3];
    busy.trial = Some(("holder".into(), 7));
    busy.proved_at = Some(4);
    busy.cleared_at = Some(5);
    busy.asked_at = Some(6);
    busy.by_gateway = true;
    vec![
        health("A", None, HealthState::Active),
        busy,
        health("a", None, HealthState::Suspect(reason())),
        health("a", access, HealthState::Disabled(reason())),
    ]
}

async fn health_reads_back(store: &dyn Store) -> Kept {
    let ledger = store.open().await?;
    let mut expected = Vec::new();
    for health in every_health() {
        same(
            "written",
            &ledger.put_credential("acme".into(), health.clone()).await?,
            &true,
        )?;
        let stored = CredentialHealth { revision: 1, ..health };
        let found = ledger.credential("acme".into(), stored.key.clone()).await?;
        same("one", &found.as_ref(), &Some(&stored))?;
        expected.push(stored);
    }
    same(
        "all, by their bytes",
        &ledger.credentials("acme".into()).await?,
        &expected,
    )?;
    same(
        "another tenant's",
        &ledger.credentials("other".into()).await?,
        &Vec::new(),
    )
}

async fn health_compare_and_swap(store: &dyn Store) -> Kept {
    let (one, other) = (store.open().await?, store.open().await?);
    let first = health("A", None, HealthState::Active);
    let second = health("A", None, HealthState::Suspect(reason()));
    let both = futures_util::future::join(
        one.put_credential("acme".into(), first.clone()),
        other.put_credential("acme".into(), second),
    );
    let (first_stored, second_stored) = both.await;
    let stored = [first_stored?, second_stored?];
    same("how many wrote", &stored.iter().filter(|stored| **stored).count(), &1)?;
    let later = CredentialHealth {
        revision: 2,
        ..first.clone()
    };
    same(
        "a later revision",
        &one.put_credential("acme".into(), later).await?,
        &false,
    )?;
    let next = CredentialHealth { revision: 1, ..first };
    same("the next", &one.put_credential("acme".into(), next).await?, &true)
}

async fn digest_key(store: &dyn Store) -> Kept {
    let (one, other) = (store.open().await?, store.open().await?);
    let (first, second) = futures_util::future::join(one.digest_key(), other.digest_key()).await;
    let first = first?;
    same("the other's", &second?, &first)?;
    same("the next one's", &store.open().await?.digest_key().await?, &first)
}

fn run(run_id: &str, started_at: u64) -> RunRecord {
    RunRecord {
        run_id: run_id.into(),
        mode: RunMode::Export,
        export: "main".into(),
        undoes: None,
        settings_digest: "digest".into(),
        started_at,
        finished_at: None,
        ending: None,
        totals: String::new(),
    }
}

async fn run_reads_back(store: &dyn Store) -> Kept {
    let (ledger, scope) = (store.open().await?, scope("acme"));
    let endings = [
        None,
        Some(Ending::Done),
        Some(Ending::Ended("killed".into())),
        Some(Ending::Stopped {
            kind: FaultKind::Credential,
            side: "tracker".into(),
            message: "refused: \u{e9}".into(),
        }),
    ];
    for (_, mode) in RunMode::NAMES {
        for ending in &endings {
            let record = RunRecord {
                mode: *mode,
                undoes: Some("earlier".into()),
                finished_at: ending.as_ref().map(|_| 9),
                ending: ending.clone(),
                totals: "{\"test-cases\":{\"created\":1}}".into(),
                ..run("run", 5)
            };
            ledger.record(&scope, record.clone()).await?;
            same("the run", &ledger.run(&scope, "run".into()).await?, &Some(record))?;
        }
    }
    same(
        "a run that was not",
        &ledger.run(&scope, "another".into()).await?,
        &None,
    )
}

async fn latest_runs(store: &dyn Store) -> Kept {
    let (ledger, scope) = (store.open().await?, scope("acme"));
    for (run_id, started_at) in [("b", 2), ("a", 2), ("c", 1), ("d", 3)] {
        ledger.record(&scope, run(run_id, started_at)).await?;
    }
    ledger.record(&scope, run("c", 4)).await?;
    let names = async |limit| {
        let runs = ledger.runs(&scope, limit).await?;
        Ok::<_, super::Broken>(runs.into_iter().map(|run| run.run_id).collect::<Vec<_>>())
    };
    same(
        "all",
        &names(10).await?,
        &["c", "d", "b", "a"].map(str::to_owned).to_vec(),
    )?;
    same("two", &names(2).await?, &["c", "d"].map(str::to_owned).to_vec())
}

async fn origins(store: &dyn Store) -> Kept {
    let (ledger, scope) = (store.open().await?, scope("acme"));
    let map = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        let owned = pairs
            .iter()
            .map(|(field, origin)| ((*field).to_owned(), (*origin).to_owned()));
        owned.collect()
    };
    ledger
        .bind_origins(&scope, map(&[("token", "https://a"), ("password", "https://b")]))
        .await?;
    ledger.bind_origins(&scope, map(&[("token", "https://c")])).await?;
    let expected = map(&[("token", "https://c"), ("password", "https://b")]);
    same("origins", &ledger.origins(&scope).await?, &expected)
}

/// Rows of two tenants and everything beside them.
async fn fill(ledger: &Arc<dyn Ledger>) -> Kept {
    for tenant in ["acme", "other"] {
        let writer = Writer::new(Arc::clone(ledger), tenant).await?;
        writer
            .put((0..700).map(|id| full(&id.to_string(), 0)).collect())
            .await?;
        ledger.release(&writer.scope, writer.lease).await?;
        ledger.record(&writer.scope, run("run", 1)).await?;
        ledger
            .bind_origins(&writer.scope, BTreeMap::from([("token".into(), "https://a".into())]))
            .await?;
        for health in every_health() {
            ledger.put_credential(tenant.into(), health).await?;
        }
    }
    Ok(())
}

/// Fails where two ledgers do not hold the same.
async fn same_contents(one: &Arc<dyn Ledger>, other: &Arc<dyn Ledger>) -> Kept {
    same("scopes", &one.scopes().await?, &other.scopes().await?)?;
    same(
        "the key of digests",
        &one.digest_key().await?,
        &other.digest_key().await?,
    )?;
    for scope in one.scopes().await? {
        same("shelves", &one.shelves(&scope).await?, &other.shelves(&scope).await?)?;
        let rows = async |ledger: &Arc<dyn Ledger>| {
            let scan = ledger.scan(&scope, "test-case".into(), PROJECT.into(), None, 1_000);
            Ok::<_, super::Broken>(scan.await?.into_iter().map(|row| row.link).collect::<Vec<_>>())
        };
        same("rows", &rows(one).await?, &rows(other).await?)?;
        same("runs", &one.runs(&scope, 10).await?, &other.runs(&scope, 10).await?)?;
        same("origins", &one.origins(&scope).await?, &other.origins(&scope).await?)?;
        let tenant = &scope.tenant;
        let health = (
            one.credentials(tenant.clone()).await?,
            other.credentials(tenant.clone()).await?,
        );
        same("credentials", &health.0, &health.1)?;
    }
    Ok(())
}

fn file() -> Result<Arc<dyn Ledger>, LedgerError> {
    Ok(Arc::new(SqliteLedger::in_memory()?))
}

async fn copied_out(store: &dyn Store) -> Kept {
    let (ledger, file) = (store.open().await?, file()?);
    fill(&ledger).await?;
    let copied = copy(ledger.as_ref(), file.as_ref()).await?;
    let expected = Copied {
        rows: 1_400,
        runs: 2,
        credentials: 8,
    };
    same("what was copied", &copied, &expected)?;
    same_contents(&ledger, &file).await
}

async fn copied_into(store: &dyn Store) -> Kept {
    let (ledger, file) = (store.open().await?, file()?);
    fill(&file).await?;
    copy(file.as_ref(), ledger.as_ref()).await?;
    same_contents(&ledger, &file).await?;
    let again = copy(file.as_ref(), ledger.as_ref()).await;
    same("a second copy", &again, &Err(CopyError::NotEmpty))
}

async fn forget(store: &dyn Store) -> Kept {
    let ledger = store.open().await?;
    for tenant in ["acme", "other"] {
        let writer = Writer::new(ledger.clone(), tenant).await?;
        writer.put(vec![full("1", 0), write("2", 0)]).await?;
        ledger.record(&scope(tenant), run("run", 1)).await?;
        ledger
            .bind_origins(&scope(tenant), BTreeMap::from([("token".into(), "https://a".into())]))
            .await?;
        for health in every_health() {
            ledger.put_credential(tenant.into(), health).await?;
        }
    }
    ledger.forget("acme".into()).await?;
    for (tenant, left) in [("acme", 0), ("other", 1)] {
        let of = scope(tenant);
        same("rows", &ledger.created_by(&of, "run".into()).await?.len(), &left)?;
        same("destinations", &ledger.destinations(&of).await?.len(), &left)?;
        same("runs", &ledger.runs(&of, 10).await?.len(), &left)?;
        same("origins", &ledger.origins(&of).await?.len(), &left)?;
        let credentials = ledger.credentials(tenant.into()).await?.len();
        same("credentials", &credentials, &(left * every_health().len()))?;
    }
    // Its rows no longer count, and its lease is nobody's.
    let of = scope("acme");
    let lease = ledger
        .lease(&of, PROJECT.into(), "somebody else".into(), TTL_MS)
        .await?;
    let two = super::super::Quota {
        rows: 2,
        row_bytes: 4_096,
    };
    ledger
        .put_many(&of, vec![lease], two, vec![write("1", 0), write("2", 0)])
        .await?;
    Ok(())
}
