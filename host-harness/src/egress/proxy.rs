//! The operator's proxy: which requests go through it, and as whom.

use std::fmt;

use reqwest::Url;
use zeroize::Zeroizing;

use super::policy::HostPort;

/// A proxy between this host and the servers, with the servers that are reached without it.
///
/// With `http`, `https` and `socks5h` the proxy resolves names, and decides which address is connected to; with `socks5`
/// the host does, as without a proxy.
#[derive(Clone)]
pub struct Proxy {
    url: Url,
    server: HostPort,
    credentials: Option<(String, Zeroizing<String>)>,
    except: Vec<Exception>,
}

/// Servers that are reached without the proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Exception {
    Host(String),
    Server(HostPort),
    /// Every host below a domain; starts with a dot.
    Below(String),
}

/// A text that is no proxy or no exception of one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidProxy(String);

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

/// Scheme, host and port, without the user.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.url.scheme(), self.server)
    }
}

impl Proxy {
    /// By its address, such as `http://proxy.internal:3128` or `socks5://proxy.internal:1080`.
    ///
    /// # Errors
    ///
    /// It is no such address. The message does not repeat it, because it may hold a password.
    pub fn new(url: &str) -> Result<Self, InvalidProxy> {
        let invalid = |what: &str| InvalidProxy(what.to_owned());
        let url = Url::parse(url.trim()).map_err(|error| invalid(&format!("it is no URL ({error})")))?;
        let port = match url.scheme() {
            "http" => 80,
            "https" => 443,
            "socks5" | "socks5h" => 1_080,
            _ => return Err(invalid("its scheme is none of http, https, socks5 and socks5h")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid("user name and password must not stand in the address"));
        }
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| invalid("it names no host"))?;
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("it is the address of a page, not of a server"));
        }
        Ok(Self {
            server: HostPort::new(host, url.port().unwrap_or(port)),
            url,
            credentials: None,
            except: Vec::new(),
        })
    }

    /// With a user name and password for the proxy itself.
    #[must_use]
    pub fn credentials(self, username: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            credentials: Some((username.into(), Zeroizing::new(password.into()))),
            ..self
        }
    }

    /// One more server that is reached without the proxy: `host`, `host:port`, or `.domain` for every host below it.
    ///
    /// # Errors
    ///
    /// The text is none of these.
    pub fn except(mut self, text: &str) -> Result<Self, InvalidProxy> {
        let text = text.trim().trim_start_matches('*').to_ascii_lowercase();
        let is_name = |text: &str| !text.is_empty() && !text.contains(['/', '@', ' ', '?', '#', '*']);
        let exception = match text.parse::<HostPort>() {
            Ok(server) => Exception::Server(server),
            Err(_) if text.starts_with('.') && is_name(text.trim_start_matches('.')) => Exception::Below(text),
            Err(_) if is_name(&text) && !text.contains(':') => Exception::Host(text),
            Err(_) => {
                let message =
                    format!("`{text}` is not a host, a host with its port, or a domain that starts with a dot");
                return Err(InvalidProxy(message));
            }
        };
        self.except.push(exception);
        Ok(self)
    }

    /// Whether requests to a server go through the proxy.
    pub(super) fn serves(&self, server: &HostPort) -> bool {
        !self.except.iter().any(|exception| match exception {
            Exception::Host(host) => *host == server.host,
            Exception::Server(exact) => exact == server,
            Exception::Below(domain) => server.host.ends_with(domain.as_str()),
        })
    }

    pub(super) fn server(&self) -> &HostPort {
        &self.server
    }

    /// Whether this host resolves the names of the servers behind it.
    pub(super) fn leaves_names(&self) -> bool {
        self.url.scheme() == "socks5"
    }

    /// What must not be seen.
    pub(super) fn password(&self) -> Option<&str> {
        self.credentials.as_ref().map(|(_, password)| password.as_str())
    }

    /// As the HTTP client takes it.
    pub(super) fn client(&self) -> Result<reqwest::Proxy, String> {
        let proxy = reqwest::Proxy::all(self.url.clone()).map_err(|error| error.without_url().to_string())?;
        Ok(match &self.credentials {
            Some((username, password)) => proxy.basic_auth(username, password),
            None => proxy,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_hosts_servers_and_domains() {
        let proxy = Proxy::new("http://proxy.internal:3128").unwrap();
        let proxy = ["testops.internal", "jira.example:8443", "*.corp.example"]
            .into_iter()
            .fold(proxy, |proxy, text| proxy.except(text).unwrap());
        let serves = |text: &str| proxy.serves(&text.parse().unwrap());
        assert!(!serves("testops.internal:443") && !serves("TESTOPS.internal:8080"));
        assert!(!serves("jira.example:8443") && serves("jira.example:443"));
        assert!(!serves("wiki.corp.example:443") && serves("corp.example:443"));
        assert!(serves("example.atlassian.net:443"));
    }

    #[test]
    fn what_is_no_proxy_is_refused() {
        for text in [
            "",
            "proxy:3128",
            "ftp://proxy",
            "http://u:p@proxy:3128",
            "http://proxy/page",
        ] {
            assert!(Proxy::new(text).is_err(), "{text}");
        }
        let proxy = Proxy::new("socks5://proxy").unwrap();
        assert_eq!(proxy.to_string(), "socks5://proxy:1080");
        for text in ["", "a b", "http://a", "a:b"] {
            assert!(proxy.clone().except(text).is_err(), "{text}");
        }
        let debug = format!("{:?}", proxy.credentials("me", "s3cret-of-the-proxy"));
        assert!(!debug.contains("s3cret"), "{debug}");
    }
}
