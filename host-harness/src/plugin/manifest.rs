//! Whether a plugin's description of itself holds together: what the host relies on is checked once, when it is loaded.

use std::collections::BTreeSet;

use reqwest::header::HeaderName;

use crate::credentials::secret::{plain_names, secret_names};
use crate::egress::{GATEWAY_PLACE, check_path, is_own_header};
use crate::model::{
    self, AuthRecipe, Connection, Gateway, IntegrationKind, OptionName, PluginInfo, RateWindow, Term, ValueType,
};

/// Longest name of a term, in bytes.
const MAX_NAME: usize = 32;

pub(crate) fn check(info: &PluginInfo) -> Result<(), String> {
    check_terms("side", &info.sides)?;
    check_terms("entity", &info.entities)?;
    check_terms("phase", &info.phases)?;
    if let Some(side) = info
        .sides
        .iter()
        .find(|side| [model::SETTINGS, model::HOST].contains(&&*side.name))
    {
        return Err(format!(
            "the side `{}` belongs to every plugin and is not declared",
            side.name
        ));
    }
    unique("kind", info.kinds.iter().map(|kind| &kind.id))?;
    info.kinds
        .iter()
        .try_for_each(|kind| check_kind(info, kind).map_err(|what| format!("kind `{}`: {what}", kind.id)))
}

fn check_terms(what: &str, terms: &[Term]) -> Result<(), String> {
    unique(what, terms.iter().map(|term| &term.name))?;
    let is_wrong = |term: &&Term| term.name.len() > MAX_NAME || !is_kebab(&term.name);
    match terms.iter().find(is_wrong) {
        Some(term) => Err(format!(
            "the {what} `{}` must be lower-case words with hyphens, at most {MAX_NAME} bytes",
            term.name
        )),
        None => Ok(()),
    }
}

fn is_kebab(name: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    name.split('-').all(is_word) && name.starts_with(|c: char| c.is_ascii_lowercase())
}

fn check_kind(info: &PluginInfo, kind: &IntegrationKind) -> Result<(), String> {
    unique("field", kind.fields.iter().map(|field| &field.name))?;
    unique(
        "mapping option",
        kind.options.iter().map(|option| name_of(&option.name)),
    )?;
    unique("connection", kind.connections.iter().map(|connection| &connection.name))?;
    for option in &kind.options {
        if let OptionName::Prefix(name) = &option.name
            && !name.ends_with('.')
        {
            return Err(format!("the mapping option prefix `{name}` does not end with a dot"));
        }
    }
    let types = kind.fields.iter().map(|field| (&field.name, &field.value_type));
    let options = kind
        .options
        .iter()
        .map(|option| (name_of(&option.name), &option.value_type));
    for (name, value_type) in types.chain(options) {
        check_type(value_type).map_err(|what| format!("`{name}`: {what}"))?;
    }
    kind.connections.iter().try_for_each(|connection| {
        check_connection(info, kind, connection).map_err(|what| format!("connection `{}`: {what}", connection.name))
    })
}

fn name_of(name: &OptionName) -> &String {
    match name {
        OptionName::Exact(name) | OptionName::Prefix(name) => name,
    }
}

fn check_type(value_type: &ValueType) -> Result<(), String> {
    match value_type {
        ValueType::Choice(choices) if choices.is_empty() => Err("a choice of nothing".into()),
        ValueType::Choice(choices) => unique("value", choices.iter().map(|choice| &choice.value)),
        ValueType::Integer(range) if range.min > range.max => Err("no number is within its bounds".into()),
        _ => Ok(()),
    }
}

fn check_connection(info: &PluginInfo, kind: &IntegrationKind, connection: &Connection) -> Result<(), String> {
    check_field(kind, &connection.base_field, false)?;
    let declared = |side: &&String| info.sides.iter().any(|term| term.name == **side);
    if let Some(side) = connection.sides.iter().find(|side| !declared(side)) {
        return Err(format!("the side `{side}` is not declared"));
    }
    for route in &connection.routes {
        check_path(&route.prefix).map_err(|what| format!("route `{}`: {what}", route.prefix))?;
    }
    for path in &connection.open_paths {
        check_path(path).map_err(|what| format!("open path `{path}`: {what}"))?;
    }
    for recipe in &connection.auth {
        check_recipe(kind, recipe)?;
    }
    for sign in &connection.identity {
        HeaderName::from_bytes(sign.header.as_bytes()).map_err(|_| format!("`{}` is no header", sign.header))?;
    }
    connection
        .rate_windows
        .iter()
        .try_for_each(|window| check_window(kind, window))?;
    connection.gateway.as_ref().map_or(Ok(()), check_gateway)
}

fn check_field(kind: &IntegrationKind, name: &str, secret: bool) -> Result<(), String> {
    let mut fields = kind.fields.iter();
    if fields.any(|field| field.name == name && field.secret == secret) {
        return Ok(());
    }
    let what = if secret { "secret" } else { "plain" };
    Err(format!("`{name}` is no {what} field of the form"))
}

fn check_recipe(kind: &IntegrationKind, recipe: &AuthRecipe) -> Result<(), String> {
    for name in secret_names(recipe) {
        check_field(kind, name, true)?;
    }
    for name in plain_names(recipe) {
        check_field(kind, name, false)?;
    }
    match recipe {
        AuthRecipe::Basic(_) | AuthRecipe::Bearer(_) => Ok(()),
        AuthRecipe::Header(header) if is_own_header(&header.name) => Ok(()),
        AuthRecipe::Header(header) => Err(format!("`{}` is no header for a credential", header.name)),
        AuthRecipe::Exchange(exchange) => {
            check_path(&exchange.path).map_err(|what| format!("exchange: {what}"))?;
            let is_declared = |name: &String| kind.connections.iter().any(|connection| connection.name == *name);
            match exchange.connection.as_ref().filter(|name| !is_declared(name)) {
                Some(name) => Err(format!("exchange: there is no connection `{name}`")),
                None => Ok(()),
            }
        }
    }
}

fn check_window(kind: &IntegrationKind, window: &RateWindow) -> Result<(), String> {
    if window.requests == 0 || window.seconds == 0 || window.reserve_percent >= 100 {
        return Err("a rate window lets no request through".into());
    }
    let is_option = |name: &str| kind.options.iter().any(|option| name_of(&option.name) == name);
    match window.when.as_ref().filter(|when| !is_option(&when.name)) {
        Some(when) => Err(format!(
            "a rate window depends on `{}`, which is no mapping option",
            when.name
        )),
        None => Ok(()),
    }
}

/// The name of a site stands below the host alone: a server must not choose where a credential goes.
fn check_gateway(gateway: &Gateway) -> Result<(), String> {
    check_path(&gateway.discovery_path).map_err(|what| format!("gateway: {what}"))?;
    let template = &gateway.base_template;
    let host = template.split_once("://").map(|(_, rest)| rest.split_once('/'));
    match host.flatten() {
        Some((host, path)) if template.starts_with("https://") && !host.contains(['{', '}', '@']) => {
            match path.matches(GATEWAY_PLACE).count() {
                1 => Ok(()),
                _ => Err(format!("gateway: `{template}` needs {GATEWAY_PLACE} once")),
            }
        }
        _ => Err(format!("gateway: `{template}` is no https address with a path")),
    }
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
