//! Sends calls over one connection: in its pace, again where that is safe, and only what the product itself answered.

use super::describe::describe;
use super::governor::Governor;
use super::judge::judge;
use super::retry::{Action, Idempotency, decide, pause};
use super::{Allowance, Call};
use crate::error::{Error, Kind, Result, Side};
use crate::ports::{Event, Fetched, Identity, Ports, Request, Response, SendError};
use serde::de::DeserializeOwned;
use std::cell::Cell;

/// Repetitions of a request at the most.
const ATTEMPTS: u32 = 4;
/// A longer wait that a server asks for ends the run instead, in milliseconds. Xray's window of five minutes fits in.
const LONGEST_WAIT: u64 = 310_000;
/// A wait is shown to the person from here, in milliseconds.
const WAIT_WORTH_SHOWING: u64 = 2_000;

/// Makes an error of an answer that refuses access: 401, 403, or anonymous.
pub type Explain = fn(&Response) -> Error;

/// Talks over one connection.
pub struct Client<'a> {
    pub(super) ports: Ports<'a>,
    connection: &'static str,
    pub(super) side: Side,
    explain: Explain,
    governor: Governor,
    /// Requests sent, and milliseconds that their answers took.
    sent: Cell<(u64, u64)>,
}

impl<'a> Client<'a> {
    /// A client for a connection of the manifest.
    pub fn new(ports: Ports<'a>, connection: &'static str, side: Side, allowance: Allowance, explain: Explain) -> Self {
        let governor = Governor::new(allowance);
        Client {
            ports,
            connection,
            side,
            explain,
            governor,
            sent: Cell::new((0, 0)),
        }
    }

    /// Sends a call and decodes the JSON of its success.
    pub async fn json<T: DeserializeOwned>(&self, call: Call, class: Idempotency) -> Result<T> {
        let what = call.describe();
        let response = self.success(call, class).await?;
        self.decode(&response, &what, class)
    }

    /// Sends a call; anything but a success is an error with the server's words.
    pub async fn success(&self, call: Call, class: Idempotency) -> Result<Response> {
        let what = call.describe();
        let response = self.answer(call, class).await?;
        if (200..300).contains(&response.status) {
            Ok(response)
        } else {
            Err(self.refusal(&response, &what))
        }
    }

    /// Sends a call whose success is a file of at most `limit` bytes; the caller judges other statuses.
    pub async fn fetch(&self, call: Call, limit: u64) -> Result<Fetched> {
        let file = Some(limit);
        self.exchange(Call { file, ..call }, Idempotency::Safe).await
    }

    /// Sends a call; the caller judges statuses that are verdicts about the item (400, 404, 413 and the like).
    pub async fn answer(&self, call: Call, class: Idempotency) -> Result<Response> {
        let response = self.exchange(call, class).await?.answer;
        // An expired Jira token does not fail: the request runs as anonymous and finds nothing.
        // What was created under no name was created all the same.
        let created = class == Idempotency::NotIdempotent && (200..300).contains(&response.status);
        if response.identity == Identity::Anonymous && !created {
            return Err((self.explain)(&response));
        }
        Ok(response)
    }

    async fn exchange(&self, call: Call, class: Idempotency) -> Result<Fetched> {
        let what = call.describe();
        let mut attempt = 0;
        loop {
            attempt += 1;
            let sent = self.send_once(&call).await?;
            if let Err(SendError::TooLarge(bytes)) = sent {
                return Err(self.too_large(&what, bytes, class));
            }
            let (sent, blob) = match sent {
                Ok(fetched) => (Ok(fetched.answer), fetched.blob),
                Err(error) => (Err(error), None),
            };
            let (outcome, wait) = judge(&sent, self.side, self.ports.clock.now());
            match (decide(outcome, class, wait.is_some()), sent) {
                (Action::Take, Ok(response)) => {
                    let answer = self.taken(response);
                    return Ok(Fetched { answer, blob });
                }
                (Action::Access, Ok(response)) => {
                    let error = (self.explain)(&response);
                    // A permission can lack for one item, which the request names.
                    let names = error.kind == Kind::Permission;
                    return Err(if names { error.prefixed(&what) } else { error });
                }
                (Action::Resolve, sent) => return Err(self.unknown(&what, &sent)),
                (Action::RepeatAfterWait, sent) => {
                    self.governor.lost();
                    let wait = wait.unwrap_or_else(|| pause(attempt, self.ports.clock.now()));
                    self.wait_asked(wait, attempt, &sent).await?;
                }
                (Action::Repeat, sent) => {
                    self.governor.lost();
                    if attempt > ATTEMPTS {
                        return Err(self.gave_up(&what, &sent));
                    }
                    self.wait(
                        pause(attempt, self.ports.clock.now()),
                        "the server did not answer properly",
                    )
                    .await?;
                }
                (_, sent) => return Err(self.gave_up(&what, &sent)),
            }
        }
    }

    /// Sends a call once and returns whatever came back: for looking at how a server refuses. Nothing that an export
    /// believes comes this way.
    pub async fn look(&self, call: Call) -> Result<Response> {
        let what = call.describe();
        match self.send_once(&call).await? {
            Ok(fetched) => Ok(fetched.answer),
            Err(error) => Err(self.gave_up(&what, &Err(error))),
        }
    }

    /// Sends a call that answers everybody alike; being taken for anonymous says nothing there.
    pub async fn answer_anonymous(&self, call: Call) -> Result<Response> {
        Ok(self.exchange(call, Idempotency::Safe).await?.answer)
    }

    /// Decodes a body; the error names where it is not as expected.
    pub fn decode<T: DeserializeOwned>(&self, response: &Response, what: &str, class: Idempotency) -> Result<T> {
        serde_json::from_slice(&response.body).map_err(|error| {
            let kind = if class == Idempotency::NotIdempotent {
                Kind::Unknown
            } else {
                Kind::Unreadable
            };
            Error::new(
                kind,
                self.side,
                format!("{what} was answered with data that cannot be read: {error}"),
            )
            .hint("check that the endpoint is the product's own address and its version is supported")
        })
    }

    /// The ports behind the client.
    pub fn ports(&self) -> Ports<'a> {
        self.ports
    }

    /// Name of the connection.
    pub fn connection(&self) -> &'static str {
        self.connection
    }

    /// Requests so far and so many more, and how long they take in milliseconds: at the allowance, and at the pace that the
    /// server has answered so far.
    pub fn forecast(&self, more: u64) -> (u64, u64) {
        let (sent, spent) = self.sent.get();
        let requests = sent + more;
        let answering = spent * requests / sent.max(1) / u64::from(self.governor.in_flight());
        (requests, self.governor.forecast(requests).max(answering))
    }

    async fn send_once(&self, call: &Call) -> Result<Result<Fetched, SendError>> {
        let _place = self.governor.enter().await;
        while let Err(wait) = self.governor.take(self.ports.clock.now()) {
            self.wait(wait, "the request budget of this window is used up").await?;
        }
        let begun = self.ports.clock.now();
        let request = self.request(call);
        let sent = match call.file {
            Some(limit) => self.ports.http.fetch(request, limit).await,
            None => self
                .ports
                .http
                .send(request)
                .await
                .map(|answer| Fetched { answer, blob: None }),
        };
        let (number, spent) = self.sent.get();
        let took = self.ports.clock.now().saturating_sub(begun);
        self.sent.set((number + 1, spent + took));
        match sent {
            Ok(answer) => Ok(Ok(answer)),
            Err(error) => self.not_sent(error, call).map(Err),
        }
    }

    fn request(&self, call: &Call) -> Request {
        let accepted = if call.file.is_some() { "*/*" } else { "application/json" };
        let mut headers = vec![("accept", accepted.to_owned())];
        if self.side == Side::Jira {
            // Jira words its errors in the account's language unless it is asked to listen to the header.
            headers.push(("accept-language", "en".to_owned()));
            headers.push(("x-force-accept-language", "true".to_owned()));
        }
        if call.body.is_some() {
            headers.push(("content-type", call.content_type.clone().into_owned()));
            if call.content_type.starts_with("multipart/") {
                // Jira takes a form for a forged one unless it is asked not to look.
                headers.push(("x-atlassian-token", "no-check".to_owned()));
            }
        }
        Request {
            connection: self.connection,
            method: call.method,
            path: call.path.clone(),
            query: call.query.clone(),
            headers,
            body: call.body.clone(),
            timeout_ms: call.timeout_ms,
        }
    }

    fn taken(&self, response: Response) -> Response {
        self.governor.succeeded();
        if response.header("x-ratelimit-nearlimit") == Some("true") {
            self.governor.near_limit();
        }
        response
    }

    async fn wait_asked(&self, wait: u64, attempt: u32, sent: &Result<Response, SendError>) -> Result<()> {
        let reason = sent.as_ref().map_or_else(|_| "too many requests".to_owned(), describe);
        if wait > LONGEST_WAIT || attempt > ATTEMPTS {
            return Err(self.too_long(wait, &reason));
        }
        self.governor.hold_until(self.ports.clock.now() + wait);
        self.wait(wait, &format!("{} limits the rate", self.side)).await
    }

    async fn wait(&self, milliseconds: u64, reason: &str) -> Result<()> {
        if milliseconds >= WAIT_WORTH_SHOWING {
            let event = Event::Waiting {
                connection: self.connection,
                milliseconds,
                reason: reason.to_owned(),
            };
            self.ports.events.emit(event).await;
        }
        self.ports.clock.sleep(milliseconds).await;
        match self.ports.clock.is_over() {
            true => Err(Error::cancelled()),
            false => Ok(()),
        }
    }
}
