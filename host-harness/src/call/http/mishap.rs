//! Lets one request of a call go wrong, as servers and networks do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use tokio::sync::Notify;

use super::{Http, Received, Sending};
use crate::contract::imports::http::{Header, Identity, Response, SendError};
use crate::egress::Wanted;

/// How a request goes wrong.
#[derive(Debug, Clone, Copy)]
pub(crate) enum MishapKind {
    /// It is sent; the answer is lost.
    AnswerLost,
    /// It is not sent.
    NotSent,
    /// It waits for ever.
    Hangs,
    /// Something in between answers with this, and the server sees nothing.
    Answered {
        status: u16,
        media: &'static str,
        body: &'static [u8],
    },
}

/// One request of a call goes wrong.
pub(crate) struct Mishap {
    /// Which, from 1. 0: none.
    at: u64,
    way: MishapKind,
    seen: AtomicU64,
    reached: Notify,
}

impl Mishap {
    pub(crate) fn new(at: u64, way: MishapKind) -> Self {
        Self {
            at,
            way,
            seen: AtomicU64::new(0),
            reached: Notify::new(),
        }
    }

    /// Requests so far.
    pub(crate) fn seen(&self) -> u64 {
        self.seen.load(Relaxed)
    }

    /// Resolves when the request that goes wrong was made.
    pub(crate) async fn reached(&self) {
        self.reached.notified().await;
    }

    async fn befall(&self, live: Sending<'_>) -> Result<Received, SendError> {
        if self.seen.fetch_add(1, Relaxed) + 1 != self.at {
            return live.await;
        }
        self.reached.notify_one();
        match self.way {
            MishapKind::AnswerLost => {
                // Whatever came of it, the plugin does not learn it.
                let _ = live.await;
                Err(SendError::OutcomeUnknown("the connection broke".into()))
            }
            MishapKind::NotSent => Err(SendError::NotSent("no connection".into())),
            MishapKind::Hangs => std::future::pending().await,
            MishapKind::Answered { status, media, body } => {
                let response = Response {
                    status,
                    headers: vec![Header {
                        name: "content-type".into(),
                        value: media.into(),
                    }],
                    body: body.to_vec(),
                    identity: Identity::Unknown,
                    gateway: false,
                };
                Ok((response, None))
            }
        }
    }
}

/// The layer in which it happens.
pub(super) struct Failing {
    pub(super) mishap: Arc<Mishap>,
    pub(super) next: Arc<dyn Http>,
}

impl Http for Failing {
    fn send<'a>(&'a self, wanted: &'a Wanted) -> Sending<'a> {
        Box::pin(self.mishap.befall(self.next.send(wanted)))
    }
}
