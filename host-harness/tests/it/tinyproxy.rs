//! Requests through a proxy that companies run.

use tms_sync_host::{EgressPolicy, Proxy};

use crate::proxies::{PASSWORD, Tinyproxy, USER};
use crate::tls::{Authority, answers_of};

const SUITE: &str = "requests through a proxy";

fn to(proxy: &Tinyproxy, password: &str) -> Proxy {
    Proxy::new(&proxy.address()).unwrap().credentials(USER, password)
}

/// An https server on this machine by the name that every machine knows, and a policy that believes it.
async fn server() -> (String, EgressPolicy) {
    let authority = Authority::new();
    let port = authority.server("localhost", false).await;
    let policy = EgressPolicy::public_only().allow(&format!("localhost:{port}")).unwrap();
    let policy = policy.trust(authority.pem.as_bytes()).unwrap();
    (format!("https://localhost:{port}"), policy)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_go_through_tinyproxy_with_its_password() {
    let Some(proxy) = Tinyproxy::start(SUITE) else { return };
    let (url, policy) = server().await;
    let answer = answers_of(url.clone(), policy.proxy(to(&proxy, PASSWORD)), 1).await;
    assert!(answer[0].starts_with("200 "), "{answer:?}");
    let connect = url.replace("https://", "CONNECT ");
    proxy.read_until(&connect);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_that_tinyproxy_refuses_is_named_and_nothing_was_sent() {
    let Some(proxy) = Tinyproxy::start(SUITE) else { return };
    let (url, policy) = server().await;
    let answer = answers_of(url, policy.proxy(to(&proxy, "another-password")), 1).await;
    assert!(
        answer[0].contains("NotSent") && answer[0].contains("through the proxy"),
        "{answer:?}"
    );
    assert!(!answer[0].contains("another-password"), "{answer:?}");
}
