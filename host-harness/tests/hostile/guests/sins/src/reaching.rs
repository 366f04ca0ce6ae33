//! Sins against servers.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use guest_contract::{StreamWriter, clock, exporter, http, spawn_local};

const METHODS: [http::Method; 6] = [
    http::Method::Get, http::Method::Head, http::Method::Post, http::Method::Put, http::Method::Patch, http::Method::Delete,
];

const CONNECTIONS: [&str; 8] = ["", "undeclared", "Plain", "plain ", "plain\0", "../plain", "http://plain", "127.0.0.1"];

const PATHS: [&str; 43] = [
    "", "open", "/", "/closed", "/OPEN", "/opener", "/open/../closed", "/open/..", "/./open", "/open/.", "//open", "/open//a",
    "//evil.example/open", "///evil.example", "http://evil.example/open", "https://evil.example", "/\\evil.example",
    "\\\\evil.example\\open", "/open\\..\\closed", "/open/%2e%2e/closed", "/open/%2E%2E/closed", "/open/.%2e/closed",
    "/open/%2e./closed", "/open/%252e%252e/closed", "/open%2f..%2fclosed", "/open/%5c..%5cclosed", "/open/%00", "/open/\0",
    "/open/%0d%0aHost:%20evil", "/open/\r\nHost: evil.example", "/open/\n", "/open/a b", "/open?a=b", "/open#a", "/open;a=b",
    "/open/%3fa", "/open/%23a", "/open/%", "/open/%g0", "@evil.example/open", ":80/open", "/open/token", "/open/TOKEN/",
];

const HEADERS: [(&str, &str); 32] = [
    ("authorization", "Bearer x"), ("Authorization", "Bearer x"), ("proxy-authorization", "Basic x"), ("host", "evil.example"),
    ("Host", "evil.example"), (":authority", "evil.example"), (":path", "/closed"), ("cookie", "a=b"), ("cookie2", "a=b"),
    ("set-cookie", "a=b"), ("content-length", "0"), ("transfer-encoding", "chunked"), ("connection", "upgrade"), ("te", "trailers"),
    ("trailer", "authorization"), ("upgrade", "websocket"), ("expect", "100-continue"), ("forwarded", "for=127.0.0.1"),
    ("x-forwarded-for", "127.0.0.1"), ("x-forwarded-host", "evil.example"), ("x-http-method-override", "DELETE"),
    ("x-original-url", "/closed"), ("origin", "https://evil.example"), ("referer", "https://evil.example"), ("user-agent", "evil"),
    ("accept-encoding", "gzip"), ("range", "bytes=0-"), ("accept", "a\r\nauthorization: x"), ("accept", "a\nb"), ("accept", "a\0"),
    ("accept\r\nx", "a"), ("", "a"),
];

/// Every combination of something that no manifest declares; each answer that is no denial is reported.
pub async fn everywhere(events: &mut StreamWriter<exporter::Event>) {
    let mut tried = 0;
    let mut reached = Vec::new();
    for (what, request) in forbidden() {
        tried += 1;
        if !matches!(http::send(request).await, Err(http::SendError::Denied(_))) {
            reached.push(what);
        }
    }
    say(events, format!("tried {tried}, reached {reached:?}")).await;
}

fn forbidden() -> Vec<(String, http::Request<'static>)> {
    let mut requests = Vec::new();
    for connection in CONNECTIONS {
        requests.push((connection.to_owned(), request(connection, http::Method::Get, "/open")));
    }
    for (path, method) in PATHS.iter().flat_map(|path| METHODS.map(|method| (path, method))) {
        let connection = if path.to_lowercase().contains("token") { "exchange" } else { "plain" };
        requests.push((format!("{method:?} {path}"), request(connection, method, path)));
    }
    for method in [http::Method::Head, http::Method::Put, http::Method::Patch, http::Method::Delete] {
        requests.push((format!("{method:?}"), request("plain", method, "/open")));
    }
    for (name, value) in HEADERS {
        let header = http::Header { name: name.into(), value: value.into() };
        let request = http::Request { headers: vec![header], ..request("bearer", http::Method::Get, "/open") };
        requests.push((format!("{name}: {value}"), request));
    }
    let long = http::Header { name: "accept".into(), value: "x".repeat(1 << 20) };
    let many = vec![http::Header { name: "accept".into(), value: "x".into() }; 10_000];
    for headers in [vec![long], many] {
        requests.push(("a flood of headers".into(), http::Request { headers, ..request("plain", http::Method::Get, "/open") }));
    }
    let get_with_body = http::Request { body: Some(vec![http::Piece::Bytes(vec![1])]), ..request("plain", http::Method::Get, "/open") };
    requests.push(("GET with a body".into(), get_with_body));
    requests
}

/// More at once than the tenant may have in flight.
pub async fn many(events: &mut StreamWriter<exporter::Event>) {
    let said = at_once(200, || request("plain", http::Method::Get, "/open/many")).await;
    say(events, said).await;
}

/// Each frees its memory as soon as the host has its copy, so that the guest stays small.
pub async fn heavy(events: &mut StreamWriter<exporter::Event>) {
    let said = at_once(100, || {
        let body = Some(vec![http::Piece::Bytes(vec![1; 4 << 20])]);
        http::Request { body, ..request("plain", http::Method::Post, "/open/heavy") }
    })
    .await;
    say(events, said).await;
}

pub fn break_in_the_middle() {
    spawn_local(async {
        let _ = http::send(request("plain", http::Method::Get, "/open/slow")).await;
    });
    spawn_local(async {
        clock::sleep(1).await;
        panic!("a sin");
    });
}

/// How often each answer came.
async fn at_once(number: usize, request: impl Fn() -> http::Request<'static> + Copy + 'static) -> String {
    let answers: Rc<RefCell<BTreeMap<String, usize>>> = Rc::default();
    for _ in 0..number {
        let answers = Rc::clone(&answers);
        spawn_local(async move {
            let answer = match http::send(request()).await {
                Ok(response) => response.status.to_string(),
                Err(http::SendError::Exhausted(_)) => "exhausted".to_owned(),
                Err(error) => format!("{error:?}"),
            };
            *answers.borrow_mut().entry(answer).or_default() += 1;
        });
    }
    while answers.borrow().values().sum::<usize>() < number {
        clock::sleep(1).await;
    }
    format!("{:?}", answers.borrow())
}

fn request(connection: &str, method: http::Method, path: &str) -> http::Request<'static> {
    let (connection, path) = (connection.to_owned(), path.to_owned());
    http::Request { connection, method, path, query: vec![], headers: vec![], body: None, timeout_ms: None }
}

async fn say(events: &mut StreamWriter<exporter::Event>, said: String) {
    events.write_all(vec![exporter::Event::Note(said)]).await;
}
