//! `tms-sync copy-ledger --service`: a service's store and ledger to another place, while it is stopped.

use tms_sync_host::ledger::{Copied, copy as copy_ledger};

use crate::options::Options;
use crate::places::Places;
use crate::server::ServerError;
use crate::store;

/// What was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// Rows of the store.
    pub rows: u64,
    /// Of the ledger.
    pub ledger: Copied,
}

/// Copies what a service keeps in one place to another one, which is empty. Its master key stays where it is.
///
/// # Errors
///
/// A service works in one of the places, the other one is not empty, or a store failed. What was copied until then stays.
pub async fn copy_service(from: &Options, to: &Options) -> Result<Moved, ServerError> {
    let ((from, _from), (to, _to)) = (Places::open(from).await?, Places::open(to).await?);
    // The ledger last, as in a backup: one that is newer than the rest costs nothing.
    let rows = store::copy(&from.store, &to.store).await?;
    let ledger = copy_ledger(&*from.ledger, &*to.ledger).await?;
    Ok(Moved { rows, ledger })
}
