//! The manifest, from our types to WIT's.

use super::convert;
use super::generated::exports::testops::tms_sync::setup as wit;
use super::generated::testops::tms_sync::{http, types};
use crate::setup;

fn text(value: &str) -> String {
    value.to_owned()
}

pub fn plugin(info: setup::PluginInfo) -> wit::PluginInfo {
    wit::PluginInfo {
        name: text(info.name),
        version: text(info.version),
        sides: info.sides.iter().map(term).collect(),
        entities: info.entities.iter().map(term).collect(),
        phases: info.phases.iter().map(term).collect(),
        kinds: info.kinds.iter().map(kind).collect(),
    }
}

fn term(term: &setup::Term) -> wit::Term {
    wit::Term {
        name: text(term.name),
        title: text(term.title),
        plural: text(term.plural),
    }
}

fn kind(kind: &setup::IntegrationKind) -> wit::IntegrationKind {
    wit::IntegrationKind {
        id: text(kind.id),
        title: text(kind.title),
        fields: kind.fields.iter().map(field).collect(),
        options: kind.options().into_iter().map(option).collect(),
        connections: kind.connections.iter().map(connection).collect(),
    }
}

fn field(field: &setup::FormField) -> wit::FormField {
    wit::FormField {
        name: text(field.name),
        label: text(field.label),
        help: text(field.help),
        value_type: value_type(field.value_type, &[]),
        required: field.required,
        secret: field.secret,
        tab: field.tab.map(text),
        default: field.default.map(text),
    }
}

fn option(option: setup::MappingOption) -> wit::MappingOption {
    wit::MappingOption {
        title: option.title,
        help: text(option.help),
        value_type: value_type(option.value_type, &option.choices),
        default: option.default,
        group: text(option.group),
        name: match option.name.ends_with('.') {
            true => wit::OptionName::Prefix(option.name),
            false => wit::OptionName::Exact(option.name),
        },
    }
}

fn value_type(value_type: setup::ValueType, choices: &[setup::Choice]) -> wit::ValueType {
    let choice = |choice: &setup::Choice| wit::Choice {
        value: text(choice.value),
        title: text(choice.title),
    };
    match value_type {
        setup::ValueType::Text => wit::ValueType::Text,
        setup::ValueType::Integer(min, max) => wit::ValueType::Integer(wit::Range { min, max }),
        setup::ValueType::Choice => wit::ValueType::Choice(choices.iter().map(choice).collect()),
        setup::ValueType::Items(separator) => wit::ValueType::Items(separator),
        setup::ValueType::Url => wit::ValueType::Url,
        setup::ValueType::Remote(what) => wit::ValueType::Remote(text(what)),
    }
}

fn connection(connection: &setup::Connection) -> wit::Connection {
    wit::Connection {
        name: text(connection.name),
        title: text(connection.title),
        sides: connection.sides.iter().copied().map(convert::side).collect(),
        base_field: text(connection.base.field),
        default_base: connection.base.default.map(text),
        alternatives: connection.base.alternatives.iter().copied().map(text).collect(),
        routes: connection.routes.iter().map(route).collect(),
        open_paths: connection.open_paths.iter().copied().map(text).collect(),
        auth: connection.auth.iter().map(recipe).collect(),
        identity: connection.identity.iter().map(sign).collect(),
        rate_windows: connection.rate_windows.iter().map(rate_window).collect(),
        gateway: connection.gateway.as_ref().map(gateway),
    }
}

fn rate_window(window: &setup::RateWindow) -> wit::RateWindow {
    let field = |(name, value)| types::Field {
        name: text(name),
        value: text(value),
    };
    wit::RateWindow {
        requests: window.requests,
        seconds: window.seconds,
        reserve_percent: window.reserve_percent,
        when: window.when.map(field),
    }
}

fn gateway(gateway: &setup::Gateway) -> wit::Gateway {
    wit::Gateway {
        discovery_path: text(gateway.discovery_path),
        pointer: text(gateway.pointer),
        base_template: text(gateway.base_template),
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
            connection: exchange.connection.map(text),
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
        setup::TokenValue::Field(name) => wit::TokenValue::Field(text(name)),
    };
    wit::TokenParameter {
        name: text(parameter.name),
        value,
    }
}
