//! Makes a ledger older: whatever it dates happened that much earlier.

/// Dates within a row's detail, by their path: when a create was sent, until when an upload may still appear, and when owed
/// files are tried again.
const DATES: [&[&str]; 3] = [&["since"], &["fu"], &["fo", "a"]];

/// SQL for a ledger in SQLite, that many milliseconds.
pub fn in_sqlite(passed: u128) -> String {
    let mut sql = format!(
        "UPDATE link SET updated_at = MAX(0, updated_at - {passed}); \
         UPDATE lease SET expires_at = MAX(0, expires_at - {passed});"
    );
    for path in DATES {
        let path = format!("'$.{}'", path.join("."));
        sql += &format!(
            "UPDATE link SET detail = json_set(detail, {path}, json_extract(detail, {path}) - {passed}) \
              WHERE json_valid(detail) AND json_extract(detail, {path}) > 0;"
        );
    }
    sql
}

/// SQL for a ledger in a schema of PostgreSQL.
pub fn in_postgres(schema: &str, passed: u128) -> String {
    let mut sql = format!(
        "UPDATE {schema}.link SET updated_at = GREATEST(0, updated_at - {passed}); \
         UPDATE {schema}.lease SET expires_at = GREATEST(0, expires_at - {passed});"
    );
    for path in DATES {
        let path = format!("'{{{}}}'", path.join(","));
        sql += &format!(
            "UPDATE {schema}.link \
                SET detail = jsonb_set(detail::jsonb, {path}, to_jsonb((detail::jsonb #>> {path})::bigint - {passed}))::text \
              WHERE detail <> '' AND detail::jsonb #> {path} IS NOT NULL;"
        );
    }
    sql
}
