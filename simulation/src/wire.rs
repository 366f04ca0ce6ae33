//! The way of the plugin's requests to the servers and back.

use std::rc::Rc;

use futures_util::FutureExt as _;
use serde_json::Value;
use tms_sync_xray::ports::{Fetched, Http, Identity, Method, Pending, Request, Response, SendError};

use crate::executor::{Join, START};
use crate::file;
use crate::network::{BETWEEN, Fate, Journey, Poison};
use crate::process::Process;
use crate::random::Random;
use crate::server::Credential;
use crate::world::World;

/// How long a proxy waits for the server behind it.
const PROXY_MS: u64 = 60_000;

/// A request that reached a server, and what the server answered: what verdicts are compared with.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// When it arrived, in milliseconds since the epoch.
    pub at: u64,
    /// Which connection.
    pub connection: &'static str,
    /// Method.
    pub method: Method,
    /// Path.
    pub path: String,
    /// Body, where it was JSON.
    pub body: Option<Value>,
    /// Status of the answer.
    pub status: u16,
    /// It did not carry the good credential.
    pub revoked: bool,
}

impl Delivery {
    /// Asks for new Tests or a new Test Execution.
    pub fn is_create(&self) -> bool {
        is_create(self.method, &self.path, self.body.as_ref())
    }

    /// Changes something at the destination.
    pub fn is_write(&self) -> bool {
        let reads = ["/search", "/search/jql", "/search/approximate-count", "/bulkfetch"];
        let query = |body: &Value| {
            body.get("query")
                .and_then(Value::as_str)
                .is_some_and(|text| text.starts_with("query"))
        };
        let read = self.method == Method::Get
            || reads.iter().any(|end| self.path.ends_with(end))
            || (self.path.ends_with("/graphql") && self.body.as_ref().is_some_and(query));
        !read
    }
}

fn is_create(method: Method, path: &str, body: Option<&Value>) -> bool {
    let mutation = || {
        let text = body
            .and_then(|body| body.get("query"))
            .and_then(Value::as_str)
            .unwrap_or_default();
        text.contains("createTest")
    };
    let ends = ["/issue", "/issue/bulk", "/import/test/bulk"];
    method == Method::Post && (ends.iter().any(|end| path.ends_with(end)) || (path.ends_with("/graphql") && mutation()))
}

/// A process's way out.
pub struct Wire {
    /// Where it leads.
    pub world: Rc<World>,
    /// Whose it is.
    pub process: Rc<Process>,
}

impl Http for Wire {
    fn send(&self, request: Request) -> Pending<'_, Result<Response, SendError>> {
        async move {
            let clock = &self.world.executor;
            self.process.boundary(clock.now()).await;
            let result = self.exchange(request).await;
            self.process.boundary(clock.now()).await;
            result
        }
        .boxed_local()
    }

    fn fetch(&self, request: Request, limit: u64) -> Pending<'_, Result<Fetched, SendError>> {
        async move { file::keep(self.send(request).await?, limit) }.boxed_local()
    }
}

impl Wire {
    async fn exchange(&self, request: Request) -> Result<Response, SendError> {
        let world = &self.world;
        let server = world.server(request.connection);
        if !server.is_declared(&request) {
            return Err(SendError::Denied(format!(
                "{:?} {} is not declared",
                request.method, request.path
            )));
        }
        server.sign_in().await?;
        let journey = world.network.journey(&request);
        let timeout = u64::from(request.timeout_ms);
        self.note(&request, journey);
        let credential = world.network.credential(request.connection);
        let send = |delay: u64| deliver(world, request.clone(), delay, credential);
        match journey.fate {
            Fate::NotSent => {
                world.executor.sleep(journey.there).await;
                Err(SendError::NotSent("connection refused".to_owned()))
            }
            Fate::Lost => self.give_up(timeout).await,
            Fate::Late { proxy, after } => {
                let wait = if proxy { PROXY_MS } else { timeout };
                drop(send(wait + after));
                if proxy {
                    self.proxy_answers(wait, 504, None).await
                } else {
                    self.give_up(wait).await
                }
            }
            Fate::Refused { status, retry_after } => {
                self.proxy_answers(journey.there + journey.back, status, retry_after)
                    .await
            }
            Fate::Page => {
                world.executor.sleep(journey.there + journey.back).await;
                Ok(page())
            }
            Fate::Between(which) => {
                world.executor.sleep(journey.there + journey.back).await;
                Ok(between(which))
            }
            Fate::Poisoned(poison) => {
                world.executor.sleep(journey.there + journey.back).await;
                Ok(broken(poison))
            }
            Fate::Answered | Fate::AnswerLost | Fate::DoneThen(_) | Fate::DonePage | Fate::Garbled => {
                self.arrive(send(journey.there), journey).await
            }
        }
    }

    /// The server does it; what comes back is another matter.
    async fn arrive(&self, answer: Join<Response>, journey: Journey) -> Result<Response, SendError> {
        // Here the process can die while its request is on the way.
        self.process.boundary(self.world.executor.now()).await;
        let mut response = answer.await;
        self.world.executor.sleep(journey.back).await;
        if self.world.network.signs_stripped.get() {
            response.identity = Identity::Unknown;
        }
        match journey.fate {
            Fate::AnswerLost => Err(SendError::OutcomeUnknown("connection reset".to_owned())),
            Fate::DoneThen(status) => Ok(empty(status, None)),
            Fate::DonePage => Ok(page()),
            Fate::Garbled => {
                garble(&mut response, &mut self.world.network.chance());
                Ok(response)
            }
            _ => Ok(response),
        }
    }

    async fn give_up(&self, wait: u64) -> Result<Response, SendError> {
        self.process.boundary(self.world.executor.now()).await;
        self.world.executor.sleep(wait).await;
        Err(SendError::OutcomeUnknown("no answer in time".to_owned()))
    }

    async fn proxy_answers(&self, wait: u64, status: u16, retry_after: Option<u64>) -> Result<Response, SendError> {
        self.world.executor.sleep(wait).await;
        Ok(empty(status, retry_after))
    }

    fn note(&self, request: &Request, journey: Journey) {
        let Request {
            connection,
            method,
            path,
            query,
            ..
        } = request;
        let line = format!(
            "host {} → {connection} {method:?} {path} {:?}",
            self.process.host, journey.fate
        );
        self.world.trace.line(self.world.executor.now() - START, &line);
        self.world.trace.bytes(format!("{query:?}").as_bytes());
        self.world.trace.bytes(&file::flat(request));
    }
}

/// The request arrives after a while, whatever becomes of its sender.
fn deliver(world: &Rc<World>, request: Request, delay: u64, credential: Credential) -> Join<Response> {
    let inside = Rc::clone(world);
    world.executor.spawn(async move {
        let world = inside;
        world.executor.sleep(delay).await;
        let response = world.server(request.connection).serve(&request, credential).await;
        let at = world.executor.now();
        let line = format!("server {} {} → {}", request.connection, request.path, response.status);
        world.trace.line(at - START, &line);
        world.trace.bytes(&response.body);
        world.journal.borrow_mut().push(Delivery {
            at,
            connection: request.connection,
            method: request.method,
            body: serde_json::from_slice(&file::flat(&request)).ok(),
            path: request.path,
            status: response.status,
            revoked: credential != Credential::Good,
        });
        response
    })
}

fn empty(status: u16, retry_after: Option<u64>) -> Response {
    let seconds = retry_after.map(|seconds| ("retry-after".to_owned(), seconds.to_string()));
    Response {
        status,
        headers: seconds.into_iter().collect(),
        body: Vec::new(),
        identity: Identity::Unknown,
        gateway: false,
    }
}

fn page() -> Response {
    Response {
        status: 200,
        headers: vec![("content-type".to_owned(), "text/html; charset=utf-8".to_owned())],
        body: b"<!DOCTYPE html><html><head><title>Please wait</title></head></html>".to_vec(),
        identity: Identity::Unknown,
        gateway: false,
    }
}

fn broken(poison: Poison) -> Response {
    let (status, body) = match poison {
        Poison::Fails => (500, r#"{"message":"boom","status":500}"#),
        Poison::Forbidden => (403, r#"{"message":"Access is denied","status":403}"#),
        Poison::Misshapen => (200, r#"{"id":1,"name":"Odd","tags":{}}"#),
    };
    Response {
        status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.as_bytes().to_vec(),
        identity: Identity::Unknown,
        gateway: false,
    }
}

fn between(which: usize) -> Response {
    let (status, content_type, body) = BETWEEN[which];
    Response {
        status,
        headers: vec![("content-type".to_owned(), content_type.to_owned())],
        body: body.as_bytes().to_vec(),
        identity: Identity::Unknown,
        gateway: false,
    }
}

/// Another order of a bulk answer's elements, without some of them.
fn garble(response: &mut Response, random: &mut Random) {
    let Ok(mut body) = serde_json::from_slice::<Value>(&response.body) else {
        return;
    };
    for pointer in ["/issues", "/errors", "/result/issues", "/result/errors"] {
        if let Some(list) = body.pointer_mut(pointer).and_then(Value::as_array_mut) {
            random.shuffle(list);
            list.retain(|_| !random.per_mille(200));
        }
    }
    response.body = body.to_string().into_bytes();
}
