//! Secrets in variables of the service: `TMS_SYNC_SECRET__TENANT__NAME`, upper case, with `_` for each hyphen.

use zeroize::Zeroizing;

use super::{SecretPlace, missing};
use crate::secrets::SecretResult;

/// Reads a variable.
type Read = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Variables. `secret://env/NAME`.
pub struct SecretVariables {
    read: Box<Read>,
}

impl SecretVariables {
    /// Those of the process.
    pub fn of_process() -> Self {
        Self::read_by(|name| std::env::var(name).ok())
    }

    /// Those that `read` knows.
    pub fn read_by(read: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self { read: Box::new(read) }
    }
}

impl SecretPlace for SecretVariables {
    fn name(&self) -> &'static str {
        "env"
    }

    fn fetch<'a>(&'a self, tenant: &'a str, name: &'a str) -> SecretResult<'a, Zeroizing<String>> {
        let variable = variable(tenant, name);
        let value = (self.read)(&variable).map(Zeroizing::new);
        let value = value.ok_or_else(|| missing(format!("secret://env/{name}"), format!("{variable} is not set")));
        Box::pin(std::future::ready(value))
    }
}

/// Names have single hyphens alone, so two underscores are where one ends.
fn variable(tenant: &str, name: &str) -> String {
    format!("TMS_SYNC_SECRET__{tenant}__{name}")
        .to_uppercase()
        .replace('-', "_")
}
