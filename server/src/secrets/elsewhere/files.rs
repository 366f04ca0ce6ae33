//! Secrets in files: `FOLDER/TENANT/NAME`, as Kubernetes and agents of vaults mount them.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{LARGEST, SecretPlace, missing};
use crate::secrets::SecretResult;

/// A folder with one folder per tenant. `secret://file/NAME`.
pub struct SecretFiles {
    folder: PathBuf,
}

impl SecretFiles {
    /// The files below `folder`.
    pub fn below(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }
}

impl SecretPlace for SecretFiles {
    fn name(&self) -> &'static str {
        "file"
    }

    fn fetch<'a>(&'a self, tenant: &'a str, name: &'a str) -> SecretResult<'a, Zeroizing<String>> {
        Box::pin(async move {
            let path = self.folder.join(tenant).join(name);
            let reading = tokio::task::spawn_blocking(move || read(&path));
            let read = reading.await.map_err(std::io::Error::other).flatten();
            // The folder is the operator's matter, and no team has to know it.
            let failed = |error: std::io::Error| missing(format!("secret://file/{name}"), error.kind());
            read.map_err(failed)
        })
    }
}

fn read(path: &Path) -> Result<Zeroizing<String>, std::io::Error> {
    let mut text = Zeroizing::new(String::new());
    let file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(std::io::ErrorKind::InvalidInput.into());
    }
    file.take(LARGEST).read_to_string(&mut text)?;
    Ok(text)
}
