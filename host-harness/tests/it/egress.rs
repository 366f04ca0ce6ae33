//! What a plugin can reach, and what it gets to see.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tms_sync_host::{CallLimits, Secret, SqliteLedger, Tenant, TenantError};

use crate::rig::{self, CLIENT, Seen, Server, TOKEN, fine, obey};

async fn speaker(server: &Server) -> Tenant {
    rig::tenant(
        &rig::load(rig::speaks().await).await,
        server,
        "jdoe",
        CallLimits::default(),
    )
}

#[tokio::test]
async fn each_recipe_adds_its_credential_below_the_base_path() {
    let server = Server::start(fine).await;
    let tenant = speaker(&server).await;
    let (said, outcome) = obey(
        &tenant,
        &["plain GET /open/a", "basic GET /open/b", "bearer POST /open/c"],
    )
    .await;
    assert_eq!(said, ["200 Identity::Unknown [content-type] {}"; 3]);
    assert_eq!(
        server.authorizations(),
        ["", "Basic amRvZTpwdw==", &format!("Bearer {TOKEN}")]
    );
    assert_eq!(server.seen()[0].path, "/base/open/a");
    assert!(
        server.seen()[0].headers["user-agent"]
            .to_str()
            .unwrap()
            .starts_with("tms-sync/")
    );
    assert_eq!(outcome.facts.connections["basic"].requests, 1);
}

#[tokio::test]
async fn what_the_manifest_does_not_declare_is_denied_and_nothing_is_sent() {
    let server = Server::start(fine).await;
    let orders = [
        "unknown GET /open/a",
        "plain PUT /open/a",
        "plain GET /closed",
        "plain GET /opener",
        "plain GET /open/../closed",
        "plain GET /open/%2e%2e/closed",
        "plain GET //evil.example/open",
        "plain GET http://evil.example/open",
        "exchange POST /open/token",
        "plain GET /open/a\nheader:authorization=Bearer x",
        "plain GET /open/a\nheader:cookie=a",
        "plain GET /open/a\nheader:host=evil.example",
        "plain GET /open/a\nheader:accept=a\\nx-evil: b",
    ];
    let (said, outcome) = obey(&speaker(&server).await, &orders).await;
    for (order, answer) in orders.iter().zip(&said) {
        assert!(answer.contains("Denied"), "{order}: {answer}");
    }
    assert_eq!((said.len(), server.seen().len()), (orders.len(), 0));
    assert!(outcome.facts.connections["plain"].denied > 0);
}

pub fn tokens(this: &Seen, before: &[Seen]) -> Response {
    let exchanges = before.iter().filter(|seen| seen.path.ends_with("/token")).count();
    if this.path.ends_with("/token") {
        let token = format!("{{\"jwt\":\"token-number-{exchanges}-of-the-server\",\"expires\":600}}");
        return (StatusCode::OK, [("content-type", "application/json")], token).into_response();
    }
    let current = format!("Bearer token-number-{}-of-the-server", exchanges - 1);
    let is_first_use = before.iter().filter(|seen| !seen.path.ends_with("/token")).count() == 1;
    let accepted = this.headers["authorization"] == current.as_str() && !is_first_use;
    if accepted {
        fine(this, before)
    } else {
        StatusCode::UNAUTHORIZED.into_response()
    }
}

#[tokio::test]
async fn a_token_is_exchanged_once_and_again_when_the_server_drops_it() {
    let server = Server::start(tokens).await;
    let orders = ["exchange GET /open/a", "exchange POST /open/b", "exchange GET /open/c"];
    let (said, outcome) = obey(&speaker(&server).await, &orders).await;
    assert!(said.iter().all(|answer| answer.starts_with("200")), "{said:?}");
    let paths: Vec<String> = server
        .seen()
        .into_iter()
        .map(|seen| seen.path.replace("/base/open/", ""))
        .collect();
    assert_eq!(paths, ["token", "a", "b", "token", "b", "c"]);
    let traffic = outcome.facts.connections["exchange"];
    assert_eq!((traffic.requests, traffic.token_exchanges), (4, 2));
}

fn refusing(_: &Seen, _: &[Seen]) -> Response {
    (
        StatusCode::UNAUTHORIZED,
        [("content-type", "application/json")],
        "{\"error\":\"bad client\"}",
    )
        .into_response()
}

#[tokio::test]
async fn a_refused_exchange_is_reported_in_the_servers_words_and_tried_once() {
    let server = Server::start(refusing).await;
    let (said, _) = obey(
        &speaker(&server).await,
        &["exchange GET /open/a", "exchange GET /open/b"],
    )
    .await;
    assert!(
        said[0].contains("NoToken") && said[0].contains("401") && said[0].contains("bad client"),
        "{}",
        said[0]
    );
    assert!(said[0].contains("from-product: true"), "{}", said[0]);
    assert_eq!(server.seen().len(), 1);
}

fn talkative(this: &Seen, _: &[Seen]) -> Response {
    if this.path.ends_with("/redirect") {
        return (StatusCode::FOUND, [("location", "http://127.0.0.1:1/")]).into_response();
    }
    if this.path.ends_with("/echo") {
        return this.headers["authorization"]
            .to_str()
            .unwrap()
            .to_owned()
            .into_response();
    }
    if this.path.ends_with("/large") {
        return vec![b'x'; 2_000_000].into_response();
    }
    (
        [
            ("set-cookie", "a=b"),
            ("www-authenticate", "Basic"),
            ("x-ausername", "jdoe"),
        ],
        "{}",
    )
        .into_response()
}

#[tokio::test]
async fn cookies_and_account_names_become_an_identity_and_redirects_stay_answers() {
    let server = Server::start(talkative).await;
    let (said, _) = obey(
        &speaker(&server).await,
        &["basic GET /open/a", "basic GET /open/redirect"],
    )
    .await;
    assert!(
        said[0].starts_with("200 Identity::Authenticated [content-type]"),
        "{}",
        said[0]
    );
    assert!(said[1].starts_with("302 "), "{}", said[1]);
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn an_answer_that_echoes_the_credential_is_withheld() {
    let server = Server::start(talkative).await;
    let (said, outcome) = obey(&speaker(&server).await, &["bearer GET /open/echo"]).await;
    assert!(
        said[0].contains("OutcomeUnknown") && !said[0].contains(TOKEN),
        "{}",
        said[0]
    );
    assert_eq!(outcome.facts.connections["bearer"].withheld, 1);
}

#[tokio::test]
async fn an_answer_over_the_limit_is_too_large_and_not_kept() {
    let server = Server::start(talkative).await;
    let limits = CallLimits {
        response_bytes: 1_000_000,
        ..CallLimits::default()
    };
    let tenant = rig::tenant(&rig::load(rig::speaks().await).await, &server, "jdoe", limits);
    let (said, _) = obey(&tenant, &["plain GET /open/large"]).await;
    assert!(said[0].contains("TooLarge"), "{}", said[0]);
}

#[tokio::test]
async fn a_refused_connection_was_not_sent() {
    let mut server = Server::start(fine).await;
    let free = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    server.address = free.to_string();
    let (said, _) = obey(&speaker(&server).await, &["plain GET /open/a"]).await;
    assert!(said[0].contains("NotSent"), "{}", said[0]);
}

#[tokio::test]
async fn the_budget_of_requests_ends() {
    let server = Server::start(fine).await;
    let limits = CallLimits {
        requests: 1,
        ..CallLimits::default()
    };
    let tenant = rig::tenant(&rig::load(rig::speaks().await).await, &server, "jdoe", limits);
    let (said, _) = obey(&tenant, &["plain GET /open/a", "plain GET /open/b"]).await;
    assert!(said[0].starts_with("200") && said[1].contains("Exhausted"), "{said:?}");
}

#[tokio::test]
async fn a_secret_does_not_follow_the_url_to_another_origin() {
    let plugin = rig::load(rig::speaks().await).await;
    let built = Tenant::builder("acme", &plugin)
        .kind("probe")
        .field("url", "https://new.example")
        .secret("client", Secret::new(CLIENT, "https://old.example/"))
        .ledger(std::sync::Arc::new(SqliteLedger::in_memory().unwrap()))
        .build();
    assert!(matches!(built.err(), Some(TenantError::OriginChanged { .. })));
}

#[tokio::test]
async fn a_loopback_server_needs_the_operator() {
    let server = Server::start(fine).await;
    let plugin = rig::load(rig::speaks().await).await;
    let tenant = Tenant::builder("acme", &plugin)
        .kind("probe")
        .field(
            "url",
            format!("https://localhost:{}", server.address.rsplit(':').next().unwrap()),
        )
        .ledger(std::sync::Arc::new(SqliteLedger::in_memory().unwrap()))
        .build()
        .unwrap();
    let (said, _) = obey(&tenant, &["plain GET /open/a"]).await;
    assert!(
        said[0].contains("Denied") && said[0].contains("loopback"),
        "{}",
        said[0]
    );
}
