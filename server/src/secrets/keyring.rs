//! The instance's master keys.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Length of a key, in bytes.
const KEY: usize = 32;
/// Length of a nonce, in bytes: long enough to be random.
const NONCE: usize = 24;

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("the master key file {path}: {error}")]
    File {
        /// Which.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// The text is no list of keys.
    #[error("a master key is 32 bytes in base64 (`head -c32 /dev/urandom | base64`), one per line")]
    NoKey,
    /// Others than its owner may read the file.
    #[error("the master key file {0} can be read by others: chmod 600")]
    Readable(String),
}

/// A symmetric key that seals small texts.
pub(super) struct SealingKey {
    /// Digest of the key, that names it.
    pub(super) name: String,
    bytes: Zeroizing<[u8; KEY]>,
}

/// The master keys: the first seals, all open.
pub struct Keyring {
    keys: Vec<SealingKey>,
}

impl Keyring {
    /// From a text: a key per line, in base64, the current one first.
    ///
    /// # Errors
    ///
    /// The text has no key, or a line that is none.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let keys: Option<Vec<SealingKey>> = lines
            .map(|line| {
                let bytes = Zeroizing::new(STANDARD.decode(line).ok()?);
                SealingKey::new(&bytes)
            })
            .collect();
        match keys {
            Some(keys) if !keys.is_empty() => Ok(Self { keys }),
            _ => Err(KeyError::NoKey),
        }
    }

    /// From a file, which is made with a random key where there is none.
    ///
    /// # Errors
    ///
    /// See [`KeyError`].
    pub fn at(path: &Path) -> Result<Self, KeyError> {
        let failed = |error| KeyError::File {
            path: path.display().to_string(),
            error,
        };
        match File::open(path) {
            Ok(mut file) => {
                is_private(&file, path)?;
                let mut text = Zeroizing::new(String::new());
                file.read_to_string(&mut text).map_err(failed)?;
                Self::parse(&text)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let ring = Self::random();
                Self::write(path, &ring.text())?;
                Ok(ring)
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Puts a text of keys into a file that its owner alone can read, at once or not at all.
    pub(super) fn write(path: &Path, text: &str) -> Result<(), KeyError> {
        let failed = |error| KeyError::File {
            path: path.display().to_string(),
            error,
        };
        let draft = path.with_extension("new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&draft).map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        std::fs::rename(&draft, path).map_err(failed)
    }

    /// As [`Keyring::parse`] reads it.
    pub(super) fn text(&self) -> Zeroizing<String> {
        let line = |key: &SealingKey| format!("{}\n", STANDARD.encode(*key.bytes));
        Zeroizing::new(self.keys.iter().map(line).collect())
    }

    /// A key for trials, gone with the process.
    pub fn random() -> Self {
        Self {
            keys: vec![SealingKey::random()],
        }
    }

    pub(super) fn first(&self) -> Option<&SealingKey> {
        self.keys.first()
    }

    pub(super) fn named(&self, name: &str) -> Option<&SealingKey> {
        self.keys.iter().find(|key| key.name == name)
    }
}

#[cfg(unix)]
fn is_private(file: &File, path: &Path) -> Result<(), KeyError> {
    use std::os::unix::fs::MetadataExt;
    let failed = |error| KeyError::File {
        path: path.display().to_string(),
        error,
    };
    let mode = file.metadata().map_err(failed)?.mode();
    // Files of others' making, as Kubernetes mounts them, are readable by a group.
    if mode & 0o007 == 0 {
        Ok(())
    } else {
        Err(KeyError::Readable(path.display().to_string()))
    }
}

#[cfg(not(unix))]
fn is_private(_: &File, _: &Path) -> Result<(), KeyError> {
    Ok(())
}

impl SealingKey {
    pub(super) fn new(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; KEY] = bytes.try_into().ok()?;
        let digest = Sha256::digest(bytes);
        let name = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Some(Self {
            name,
            bytes: Zeroizing::new(bytes),
        })
    }

    pub(super) fn random() -> Self {
        let mut bytes = Zeroizing::new([0; KEY]);
        fill(&mut *bytes);
        Self::new(&*bytes).unwrap_or_else(|| std::process::abort())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &*self.bytes
    }

    /// Nonce and sealed text; `bound` has to be the same to open it.
    pub(super) fn seal(&self, text: &[u8], bound: &[&str]) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE];
        fill(&mut nonce);
        let aad = aad(bound);
        let payload = Payload { msg: text, aad: &aad };
        let sealed = self.cipher().encrypt(XNonce::from_slice(&nonce), payload).ok()?;
        Some([nonce.as_slice(), &sealed].concat())
    }

    pub(super) fn open(&self, sealed: &[u8], bound: &[&str]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
        let aad = aad(bound);
        let payload = Payload { msg: sealed, aad: &aad };
        self.cipher()
            .decrypt(XNonce::from_slice(nonce), payload)
            .ok()
            .map(Zeroizing::new)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(Key::from_slice(&*self.bytes))
    }
}

/// Parts with their lengths, so that no two lists of parts are the same bytes.
pub(super) fn aad(parts: &[&str]) -> Vec<u8> {
    let mut aad = Vec::new();
    for part in parts {
        aad.extend_from_slice(&(part.len() as u64).to_be_bytes());
        aad.extend_from_slice(part.as_bytes());
    }
    aad
}

fn fill(bytes: &mut [u8]) {
    if getrandom::fill(bytes).is_err() {
        // A key or nonce that is not random protects nothing.
        std::process::abort();
    }
}
