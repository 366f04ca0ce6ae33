//! A copy of the service's databases while it works.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::StoreError;

/// The databases of a state folder, in the order they are copied. Links come last: a ledger that is newer than the rest
/// costs nothing, and one that is older costs look-ups at the destination.
const FILES: [&str; 2] = ["server.db", "ledger.db"];

/// Copies the databases of a state folder into a new folder. The service may work on; its writes wait for moments.
/// Master keys are not copied: a copy that somebody steals opens nothing.
///
/// # Errors
///
/// The state folder has no databases, or the other folder exists already or cannot be written.
pub fn backup(state: &Path, to: &Path) -> Result<(), StoreError> {
    let failed = |error: std::io::Error| StoreError::Unavailable(format!("{}: {error}", to.display()));
    std::fs::create_dir(to).map_err(failed)?;
    for file in FILES {
        let from = state.join(file);
        let db = Connection::open_with_flags(&from, OpenFlags::SQLITE_OPEN_READ_WRITE)
            .map_err(|error| StoreError::Unavailable(format!("{}: {error}", from.display())))?;
        db.busy_timeout(std::time::Duration::from_secs(10))?;
        let copy = to.join(file);
        let copy = copy
            .to_str()
            .ok_or_else(|| StoreError::Unavailable(format!("{} is no text", to.display())))?;
        db.execute("VACUUM INTO ?1", [copy])?;
    }
    Ok(())
}
