//! One tenant's way out: its connections, each with routes, credential and client.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::base::BaseUrl;
use super::credential::{Credential, Secrets};
use super::echo::EchoScan;
use super::exchange::Token;
use super::policy::EgressPolicy;
use super::transport::{Answer, Transport};
use super::{headers, path};
use crate::clock::Clock;
use crate::contract::imports::http::{Request, Response, SendError};
use crate::limits::CallLimits;
use crate::meter::Meter;
use crate::model::{self, Method};

/// What a gate is built from.
pub(crate) struct Grant<'a> {
    pub(crate) connections: &'a [model::Connection],
    pub(crate) bases: BTreeMap<String, Result<BaseUrl, String>>,
    pub(crate) fields: &'a BTreeMap<String, String>,
    pub(crate) secrets: &'a Secrets,
    pub(crate) policy: &'a EgressPolicy,
    pub(crate) limits: &'a CallLimits,
    pub(crate) clock: Arc<dyn Clock>,
}

pub(crate) struct Gate {
    connections: BTreeMap<String, Connection>,
    in_flight: Semaphore,
    scans: Vec<EchoScan>,
    limits: CallLimits,
    clock: Arc<dyn Clock>,
}

struct Connection {
    manifest: model::Connection,
    credential: Credential,
    /// Or why nothing can be sent.
    transport: Result<Transport, String>,
}

impl Gate {
    pub(crate) fn new(mut grant: Grant<'_>) -> Self {
        let connections = grant.connections.iter().map(|manifest| {
            let base = grant
                .bases
                .remove(&manifest.name)
                .unwrap_or_else(|| Err("has no base URL".into()));
            let connection = Connection {
                credential: Credential::choose(&manifest.auth, grant.fields, grant.secrets),
                transport: base.and_then(|base| Transport::new(base, grant.policy, grant.limits)),
                manifest: manifest.clone(),
            };
            (manifest.name.clone(), connection)
        });
        let connections: BTreeMap<String, Connection> = connections.collect();
        let sent = connections
            .values()
            .filter_map(|connection| connection.credential.sent_text());
        let scans = grant
            .secrets
            .values()
            .map(|secret| secret.expose())
            .chain(sent)
            .map(EchoScan::new)
            .collect();
        Self {
            connections,
            in_flight: Semaphore::new(grant.limits.in_flight),
            scans,
            limits: grant.limits.clone(),
            clock: Arc::clone(&grant.clock),
        }
    }

    /// Checks, sends and censors one request of the guest.
    pub(crate) async fn send(&self, meter: &Meter, request: Request) -> Result<Response, SendError> {
        let Some(connection) = self.connections.get(&request.connection) else {
            return Err(SendError::Denied("the connection is not declared".into()));
        };
        let name = request.connection.clone();
        let result = self.send_over(connection, meter, request).await;
        if matches!(result, Err(SendError::Denied(_))) {
            meter.traffic(&name, |traffic| traffic.denied += 1);
        }
        result
    }

    async fn send_over(&self, connection: &Connection, meter: &Meter, request: Request) -> Result<Response, SendError> {
        let headers = connection.check(&request, &self.limits).map_err(SendError::Denied)?;
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
        let exchange = Exchanging {
            gate: self,
            connection,
            transport,
            meter,
        };
        let token = exchange.token(None).await?;
        let answer = exchange.once(&request, &headers, token.as_deref()).await?;
        // An answer of 401 says that nothing was done, so repeating is safe whatever the method.
        let (token, answer) = match token {
            Some(old) if answer.status == 401 => {
                let new = exchange.token(Some(&old)).await?.filter(|new| !Arc::ptr_eq(new, &old));
                match new {
                    Some(new) => {
                        let answer = exchange.once(&request, &headers, Some(&new)).await?;
                        (Some(new), answer)
                    }
                    None => (Some(old), answer),
                }
            }
            token => (token, answer),
        };
        self.censor(connection, token.as_deref(), answer)
    }

    fn censor(&self, connection: &Connection, token: Option<&Token>, answer: Answer) -> Result<Response, SendError> {
        let visible = headers::response(&answer.headers);
        let mut scans = self.scans.iter().chain(token.map(|token| &token.scan));
        let echoes = |scan: &EchoScan| {
            scan.finds_in(&answer.body) || visible.iter().any(|header| scan.finds_in(header.value.as_bytes()))
        };
        if scans.any(echoes) {
            return Err(SendError::Denied(
                "the server's answer echoed a credential and was withheld".into(),
            ));
        }
        Ok(Response {
            status: answer.status,
            identity: headers::identity(&connection.manifest.identity, &answer.headers),
            headers: visible,
            body: answer.body,
        })
    }
}

impl Connection {
    /// Everything that can be refused before a byte leaves, and the headers that were accepted.
    fn check(&self, request: &Request, limits: &CallLimits) -> Result<reqwest::header::HeaderMap, String> {
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
        let body = request.body.as_ref();
        if body.is_some() && matches!(request.method, Method::Get | Method::Head) {
            return Err("GET and HEAD have no body".into());
        }
        if body.is_some_and(|body| body.len() > limits.request_bytes) {
            return Err(format!("the body is larger than {} bytes", limits.request_bytes));
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
        &self,
        request: &Request,
        headers: &reqwest::header::HeaderMap,
        token: Option<&Token>,
    ) -> Result<Answer, SendError> {
        let name = &self.connection.manifest.name;
        let mut builder = self
            .transport
            .request(method(request.method), &request.path, &request.query)
            .headers(headers.clone())
            .timeout(self.timeout(request.timeout_ms));
        if let Some(body) = &request.body {
            self.meter
                .traffic(name, |traffic| traffic.bytes_sent += body.len() as u64);
            builder = builder.body(body.clone());
        }
        let header = token.map(|token| &token.header).or(match &self.connection.credential {
            Credential::Fixed(header) => Some(header),
            Credential::Anonymous | Credential::Exchanged(_) | Credential::Missing(_) => None,
        });
        if let Some(header) = header {
            builder = builder.header(reqwest::header::AUTHORIZATION, header.clone());
        }
        self.meter.traffic(name, |traffic| traffic.requests += 1);
        let answer = self.transport.send(builder, self.gate.limits.response_bytes).await?;
        self.meter
            .traffic(name, |traffic| traffic.bytes_received += answer.body.len() as u64);
        Ok(answer)
    }

    fn timeout(&self, asked_ms: Option<u32>) -> Duration {
        let asked = asked_ms.map(|ms| Duration::from_millis(u64::from(ms.max(1))));
        asked.unwrap_or(Duration::MAX).min(self.gate.limits.exchange)
    }
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
