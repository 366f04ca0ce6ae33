//! Where a service keeps its rows, by whose time, and that nobody else works there who does not know of it.

use std::sync::Arc;

use tms_sync_host::{Clock, Ledger, PostgresLedger, SqliteLedger};

use crate::options::Options;
use crate::server::{ServerError, io};
use crate::store::{Company, DatabaseClock, PostgresStore, SharedStore, SqliteStore, Working};

/// Store, ledger and time.
pub(crate) struct Places {
    pub(crate) store: SharedStore,
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Held while a service runs: two that schedule in one place would start every run twice.
pub(crate) enum Guard {
    Folder(#[expect(dead_code, reason = "dropping it unlocks the folder")] std::fs::File),
    Database(#[expect(dead_code, reason = "dropping it ends the session that holds the lock")] Working),
}

impl Places {
    /// Opens them, where no other service works, or others of the same fleet do.
    pub(crate) async fn open(options: &Options) -> Result<(Self, Guard), ServerError> {
        match (&options.postgres, &options.fleet) {
            (Some(url), None) => in_database(url, options, Company::None).await,
            (Some(url), Some(_)) => in_database(url, options, Company::Fleet).await,
            (None, None) => in_folder(options),
            (None, Some(_)) => Err(ServerError::Option(
                "a fleet keeps its rows in PostgreSQL: name the database with --postgres".to_owned(),
            )),
        }
    }
}

async fn in_database(url: &str, options: &Options, company: Company) -> Result<(Places, Guard), ServerError> {
    let store = PostgresStore::connect(url).await?;
    let ledger = Arc::new(PostgresLedger::connect(url).await?);
    let working = store.begin_work(company).await?;
    let working = working.ok_or_else(|| ServerError::Busy("the database".to_owned()))?;
    let clock: Arc<dyn Clock> = match company {
        Company::None => Arc::clone(&options.clock),
        Company::Fleet => Arc::new(DatabaseClock::of(&store).await?),
    };
    let places = Places {
        store: Arc::new(store),
        ledger,
        clock,
    };
    Ok((places, Guard::Database(working)))
}

fn in_folder(options: &Options) -> Result<(Places, Guard), ServerError> {
    let guard = lock(options)?;
    let ledger = SqliteLedger::open(options.state.join("ledger.db"))?;
    let places = Places {
        store: Arc::new(SqliteStore::open(options.state.join("server.db"))?),
        ledger: Arc::new(ledger.with_clock(Arc::clone(&options.clock))),
        clock: Arc::clone(&options.clock),
    };
    Ok((places, Guard::Folder(guard)))
}

fn lock(options: &Options) -> Result<std::fs::File, ServerError> {
    let folder = options.state.display().to_string();
    std::fs::create_dir_all(&options.state).map_err(io(format!("the state folder {folder}")))?;
    let path = options.state.join("lock");
    let file = std::fs::File::create(&path).map_err(io(format!("the lock {}", path.display())))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(ServerError::Busy(folder)),
        Err(std::fs::TryLockError::Error(error)) => Err(io(format!("the lock {}", path.display()))(error)),
    }
}
