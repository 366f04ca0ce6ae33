//! Whether a plugin's description of itself holds together: what the gate relies on is checked once, when it is loaded.

use std::collections::BTreeSet;

use reqwest::header::HeaderName;

use crate::credentials::secret::secret_names;
use crate::egress::check_path;
use crate::model::{AuthRecipe, Connection, IntegrationKind, PluginInfo};

pub(crate) fn check(info: &PluginInfo) -> Result<(), String> {
    unique("kind", info.kinds.iter().map(|kind| &kind.id))?;
    info.kinds
        .iter()
        .try_for_each(|kind| check_kind(kind).map_err(|what| format!("kind `{}`: {what}", kind.id)))
}

fn check_kind(kind: &IntegrationKind) -> Result<(), String> {
    unique("field", kind.fields.iter().map(|field| &field.name))?;
    unique("connection", kind.connections.iter().map(|connection| &connection.name))?;
    kind.connections.iter().try_for_each(|connection| {
        check_connection(kind, connection).map_err(|what| format!("connection `{}`: {what}", connection.name))
    })
}

fn check_connection(kind: &IntegrationKind, connection: &Connection) -> Result<(), String> {
    let field = |name: &str, secret: bool| {
        let found = kind
            .fields
            .iter()
            .any(|field| field.name == name && field.secret == secret);
        let what = if secret { "secret" } else { "plain" };
        if found {
            Ok(())
        } else {
            Err(format!("`{name}` is no {what} field of the form"))
        }
    };
    field(&connection.base_field, false)?;
    for route in &connection.routes {
        check_path(&route.prefix).map_err(|what| format!("route `{}`: {what}", route.prefix))?;
    }
    for recipe in &connection.auth {
        secret_names(recipe)
            .into_iter()
            .try_for_each(|name| field(name, true))?;
        match recipe {
            AuthRecipe::Basic(basic) => field(&basic.username, false)?,
            AuthRecipe::Bearer(_) => {}
            AuthRecipe::Exchange(exchange) => {
                check_path(&exchange.path).map_err(|what| format!("exchange: {what}"))?;
            }
        }
    }
    for sign in &connection.identity {
        HeaderName::from_bytes(sign.header.as_bytes()).map_err(|_| format!("`{}` is no header", sign.header))?;
    }
    Ok(())
}

fn unique<'a>(what: &str, names: impl Iterator<Item = &'a String>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for name in names {
        if name.is_empty() || !seen.insert(name) {
            return Err(format!("the {what} `{name}` is empty or occurs twice"));
        }
    }
    Ok(())
}
