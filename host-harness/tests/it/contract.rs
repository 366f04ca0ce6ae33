//! What contract 0.2 brought: other ways to log in, a log, and words of the plugin's own.

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tms_sync_host::model::Level;
use tms_sync_host::{CallLimits, LogMessage, LogSink, SqliteLedger};

use crate::rig::{self, Seen, Server, TOKEN, fine, obey};

#[tokio::test]
async fn a_secret_goes_in_the_header_that_the_manifest_names() {
    let server = Server::start(fine).await;
    let plugin = rig::load(rig::speaks().await).await;
    let tenant = rig::tenant(&plugin, &server, "jdoe", CallLimits::default());
    let (answers, _) = obey(&tenant, &["header GET /open/a"]).await;
    assert!(answers[0].starts_with("200"), "{answers:?}");
    let seen = server.seen();
    assert_eq!(seen[0].headers["x-api-key"], format!("Key {TOKEN}"));
    assert!(!seen[0].headers.contains_key("authorization"));
}

fn with_token(seen: &Seen, _: &[Seen]) -> Response {
    match seen.path.as_str() {
        "/base/open/token" => (
            StatusCode::OK,
            [("content-type", "application/json")],
            r#"{"jwt":"token-from-elsewhere","expires":60}"#,
        )
            .into_response(),
        _ => (StatusCode::OK, [("content-type", "application/json")], "{}").into_response(),
    }
}

#[tokio::test]
async fn another_connection_may_answer_the_token_exchange_and_no_plugin_may_call_it() {
    let server = Server::start(with_token).await;
    let plugin = rig::load(rig::speaks().await).await;
    let tenant = rig::tenant(&plugin, &server, "jdoe", CallLimits::default());
    let (answers, _) = obey(&tenant, &["elsewhere GET /open/a", "plain POST /open/token"]).await;
    assert!(answers[0].starts_with("200"), "{answers:?}");
    assert!(
        answers[1].contains("the token exchange belongs to the host"),
        "{answers:?}"
    );
    let expected = ["", "Bearer token-from-elsewhere"];
    assert_eq!(server.authorizations(), expected);
}

#[tokio::test]
async fn a_recipe_without_its_plain_field_is_not_used() {
    let server = Server::start(fine).await;
    let plugin = rig::load(rig::speaks().await).await;
    let tenant = rig::tenant(&plugin, &server, "", CallLimits::default());
    let (answers, _) = obey(&tenant, &["basic GET /open/a"]).await;
    assert_eq!(answers, [r#"SendError::NoCredential("not stored: user")"#]);
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn rows_of_an_entity_that_the_manifest_does_not_declare_are_refused() {
    let server = Server::start(fine).await;
    let plugin = rig::load(rig::speaks().await).await;
    let tenant = rig::tenant(&plugin, &server, "jdoe", CallLimits::default());
    let (answers, _) = obey(
        &tenant,
        &["link put requirement/1", "link get requirement/1", "link put 1"],
    )
    .await;
    let refused = r#"Err(LedgerError::Undeclared("requirement"))"#;
    assert_eq!(answers[..2], [refused, refused]);
    assert!(answers[2].contains("Stored(1)"), "{answers:?}");
}

#[tokio::test]
async fn what_a_plugin_logs_reaches_the_host_and_secrets_do_not() {
    let server = Server::start(fine).await;
    let plugin = rig::load(rig::speaks().await).await;
    let logged: Arc<Mutex<Vec<LogMessage>>> = Arc::default();
    let sink: LogSink = {
        let logged = Arc::clone(&logged);
        Arc::new(move |message| logged.lock().unwrap().push(message.clone()))
    };
    let tenant = rig::builder("acme", &plugin, &server, "jdoe", CallLimits::default())
        .ledger(Arc::new(SqliteLedger::in_memory().unwrap()))
        .log(sink)
        .build()
        .unwrap();
    obey(&tenant, &["log info hello", &format!("log error {TOKEN}")]).await;
    let logged = logged.lock().unwrap();
    let found: Vec<(Level, &str)> = logged.iter().map(|it| (it.level, it.message.as_str())).collect();
    assert_eq!(
        found,
        [
            (Level::Info, "hello"),
            (Level::Error, "(a message that repeats a credential is not shown)"),
        ]
    );
}
