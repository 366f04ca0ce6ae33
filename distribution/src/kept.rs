//! Artifacts that were pulled, by digest, in a folder: a host starts without its registry.
//!
//! Nothing here is believed: bytes are checked against the digest and signatures against the keys each time.

use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::{Artifact, ArtifactError, Signature};

const MANIFEST: &str = "manifest.json";
const COMPONENT: &str = "component.wasm";
const SIGNATURES: &str = "signatures.json";

/// A folder of artifacts.
#[derive(Debug, Clone)]
pub struct Kept {
    folder: PathBuf,
}

impl Kept {
    /// The folder, which is made when something is kept.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The artifact with that digest and its signatures, where it is whole.
    pub fn get(&self, digest: &str, limit: u64) -> Option<(Artifact, Vec<Signature>)> {
        let folder = self.of(digest);
        let read = |name| std::fs::read(folder.join(name)).ok();
        let artifact = Artifact {
            manifest: Bytes::from(read(MANIFEST)?),
            component: Bytes::from(read(COMPONENT)?),
        };
        let is_whole = artifact.digest() == digest && artifact.check(digest, limit).is_ok();
        let signatures = read(SIGNATURES).and_then(|text| serde_json::from_slice(&text).ok());
        is_whole.then(|| (artifact, signatures.unwrap_or_default()))
    }

    /// Keeps an artifact, at once or not at all.
    ///
    /// # Errors
    ///
    /// The folder cannot be written to.
    pub fn put(&self, artifact: &Artifact, signatures: &[Signature]) -> Result<(), ArtifactError> {
        let folder = self.of(&artifact.digest());
        self.write(&folder, artifact, signatures)
            .map_err(|reason| ArtifactError::Kept {
                folder: self.folder.display().to_string(),
                reason,
            })
    }

    fn write(&self, folder: &Path, artifact: &Artifact, signatures: &[Signature]) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let draft = tempfile::tempdir_in(&self.folder)?;
        let write = |name, bytes: &[u8]| std::fs::write(draft.path().join(name), bytes);
        write(MANIFEST, &artifact.manifest)?;
        write(COMPONENT, &artifact.component)?;
        write(SIGNATURES, &serde_json::to_vec(signatures)?)?;
        let draft = draft.keep();
        // A folder that is there is older: what it lacks was the reason to come here.
        let _ = std::fs::remove_dir_all(folder);
        match std::fs::rename(&draft, folder) {
            // Another process was faster with the same bytes.
            Err(_) if folder.is_dir() => std::fs::remove_dir_all(&draft),
            renamed => renamed,
        }
    }

    fn of(&self, digest: &str) -> PathBuf {
        self.folder.join(digest.replace(':', "-"))
    }
}
