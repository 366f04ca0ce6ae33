//! Files that a call keeps outside its guest: bodies of answers on their way to a request.
//!
//! Each is an anonymous temporary file, which the operating system removes with its last handle, however the host ends.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;

use crate::id::hex;
use crate::limits::CallLimits;

/// Why a file is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotKept {
    /// It has more bytes than one file may have; how many, as far as they are known.
    TooLarge(u64),
    /// The call has no room left; the text names which.
    NoRoom(String),
    /// The host cannot write or read the file: its disk is full, for example.
    Failed(String),
}

/// What stands behind a handle of `http.blob`. A request under way keeps its file, whatever the guest drops.
pub struct Kept(pub(crate) Arc<Blob>);

/// How much of them one call may keep.
pub(crate) struct Spool {
    held: AtomicU64,
    most: u64,
    largest: u64,
    files: AtomicUsize,
    most_files: usize,
}

impl Spool {
    pub(crate) fn new(limits: &CallLimits) -> Arc<Self> {
        Arc::new(Self {
            held: AtomicU64::new(0),
            most: limits.spool_bytes,
            largest: limits.blob_bytes,
            files: AtomicUsize::new(0),
            most_files: limits.blobs,
        })
    }

    /// An empty file that takes at most `limit` bytes.
    pub(crate) fn draft(self: &Arc<Self>, limit: u64) -> Result<Draft, NotKept> {
        let share = self.share()?;
        let file = tempfile::tempfile().map_err(|e| failed(&e))?;
        Ok(Draft {
            file: tokio::fs::File::from_std(file),
            limit: limit.min(self.largest),
            hash: Sha256::new(),
            share,
        })
    }

    /// A file of which only the looks are known: in a replay nobody reads it.
    pub(crate) fn recorded(self: &Arc<Self>, size: u64, digest: String) -> Result<Blob, NotKept> {
        let mut share = self.share()?;
        let file = tempfile::tempfile().map_err(|e| failed(&e))?;
        share.grow(size)?;
        Ok(Blob {
            file: Arc::new(Mutex::new(file)),
            digest,
            share,
        })
    }

    /// A place for one more file. It counts as long as anybody has the file: a request under way keeps one whose handle
    /// the guest has dropped.
    fn share(self: &Arc<Self>) -> Result<Share, NotKept> {
        let share = Share {
            bytes: 0,
            spool: Arc::clone(self),
        };
        let most = self.most_files;
        if self.files.fetch_add(1, Relaxed) < most {
            return Ok(share);
        }
        Err(NotKept::NoRoom(format!("the call keeps its {most} files")))
    }
}

/// A file of the spool and its bytes, which are in use until this is dropped.
struct Share {
    bytes: u64,
    spool: Arc<Spool>,
}

impl Share {
    fn grow(&mut self, by: u64) -> Result<(), NotKept> {
        let held = self.spool.held.fetch_add(by, Relaxed) + by;
        self.bytes += by;
        if held > self.spool.most {
            let most = self.spool.most;
            return Err(NotKept::NoRoom(format!("the call keeps its {most} bytes of files")));
        }
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.spool.held.fetch_sub(self.bytes, Relaxed);
        self.spool.files.fetch_sub(1, Relaxed);
    }
}

/// A file that is being written.
pub(crate) struct Draft {
    file: tokio::fs::File,
    limit: u64,
    hash: Sha256,
    share: Share,
}

impl Draft {
    /// Whether a file of this size, as far as it is known before it comes, has room.
    pub(crate) fn admit(&self, size: Option<u64>) -> Result<(), NotKept> {
        match size.filter(|size| *size > self.limit) {
            Some(size) => Err(NotKept::TooLarge(size)),
            None => Ok(()),
        }
    }

    pub(crate) async fn write(&mut self, chunk: &[u8]) -> Result<(), NotKept> {
        self.admit(Some(self.share.bytes + chunk.len() as u64))?;
        self.share.grow(chunk.len() as u64)?;
        self.hash.update(chunk);
        self.file.write_all(chunk).await.map_err(|e| failed(&e))
    }

    pub(crate) async fn finish(mut self) -> Result<Blob, NotKept> {
        self.file.flush().await.map_err(|e| failed(&e))?;
        Ok(Blob {
            file: Arc::new(Mutex::new(self.file.into_std().await)),
            digest: hex(&self.hash.finalize()),
            share: self.share,
        })
    }
}

/// A file that a guest has a handle of.
pub(crate) struct Blob {
    file: Arc<Mutex<File>>,
    digest: String,
    share: Share,
}

impl Blob {
    pub(crate) fn size(&self) -> u64 {
        self.share.bytes
    }

    pub(crate) fn digest(&self) -> &str {
        &self.digest
    }

    /// The bytes from `offset`, at most `most` of them; fewer only at the end.
    pub(crate) async fn read(&self, offset: u64, most: usize) -> io::Result<Vec<u8>> {
        let file = Arc::clone(&self.file);
        let read = move || {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(offset))?;
            let mut bytes = Vec::with_capacity(most);
            (&mut *file).take(most as u64).read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        tokio::task::spawn_blocking(read).await.map_err(io::Error::other)?
    }
}

fn failed(error: &io::Error) -> NotKept {
    let folder = std::env::temp_dir();
    NotKept::Failed(format!(
        "the host cannot keep a file in its temporary folder {}: {error}",
        folder.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::{CallLimits, NotKept, Spool};

    fn spool(blob_bytes: u64, spool_bytes: u64) -> std::sync::Arc<Spool> {
        Spool::new(&CallLimits {
            blob_bytes,
            spool_bytes,
            ..CallLimits::default()
        })
    }

    #[tokio::test]
    async fn a_file_is_read_back_from_anywhere_with_its_digest() {
        let mut draft = spool(10, 10).draft(10).unwrap();
        draft.write(b"ab").await.unwrap();
        draft.write(b"c").await.unwrap();
        let blob = draft.finish().await.unwrap();
        assert_eq!((blob.size(), blob.read(1, 9).await.unwrap()), (3, b"bc".to_vec()));
        assert!(blob.digest().starts_with("ba7816bf8f01cfea"), "{}", blob.digest());
    }

    #[tokio::test]
    async fn a_file_ends_at_the_smaller_limit() {
        for (largest, asked) in [(4, 10), (10, 4)] {
            let mut draft = spool(largest, 100).draft(asked).unwrap();
            draft.write(b"abcd").await.unwrap();
            assert!(matches!(draft.write(b"e").await, Err(NotKept::TooLarge(5))));
        }
    }

    #[tokio::test]
    async fn a_file_counts_while_it_arrives_and_as_long_as_anybody_has_it() {
        let spool = Spool::new(&CallLimits {
            blobs: 2,
            ..CallLimits::default()
        });
        let (first, _second) = (spool.draft(1).unwrap(), spool.draft(1).unwrap());
        let kept = first.finish().await.unwrap();
        for _ in 0..2 {
            assert!(matches!(spool.draft(1), Err(NotKept::NoRoom(_))));
        }
        drop(kept);
        assert!(spool.draft(1).is_ok());
    }

    #[tokio::test]
    async fn what_is_dropped_makes_room() {
        let spool = spool(4, 6);
        let fill = async || {
            let mut draft = spool.draft(4).unwrap();
            draft.write(b"abcd").await.map(|()| draft)
        };
        let first = fill().await.unwrap().finish().await.unwrap();
        assert!(matches!(fill().await, Err(NotKept::NoRoom(_))));
        drop(first);
        assert!(fill().await.is_ok());
    }
}
