//! Files that the operator names: read up to a limit, and never from a device or a pipe, which may have no end.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

const MIB: u64 = 1024 * 1024;
/// A configuration file or a certificate.
pub const TEXT: u64 = 4 * MIB;
/// A recording of an export.
pub const RECORDING: u64 = 1024 * MIB;

/// Opens a regular file.
///
/// # Errors
///
/// It cannot be opened, or is something else: a folder, a device, a pipe.
pub fn open(path: &Path) -> io::Result<File> {
    let file = opened(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    Ok(file)
}

/// The bytes of a regular file that has no more than `limit` of them.
///
/// # Errors
///
/// As [`open`], or the file is larger.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("it is larger than {} MiB", limit / MIB)));
    }
    Ok(bytes)
}

/// The same of a text.
///
/// # Errors
///
/// As [`read`], or the bytes are no UTF-8.
pub fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    String::from_utf8(read(path, limit)?).map_err(|_| io::Error::other("it is no text in UTF-8"))
}

/// Without waiting for somebody to write into a pipe.
#[cfg(unix)]
fn opened(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let nonblocking = rustix::fs::OFlags::NONBLOCK.bits();
    let flags = i32::try_from(nonblocking).unwrap_or_default();
    File::options().read(true).custom_flags(flags).open(path)
}

#[cfg(not(unix))]
fn opened(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, b"four").unwrap();
        assert_eq!(read(&path, 4).unwrap(), b"four");
        assert_eq!(read(&path, 3).unwrap_err().to_string(), "it is larger than 0 MiB");
    }

    #[cfg(unix)]
    #[test]
    fn devices_folders_and_pipes_are_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        for path in [Path::new("/dev/zero"), folder.path(), &pipe] {
            assert_eq!(
                read(path, TEXT).unwrap_err().to_string(),
                "it is no regular file",
                "{}",
                path.display()
            );
        }
    }
}
