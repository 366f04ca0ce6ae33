//! The SQLite file's tables, and how an older file becomes a current one.

use rusqlite::Connection;

use super::super::LedgerError;

/// Each entry brings a file from its index to the next version; `PRAGMA user_version` holds the version.
const MIGRATIONS: [&str; 7] = [
    "
CREATE TABLE link (
  tenant TEXT NOT NULL, integration TEXT NOT NULL, entity TEXT NOT NULL, destination TEXT NOT NULL,
  -- Numeric ids by number, then all others: `number` is the id where it is one, else the greatest integer.
  number INTEGER NOT NULL, id TEXT NOT NULL,
  version INTEGER NOT NULL, phase TEXT NOT NULL,
  issue_id TEXT, issue_key TEXT, fingerprint TEXT NOT NULL, stamp TEXT NOT NULL, attempt INTEGER NOT NULL,
  token TEXT, created_by TEXT, updated_at INTEGER NOT NULL, detail TEXT NOT NULL,
  PRIMARY KEY (tenant, integration, entity, destination, number, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_created_by ON link (tenant, integration, created_by) WHERE created_by IS NOT NULL;
CREATE TABLE tenant (name TEXT PRIMARY KEY, rows INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE lease (
  tenant TEXT NOT NULL, integration TEXT NOT NULL, destination TEXT NOT NULL,
  holder TEXT NOT NULL, epoch INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, integration, destination)
) STRICT, WITHOUT ROWID;
CREATE TABLE run (
  tenant TEXT NOT NULL, integration TEXT NOT NULL, run_id TEXT NOT NULL, export TEXT NOT NULL,
  settings_digest TEXT NOT NULL, started_at INTEGER NOT NULL, finished_at INTEGER, outcome TEXT, totals TEXT NOT NULL,
  PRIMARY KEY (tenant, integration, run_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_started_at ON run (tenant, integration, started_at);
",
    "
ALTER TABLE run ADD COLUMN mode TEXT NOT NULL DEFAULT 'export';
ALTER TABLE run ADD COLUMN undoes TEXT;
-- Of a run that was stopped: what kind of fault, and whose. `outcome` says done, stopped or ended; `reason` says why.
ALTER TABLE run ADD COLUMN fault TEXT;
ALTER TABLE run ADD COLUMN side TEXT;
ALTER TABLE run ADD COLUMN reason TEXT;
UPDATE run SET outcome = substr(outcome, 1, instr(outcome, ': ') - 1), reason = substr(outcome, instr(outcome, ': ') + 2)
  WHERE instr(outcome, ': ') > 0;
UPDATE run SET fault = 'internal', side = 'host' WHERE outcome = 'stopped';
",
    "
CREATE TABLE digest_key (one INTEGER PRIMARY KEY CHECK (one = 1), key BLOB NOT NULL) STRICT;
CREATE TABLE standing (
  tenant TEXT NOT NULL, origin TEXT NOT NULL,
  -- Digest of user name and secret, keyed with digest_key.
  version TEXT NOT NULL,
  -- Who grants the access to which destination project; both empty for the credential itself.
  access TEXT NOT NULL, destination TEXT NOT NULL,
  connection TEXT NOT NULL, state TEXT NOT NULL,
  kind TEXT, side TEXT, message TEXT, hint TEXT, since INTEGER, seen INTEGER,
  -- When log-ins were refused: milliseconds since 1970, with commas.
  refused TEXT NOT NULL,
  trial_by TEXT, trial_until INTEGER, proved_at INTEGER, cleared_at INTEGER, revision INTEGER NOT NULL,
  PRIMARY KEY (tenant, origin, version, access, destination)
) STRICT, WITHOUT ROWID;
",
    "
-- For which server each secret was entered. Never the secret.
CREATE TABLE origin (
  tenant TEXT NOT NULL, integration TEXT NOT NULL, secret TEXT NOT NULL, origin TEXT NOT NULL,
  PRIMARY KEY (tenant, integration, secret)
) STRICT, WITHOUT ROWID;
",
    // Contract 0.2: entities and sides are the plugin's words, which are the names that 0.1 stored.
    "
-- No plugin ever wrote this phase; a row that has it belongs to an issue that is there.
UPDATE link SET phase = 'linked' WHERE phase = 'quarantined';
-- 1 where the server takes the credential over the connection's gateway only.
ALTER TABLE standing ADD COLUMN gateway INTEGER NOT NULL DEFAULT 0;
",
    "
-- When a person last asked to try what is off, and it was refused.
ALTER TABLE standing ADD COLUMN asked_at INTEGER;
",
    "
-- What was reserved of a credential's rate windows, and when. It belongs to the credential, whichever tenant uses it.
CREATE TABLE budget (
  origin TEXT NOT NULL, version TEXT NOT NULL, limits TEXT NOT NULL, taken TEXT NOT NULL, paused_until INTEGER NOT NULL,
  PRIMARY KEY (origin, version)
) STRICT, WITHOUT ROWID;
",
];

/// Sets the connection up and brings the file to the current version.
pub(super) fn prepare(db: &mut Connection) -> Result<(), LedgerError> {
    db.busy_timeout(std::time::Duration::from_secs(10))?;
    // FULL: a commit is on the disk when it returns, which is what makes an intent row worth anything.
    db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;")?;
    let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version: usize = transaction.query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0))? as usize;
    if version > MIGRATIONS.len() {
        let message = format!(
            "the file has version {version}, this host knows up to {}",
            MIGRATIONS.len()
        );
        return Err(LedgerError::Unavailable(message));
    }
    for migration in MIGRATIONS.iter().skip(version) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as u32)?;
    transaction.commit()?;
    Ok(())
}

/// Whether the file is of the current version: one that is not written to cannot be brought there.
pub(super) fn check_version(db: &Connection) -> Result<(), LedgerError> {
    let version: u32 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version as usize == MIGRATIONS.len() {
        return Ok(());
    }
    Err(LedgerError::Unavailable(format!(
        "the file has version {version} and cannot be brought to {}, because it cannot be written to",
        MIGRATIONS.len()
    )))
}

impl From<rusqlite::Error> for LedgerError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::super::codec::{COLUMNS, row};
    use super::super::{health_rows, history};
    use super::*;
    use crate::ledger::{Ending, Phase, Scope};

    /// A file as contract 0.1 left it.
    fn of_0_1() -> Connection {
        let db = Connection::open_in_memory().unwrap();
        for migration in MIGRATIONS.iter().take(4) {
            db.execute_batch(migration).unwrap();
        }
        db.execute_batch(
            "PRAGMA user_version = 4;
             INSERT INTO link VALUES ('acme', 'xray', 'test-case', '10000', 7, '7', 3, 'synced', '10001', 'CALC-1', 'f', 's', 1,
                                      NULL, 'run', 5, '{}');
             INSERT INTO link VALUES ('acme', 'xray', 'shared-step', '10000', 8, '8', 1, 'quarantined', '10002', 'CALC-2', 'f',
                                      's', 1, NULL, 'run', 5, '{}');
             INSERT INTO run (tenant, integration, run_id, export, settings_digest, started_at, finished_at, outcome, totals,
                              fault, side, reason)
               VALUES ('acme', 'xray', 'run', 'main', '', 1, 2, 'stopped', '{\"test-cases\":{\"created\":1}}', 'credential',
                       'tracker', 'refused');
             INSERT INTO standing (tenant, origin, version, access, destination, connection, state, refused, revision)
               VALUES ('acme', 'https://jira.example', 'v', '', '', 'jira', 'active', '', 1);",
        )
        .unwrap();
        db
    }

    #[test]
    fn a_file_of_contract_0_1_opens_with_everything_in_it() {
        let mut db = of_0_1();
        prepare(&mut db).unwrap();
        let mut statement = db
            .prepare(&format!("SELECT {COLUMNS} FROM link ORDER BY number"))
            .unwrap();
        let rows: Vec<_> = statement.query_map([], row).unwrap().map(Result::unwrap).collect();
        let found = |at: usize| {
            let link = &rows[at].link;
            (link.key.entity.as_str(), link.phase, rows[at].version)
        };
        assert_eq!(found(0), ("test-case", Phase::Synced, 3));
        assert_eq!(found(1), ("shared-step", Phase::Linked, 1));
        let scope = Scope {
            tenant: "acme".into(),
            integration: "xray".into(),
        };
        let run = history::named(&db, &scope, "run").unwrap().unwrap();
        assert!(matches!(run.ending, Some(Ending::Stopped { side, .. }) if side == "tracker"));
        let standings = health_rows::all(&db, "acme").unwrap();
        assert_eq!((standings.len(), standings[0].by_gateway), (1, false));
    }
}
