//! What the operator of a host permits.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::{fmt, io};

use reqwest::header::{HeaderMap, HeaderName};
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use zeroize::Zeroizing;

use super::address::{AddressClass, classify};
use super::credential::sensitive;
use super::headers;
use super::names::{Names, SystemNames};
use super::proxy::Proxy;
use super::tls::{self, Identity, Trust};

/// Which servers outside the public internet, or without TLS, a tenant may name.
///
/// Without an entry a base URL has to be `https`, and each address its name resolves to has to be public. An entry opens
/// exactly its host and port for both. Link-local addresses, where the metadata services of clouds are, stay closed.
#[derive(Clone)]
pub struct EgressPolicy {
    allowed: BTreeSet<HostPort>,
    authorities: Vec<CertificateDer<'static>>,
    /// By the authorities; absent where there are none.
    trust: Option<Trust>,
    names: Arc<dyn Names>,
    proxy: Option<Arc<Proxy>>,
    access: BTreeMap<HostPort, ServerAccess>,
}

/// What a server, or a gateway in front of it, wants beside the credential.
#[derive(Clone, Default)]
struct ServerAccess {
    identity: Option<Identity>,
    headers: HeaderMap,
    /// The headers' values.
    secrets: Vec<Zeroizing<String>>,
}

impl Default for EgressPolicy {
    fn default() -> Self {
        Self {
            allowed: BTreeSet::new(),
            authorities: Vec::new(),
            trust: None,
            names: Arc::new(SystemNames),
            proxy: None,
            access: BTreeMap::new(),
        }
    }
}

impl fmt::Debug for EgressPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EgressPolicy")
            .field("allowed", &self.allowed)
            .field("authorities", &self.authorities.len())
            .field("proxy", &self.proxy)
            .field("access", &self.access.keys())
            .finish_non_exhaustive()
    }
}

impl EgressPolicy {
    /// The public internet over TLS, nothing else.
    pub fn public_only() -> Self {
        Self::default()
    }

    /// The public internet, and the server of a URL wherever it is: for what an operator names.
    ///
    /// # Errors
    ///
    /// The text is no http or https URL.
    pub fn reaching(url: &str) -> Result<Self, InvalidHostPort> {
        Self::public_only().reach(url)
    }

    /// Permits the server of a URL as well, wherever it is: for what an operator names.
    ///
    /// # Errors
    ///
    /// The text is no http or https URL.
    pub fn reach(mut self, url: &str) -> Result<Self, InvalidHostPort> {
        let parsed = reqwest::Url::parse(url.trim()).ok();
        let server = parsed.as_ref().and_then(super::base::server_of);
        let server = server.ok_or_else(|| InvalidHostPort(url.to_owned()))?;
        self.allowed.insert(server);
        Ok(self)
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

    /// Servers that are permitted beside the public internet, as `host:port`.
    pub fn allowed(&self) -> Vec<String> {
        self.allowed.iter().map(ToString::to_string).collect()
    }

    /// Believes certificates of one more authority, beside those that the operating system believes: a PEM text with one
    /// certificate or several. The self-signed certificate of a server counts as its own authority.
    ///
    /// # Errors
    ///
    /// The text has no certificate, or one that cannot be an authority.
    pub fn trust(mut self, pem: &[u8]) -> Result<Self, InvalidAuthority> {
        self.authorities
            .extend(tls::certificates(pem).map_err(InvalidAuthority)?);
        self.trust = Some(tls::trusting(&self.authorities).map_err(InvalidAuthority)?);
        Ok(self)
    }

    /// Sends requests through a proxy. What it may be asked for is the same as without it.
    #[must_use]
    pub fn proxy(self, proxy: Proxy) -> Self {
        Self {
            proxy: Some(Arc::new(proxy)),
            ..self
        }
    }

    /// Shows a certificate to the server `host:port` where that asks for one: PEM texts of the certificate, with those
    /// between it and its authority, and of its private key.
    ///
    /// # Errors
    ///
    /// `host_port` is no server, a text is no PEM text, or the key does not belong to the certificate.
    pub fn identity(mut self, host_port: &str, certificates: &[u8], key: &[u8]) -> Result<Self, InvalidAccess> {
        let identity = Identity::new(certificates, key).map_err(InvalidAccess)?;
        self.access(host_port)?.identity = Some(identity);
        Ok(self)
    }

    /// Adds a header to every request to the server `host:port`, for an access gateway in front of it. The value is a
    /// secret: answers that repeat it are withheld.
    ///
    /// # Errors
    ///
    /// `host_port` is no server, the name belongs to the request itself or to its credential, or the value cannot stand in
    /// a header.
    pub fn header(mut self, host_port: &str, name: &str, value: &str) -> Result<Self, InvalidAccess> {
        let name = name.to_ascii_lowercase();
        let header = HeaderName::from_bytes(name.as_bytes()).ok();
        let header = header.filter(|_| headers::is_own(&name) && name != "authorization");
        let header = header.ok_or_else(|| InvalidAccess(format!("`{name}` is no header that can be added")))?;
        let text =
            sensitive("", value).ok_or_else(|| InvalidAccess(format!("the value of `{name}` is no header text")))?;
        let access = self.access(host_port)?;
        access.headers.insert(header, text);
        access.secrets.push(Zeroizing::new(value.to_owned()));
        Ok(self)
    }

    fn access(&mut self, host_port: &str) -> Result<&mut ServerAccess, InvalidAccess> {
        let server: HostPort = host_port
            .parse()
            .map_err(|error: InvalidHostPort| InvalidAccess(error.to_string()))?;
        Ok(self.access.entry(server).or_default())
    }

    /// Another way to resolve names than the operating system's.
    #[must_use]
    pub fn names(self, names: Arc<dyn Names>) -> Self {
        Self { names, ..self }
    }

    pub(super) fn tls(&self, server: &HostPort) -> Result<ClientConfig, String> {
        let trust = self.trust.clone().map_or_else(tls::system, Ok)?;
        let access = self.access.get(server);
        tls::client(trust, access.and_then(|access| access.identity.as_ref()))
    }

    /// Headers that every request to a server has.
    pub(super) fn headers_for(&self, server: &HostPort) -> HeaderMap {
        self.access
            .get(server)
            .map(|access| access.headers.clone())
            .unwrap_or_default()
    }

    /// The proxy, for a server that is reached through it.
    pub(super) fn proxy_for(&self, server: &HostPort) -> Option<Arc<Proxy>> {
        self.proxy.clone().filter(|proxy| proxy.serves(server))
    }

    /// Everything that must not be seen, with what it is.
    pub(super) fn secrets(&self) -> impl Iterator<Item = (&str, &str)> {
        let password = self.proxy.iter().filter_map(|proxy| proxy.password());
        let values = self.access.values().flat_map(|access| &access.secrets);
        let values = values.map(|value| ("header", value.as_str()));
        password.map(|password| ("proxy", password)).chain(values)
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

/// What cannot be shown to a server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidAccess(String);

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
