//! What every request and every run shares.

use std::sync::Arc;

use tms_sync_host::{Clock, EgressPolicy, Ledger};

use crate::notify::Mail;
use crate::plugins::Plugins;
use crate::runs::Hub;
use crate::schedule::Dispatcher;
use crate::secrets::SecretStore;
use crate::store::SharedStore;
use crate::telemetry::{Metrics, Traces};
use crate::users::{Requests, SingleSignOn, Users};

/// The service's state. Cheap to clone.
#[derive(Clone)]
pub struct App {
    inner: Arc<Parts>,
}

pub(crate) struct Parts {
    pub(crate) store: SharedStore,
    pub(crate) users: Users,
    pub(crate) secrets: Arc<dyn SecretStore>,
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) plugins: Plugins,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) address: Address,
    pub(crate) dispatcher: Arc<dyn Dispatcher>,
    pub(crate) hub: Hub,
    pub(crate) metrics: Metrics,
    pub(crate) traces: Traces,
    pub(crate) requests: Requests,
    pub(crate) mail: Option<Mail>,
    pub(crate) single_sign_on: Option<SingleSignOn>,
    /// What tenants may reach by the options of the start.
    pub(crate) egress: EgressPolicy,
}

/// How people reach the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// Scheme, host and port.
    pub(crate) origin: String,
    /// Path below which it lives: empty, or begins with a slash and ends without.
    pub(crate) prefix: String,
}

impl Address {
    /// From a URL; `None` where it is none.
    pub(crate) fn parse(url: &str) -> Option<Self> {
        let origin = tms_sync_host::origin_of(url)?;
        let (_, rest) = url.split_once("://")?;
        let path = rest.split_once('/').map_or("", |(_, path)| path);
        let path = path.split(['?', '#']).next().unwrap_or_default().trim_matches('/');
        let prefix = if path.is_empty() {
            String::new()
        } else {
            format!("/{path}")
        };
        Some(Self { origin, prefix })
    }

    pub(crate) fn is_https(&self) -> bool {
        self.origin.starts_with("https:")
    }
}

impl App {
    pub(crate) fn new(parts: Parts) -> Self {
        Self { inner: Arc::new(parts) }
    }

    pub(crate) fn store(&self) -> &SharedStore {
        &self.inner.store
    }

    pub(crate) fn users(&self) -> &Users {
        &self.inner.users
    }

    pub(crate) fn secrets(&self) -> &dyn SecretStore {
        &*self.inner.secrets
    }

    pub(crate) fn ledger(&self) -> Arc<dyn Ledger> {
        Arc::clone(&self.inner.ledger)
    }

    pub(crate) fn plugins(&self) -> &Plugins {
        &self.inner.plugins
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.inner.clock)
    }

    pub(crate) fn dispatcher(&self) -> &dyn Dispatcher {
        &*self.inner.dispatcher
    }

    /// Who listens to runs under way.
    pub(crate) fn hub(&self) -> &Hub {
        &self.inner.hub
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    pub(crate) fn traces(&self) -> &Traces {
        &self.inner.traces
    }

    pub(crate) fn requests(&self) -> &Requests {
        &self.inner.requests
    }

    /// The mail server; absent where there is none.
    pub(crate) fn mail(&self) -> Option<&Mail> {
        self.inner.mail.as_ref()
    }

    /// Where people log in beside here; absent: nowhere.
    pub(crate) fn single_sign_on(&self) -> Option<&SingleSignOn> {
        self.inner.single_sign_on.as_ref()
    }

    pub(crate) fn egress(&self) -> &EgressPolicy {
        &self.inner.egress
    }

    /// Milliseconds since the Unix epoch.
    pub(crate) fn now(&self) -> u64 {
        self.inner.clock.now()
    }

    pub(crate) fn address(&self) -> &Address {
        &self.inner.address
    }

    /// The path of a page, API call or asset as browsers have to ask for it.
    pub(crate) fn href(&self, path: &str) -> String {
        format!("{}{path}", self.inner.address.prefix)
    }

    /// The same with scheme and host, for links in messages.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{}{path}", self.inner.address.origin, self.inner.address.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn a_public_url_is_an_origin_and_a_prefix() {
        let parsed = |url| Address::parse(url).map(|address| (address.origin, address.prefix));
        let of = |origin: &str, prefix: &str| Some((origin.to_owned(), prefix.to_owned()));
        assert_eq!(parsed("https://sync.example.com"), of("https://sync.example.com", ""));
        assert_eq!(parsed("http://h:81/a/b/"), of("http://h:81", "/a/b"));
        assert_eq!(parsed("nonsense"), None);
    }
}
