//! Two runs beside each other.

use serde::Serialize;
use utoipa::ToSchema;

use crate::plugins::Item;
use crate::store::{Row, StoreError, TenantScope, sql};

/// An item whose verdict differs between two runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Difference {
    /// In the first run; absent where it has no verdict there.
    pub before: Option<Item>,
    /// In the second run; absent where it has no verdict there.
    pub after: Option<Item>,
}

impl Difference {
    /// Items whose outcome or issue differs, or that one of the runs lacks; at most `limit`, in the second run's order.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn between(scope: &TenantScope, first: &str, second: &str, limit: u32) -> Result<Vec<Self>, StoreError> {
        let query = sql("SELECT a.body AS before, b.body AS after \
             FROM (SELECT * FROM verdict WHERE tenant = ?1 AND run = ?2) AS a \
             FULL JOIN (SELECT * FROM verdict WHERE tenant = ?1 AND run = ?3) AS b \
             ON a.entity = b.entity AND a.item = b.item \
             WHERE a.outcome IS NULL OR b.outcome IS NULL OR a.outcome <> b.outcome \
             OR COALESCE(a.issue_key, '') <> COALESCE(b.issue_key, '') \
             ORDER BY COALESCE(b.number, a.number), COALESCE(a.number, 0) LIMIT ?4");
        let rows = scope.read(query.bind(first).bind(second).bind(limit)).await?;
        rows.iter().map(Self::from_row).collect()
    }

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let item = |column: &str| -> Result<Option<Item>, StoreError> {
            let text: Option<String> = row.get(column)?;
            Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
        };
        Ok(Self {
            before: item("before")?,
            after: item("after")?,
        })
    }
}
