//! Where a service keeps its rows, and that nobody else schedules there.

use std::sync::Arc;

use tms_sync_host::{Ledger, PostgresLedger, SqliteLedger};

use crate::options::Options;
use crate::server::{ServerError, io};
use crate::store::{Company, PostgresStore, SharedStore, SqliteStore, Working};

/// Store and ledger.
pub(crate) struct Places {
    pub(crate) store: SharedStore,
    pub(crate) ledger: Arc<dyn Ledger>,
}

/// Held while a service runs: two that schedule in one place would start every run twice.
pub(crate) enum Guard {
    Folder(#[expect(dead_code, reason = "dropping it unlocks the folder")] std::fs::File),
    Database(#[expect(dead_code, reason = "dropping it ends the session that holds the lock")] Working),
}

impl Places {
    /// Opens both, where no other service works.
    pub(crate) async fn open_alone(options: &Options) -> Result<(Self, Guard), ServerError> {
        let Some(url) = &options.postgres else {
            let guard = lock(options)?;
            return Ok((Self::in_folder(options)?, Guard::Folder(guard)));
        };
        let (store, ledger) = database(url).await?;
        let working = store.begin_work(Company::None).await?;
        let working = working.ok_or_else(|| ServerError::Busy("the database".to_owned()))?;
        let store: SharedStore = Arc::new(store);
        Ok((Self { store, ledger }, Guard::Database(working)))
    }

    fn in_folder(options: &Options) -> Result<Self, ServerError> {
        let ledger = SqliteLedger::open(options.state.join("ledger.db"))?;
        Ok(Self {
            store: Arc::new(SqliteStore::open(options.state.join("server.db"))?),
            ledger: Arc::new(ledger.with_clock(Arc::clone(&options.clock))),
        })
    }
}

async fn database(url: &str) -> Result<(PostgresStore, Arc<dyn Ledger>), ServerError> {
    let store = PostgresStore::connect(url).await?;
    Ok((store, Arc::new(PostgresLedger::connect(url).await?)))
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
