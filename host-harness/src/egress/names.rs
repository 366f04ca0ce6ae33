//! How names become addresses.

use std::io;
use std::net::SocketAddr;

use futures_util::future::BoxFuture;

/// Resolves host names; the addresses are held against the [`EgressPolicy`](crate::EgressPolicy) afterwards, and only one
/// of these is connected to.
pub trait Names: Send + Sync + 'static {
    /// Addresses of `host`, each with `port`.
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>>;
}

/// As the operating system does it. Nothing is remembered between connections or tenants.
pub(super) struct SystemNames;

impl Names for SystemNames {
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
    }
}
