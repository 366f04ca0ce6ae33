//! From a connection's auth recipes and the stored secrets to the credential in use.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use zeroize::Zeroizing;

use super::exchange::Exchange;
use crate::credentials::secret::{Secret, Secrets, lacking, usable};
use crate::credentials::secret_watch::SecretWatch;
use crate::model::AuthRecipe;

/// How a connection's requests are authenticated.
pub(crate) enum Credential {
    /// The connection has no recipe.
    Anonymous,
    /// The same header on every request.
    Fixed(HeaderName, HeaderValue),
    /// A token that the host obtains and renews.
    Exchanged(Arc<Exchange>),
    /// No recipe has all its fields and secrets; the text names what is missing.
    Missing(String),
}

impl Credential {
    /// By the first recipe whose fields are filled in and whose secrets are stored.
    pub(crate) fn choose(
        recipes: &[AuthRecipe],
        fields: &BTreeMap<String, String>,
        secrets: &Secrets,
        watch: Option<&Arc<SecretWatch>>,
    ) -> Self {
        match usable(recipes, fields, secrets) {
            Some(recipe) => Self::of(recipe, fields, secrets, watch),
            None if recipes.is_empty() => Self::Anonymous,
            None => {
                let missing: Vec<String> = recipes
                    .iter()
                    .map(|recipe| lacking(recipe, fields, secrets).join(" and "))
                    .collect();
                Self::Missing(format!("not stored: {}", missing.join(", or ")))
            }
        }
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
                let user = fields.get(&basic.username).map(String::as_str).unwrap_or_default();
                let pair = Zeroizing::new(format!("{user}:{}", exposed(&basic.secret)));
                let pair = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
                Self::fixed(AUTHORIZATION, "Basic ", &pair)
            }
            AuthRecipe::Bearer(name) => Self::fixed(AUTHORIZATION, "Bearer ", exposed(name)),
            AuthRecipe::Header(header) => match HeaderName::from_bytes(header.name.as_bytes()) {
                Ok(name) => Self::fixed(
                    name,
                    header.prefix.as_deref().unwrap_or_default(),
                    exposed(&header.secret),
                ),
                Err(_) => Self::Missing(format!("`{}` is no header", header.name)),
            },
            AuthRecipe::Exchange(exchange) => {
                Self::Exchanged(Arc::new(Exchange::new(exchange, fields, secrets, watch.cloned())))
            }
        }
    }

    /// What a fixed header holds after its scheme. For a short password it is the one form long enough to look for.
    pub(crate) fn sent_text(&self) -> Option<&str> {
        match self {
            Self::Fixed(_, header) => header.to_str().ok()?.split_once(' ').map(|(_, text)| text),
            Self::Anonymous | Self::Exchanged(_) | Self::Missing(_) => None,
        }
    }

    fn fixed(name: HeaderName, prefix: &str, credential: &str) -> Self {
        match sensitive(prefix, credential) {
            Some(value) => Self::Fixed(name, value),
            None => Self::Missing("the stored secret cannot stand in a header".into()),
        }
    }
}

/// A header value that is kept out of `Debug` texts and wiped with its last clone.
pub(crate) fn sensitive(prefix: &str, credential: &str) -> Option<HeaderValue> {
    let text = Zeroizing::new(format!("{prefix}{credential}"));
    let mut value = HeaderValue::from_maybe_shared(wiped(text)).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Bytes for the HTTP client that are wiped when it is done with them.
pub(crate) fn wiped(text: Zeroizing<String>) -> Bytes {
    struct WipedText(Zeroizing<String>);
    impl AsRef<[u8]> for WipedText {
        fn as_ref(&self) -> &[u8] {
            self.0.as_bytes()
        }
    }
    Bytes::from_owner(WipedText(text))
}
