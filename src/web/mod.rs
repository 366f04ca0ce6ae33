//! How we talk, whoever we talk to: pace, repeat or not, and tell a product's answer from a page of something else.

mod call;
mod control;
mod governor;
mod retry;
mod words;

pub use call::Call;
pub use governor::Allowance;
pub use retry::Verb;
pub use words::{login_refusal, of_json, words};

use crate::error::{Error, Kind, Result, Side};
use crate::ports::{Event, Fetched, Identity, Ports, Request, Response, SendError};
use governor::Governor;
use retry::{Action, Outcome, decide, pause};
use serde::de::DeserializeOwned;
use std::cell::Cell;

/// Repetitions of a request at the most.
const ATTEMPTS: u32 = 4;
/// A longer wait that a server asks for ends the run instead, in milliseconds. Xray's window of five minutes fits in.
const LONGEST_WAIT: u64 = 310_000;
/// A wait is told to the person from here, in milliseconds.
const WAIT_WORTH_TELLING: u64 = 2_000;

/// Makes an error of an answer that refuses access: 401, 403, or anonymous.
pub type Explain = fn(&Response) -> Error;

/// Talks over one connection.
pub struct Client<'a> {
    ports: Ports<'a>,
    connection: &'static str,
    side: Side,
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
    pub async fn json<T: DeserializeOwned>(&self, call: Call, verb: Verb) -> Result<T> {
        let what = call.words();
        let response = self.success(call, verb).await?;
        self.decode(&response, &what, verb)
    }

    /// Sends a call; anything but a success is an error with the server's words.
    pub async fn success(&self, call: Call, verb: Verb) -> Result<Response> {
        let what = call.words();
        let response = self.answer(call, verb).await?;
        if (200..300).contains(&response.status) {
            Ok(response)
        } else {
            Err(self.refusal(&response, &what))
        }
    }

    /// Sends a call whose success is a file of at most `limit` bytes; the caller judges other statuses.
    pub async fn fetch(&self, call: Call, limit: u64) -> Result<Fetched> {
        let file = Some(limit);
        self.exchange(Call { file, ..call }, Verb::Read).await
    }

    /// Sends a call; the caller judges statuses that are verdicts about the item (400, 404, 413 and the like).
    pub async fn answer(&self, call: Call, verb: Verb) -> Result<Response> {
        let response = self.exchange(call, verb).await?.answer;
        // An expired Jira token does not fail: the request runs as anonymous and finds nothing.
        // What was created under no name was created all the same.
        let created = verb == Verb::Create && (200..300).contains(&response.status);
        if response.identity == Identity::Anonymous && !created {
            return Err((self.explain)(&response));
        }
        Ok(response)
    }

    async fn exchange(&self, call: Call, verb: Verb) -> Result<Fetched> {
        let what = call.words();
        let mut attempt = 0;
        loop {
            attempt += 1;
            let sent = self.send_once(&call).await?;
            let (sent, blob) = match sent {
                Ok(fetched) => (Ok(fetched.answer), fetched.blob),
                Err(error) => (Err(error), None),
            };
            let (outcome, wait) = judge(&sent, self.side);
            match (decide(outcome, verb, wait.is_some()), sent) {
                (Action::Take, Ok(response)) => {
                    let answer = self.taken(response);
                    return Ok(Fetched { answer, blob });
                }
                (Action::Access, Ok(response)) => return Err((self.explain)(&response)),
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
                    .await;
                }
                (_, sent) => return Err(self.gave_up(&what, &sent)),
            }
        }
    }

    /// Sends a call that answers everybody alike; being taken for anonymous says nothing there.
    pub async fn answer_anonymous(&self, call: Call) -> Result<Response> {
        Ok(self.exchange(call, Verb::Read).await?.answer)
    }

    /// Decodes a body, telling where it is not as expected.
    pub fn decode<T: DeserializeOwned>(&self, response: &Response, what: &str, verb: Verb) -> Result<T> {
        serde_json::from_slice(&response.body).map_err(|error| {
            let kind = if verb == Verb::Create {
                Kind::Unknown
            } else {
                Kind::Unreachable
            };
            Error::new(
                kind,
                self.side,
                format!("{what} was answered with data that cannot be read: {error}"),
            )
            .hint("check that the endpoint is the product's own address and its version is supported")
        })
    }

    /// The error of an answer that refuses the item.
    pub fn refusal(&self, response: &Response, what: &str) -> Error {
        let kind = if response.status == 404 {
            Kind::Missing
        } else {
            Kind::Rejected
        };
        Error::new(kind, self.side, format!("{what} was refused: {}", words(response))).status(response.status)
    }

    /// The error of an answer that is not the product's own, whatever its status says.
    pub fn not_its_word(&self, response: &Response, what: &str) -> Error {
        let message = format!("{what} was not answered by {}: {}", self.side, words(response));
        Error::new(Kind::Unreachable, self.side, message)
            .hint("check the proxy in front of it; credentials were not judged")
            .status(response.status)
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
            self.wait(wait, "the request budget of this window is used up").await;
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
            Err(SendError::Denied(message)) => Err(Error::new(Kind::Configuration, Side::Host, message)
                .hint("the host's policy does not allow this request; see the operator guide")),
            Err(SendError::NoCredential(name)) => Err(Error::new(
                Kind::Configuration,
                Side::Settings,
                format!("no value is stored for {name}"),
            )),
            Err(SendError::NoToken {
                status,
                from_product,
                message,
            }) => Err(self.no_token(status, from_product, message)),
            Err(SendError::Exhausted(message)) => {
                Err(Error::new(Kind::RateLimited, Side::Host, message)
                    .hint("the next run goes on where this one ended"))
            }
            Err(SendError::TooLarge(_)) if call.file.is_some() => Err(Error::new(
                Kind::Rejected,
                self.side,
                "the file is larger than the limit".to_owned(),
            )),
            Err(SendError::TooLarge(bytes)) => Err(Error::new(
                Kind::Unknown,
                self.side,
                format!(
                    "the answer to {} has more bytes than the host accepts ({bytes})",
                    call.words()
                ),
            )),
            other => Ok(other),
        }
    }

    fn request(&self, call: &Call) -> Request {
        let accepted = if call.file.is_some() { "*/*" } else { "application/json" };
        let mut headers = vec![("accept", accepted.to_owned())];
        if self.side == Side::Jira {
            // Jira words its errors in the account's language unless it is told to listen to the header.
            headers.push(("accept-language", "en".to_owned()));
            headers.push(("x-force-accept-language", "true".to_owned()));
        }
        if call.body.is_some() {
            headers.push(("content-type", call.content_type.clone().into_owned()));
            if call.content_type.starts_with("multipart/") {
                // Jira takes a form for a forged one unless it is told not to look.
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
        let reason = sent.as_ref().map_or_else(|_| "too many requests".to_owned(), words);
        if wait > LONGEST_WAIT || attempt > ATTEMPTS {
            return Err(self.too_long(wait, &reason));
        }
        self.governor.hold_until(self.ports.clock.now() + wait);
        self.wait(wait, &format!("{} limits the rate", self.side)).await;
        Ok(())
    }

    async fn wait(&self, milliseconds: u64, reason: &str) {
        if milliseconds >= WAIT_WORTH_TELLING {
            let event = Event::Waiting {
                connection: self.connection,
                milliseconds,
                reason: reason.to_owned(),
            };
            self.ports.events.emit(event).await;
        }
        self.ports.clock.sleep(milliseconds).await;
    }

    fn too_long(&self, wait: u64, reason: &str) -> Error {
        let seconds = wait.div_ceil(1000);
        Error::new(
            Kind::RateLimited,
            self.side,
            format!("{} asks to wait {seconds} s: {reason}", self.side),
        )
        .hint("the run ends here with everything recorded; the next one goes on")
        .retry_at(self.ports.clock.now().saturating_add(wait))
    }

    fn unknown(&self, what: &str, sent: &Result<Response, SendError>) -> Error {
        Error::new(
            Kind::Unknown,
            self.side,
            format!("{what} has no usable answer: {}", told(sent)),
        )
        .hint("it may have been done; the next run looks before it tries again")
    }

    fn gave_up(&self, what: &str, sent: &Result<Response, SendError>) -> Error {
        Error::new(
            Kind::Unreachable,
            self.side,
            format!("{what} has no usable answer: {}", told(sent)),
        )
        .hint("check the endpoint, the network and whether the server is up; credentials were not judged")
    }

    fn no_token(&self, status: Option<u16>, from_product: bool, message: String) -> Error {
        let kind = match status {
            Some(_) if from_product && message.to_ascii_lowercase().contains("licen") => Kind::Product,
            Some(400 | 401 | 403 | 404) if from_product => Kind::Credential,
            Some(429) => Kind::RateLimited,
            _ => Kind::Unreachable,
        };
        let error = Error::new(
            kind,
            self.side,
            format!("{} gives no access token: {message}", self.side),
        );
        match (kind, self.side) {
            (Kind::Credential, Side::TestOps) => error.hint("make a new API token in the TestOps profile and store it"),
            (Kind::Credential, _) => error.hint("make a new API key in Jira settings → Apps → Xray → API Keys"),
            (Kind::Product, _) => error.hint("ask a Jira administrator about the Xray licence"),
            _ => error.hint("check the endpoint and the network"),
        }
    }
}

fn told(sent: &Result<Response, SendError>) -> String {
    match sent {
        Ok(response) => words(response),
        Err(SendError::NotSent(message) | SendError::OutcomeUnknown(message)) => message.clone(),
        Err(other) => format!("{other:?}"),
    }
}

/// The outcome of an exchange, and the wait in milliseconds that the server asks for.
fn judge(sent: &Result<Response, SendError>, side: Side) -> (Outcome, Option<u64>) {
    match sent {
        // Jira and Xray say what they do not have; something in between often says nothing.
        Ok(response) if response.status == 404 && is_blank(response) && side != Side::TestOps => {
            (Outcome::Page(404), None)
        }
        // Data Center refuses a log-in with a page, and says in a header or in the page that it is its own refusal.
        Ok(response) if is_page(response) && !refuses_account(response) => {
            (Outcome::Page(response.status), words::wait_asked(response))
        }
        // What refuses access in few words may be a proxy, a gateway or a firewall as well as the product.
        Ok(response) if matches!(response.status, 401 | 403 | 404) && !control::is_own(response, side) => {
            (Outcome::Page(response.status), words::wait_asked(response))
        }
        Ok(response) => (Outcome::Status(response.status), words::wait_asked(response)),
        Err(SendError::NotSent(_)) => (Outcome::NotSent, None),
        Err(_) => (Outcome::Lost, None),
    }
}

/// True where the product itself says that it did not accept the account, whatever the body looks like.
fn refuses_account(response: &Response) -> bool {
    let said = || response.identity == Identity::Anonymous || login_refusal(response).is_some();
    matches!(response.status, 401 | 403) && said()
}

fn is_blank(response: &Response) -> bool {
    response.body.iter().all(u8::is_ascii_whitespace)
}

/// True where the body is not the product's own: no JSON where there is a body. Xray's plain-text errors are its own.
fn is_page(response: &Response) -> bool {
    if is_blank(response) {
        return false;
    }
    let content_type = response.header("content-type").unwrap_or_default();
    if content_type.contains("json") {
        return false;
    }
    let plain_error =
        response.status >= 400 && (content_type.starts_with("text/plain") || content_type.contains("xml"));
    !plain_error
}

#[cfg(test)]
mod tests;
