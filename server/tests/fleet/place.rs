//! Where the services of these tests keep their rows: each folder has a database.

use std::path::Path;

use tms_sync_server::Options;

use crate::postgres::shared;

/// On files where there is no PostgreSQL, which a notice says.
pub fn place(folder: &Path, options: Options) -> Options {
    let Some(server) = shared("the service over PostgreSQL") else {
        return options;
    };
    // A service that starts again in a folder finds its database.
    let note = folder.join("database");
    let address = std::fs::read_to_string(&note).unwrap_or_else(|_| server.database());
    std::fs::write(&note, &address).unwrap();
    Options {
        postgres: Some(address),
        ..options
    }
}
