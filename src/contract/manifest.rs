//! The manifest, from our types to WIT's.

use super::convert;
use super::generated::exports::testops::tms_sync::setup as wit;
use super::generated::testops::tms_sync::http;
use crate::setup;

fn text(value: &str) -> String {
    value.to_owned()
}

pub fn plugin(info: setup::PluginInfo) -> wit::PluginInfo {
    wit::PluginInfo {
        name: text(info.name),
        version: text(info.version),
        kinds: info.kinds.iter().map(kind).collect(),
    }
}

fn kind(kind: &setup::IntegrationKind) -> wit::IntegrationKind {
    wit::IntegrationKind {
        id: text(kind.id),
        title: text(kind.title),
        fields: kind.fields.iter().map(field).collect(),
        connections: kind.connections.iter().map(connection).collect(),
    }
}

fn field(field: &setup::FormField) -> wit::FormField {
    wit::FormField {
        name: text(field.name),
        label: text(field.label),
        help: text(field.help),
        required: field.required,
        secret: field.secret,
        tab: field.tab.map(text),
        default: field.default.map(text),
    }
}

fn connection(connection: &setup::Connection) -> wit::Connection {
    wit::Connection {
        name: text(connection.name),
        title: text(connection.title),
        sides: connection.sides.iter().copied().map(convert::side).collect(),
        base_field: text(connection.base_field),
        default_base: connection.default_base.map(text),
        alternatives: connection.alternatives.iter().copied().map(text).collect(),
        routes: connection.routes.iter().map(route).collect(),
        auth: connection.auth.iter().map(recipe).collect(),
        identity: connection.identity.iter().map(sign).collect(),
    }
}

fn route(route: &setup::Route) -> wit::Route {
    let method = |method: &setup::Method| match method {
        setup::Method::Get => http::Method::Get,
        setup::Method::Head => http::Method::Head,
        setup::Method::Post => http::Method::Post,
        setup::Method::Put => http::Method::Put,
        setup::Method::Delete => http::Method::Delete,
    };
    wit::Route {
        methods: route.methods.iter().map(method).collect(),
        prefix: text(route.prefix),
    }
}

fn sign(sign: &setup::IdentitySign) -> wit::IdentitySign {
    wit::IdentitySign {
        header: text(sign.header),
        value: sign.value.map(text),
        authenticated: sign.authenticated,
    }
}

fn recipe(recipe: &setup::AuthRecipe) -> wit::AuthRecipe {
    match recipe {
        setup::AuthRecipe::Basic(basic) => wit::AuthRecipe::Basic(wit::BasicAuth {
            username: text(basic.username),
            secret: text(basic.secret),
            locks: basic.locks,
        }),
        setup::AuthRecipe::Bearer(secret) => wit::AuthRecipe::Bearer(text(secret)),
        setup::AuthRecipe::Exchange(exchange) => wit::AuthRecipe::Exchange(wit::TokenExchange {
            path: text(exchange.path),
            encoding: match exchange.encoding {
                setup::TokenEncoding::Form => wit::TokenEncoding::Form,
                setup::TokenEncoding::Json => wit::TokenEncoding::Json,
            },
            parameters: exchange.parameters.iter().map(parameter).collect(),
            token_pointer: text(exchange.token_pointer),
            lifetime_pointer: exchange.lifetime_pointer.map(text),
            lifetime_seconds: exchange.lifetime_seconds,
        }),
    }
}

fn parameter(parameter: &setup::TokenParameter) -> wit::TokenParameter {
    let value = match parameter.value {
        setup::TokenValue::Literal(value) => wit::TokenValue::Literal(text(value)),
        setup::TokenValue::Secret(name) => wit::TokenValue::Secret(text(name)),
    };
    wit::TokenParameter {
        name: text(parameter.name),
        value,
    }
}
