//! Whom a connection believes, and where it goes.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, KeyPair, date_time_ymd};
use regex::Regex;
use tms_sync_host::{EgressPolicy, Names, SqliteLedger, Tenant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub use crate::authority::Authority;
use crate::authority::acceptor;
use crate::rig::{self, obey};

impl Authority {
    /// A TLS server on loopback with a certificate for `name`; its port.
    pub async fn server(&self, name: &str, expired: bool) -> u16 {
        let (certificate, key) = self.certify(name, expired);
        tls_server(&certificate, &key, None).await
    }
}

/// A TLS server on loopback with a certificate of its own making, which calls itself an authority as those of `openssl req`
/// do; its port, and the certificate.
pub async fn self_signed(name: &str, expired: bool) -> (u16, String) {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    if expired {
        params.not_after = date_time_ymd(2020, 1, 1);
    }
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    (tls_server(&certificate, &key, None).await, certificate.pem())
}

/// Answers requests over TLS; with `clients`, those of clients that this authority knows.
pub async fn tls_server(certificate: &Certificate, key: &KeyPair, clients: Option<&Authority>) -> u16 {
    let acceptor = acceptor(certificate, key, clients);
    serve(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                answer(&mut stream).await;
            }
        }
    })
    .await
}

/// Serves each connection by itself; the port.
pub async fn serve<F: Future<Output = ()> + Send>(each: impl Fn(TcpStream) -> F + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            each(stream).await;
        }
    });
    port
}

/// Answers one request and closes, so that the next one has to connect anew.
pub async fn answer(stream: &mut (impl AsyncReadExt + AsyncWriteExt + Unpin)) {
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => seen.push(byte),
            Err(_) => return,
        }
    }
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
    // A client that went away is no matter.
    let _ = stream.write_all(answer).await;
    let _ = stream.shutdown().await;
}

/// Answers with the lists in turn, the last one for ever, and counts.
pub struct FixedNames {
    answers: Mutex<Vec<Vec<&'static str>>>,
    asked: AtomicUsize,
}

impl FixedNames {
    pub fn new(answers: &[&[&'static str]]) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(answers.iter().rev().map(|answer| answer.to_vec()).collect()),
            asked: AtomicUsize::new(0),
        })
    }
}

impl Names for FixedNames {
    fn resolve<'a>(&'a self, _: &'a str, port: u16) -> BoxFuture<'a, std::io::Result<Vec<SocketAddr>>> {
        self.asked.fetch_add(1, Relaxed);
        let mut answers = self.answers.lock().unwrap();
        let answer = if answers.len() > 1 {
            answers.pop()
        } else {
            answers.last().cloned()
        };
        let addresses = answer.unwrap_or_default().into_iter();
        let addresses = addresses
            .map(|address| SocketAddr::new(address.parse().unwrap(), port))
            .collect();
        Box::pin(async { Ok(addresses) })
    }
}

pub async fn answers_of(url: String, policy: EgressPolicy, requests: usize) -> Vec<String> {
    let plugin = rig::load(rig::speaks().await).await;
    let tenant = Tenant::builder("acme", &plugin)
        .kind("probe")
        .field("url", url)
        .ledger(Arc::new(SqliteLedger::in_memory().unwrap()))
        .egress(policy)
        .build()
        .unwrap();
    obey(&tenant, &vec!["plain GET /open/a"; requests]).await.0
}

pub fn internal(port: u16, names: &Arc<FixedNames>) -> EgressPolicy {
    let names: Arc<dyn Names> = names.clone();
    EgressPolicy::public_only()
        .allow(&format!("jira.internal:{port}"))
        .unwrap()
        .names(names)
}

async fn over_tls(authority: &Authority, trusts: bool, name: &str, expired: bool) -> String {
    let port = authority.server(name, expired).await;
    let policy = internal(port, &FixedNames::new(&[&["127.0.0.1"]]));
    let policy = if trusts {
        policy.trust(authority.pem.as_bytes()).unwrap()
    } else {
        policy
    };
    answers_of(format!("https://jira.internal:{port}"), policy, 1)
        .await
        .remove(0)
}

#[tokio::test]
async fn a_certificate_counts_by_authority_name_and_time() {
    let authority = Authority::new();
    let right = over_tls(&authority, true, "jira.internal", false).await;
    assert!(right.starts_with("200 "), "{right}");
    for (trusts, name, expired) in [
        (false, "jira.internal", false),
        (true, "wiki.internal", false),
        (true, "jira.internal", true),
    ] {
        let answers = over_tls(&authority, trusts, name, expired).await;
        assert!(
            answers.contains("NotSent") && answers.contains("certificate"),
            "{trusts} {name} {expired}: {answers}"
        );
    }
}

#[tokio::test]
async fn a_self_signed_certificate_that_is_named_is_believed_by_name_and_time() {
    let to = async |name: &str, expired: bool, is_named: bool| {
        let (port, pem) = self_signed(name, expired).await;
        let policy = internal(port, &FixedNames::new(&[&["127.0.0.1"]]));
        let policy = match is_named {
            true => policy.trust(pem.as_bytes()).unwrap(),
            false => policy,
        };
        answers_of(format!("https://jira.internal:{port}"), policy, 1)
            .await
            .remove(0)
    };
    let right = to("jira.internal", false, true).await;
    assert!(right.starts_with("200 "), "{right}");
    let answers = [
        to("jira.internal", false, false).await,
        to("wiki.internal", false, true).await,
        to("jira.internal", true, true).await,
    ];
    let answers = answers.map(|answer| {
        Regex::new(r":\d{4,5}")
            .unwrap()
            .replace_all(&answer, ":[port]")
            .into_owned()
    });
    insta::assert_snapshot!(answers.join("\n"), @r#"
    SendError::NotSent("jira.internal:[port]: the server's certificate “rcgen self signed cert” is self-signed and not trusted here; if it is the right one, name it in `authority`")
    SendError::NotSent("jira.internal:[port]: the server's certificate “rcgen self signed cert” is not for jira.internal, but for wiki.internal")
    SendError::NotSent("jira.internal:[port]: the server's certificate “rcgen self signed cert” expired on Wed, 01 Jan 2020 00:00:00 GMT")
    "#);
}

#[tokio::test]
async fn what_is_no_certificate_is_no_authority() {
    for pem in [
        "",
        "hello",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        assert!(EgressPolicy::public_only().trust(pem.as_bytes()).is_err(), "{pem:?}");
    }
}

#[tokio::test]
async fn plain_http_is_refused_where_the_operator_has_not_allowed_it() {
    let policy = EgressPolicy::public_only().names(FixedNames::new(&[&["127.0.0.1"]]));
    let answers = answers_of("http://jira.example/".into(), policy, 1).await;
    assert!(
        answers[0].contains("Denied") && answers[0].contains("https"),
        "{answers:?}"
    );
}

/// Each connection asks once and goes to the address it got, so there is no second answer to be cheated with.
#[tokio::test]
async fn a_name_that_changes_its_mind_leads_nowhere_else() {
    let port = serve(async |mut stream| answer(&mut stream).await).await;
    let names = FixedNames::new(&[&["127.0.0.1"], &["169.254.169.254"], &["127.0.0.1"]]);
    let answers = answers_of(format!("http://jira.internal:{port}"), internal(port, &names), 3).await;
    assert!(
        answers[0].starts_with("200 ") && answers[2].starts_with("200 "),
        "{answers:?}"
    );
    assert!(
        answers[1].contains("Denied") && answers[1].contains("link-local"),
        "{answers:?}"
    );
    assert_eq!(names.asked.load(Relaxed), 3);
}

#[tokio::test]
async fn of_many_addresses_only_the_permitted_ones_are_used() {
    let port = serve(async |mut stream| answer(&mut stream).await).await;
    let mixed = ["169.254.169.254", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "127.0.0.1"];
    let answers = answers_of(
        format!("http://jira.internal:{port}"),
        internal(port, &FixedNames::new(&[&mixed])),
        1,
    )
    .await;
    assert!(answers[0].starts_with("200 "), "{answers:?}");
    let none = FixedNames::new(&[&mixed[..3]]);
    let answers = answers_of(format!("http://jira.internal:{port}"), internal(port, &none), 1).await;
    assert!(answers[0].contains("Denied"), "{answers:?}");
    let unlisted = EgressPolicy::public_only().names(FixedNames::new(&[&["10.0.0.1", "127.0.0.1", "fd00::1"]]));
    let answers = answers_of(format!("https://jira.internal:{port}"), unlisted, 1).await;
    assert!(answers[0].contains("Denied"), "{answers:?}");
}
