//! Rows: compare-and-swap, batches, order, whose they are, how many.

use super::super::{Key, PutOutcome, Quota, Row, Write};
use super::sample::{PROJECT, QUOTA, TTL_MS, Writer, full, key, scope, write};
use super::{Kept, Store, is_too_large, refused, rules, same};

rules! {
    "a row reads back as it was written, through any handle" => reads_back,
    "rows come in the order of the keys, and an absent one is absent" => in_order_of_keys,
    "a write of an older version stores nothing and gives the row that is there" => compare_and_swap,
    "a conflict of one row leaves the others of its batch alone" => conflict_in_a_batch,
    "the second write of a row in one batch sees the first" => twice_in_a_batch,
    "of many who write a row at once one does" => one_of_many,
    "batches that name the same rows in other orders all end" => no_deadlock,
    "a scan gives numbers by number, then the others by their bytes" => byte_order,
    "a scan goes on behind any id, one that is not there too" => pages,
    "a scan gives rows of its entity and destination alone" => of_one_shelf,
    "nothing of a tenant or an integration is seen by another" => of_one_scope,
    "a run is asked for what it created, and rows without an issue are not named" => created_by,
    "over the number of rows, nothing of a batch is written" => row_quota,
    "over the size of a row, nothing of a batch is written" => size_quota,
}

async fn writer(store: &dyn Store) -> Result<Writer, super::Broken> {
    Ok(Writer::new(store.open().await?, "acme").await?)
}

async fn reads_back(store: &dyn Store) -> Kept {
    let writer = writer(store).await?;
    writer.put(vec![full("7", 0), write("8", 0)]).await?;
    let other = Writer {
        ledger: store.open().await?,
        scope: writer.scope.clone(),
        lease: writer.lease.clone(),
    };
    let row = |write: Write| {
        Some(Row {
            link: write.link,
            version: 1,
        })
    };
    same("the full row", &other.get("7").await?, &row(full("7", 0)))?;
    same("the empty row", &other.get("8").await?, &row(write("8", 0)))
}

async fn in_order_of_keys(store: &dyn Store) -> Kept {
    let writer = writer(store).await?;
    writer.put(vec![write("1", 0), write("2", 0)]).await?;
    let keys = ["2", "3", "1", "2"].map(key).to_vec();
    let rows = writer.ledger.get_many(&writer.scope, keys).await?;
    let found: Vec<Option<&str>> = rows
        .iter()
        .map(|row| row.as_ref().map(|row| row.link.key.id.as_str()))
        .collect();
    same("rows", &found, &vec![Some("2"), None, Some("1"), Some("2")])
}

async fn compare_and_swap(store: &dyn Store) -> Kept {
    let writer = writer(store).await?;
    same(
        "a new row",
        &writer.put(vec![write("1", 0)]).await?,
        &vec![PutOutcome::Stored(1)],
    )?;
    same(
        "the next",
        &writer.put(vec![full("1", 1)]).await?,
        &vec![PutOutcome::Stored(2)],
    )?;
    let there = writer.get("1").await?;
    for expected in [0, 1, 3] {
        let outcome = writer.put(vec![write("1", expected)]).await?;
        same("an older version", &outcome, &vec![PutOutcome::Conflict(there.clone())])?;
    }
    let outcome = writer.put(vec![write("2", 1)]).await?;
    same("a row that is not there", &outcome, &vec![PutOutcome::Conflict(None)])?;
    same("what is there", &writer.get("1").await?, &there)
}

async fn conflict_in_a_batch(store: &dyn Store) -> Kept {
    let writer = writer(store).await?;
    writer.put(vec![write("1", 0)]).await?;
    let outcomes = writer.put(vec![write("2", 0), write("1", 0), write("3", 0)]).await?;
    let stored: Vec<bool> = outcomes
        .iter()
        .map(|outcome| matches!(outcome, PutOutcome::Stored(_)))
        .collect();
    same("stored", &stored, &vec![true, false, true])?;
    same(
        "rows",
        &writer.ids(None, 10).await?,
        &["1", "2", "3"].map(str::to_owned).to_vec(),
    )
}

async fn twice_in_a_batch(store: &dyn Store) -> Kept {
    let writer = writer(store).await?;
    let outcomes = writer.put(vec![write("1", 0), full("1", 1), write("1", 0)]).await?;
    let first = Row {
        link: full("1", 0).link,
        version: 2,
    };
    let expected = vec![
        PutOutcome::Stored(1),
        PutOutcome::Stored(2),
        PutOutcome::Conflict(Some(first.clone())),
    ];
    same("outcomes", &outcomes, &expected)?;
    same("the row", &writer.get("1").await?, &Some(first))
}

async fn one_of_many(store: &dyn Store) -> Kept {
    let writer = writer(store).await?;
    let writes = (0..16).map(|_| writer.put(vec![write("1", 0)]));
    let mut stored = 0;
    for outcomes in futures_util::future::join_all(writes).await {
        stored += usize::from(matches!(outcomes?.as_slice(), [PutOutcome::Stored(1)]));
    }
    same("how many were stored", &stored, &1)
}

async fn no_deadlock(store: &dyn Store) -> Kept {
    let writer = writer(store).await?;
    let ids: Vec<String> = (0..50).map(|id| id.to_string()).collect();
    let forwards = ids.iter().map(|id| write(id, 0)).collect();
    let backwards = ids.iter().rev().map(|id| write(id, 0)).collect();
    let (one, other) = futures_util::future::join(writer.put(forwards), writer.put(backwards)).await;
    let outcomes = [one?, other?].concat();
    let stored = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, PutOutcome::Stored(_)))
        .count();
    same("how many were stored", &stored, &ids.len())
}

/// Ids as a scan must give them. `\u{10000}` has greater bytes than `\u{ffff}`, and UTF-16 would order them otherwise.
const ORDERED: [&str; 16] = [
    "0",
    "9",
    "10",
    "100",
    "9007199254740993",
    "",
    "-1",
    "007",
    "99999999999999999999",
    "B",
    "a",
    "a b",
    "a-b",
    "\u{e9}",
    "\u{ffff}",
    "\u{10000}",
];

async fn byte_order(store: &dyn Store) -> Kept {
    let writer = writer(store).await?;
    writer
        .put(ORDERED.iter().rev().map(|id| write(id, 0)).collect())
        .await?;
    let expected: Vec<String> = ORDERED.map(str::to_owned).to_vec();
    same("ids", &writer.ids(None, 100).await?, &expected)
}

async fn pages(store: &dyn Store) -> Kept {
    let writer = writer(store).await?;
    writer.put(ORDERED.iter().map(|id| write(id, 0)).collect()).await?;
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = writer.ids(after.as_deref(), 3).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        found.extend(page);
    }
    same("all pages", &found, &ORDERED.map(str::to_owned).to_vec())?;
    same("behind 11", &writer.ids(Some("11"), 1).await?, &vec!["100".to_owned()])?;
    same(
        "behind aa",
        &writer.ids(Some("aa"), 1).await?,
        &vec!["\u{e9}".to_owned()],
    )
}

async fn of_one_shelf(store: &dyn Store) -> Kept {
    let writer = writer(store).await?;
    let lease = writer
        .ledger
        .lease(&writer.scope, "10001".into(), "writer".into(), TTL_MS)
        .await?;
    let elsewhere = |entity: &str, destination: &str| {
        let mut write = write("2", 0);
        write.link.key = Key {
            entity: entity.into(),
            destination: destination.into(),
            id: "2".into(),
        };
        write
    };
    let writes = vec![
        write("1", 0),
        elsewhere("launch", PROJECT),
        elsewhere("test-case", "10001"),
    ];
    let leases = vec![lease, writer.lease.clone()];
    writer.ledger.put_many(&writer.scope, leases, QUOTA, writes).await?;
    same("ids", &writer.ids(None, 10).await?, &vec!["1".to_owned()])?;
    let destinations = writer.ledger.destinations(&writer.scope).await?;
    same(
        "destinations",
        &destinations,
        &vec![PROJECT.to_owned(), "10001".to_owned()],
    )
}

async fn of_one_scope(store: &dyn Store) -> Kept {
    let writer = writer(store).await?;
    let mut integration = writer.scope.clone();
    integration.integration = "other".into();
    writer.put(vec![full("1", 0)]).await?;
    for scope in [scope("other"), integration] {
        let ledger = &writer.ledger;
        same("a row", &ledger.get_many(&scope, vec![key("1")]).await?, &vec![None])?;
        let scan = ledger.scan(&scope, "test-case".into(), PROJECT.into(), None, 10);
        same("a scan", &scan.await?, &Vec::new())?;
        same("destinations", &ledger.destinations(&scope).await?, &Vec::new())?;
        same("created", &ledger.created_by(&scope, "run".into()).await?, &Vec::new())?;
        // A lease is of its scope too.
        ledger
            .lease(&scope, PROJECT.into(), "somebody else".into(), TTL_MS)
            .await?;
    }
    Ok(())
}

async fn created_by(store: &dyn Store) -> Kept {
    let writer = writer(store).await?;
    let mut intent = full("3", 0);
    intent.link.issue_id = None;
    let mut other = full("4", 0);
    other.link.created_by = Some("another".into());
    writer.put(vec![full("10", 0), full("9", 0), intent, other]).await?;
    let rows = writer.ledger.created_by(&writer.scope, "run".into()).await?;
    let ids: Vec<&str> = rows.iter().map(|row| row.link.key.id.as_str()).collect();
    same("ids", &ids, &vec!["9", "10"])
}

async fn row_quota(store: &dyn Store) -> Kept {
    let writer = writer(store).await?;
    let three = Quota { rows: 3, ..QUOTA };
    writer.put_within(three, vec![write("1", 0), write("2", 0)]).await?;
    let over = writer.put_within(three, vec![write("3", 0), write("4", 0)]).await;
    refused("the fourth row", over, is_too_large)?;
    same(
        "ids",
        &writer.ids(None, 10).await?,
        &["1", "2"].map(str::to_owned).to_vec(),
    )?;
    // What is written over does not count, nor what is not stored, and integrations count together.
    writer.put_within(three, vec![full("1", 1), full("2", 9)]).await?;
    let other = Writer {
        scope: super::super::Scope {
            integration: "other".into(),
            ..writer.scope.clone()
        },
        ledger: store.open().await?,
        lease: writer.lease.clone(),
    };
    let lease = other
        .ledger
        .lease(&other.scope, PROJECT.into(), "writer".into(), TTL_MS);
    let other = Writer {
        lease: lease.await?,
        ..other
    };
    other.put_within(three, vec![write("1", 0)]).await?;
    refused(
        "a fourth row",
        writer.put_within(three, vec![write("3", 0)]).await,
        is_too_large,
    )
}

async fn size_quota(store: &dyn Store) -> Kept {
    let writer = writer(store).await?;
    let mut large = write("2", 0);
    large.link.detail = "x".repeat(QUOTA.row_bytes + 1);
    refused(
        "a large row",
        writer.put(vec![write("1", 0), large]).await,
        is_too_large,
    )?;
    same("ids", &writer.ids(None, 10).await?, &Vec::new())
}
