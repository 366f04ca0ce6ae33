//! Rows of the `link` table.

use std::collections::{BTreeMap, BTreeSet};

use deadpool_postgres::{GenericClient, Transaction};
use serde_json::json;
use tokio_postgres::Row as Found;

use super::super::measure::{check_size, number};
use super::super::{EVERYBODY, Entity, Key, LedgerError, Link, Phase, PutOutcome, Quota, Row, Scope, Shelf, Write};
use crate::names::Named;

/// Columns in the order that [`row`] reads.
const COLUMNS: &str = "entity, destination, id, version, phase, issue_id, issue_key, fingerprint, stamp, attempt, token, \
                       created_by, updated_at, detail";

/// Rows in the order of `keys`.
pub(super) async fn get(db: &impl GenericClient, scope: &Scope, keys: &[Key]) -> Result<Vec<Option<Row>>, LedgerError> {
    let statement = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS}, wanted.place FROM link \
             JOIN unnest($3::text[], $4::text[], $5::bigint[], $6::text[]) WITH ORDINALITY \
             AS wanted (entity, destination, number, id, place) USING (entity, destination, number, id) \
             WHERE tenant = $1 AND integration = $2"
        ))
        .await?;
    let entities: Vec<&str> = keys.iter().map(|key| key.entity.as_str()).collect();
    let destinations: Vec<&str> = keys.iter().map(|key| key.destination.as_str()).collect();
    let numbers: Vec<i64> = keys.iter().map(|key| number(&key.id)).collect();
    let ids: Vec<&str> = keys.iter().map(|key| key.id.as_str()).collect();
    let wanted = db
        .query(
            &statement,
            &[
                &scope.tenant,
                &scope.integration,
                &entities,
                &destinations,
                &numbers,
                &ids,
            ],
        )
        .await?;
    let mut rows: Vec<Option<Row>> = keys.iter().map(|_| None).collect();
    for found in &wanted {
        let place: i64 = found.try_get(14)?;
        let place = usize::try_from(place - 1).ok().and_then(|place| rows.get_mut(place));
        if let Some(place) = place {
            *place = Some(row(found)?);
        }
    }
    Ok(rows)
}

/// Compare-and-swap of a batch whose leases hold: nobody else writes to its destinations until the transaction ends.
pub(super) async fn put(
    db: &Transaction<'_>,
    scope: &Scope,
    quota: Quota,
    writes: Vec<Write>,
) -> Result<Vec<PutOutcome>, LedgerError> {
    for write in &writes {
        check_size(&write.link, quota)?;
    }
    let keys: Vec<Key> = writes.iter().map(|write| write.link.key.clone()).collect();
    let mut rows: BTreeMap<(String, String, String), Row> = BTreeMap::new();
    rows.extend(
        get(db, scope, &keys)
            .await?
            .into_iter()
            .flatten()
            .map(|row| (name(&row.link.key), row)),
    );
    let (mut created, mut changed) = (0, BTreeSet::new());
    let mut outcomes = Vec::with_capacity(writes.len());
    for write in writes {
        let name = name(&write.link.key);
        let current = rows.get(&name);
        let version = current.map_or(0, |row| row.version);
        if version != write.expected {
            outcomes.push(PutOutcome::Conflict(current.cloned()));
            continue;
        }
        created += u64::from(current.is_none());
        let version = version + 1;
        changed.insert(name.clone());
        rows.insert(
            name,
            Row {
                link: write.link,
                version,
            },
        );
        outcomes.push(PutOutcome::Stored(version));
    }
    let changed = rows
        .iter()
        .filter(|(name, _)| changed.contains(*name))
        .map(|(_, row)| row);
    store(db, scope, changed).await?;
    count_rows(db, &scope.tenant, created, quota.rows).await?;
    Ok(outcomes)
}

fn name(key: &Key) -> (String, String, String) {
    (key.entity.clone(), key.destination.clone(), key.id.clone())
}

/// Writes rows over what is there, in one statement.
async fn store(db: &Transaction<'_>, scope: &Scope, rows: impl Iterator<Item = &Row>) -> Result<(), LedgerError> {
    let rows: Vec<_> = rows.map(|row| columns(scope, row)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let statement = db
        .prepare_cached(
            "INSERT INTO link SELECT * FROM json_populate_recordset(NULL::link, $1::text::json) \
             ON CONFLICT (tenant, integration, entity, destination, number, id) DO UPDATE SET \
             (version, phase, issue_id, issue_key, fingerprint, stamp, attempt, token, created_by, updated_at, detail) = \
             (excluded.version, excluded.phase, excluded.issue_id, excluded.issue_key, excluded.fingerprint, \
              excluded.stamp, excluded.attempt, excluded.token, excluded.created_by, excluded.updated_at, excluded.detail)",
        )
        .await?;
    db.execute(&statement, &[&serde_json::Value::from(rows).to_string()])
        .await?;
    Ok(())
}

fn columns(scope: &Scope, row: &Row) -> serde_json::Value {
    let link = &row.link;
    json!({
        "tenant": scope.tenant,
        "integration": scope.integration,
        "entity": link.key.entity,
        "destination": link.key.destination,
        "number": number(&link.key.id),
        "id": link.key.id,
        "version": row.version,
        "phase": link.phase.name(),
        "issue_id": link.issue_id,
        "issue_key": link.issue_key,
        "fingerprint": link.fingerprint,
        "stamp": link.stamp,
        "attempt": link.attempt,
        "token": link.token,
        "created_by": link.created_by,
        "updated_at": link.updated_at,
        "detail": link.detail,
    })
}

/// Keeps the tenant's number of rows, which counting anew would make slow.
async fn count_rows(db: &Transaction<'_>, tenant: &str, created: u64, limit: u64) -> Result<(), LedgerError> {
    if created == 0 {
        return Ok(());
    }
    let statement = db
        .prepare_cached(
            "INSERT INTO tenant (name, rows) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET rows = tenant.rows + excluded.rows RETURNING rows",
        )
        .await?;
    let total: i64 = db
        .query_one(&statement, &[&tenant, &created.cast_signed()])
        .await?
        .try_get(0)?;
    if total.cast_unsigned() > limit {
        return Err(LedgerError::TooLarge(format!("the tenant has its {limit} rows")));
    }
    Ok(())
}

pub(super) async fn scan(
    db: &impl GenericClient,
    scope: &Scope,
    entity: &Entity,
    destination: &str,
    after: Option<String>,
    limit: u32,
) -> Result<Vec<Row>, LedgerError> {
    let (from, after) = after.map_or((-1, String::new()), |id| (number(&id), id));
    let statement = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM link WHERE tenant = $1 AND integration = $2 AND entity = $3 AND destination = $4 \
             AND (number, id) > ($5, $6) ORDER BY number, id LIMIT $7"
        ))
        .await?;
    let found = db
        .query(
            &statement,
            &[
                &scope.tenant,
                &scope.integration,
                entity,
                &destination,
                &from,
                &after,
                &i64::from(limit),
            ],
        )
        .await?;
    found.iter().map(row).collect()
}

pub(super) async fn scopes(db: &impl GenericClient) -> Result<Vec<Scope>, LedgerError> {
    let found = db.query(EVERYBODY, &[]).await?;
    let scopes = found.iter().map(|row| {
        Ok(Scope {
            tenant: row.try_get(0)?,
            integration: row.try_get(1)?,
        })
    });
    scopes.collect()
}

pub(super) async fn shelves(db: &impl GenericClient, scope: &Scope) -> Result<Vec<Shelf>, LedgerError> {
    let query = "SELECT DISTINCT entity, destination FROM link WHERE tenant = $1 AND integration = $2 ORDER BY 1, 2";
    let found = db.query(query, &[&scope.tenant, &scope.integration]).await?;
    let shelves = found.iter().map(|row| {
        Ok(Shelf {
            entity: row.try_get(0)?,
            destination: row.try_get(1)?,
        })
    });
    shelves.collect()
}

pub(super) async fn destinations(db: &impl GenericClient, scope: &Scope) -> Result<Vec<String>, LedgerError> {
    let statement = db
        .prepare_cached("SELECT DISTINCT destination FROM link WHERE tenant = $1 AND integration = $2 ORDER BY 1")
        .await?;
    let found = db.query(&statement, &[&scope.tenant, &scope.integration]).await?;
    found.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

pub(super) async fn created_by(db: &impl GenericClient, scope: &Scope, run_id: &str) -> Result<Vec<Row>, LedgerError> {
    let statement = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM link WHERE tenant = $1 AND integration = $2 AND created_by = $3 \
             AND issue_id IS NOT NULL ORDER BY entity, destination, number, id"
        ))
        .await?;
    let found = db
        .query(&statement, &[&scope.tenant, &scope.integration, &run_id])
        .await?;
    found.iter().map(row).collect()
}

fn row(found: &Found) -> Result<Row, LedgerError> {
    let phase: String = found.try_get(4)?;
    let phase = Phase::of_name(&phase);
    let phase = phase.ok_or_else(|| LedgerError::Unavailable("a row has a phase of a newer host".into()))?;
    let key = Key {
        entity: found.try_get(0)?,
        destination: found.try_get(1)?,
        id: found.try_get(2)?,
    };
    let link = Link {
        key,
        phase,
        issue_id: found.try_get(5)?,
        issue_key: found.try_get(6)?,
        fingerprint: found.try_get(7)?,
        stamp: found.try_get(8)?,
        attempt: u32::try_from(found.try_get::<_, i64>(9)?).unwrap_or(u32::MAX),
        token: found.try_get(10)?,
        created_by: found.try_get(11)?,
        updated_at: found.try_get::<_, i64>(12)?.cast_unsigned(),
        detail: found.try_get(13)?,
    };
    Ok(Row {
        link,
        version: found.try_get::<_, i64>(3)?.cast_unsigned(),
    })
}
