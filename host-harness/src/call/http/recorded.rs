//! Writes requests and answers to a recording, or answers from one without asking the layers behind.

use std::sync::Arc;

use super::{Http, Sending};
use crate::egress::Wanted;
use crate::recording::{self, Brought, Recording};

pub(super) struct Recorded {
    pub(super) recording: Arc<Recording>,
    pub(super) next: Arc<dyn Http>,
}

impl Http for Recorded {
    fn send<'a>(&'a self, wanted: &'a Wanted) -> Sending<'a> {
        let name = if wanted.file.is_some() {
            "http.fetch"
        } else {
            "http.send"
        };
        let live = async { self.next.send(wanted).await.map(Brought::from) };
        Box::pin(async move {
            match self.recording.call(name, recording::request(wanted), live).await {
                Ok(brought) => brought?.kept(wanted.file.as_ref().map(|(spool, _)| spool)),
                // The plugin has left its recording. No answer would be true, and whoever replays ends the run.
                Err(_) => std::future::pending().await,
            }
        })
    }
}
