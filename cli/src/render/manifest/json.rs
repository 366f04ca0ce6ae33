//! The manifest as JSON: all of it, so that a form can be built from it alone.

use serde_json::{Map, Value, json};
use tms_sync_host::model::{
    AuthRecipe, Connection, FormField, Gateway, IdentitySign, IntegrationKind, MappingOption, OptionName, RateWindow,
    Route, Term, TokenExchange, ValueType,
};

use super::{Manifest, secrets};
use crate::words;

/// Members of the JSON object.
pub fn json(manifest: &Manifest) -> Map<String, Value> {
    let info = &manifest.info;
    let members = [
        ("from", json!(manifest.from)),
        ("digest", json!(manifest.digest)),
        ("bytes", json!(manifest.bytes)),
        ("imports", json!(manifest.imports)),
        ("exports", json!(manifest.exports)),
        ("name", json!(info.name)),
        ("version", json!(info.version)),
        ("sides", info.sides.iter().map(term).collect()),
        ("entities", info.entities.iter().map(term).collect()),
        ("phases", info.phases.iter().map(term).collect()),
        ("kinds", info.kinds.iter().map(kind).collect()),
    ];
    members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn term(term: &Term) -> Value {
    json!({ "name": term.name, "title": term.title, "plural": term.plural })
}

fn kind(kind: &IntegrationKind) -> Value {
    json!({
        "id": kind.id,
        "title": kind.title,
        "fields": kind.fields.iter().map(field).collect::<Vec<_>>(),
        "options": kind.options.iter().map(option).collect::<Vec<_>>(),
        "connections": kind.connections.iter().map(connection).collect::<Vec<_>>(),
    })
}

fn field(field: &FormField) -> Value {
    json!({
        "name": field.name,
        "label": field.label,
        "help": field.help,
        "type": value_type(&field.value_type),
        "required": field.required,
        "secret": field.secret,
        "tab": field.tab,
        "default": field.default,
    })
}

fn option(option: &MappingOption) -> Value {
    let (name, is_prefix) = match &option.name {
        OptionName::Exact(name) => (name, false),
        OptionName::Prefix(name) => (name, true),
    };
    json!({
        "name": name,
        "is-prefix": is_prefix,
        "title": option.title,
        "help": option.help,
        "type": value_type(&option.value_type),
        "default": option.default,
        "group": option.group,
    })
}

fn value_type(value_type: &ValueType) -> Value {
    match value_type {
        ValueType::Text => json!({ "kind": "text" }),
        ValueType::Lines => json!({ "kind": "lines" }),
        ValueType::Integer(range) => json!({ "kind": "integer", "min": range.min, "max": range.max }),
        ValueType::Boolean => json!({ "kind": "boolean" }),
        ValueType::Choice(choices) => {
            let choices = choices
                .iter()
                .map(|choice| json!({ "value": choice.value, "title": choice.title }));
            json!({ "kind": "choice", "choices": choices.collect::<Vec<_>>() })
        }
        ValueType::Items(separator) => json!({ "kind": "items", "separator": separator }),
        ValueType::Url => json!({ "kind": "url" }),
        ValueType::Remote(what) => json!({ "kind": "remote", "what": what }),
    }
}

fn connection(connection: &Connection) -> Value {
    json!({
        "name": connection.name,
        "title": connection.title,
        "sides": connection.sides,
        "base-field": connection.base_field,
        "default-base": connection.default_base,
        "alternatives": connection.alternatives,
        "routes": connection.routes.iter().map(route).collect::<Vec<_>>(),
        "open-paths": connection.open_paths,
        "auth": connection.auth.iter().map(recipe).collect::<Vec<_>>(),
        "identity": connection.identity.iter().map(sign).collect::<Vec<_>>(),
        "rate-windows": connection.rate_windows.iter().map(rate_window).collect::<Vec<_>>(),
        "gateway": connection.gateway.as_ref().map(gateway),
    })
}

fn route(route: &Route) -> Value {
    let methods: Vec<&str> = route.methods.iter().map(|method| words::method(*method)).collect();
    json!({ "methods": methods, "prefix": route.prefix })
}

fn recipe(recipe: &AuthRecipe) -> Value {
    let exchange: Option<&TokenExchange> = match recipe {
        AuthRecipe::Exchange(exchange) => Some(exchange),
        AuthRecipe::Basic(_) | AuthRecipe::Bearer(_) | AuthRecipe::Header(_) => None,
    };
    let (kind, username, locks) = match recipe {
        AuthRecipe::Basic(basic) => ("basic", Some(&basic.username), basic.locks),
        AuthRecipe::Bearer(_) => ("bearer", None, false),
        AuthRecipe::Header(_) => ("header", None, false),
        AuthRecipe::Exchange(_) => ("exchange", None, false),
    };
    json!({
        "kind": kind,
        "path": exchange.map(|exchange| &exchange.path),
        "connection": exchange.and_then(|exchange| exchange.connection.as_ref()),
        "username-field": username,
        "secrets": secrets(recipe),
        "locks": locks,
    })
}

fn sign(sign: &IdentitySign) -> Value {
    json!({ "header": sign.header, "value": sign.value, "authenticated": sign.authenticated })
}

fn rate_window(window: &RateWindow) -> Value {
    json!({
        "requests": window.requests,
        "seconds": window.seconds,
        "reserve-percent": window.reserve_percent,
        "when": window.when.as_ref().map(|when| json!({ "option": when.name, "value": when.value })),
    })
}

fn gateway(gateway: &Gateway) -> Value {
    json!({
        "discovery-path": gateway.discovery_path,
        "pointer": gateway.pointer,
        "base-template": gateway.base_template,
    })
}
