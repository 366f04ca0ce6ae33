//! The ways of companies: proxies, client certificates, headers for access gateways.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tms_sync_host::{EgressPolicy, Proxy};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;

use crate::rig::Server;
use crate::tls::{Authority, FixedNames, answers_of, internal, serve, tls_server};

const PASSWORD: &str = "password-of-the-proxy";

/// What a proxy was asked for: `CONNECT jira.internal:443`, `GET http://…`, or the address of a SOCKS request.
type Asked = Arc<Mutex<Vec<String>>>;

fn asked(asked: &Asked) -> Vec<String> {
    asked.lock().unwrap().clone()
}

/// Tunnels to loopback, whatever the name, for those that know the password.
async fn http_proxy() -> (u16, Asked) {
    let seen = Asked::default();
    let kept = Arc::clone(&seen);
    let port = serve(move |stream| {
        let kept = Arc::clone(&kept);
        async move {
            tokio::spawn(tunnel(stream, kept));
        }
    })
    .await;
    (port, seen)
}

async fn tunnel(mut stream: TcpStream, seen: Asked) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
    let head = String::from_utf8(head).unwrap();
    let target = head.split(" HTTP/").next().unwrap().to_owned();
    let pair = STANDARD.encode(format!("me:{PASSWORD}"));
    let is_known = head
        .to_lowercase()
        .contains(&format!("proxy-authorization: basic {}", pair.to_lowercase()));
    let port: u16 = target.rsplit(':').next().unwrap().parse().unwrap();
    seen.lock().unwrap().push(target);
    if !is_known {
        let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(refusal).await.unwrap();
        return;
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    // Either end may close first.
    let _ = copy_bidirectional(&mut stream, &mut server).await;
}

/// SOCKS 5 without a log-in (RFC 1928); what it is asked for is kept by kind: 1 is an address, 3 a name.
async fn socks_proxy() -> (u16, Asked) {
    let seen = Asked::default();
    let kept = Arc::clone(&seen);
    let port = serve(move |stream| {
        let kept = Arc::clone(&kept);
        async move {
            tokio::spawn(socks(stream, kept));
        }
    })
    .await;
    (port, seen)
}

async fn socks(mut stream: TcpStream, seen: Asked) {
    let mut greeting = [0; 2];
    stream.read_exact(&mut greeting).await.unwrap();
    let mut methods = vec![0; usize::from(greeting[1])];
    stream.read_exact(&mut methods).await.unwrap();
    stream.write_all(&[5, 0]).await.unwrap();
    let mut request = [0; 4];
    stream.read_exact(&mut request).await.unwrap();
    let length = if request[3] == 1 {
        4
    } else {
        stream.read_u8().await.unwrap()
    };
    let mut host = vec![0; usize::from(length)];
    stream.read_exact(&mut host).await.unwrap();
    let port = stream.read_u16().await.unwrap();
    seen.lock().unwrap().push(format!("kind {}", request[3]));
    stream.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0]).await.unwrap();
    let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let _ = copy_bidirectional(&mut stream, &mut server).await;
}

fn proxy(scheme: &str, port: u16, password: &str) -> Proxy {
    let proxy = Proxy::new(&format!("{scheme}://127.0.0.1:{port}")).unwrap();
    if scheme.starts_with("socks") {
        return proxy;
    }
    proxy.credentials("me", password)
}

/// An https server behind a proxy: its URL, and a policy that believes it.
async fn behind(names: &Arc<FixedNames>) -> (String, EgressPolicy) {
    let authority = Authority::new();
    let port = authority.server("jira.internal", false).await;
    let policy = internal(port, names).trust(authority.pem.as_bytes()).unwrap();
    (format!("https://jira.internal:{port}"), policy)
}

#[tokio::test]
async fn requests_go_through_the_proxy_with_its_credentials_and_by_name() {
    let (url, policy) = behind(&FixedNames::new(&[&["127.0.0.1"]])).await;
    let (port, seen) = http_proxy().await;
    let answer = answers_of(url.clone(), policy.proxy(proxy("http", port, PASSWORD)), 1).await;
    assert!(answer[0].starts_with("200 "), "{answer:?}");
    assert_eq!(asked(&seen), [url.replace("https://", "CONNECT ")]);
}

#[tokio::test]
async fn a_proxy_that_refuses_its_password_is_named_and_nothing_was_sent() {
    let (url, policy) = behind(&FixedNames::new(&[&["127.0.0.1"]])).await;
    let (port, _) = http_proxy().await;
    let answer = answers_of(url.clone(), policy.proxy(proxy("http", port, "another-password")), 1)
        .await
        .remove(0);
    let way = format!(
        "{} through the proxy http://127.0.0.1:{port}: ",
        url.replace("https://", "")
    );
    assert!(answer.contains("NotSent") && answer.contains(&way), "{answer}");
    assert!(
        answer.contains("auth") && !answer.contains("another-password"),
        "{answer}"
    );
}

#[tokio::test]
async fn an_excepted_server_is_reached_without_the_proxy() {
    let (url, policy) = behind(&FixedNames::new(&[&["127.0.0.1"]])).await;
    let (port, seen) = http_proxy().await;
    let proxy = proxy("http", port, PASSWORD).except(".internal").unwrap();
    let answer = answers_of(url, policy.proxy(proxy), 1).await;
    assert!(answer[0].starts_with("200 ") && asked(&seen).is_empty(), "{answer:?}");
}

/// With SOCKS 5 the host resolves names, and the proxy gets the address that was checked.
#[tokio::test]
async fn a_socks_proxy_gets_the_address_that_was_checked() {
    let (url, policy) = behind(&FixedNames::new(&[&["127.0.0.1"]])).await;
    let (port, seen) = socks_proxy().await;
    let answer = answers_of(url, policy.proxy(proxy("socks5", port, "")), 1).await;
    assert!(answer[0].starts_with("200 "), "{answer:?}");
    assert_eq!(asked(&seen), ["kind 1"]);
    let (url, policy) = behind(&FixedNames::new(&[&["169.254.169.254"]])).await;
    let answer = answers_of(url, policy.proxy(proxy("socks5", port, "")), 1).await;
    assert!(answer[0].contains("Denied") && asked(&seen).len() == 1, "{answer:?}");
}

#[tokio::test]
async fn a_name_that_leads_to_a_forbidden_address_is_not_asked_of_a_proxy() {
    for scheme in ["http", "socks5h"] {
        let (url, policy) = behind(&FixedNames::new(&[&["169.254.169.254"]])).await;
        let (port, seen) = http_proxy().await;
        let answer = answers_of(url, policy.proxy(proxy(scheme, port, PASSWORD)), 1).await;
        assert!(
            answer[0].contains("Denied") && answer[0].contains("link-local"),
            "{answer:?}"
        );
        assert!(asked(&seen).is_empty());
    }
}

#[tokio::test]
async fn a_name_that_only_the_proxy_knows_is_left_to_it() {
    let (url, policy) = behind(&FixedNames::new(&[&[]])).await;
    let (port, seen) = http_proxy().await;
    let answer = answers_of(url, policy.proxy(proxy("http", port, PASSWORD)), 1).await;
    assert!(answer[0].starts_with("200 ") && asked(&seen).len() == 1, "{answer:?}");
}

#[tokio::test]
async fn a_server_that_wants_a_client_certificate_gets_it() {
    let (server, clients) = (Authority::new(), Authority::new());
    let (certificate, key) = server.certify("jira.internal", false);
    let port = tls_server(&certificate, &key, Some(&clients)).await;
    let policy = internal(port, &FixedNames::new(&[&["127.0.0.1"]]))
        .trust(server.pem.as_bytes())
        .unwrap();
    let url = format!("https://jira.internal:{port}");
    let without = answers_of(url.clone(), policy.clone(), 1).await;
    assert!(!without[0].starts_with("200 "), "{without:?}");
    let (certificate, key) = clients.certify("tms-sync", false);
    let (chain, key) = (certificate.pem(), key.serialize_pem());
    let identity = |server: String| {
        policy
            .clone()
            .identity(&server, chain.as_bytes(), key.as_bytes())
            .unwrap()
    };
    let shown = answers_of(url.clone(), identity(format!("jira.internal:{port}")), 1).await;
    assert!(shown[0].starts_with("200 "), "{shown:?}");
    let elsewhere = answers_of(url, identity("wiki.internal:443".to_owned()), 1).await;
    assert!(!elsewhere[0].starts_with("200 "), "{elsewhere:?}");
}

#[tokio::test]
async fn headers_for_an_access_gateway_go_to_their_server_and_are_withheld_in_answers() {
    let value = "secret-of-the-access-gateway";
    let server = Server::start(move |_, before| {
        let body = if before.is_empty() { "fine" } else { value };
        axum::response::IntoResponse::into_response(body)
    })
    .await;
    let policy = EgressPolicy::public_only().allow(&server.address).unwrap();
    let policy = policy
        .header(&server.address, "CF-Access-Client-Secret", value)
        .unwrap();
    let elsewhere = policy
        .clone()
        .header("wiki.internal:443", "x-wiki", "another-secret-value")
        .unwrap();
    let url = format!("http://{}", server.address);
    let answer = answers_of(url, elsewhere, 2).await;
    assert!(answer[0].starts_with("200 "), "{answer:?}");
    assert!(
        answer[1].contains("OutcomeUnknown") && !answer[1].contains(value),
        "{answer:?}"
    );
    let seen = server.seen();
    assert_eq!(seen[0].headers.get("cf-access-client-secret").unwrap(), value);
    assert!(seen[0].headers.get("x-wiki").is_none());
    assert!(!format!("{policy:?}").contains(value));
    for name in [
        "authorization",
        "host",
        "cookie",
        "accept",
        "Proxy-Authorization",
        "a b",
    ] {
        assert!(policy.clone().header(&server.address, name, "x").is_err(), "{name}");
    }
}
