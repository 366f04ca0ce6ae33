//! `[host.vault]`: an OpenBao or HashiCorp Vault that has secrets of the file, `{ vault = "path#member" }`.
//!
//! Settling a file asks no server: a secret of the vault is a placeholder until [`Config::read_vault`], which comes after the
//! check that no secret follows the file to another server.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use tms_sync_host::vault::{AppRole, SecretId, Vault, VaultEngine, VaultError};
use tms_sync_host::{SystemClock, origin_of};
use zeroize::Zeroizing;

use super::network::NetworkSecret;
use super::problem::{Problem, Source};
use super::secret::{self, SecretSource};
use super::section::{At, Entry, Section, literal_secret};
use super::settle::Config;

const VAULT: [&str; 5] = ["address", "namespace", "mount", "role-id", "secret-id"];
/// Those that are no secret.
const PLAIN: [&str; 3] = ["address", "namespace", "mount"];
/// Where `bao secrets enable` and a vault in development mode have the KV engine.
const MOUNT: &str = "secret";
/// What the `secret_id` is remembered as.
pub const VAULT_SECRET: &str = "vault.secret-id";
/// Stands for a secret that was not read. No server ever gets it, and no text has it by accident.
pub const UNREAD: &str = "<a secret that tms-sync has not read from the vault>";

/// A member of a secret in the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    pub path: String,
    pub member: String,
}

impl Reference {
    /// Reads `path#member`.
    pub fn read(text: &str) -> Option<Self> {
        let (path, member) = text.trim().split_once('#')?;
        let is_part = |part: &str| {
            let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
            !part.is_empty() && part.chars().all(is_plain) && part.chars().any(|letter| letter != '.')
        };
        let is_member = !member.is_empty() && !member.chars().any(char::is_control);
        (is_member && path.split('/').all(is_part)).then(|| Self {
            path: path.to_owned(),
            member: member.to_owned(),
        })
    }
}

/// `[host.vault]` as the file has it. What is missing was reported when it was read.
#[derive(Debug)]
pub struct VaultDraft {
    address: Option<At<String>>,
    namespace: Option<At<String>>,
    mount: Option<At<String>>,
    role: Option<At<Entry>>,
    secret: Option<At<SecretSource>>,
}

/// The same with what is needed to log in. Deliberately without `Debug`.
pub struct VaultAccess {
    engine: VaultEngine,
    role: AppRole,
    address_at: Range<usize>,
    role_at: Range<usize>,
    secret_at: Range<usize>,
}

/// A secret of the file that is in the vault.
pub struct Kept {
    pub reference: Reference,
    pub span: Range<usize>,
}

impl VaultDraft {
    pub fn read(section: &mut Section<'_>, source: &Source) -> Self {
        section.refuse_unknown(&VAULT, |_| None);
        let mut draft = Self {
            address: section.required("address", "\"https://bao.example.com:8200\""),
            namespace: section.string("namespace"),
            mount: section.string("mount"),
            role: None,
            secret: None,
        };
        let entries = section.entries(&PLAIN);
        let needed = [
            ("role-id", "{ env = \"VAULT_ROLE_ID\" }"),
            ("secret-id", "{ file = \"secret-id\" }"),
        ];
        for (key, example) in needed.into_iter() {
            if !section.has(key) {
                section.missing(key, example);
            }
        }
        for (key, entry) in entries {
            match (key.value.as_str(), entry.value) {
                ("role-id", value) => {
                    draft.role = Some(At {
                        value,
                        span: entry.span,
                    })
                }
                ("secret-id", Entry::Secret(value)) => {
                    draft.secret = Some(At {
                        value,
                        span: entry.span,
                    })
                }
                ("secret-id", Entry::Text(_)) => section.push(literal_secret(source, "secret-id", entry.span)),
                _ => {}
            }
        }
        draft
    }

    /// What is needed to log in, fetched from where the file says it is; nothing where something is wrong.
    pub fn settle(
        &self,
        source: &Source,
        folder: &Path,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> (Option<VaultAccess>, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut fetch = |key: &str, from: &SecretSource, span: &Range<usize>| match from.fetch(folder, variable) {
            Ok(fetched) => {
                let warning = fetched
                    .warning
                    .map(|(message, hint)| source.warning(span.clone(), message).hint(hint));
                problems.extend(warning);
                Some(fetched.value)
            }
            Err(error) => {
                let problem = source.problem(span.clone(), format!("`{key}`: {}", error.message));
                problems.push(problem.hint(error.hint));
                None
            }
        };
        let role = self.role.as_ref().and_then(|at| match &at.value {
            Entry::Text(text) => Some(Zeroizing::new(text.clone())),
            Entry::Secret(from) => fetch("role-id", from, &at.span),
        });
        let secret = self
            .secret
            .as_ref()
            .and_then(|at| fetch("secret-id", &at.value, &at.span));
        let address = self.address.as_ref().filter(|at| {
            let is_server = origin_of(&at.value).is_some();
            if !is_server {
                let problem = source.problem(at.span.clone(), "`address` is not the address of a server");
                problems.push(problem.hint("for example: address = \"https://bao.example.com:8200\""));
            }
            is_server
        });
        let access = address
            .zip(role)
            .zip(secret)
            .map(|((address, role), secret)| VaultAccess {
                engine: VaultEngine {
                    server: address.value.clone(),
                    namespace: self.namespace.as_ref().map(|at| at.value.clone()),
                    mount: self.mount.as_ref().map_or(MOUNT, |at| &at.value).to_owned(),
                },
                role: AppRole {
                    role,
                    secret: SecretId::Text(secret),
                },
                address_at: address.span.clone(),
                role_at: self.role.as_ref().map_or(address.span.clone(), |at| at.span.clone()),
                secret_at: self.secret.as_ref().map_or(address.span.clone(), |at| at.span.clone()),
            });
        (access, problems)
    }
}

impl VaultAccess {
    /// The `secret_id` goes to the vault and, like other secrets, not with the file to another one.
    pub fn secret(&self) -> Option<NetworkSecret> {
        Some(NetworkSecret {
            key: VAULT_SECRET.to_owned(),
            origin: origin_of(&self.engine.server)?,
            span: self.secret_at.clone(),
        })
    }

    fn problem(&self, source: &Source, kept: &Kept, error: &VaultError) -> Problem {
        let server = origin_of(&self.engine.server).unwrap_or_default();
        let (mount, Reference { path, member }) = (&self.engine.mount, &kept.reference);
        let namespace = self.engine.namespace.as_ref();
        // Of the commands that a hint has.
        let within = namespace.map_or_else(String::new, |name| format!("-namespace={name} "));
        let (span, what, hint) = match error {
            VaultError::Server(what) => (
                &self.address_at,
                format!("the vault at {server} could not be read: {what}"),
                "see that it is unsealed and can be reached from here; `authority` and `proxy` under [host] hold for it too"
                    .to_owned(),
            ),
            VaultError::LogIn(status) => (
                &self.role_at,
                format!("the vault at {server} refused the log-in of the role ({status})"),
                format!(
                    "compare `role-id` with `bao read {within}auth/approle/role/NAME/role-id`; a new secret_id comes from \
                     `bao write {within}-f auth/approle/role/NAME/secret-id`{}",
                    match namespace {
                        Some(_) => "",
                        None => "; a role that is in a namespace needs `namespace` beside it",
                    }
                ),
            ),
            VaultError::Denied => (
                &kept.span,
                format!("the vault at {server} does not let the role read `{path}` in the engine `{mount}`"),
                format!("its policy needs: path \"{mount}/data/{path}\" {{ capabilities = [\"read\"] }}"),
            ),
            VaultError::Missing => (
                &kept.span,
                format!("the vault at {server} has no `{path}` in the engine `{mount}`"),
                format!("put it there: bao kv put {within}-mount={mount} {path} {member}=-"),
            ),
            VaultError::Member(_) => (
                &kept.span,
                format!("`{path}` in the vault at {server} has no member `{member}` that is a text"),
                format!("add it: bao kv patch {within}-mount={mount} {path} {member}=-"),
            ),
        };
        source.problem(span.clone(), what).hint(hint)
    }
}

impl Config {
    /// Reads what the file has in the vault. A vault that gives nothing is reported once, and not for each secret.
    pub async fn read_vault(&mut self) -> Result<(), Vec<Problem>> {
        let Some(access) = &self.vault else { return Ok(()) };
        let clock = Arc::new(SystemClock);
        let vault = Vault::new(access.engine.clone(), access.role.clone(), self.policy.clone(), clock);
        let failed = |error| {
            self.source
                .problem(access.address_at.clone(), format!("`address`: {error}"))
        };
        let vault = vault.map_err(|error| vec![failed(error)])?;
        let mut problems = Vec::new();
        for one in &mut self.secrets {
            let Some(kept) = &one.kept else { continue };
            let Reference { path, member } = &kept.reference;
            match vault.read(path, member).await {
                Ok(mut value) => {
                    secret::cut_newline(&mut value);
                    if let Err(error) = secret::usable(&value, &format!("`{path}#{member}` in the vault")) {
                        let problem = self.source.problem(kept.span.clone(), error.message);
                        problems.push(problem.hint(error.hint));
                    }
                    one.value = value;
                }
                Err(error) => {
                    problems.push(access.problem(&self.source, kept, &error));
                    if matches!(error, VaultError::Server(_) | VaultError::LogIn(_)) {
                        break;
                    }
                }
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }
}

#[cfg(test)]
mod tests {
    use super::Reference;

    #[test]
    fn a_reference_has_a_path_that_stays_in_its_engine_and_a_member() {
        let read = |text: &str| Reference::read(text).map(|it| (it.path, it.member));
        let jira = ("tms-sync/jira".to_owned(), "api-token".to_owned());
        assert_eq!(read("tms-sync/jira#api-token"), Some(jira));
        for odd in [
            "",
            "jira",
            "jira#",
            "#token",
            "/jira#token",
            "a//b#c",
            "../a#b",
            "a/.#b",
            "a?b#c",
            "a%2fb#c",
        ] {
            assert_eq!(read(odd), None, "{odd}");
        }
    }
}
