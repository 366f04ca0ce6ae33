//! From a connection's auth recipes and the stored secrets to the credential in use.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use super::exchange::Exchange;
use crate::Secret;
use crate::model::{AuthRecipe, TokenValue};

/// Stored secrets by form field.
pub(crate) type Secrets = BTreeMap<String, Secret>;

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
    pub(crate) fn choose(recipes: &[AuthRecipe], fields: &BTreeMap<String, String>, secrets: &Secrets) -> Self {
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
                return Self::of(recipe, fields, secrets);
            }
            missing.push(lacking.join(" and "));
        }
        Self::Missing(format!("not stored: {}", missing.join(", or ")))
    }

    fn of(recipe: &AuthRecipe, fields: &BTreeMap<String, String>, secrets: &Secrets) -> Self {
        let exposed = |name: &str| secrets.get(name).map(Secret::expose).unwrap_or_default();
        match recipe {
            AuthRecipe::Basic(basic) => {
                let Some(user) = fields.get(&basic.username).filter(|user| !user.is_empty()) else {
                    return Self::Missing(format!("the field `{}` is empty", basic.username));
                };
                let pair = Zeroizing::new(format!("{user}:{}", exposed(&basic.secret)));
                Self::fixed(&format!("Basic {}", STANDARD.encode(pair.as_bytes())))
            }
            AuthRecipe::Bearer(name) => Self::fixed(&format!("Bearer {}", exposed(name))),
            AuthRecipe::Exchange(exchange) => Self::Exchanged(Arc::new(Exchange::new(exchange, secrets))),
        }
    }

    /// What a fixed header says after its scheme. For a short password it is the one form long enough to look for.
    pub(crate) fn sent_text(&self) -> Option<&str> {
        match self {
            Self::Fixed(header) => header.to_str().ok()?.split_once(' ').map(|(_, text)| text),
            Self::Anonymous | Self::Exchanged(_) | Self::Missing(_) => None,
        }
    }

    fn fixed(value: &str) -> Self {
        sensitive(value).map_or_else(
            || Self::Missing("the stored secret cannot stand in a header".into()),
            Self::Fixed,
        )
    }
}

/// A header value that is kept out of `Debug` texts and of header compression.
pub(crate) fn sensitive(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Secret form fields that a recipe uses.
pub(crate) fn secret_names(recipe: &AuthRecipe) -> Vec<&str> {
    match recipe {
        AuthRecipe::Basic(basic) => vec![&basic.secret],
        AuthRecipe::Bearer(name) => vec![name],
        AuthRecipe::Exchange(exchange) => exchange
            .parameters
            .iter()
            .filter_map(|parameter| match &parameter.value {
                TokenValue::Secret(name) => Some(name.as_str()),
                TokenValue::Literal(_) => None,
            })
            .collect(),
    }
}
