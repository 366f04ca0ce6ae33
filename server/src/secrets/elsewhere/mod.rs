//! Secrets that stay where a company keeps them. What a team enters is a reference, `secret://PLACE/NAME`; the service
//! reads the secret each time it is used, so that another one takes over at once.
//!
//! A reference is sealed like a secret, with tenant, owner, field and origin: it gives its secret to the server that it was
//! entered for, and to no other. A tenant reaches its own part of a place alone.

mod files;
mod variables;
mod vault;

use std::sync::Arc;

use zeroize::Zeroizing;

use super::{OpenSecret, SecretError, SecretResult, SecretStore, StoredSecret};
use crate::store::TenantScope;

pub use files::SecretFiles;
pub use variables::SecretVariables;
pub use vault::SecretVault;

const SCHEME: &str = "secret://";
/// Largest secret, in bytes.
const LARGEST: u64 = 64 * 1024;

/// A place where secrets of tenants are.
pub trait SecretPlace: Send + Sync + 'static {
    /// Its name in references: `secret://NAME/…`.
    fn name(&self) -> &'static str;

    /// The secret of a tenant by its name, which has lower-case letters, digits and single hyphens alone.
    fn fetch<'a>(&'a self, tenant: &'a str, name: &'a str) -> SecretResult<'a, Zeroizing<String>>;
}

/// A store whose entries can be references.
pub struct ReferringStore<S> {
    entered: S,
    places: Vec<Arc<dyn SecretPlace>>,
}

impl<S: SecretStore> ReferringStore<S> {
    /// What is entered is kept in `entered`.
    pub fn new(entered: S, places: Vec<Arc<dyn SecretPlace>>) -> Self {
        Self { entered, places }
    }

    /// The secret behind an entry, which may be the entry itself.
    async fn resolve(&self, tenant: &str, entry: Zeroizing<String>) -> Result<Zeroizing<String>, SecretError> {
        let Some(reference) = entry.trim().strip_prefix(SCHEME) else {
            return Ok(entry);
        };
        let wrong = |reason| SecretError::Reference {
            reference: entry.trim().to_owned(),
            reason,
        };
        let (place, name) = reference.split_once('/').unwrap_or((reference, ""));
        if ![tenant, name].into_iter().all(is_name) {
            return Err(wrong(
                "names have lower-case letters, digits and single hyphens".to_owned(),
            ));
        }
        let known = self.places.iter().find(|known| known.name() == place);
        let known = known.ok_or_else(|| wrong(self.known()))?;
        let secret = known.fetch(tenant, name).await?;
        if secret.trim().is_empty() {
            return Err(wrong("it is empty there".to_owned()));
        }
        Ok(secret)
    }

    fn known(&self) -> String {
        let names: Vec<&str> = self.places.iter().map(|place| place.name()).collect();
        match names.as_slice() {
            [] => "this service reads secrets from no other place".to_owned(),
            names => format!("this service reads secrets from {}", names.join(", ")),
        }
    }
}

/// A name that means one thing in every place: no way up in a folder, and no two names for one variable.
fn is_name(text: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    text.split('-').all(is_part)
}

impl<S: SecretStore> SecretStore for ReferringStore<S> {
    /// A reference is followed once, so that a wrong one is known to whoever enters it.
    fn put<'a>(&'a self, scope: &'a TenantScope, owner: &'a str, secret: OpenSecret) -> SecretResult<'a, ()> {
        Box::pin(async move {
            self.resolve(scope.tenant(), secret.value.clone()).await?;
            self.entered.put(scope, owner, secret).await
        })
    }

    fn stored<'a>(&'a self, scope: &'a TenantScope, owner: &'a str) -> SecretResult<'a, Vec<StoredSecret>> {
        self.entered.stored(scope, owner)
    }

    fn open<'a>(&'a self, scope: &'a TenantScope, owner: &'a str) -> SecretResult<'a, Vec<OpenSecret>> {
        Box::pin(async move {
            let mut opened = Vec::new();
            for entry in self.entered.open(scope, owner).await? {
                let value = self.resolve(scope.tenant(), entry.value).await?;
                opened.push(OpenSecret {
                    value: Zeroizing::new(value.trim().to_owned()),
                    ..entry
                });
            }
            Ok(opened)
        })
    }

    fn forget<'a>(&'a self, scope: &'a TenantScope, owner: &'a str, field: Option<&'a str>) -> SecretResult<'a, ()> {
        self.entered.forget(scope, owner, field)
    }
}

/// A secret that a place does not have.
fn missing(reference: String, reason: impl ToString) -> SecretError {
    SecretError::Reference {
        reference,
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn a_name_leads_to_one_place() {
        assert!(is_name("jira") && is_name("jira-token-2"));
        for odd in ["", "..", "a/b", "a--b", "-a", "a-", "A", "a_b", "a.b", "ä"] {
            assert!(!is_name(odd), "{odd}");
        }
    }
}
