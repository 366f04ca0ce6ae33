//! Values that must not be seen.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

use crate::model::{AuthRecipe, TokenValue};

/// A credential. It is wiped when dropped and can be neither printed nor compared.
///
/// It remembers the origin it was entered for: [`TenantBuilder::build`] refuses it for any other, so that changing an
/// endpoint in the settings does not hand the stored credential to the new address.
///
/// [`TenantBuilder::build`]: crate::TenantBuilder::build
pub struct Secret {
    value: Zeroizing<String>,
    origin: String,
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
        }
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
