//! Files that the host keeps for a guest: what comes in goes out unchanged, within the limits, and past every check.

use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tms_sync_host::CallLimits;

use crate::rig::{self, Server, TOKEN, obey};

/// Of no length that chunks or Base64 would favour.
const SIZE: usize = 5 * 1024 * 1024 + 1;

fn contents() -> Vec<u8> {
    (0..SIZE).map(|at| (at * 31 % 251) as u8).collect()
}

#[derive(Clone, Default)]
struct Received(Arc<Mutex<Vec<(HeaderMap, Bytes)>>>);

/// A server of one large file, an echo in the midst of a file, and what else an answer can be.
async fn serve(received: Received) -> Server {
    let echo = || async {
        let mut body = vec![b'.'; 100_000];
        body.extend_from_slice(TOKEN.as_bytes());
        body
    };
    let take = |headers: HeaderMap, body: Bytes| async move {
        received.0.lock().unwrap().push((headers, body));
    };
    let app = axum::Router::new()
        .route("/base/open/large", get(|| async { contents() }))
        .route("/base/open/small", get(|| async { "0123456789" }))
        .route("/base/open/empty", get(|| async { "" }))
        .route("/base/open/echo", get(echo))
        .route(
            "/base/open/gone",
            get(|| async { (StatusCode::NOT_FOUND, "{\"message\":\"gone\"}") }),
        )
        .route("/base/open/away", get(away))
        .route("/base/open/take", post(take))
        .layer(axum::extract::DefaultBodyLimit::disable());
    Server::of(app).await
}

async fn away() -> Response {
    (StatusCode::FOUND, [("location", "/base/open/small")]).into_response()
}

async fn said(limits: CallLimits, orders: &[&str]) -> (Vec<String>, Received) {
    let received = Received::default();
    let server = serve(received.clone()).await;
    let tenant = rig::tenant(&rig::load(rig::speaks().await).await, &server, "jdoe", limits);
    let (said, outcome) = obey(&tenant, orders).await;
    assert!(outcome.result.is_ok(), "{:?}", outcome.result);
    assert!(outcome.facts.peak_memory < 4 << 20, "{}", outcome.facts.peak_memory);
    (said, received)
}

#[tokio::test]
async fn a_file_goes_through_the_host_and_not_through_the_guest() {
    use base64::Engine as _;
    let orders = [
        "carry bearer /open/large /open/take",
        "carry plain /open/empty /open/take",
    ];
    let (said, received) = said(CallLimits::default(), &orders).await;
    assert!(said.iter().all(|answer| answer.starts_with("200 ")), "{said:?}");
    let received = received.0.lock().unwrap();
    for ((headers, body), file) in received.iter().zip([contents(), vec![]]) {
        let base64 = base64::engine::general_purpose::STANDARD.encode(&file);
        let whole = [b"<", file.as_slice(), b"|", base64.as_bytes(), b">"].concat();
        assert!(*body == whole, "{} bytes arrived", body.len());
        assert_eq!(headers["content-length"], whole.len().to_string());
    }
}

#[tokio::test]
async fn the_guest_learns_size_and_digest_and_sees_small_answers_that_are_no_success() {
    let orders = [
        "fetch plain /open/small 10",
        "fetch plain /open/gone 10",
        "fetch plain /open/away 10",
        "fetch plain /closed 10",
    ];
    let (said, _) = said(CallLimits::default(), &orders).await;
    let digest = "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882";
    assert_eq!(said[0], format!("file of 10 {digest}"));
    assert!(said[1].starts_with("404 ") && said[1].contains("gone"), "{}", said[1]);
    assert!(said[2].starts_with("302 "), "{}", said[2]);
    assert!(said[3].contains("Denied"), "{}", said[3]);
}

#[tokio::test]
async fn a_file_that_holds_a_credential_is_withheld() {
    let (said, _) = said(CallLimits::default(), &["fetch plain /open/echo 1000000"]).await;
    assert!(
        said[0].contains("OutcomeUnknown") && said[0].contains("credential"),
        "{}",
        said[0]
    );
}

#[tokio::test]
async fn every_limit_of_files_ends_where_it_says() {
    let limits = CallLimits {
        blob_bytes: 4_000_000,
        spool_bytes: 35,
        blobs: 3,
        upload_bytes: 25,
        request_bytes: 25,
        ..CallLimits::default()
    };
    let orders = [
        "fetch plain /open/small 9",
        "fetch plain /open/large 999999999",
        "hoard plain /open/small 5",
        "hoard plain /open/empty 5",
        "carry plain /open/small /open/take",
    ];
    let (said, received) = said(limits, &orders).await;
    assert_eq!(said[0], "SendError::TooLarge(10)");
    assert_eq!(said[1], format!("SendError::TooLarge({SIZE})"));
    assert!(
        said[2].starts_with("3 then ") && said[2].contains("Exhausted"),
        "{}",
        said[2]
    );
    assert!(
        said[3].starts_with("3 then ") && said[3].contains("Exhausted"),
        "{}",
        said[3]
    );
    assert!(said[4].contains("Denied"), "{}", said[4]);
    assert_eq!(received.0.lock().unwrap().len(), 0);
}
