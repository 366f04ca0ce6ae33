//! The server, its journal and its faults, through a real connection.
#![expect(clippy::unwrap_used, reason = "helpers fail as loudly as the tests they serve")]

use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use reqwest::{Client, StatusCode};
use serde_json::json;
use tms_sync_sim::{Class, Clock, Fault, Server};

fn app() -> Router {
    Router::new()
        .route("/items/{id}", get(|| async { "0123456789" }))
        .route(
            "/items",
            post(|body: String| async move { (StatusCode::CREATED, body) }),
        )
}

async fn server(clock: &Clock) -> Server {
    Server::builder(app()).clock(clock.clone()).start().await.unwrap()
}

/// A client that opens a connection per request, so that it never repeats one on its own.
fn client() -> Client {
    {
        // The workspace's reqwest has no TLS provider; another test may have set it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Client::builder()
    }
    .pool_max_idle_per_host(0)
    .build()
    .unwrap()
}

#[tokio::test]
async fn the_journal_keeps_every_request_and_no_secret() {
    let server = server(&Clock::manual(5)).await;
    let url = server.url();
    client()
        .get(format!("{url}/items/7?x=1"))
        .header("authorization", "Bearer s3cret")
        .send()
        .await
        .unwrap();
    client()
        .post(format!("{url}/items"))
        .json(&json!({"a": 1}))
        .send()
        .await
        .unwrap();
    client().get(format!("{url}/nowhere")).send().await.unwrap();

    let entries = server.journal().entries();
    assert_eq!(entries.len(), 3);
    let [first, second, third] = &entries[..] else {
        panic!("three entries")
    };
    assert_eq!(
        (first.sequence, first.at_ms, first.path.as_str(), first.query.as_str()),
        (1, 5, "/items/7", "x=1")
    );
    assert_eq!(first.route.as_deref(), Some("/items/{id}"));
    assert_eq!(
        (first.status, first.response_bytes, first.answered),
        (Some(200), 10, true)
    );
    assert_eq!(first.credential.as_ref().unwrap().scheme, "Bearer");
    assert!(!format!("{entries:?}").contains("s3cret"));
    assert_eq!(
        (second.class, second.body.clone()),
        (Class::Write, Some(json!({"a": 1})))
    );
    assert_eq!((second.request_bytes, second.response_bytes), (7, 7));
    assert_eq!((third.status, third.route.as_deref()), (Some(404), None));

    let counts = server.journal().counts_since(1);
    assert_eq!((counts.total, counts.reads, counts.writes), (2, 1, 1));
    assert_eq!(counts.by_route["POST /items"], 1);
}

#[tokio::test]
async fn a_reset_request_is_not_handled_and_a_dropped_response_is() {
    let server = server(&Clock::manual(0)).await;
    let items = format!("{}/items", server.url());
    server.faults().add(Fault::reset().on("POST", "/items"));
    server.faults().add(Fault::drop_response().on("POST", "/items").nth(2));
    client().post(&items).json(&1).send().await.unwrap_err();
    client().post(&items).json(&2).send().await.unwrap_err();
    assert_eq!(client().post(&items).json(&3).send().await.unwrap().status(), 201);
    let seen: Vec<_> = server
        .journal()
        .entries()
        .iter()
        .map(|e| (e.fault, e.handled, e.status, e.answered))
        .collect();
    assert_eq!(
        seen,
        [
            (Some("reset"), false, None, false),
            (Some("drop_response"), true, None, false),
            (None, true, Some(201), true)
        ]
    );
}

#[tokio::test]
async fn a_cut_body_breaks_off_after_half() {
    let server = server(&Clock::manual(0)).await;
    server.faults().add(Fault::cut_mid_body());
    let response = client().get(format!("{}/items/1", server.url())).send().await.unwrap();
    assert_eq!(response.content_length(), Some(10));
    response.bytes().await.unwrap_err();
    let entries = server.journal().entries();
    assert_eq!(
        (entries[0].handled, entries[0].answered, entries[0].response_bytes),
        (true, false, 5)
    );
}

#[tokio::test]
async fn canned_answers_keep_the_server_from_working() {
    let server = server(&Clock::manual(0)).await;
    let url = format!("{}/items/1", server.url());
    server.faults().add(Fault::rate_limited(7));
    server.faults().add(Fault::html().nth(2));
    server
        .faults()
        .add(Fault::status(500).body(r#"{"message":"no"}"#).header("x-a", "b").nth(3));
    let limited = client().get(&url).send().await.unwrap();
    assert_eq!(
        (limited.status().as_u16(), &limited.headers()["retry-after"]),
        (429, &"7".parse().unwrap())
    );
    let page = client().get(&url).send().await.unwrap();
    assert_eq!(
        (page.status().as_u16(), &page.headers()["content-type"]),
        (200, &"text/html; charset=utf-8".parse().unwrap())
    );
    let broken = client().get(&url).send().await.unwrap();
    assert_eq!(
        (broken.status().as_u16(), &broken.headers()["x-a"]),
        (500, &"b".parse().unwrap())
    );
    assert!(server.journal().entries().iter().all(|entry| !entry.handled));
}

#[tokio::test]
async fn a_late_commit_happens_after_the_connection_is_gone() {
    let clock = Clock::manual(0);
    let server = server(&clock).await;
    server
        .faults()
        .add(Fault::gateway_timeout(Duration::from_secs(60)).on("POST", "*"));
    let response = client()
        .post(format!("{}/items", server.url()))
        .json(&1)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 504);
    assert!(!server.journal().entries()[0].handled);
    while !server.journal().entries()[0].handled {
        clock.advance(Duration::from_secs(60));
        tokio::task::yield_now().await;
    }
    assert_eq!(server.journal().entries()[0].status, Some(504));
}

#[tokio::test]
async fn a_stopped_server_refuses_connections_and_frees_its_port() {
    let first = server(&Clock::real()).await;
    let address = first.address();
    first.stop().await;
    let error = client()
        .get(format!("http://{address}/items/1"))
        .send()
        .await
        .unwrap_err();
    assert!(error.is_connect());
    let again = Server::builder(app()).port(address.port()).start().await.unwrap();
    assert_eq!(again.address(), address);
}

#[tokio::test]
async fn a_member_of_an_answer_holds_whatever_text_a_fault_gives_it() {
    let server = server(&Clock::manual(0)).await;
    let post = || async {
        let request = client().post(format!("{}/items", server.url()));
        let sent = json!({ "name": "right", "tags": [1] });
        request.json(&sent).send().await.unwrap().text().await.unwrap()
    };
    server
        .faults()
        .add(Fault::member("/name", r#""odd \ud83d name""#).on("POST", "/items"));
    assert_eq!(post().await, r#"{"name":"odd \ud83d name","tags":[1]}"#);
    server.faults().add("/tags={} POST /items".parse().unwrap());
    assert_eq!(post().await, r#"{"name":"right","tags":{}}"#);
    assert_eq!(post().await, r#"{"name":"right","tags":[1]}"#);
}

#[tokio::test]
async fn an_issue_that_cannot_be_edited_is_refused_in_jiras_shape() {
    let server = server(&Clock::manual(0)).await;
    server.faults().add(Fault::not_editable().on("POST", "/items").always());
    let response = client().post(format!("{}/items", server.url())).send().await.unwrap();
    assert_eq!(response.status(), 403);
    let body: serde_json::Value = response.json().await.unwrap();
    assert_eq!(
        body["errorMessages"][0],
        "You do not have permission to edit issues in this project."
    );
}
