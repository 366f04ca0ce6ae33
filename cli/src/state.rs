//! Where the ledger is: `state` under `[host]`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tms_sync_host::{Ledger, LedgerError, PostgresLedger, SqliteLedger};

/// How the address of a database begins.
const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

/// What a question does with the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerUse {
    /// Looks, and does not make one.
    Look,
    /// Makes one where there is none.
    Write,
}

/// A file of this machine, or a database that several share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    File(PathBuf),
    /// Its address, which may have a password in it.
    Database(String),
}

impl State {
    /// What a text names; a file's path is one below `folder`, unless it begins at the root.
    pub fn of(text: &str, folder: &Path) -> Self {
        if SCHEMES.iter().any(|scheme| text.starts_with(scheme)) {
            return Self::Database(text.to_owned());
        }
        Self::File(folder.join(text))
    }

    /// Opens it. A file is not made by a command that only looks, and whoever may read one may look.
    pub async fn open(&self, ledger_use: LedgerUse) -> Result<Arc<dyn Ledger>, LedgerError> {
        let path = match self {
            Self::Database(address) => return Ok(Arc::new(PostgresLedger::connect(address).await?)),
            Self::File(path) => path,
        };
        let opened = match ledger_use {
            LedgerUse::Look if !path.exists() => SqliteLedger::in_memory(),
            LedgerUse::Look => SqliteLedger::open(path).or_else(|_| SqliteLedger::open_read_only(path)),
            LedgerUse::Write => SqliteLedger::open(path),
        };
        Ok(Arc::new(opened?))
    }

    /// True where the file that names it has a password in it.
    pub fn has_password(&self) -> bool {
        let Self::Database(address) = self else { return false };
        let (_, rest) = address.split_once("://").unwrap_or_default();
        let account = rest.split_once('@').map_or("", |(account, _)| account);
        account.contains(':') || rest.contains("password=")
    }

    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Database(_) => None,
        }
    }
}

/// Without a database's user, password and options.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Database(address) => {
                let (scheme, rest) = address.split_once("://").unwrap_or(("postgres", address));
                let rest = rest.split('?').next().unwrap_or_default();
                let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
                write!(f, "{scheme}://{place}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_shown_without_its_account() {
        let of = |text| State::of(text, Path::new("conf")).to_string();
        assert_eq!(
            of("postgres://tms:s3cret@db.example/tms?sslmode=require"),
            "postgres://db.example/tms"
        );
        assert_eq!(
            of("postgresql://db.example:5433/tms"),
            "postgresql://db.example:5433/tms"
        );
        assert!(State::of("postgres://tms:s3cret@db.example/tms", Path::new("")).has_password());
        assert!(!State::of("postgres://tms@db.example:5433/tms", Path::new("")).has_password());
        assert_eq!(of("state/tms-sync.db"), "conf/state/tms-sync.db");
    }
}
