//! The answer of `inspect`: what a plugin may do.

use std::fmt::Write as _;

use tms_sync_host::model::{
    AuthRecipe, Connection, FormField, Gateway, IdentitySign, IntegrationKind, MappingOption, OptionName, PluginInfo,
    RateWindow, Route, TokenValue, ValueType,
};

mod json;

pub use json::json;

use super::text::{FAINT, STRONG, harmless, styled, table};
use crate::words;

/// A component and its manifest.
#[derive(Debug)]
pub struct Manifest {
    /// Where it was read from, or `bundled`.
    pub from: String,
    /// SHA-256 in hex.
    pub digest: String,
    pub bytes: usize,
    pub imports: Vec<String>,
    pub exports: Vec<String>,
    pub info: PluginInfo,
}

pub fn text(manifest: &Manifest) -> String {
    let mut text = String::new();
    let title = format!("{} {}", harmless(&manifest.info.name), harmless(&manifest.info.version));
    let _ = writeln!(text, "{}", styled(STRONG, title));
    let size = format!("{} bytes ({} KiB)", manifest.bytes, manifest.bytes.div_ceil(1024));
    let mut rows = vec![
        vec!["from".to_owned(), harmless(&manifest.from).into_owned()],
        vec!["sha-256".to_owned(), manifest.digest.clone()],
        vec!["size".to_owned(), size],
    ];
    rows.extend(labelled("imports", &manifest.imports));
    rows.extend(labelled("exports", &manifest.exports));
    text.push_str(&table(&rows, "  "));
    for kind in &manifest.info.kinds {
        kind_text(&mut text, kind);
    }
    let closing = "Nothing else is reachable: no file, no environment, no socket, and no value of a secret.";
    let _ = writeln!(text, "\n{}", styled(FAINT, closing));
    text
}

/// Rows with a label at the first alone.
fn labelled(label: &str, values: &[String]) -> Vec<Vec<String>> {
    let label = |index: usize| if index == 0 { label.to_owned() } else { String::new() };
    values
        .iter()
        .enumerate()
        .map(|(index, value)| vec![label(index), harmless(value).into_owned()])
        .collect()
}

fn kind_text(text: &mut String, kind: &IntegrationKind) {
    let _ = writeln!(
        text,
        "\n{}  {}",
        styled(STRONG, harmless(&kind.id)),
        harmless(&kind.title)
    );
    text.push_str("  fields\n");
    let rows: Vec<Vec<String>> = kind.fields.iter().map(field_row).collect();
    text.push_str(&table(&rows, "    "));
    for connection in &kind.connections {
        let _ = writeln!(
            text,
            "  connection {}: {}",
            harmless(&connection.name),
            harmless(&connection.title)
        );
        let sides: Vec<&str> = connection.sides.iter().map(|side| words::whose(side)).collect();
        let mut rows = vec![
            vec!["side".to_owned(), harmless(&sides.join(", ")).into_owned()],
            vec!["address".to_owned(), address(connection)],
        ];
        let routes: Vec<String> = connection.routes.iter().map(route).collect();
        rows.extend(labelled("requests", &routes));
        rows.extend(labelled("no login", &connection.open_paths));
        let recipes: Vec<String> = connection.auth.iter().map(recipe).collect();
        rows.extend(labelled("login", &recipes));
        let signs: Vec<String> = connection.identity.iter().map(sign).collect();
        rows.extend(labelled("account", &signs));
        let windows: Vec<String> = connection.rate_windows.iter().map(rate_window).collect();
        rows.extend(labelled("limits", &windows));
        let gateway: Vec<String> = connection.gateway.iter().map(gateway).collect();
        rows.extend(labelled("gateway", &gateway));
        text.push_str(&table(&rows, "    "));
    }
    if !kind.options.is_empty() {
        text.push_str("  mapping options\n");
        let rows: Vec<Vec<String>> = kind.options.iter().map(option_row).collect();
        text.push_str(&table(&rows, "    "));
    }
}

fn option_row(option: &MappingOption) -> Vec<String> {
    let name = match &option.name {
        OptionName::Exact(name) => name.clone(),
        OptionName::Prefix(prefix) => format!("{prefix}<…>"),
    };
    let default = option
        .default
        .as_ref()
        .map(|default| format!(", default {default}"))
        .unwrap_or_default();
    vec![
        harmless(&name).into_owned(),
        harmless(&option.title).into_owned(),
        harmless(&(value_type(&option.value_type) + &default)).into_owned(),
    ]
}

fn value_type(value_type: &ValueType) -> String {
    match value_type {
        ValueType::Text => "text".to_owned(),
        ValueType::Lines => "lines of text".to_owned(),
        ValueType::Integer(range) => match (range.min, range.max) {
            (min, i64::MAX) => format!("number from {min}"),
            (min, max) => format!("number from {min} to {max}"),
        },
        ValueType::Boolean => "true or false".to_owned(),
        ValueType::Choice(choices) => {
            let values: Vec<&str> = choices.iter().map(|choice| choice.value.as_str()).collect();
            values.join(" | ")
        }
        ValueType::Items(separator) => format!("texts with {separator} between"),
        ValueType::Url => "address".to_owned(),
        ValueType::Remote(what) => format!("name: {what}"),
    }
}

fn rate_window(window: &RateWindow) -> String {
    let left = match window.reserve_percent {
        0 => String::new(),
        percent => format!(", {percent} % of them left to others"),
    };
    let when = window
        .when
        .as_ref()
        .map(|when| format!(", where {} is {}", when.name, when.value))
        .unwrap_or_default();
    let line = format!("{} requests in {} s{left}{when}", window.requests, window.seconds);
    harmless(&line).into_owned()
}

fn gateway(gateway: &Gateway) -> String {
    let line = format!(
        "{}, where the address refuses the login; {{}} by GET {}",
        gateway.base_template, gateway.discovery_path
    );
    harmless(&line).into_owned()
}

fn field_row(field: &FormField) -> Vec<String> {
    let mut traits = vec![if field.required { "required" } else { "optional" }.to_owned()];
    if field.secret {
        traits.push("secret".to_owned());
    }
    if let Some(tab) = &field.tab {
        traits.push(format!("tab {}", harmless(tab)));
    }
    if let Some(default) = &field.default {
        traits.push(format!("default {}", harmless(default)));
    }
    vec![
        harmless(&field.name).into_owned(),
        harmless(&field.label).into_owned(),
        traits.join(", "),
    ]
}

fn address(connection: &Connection) -> String {
    let mut address = format!("field {}", harmless(&connection.base_field));
    if let Some(default) = &connection.default_base {
        let _ = write!(address, ", else {}", harmless(default));
    }
    if !connection.alternatives.is_empty() {
        let _ = write!(address, " (or {})", harmless(&connection.alternatives.join(", ")));
    }
    address
}

fn route(route: &Route) -> String {
    let methods: Vec<&str> = route.methods.iter().map(|method| words::method(*method)).collect();
    format!("{} {}", methods.join(" "), harmless(&route.prefix))
}

fn recipe(recipe: &AuthRecipe) -> String {
    match recipe {
        AuthRecipe::Basic(basic) => {
            format!(
                "basic: field {} and secret {}{}",
                harmless(&basic.username),
                harmless(&basic.secret),
                if basic.locks {
                    ", which locks after a few refusals"
                } else {
                    ""
                }
            )
        }
        AuthRecipe::Bearer(secret) => format!("bearer: secret {}", harmless(secret)),
        AuthRecipe::Header(header) => format!("header {}: secret {}", harmless(&header.name), harmless(&header.secret)),
        AuthRecipe::Exchange(exchange) => {
            format!(
                "token: POST {}{} with secret {}, good for {} s",
                harmless(&exchange.path),
                match &exchange.connection {
                    Some(name) => format!(" over connection {}", harmless(name)),
                    None => String::new(),
                },
                harmless(&secrets(recipe).join(", ")),
                exchange.lifetime_seconds
            )
        }
    }
}

/// What a response header reveals about the account.
fn sign(sign: &IdentitySign) -> String {
    let is = sign
        .value
        .as_ref()
        .map(|value| format!(" is {}", harmless(value)))
        .unwrap_or_default();
    let who = if sign.authenticated { "known" } else { "anonymous" };
    format!("{who} where {}{is}", harmless(&sign.header))
}

/// Names of the secrets that a recipe uses.
fn secrets(recipe: &AuthRecipe) -> Vec<String> {
    match recipe {
        AuthRecipe::Basic(basic) => vec![basic.secret.clone()],
        AuthRecipe::Bearer(secret) => vec![secret.clone()],
        AuthRecipe::Header(header) => vec![header.secret.clone()],
        AuthRecipe::Exchange(exchange) => exchange
            .parameters
            .iter()
            .filter_map(|parameter| match &parameter.value {
                TokenValue::Secret(name) => Some(name.clone()),
                TokenValue::Literal(_) | TokenValue::Field(_) => None,
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use serde_json::Value;
    use tms_sync_host::model::{Choice, Field, Method, Range, Term, TokenEncoding, TokenExchange, TokenParameter};

    use super::*;

    fn sample() -> Manifest {
        let parameter = |name: &str, value| TokenParameter {
            name: name.to_owned(),
            value,
        };
        let exchange = TokenExchange {
            connection: None,
            path: "/api/v2/authenticate".to_owned(),
            encoding: TokenEncoding::Json,
            parameters: vec![
                parameter("grant", TokenValue::Literal("x".to_owned())),
                parameter("client_id", TokenValue::Secret("xray-client-id".to_owned())),
            ],
            token_pointer: String::new(),
            lifetime_pointer: None,
            lifetime_seconds: 60,
        };
        let connection = Connection {
            name: "xray".to_owned(),
            title: "Xray Cloud".to_owned(),
            sides: vec!["product".to_owned()],
            base_field: "xray-endpoint".to_owned(),
            default_base: Some("https://xray.cloud.getxray.app".to_owned()),
            alternatives: vec!["https://eu.xray.cloud.getxray.app".to_owned()],
            routes: vec![Route {
                methods: vec![Method::Get, Method::Post],
                prefix: "/api/v2/import".to_owned(),
            }],
            open_paths: vec!["/api/v2/health".to_owned()],
            auth: vec![AuthRecipe::Exchange(exchange), AuthRecipe::Bearer("token".to_owned())],
            identity: vec![IdentitySign {
                header: "x-ausername".to_owned(),
                value: Some("anonymous".to_owned()),
                authenticated: false,
            }],
            rate_windows: vec![RateWindow {
                requests: 1_000,
                seconds: 300,
                reserve_percent: 10,
                when: Some(Field {
                    name: "xray-plan".to_owned(),
                    value: "enterprise".to_owned(),
                }),
            }],
            gateway: Some(Gateway {
                discovery_path: "/_edge/tenant_info".to_owned(),
                pointer: "/cloudId".to_owned(),
                base_template: "https://api.example/ex/jira/{}".to_owned(),
            }),
        };
        let field = FormField {
            name: "xray-client-id".to_owned(),
            label: "Xray client id".to_owned(),
            help: "Made in the Xray settings.".to_owned(),
            value_type: ValueType::Text,
            required: true,
            secret: true,
            tab: Some("basic".to_owned()),
            default: None,
        };
        let kind = IntegrationKind {
            id: "xray-cloud".to_owned(),
            title: "Xray Cloud".to_owned(),
            fields: vec![field],
            options: options(),
            connections: vec![connection],
        };
        Manifest {
            from: "bundled".to_owned(),
            digest: "5e".repeat(32),
            bytes: 412_345,
            imports: vec![
                "testops:tms-sync/http@0.2.0".to_owned(),
                "testops:tms-sync/links@0.2.0".to_owned(),
            ],
            exports: vec!["testops:tms-sync/setup@0.2.0".to_owned()],
            info: PluginInfo {
                name: "xray".to_owned(),
                version: "0.2.0".to_owned(),
                sides: vec![Term {
                    name: "product".to_owned(),
                    title: "Xray".to_owned(),
                    plural: "Xray".to_owned(),
                }],
                entities: Vec::new(),
                phases: Vec::new(),
                kinds: vec![kind],
            },
        }
    }

    fn options() -> Vec<MappingOption> {
        let option = |name, title: &str, value_type, default: Option<&str>| MappingOption {
            name,
            title: title.to_owned(),
            help: "Explained.".to_owned(),
            value_type,
            default: default.map(str::to_owned),
            group: "Files".to_owned(),
        };
        let choice = |value: &str| Choice {
            value: value.to_owned(),
            title: value.to_uppercase(),
        };
        let exact = |name: &str| OptionName::Exact(name.to_owned());
        vec![
            option(
                exact("attachments"),
                "Files of test cases",
                ValueType::Choice(vec![choice("all"), choice("none")]),
                Some("all"),
            ),
            option(
                exact("attachments-max-count"),
                "Number of files",
                ValueType::Integer(Range { min: 0, max: 2_000 }),
                Some("100"),
            ),
            option(
                OptionName::Prefix("transition.".to_owned()),
                "Status in Jira",
                ValueType::Remote("status".to_owned()),
                None,
            ),
        ]
    }

    #[test]
    fn an_operator_can_read_what_a_plugin_reaches() {
        assert_snapshot!(anstream::adapter::strip_str(&text(&sample())).to_string(), @"
        xray 0.2.0
          from     bundled
          sha-256  5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e
          size     412345 bytes (403 KiB)
          imports  testops:tms-sync/http@0.2.0
                   testops:tms-sync/links@0.2.0
          exports  testops:tms-sync/setup@0.2.0

        xray-cloud  Xray Cloud
          fields
            xray-client-id  Xray client id  required, secret, tab basic
          connection xray: Xray Cloud
            side      Xray
            address   field xray-endpoint, else https://xray.cloud.getxray.app (or https://eu.xray.cloud.getxray.app)
            requests  GET POST /api/v2/import
            no login  /api/v2/health
            login     token: POST /api/v2/authenticate with secret xray-client-id, good for 60 s
                      bearer: secret token
            account   anonymous where x-ausername is anonymous
            limits    1000 requests in 300 s, 10 % of them left to others, where xray-plan is enterprise
            gateway   https://api.example/ex/jira/{}, where the address refuses the login; {} by GET /_edge/tenant_info
          mapping options
            attachments            Files of test cases  all | none, default all
            attachments-max-count  Number of files      number from 0 to 2000, default 100
            transition.<…>         Status in Jira       name: status

        Nothing else is reachable: no file, no environment, no socket, and no value of a secret.
        ");
    }

    #[test]
    fn a_form_can_be_built_of_the_json() {
        let json = Value::Object(json(&sample()));
        assert_snapshot!(json.pointer("/kinds/0/options").unwrap(), @r#"[{"default":"all","group":"Files","help":"Explained.","is-prefix":false,"name":"attachments","title":"Files of test cases","type":{"choices":[{"title":"ALL","value":"all"},{"title":"NONE","value":"none"}],"kind":"choice"}},{"default":"100","group":"Files","help":"Explained.","is-prefix":false,"name":"attachments-max-count","title":"Number of files","type":{"kind":"integer","max":2000,"min":0}},{"default":null,"group":"Files","help":"Explained.","is-prefix":true,"name":"transition.","title":"Status in Jira","type":{"kind":"remote","what":"status"}}]"#);
        assert_snapshot!(json.pointer("/kinds/0/fields").unwrap(), @r#"[{"default":null,"help":"Made in the Xray settings.","label":"Xray client id","name":"xray-client-id","required":true,"secret":true,"tab":"basic","type":{"kind":"text"}}]"#);
    }

    #[test]
    fn json_names_secrets_and_never_literals_of_a_recipe() {
        assert_snapshot!(Value::Object(json(&sample())).pointer("/kinds/0/connections/0/auth").unwrap(), @r#"[{"connection":null,"kind":"exchange","locks":false,"path":"/api/v2/authenticate","secrets":["xray-client-id"],"username-field":null},{"connection":null,"kind":"bearer","locks":false,"path":null,"secrets":["token"],"username-field":null}]"#);
    }
}
