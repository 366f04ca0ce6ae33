//! From a connection's auth recipes and the stored secrets to the credential in use.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use super::exchange::Exchange;
use crate::credentials::secret::Secret;
use crate::credentials::secret::{Secrets, secret_names};
use crate::credentials::secret_watch::SecretWatch;
use crate::model::AuthRecipe;

/// How a connection's requests are authenticated.
pub(crate) enum Credential {
    /// The connection has no recipe.
    Anonymous,
    /// The same header on every request.
    Fixed(HeaderValue),
    /// A token that the host obtains and renews.
    Exchanged(Arc<Exchange>),
    /// No recipe has all its secrets; the text says what is missing.
    Missing(String),
}

impl Credential {
    /// The first recipe whose secrets are all stored.
    pub(crate) fn choose(
        recipes: &[AuthRecipe],
        fields: &BTreeMap<String, String>,
        secrets: &Secrets,
        watch: Option<&Arc<SecretWatch>>,
    ) -> Self {
        if recipes.is_empty() {
            return Self::Anonymous;
        }
        let mut missing = Vec::new();
        for recipe in recipes {
            let lacking: Vec<&str> = secret_names(recipe)
                .into_iter()
                .filter(|name| !secrets.contains_key(*name))
                .collect();
            if lacking.is_empty() {
                return Self::of(recipe, fields, secrets, watch);
            }
            missing.push(lacking.join(" and "));
        }
        Self::Missing(format!("not stored: {}", missing.join(", or ")))
    }

    fn of(
        recipe: &AuthRecipe,
        fields: &BTreeMap<String, String>,
        secrets: &Secrets,
        watch: Option<&Arc<SecretWatch>>,
    ) -> Self {
        let exposed = |name: &str| secrets.get(name).map(Secret::expose).unwrap_or_default();
        match recipe {
            AuthRecipe::Basic(basic) => {
                let Some(user) = fields.get(&basic.username).filter(|user| !user.is_empty()) else {
                    return Self::Missing(format!("the field `{}` is empty", basic.username));
                };
                let pair = Zeroizing::new(format!("{user}:{}", exposed(&basic.secret)));
                let pair = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
                Self::fixed("Basic", &pair)
            }
            AuthRecipe::Bearer(name) => Self::fixed("Bearer", exposed(name)),
            AuthRecipe::Exchange(exchange) => {
                Self::Exchanged(Arc::new(Exchange::new(exchange, secrets, watch.cloned())))
            }
        }
    }

    /// What a fixed header says after its scheme. For a short password it is the one form long enough to look for.
    pub(crate) fn sent_text(&self) -> Option<&str> {
        match self {
            Self::Fixed(header) => header.to_str().ok()?.split_once(' ').map(|(_, text)| text),
            Self::Anonymous | Self::Exchanged(_) | Self::Missing(_) => None,
        }
    }

    fn fixed(scheme: &str, credential: &str) -> Self {
        sensitive(scheme, credential).map_or_else(
            || Self::Missing("the stored secret cannot stand in a header".into()),
            Self::Fixed,
        )
    }
}

/// An `authorization` value that is kept out of `Debug` texts and wiped with its last clone.
pub(crate) fn sensitive(scheme: &str, credential: &str) -> Option<HeaderValue> {
    let text = Zeroizing::new(format!("{scheme} {credential}"));
    let mut value = HeaderValue::from_maybe_shared(wiped(text)).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Bytes for the HTTP client that are wiped when it is done with them.
pub(crate) fn wiped(text: Zeroizing<String>) -> Bytes {
    struct Text(Zeroizing<String>);
    impl AsRef<[u8]> for Text {
        fn as_ref(&self) -> &[u8] {
            self.0.as_bytes()
        }
    }
    Bytes::from_owner(Text(text))
}
