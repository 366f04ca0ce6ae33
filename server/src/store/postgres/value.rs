//! Values as PostgreSQL has them.

use std::error::Error;

use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::super::{StoreError, Value};

/// A parameter has the type that the database took from the statement.
impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) if *kind == Type::INT8 => number.to_sql(kind, out),
            Self::Int(number) if *kind == Type::INT4 => i32::try_from(*number)?.to_sql(kind, out),
            Self::Text(text) if is_text(kind) => text.to_sql(kind, out),
            Self::Bytes(bytes) if *kind == Type::BYTEA => bytes.to_sql(kind, out),
            _ => Err(format!("a parameter is no {kind}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn is_text(kind: &Type) -> bool {
    matches!(*kind, Type::TEXT | Type::VARCHAR | Type::NAME | Type::UNKNOWN)
}

/// What a column of an answer holds.
pub(super) fn column(row: &tokio_postgres::Row, index: usize) -> Result<Value, StoreError> {
    let kind = row.columns().get(index).map_or(&Type::UNKNOWN, |column| column.type_());
    let value = match *kind {
        Type::INT8 => row.try_get::<_, Option<i64>>(index).map(|it| it.map(Value::Int)),
        Type::INT4 => row
            .try_get::<_, Option<i32>>(index)
            .map(|it| it.map(|number| Value::Int(number.into()))),
        Type::BOOL => row
            .try_get::<_, Option<bool>>(index)
            .map(|it| it.map(|truth| Value::Int(truth.into()))),
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(index).map(|it| it.map(Value::Bytes)),
        _ => row.try_get::<_, Option<String>>(index).map(|it| it.map(Value::Text)),
    };
    match value {
        Ok(value) => Ok(value.unwrap_or(Value::Null)),
        Err(error) => Err(StoreError::Unavailable(format!("a column holds {kind}: {error}"))),
    }
}
