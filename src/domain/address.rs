//! Addresses of servers.

use std::fmt;

/// Base address of a server as a person typed it: scheme, host, perhaps a port and a path, and no slash at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// The address of a text that was checked to be one.
    pub fn new(text: &str) -> Self {
        BaseUrl(text.trim().trim_end_matches('/').to_owned())
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without the scheme: what identifies the server, so that a move to https changes nothing.
    pub fn without_scheme(&self) -> &str {
        self.0.split_once("://").map_or(self.as_str(), |(_, rest)| rest)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
