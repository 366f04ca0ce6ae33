//! One tenant's way out: its connections, each with routes, credential and client.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::base::BaseUrl;
use super::body::Body;
use super::credential::Credential;
use super::exchange::Token;
use super::gateway::{Gateway, names_site};
use super::policy::EgressPolicy;
use super::sending::{Exchanging, method};
use super::transport::{Answer, ECHOED, Transport};
use super::{headers, path};
use crate::clock::Clock;
use crate::contract::imports::http::{Identity, Request, Response, SendError};
use crate::credentials::scanner::{SecretScanner, contain_secret};
use crate::credentials::secret::Secrets;
use crate::credentials::secret_watch::{SecretWatch, Watched};
use crate::limits::CallLimits;
use crate::metering::Meter;
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
    pub(super) connections: BTreeMap<String, Connection>,
    in_flight: Semaphore,
    scan: SecretScanner,
    /// Looked for as long as the tenant exists.
    _watched: Vec<Watched>,
    pub(super) limits: CallLimits,
    pub(super) clock: Arc<dyn Clock>,
}

pub(super) struct Connection {
    pub(super) manifest: model::Connection,
    pub(super) credential: Credential,
    /// Or why nothing can be sent.
    pub(super) transport: Result<Transport, String>,
    /// For a credential that the base may refuse.
    pub(super) gateway: Option<Gateway>,
    /// The base URL is the gateway's own.
    is_gateway: bool,
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
            let gateway = manifest.gateway.as_ref();
            let is_gateway = gateway.is_some_and(|gateway| base.as_ref().is_ok_and(|base| names_site(gateway, base)));
            let gateway = gateway.filter(|_| !is_gateway);
            let connection = Connection {
                gateway: gateway.map(|gateway| Gateway::new(gateway, grant.policy, grant.limits)),
                is_gateway,
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
        let sent = sent.map(|text| ("log-in", text));
        let texts: Vec<(&str, &str)> = secrets.chain(sent).chain(grant.policy.secrets()).collect();
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

    /// Whether a text holds a secret of the tenant.
    pub(crate) fn repeats_a_secret(&self, text: &str) -> bool {
        contain_secret(&[&self.scan], text.as_bytes())
    }

    /// Checks, sends and censors one request of the guest. `by_gateway`: an earlier call found that the server takes the
    /// credential there only.
    pub(crate) async fn send(
        &self,
        meter: &Arc<Meter>,
        wanted: &Wanted,
        by_gateway: bool,
    ) -> Result<(Response, Option<Blob>), SendError> {
        let name = &wanted.request.connection;
        let Some(connection) = self.connections.get(name) else {
            return Err(SendError::Denied("the connection is not declared".into()));
        };
        let result = self.send_over(connection, meter, wanted, by_gateway).await;
        match &result {
            Ok((answer, _)) => meter.answered(answer.body.len(), || {
                let method = method(wanted.request.method);
                format!("{method} {} over `{name}`", wanted.request.path)
            }),
            Err(SendError::Denied(_)) => meter.traffic(name, |traffic| traffic.denied += 1),
            Err(SendError::OutcomeUnknown(message)) if message == ECHOED => {
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
        by_gateway: bool,
    ) -> Result<(Response, Option<Blob>), SendError> {
        let Some(hold) = meter.hold(size(wanted), self.limits.pending_bytes) else {
            let limit = self.limits.pending_bytes;
            return Err(SendError::Exhausted(format!(
                "the requests under way are larger than {limit} bytes together"
            )));
        };
        let headers = connection.check(wanted, &self.limits).map_err(SendError::Denied)?;
        if self.is_exchange(&connection.manifest.name, &wanted.request.path) {
            return Err(SendError::Denied("the token exchange belongs to the host".into()));
        }
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
        let chosen;
        let mut exchange = Exchanging {
            gate: self,
            connection,
            transport,
            meter,
            hold,
        };
        if connection.is_open(&wanted.request) {
            let answer = exchange.without_credential(wanted, &headers).await?;
            if !matches!(answer.status, 401 | 403) {
                let (response, file) = self.censor(connection, None, answer, false)?;
                // What everybody is shown proves nothing about the credential.
                let identity = Identity::Anonymous;
                return Ok((Response { identity, ..response }, file));
            }
        }
        chosen = connection.over_gateway(transport, by_gateway).await;
        if let Some(gateway) = &chosen {
            exchange.transport = gateway;
        }
        let (token, answer, over_gateway) = exchange.authenticated(wanted, &headers, chosen.is_some()).await?;
        self.censor(connection, token.as_deref(), answer, over_gateway)
    }

    /// Whether a path is where some connection's token exchange is answered.
    fn is_exchange(&self, name: &str, path: &str) -> bool {
        self.connections
            .values()
            .any(|connection| match &connection.credential {
                Credential::Exchanged(exchange) => {
                    exchange.connection().unwrap_or(&connection.manifest.name) == name && exchange.is_at(path)
                }
                Credential::Anonymous | Credential::Fixed(..) | Credential::Missing(_) => false,
            })
    }

    pub(super) fn scans<'a>(&'a self, token: Option<&'a Token>) -> Vec<&'a SecretScanner> {
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
        gateway: bool,
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
            gateway: gateway || connection.is_gateway,
        };
        Ok((response, answer.file))
    }
}

impl Connection {
    /// The gateway's transport where the credential is known to be taken there only.
    async fn over_gateway(&self, base: &Transport, by_gateway: bool) -> Option<Arc<Transport>> {
        let gateway = self.gateway.as_ref()?;
        if let Some(chosen) = gateway.chosen() {
            return Some(chosen);
        }
        if !by_gateway {
            return None;
        }
        let found = gateway.find(base).await?;
        gateway.choose(&found);
        Some(found)
    }

    /// Whether a request is one that the server answers to everybody.
    fn is_open(&self, request: &Request) -> bool {
        let has_credential = !matches!(self.credential, Credential::Anonymous);
        has_credential && request.method == Method::Get && self.manifest.open_paths.contains(&request.path)
    }

    /// Whether the server did not take the credential: it answers so, or as to anybody.
    pub(super) fn refuses(&self, answer: &Answer) -> bool {
        answer.status == 401 || headers::identity(&self.manifest.identity, &answer.headers) == Identity::Anonymous
    }

    pub(super) fn choose_gateway(&self, transport: &Arc<Transport>) {
        if let Some(gateway) = &self.gateway {
            gateway.choose(transport);
        }
    }

    /// Everything that can be refused before a byte leaves, and the headers that were accepted.
    fn check(&self, wanted: &Wanted, limits: &CallLimits) -> Result<reqwest::header::HeaderMap, String> {
        let Wanted { request, body, .. } = wanted;
        path::check(&request.path)?;
        if !path::is_routed(&self.manifest.routes, request.method, &request.path) {
            return Err("the manifest declares no route for this method and path".into());
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
