//! The schema, and how an older one becomes it. Forward only: a released step is never edited.

use rusqlite::{Connection, TransactionBehavior};

use super::StoreError;

/// Released steps in order; a store remembers how many it has.
const STEPS: [&str; 3] = [
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
];

/// The version of this build's schema.
pub const VERSION: usize = STEPS.len();

/// The steps for PostgreSQL: texts are compared by their bytes, as in SQLite.
pub(super) fn postgres() -> [String; VERSION] {
    STEPS.map(|step| step.replace(" TEXT", " TEXT COLLATE \"C\""))
}

pub(super) fn sqlite(db: &mut Connection) -> Result<(), StoreError> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let done = usize::try_from(done).unwrap_or(usize::MAX);
    if done > VERSION {
        return Err(StoreError::Unavailable(format!(
            "it has schema {done}, and this version knows up to {VERSION}: use the newer version that wrote it"
        )));
    }
    for step in STEPS.iter().skip(done) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", i64::try_from(VERSION).unwrap_or(i64::MAX))?;
    Ok(transaction.commit()?)
}
