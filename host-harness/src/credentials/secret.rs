//! Values that must not be seen.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::model::{AuthRecipe, Connection, TokenValue};

/// A credential. It is wiped when dropped and can be neither printed nor compared.
///
/// It remembers the origin it was entered for: [`TenantBuilder::build`] refuses it for any other, so that changing an
/// endpoint in the settings does not hand the stored credential to the new address.
///
/// [`TenantBuilder::build`]: crate::TenantBuilder::build
pub struct Secret {
    value: Zeroizing<String>,
    origin: String,
    expires: Option<u64>,
}

impl Secret {
    /// `value` as entered for the server at `origin`, a URL of which scheme, host and port count.
    ///
    /// White space around the value is cut: a pasted token often brings a line break.
    pub fn new(value: impl Into<String>, origin: impl Into<String>) -> Self {
        let raw = Zeroizing::new(value.into());
        Self {
            value: Zeroizing::new(raw.trim().to_owned()),
            origin: origin.into(),
            expires: None,
        }
    }

    /// When it ends, in milliseconds since the Unix epoch, as far as a person knows: runs warn of it from
    /// [`EXPIRY_WARNING_MS`](crate::credentials::EXPIRY_WARNING_MS) before.
    #[must_use]
    pub fn expires(self, at: u64) -> Self {
        Self {
            expires: Some(at),
            ..self
        }
    }

    pub(crate) fn ends_at(&self) -> Option<u64> {
        self.expires
    }

    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    pub(crate) fn expose(&self) -> &str {
        &self.value
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// Whether it can stand in an HTTP header: visible ASCII and inner spaces, or text beyond ASCII.
    pub(crate) fn is_sendable(&self) -> bool {
        !self.value.chars().any(char::is_control)
    }
}

/// Stored secrets by form field.
pub(crate) type Secrets = BTreeMap<String, Secret>;

/// Secret form fields that a recipe uses.
pub(crate) fn secret_names(recipe: &AuthRecipe) -> Vec<&str> {
    match recipe {
        AuthRecipe::Basic(basic) => vec![&basic.secret],
        AuthRecipe::Bearer(name) => vec![name],
        AuthRecipe::Header(header) => vec![&header.secret],
        AuthRecipe::Exchange(exchange) => exchange
            .parameters
            .iter()
            .filter_map(|parameter| match &parameter.value {
                TokenValue::Secret(name) => Some(name.as_str()),
                TokenValue::Literal(_) | TokenValue::Field(_) => None,
            })
            .collect(),
    }
}

/// Plain form fields that a recipe uses.
pub(crate) fn plain_names(recipe: &AuthRecipe) -> Vec<&str> {
    match recipe {
        AuthRecipe::Basic(basic) => vec![&basic.username],
        AuthRecipe::Bearer(_) | AuthRecipe::Header(_) => vec![],
        AuthRecipe::Exchange(exchange) => exchange
            .parameters
            .iter()
            .filter_map(|parameter| match &parameter.value {
                TokenValue::Field(name) => Some(name.as_str()),
                TokenValue::Literal(_) | TokenValue::Secret(_) => None,
            })
            .collect(),
    }
}

/// Name of the connection whose server gets the secrets of a connection's recipe.
pub(crate) fn answering<'c>(connection: &'c Connection, recipe: &'c AuthRecipe) -> &'c str {
    match recipe {
        AuthRecipe::Exchange(exchange) => exchange.connection.as_ref().unwrap_or(&connection.name),
        AuthRecipe::Basic(_) | AuthRecipe::Bearer(_) | AuthRecipe::Header(_) => &connection.name,
    }
}

/// The first recipe whose fields are filled in and whose secrets are stored.
pub(crate) fn usable<'r>(
    recipes: &'r [AuthRecipe],
    fields: &BTreeMap<String, String>,
    secrets: &Secrets,
) -> Option<&'r AuthRecipe> {
    recipes
        .iter()
        .find(|recipe| lacking(recipe, fields, secrets).is_empty())
}

/// What a recipe needs and is not there.
pub(crate) fn lacking<'r>(
    recipe: &'r AuthRecipe,
    fields: &BTreeMap<String, String>,
    secrets: &Secrets,
) -> Vec<&'r str> {
    let secret = secret_names(recipe)
        .into_iter()
        .filter(|name| !secrets.contains_key(*name));
    let is_filled = |name: &&str| fields.get(*name).is_some_and(|value| !value.trim().is_empty());
    let plain = plain_names(recipe).into_iter().filter(|name| !is_filled(name));
    plain.chain(secret).collect()
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn white_space_of_a_paste_is_cut() {
        assert_eq!(Secret::new(" t0ken\r\n", "https://jira.example").expose(), "t0ken");
    }

    #[test]
    fn a_line_break_inside_cannot_be_sent() {
        assert!(!Secret::new("a\r\nx-evil: 1", "https://jira.example").is_sendable());
    }
}
