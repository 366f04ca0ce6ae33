//! The guest's side of the contract, and what every test guest says about itself.

wit_bindgen::generate!({ path: "../../../../wit", world: "tms-sync", generate_all, pub_export_macro: true });

pub use exports::testops::tms_sync::{connection, exporter, setup};
pub use testops::tms_sync::{clock, http, links, log, secrets, types};
pub use wit_bindgen::{FutureReader, FutureWriter, StreamReader, StreamWriter, spawn_local};

use setup::{AuthRecipe, BasicAuth, Connection, FormField, HeaderAuth, IdentitySign, IntegrationKind, Route, Term, ValueType};
use setup::{TokenEncoding, TokenExchange, TokenParameter, TokenValue};

/// One kind, `probe`, with a connection for each auth recipe, all under `/open`.
pub fn describe() -> setup::PluginInfo {
    let connections = vec![
        connection("plain", vec![]),
        connection("basic", vec![AuthRecipe::Basic(BasicAuth { username: "user".into(), secret: "password".into(), locks: true })]),
        connection("bearer", vec![AuthRecipe::Bearer("token".into())]),
        connection("exchange", vec![AuthRecipe::Exchange(exchange(None))]),
        connection("header", vec![AuthRecipe::Header(header())]),
        connection("elsewhere", vec![AuthRecipe::Exchange(exchange(Some("plain")))]),
    ];
    let fields = vec![field("url", false), field("user", false), field("password", true), field("token", true), field("client", true)];
    let kind = IntegrationKind { id: "probe".into(), title: "Probe".into(), fields, options: vec![], connections };
    setup::PluginInfo {
        name: "guest".into(),
        version: "0.2.0".into(),
        sides: vec![term("tracker", "Jira")],
        entities: vec![term("test-case", "test case")],
        phases: vec![],
        kinds: vec![kind],
    }
}

fn term(name: &str, title: &str) -> Term {
    Term { name: name.into(), title: title.into(), plural: format!("{title}s") }
}

fn header() -> HeaderAuth {
    HeaderAuth { name: "x-api-key".into(), secret: "token".into(), prefix: Some("Key ".into()) }
}

/// With a connection's name, the token comes from there.
fn exchange(connection: Option<&str>) -> TokenExchange {
    TokenExchange {
        connection: connection.map(str::to_owned),
        path: "/open/token".into(),
        encoding: TokenEncoding::Json,
        parameters: vec![
            TokenParameter { name: "grant".into(), value: TokenValue::Literal("client".into()) },
            TokenParameter { name: "user".into(), value: TokenValue::Field("user".into()) },
            TokenParameter { name: "client".into(), value: TokenValue::Secret("client".into()) },
        ],
        token_pointer: "/jwt".into(),
        lifetime_pointer: Some("/expires".into()),
        lifetime_seconds: 60,
    }
}

fn field(name: &str, secret: bool) -> FormField {
    let (name, label, help) = (name.to_owned(), name.to_owned(), String::new());
    FormField { name, label, help, value_type: ValueType::Text, required: false, secret, tab: None, default: None }
}

fn connection(name: &str, auth: Vec<AuthRecipe>) -> Connection {
    Connection {
        name: name.into(),
        title: name.into(),
        sides: vec!["tracker".into()],
        base_field: "url".into(),
        default_base: None,
        alternatives: vec![],
        routes: vec![Route { methods: vec![http::Method::Get, http::Method::Post], prefix: "/open".into() }],
        open_paths: vec!["/open/to/all".into()],
        auth,
        identity: vec![
            IdentitySign { header: "x-ausername".into(), value: Some("anonymous".into()), authenticated: false },
            IdentitySign { header: "x-ausername".into(), value: None, authenticated: true },
        ],
        rate_windows: vec![],
        gateway: None,
    }
}

/// Both ends of a new stream.
pub fn stream() -> (StreamWriter<exporter::Event>, StreamReader<exporter::Event>) {
    wit_stream::new()
}

/// Both ends of a new future.
pub fn future() -> (FutureWriter<exporter::Report>, FutureReader<exporter::Report>) {
    wit_future::new(report)
}

/// An empty report.
pub fn report() -> exporter::Report {
    let none = exporter::Tally { created: 0, updated: 0, unchanged: 0, skipped: 0, failed: 0, waiting: 0, removed: 0, adopted: 0 };
    let tallies = vec![exporter::EntityTally { entity: "test-case".into(), tally: none }];
    exporter::Report { tallies, resumed: 0, forecast: vec![], stopped: None }
}

/// What the contract has and a test guest does not.
pub fn unsupported() -> types::Fault {
    types::Fault {
        kind: types::FaultKind::Unsupported,
        side: "settings".into(),
        message: "a test guest does not offer this".into(),
        hint: None,
        retry_at: None,
    }
}

/// Starts `work` and hands its stream and report out, as every export does.
pub fn running<F: Future<Output = exporter::Report> + 'static>(
    work: impl FnOnce(StreamWriter<exporter::Event>) -> F,
) -> exporter::Running {
    let (events, stream) = wit_stream::new();
    let (done, report) = wit_future::new(self::report);
    let work = work(events);
    panics_are_logged();
    spawn_local(async move {
        let report = work.await;
        // The host may have stopped listening.
        let _ = done.write(report).await;
    });
    exporter::Running { events: stream, report }
}

/// A panic's message goes to the host's log.
pub fn panics_are_logged() {
    std::panic::set_hook(Box::new(|info| log::log(log::Level::Error, &info.to_string())));
}

/// A plain field of the settings.
pub fn setting(settings: &types::Settings, name: &str) -> String {
    settings.fields.iter().find(|field| field.name == name).map(|field| field.value.clone()).unwrap_or_default()
}
