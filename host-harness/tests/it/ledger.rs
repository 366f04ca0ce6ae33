//! The ledger's promises, without a plugin.

use tms_sync_host::ledger::{Key, Link, Phase, PutOutcome, Quota, Write};
use tms_sync_host::{Ledger, LedgerError, Scope, SqliteLedger};

const QUOTA: Quota = Quota {
    rows: 10,
    row_bytes: 4_096,
};

fn scope(tenant: &str) -> Scope {
    Scope {
        tenant: tenant.into(),
        integration: "xray".into(),
    }
}

fn write(id: &str, expected: u64) -> Write {
    let key = Key {
        entity: "test-case".into(),
        destination: "1".into(),
        id: id.into(),
    };
    let link = Link {
        key,
        phase: Phase::Linked,
        issue_id: Some("5".into()),
        issue_key: None,
        fingerprint: String::new(),
        stamp: String::new(),
        attempt: 0,
        token: None,
        created_by: Some("run".into()),
        updated_at: 1,
        detail: String::new(),
    };
    Write { link, expected }
}

async fn put(ledger: &SqliteLedger, tenant: &str, writes: Vec<Write>) -> Result<Vec<PutOutcome>, LedgerError> {
    let lease = ledger
        .lease(&scope(tenant), "1".into(), tenant.into(), 0, 1_000)
        .await?;
    ledger.put_many(&scope(tenant), vec![lease], QUOTA, writes).await
}

async fn ids(ledger: &SqliteLedger, tenant: &str, after: Option<&str>) -> Vec<String> {
    let rows = ledger
        .scan(
            &scope(tenant),
            "test-case".into(),
            "1".into(),
            after.map(Into::into),
            100,
        )
        .await
        .unwrap();
    rows.into_iter().map(|row| row.link.key.id).collect()
}

#[tokio::test]
async fn numeric_ids_come_by_number_and_before_the_others() {
    let ledger = SqliteLedger::in_memory().unwrap();
    put(
        &ledger,
        "a",
        ["10", "9", "b", "100", "a"].map(|id| write(id, 0)).to_vec(),
    )
    .await
    .unwrap();
    assert_eq!(ids(&ledger, "a", None).await, ["9", "10", "100", "a", "b"]);
    assert_eq!(ids(&ledger, "a", Some("10")).await, ["100", "a", "b"]);
    assert_eq!(ids(&ledger, "a", Some("a")).await, ["b"]);
}

#[tokio::test]
async fn tenants_see_their_own_rows_only() {
    let ledger = SqliteLedger::in_memory().unwrap();
    put(&ledger, "a", vec![write("1", 0)]).await.unwrap();
    assert!(ids(&ledger, "b", None).await.is_empty());
    assert!(matches!(
        put(&ledger, "b", vec![write("1", 0)]).await.unwrap()[..],
        [PutOutcome::Stored(1)]
    ));
    assert_eq!(ledger.created_by(&scope("a"), "run".into()).await.unwrap().len(), 1);
    assert_eq!(ledger.destinations(&scope("c")).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_conflict_shows_the_row_and_leaves_it() {
    let ledger = SqliteLedger::in_memory().unwrap();
    put(&ledger, "a", vec![write("1", 0)]).await.unwrap();
    let outcomes = put(&ledger, "a", vec![write("1", 7), write("2", 3), write("1", 1)])
        .await
        .unwrap();
    let [
        PutOutcome::Conflict(Some(row)),
        PutOutcome::Conflict(None),
        PutOutcome::Stored(2),
    ] = &outcomes[..]
    else {
        panic!("{outcomes:?}")
    };
    assert_eq!(row.version, 1);
}

#[tokio::test]
async fn over_quota_nothing_of_the_call_is_written() {
    let ledger = SqliteLedger::in_memory().unwrap();
    let many = (0..11).map(|id| write(&id.to_string(), 0)).collect();
    assert!(matches!(put(&ledger, "a", many).await, Err(LedgerError::TooLarge(_))));
    let mut large = write("2", 0);
    large.link.detail = "x".repeat(5_000);
    assert!(matches!(
        put(&ledger, "a", vec![write("1", 0), large]).await,
        Err(LedgerError::TooLarge(_))
    ));
    assert!(ids(&ledger, "a", None).await.is_empty());
}

#[tokio::test]
async fn of_two_hosts_on_one_file_one_writes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let (one, two) = (SqliteLedger::open(&path).unwrap(), SqliteLedger::open(&path).unwrap());
    let scope = scope("a");
    let first = one.lease(&scope, "1".into(), "one".into(), 0, 1_000).await.unwrap();
    assert!(matches!(
        two.lease(&scope, "1".into(), "two".into(), 999, 1_000).await,
        Err(LedgerError::LeaseLost(_))
    ));
    let second = two.lease(&scope, "1".into(), "two".into(), 1_000, 1_000).await.unwrap();
    assert!(second.epoch > first.epoch);
    let late = one
        .put_many(&scope, vec![first.clone()], QUOTA, vec![write("1", 0)])
        .await;
    assert!(matches!(late, Err(LedgerError::LeaseLost(_))));
    one.release(&scope, first).await.unwrap();
    assert!(
        two.put_many(&scope, vec![second], QUOTA, vec![write("1", 0)])
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn rows_survive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    put(&SqliteLedger::open(&path).unwrap(), "a", vec![write("1", 0)])
        .await
        .unwrap();
    assert_eq!(ids(&SqliteLedger::open(&path).unwrap(), "a", None).await, ["1"]);
}

#[tokio::test]
async fn a_hold_of_a_clock_that_was_wrong_ends_like_any_other() {
    let ledger = SqliteLedger::in_memory().unwrap();
    let (year, ttl) = (365 * 24 * 60 * 60 * 1_000, 1_000);
    let take = async |holder: &str, now| ledger.lease(&scope("acme"), "1".into(), holder.into(), now, ttl).await;
    take("ahead", year).await.unwrap();
    assert!(matches!(take("right", 5).await, Err(LedgerError::LeaseLost(_))));
    assert!(matches!(take("right", 900).await, Err(LedgerError::LeaseLost(_))));
    assert!(take("right", 5 + ttl).await.is_ok());
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_is_its_owners_alone_and_can_be_read_without_writing() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let ledger = SqliteLedger::open(&path).unwrap();
    assert_eq!(SqliteLedger::open_to_others(&path), None);
    put(&ledger, "acme", vec![write("7", 0)]).await.unwrap();
    let key = ledger.digest_key().await.unwrap();
    drop(ledger);
    let reader = SqliteLedger::open_read_only(&path).unwrap();
    assert_eq!(ids(&reader, "acme", None).await, ["7"]);
    assert_eq!(reader.digest_key().await.unwrap(), key);
    assert!(put(&reader, "acme", vec![write("8", 0)]).await.is_err());
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    assert_eq!(SqliteLedger::open_to_others(&path), Some(0o640));
}
