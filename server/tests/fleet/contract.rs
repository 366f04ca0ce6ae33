//! What a store promises, of each of them.

use std::sync::Arc;

use tms_sync_server::store::{FromValue, PostgresStore, Row, SharedStore, SqliteStore, StoreError, Value, sql};

use crate::postgres::shared;

/// Runs one story over every store.
macro_rules! stories {
    ($($name:ident),+ $(,)?) => {
        mod file {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() { super::$name(super::file()).await; })+
        }
        mod database {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
                if let Some(store) = super::database().await { super::$name(store).await; }
            })+
        }
    };
}

stories!(
    what_was_written_is_read_back,
    a_taken_name_and_a_missing_parent_are_conflicts,
    a_write_is_whole_or_nothing,
    two_who_count_and_add_do_not_pass_the_count,
    texts_are_in_the_order_of_their_bytes,
    rows_go_with_their_parent,
);

fn file() -> SharedStore {
    Arc::new(SqliteStore::in_memory().unwrap())
}

async fn database() -> Option<SharedStore> {
    let server = shared("the store's contract over PostgreSQL")?;
    Some(Arc::new(PostgresStore::connect(&server.database()).await.unwrap()))
}

fn tenant(name: &str) -> tms_sync_server::store::Statement {
    sql("INSERT INTO tenant (name, title, quotas, created_at) VALUES (?1, ?2, '{}', ?3)")
        .bind(name)
        .bind("Ä title")
        .bind(7_u64)
}

fn all<T: FromValue>(rows: &[Row], column: &str) -> Vec<T> {
    rows.iter().map(|row| row.get(column).unwrap()).collect()
}

async fn names(store: &SharedStore) -> Vec<String> {
    let rows = store.read(sql("SELECT name FROM tenant ORDER BY name")).await.unwrap();
    all(&rows, "name")
}

async fn what_was_written_is_read_back(store: SharedStore) {
    let link = sql("INSERT INTO link (digest, account, expires_at) VALUES (?1, ?2, ?3)");
    let link = link.bind(vec![0_u8, 255]).bind(None::<String>).bind(u64::MAX);
    assert_eq!(store.write(vec![tenant("acme"), link]).await, Ok(vec![1, 1]));
    let rows = store
        .read(sql("SELECT * FROM tenant WHERE name = ?1").bind("acme"))
        .await;
    let rows = rows.unwrap();
    assert_eq!(all::<String>(&rows, "title"), ["Ä title"]);
    assert_eq!(all::<u64>(&rows, "created_at"), [7]);
    let link = sql("SELECT digest, account, expires_at, account IS NULL AS is_free FROM link");
    let rows = store.read(link).await.unwrap();
    assert_eq!(all::<Vec<u8>>(&rows, "digest"), [[0, 255]]);
    assert_eq!(all::<Option<String>>(&rows, "account"), [None]);
    assert_eq!(all::<bool>(&rows, "is_free"), [true]);
    assert_eq!(all::<u64>(&rows, "expires_at"), [u64::try_from(i64::MAX).unwrap()]);
    assert!(rows[0].get::<String>("digest").is_err());
}

async fn a_taken_name_and_a_missing_parent_are_conflicts(store: SharedStore) {
    store.write(vec![tenant("acme")]).await.unwrap();
    let taken = store.write(vec![tenant("acme")]).await;
    let orphan = sql("INSERT INTO reminder (tenant, subject, at) VALUES ('nobody', 's', 1)");
    let orphan = store.write(vec![orphan]).await;
    for refused in [taken, orphan] {
        assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    }
    let wrong = store.write(vec![sql("UPDATE nothing SET a = 1")]).await;
    assert!(matches!(wrong, Err(StoreError::Unavailable(_))), "{wrong:?}");
}

async fn a_write_is_whole_or_nothing(store: SharedStore) {
    store.write(vec![tenant("acme")]).await.unwrap();
    let absent = sql("UPDATE tenant SET title = 'x' WHERE name = ?1").bind("nobody");
    let unexpected = vec![tenant("rival"), absent.clone().must_change(1)];
    assert_eq!(store.write(unexpected).await, Err(StoreError::Stale));
    assert!(store.write(vec![tenant("rival"), tenant("acme")]).await.is_err());
    assert_eq!(names(&store).await, ["acme"]);
    assert_eq!(store.write(vec![tenant("rival"), absent]).await, Ok(vec![1, 0]));
}

/// A quota that is checked in the statement that uses it up.
async fn two_who_count_and_add_do_not_pass_the_count(store: SharedStore) {
    let add = |name: String| {
        let add = sql(
            "INSERT INTO tenant (name, title, quotas, created_at) SELECT ?1, '', '{}', 1 \
             WHERE (SELECT COUNT(*) FROM tenant) < ?2",
        );
        add.bind(name).bind(3_u64).must_change(1)
    };
    let all = (0..8).map(|number| store.write(vec![add(format!("t{number}"))]));
    let outcomes = futures_util::future::join_all(all).await;
    let added = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!((added, names(&store).await.len()), (3, 3), "{outcomes:?}");
    let others = outcomes.into_iter().filter_map(Result::err);
    assert!(others.into_iter().all(|error| error == StoreError::Stale));
}

async fn texts_are_in_the_order_of_their_bytes(store: SharedStore) {
    let unordered = ["b", "B", "a-", "a", "ä", "Z"];
    store.write(unordered.map(tenant).to_vec()).await.unwrap();
    assert_eq!(names(&store).await, ["B", "Z", "a", "a-", "b", "ä"]);
    let after = sql("SELECT name FROM tenant WHERE (name, created_at) > (?1, ?2) ORDER BY name LIMIT ?3");
    let after = after.bind("a").bind(7_u64).bind(Value::Int(2));
    assert_eq!(all::<String>(&store.read(after).await.unwrap(), "name"), ["a-", "b"]);
}

async fn rows_go_with_their_parent(store: SharedStore) {
    let reminder = sql("INSERT INTO reminder (tenant, subject, at) VALUES ('acme', 's', 1)");
    store.write(vec![tenant("acme"), reminder]).await.unwrap();
    store.write(vec![sql("DELETE FROM tenant")]).await.unwrap();
    assert!(store.read(sql("SELECT * FROM reminder")).await.unwrap().is_empty());
}
