//! Faults by name: what goes wrong between a client and a server, on request and exactly as often as asked.
//!
//! ```
//! # use tms_sync_sim::fault::{Fault, Faults};
//! # fn example(faults: &Faults) {
//! faults.add(Fault::status(503).on("POST", "/rest/api/*/issue/bulk").nth(2).times(3));
//! faults.add(Fault::drop_response().on("POST", "/api/v2/graphql"));
//! # }
//! ```
//! A rule counts the requests it matches from the moment it is added; by default it strikes the first of them, once.
//! When several rules would strike the same request, the one added first does. The layer sits inside the journal, so
//! the journal shows what happened: arrived, handled, answered.

mod strike;
mod text;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::http::Method;
use axum::middleware::from_fn_with_state;

use crate::clock::Clock;

/// What goes wrong.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Reset,
    DropResponse,
    CutBody,
    Answer {
        status: u16,
        headers: Vec<(String, String)>,
        body: String,
    },
    CommitLater {
        after: Duration,
        status: Option<u16>,
    },
    Delay(Duration),
    Member {
        pointer: String,
        json: String,
    },
    Call(Moment, Hook),
}

/// A moment in the life of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// It arrived whole, and the server has done nothing yet.
    Arrived,
    /// The server did its work, and no byte of the answer is sent.
    Done,
    /// Half of the answer's body is sent.
    HalfAnswered,
}

/// What a test does at a moment.
#[derive(Clone)]
pub(crate) struct Hook(pub Arc<dyn Fn() + Send + Sync>);

impl std::fmt::Debug for Hook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hook")
    }
}

/// One rule: a fault, the requests it concerns, and how often it strikes.
#[derive(Clone, Debug)]
pub struct Fault {
    name: &'static str,
    kind: Kind,
    method: Option<String>,
    path: Option<String>,
    first: usize,
    last: usize,
    seen: usize,
}

impl Fault {
    fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            method: None,
            path: None,
            first: 1,
            last: 1,
            seen: 0,
        }
    }

    /// The connection is reset before the server does anything.
    #[must_use]
    pub fn reset() -> Self {
        Self::new("reset", Kind::Reset)
    }

    /// The server does its work, then the connection closes without an answer.
    #[must_use]
    pub fn drop_response() -> Self {
        Self::new("drop_response", Kind::DropResponse)
    }

    /// The server does its work; the answer's body breaks off in the middle.
    #[must_use]
    pub fn cut_mid_body() -> Self {
        Self::new("cut_mid_body", Kind::CutBody)
    }

    /// This status with an empty body; the server does nothing. See [`Fault::body`] and [`Fault::header`].
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::new(
            "status",
            Kind::Answer {
                status,
                headers: Vec::new(),
                body: String::new(),
            },
        )
    }

    /// 200 with a web page, as a proxy answers while the server restarts; the server does nothing.
    #[must_use]
    pub fn html() -> Self {
        Self::new(
            "html",
            Kind::Answer {
                status: 200,
                headers: vec![("content-type".to_owned(), "text/html; charset=utf-8".to_owned())],
                body: "<!DOCTYPE html><html><head><title>Please wait</title></head><body></body></html>".to_owned(),
            },
        )
    }

    /// 403 in Jira's shape, as for one issue that its status or its security level keeps from being edited while the
    /// user holds the permission in the project.
    #[must_use]
    pub fn not_editable() -> Self {
        let body = r#"{"errorMessages":["You do not have permission to edit issues in this project."],"errors":{}}"#;
        Self {
            name: "not_editable",
            ..Self::status(403).body(body)
        }
    }

    /// The server does its work; the member of the answer that the JSON pointer names holds `json` instead, which need
    /// not be valid: `Fault::member("/name", r#""odd \ud83d name""#)` puts half of a surrogate pair there.
    #[must_use]
    pub fn member(pointer: &str, json: &str) -> Self {
        Self::new(
            "member",
            Kind::Member {
                pointer: pointer.to_owned(),
                json: json.to_owned(),
            },
        )
    }

    /// 429 with `Retry-After` in whole seconds; the server does nothing.
    #[must_use]
    pub fn rate_limited(retry_after_secs: u64) -> Self {
        Self {
            name: "rate_limited",
            ..Self::status(429).header("retry-after", &retry_after_secs.to_string())
        }
    }

    /// The connection closes at once, and the server does its work only when `after` has passed on its clock.
    #[must_use]
    pub fn commit_later(after: Duration) -> Self {
        Self::new("commit_later", Kind::CommitLater { after, status: None })
    }

    /// The proxy gives up with 504 at once, and the server does its work only when `after` has passed on its clock.
    #[must_use]
    pub fn gateway_timeout(after: Duration) -> Self {
        Self::new(
            "gateway_timeout",
            Kind::CommitLater {
                after,
                status: Some(504),
            },
        )
    }

    /// The answer waits for `time` on the server's clock before the server does its work.
    #[must_use]
    pub fn delay(time: Duration) -> Self {
        Self::new("delay", Kind::Delay(time))
    }

    /// Calls `hook` at this moment of the request, which goes on as if nothing had been: for tests that do something to
    /// the client just then.
    #[must_use]
    pub fn call(moment: Moment, hook: impl Fn() + Send + Sync + 'static) -> Self {
        Self::new("call", Kind::Call(moment, Hook(Arc::new(hook))))
    }

    /// Gives a [`Fault::status`] its body; without a `content-type` header it is sent as JSON.
    #[must_use]
    pub fn body(mut self, text: &str) -> Self {
        if let Kind::Answer { body, .. } = &mut self.kind {
            text.clone_into(body);
        }
        self
    }

    /// Adds a header to a [`Fault::status`].
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Kind::Answer { headers, .. } = &mut self.kind {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Only requests with this method (`*` for any) and a path like `path`, where `*` stands for any run of characters.
    #[must_use]
    pub fn on(mut self, method: &str, path: &str) -> Self {
        self.method = (method != "*").then(|| method.to_owned());
        self.path = Some(path.to_owned());
        self
    }

    /// Strikes first at the `n`-th matching request (1 is the next). How often it strikes stays as it was.
    #[must_use]
    pub fn nth(mut self, n: usize) -> Self {
        let times = self.last.saturating_sub(self.first);
        self.first = n;
        self.last = n.saturating_add(times);
        self
    }

    /// Strikes `n` matching requests in a row.
    #[must_use]
    pub fn times(mut self, n: usize) -> Self {
        self.last = self.first.saturating_add(n).saturating_sub(1);
        self
    }

    /// Strikes every matching request until [`Faults::clear`].
    #[must_use]
    pub fn always(mut self) -> Self {
        self.last = usize::MAX;
        self
    }

    fn concerns(&self, method: &Method, path: &str) -> bool {
        self.method.as_ref().is_none_or(|wanted| wanted == method.as_str())
            && self
                .path
                .as_ref()
                .is_none_or(|pattern| like(pattern.as_bytes(), path.as_bytes()))
    }

    fn strikes_now(&mut self) -> bool {
        self.seen += 1;
        (self.first..=self.last).contains(&self.seen)
    }
}

/// The fault plan of one server; clones share it.
#[derive(Clone, Debug)]
pub struct Faults {
    rules: Arc<Mutex<Vec<Fault>>>,
    clock: Clock,
}

impl Faults {
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            rules: Arc::default(),
            clock,
        }
    }

    pub(crate) fn layer(&self, app: Router) -> Router {
        app.layer(from_fn_with_state(self.clone(), strike::strike))
    }

    /// Schedules a fault.
    pub fn add(&self, fault: Fault) {
        self.lock().push(fault);
    }

    /// Every request waits this long on the server's clock before it is handled.
    pub fn latency(&self, time: Duration) {
        self.add(Fault::delay(time).always());
    }

    /// Takes all rules back.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// Lets every concerned rule count the request. A delay combines with one other fault; of two alike the first wins.
    fn next_for(&self, method: &Method, path: &str) -> Vec<(&'static str, Kind)> {
        let mut rules = self.lock();
        let mut struck: Vec<(&'static str, Kind)> = Vec::new();
        for rule in rules.iter_mut().filter(|rule| rule.concerns(method, path)) {
            let is_delay = matches!(rule.kind, Kind::Delay(_));
            if rule.strikes_now()
                && !struck
                    .iter()
                    .any(|(_, kind)| matches!(kind, Kind::Delay(_)) == is_delay)
            {
                struck.push((rule.name, rule.kind.clone()));
            }
        }
        struck
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Fault>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether `text` matches `pattern`, in which `*` stands for any run of bytes.
fn like(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|skip| text.get(skip..).is_some_and(|text| like(rest, text))),
        Some((byte, rest)) => text
            .split_first()
            .is_some_and(|(first, text)| first == byte && like(rest, text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_run_of_characters() {
        assert!(like(b"/rest/api/*/issue", b"/rest/api/2/issue"));
        assert!(like(b"*", b""));
        assert!(!like(b"/rest/*/issue", b"/rest/api/2/issue/bulk"));
    }

    #[test]
    fn a_rule_strikes_from_the_nth_match_as_often_as_asked() {
        let faults = Faults::new(Clock::manual(0));
        faults.add(Fault::status(503).on("GET", "/a").nth(2).times(2));
        let struck: Vec<bool> = ["/a", "/b", "/a", "/a", "/a"]
            .map(|path| !faults.next_for(&Method::GET, path).is_empty())
            .to_vec();
        assert_eq!(struck, [false, false, true, true, false]);
    }
}
