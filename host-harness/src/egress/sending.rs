//! One request of a guest on its way: token, transport, answer.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap};

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
    pub(super) async fn token(&self, rejected: Option<&Token>) -> Result<Option<Arc<Token>>, SendError> {
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
    pub(super) async fn at_gateway(
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
        Ok((answer.status != 401).then_some((found, answer)))
    }

    pub(super) async fn once(
        &mut self,
        wanted: &Wanted,
        headers: &HeaderMap,
        token: Option<&Token>,
    ) -> Result<Answer, SendError> {
        self.over(self.transport, wanted, headers, token).await
    }

    async fn over(
        &mut self,
        transport: &Transport,
        wanted: &Wanted,
        headers: &HeaderMap,
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
        let header = match (token, &self.connection.credential) {
            (Some(token), _) => Some((&AUTHORIZATION, &token.header)),
            (None, Credential::Fixed(name, value)) => Some((name, value)),
            (None, Credential::Anonymous | Credential::Exchanged(_) | Credential::Missing(_)) => None,
        };
        if let Some((name, value)) = header {
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
        self.meter.traffic(name, |traffic| traffic.bytes_received += received);
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
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    }
}
