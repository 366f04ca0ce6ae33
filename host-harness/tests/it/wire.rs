//! Servers that answer badly on purpose, byte by byte.

use std::time::Duration;

use tms_sync_host::CallLimits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::rig::{self, Seen, Server, obey};

/// What a server does once it has said its piece.
#[derive(Clone, Copy)]
enum Then {
    Close,
    Hang,
    /// Goes on with a byte now and then.
    Drip,
}

/// Says `words` to every connection; its address.
async fn server(words: Vec<u8>, then: Then) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(say(stream, words.clone(), then));
        }
    });
    address
}

async fn say(mut stream: TcpStream, words: Vec<u8>, then: Then) {
    // The host may be gone at any point.
    let _ = stream.read(&mut [0; 4_096]).await;
    let _ = stream.write_all(&words).await;
    loop {
        match then {
            Then::Close => return,
            Then::Hang => std::future::pending::<()>().await,
            Then::Drip => {
                tokio::time::sleep(Duration::from_millis(5)).await;
                if stream.write_all(b"x").await.is_err() {
                    return;
                }
            }
        }
    }
}

/// What the guest learns of one request.
async fn answer_to(words: impl Into<Vec<u8>>, then: Then) -> String {
    let mut to = Server::start(rig::fine).await;
    to.address = server(words.into(), then).await;
    let limits = CallLimits {
        silence: Duration::from_millis(150),
        exchange: Duration::from_millis(600),
        response_bytes: 100_000,
        ..CallLimits::default()
    };
    let tenant = rig::tenant(&rig::load(rig::speaks().await).await, &to, "jdoe", limits);
    obey(&tenant, &["plain GET /open/a"]).await.0.remove(0)
}

#[tokio::test]
async fn a_server_that_falls_silent_is_given_up() {
    for words in [
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345",
    ] {
        let answer = answer_to(words, Then::Hang).await;
        assert!(
            answer.contains("OutcomeUnknown") && answer.contains("took too long"),
            "{words:?}: {answer}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_drips_without_end_is_given_up() {
    let answer = answer_to("HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n", Then::Drip).await;
    assert!(answer.contains("TooLarge"), "announced: {answer}");
    let answer = self::answer_to("HTTP/1.1 200 OK\r\n\r\n", Then::Drip).await;
    assert!(
        answer.contains("OutcomeUnknown") && answer.contains("took too long"),
        "{answer}"
    );
}

#[tokio::test]
async fn floods_of_headers_and_broken_answers_are_unknown_outcomes() {
    let many: String = (0..10_000).map(|number| format!("x-{number}: y\r\n")).collect();
    let large = format!("x-large: {}\r\n", "y".repeat(4 << 20));
    for words in [
        format!("HTTP/1.1 200 OK\r\n{many}content-length: 0\r\n\r\n"),
        format!("HTTP/1.1 200 OK\r\n{large}content-length: 0\r\n\r\n"),
        "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345".to_owned(),
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n12345".to_owned(),
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n".to_owned(),
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_owned(),
        "hello".to_owned(),
        "\0\0\0\0".to_owned(),
    ] {
        let answer = answer_to(words.clone(), Then::Close).await;
        let start: String = words.chars().take(80).collect();
        assert!(answer.contains("OutcomeUnknown"), "{start:?}: {answer}");
    }
}

#[tokio::test]
async fn bodies_end_at_the_limit_announced_or_not() {
    let body = "x".repeat(200_000);
    let chunked = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    );
    let announced = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    for words in [chunked, announced, format!("HTTP/1.1 200 OK\r\n\r\n{body}")] {
        let answer = answer_to(words, Then::Close).await;
        assert!(
            answer.contains("TooLarge"),
            "{}",
            answer.chars().take(80).collect::<String>()
        );
    }
}

/// The host never asks for compression and undoes none, so a bomb stays as small as it came.
#[tokio::test]
async fn compressed_answers_stay_compressed() {
    for encoding in ["gzip", "deflate", "br", "zstd", "gzip, gzip"] {
        let words = format!("HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\ncontent-length: 4\r\n\r\nbomb");
        let answer = answer_to(words, Then::Close).await;
        assert!(
            answer.starts_with("200 ") && answer.ends_with(" bomb"),
            "{encoding}: {answer}"
        );
    }
    let server = Server::start(rig::fine).await;
    let tenant = rig::tenant(
        &rig::load(rig::speaks().await).await,
        &server,
        "jdoe",
        CallLimits::default(),
    );
    obey(&tenant, &["plain GET /open/a"]).await;
    assert!(!server.seen()[0].headers.contains_key("accept-encoding"));
}

#[tokio::test]
async fn redirects_of_every_kind_stay_answers() {
    let elsewhere = Server::start(rig::fine).await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("http://{}/base/open/stolen", elsewhere.address);
        let server = Server::start(move |_: &Seen, _: &[Seen]| {
            let head = axum::http::Response::builder()
                .status(status)
                .header("location", &location);
            head.body(axum::body::Body::empty()).unwrap()
        })
        .await;
        let tenant = rig::tenant(
            &rig::load(rig::speaks().await).await,
            &server,
            "jdoe",
            CallLimits::default(),
        );
        let (said, _) = obey(&tenant, &["bearer GET /open/a", "bearer POST /open/b"]).await;
        assert!(
            said.iter().all(|said| said.starts_with(&format!("{status} "))),
            "{said:?}"
        );
        assert_eq!(server.seen().len(), 2);
    }
    assert!(elsewhere.seen().is_empty());
}
