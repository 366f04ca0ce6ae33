//! One request of a guest on its way: token, transport, answer.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};

use super::credential::Credential;
use super::exchange::{Exchange, Token};
use super::gate::{Connection, Gate, Wanted};
use super::transport::{Answer, Filing, Transport};
use crate::contract::imports::http::SendError;
use crate::credentials::scanner::StreamScanner;
use crate::metering::{Hold, Meter};
use crate::model::Method;
use crate::spool::Blob;

/// One request of a guest on its way.
pub(super) struct Exchanging<'a> {
    pub(super) gate: &'a Gate,
    pub(super) connection: &'a Connection,
    pub(super) transport: &'a Transport,
    pub(super) meter: &'a Meter,
    pub(super) hold: Hold,
}

impl Exchanging<'_> {
    /// The answer to a request with the credential: at the base, or at the gateway where the base refuses it. The token it
    /// was sent with, and whether the gateway answered.
    pub(super) async fn authenticated(
        &mut self,
        wanted: &Wanted,
        headers: &HeaderMap,
        is_gateway: bool,
    ) -> Result<(Option<Arc<Token>>, Answer, bool), SendError> {
        let token = self.token(None).await?;
        let answer = self.over(self.transport, wanted, headers, token.as_deref()).await?;
        if !is_gateway
            && self.connection.refuses(&answer)
            && let Some((gateway, answer)) = self.at_gateway(wanted, headers, token.as_deref()).await?
        {
            self.connection.choose_gateway(&gateway);
            return Ok((token, answer, true));
        }
        // An answer of 401 means that nothing was done, so repeating is safe whatever the method.
        let Some(old) = token.as_ref().filter(|_| answer.status == 401) else {
            return Ok((token, answer, is_gateway));
        };
        let new = self.token(Some(old)).await?.filter(|new| !Arc::ptr_eq(new, old));
        match new {
            Some(new) => {
                let answer = self.over(self.transport, wanted, headers, Some(&new)).await?;
                Ok((Some(new), answer, is_gateway))
            }
            None => Ok((token, answer, is_gateway)),
        }
    }

    async fn token(&self, rejected: Option<&Token>) -> Result<Option<Arc<Token>>, SendError> {
        let Credential::Exchanged(exchange) = &self.connection.credential else {
            return Ok(None);
        };
        let count = || {
            self.meter
                .traffic(&self.connection.manifest.name, |traffic| traffic.token_exchanges += 1)
        };
        let transport = self.answering(exchange)?;
        let token = exchange.token(transport, &*self.gate.clock, rejected, count).await;
        token.map(Some).map_err(SendError::NoToken)
    }

    /// The transport of the connection that answers the exchange.
    fn answering(&self, exchange: &Exchange) -> Result<&Transport, SendError> {
        let name = exchange.connection().unwrap_or(&self.connection.manifest.name);
        let connection = self.gate.connections.get(name);
        let transport = connection.and_then(|connection| connection.transport.as_ref().ok());
        transport.ok_or_else(|| {
            SendError::Denied(format!(
                "the base URL of `{name}`, which answers the log-in, is not usable"
            ))
        })
    }

    /// The answer of the gateway to a request that the base refused, if the gateway takes the credential. Only what is
    /// safe to repeat is sent again.
    async fn at_gateway(
        &mut self,
        wanted: &Wanted,
        headers: &HeaderMap,
        token: Option<&Token>,
    ) -> Result<Option<(Arc<Transport>, Answer)>, SendError> {
        let Some(gateway) = &self.connection.gateway else {
            return Ok(None);
        };
        if !matches!(wanted.request.method, Method::Get | Method::Head) {
            return Ok(None);
        }
        let Some(found) = gateway.find(self.transport).await else {
            return Ok(None);
        };
        // Refused or not reached there either: the base's own answer is the one to judge.
        let Ok(answer) = self.over(&found, wanted, headers, token).await else {
            return Ok(None);
        };
        let is_taken = answer.status != 401 || lacks_a_scope(&answer);
        Ok(is_taken.then_some((found, answer)))
    }

    /// The answer that everybody gets.
    pub(super) async fn without_credential(
        &mut self,
        wanted: &Wanted,
        headers: &HeaderMap,
    ) -> Result<Answer, SendError> {
        self.with(self.transport, wanted, headers, None, None).await
    }

    async fn over(
        &mut self,
        transport: &Transport,
        wanted: &Wanted,
        headers: &HeaderMap,
        token: Option<&Token>,
    ) -> Result<Answer, SendError> {
        let connection = self.connection;
        let credential = match (token, &connection.credential) {
            (Some(token), _) => Some((&AUTHORIZATION, &token.header)),
            (None, Credential::Fixed(name, value)) => Some((name, value)),
            (None, Credential::Anonymous | Credential::Exchanged(_) | Credential::Missing(_)) => None,
        };
        self.with(transport, wanted, headers, credential, token).await
    }

    async fn with(
        &mut self,
        transport: &Transport,
        wanted: &Wanted,
        headers: &HeaderMap,
        credential: Option<(&HeaderName, &HeaderValue)>,
        token: Option<&Token>,
    ) -> Result<Answer, SendError> {
        let Wanted { request, body, file } = wanted;
        let name = &self.connection.manifest.name;
        let mut builder = transport
            .request(method(request.method), &request.path, &request.query)
            .headers(headers.clone())
            .timeout(self.timeout(request.timeout_ms));
        if let Some(body) = body {
            self.meter.traffic(name, |traffic| traffic.bytes_sent += body.len());
            builder = body.attach(builder);
        }
        if let Some((name, value)) = credential {
            builder = builder.header(name, value.clone());
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
        let answer = transport.send(builder, limit, room, filing).await?;
        let received = answer.file.as_ref().map_or(answer.body.len() as u64, Blob::size);
        self.meter.traffic(name, |traffic| {
            traffic.bytes_received += received;
            traffic.answered(answer.status);
        });
        Ok(answer)
    }

    fn timeout(&self, asked_ms: Option<u32>) -> Duration {
        let asked = asked_ms.map(|ms| Duration::from_millis(u64::from(ms.max(1))));
        asked.unwrap_or(Duration::MAX).min(self.gate.limits.exchange)
    }
}

/// Whether the gateway took the token and misses a scope of it.
fn lacks_a_scope(answer: &Answer) -> bool {
    let body: Option<serde_json::Value> = serde_json::from_slice(&answer.body).ok();
    let message = body.as_ref().and_then(|body| body.get("message")?.as_str());
    message.is_some_and(|message| message.contains("scope does not match"))
}

pub(crate) fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Head => reqwest::Method::HEAD,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    }
}
