//! Reports each request that leaves the host to whoever asked for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Http, Sending};
use crate::contract::imports::http::SendError;
use crate::egress::{Wanted, method};

/// A request of a plugin that went to the network, and how it ended. Query, headers and bodies are not part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentRequest {
    /// The manifest's name of the connection.
    pub connection: String,
    /// HTTP method.
    pub method: String,
    /// Path below the connection's base URL.
    pub path: String,
    /// Status of the answer; absent where there was none.
    pub status: Option<u16>,
    /// From here to the end of the answer, a token exchange before it included.
    pub took: Duration,
}

/// Takes requests as they end. Called on the thread that runs the plugin: it must not block.
pub type RequestSink = Arc<dyn Fn(&SentRequest) + Send + Sync>;

pub(super) struct Reported {
    pub(super) sink: RequestSink,
    pub(super) next: Arc<dyn Http>,
}

impl Http for Reported {
    fn send<'a>(&'a self, wanted: &'a Wanted) -> Sending<'a> {
        Box::pin(async {
            let began = Instant::now();
            let received = self.next.send(wanted).await;
            if matches!(received, Err(SendError::Denied(_))) {
                return received;
            }
            let request = &wanted.request;
            (self.sink)(&SentRequest {
                connection: request.connection.clone(),
                method: method(request.method).to_string(),
                path: request.path.clone(),
                status: received.as_ref().ok().map(|(response, _)| response.status),
                took: began.elapsed(),
            });
            received
        })
    }
}
