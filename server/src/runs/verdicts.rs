//! Verdicts in the store.

use serde::Serialize;
use utoipa::ToSchema;

use crate::plugins::{Item, Outcome};
use crate::store::{Statement, StoreError, TenantScope, sql};

/// Which verdicts are meant.
#[derive(Debug, Clone, Default)]
pub struct ItemFilter {
    /// With this outcome.
    pub outcome: Option<Outcome>,
    /// Without this outcome.
    pub except: Option<Outcome>,
    /// Of this entity.
    pub entity: Option<String>,
    /// Whose TestOps id or issue key is this, or whose name contains it.
    pub search: String,
    /// After this one.
    pub after: Option<u64>,
    /// At most so many.
    pub limit: u32,
}

/// A page of verdicts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Items {
    /// In the order they were reached.
    pub items: Vec<Item>,
    /// For `after` of the next page; absent at the end.
    pub next: Option<u64>,
}

impl Items {
    /// A page of a run's verdicts.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn page(scope: &TenantScope, run: &str, filter: &ItemFilter) -> Result<Self, StoreError> {
        let query = sql(
            "SELECT number, body FROM verdict WHERE tenant = ?1 AND run = ?2 AND number > ?3 \
             AND (outcome = ?4 OR ?4 IS NULL) AND (entity = ?5 OR ?5 IS NULL) \
             AND (?6 = '' OR item = ?6 OR UPPER(issue_key) = UPPER(?6) OR LOWER(name) LIKE ?7 ESCAPE '!') \
             AND (outcome <> ?9 OR ?9 IS NULL) ORDER BY number LIMIT ?8",
        );
        let search = filter.search.trim();
        let query = query
            .bind(run)
            .bind(filter.after.unwrap_or(0))
            .bind(filter.outcome.map(Outcome::name))
            .bind(filter.entity.as_ref())
            .bind(search)
            .bind(containing(search))
            .bind(filter.limit)
            .bind(filter.except.map(Outcome::name));
        let rows = scope.read(query).await?;
        let full = rows.len() >= usize::try_from(filter.limit).unwrap_or(usize::MAX);
        let next = rows.last().filter(|_| full).map(|row| row.get("number")).transpose()?;
        let items = rows.iter().map(|row| row.json("body")).collect::<Result<_, _>>()?;
        Ok(Self { items, next })
    }
}

/// A LIKE pattern for what contains a text.
fn containing(search: &str) -> String {
    let mut pattern = String::from("%");
    for letter in search.to_lowercase().chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// The row of a run's verdict; numbers begin with 1.
pub(super) fn row(run: &str, number: u64, item: &Item) -> Statement {
    let row = sql(
        "INSERT INTO verdict (tenant, run, number, entity, item, name, outcome, issue_key, body) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    );
    row.bind(run)
        .bind(number)
        .bind(&item.entity)
        .bind(&item.id)
        .bind(&item.name)
        .bind(item.outcome.name())
        .bind(item.issue.as_ref().map(|issue| &*issue.key))
        .bind(serde_json::to_string(item).unwrap_or_default())
}
