//! The ledger's file on the disk: its owner's alone.

use std::io;
use std::path::Path;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Makes an empty file where there is none, before SQLite makes one that others may read.
#[cfg(unix)]
pub(super) fn create(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let made = std::fs::File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match made {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
pub(super) fn create(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The mode of a file that somebody else may read or write.
#[cfg(unix)]
pub(super) fn open_to_others(path: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let mode = std::fs::metadata(path).ok()?.mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
pub(super) fn open_to_others(_: &Path) -> Option<u32> {
    None
}

/// The name of a file that nobody changes meanwhile, for SQLite.
pub(super) fn unchanging(path: &Path) -> String {
    let path = path.to_string_lossy();
    format!("file:{}?immutable=1", utf8_percent_encode(&path, NON_ALPHANUMERIC))
}
