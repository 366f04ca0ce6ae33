use super::{Allowance, Call, Client, Idempotency};
use crate::error::{Error, Kind, Side};
use crate::ports::{
    Clock, Entity, Event, Events, Fetched, Http, Identity, Key, LedgerError, Link, Links, Pending, Ports, PutOutcome,
    Request, Response, Row, SendError,
};
use futures_util::FutureExt;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

/// A host that answers from a list, with a clock that every sleep moves.
#[derive(Default)]
struct Scripted {
    answers: RefCell<VecDeque<Result<Response, SendError>>>,
    sent: Cell<usize>,
    now: Cell<u64>,
    events: RefCell<Vec<Event>>,
}

impl Http for Scripted {
    fn send(&self, _request: Request) -> Pending<'_, Result<Response, SendError>> {
        self.sent.set(self.sent.get() + 1);
        let answer = self.answers.borrow_mut().pop_front().expect("no more answers");
        async { answer }.boxed_local()
    }

    fn fetch(&self, request: Request, _limit: u64) -> Pending<'_, Result<Fetched, SendError>> {
        let answer = self.send(request);
        async {
            Ok(Fetched {
                answer: answer.await?,
                blob: None,
            })
        }
        .boxed_local()
    }
}

impl Clock for Scripted {
    fn now(&self) -> u64 {
        self.now.get()
    }

    fn sleep(&self, milliseconds: u64) -> Pending<'_, ()> {
        self.now.set(self.now.get() + milliseconds);
        async {}.boxed_local()
    }
}

impl Events for Scripted {
    fn emit(&self, event: Event) -> Pending<'_, ()> {
        self.events.borrow_mut().push(event);
        async {}.boxed_local()
    }
}

impl Links for Scripted {
    fn get_many(&self, _: Vec<Key>) -> Pending<'_, Result<Vec<Option<Row>>, LedgerError>> {
        unreachable!("no ledger here")
    }

    fn put_many(&self, _: Vec<(Link, u64)>) -> Pending<'_, Result<Vec<PutOutcome>, LedgerError>> {
        unreachable!("no ledger here")
    }

    fn scan(&self, _: Entity, _: String, _: Option<String>, _: u32) -> Pending<'_, Result<Vec<Row>, LedgerError>> {
        unreachable!("no ledger here")
    }
}

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Result<Response, SendError> {
    let mut headers: Vec<(String, String)> = headers
        .iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
        .collect();
    if !headers.iter().any(|(name, _)| name == "content-type") {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    Ok(Response {
        status,
        headers,
        body: body.as_bytes().to_vec(),
        identity: Identity::Authenticated,
        gateway: false,
    })
}

fn call(host: &Scripted, class: Idempotency) -> Result<u16, Error> {
    let ports = Ports {
        http: host,
        clock: host,
        links: host,
        events: host,
    };
    let allowance = Allowance {
        requests: 0,
        window_ms: 0,
        in_flight: 2,
    };
    let explain = |response: &Response| Error::new(Kind::Credential, Side::Jira, "refused").status(response.status);
    let client = Client::new(ports, "jira", Side::Jira, allowance, explain);
    let done = client
        .answer(Call::get("/x"), class)
        .now_or_never()
        .expect("nothing here waits for real");
    done.map(|response| response.status)
}

fn host(answers: Vec<Result<Response, SendError>>) -> Scripted {
    Scripted {
        answers: RefCell::new(answers.into()),
        ..Scripted::default()
    }
}

#[test]
fn a_wait_that_is_asked_for_is_kept_to_the_second_and_shown() {
    let host = host(vec![
        answer(429, &[("retry-after", "30")], "{}"),
        answer(200, &[], "{}"),
    ]);
    assert_eq!(call(&host, Idempotency::NotIdempotent).unwrap(), 200);
    assert_eq!((host.sent.get(), host.now.get()), (2, 30_000));
    assert!(matches!(
        host.events.borrow().as_slice(),
        [Event::Waiting {
            milliseconds: 30_000,
            ..
        }]
    ));
}

#[test]
fn a_wait_too_long_to_sit_out_ends_the_run_with_its_time() {
    let host = host(vec![answer(429, &[("retry-after", "1000000000")], "{}")]);
    let error = call(&host, Idempotency::Safe).unwrap_err();
    assert_eq!(
        (error.kind, error.retry_at, host.sent.get()),
        (Kind::RateLimited, Some(1_000_000_000_000), 1)
    );
}

#[test]
fn a_create_whose_answer_was_lost_is_never_sent_again() {
    for lost in [
        Err(SendError::OutcomeUnknown("reset".to_owned())),
        answer(502, &[("content-type", "text/html")], "<html>bad gateway</html>"),
        answer(503, &[("retry-after", "1")], "{}"),
        answer(
            200,
            &[("content-type", "text/html")],
            "<html><title>Log in</title></html>",
        ),
    ] {
        let host = host(vec![lost]);
        assert_eq!(call(&host, Idempotency::NotIdempotent).unwrap_err().kind, Kind::Unknown);
        assert_eq!(host.sent.get(), 1);
    }
}

#[test]
fn a_request_that_never_left_is_repeated_even_for_a_create() {
    let refused = || Err(SendError::NotSent("connection refused".to_owned()));
    let host = host(vec![refused(), refused(), answer(201, &[], "{}")]);
    assert_eq!(call(&host, Idempotency::NotIdempotent).unwrap(), 201);
    assert_eq!(host.sent.get(), 3);
}

#[test]
fn a_read_gives_up_after_a_few_repetitions_and_judges_no_credential() {
    let host = host(
        (0..5)
            .map(|_| answer(500, &[], r#"{"message":"An unexpected error occurred"}"#))
            .collect(),
    );
    let error = call(&host, Idempotency::Safe).unwrap_err();
    assert_eq!((error.kind, host.sent.get()), (Kind::Unreachable, 5));
    assert!(error.message.contains("An unexpected error occurred"), "{error}");
}

#[test]
fn an_answer_to_an_anonymous_request_counts_as_a_bad_credential_whatever_it_says() {
    let mut anonymous = answer(200, &[], r#"{"issues":[]}"#).unwrap();
    anonymous.identity = Identity::Anonymous;
    assert_eq!(
        call(&host(vec![Ok(anonymous)]), Idempotency::Safe).unwrap_err().kind,
        Kind::Credential
    );
}

#[test]
fn a_page_of_something_in_between_says_nothing_about_the_credential() {
    for status in [200, 302, 401, 403, 404, 407] {
        let mut page = answer(
            status,
            &[("content-type", "text/html")],
            "<html><title>Sign in</title></html>",
        )
        .unwrap();
        page.identity = Identity::Unknown;
        assert_eq!(
            call(&host(vec![Ok(page)]), Idempotency::Safe).unwrap_err().kind,
            Kind::Unreachable,
            "{status}"
        );
    }
}

#[test]
fn a_bare_refusal_of_something_in_between_says_nothing_about_the_credential() {
    for (status, body) in [(401, ""), (403, ""), (403, r#"{"message":"Forbidden"}"#), (404, "")] {
        let mut bare = answer(status, &[], body).unwrap();
        bare.identity = Identity::Unknown;
        assert_eq!(
            call(&host(vec![Ok(bare)]), Idempotency::Safe).unwrap_err().kind,
            Kind::Unreachable,
            "{status} {body}"
        );
    }
}

#[test]
fn a_log_in_that_jira_itself_refuses_is_a_bad_credential_even_as_a_page() {
    let page = "<html>Basic Authentication Failure - Reason : AUTHENTICATED_FAILED</html>";
    let headers = [
        ("content-type", "text/html"),
        ("x-seraph-loginreason", "AUTHENTICATED_FAILED"),
    ];
    for refusal in [
        answer(401, &headers, "<html>no</html>"),
        answer(401, &headers[..1], page),
    ] {
        let host = host(vec![refusal]);
        assert_eq!(call(&host, Idempotency::Safe).unwrap_err().kind, Kind::Credential);
        assert_eq!(host.sent.get(), 1);
    }
}
