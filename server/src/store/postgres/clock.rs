//! The database's time, for all who work on it: their own clocks may differ by any amount.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tms_sync_host::{Clock, SystemClock};
use tokio::task::JoinHandle;

use super::{PostgresStore, StoreError, failed};

/// How often it is read. In between, this machine counts on, which no setting of its clock changes.
const EVERY: Duration = Duration::from_secs(30);

/// A clock that goes as the database's. Clones share it.
#[derive(Clone)]
pub struct DatabaseClock {
    reading: Arc<Mutex<Reading>>,
    _keeping: Arc<Keeping>,
}

/// What the database's clock showed, and when that was here.
#[derive(Clone, Copy)]
struct Reading {
    at: Instant,
    ms: u64,
}

struct Keeping(JoinHandle<()>);

impl Drop for Keeping {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl DatabaseClock {
    /// Reads it now, and again and again from now on.
    ///
    /// # Errors
    ///
    /// The database is not there.
    pub async fn of(store: &PostgresStore) -> Result<Self, StoreError> {
        let reading = Arc::new(Mutex::new(read(store).await?));
        let (store, kept) = (store.clone(), Arc::clone(&reading));
        let keeping = tokio::spawn(async move {
            loop {
                tokio::time::sleep(EVERY).await;
                match read(&store).await {
                    Ok(reading) => *kept.lock().unwrap_or_else(PoisonError::into_inner) = reading,
                    Err(error) => tracing::debug!(%error, "the database's time is as it was counted here"),
                }
            }
        });
        Ok(Self {
            reading,
            _keeping: Arc::new(Keeping(keeping)),
        })
    }
}

async fn read(store: &PostgresStore) -> Result<Reading, StoreError> {
    let client = store.client().await?;
    let asked = Instant::now();
    let query = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    let row = client.query_one(query, &[]).await.map_err(failed)?;
    let ms: i64 = row.get(0);
    Ok(Reading {
        // In the middle of the way there and back.
        at: asked + asked.elapsed() / 2,
        ms: ms.cast_unsigned(),
    })
}

impl Clock for DatabaseClock {
    fn now(&self) -> u64 {
        let reading = *self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let since = u64::try_from(reading.at.elapsed().as_millis()).unwrap_or_default();
        reading.ms + since
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        SystemClock.sleep(duration)
    }
}
