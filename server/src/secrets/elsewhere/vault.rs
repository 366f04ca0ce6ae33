//! Secrets in a vault: below `PATH/TENANT/NAME`, the member `value`.

use tms_sync_host::vault::{Vault, VaultError};
use zeroize::Zeroizing;

use super::{SecretPlace, missing};
use crate::secrets::{SecretError, SecretResult};

/// The member of a secret that has its value.
const MEMBER: &str = "value";

/// A part of a vault that has a folder per tenant. `secret://vault/NAME`.
pub struct SecretVault {
    vault: Vault,
    path: String,
}

impl SecretVault {
    /// The folder `path` of a vault's engine.
    pub fn below(vault: Vault, path: &str) -> Self {
        let path = path.trim_matches('/').to_owned();
        Self { vault, path }
    }
}

impl SecretPlace for SecretVault {
    fn name(&self) -> &'static str {
        "vault"
    }

    fn fetch<'a>(&'a self, tenant: &'a str, name: &'a str) -> SecretResult<'a, Zeroizing<String>> {
        Box::pin(async move {
            let read = self.vault.read(&format!("{}/{tenant}/{name}", self.path), MEMBER).await;
            read.map_err(|error| match error {
                VaultError::LogIn(_) | VaultError::Server(_) => SecretError::Source(format!("the vault: {error}")),
                VaultError::Missing | VaultError::Member(_) | VaultError::Denied => {
                    missing(format!("secret://vault/{name}"), error)
                }
            })
        })
    }
}
