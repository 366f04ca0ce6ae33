//! Which credentials an integration uses, and in which version.

use std::collections::BTreeMap;

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::credentials::secret::{Secret, Secrets, answering, plain_names, secret_names, usable};
use crate::id::hex;
use crate::model::{self, AuthRecipe, Connection, Side};

/// What a wrong value costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecretKind {
    /// Log-ins that are refused lead to a CAPTCHA.
    Password,
    /// Made for machines.
    Token,
}

/// A credential in use, before its digest is made.
#[derive(Clone)]
pub(crate) struct CredentialInUse {
    pub(crate) connection: String,
    pub(crate) origin: String,
    pub(crate) secret_kind: SecretKind,
    /// The server's answers name the account, by the connection's identity signs.
    pub(crate) is_named: bool,
    /// A token stands in for it, which the host trades it for.
    pub(crate) is_exchanged: bool,
    /// The server may take it over a gateway only.
    pub(crate) has_gateway: bool,
    /// When the first of its secrets ends, as a person wrote.
    pub(crate) expires_at: Option<u64>,
    /// Sides that speak through this connection.
    pub(crate) sides: Vec<Side>,
    /// SHA-256 of user name and secret; never leaves the process, and is wiped of meaning by the ledger's key.
    digest: [u8; 32],
}

impl CredentialInUse {
    /// Whose matter it is first of all.
    pub(crate) fn side(&self) -> Side {
        self.sides.first().cloned().unwrap_or_else(|| model::HOST.to_owned())
    }

    /// The version, for the rows of one ledger: without its key nobody can try values against it.
    pub(crate) fn version(&self, key: &[u8; 32]) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(key).map(|mut mac| {
            mac.update(&self.digest);
            mac.finalize().into_bytes()
        });
        // A key of any length is taken; 64 bits keep versions apart.
        mac.map(|bytes| hex(bytes.get(..8).unwrap_or_default()))
            .unwrap_or_default()
    }
}

/// The credentials of an integration, one per connection that has one.
pub(crate) fn used(
    connections: &[Connection],
    origins: &BTreeMap<String, String>,
    fields: &BTreeMap<String, String>,
    secrets: &Secrets,
) -> Vec<CredentialInUse> {
    connections
        .iter()
        .filter_map(|connection| {
            let recipe = usable(&connection.auth, fields, secrets)?;
            let names = secret_names(recipe);
            Some(CredentialInUse {
                connection: connection.name.clone(),
                origin: origins.get(answering(connection, recipe))?.clone(),
                secret_kind: match recipe {
                    AuthRecipe::Basic(basic) if basic.locks => SecretKind::Password,
                    AuthRecipe::Basic(_) | AuthRecipe::Bearer(_) | AuthRecipe::Header(_) | AuthRecipe::Exchange(_) => {
                        SecretKind::Token
                    }
                },
                is_named: !connection.identity.is_empty(),
                is_exchanged: matches!(recipe, AuthRecipe::Exchange(_)),
                has_gateway: connection.gateway.is_some(),
                expires_at: names.iter().filter_map(|name| secrets.get(*name)?.ends_at()).min(),
                sides: connection.sides.clone(),
                digest: digest(recipe, &names, fields, secrets),
            })
        })
        .collect()
}

fn digest(recipe: &AuthRecipe, names: &[&str], fields: &BTreeMap<String, String>, secrets: &Secrets) -> [u8; 32] {
    use sha2::Digest as _;
    let plain = plain_names(recipe)
        .into_iter()
        .filter_map(|name| fields.get(name).map(String::as_str));
    let mut hash = Sha256::new();
    let parts = names.iter().filter_map(|name| secrets.get(*name)).map(Secret::expose);
    for part in plain.chain(parts) {
        // Lengths keep `a` + `bc` apart from `ab` + `c`.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}
