//! Base URLs of connections, parsed once.

use reqwest::Url;

use super::policy::{EgressPolicy, HostPort};

/// A checked base URL: scheme, host, port and context path, without a final slash.
#[derive(Debug, Clone)]
pub(crate) struct BaseUrl {
    url: Url,
    server: HostPort,
}

impl BaseUrl {
    /// Checks what can be known without resolving the name; the message names what is wrong and never repeats the URL,
    /// which may hold a password.
    pub(crate) fn parse(text: &str, policy: &EgressPolicy) -> Result<Self, String> {
        let mut url = Url::parse(text.trim()).map_err(|e| format!("is not a URL ({e})"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not contain a user name or password".into());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("must not contain a query or a fragment".into());
        }
        let server = server_of(&url).ok_or("must be an http or https URL with a host")?;
        if url.scheme() != "https" && !policy.allows(&server) {
            return Err(format!(
                "must use https; the operator has not allowed plain http to {server}"
            ));
        }
        if let Some(address) = server.literal() {
            policy
                .check(&server, address)
                .map_err(|what| format!("is an address that must not be called ({what})"))?;
        }
        let context = url.path().trim_end_matches('/').to_owned();
        if context.contains("//") || context.contains('%') || context.contains(';') {
            return Err("has a path that servers read in different ways".into());
        }
        url.set_path(&context);
        Ok(Self { url, server })
    }

    pub(crate) fn server(&self) -> &HostPort {
        &self.server
    }

    /// The context path, without a final slash.
    pub(crate) fn path(&self) -> &str {
        self.url.path()
    }

    /// The URL of a checked path and query. The path is not parsed again: it has no character that the parser would
    /// read as anything else.
    pub(crate) fn join(&self, path: &str, query: &[(String, String)]) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.url.path().trim_end_matches('/')));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    pub(crate) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }
}

/// Scheme, host and port of a URL, as `https://jira.example:8443`; `None` where it is no http or https URL.
pub fn origin_of(url: &str) -> Option<String> {
    let url = Url::parse(url.trim()).ok()?;
    server_of(&url)?;
    Some(url.origin().ascii_serialization())
}

pub(super) fn server_of(url: &Url) -> Option<HostPort> {
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    Some(HostPort::new(url.host_str()?, url.port_or_known_default()?))
}

#[cfg(test)]
mod tests {
    use super::{BaseUrl, EgressPolicy};

    fn parse(text: &str) -> Result<BaseUrl, String> {
        BaseUrl::parse(text, &EgressPolicy::public_only().allow("127.0.0.1:8081").unwrap())
    }

    #[test]
    fn the_context_path_is_kept_and_no_slash_is_doubled() {
        for base in ["https://jira.example/jira", "https://jira.example/jira/"] {
            let url = parse(base).unwrap().join("/rest/api/2/myself", &[]);
            assert_eq!(url.as_str(), "https://jira.example/jira/rest/api/2/myself");
        }
        assert_eq!(
            parse("https://jira.example").unwrap().join("/x", &[]).as_str(),
            "https://jira.example/x"
        );
    }

    #[test]
    fn query_values_are_encoded() {
        let query = [("jql".to_owned(), "a = \"b&c\"#".to_owned())];
        assert_eq!(
            parse("https://j.example").unwrap().join("/s", &query).as_str(),
            "https://j.example/s?jql=a+%3D+%22b%26c%22%23"
        );
    }

    #[test]
    fn plain_http_and_private_addresses_need_the_operator() {
        assert!(parse("http://127.0.0.1:8081/").is_ok());
        for base in [
            "http://127.0.0.1:8082/",
            "http://jira.example",
            "https://127.0.0.1",
            "https://[::1]/",
            "https://2130706433/",
        ] {
            assert!(parse(base).is_err(), "{base}");
        }
        assert!(parse("https://0x7f.1/").is_err() && parse("https://[::ffff:8.8.8.8]/").is_err());
    }

    #[test]
    fn user_info_query_fragment_and_other_schemes_are_refused() {
        for base in [
            "https://a@j.example",
            "https://a:b@j.example",
            "https://j.example/?a",
            "https://j.example/#a",
            "ftp://j.example",
            "file:///etc/passwd",
            "jira.example",
        ] {
            assert!(parse(base).is_err(), "{base}");
        }
    }
}
