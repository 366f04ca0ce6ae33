//! The socket side of one connection: a client of its own, whose resolver knows one server and checks every address.

use std::error::Error as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::base::BaseUrl;
use super::certificate::RefusedCertificate;
use super::policy::{EgressPolicy, HostPort};
use super::proxy::Proxy;
use crate::contract::imports::http::SendError;
use crate::credentials::scanner::StreamScanner;
use crate::limits::CallLimits;
use crate::spool::{Blob, Draft};

/// Largest answer of a token exchange, in bytes.
const MAX_TOKEN_ANSWER: usize = 64 * 1024;
const MAX_RESPONSE_HEADERS: usize = 100;
/// What the plugin gets instead of an answer that repeats a credential. The server has acted, so the request was not
/// denied: its outcome is unknown.
pub(crate) const ECHOED: &str = "the server's answer repeats a credential and was withheld";
const IDLE_CONNECTION: Duration = Duration::from_secs(30);

/// A whole answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// Empty where there is a file.
    pub(crate) body: Vec<u8>,
    pub(crate) file: Option<Blob>,
}

/// Where the body of a success goes instead of memory, and what must not stand in it.
pub(crate) struct Filing<'a> {
    pub(crate) draft: Draft,
    pub(crate) scan: StreamScanner<'a>,
}

pub(crate) struct Transport {
    client: reqwest::Client,
    base: BaseUrl,
    exchange_timeout: Duration,
    proxied: Option<Proxied>,
}

/// The way through a proxy.
struct Proxied {
    proxy: Arc<Proxy>,
    policy: EgressPolicy,
    /// When the server's name was last looked at, where the proxy resolves it.
    checked: Mutex<Option<Instant>>,
}

impl Transport {
    /// Connections, TLS sessions and resolved names belong to this client alone; nothing is shared between tenants.
    pub(crate) fn new(base: BaseUrl, policy: &EgressPolicy, limits: &CallLimits) -> Result<Self, String> {
        let mut tls = policy.tls(base.server())?;
        tls.resumption = rustls::client::Resumption::in_memory_sessions(8);
        let proxy = policy.proxy_for(base.server());
        let resolver = CheckedResolver {
            server: base.server().clone(),
            proxy: proxy.as_ref().map(|proxy| proxy.server().clone()),
            policy: policy.clone(),
        };
        let builder = reqwest::Client::builder();
        let builder = match &proxy {
            Some(proxy) => builder.proxy(proxy.client()?),
            None => builder.no_proxy(),
        };
        let client = builder
            .default_headers(policy.headers_for(base.server()))
            .user_agent(concat!("tms-sync/", env!("CARGO_PKG_VERSION")))
            .tls_backend_preconfigured(tls)
            .dns_resolver(Arc::new(resolver))
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .http1_only()
            .http1_max_headers(MAX_RESPONSE_HEADERS)
            .connect_timeout(limits.connect)
            .read_timeout(limits.silence)
            .pool_idle_timeout(IDLE_CONNECTION)
            .pool_max_idle_per_host(limits.in_flight)
            .build()
            .map_err(|e| e.without_url().to_string())?;
        let proxied = proxy.map(|proxy| Proxied {
            proxy,
            policy: policy.clone(),
            checked: Mutex::default(),
        });
        Ok(Self {
            client,
            base,
            exchange_timeout: limits.exchange,
            proxied,
        })
    }

    /// The server, by name or address, and port.
    pub(crate) fn server(&self) -> &HostPort {
        self.base.server()
    }

    pub(crate) fn request(
        &self,
        method: reqwest::Method,
        path: &str,
        query: &[(String, String)],
    ) -> reqwest::RequestBuilder {
        self.client.request(method, self.base.join(path, query))
    }

    /// Sends and reads at most `limit` bytes of body into memory, as long as there is `room` for each piece; with `filing`,
    /// a success goes to a file.
    pub(crate) async fn send(
        &self,
        request: reqwest::RequestBuilder,
        limit: usize,
        mut room: impl FnMut(usize) -> bool,
        filing: Option<Filing<'_>>,
    ) -> Result<Answer, SendError> {
        if let Some(proxied) = &self.proxied {
            proxied.check_name(self.server()).await?;
        }
        let response = request.send().await.map_err(|e| self.failure(&e))?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        if let Some(filing) = filing.filter(|_| response.status().is_success()) {
            return Ok(Answer {
                status,
                headers,
                body: Vec::new(),
                file: Some(self.file(response, filing).await?),
            });
        }
        if let Some(length) = response.content_length().filter(|length| *length > limit as u64) {
            return Err(SendError::TooLarge(length));
        }
        let mut body = Vec::new();
        let mut chunks = response.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|e| self.failure(&e))?;
            if body.len() + chunk.len() > limit || !room(chunk.len()) {
                return Err(SendError::TooLarge((body.len() + chunk.len()) as u64));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status,
            headers,
            body,
            file: None,
        })
    }

    /// A token request; the error is for people.
    pub(crate) async fn exchange(&self, path: &str, media: &str, body: Bytes) -> Result<Answer, String> {
        let request = self
            .request(reqwest::Method::POST, path, &[])
            .header(CONTENT_TYPE, media)
            .header(reqwest::header::ACCEPT, "application/json")
            .timeout(self.exchange_timeout)
            .body(body);
        self.send(request, MAX_TOKEN_ANSWER, |_| true, None)
            .await
            .map_err(|error| message(&error))
    }

    /// Writes a body to its file as it arrives. Nothing of it is kept in memory.
    async fn file(&self, response: reqwest::Response, filing: Filing<'_>) -> Result<Blob, SendError> {
        let Filing { mut draft, mut scan } = filing;
        draft.admit(response.content_length())?;
        let mut chunks = response.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|e| self.failure(&e))?;
            if scan.finds_in(&chunk) {
                return Err(SendError::OutcomeUnknown(ECHOED.into()));
            }
            draft.write(&chunk).await?;
        }
        Ok(draft.finish().await?)
    }

    /// Nothing of a request leaves before its connection stands, so a failed connect is safe to repeat; after it, nobody
    /// knows.
    fn failure(&self, error: &reqwest::Error) -> SendError {
        if let Some(denied) = find::<DeniedAddress>(error) {
            return SendError::Denied(denied.to_string());
        }
        if error.is_builder() {
            return SendError::Denied("the request is malformed".into());
        }
        let way = self
            .proxied
            .as_ref()
            .map(|proxied| format!(" through the proxy {}", proxied.proxy))
            .unwrap_or_default();
        let message = format!("{}{way}: {}", self.server(), cause(error));
        if error.is_connect() {
            SendError::NotSent(message)
        } else {
            SendError::OutcomeUnknown(message)
        }
    }
}

/// What happened to a request of the host itself, for people.
pub(super) fn message(error: &SendError) -> String {
    match error {
        SendError::NotSent(message) | SendError::OutcomeUnknown(message) | SendError::Denied(message) => {
            message.clone()
        }
        SendError::TooLarge(size) => format!("the answer is too large ({size} bytes)"),
        SendError::NoCredential(_) | SendError::NoToken(_) | SendError::Exhausted(_) | SendError::HostFailed(_) => {
            "no answer".to_owned()
        }
    }
}

impl Proxied {
    /// Holds a name that the proxy will resolve against the policy, as far as this host can resolve it. Which address the
    /// proxy then connects to is its own decision.
    async fn check_name(&self, server: &HostPort) -> Result<(), SendError> {
        if self.proxy.leaves_names() {
            return Ok(());
        }
        let mut checked = self.checked.lock().await;
        if checked.is_some_and(|at| at.elapsed() < IDLE_CONNECTION) {
            return Ok(());
        }
        // A company's hosts often know no names of the internet: that is what the proxy is for.
        if let Ok(found) = self.policy.resolve(server).await {
            permitted(&self.policy, server, found).map_err(|denied| SendError::Denied(denied.to_string()))?;
        }
        *checked = Some(Instant::now());
        Ok(())
    }
}

fn find<'a, E: std::error::Error + 'static>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The certificate that was refused, if that is what went wrong. What an [`io::Error`](std::io::Error) wraps is no source of
/// it, but of what it stands for.
fn refused_certificate<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a RefusedCertificate> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(refused) = error.downcast_ref().and_then(RefusedCertificate::of) {
            return Some(refused);
        }
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}

/// The innermost cause: the outer ones name the URL.
fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return if error.is_connect() {
            "connecting took too long"
        } else {
            "the answer took too long"
        }
        .into();
    }
    if let Some(refused) = refused_certificate(error) {
        return refused.to_string();
    }
    let Some(mut inner) = error.source() else {
        return "the exchange failed".into();
    };
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

/// Resolves one name once, and hands out only addresses that policy permits: the checked address is the one that is
/// connected to.
struct CheckedResolver {
    server: HostPort,
    /// The operator's proxy, wherever it is.
    proxy: Option<HostPort>,
    policy: EgressPolicy,
}

#[derive(Debug, thiserror::Error)]
#[error("{host} resolves to an address that must not be called ({what})")]
struct DeniedAddress {
    host: String,
    what: String,
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (server, policy) = (self.server.clone(), self.policy.clone());
        let host = HostPort::new(name.as_str(), 0).host;
        let proxy = self
            .proxy
            .clone()
            .filter(|proxy| proxy.host == host && host != server.host);
        Box::pin(async move {
            if let Some(proxy) = proxy {
                let found = policy.resolve(&proxy).await?;
                return Ok(Box::new(found.into_iter()) as Addrs);
            }
            if HostPort::new(name.as_str(), server.port) != server {
                let what = "not the connection's server".into();
                return Err(DeniedAddress {
                    host: name.as_str().to_owned(),
                    what,
                }
                .into());
            }
            let found = policy.resolve(&server).await?;
            Ok(Box::new(permitted(&policy, &server, found)?.into_iter()) as Addrs)
        })
    }
}

/// Of a server's addresses those that policy permits. Refused only where none is left.
fn permitted(
    policy: &EgressPolicy,
    server: &HostPort,
    found: Vec<SocketAddr>,
) -> Result<Vec<SocketAddr>, DeniedAddress> {
    let (mut permitted, mut refused) = (Vec::new(), None);
    for address in found {
        match policy.check(server, address.ip()) {
            Ok(()) => permitted.push(address),
            Err(what) => refused = Some(what),
        }
    }
    match refused {
        Some(what) if permitted.is_empty() => Err(DeniedAddress {
            host: server.to_string(),
            what: what.to_owned(),
        }),
        _ => Ok(permitted),
    }
}
