//! What the operator of a host permits.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::{fmt, io};

use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;

use super::address::{AddressClass, classify};
use super::names::{Names, SystemNames};
use super::tls;

/// Which servers outside the public internet, or without TLS, a tenant may name.
///
/// Without an entry a base URL has to be `https`, and each address its name resolves to has to be public. An entry opens
/// exactly its host and port for both. Link-local addresses, where the metadata services of clouds are, stay closed.
#[derive(Clone)]
pub struct EgressPolicy {
    allowed: BTreeSet<HostPort>,
    authorities: Vec<CertificateDer<'static>>,
    /// Of the authorities; absent where there are none.
    tls: Option<Arc<ClientConfig>>,
    names: Arc<dyn Names>,
}

impl Default for EgressPolicy {
    fn default() -> Self {
        Self {
            allowed: BTreeSet::new(),
            authorities: Vec::new(),
            tls: None,
            names: Arc::new(SystemNames),
        }
    }
}

impl fmt::Debug for EgressPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EgressPolicy")
            .field("allowed", &self.allowed)
            .field("authorities", &self.authorities.len())
            .finish_non_exhaustive()
    }
}

impl EgressPolicy {
    /// The public internet over TLS, nothing else.
    pub fn public_only() -> Self {
        Self::default()
    }

    /// Permits one more `host:port`, for example `jira.internal:8443` or `[::1]:8080`.
    ///
    /// # Errors
    ///
    /// The text is not a host and a port.
    pub fn allow(mut self, host_port: &str) -> Result<Self, InvalidHostPort> {
        self.allowed.insert(host_port.parse()?);
        Ok(self)
    }

    /// Believes certificates of one more authority, beside those that the operating system believes: a PEM text with one
    /// certificate or several.
    ///
    /// # Errors
    ///
    /// The text has no certificate, or one that cannot be an authority.
    pub fn trust(mut self, pem: &[u8]) -> Result<Self, InvalidAuthority> {
        self.authorities
            .extend(tls::certificates(pem).map_err(InvalidAuthority)?);
        self.tls = Some(tls::trusting(&self.authorities).map_err(InvalidAuthority)?);
        Ok(self)
    }

    /// Another way to resolve names than the operating system's.
    #[must_use]
    pub fn names(self, names: Arc<dyn Names>) -> Self {
        Self { names, ..self }
    }

    pub(crate) fn tls(&self) -> Result<Arc<ClientConfig>, String> {
        self.tls.clone().map_or_else(tls::system, Ok)
    }

    pub(crate) async fn resolve(&self, server: &HostPort) -> io::Result<Vec<SocketAddr>> {
        self.names.resolve(&server.host, server.port).await
    }

    pub(crate) fn allows(&self, server: &HostPort) -> bool {
        self.allowed.contains(server)
    }

    /// Whether `server`, reached at `address`, may be talked to; otherwise what is wrong with the address.
    pub(crate) fn check(&self, server: &HostPort, address: IpAddr) -> Result<(), &'static str> {
        match classify(address) {
            AddressClass::Public => Ok(()),
            AddressClass::Never(what) => Err(what),
            AddressClass::Loopback | AddressClass::Private if self.allows(server) => Ok(()),
            AddressClass::Loopback => Err("loopback, and the operator has not allowed this host and port"),
            AddressClass::Private => Err("private network, and the operator has not allowed this host and port"),
        }
    }
}

/// A server by name or address, and port. Names are lower case, without a final dot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct HostPort {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl HostPort {
    pub(crate) fn new(host: &str, port: u16) -> Self {
        Self {
            host: host.trim_end_matches('.').to_ascii_lowercase(),
            port,
        }
    }

    /// The host where it is an address and not a name.
    pub(crate) fn literal(&self) -> Option<IpAddr> {
        self.host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// A text that holds no certificate authority.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a certificate authority in PEM form: {0}")]
pub struct InvalidAuthority(String);

/// A text that is not `host:port`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a host and a port, such as `127.0.0.1:8081` or `jira.internal:443`")]
pub struct InvalidHostPort(String);

impl FromStr for HostPort {
    type Err = InvalidHostPort;

    /// Through the URL parser, so that the operator's spelling and a tenant's base URL end up the same.
    fn from_str(text: &str) -> Result<Self, InvalidHostPort> {
        let invalid = || InvalidHostPort(text.to_owned());
        let (host, port) = text.rsplit_once(':').ok_or_else(invalid)?;
        let port = port.parse::<u16>().ok().filter(|port| *port != 0).ok_or_else(invalid)?;
        if host.is_empty() || host.contains(['/', '@', '?', '#', ' ']) {
            return Err(invalid());
        }
        let url = reqwest::Url::parse(&format!("http://{host}:{port}/")).map_err(|_| invalid())?;
        Ok(Self::new(url.host_str().ok_or_else(invalid)?, port))
    }
}

#[cfg(test)]
mod tests {
    use super::{EgressPolicy, HostPort};

    #[test]
    fn an_entry_opens_its_host_and_port_and_no_other() {
        let policy = EgressPolicy::public_only().allow("127.0.0.1:8081").unwrap();
        let loopback = "127.0.0.1".parse().unwrap();
        assert!(policy.check(&HostPort::new("127.0.0.1", 8081), loopback).is_ok());
        assert!(policy.check(&HostPort::new("127.0.0.1", 8082), loopback).is_err());
        assert!(policy.check(&HostPort::new("localhost", 8081), loopback).is_err());
    }

    #[test]
    fn no_entry_opens_the_metadata_service() {
        let policy = EgressPolicy::public_only().allow("169.254.169.254:80").unwrap();
        assert!(
            policy
                .check(
                    &HostPort::new("169.254.169.254", 80),
                    "169.254.169.254".parse().unwrap()
                )
                .is_err()
        );
    }

    #[test]
    fn what_is_no_host_and_port_is_refused() {
        for text in [
            "",
            "localhost",
            "localhost:0",
            ":80",
            "http://localhost:80",
            "a@b:80",
            "localhost:99999",
            "a b:1",
        ] {
            assert!(EgressPolicy::public_only().allow(text).is_err(), "{text}");
        }
        assert!(EgressPolicy::public_only().allow("[::1]:8080").is_ok());
    }
}
