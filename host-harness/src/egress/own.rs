//! Requests of a host itself, for messages, log-ins and keys: under the same policy as those of plugins.

use std::time::Duration;

use reqwest::Method;

use super::base::BaseUrl;
use super::policy::EgressPolicy;
use super::transport::{Transport, message};
use crate::limits::CallLimits;

/// Largest answer, in bytes.
const MAX_ANSWER: usize = 1024 * 1024;
/// From the connection to the last byte of the answer.
const LONGEST: Duration = Duration::from_secs(20);

/// A request of the host itself. It follows no redirect and keeps no connection.
#[derive(Clone)]
pub struct HostRequest {
    method: Method,
    url: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// What a server answered to it.
pub struct HostAnswer {
    /// HTTP status.
    pub status: u16,
    /// Names in lower case; values that are no text are left out.
    pub headers: Vec<(String, String)>,
    /// At most 1 MiB.
    pub body: Vec<u8>,
}

impl HostRequest {
    /// A GET.
    pub fn get(url: &str) -> Self {
        Self {
            method: Method::GET,
            url: url.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A POST with a body.
    pub fn post(url: &str, body: Vec<u8>) -> Self {
        Self {
            method: Method::POST,
            body,
            ..Self::get(url)
        }
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends it to a server that answers with a status of success and nothing that matters.
    ///
    /// # Errors
    ///
    /// Those of [`HostRequest::send`], and any other status.
    pub async fn deliver(self, policy: &EgressPolicy) -> Result<(), String> {
        match self.send(policy).await?.status {
            200..300 => Ok(()),
            status => Err(format!("the server answered {status}")),
        }
    }

    /// Sends it, once.
    ///
    /// # Errors
    ///
    /// The policy forbids the server, or it did not answer in 20 s. The message is for people and never repeats the URL.
    pub async fn send(self, policy: &EgressPolicy) -> Result<HostAnswer, String> {
        let (base, query) = self.url.split_once('?').unwrap_or((&self.url, ""));
        let query: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let base = BaseUrl::parse(base, policy).map_err(|what| format!("the address {what}"))?;
        let transport = Transport::new(base, policy, &CallLimits::default())?;
        let mut request = transport.request(self.method, "", &query).timeout(LONGEST);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let answer = transport
            .send(request.body(self.body), MAX_ANSWER, |_| true, None)
            .await;
        let answer = answer.map_err(|error| message(&error))?;
        let text = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        };
        Ok(HostAnswer {
            status: answer.status,
            headers: answer.headers.iter().filter_map(text).collect(),
            body: answer.body,
        })
    }
}
