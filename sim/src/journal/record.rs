//! The layer that writes the journal.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::{BodyExt as _, Full};
use serde_json::Value;

use super::Journal;
use super::entry::{Call, Class, Credential, Entry};
use crate::hang_up::HangUp;

/// JSON bodies up to this many bytes are kept and shown to the classifier.
const KEPT_BODY: u64 = 256 * 1024;

/// A request's place in the journal, handed to the fault layer in the request's extensions.
#[derive(Clone)]
pub(crate) struct Ticket {
    journal: Journal,
    index: usize,
}

impl Ticket {
    fn edit(&self, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.journal.lock().get_mut(self.index) {
            change(entry);
        }
    }

    /// The server has done its work for this request.
    pub(crate) fn handled(&self) {
        self.edit(|entry| entry.handled = true);
    }

    /// A fault struck this request.
    pub(crate) fn struck(&self, fault: &'static str) {
        self.edit(|entry| entry.fault = Some(fault));
    }
}

/// Writes the entry at arrival and completes it while the answer goes out.
pub(crate) async fn record(State(journal): State<Journal>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let ticket = {
        let mut entries = journal.lock();
        let index = entries.len();
        entries.push(Entry {
            sequence: index + 1,
            at_ms: journal.clock.now_ms(),
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            route: parts
                .extensions
                .get::<MatchedPath>()
                .map(|route| route.as_str().to_owned()),
            // The body decides: whoever waits for the first write must not see a search as one.
            class: Class::Read,
            credential: Credential::of(&parts.headers),
            body: None,
            request_bytes: 0,
            fault: None,
            handled: false,
            status: None,
            answered: false,
            response_bytes: 0,
        });
        Ticket {
            journal: journal.clone(),
            index,
        }
    };
    let (body, json) = take_json(&ticket, &parts.headers, body).await;
    let class = (journal.classify)(Call {
        method: &parts.method,
        path: parts.uri.path(),
        body: json.as_ref(),
    });
    ticket.edit(|entry| {
        entry.class = class;
        entry.body = json.filter(|_| class != Class::Auth);
    });
    parts.extensions.insert(ticket.clone());
    let response = next.run(Request::from_parts(parts, body)).await;
    if response.extensions().get::<HangUp>().is_some() {
        return response;
    }
    let status = response.status().as_u16();
    ticket.edit(|entry| entry.status = Some(status));
    response.map(|body| Body::new(Counted::new(body, ticket, Direction::Response)))
}

/// Reads a small JSON body whole; any other passes through and is only counted.
async fn take_json(ticket: &Ticket, headers: &HeaderMap, body: Body) -> (Body, Option<Value>) {
    let counted = Counted::new(body, ticket.clone(), Direction::Request);
    let small = counted.size_hint().upper().is_some_and(|bytes| bytes <= KEPT_BODY);
    let is_json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim() == "application/json" || kind.trim().ends_with("+json"));
    if !(small && is_json) {
        return (Body::new(counted), None);
    }
    match counted.collect().await {
        Ok(whole) => {
            let bytes = whole.to_bytes();
            let json = serde_json::from_slice(&bytes).ok();
            (Body::new(Full::new(bytes)), json)
        }
        // The client went away while sending: the handler sees the same broken body.
        Err(error) => (
            Body::from_stream(futures_util::stream::once(async { Err::<Bytes, _>(error) })),
            None,
        ),
    }
}

#[derive(Clone, Copy)]
enum Direction {
    Request,
    Response,
}

/// A body that counts its bytes into the journal as they pass.
struct Counted {
    body: Body,
    ticket: Ticket,
    direction: Direction,
}

impl Counted {
    fn new(body: Body, ticket: Ticket, direction: Direction) -> Self {
        let counted = Self {
            body,
            ticket,
            direction,
        };
        counted.note(0);
        counted
    }

    fn note(&self, bytes: u64) {
        let ended = self.body.is_end_stream();
        self.ticket.edit(|entry| match self.direction {
            Direction::Request => entry.request_bytes += bytes,
            Direction::Response => {
                entry.response_bytes += bytes;
                entry.answered |= ended;
            }
        });
    }
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => self.note(frame.data_ref().map_or(0, |data| data.len() as u64)),
            Poll::Ready(None) => {
                if matches!(self.direction, Direction::Response) {
                    self.ticket.edit(|entry| entry.answered = true);
                }
            }
            Poll::Ready(Some(Err(_))) | Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
