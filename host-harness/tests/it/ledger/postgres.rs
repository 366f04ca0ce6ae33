//! The ledger in a real PostgreSQL server.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tms_sync_host::ledger::conformance::{Store, conformance};
use tms_sync_host::{Ledger, LedgerError, PostgresLedger, Scope};

use crate::postgres::{Postgres, own, shared};

/// A database of its own.
struct Database {
    server: &'static Postgres,
    address: String,
}

impl Database {
    fn name(&self) -> &str {
        self.address.rsplit('/').next().unwrap()
    }
}

impl Store for Database {
    fn open(&self) -> BoxFuture<'_, Result<Arc<dyn Ledger>, LedgerError>> {
        Box::pin(async { Ok(Arc::new(PostgresLedger::connect(&self.address).await?) as Arc<dyn Ledger>) })
    }

    /// The database's clock is the machine's, so what has an end comes nearer to it.
    fn pass(&self, time: Duration) -> BoxFuture<'_, ()> {
        let ms = time.as_millis();
        self.server.sql(
            self.name(),
            &format!(
                "UPDATE tms_sync_ledger.lease SET expires_at = expires_at - {ms};
                 UPDATE tms_sync_ledger.budget SET paused_until = greatest(0, paused_until - {ms}), taken = coalesce((
                   SELECT string_agg(split_part(one, ':', 1)::bigint - {ms} || ':' || split_part(one, ':', 2), ',')
                   FROM unnest(string_to_array(taken, ',')) AS one), '')"
            ),
        );
        Box::pin(std::future::ready(()))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_keeps_every_rule_of_the_kit() {
    let Some(server) = shared("the ledger's conformance kit over PostgreSQL") else {
        return;
    };
    let fresh = async || Database {
        server,
        address: server.database(),
    };
    let findings = conformance(fresh).await;
    let broken: Vec<_> = findings.iter().filter(|finding| finding.broken.is_some()).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

pub fn scope() -> Scope {
    Scope {
        tenant: "acme".into(),
        integration: "xray".into(),
    }
}

async fn refusal(address: &str) -> String {
    PostgresLedger::connect(address).await.err().unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_acknowledges_before_it_is_durable_is_refused() {
    let Some(server) = shared("what a PostgreSQL server must promise") else {
        return;
    };
    let address = server.database();
    let name = address.rsplit('/').next().unwrap();
    for setting in ["off", "local", "remote_write"] {
        server.sql(
            "postgres",
            &format!("ALTER DATABASE {name} SET synchronous_commit = {setting}"),
        );
        let refusal = refusal(&address).await;
        assert!(
            refusal.contains(&format!("synchronous_commit = {setting}")),
            "{refusal}"
        );
    }
    server.sql(
        "postgres",
        &format!("ALTER DATABASE {name} SET synchronous_commit = on"),
    );
    PostgresLedger::connect(&address).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_a_newer_host_and_one_of_another_encoding_are_refused() {
    let Some(server) = shared("which databases the ledger refuses") else {
        return;
    };
    let address = server.database();
    PostgresLedger::connect(&address).await.unwrap();
    let name = address.rsplit('/').next().unwrap();
    server.sql(name, "UPDATE tms_sync_ledger.version SET version = 99");
    let newer = refusal(&address).await;
    assert!(newer.contains("version 99, this tms-sync knows up to"), "{newer}");
    server.sql(
        "postgres",
        "CREATE DATABASE latin ENCODING 'SQL_ASCII' LOCALE 'C' LOCALE_PROVIDER 'libc' TEMPLATE template0",
    );
    let other = refusal(&server.address("latin")).await;
    assert!(other.contains("encoding SQL_ASCII"), "{other}");
}

/// A server that is killed and started anew between two calls, and one that is started while a call waits for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_wait_for_a_server_that_was_killed_and_lose_nothing() {
    let Some(server) = own("a PostgreSQL server that is killed") else {
        return;
    };
    let ledger = PostgresLedger::connect(&server.database()).await.unwrap();
    let lease = ledger.lease(&scope(), "1".into(), "one".into(), 60_000).await.unwrap();
    server.kill();
    server.begin();
    let again = ledger.lease(&scope(), "1".into(), "one".into(), 60_000).await.unwrap();
    assert_eq!(again.epoch, lease.epoch);
    server.kill();
    let waiting = tokio::spawn(async move { ledger.lease(&scope(), "1".into(), "one".into(), 60_000).await });
    let begun = tokio::task::spawn_blocking(move || {
        server.begin();
        server
    });
    let _server = begun.await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap().epoch, lease.epoch);
}

/// The base backup misses what was written after it. Recovered, it has a new timeline.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recovered_backup_ends_every_lease_and_lets_nobody_write_at_first() {
    let Some(server) = own("a PostgreSQL server that lost acknowledged rows") else {
        return;
    };
    let address = server.database();
    let ledger = PostgresLedger::connect(&address).await.unwrap();
    let lease = ledger.lease(&scope(), "1".into(), "one".into(), 60_000).await.unwrap();
    let backup = server.back_up();
    server.recover(&backup);
    let name = address.rsplit('/').next().unwrap();
    let late = ledger.lease(&scope(), "1".into(), "one".into(), 60_000).await;
    let refusal = late.err().unwrap().to_string();
    assert!(refusal.contains("may miss the latest rows"), "{refusal}");
    // The run that held it goes on nowhere, and after the pause everybody may again.
    server.sql(
        name,
        "UPDATE tms_sync_ledger.cluster SET restored_at = restored_at - 600000",
    );
    let next = ledger.lease(&scope(), "1".into(), "two".into(), 60_000).await.unwrap();
    assert!(next.epoch > lease.epoch);
}
