//! Secrets of a file: where each comes from, and which server it is for.

use std::ops::Range;

use tms_sync_host::model::{AuthRecipe, Connection, IntegrationKind, TokenValue};
use zeroize::Zeroizing;

use super::read::Draft;
use super::secret::SecretSource;
use super::section::Entry;
use super::settle::Settling;
use super::vault::{Kept, Reference, UNREAD};

/// A secret and the server that it is for. Deliberately without `Debug`.
pub struct FetchedSecret {
    /// Form field.
    pub field: String,
    /// Wiped when it is dropped.
    pub value: Zeroizing<String>,
    /// Where it is in the vault; until it is read, the value is a placeholder.
    pub kept: Option<Kept>,
    /// Base URL of the server it is for.
    pub origin: String,
    /// When it ends, in milliseconds since the Unix epoch.
    pub expires: Option<u64>,
}

impl Settling<'_> {
    /// Fetches the secrets that the plugin knows.
    pub fn fetch(&mut self, draft: &Draft, kind: &IntegrationKind, variable: &dyn Fn(&str) -> Option<String>) {
        let token = draft
            .testops
            .token
            .as_ref()
            .map(|token| ("testops-token", &token.value, &token.span));
        let others = draft
            .integration
            .entries
            .iter()
            .filter_map(|(key, entry)| match &entry.value {
                Entry::Secret(secret) => Some((key.value.as_str(), secret, &entry.span)),
                Entry::Text(_) => None,
            });
        for (name, secret, span) in token.into_iter().chain(others) {
            let is_secret_field = kind.fields.iter().any(|field| field.name == name && field.secret);
            if is_secret_field {
                self.fetch_one(draft, kind, name, secret, span, variable);
            }
        }
    }

    fn fetch_one(
        &mut self,
        draft: &Draft,
        kind: &IntegrationKind,
        name: &str,
        secret: &SecretSource,
        span: &Range<usize>,
        variable: &dyn Fn(&str) -> Option<String>,
    ) {
        if let Some(reference) = secret.reference() {
            return self.kept(draft, kind, name, (secret, reference), span);
        }
        match secret.fetch(draft.folder(), variable) {
            Ok(fetched) => {
                if let Some((message, hint)) = fetched.warning {
                    self.problems
                        .push(self.source.warning(span.clone(), message).hint(hint));
                }
                let origin = self.origin(kind, name);
                self.secrets.push(FetchedSecret {
                    field: name.to_owned(),
                    value: fetched.value,
                    kept: None,
                    origin,
                    expires: secret.expires,
                });
            }
            Err(error) => {
                let message = format!("`{}`: {}", name.strip_prefix("testops-").unwrap_or(name), error.message);
                self.problems
                    .push(self.source.problem(span.clone(), message).hint(error.hint));
            }
        }
    }

    /// A secret that is in the vault.
    fn kept(
        &mut self,
        draft: &Draft,
        kind: &IntegrationKind,
        name: &str,
        (secret, reference): (&SecretSource, &Reference),
        span: &Range<usize>,
    ) {
        if draft.host.vault.is_none() {
            let key = name.strip_prefix("testops-").unwrap_or(name);
            let message = format!("`{key}` is in a vault, and there is no [host.vault]");
            let hint = "add [host.vault] with `address`, `role-id` and `secret-id`";
            self.problems
                .push(self.source.problem(span.clone(), message).hint(hint));
        }
        let origin = self.origin(kind, name);
        self.secrets.push(FetchedSecret {
            field: name.to_owned(),
            value: Zeroizing::new(UNREAD.to_owned()),
            kept: Some(Kept {
                reference: reference.clone(),
                span: span.clone(),
            }),
            origin,
            expires: secret.expires,
        });
    }

    /// Base URL of the connection whose server gets a secret. Empty where the file names none, which the plugin refuses itself.
    fn origin(&self, kind: &IntegrationKind, secret: &str) -> String {
        let answering = kind
            .connections
            .iter()
            .find_map(|connection| answering(connection, secret));
        let Some(connection) = kind.connections.iter().find(|it| Some(&it.name) == answering) else {
            return String::new();
        };
        let field = self.fields.iter().find(|field| field.name == connection.base_field);
        let written = field
            .and_then(|field| field.text.clone())
            .filter(|text| !text.trim().is_empty());
        written.or_else(|| connection.default_base.clone()).unwrap_or_default()
    }
}

/// Name of the connection whose server gets the secret, if this one uses it.
fn answering<'c>(connection: &'c Connection, secret: &str) -> Option<&'c String> {
    let recipe = connection.auth.iter().find(|recipe| uses(recipe, secret))?;
    Some(match recipe {
        AuthRecipe::Exchange(exchange) => exchange.connection.as_ref().unwrap_or(&connection.name),
        AuthRecipe::Basic(_) | AuthRecipe::Bearer(_) | AuthRecipe::Header(_) => &connection.name,
    })
}

fn uses(recipe: &AuthRecipe, secret: &str) -> bool {
    match recipe {
        AuthRecipe::Basic(basic) => basic.secret == secret,
        AuthRecipe::Bearer(name) => name == secret,
        AuthRecipe::Header(header) => header.secret == secret,
        AuthRecipe::Exchange(exchange) => exchange
            .parameters
            .iter()
            .any(|part| matches!(&part.value, TokenValue::Secret(name) if name == secret)),
    }
}
