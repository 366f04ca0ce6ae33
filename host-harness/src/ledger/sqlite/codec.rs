//! Rows of the `link` table. Names and not numbers stand for cases of the contract's enums, so that a case can be added
//! anywhere.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use super::super::{Key, Link, Phase, Row};
use crate::names::Named;

/// Columns in the order that [`row`] reads.
pub(super) const COLUMNS: &str = "entity, destination, id, version, phase, issue_id, issue_key, fingerprint, stamp, \
                                  attempt, token, created_by, updated_at, detail";

/// An enum's case in a column.
pub(super) struct Case<T>(pub(super) T);

impl<T: Named> ToSql for Case<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.0.name().as_bytes())))
    }
}

impl<T: Named> FromSql for Case<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        T::of_name(value.as_str()?).map(Self).ok_or(FromSqlError::InvalidType)
    }
}

pub(super) fn row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    let key = Key {
        entity: row.get(0)?,
        destination: row.get(1)?,
        id: row.get(2)?,
    };
    let link = Link {
        key,
        phase: row.get::<_, Case<Phase>>(4)?.0,
        issue_id: row.get(5)?,
        issue_key: row.get(6)?,
        fingerprint: row.get(7)?,
        stamp: row.get(8)?,
        attempt: row.get(9)?,
        token: row.get(10)?,
        created_by: row.get(11)?,
        updated_at: row.get::<_, i64>(12)?.cast_unsigned(),
        detail: row.get(13)?,
    };
    Ok(Row {
        link,
        version: row.get::<_, i64>(3)?.cast_unsigned(),
    })
}
