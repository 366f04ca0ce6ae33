//! The guest's side of the contract, and what every test guest says about itself.

wit_bindgen::generate!({ path: "../../../../wit", world: "tms-sync", generate_all, pub_export_macro: true });

pub use exports::testops::tms_sync::{connection, exporter, setup};
pub use testops::tms_sync::{clock, http, links, secrets, types};
pub use wit_bindgen::{FutureReader, FutureWriter, StreamReader, StreamWriter, spawn_local};

use setup::{AuthRecipe, BasicAuth, Connection, FormField, IdentitySign, IntegrationKind, Route};
use setup::{TokenEncoding, TokenExchange, TokenParameter, TokenValue};

/// One kind, `probe`, with a connection for each auth recipe, all under `/open`.
pub fn describe() -> setup::PluginInfo {
    let connections = vec![
        connection("plain", vec![]),
        connection("basic", vec![AuthRecipe::Basic(BasicAuth { username: "user".into(), secret: "password".into(), locks: true })]),
        connection("bearer", vec![AuthRecipe::Bearer("token".into())]),
        connection("exchange", vec![AuthRecipe::Exchange(exchange())]),
    ];
    let fields = vec![field("url", false), field("user", false), field("password", true), field("token", true), field("client", true)];
    let kind = IntegrationKind { id: "probe".into(), title: "Probe".into(), fields, connections };
    setup::PluginInfo { name: "guest".into(), version: "0.1.0".into(), kinds: vec![kind] }
}

fn exchange() -> TokenExchange {
    TokenExchange {
        path: "/open/token".into(),
        encoding: TokenEncoding::Json,
        parameters: vec![
            TokenParameter { name: "grant".into(), value: TokenValue::Literal("client".into()) },
            TokenParameter { name: "client".into(), value: TokenValue::Secret("client".into()) },
        ],
        token_pointer: "/jwt".into(),
        lifetime_pointer: Some("/expires".into()),
        lifetime_seconds: 60,
    }
}

fn field(name: &str, secret: bool) -> FormField {
    let (name, label, help) = (name.to_owned(), name.to_owned(), String::new());
    FormField { name, label, help, required: false, secret, tab: None, default: None }
}

fn connection(name: &str, auth: Vec<AuthRecipe>) -> Connection {
    Connection {
        name: name.into(),
        title: name.into(),
        sides: vec![types::Side::Tracker],
        base_field: "url".into(),
        default_base: None,
        alternatives: vec![],
        routes: vec![Route { methods: vec![http::Method::Get, http::Method::Post], prefix: "/open".into() }],
        auth,
        identity: vec![
            IdentitySign { header: "x-ausername".into(), value: Some("anonymous".into()), authenticated: false },
            IdentitySign { header: "x-ausername".into(), value: None, authenticated: true },
        ],
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
    let none = || exporter::Tally { created: 0, updated: 0, unchanged: 0, skipped: 0, failed: 0, waiting: 0, removed: 0 };
    exporter::Report { test_cases: none(), launches: none(), resumed: 0, stopped: None }
}

/// Starts `work` and hands its stream and report out, as every export does.
pub fn running<F: Future<Output = exporter::Report> + 'static>(
    work: impl FnOnce(StreamWriter<exporter::Event>) -> F,
) -> exporter::Running {
    let (events, stream) = wit_stream::new();
    let (done, report) = wit_future::new(self::report);
    let work = work(events);
    spawn_local(async move {
        let report = work.await;
        // The host may have stopped listening.
        let _ = done.write(report).await;
    });
    exporter::Running { events: stream, report }
}

/// A plain field of the settings.
pub fn setting(settings: &types::Settings, name: &str) -> String {
    settings.fields.iter().find(|field| field.name == name).map(|field| field.value.clone()).unwrap_or_default()
}
