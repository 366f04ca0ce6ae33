//! Everything of a store, copied into an empty one: how a folder becomes a database and back.

use super::{SharedStore, Statement, StoreError, Value, sql};

/// Tables, each with its primary key, in an order in which every row finds the rows that it refers to.
const TABLES: [(&str, &str); 21] = [
    ("tenant", "name"),
    ("account", "id"),
    ("membership", "tenant, account"),
    ("session", "digest"),
    ("link", "digest"),
    ("attempt", "subject"),
    ("token", "tenant, id"),
    ("allowed_server", "server"),
    ("integration", "tenant, id"),
    ("project", "tenant, id"),
    ("credentials", "tenant, id"),
    ("sync", "tenant, id"),
    ("run", "tenant, id"),
    ("verdict", "tenant, run, number"),
    ("audit", "tenant, id"),
    ("data_key", "tenant, id"),
    ("secret", "tenant, owner, field"),
    ("channel", "tenant, id"),
    ("message", "tenant, id"),
    ("reminder", "tenant, subject"),
    ("identity", "issuer, subject"),
];
/// Rows of one step.
const PAGE: usize = 500;

/// Why a store was not copied, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CopyError {
    /// The target is another's.
    #[error("the store to copy to is not empty")]
    NotEmpty,
    /// Runs are under way or queued.
    #[error("the service works: stop it first")]
    Working,
    /// The copy is not complete.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Copies every table, and returns how many rows that were. Log-ins that are at an OpenID provider begin anew.
///
/// # Errors
///
/// The target is not empty, a run is under way, or a store failed. What was copied until then stays: empty the target before
/// the next attempt.
pub async fn copy(from: &SharedStore, to: &SharedStore) -> Result<u64, CopyError> {
    for table in ["tenant", "account", "link"] {
        let row = to.read(sql(format!("SELECT * FROM {table} LIMIT 1"))).await?;
        if !row.is_empty() {
            return Err(CopyError::NotEmpty);
        }
    }
    let running = sql("SELECT id FROM run WHERE status = 'running' LIMIT 1");
    if !from.read(running).await?.is_empty() {
        return Err(CopyError::Working);
    }
    let mut rows = 0;
    for (table, key) in TABLES {
        rows += copy_table(from, to, table, key).await?;
    }
    Ok(rows)
}

async fn copy_table(from: &SharedStore, to: &SharedStore, table: &str, key: &str) -> Result<u64, StoreError> {
    let names: Vec<&str> = key.split(", ").collect();
    let (mut rows, mut after): (u64, Option<Vec<Value>>) = (0, None);
    loop {
        let page = from.read(page_after(table, key, after)).await?;
        let Some(last) = page.last() else { return Ok(rows) };
        after = Some(names.iter().filter_map(|name| last.value(name)).collect());
        rows += u64::try_from(page.len()).unwrap_or_default();
        let inserts = page.into_iter().map(|row| {
            let marks: Vec<String> = (1..=row.columns.len()).map(|number| format!("?{number}")).collect();
            let insert = format!(
                "INSERT INTO {table} ({}) VALUES ({})",
                row.columns.join(", "),
                marks.join(", ")
            );
            row.values.into_iter().fold(sql(insert), Statement::bind)
        });
        to.write(inserts.collect()).await?;
    }
}

fn page_after(table: &str, key: &str, after: Option<Vec<Value>>) -> Statement {
    let Some(after) = after else {
        return sql(format!("SELECT * FROM {table} ORDER BY {key} LIMIT {PAGE}"));
    };
    let marks: Vec<String> = (1..=after.len()).map(|number| format!("?{number}")).collect();
    let query = format!(
        "SELECT * FROM {table} WHERE ({key}) > ({}) ORDER BY {key} LIMIT {PAGE}",
        marks.join(", ")
    );
    after.into_iter().fold(sql(query), Statement::bind)
}
