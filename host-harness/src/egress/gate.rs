//! One tenant's way out: its connections, each with routes, credential and client.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::base::BaseUrl;
use super::body::Body;
use super::credential::Credential;
use super::exchange::Token;
use super::policy::EgressPolicy;
use super::transport::{Answer, ECHOED, Filing, Transport};
use super::{headers, path};
use crate::clock::Clock;
use crate::contract::imports::http::{Request, Response, SendError};
use crate::credentials::scanner::{SecretScanner, StreamScanner, contain_secret};
use crate::credentials::secret::Secrets;
use crate::credentials::secret_watch::{SecretWatch, Watched};
use crate::limits::CallLimits;
use crate::metering::{Hold, Meter};
use crate::model::{self, Method};
use crate::spool::{Blob, Spool};

/// What a gate is built from.
pub(crate) struct Grant<'a> {
    pub(crate) connections: &'a [model::Connection],
    pub(crate) bases: BTreeMap<String, Result<BaseUrl, String>>,
    pub(crate) fields: &'a BTreeMap<String, String>,
    pub(crate) secrets: &'a Secrets,
    pub(crate) policy: &'a EgressPolicy,
    pub(crate) limits: &'a CallLimits,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) watch: Option<Arc<SecretWatch>>,
}

pub(crate) struct Gate {
    connections: BTreeMap<String, Connection>,
    in_flight: Semaphore,
    scan: SecretScanner,
    /// Looked for as long as the tenant exists.
    _watched: Vec<Watched>,
    limits: CallLimits,
    clock: Arc<dyn Clock>,
}

struct Connection {
    manifest: model::Connection,
    credential: Credential,
    /// Or why nothing can be sent.
    transport: Result<Transport, String>,
}

/// What is sent, and where a success goes.
pub(crate) struct Wanted {
    /// Without its body.
    pub(crate) request: Request,
    pub(crate) body: Option<Body>,
    /// The spool and the limit for a body that becomes a file.
    pub(crate) file: Option<(Arc<Spool>, u64)>,
}

impl Gate {
    pub(crate) fn new(mut grant: Grant<'_>) -> Self {
        let connections = grant.connections.iter().map(|manifest| {
            let base = grant
                .bases
                .remove(&manifest.name)
                .unwrap_or_else(|| Err("has no base URL".into()));
            let connection = Connection {
                credential: Credential::choose(&manifest.auth, grant.fields, grant.secrets, grant.watch.as_ref()),
                transport: base.and_then(|base| Transport::new(base, grant.policy, grant.limits)),
                manifest: manifest.clone(),
            };
            (manifest.name.clone(), connection)
        });
        let connections: BTreeMap<String, Connection> = connections.collect();
        let sent = connections
            .values()
            .filter_map(|connection| connection.credential.sent_text());
        let secrets = grant
            .secrets
            .iter()
            .map(|(name, secret)| (name.as_str(), secret.expose()));
        let texts: Vec<(&str, &str)> = secrets.chain(sent.map(|text| ("log-in", text))).collect();
        let watch = grant.watch.iter();
        let watched = watch.flat_map(|watch| texts.iter().map(|(name, text)| watch.learn(name, text)));
        let (scan, watched) = (
            SecretScanner::new(texts.iter().map(|(_, text)| *text)),
            watched.collect(),
        );
        Self {
            connections,
            in_flight: Semaphore::new(grant.limits.in_flight),
            scan,
            _watched: watched,
            limits: grant.limits.clone(),
            clock: Arc::clone(&grant.clock),
        }
    }

    /// Checks, sends and censors one request of the guest.
    pub(crate) async fn send(
        &self,
        meter: &Arc<Meter>,
        wanted: &Wanted,
    ) -> Result<(Response, Option<Blob>), SendError> {
        let name = &wanted.request.connection;
        let Some(connection) = self.connections.get(name) else {
            return Err(SendError::Denied("the connection is not declared".into()));
        };
        let result = self.send_over(connection, meter, wanted).await;
        match &result {
            Err(SendError::Denied(_)) => meter.traffic(name, |traffic| traffic.denied += 1),
            Err(SendError::OutcomeUnknown(told)) if told == ECHOED => {
                meter.traffic(name, |traffic| traffic.withheld += 1);
            }
            _ => {}
        }
        result
    }

    async fn send_over(
        &self,
        connection: &Connection,
        meter: &Arc<Meter>,
        wanted: &Wanted,
    ) -> Result<(Response, Option<Blob>), SendError> {
        let Some(hold) = meter.hold(size(wanted), self.limits.pending_bytes) else {
            let limit = self.limits.pending_bytes;
            return Err(SendError::Exhausted(format!(
                "the requests under way are larger than {limit} bytes together"
            )));
        };
        let headers = connection.check(wanted, &self.limits).map_err(SendError::Denied)?;
        let transport = connection
            .transport
            .as_ref()
            .map_err(|why| SendError::Denied(format!("the base URL of `{}` {why}", connection.manifest.name)))?;
        if let Credential::Missing(what) = &connection.credential {
            return Err(SendError::NoCredential(what.clone()));
        }
        meter.take_request(self.limits.requests).map_err(SendError::Exhausted)?;
        let Ok(_permit) = self.in_flight.acquire().await else {
            return Err(SendError::Exhausted("the host shuts down".into()));
        };
        let mut exchange = Exchanging {
            gate: self,
            connection,
            transport,
            meter,
            hold,
        };
        let token = exchange.token(None).await?;
        let answer = exchange.once(wanted, &headers, token.as_deref()).await?;
        // An answer of 401 says that nothing was done, so repeating is safe whatever the method.
        let (token, answer) = match token {
            Some(old) if answer.status == 401 => {
                let new = exchange.token(Some(&old)).await?.filter(|new| !Arc::ptr_eq(new, &old));
                match new {
                    Some(new) => {
                        let answer = exchange.once(wanted, &headers, Some(&new)).await?;
                        (Some(new), answer)
                    }
                    None => (Some(old), answer),
                }
            }
            token => (token, answer),
        };
        self.censor(connection, token.as_deref(), answer)
    }

    fn scans<'a>(&'a self, token: Option<&'a Token>) -> Vec<&'a SecretScanner> {
        std::iter::once(&self.scan)
            .chain(token.map(|token| &token.scan))
            .collect()
    }

    /// Takes out what the guest must not see. A file was searched while it arrived.
    fn censor(
        &self,
        connection: &Connection,
        token: Option<&Token>,
        answer: Answer,
    ) -> Result<(Response, Option<Blob>), SendError> {
        let visible = headers::response(&answer.headers);
        let scans = self.scans(token);
        let mut texts = visible.iter().map(|header| header.value.as_bytes());
        if contain_secret(&scans, &answer.body) || texts.any(|text| contain_secret(&scans, text)) {
            return Err(SendError::OutcomeUnknown(ECHOED.into()));
        }
        let response = Response {
            status: answer.status,
            identity: headers::identity(&connection.manifest.identity, &answer.headers),
            headers: visible,
            body: answer.body,
        };
        Ok((response, answer.file))
    }
}

impl Connection {
    /// Everything that can be refused before a byte leaves, and the headers that were accepted.
    fn check(&self, wanted: &Wanted, limits: &CallLimits) -> Result<reqwest::header::HeaderMap, String> {
        let Wanted { request, body, .. } = wanted;
        path::check(&request.path)?;
        if !path::is_routed(&self.manifest.routes, request.method, &request.path) {
            return Err("the manifest declares no route for this method and path".into());
        }
        if let Credential::Exchanged(exchange) = &self.credential
            && request
                .path
                .trim_end_matches('/')
                .eq_ignore_ascii_case(exchange.path().trim_end_matches('/'))
        {
            return Err("the token exchange belongs to the host".into());
        }
        if body.is_some() && matches!(request.method, Method::Get | Method::Head) {
            return Err("GET and HEAD have no body".into());
        }
        if let Some(body) = body {
            if body.own_len() > limits.request_bytes as u64 {
                return Err(format!("the body is larger than {} bytes", limits.request_bytes));
            }
            if body.len() > limits.upload_bytes.max(limits.request_bytes as u64) {
                return Err(format!(
                    "the body with its files is larger than {} bytes",
                    limits.upload_bytes
                ));
            }
        }
        headers::request(&request.headers)
    }
}

/// One request of a guest on its way.
struct Exchanging<'a> {
    gate: &'a Gate,
    connection: &'a Connection,
    transport: &'a Transport,
    meter: &'a Meter,
    hold: Hold,
}

impl Exchanging<'_> {
    async fn token(&self, rejected: Option<&Token>) -> Result<Option<Arc<Token>>, SendError> {
        let Credential::Exchanged(exchange) = &self.connection.credential else {
            return Ok(None);
        };
        let count = || {
            self.meter
                .traffic(&self.connection.manifest.name, |traffic| traffic.token_exchanges += 1)
        };
        let token = exchange.token(self.transport, &*self.gate.clock, rejected, count).await;
        token.map(Some).map_err(SendError::NoToken)
    }

    async fn once(
        &mut self,
        wanted: &Wanted,
        headers: &reqwest::header::HeaderMap,
        token: Option<&Token>,
    ) -> Result<Answer, SendError> {
        let Wanted { request, body, file } = wanted;
        let name = &self.connection.manifest.name;
        let mut builder = self
            .transport
            .request(method(request.method), &request.path, &request.query)
            .headers(headers.clone())
            .timeout(self.timeout(request.timeout_ms));
        if let Some(body) = body {
            self.meter.traffic(name, |traffic| traffic.bytes_sent += body.len());
            builder = body.attach(builder);
        }
        let header = token.map(|token| &token.header).or(match &self.connection.credential {
            Credential::Fixed(header) => Some(header),
            Credential::Anonymous | Credential::Exchanged(_) | Credential::Missing(_) => None,
        });
        if let Some(header) = header {
            builder = builder.header(reqwest::header::AUTHORIZATION, header.clone());
        }
        let filing = match file {
            Some((spool, limit)) => Some(Filing {
                draft: spool.draft(*limit)?,
                scan: StreamScanner::new(self.gate.scans(token)),
            }),
            None => None,
        };
        self.meter.traffic(name, |traffic| traffic.requests += 1);
        let limit = self.gate.limits.response_bytes;
        let room = |bytes| self.hold.grow(bytes);
        let answer = self.transport.send(builder, limit, room, filing).await?;
        let received = answer.file.as_ref().map_or(answer.body.len() as u64, Blob::size);
        self.meter.traffic(name, |traffic| traffic.bytes_received += received);
        Ok(answer)
    }

    fn timeout(&self, asked_ms: Option<u32>) -> Duration {
        let asked = asked_ms.map(|ms| Duration::from_millis(u64::from(ms.max(1))));
        asked.unwrap_or(Duration::MAX).min(self.gate.limits.exchange)
    }
}

/// What the host copied out of the guest for it, in bytes.
fn size(wanted: &Wanted) -> usize {
    let Wanted { request, body, .. } = wanted;
    let query = request.query.iter().map(|(name, value)| name.len() + value.len());
    let headers = request
        .headers
        .iter()
        .map(|header| header.name.len() + header.value.len());
    let body = body
        .as_ref()
        .map_or(0, |body| usize::try_from(body.own_len()).unwrap_or(usize::MAX));
    query
        .chain(headers)
        .fold(request.connection.len() + request.path.len(), usize::saturating_add)
        .saturating_add(body)
}

fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Head => reqwest::Method::HEAD,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Delete => reqwest::Method::DELETE,
    }
}
