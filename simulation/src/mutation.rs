//! Ports with something wrong in them. A suite that passes with one of these tests nothing.

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::FutureExt as _;
use serde_json::Value;
use tms_sync_xray::ports::{
    Entity, Fetched, Http, Identity, Key, LedgerError, Link, Links, Pending, Phase, PutOutcome, Request, Response, Row,
    SendError,
};

use crate::file;
use crate::installation::PROJECT;
use crate::unguarded::Unguarded;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// Intents are reported as stored and are not.
    ForgetsIntents,
    /// Every answer counts as authenticated.
    TrustsEveryAnswer,
    /// Outcomes of a bulk create are given to each other's elements, as by somebody who maps by position.
    MapsByPosition,
    /// Issues are found by searches and by ids, and nothing is ever there by its key.
    SearchesOnly,
    /// No intent, no look-up, no read-back, and every answer is believed.
    Unguarded,
}

impl Mutation {
    /// Wraps the ports.
    pub fn apply(
        mutation: Option<Self>,
        http: Box<dyn Http>,
        links: Box<dyn Links>,
    ) -> (Box<dyn Http>, Box<dyn Links>) {
        match mutation {
            None => (http, links),
            Some(Mutation::ForgetsIntents) => (http, Box::new(Forgetful(links))),
            Some(Mutation::TrustsEveryAnswer) => (Box::new(Trusting(http)), links),
            Some(Mutation::Unguarded) => (Box::new(Unguarded::new(http)), Box::new(Forgetful(links))),
            Some(Mutation::SearchesOnly) => (Box::new(Blind(http)), links),
            Some(Mutation::MapsByPosition) => (Box::new(Positional::new(http)), links),
        }
    }
}

struct Forgetful(Box<dyn Links>);

impl Links for Forgetful {
    fn get_many(&self, keys: Vec<Key>) -> Pending<'_, Result<Vec<Option<Row>>, LedgerError>> {
        self.0.get_many(keys)
    }

    fn put_many(&self, writes: Vec<(Link, u64)>) -> Pending<'_, Result<Vec<PutOutcome>, LedgerError>> {
        let begun = |link: &Link| matches!(link.phase, Phase::Intent | Phase::Acknowledged);
        if writes.iter().all(|(link, _)| begun(link)) {
            let stored = writes.into_iter().map(|(_, expected)| PutOutcome::Stored(expected));
            return futures_util::future::ready(Ok(stored.collect())).boxed_local();
        }
        self.0.put_many(writes)
    }

    fn scan(
        &self,
        entity: Entity,
        destination: String,
        after: Option<String>,
        limit: u32,
    ) -> Pending<'_, Result<Vec<Row>, LedgerError>> {
        self.0.scan(entity, destination, after, limit)
    }
}

struct Trusting(Box<dyn Http>);

impl Http for Trusting {
    fn send(&self, request: Request) -> Pending<'_, Result<Response, SendError>> {
        async move {
            let mut response = self.0.send(request).await?;
            response.identity = Identity::Authenticated;
            Ok(response)
        }
        .boxed_local()
    }

    fn fetch(&self, request: Request, limit: u64) -> Pending<'_, Result<Fetched, SendError>> {
        async move {
            let mut fetched = self.0.fetch(request, limit).await?;
            fetched.answer.identity = Identity::Authenticated;
            Ok(fetched)
        }
        .boxed_local()
    }
}

struct Blind(Box<dyn Http>);

impl Http for Blind {
    fn send(&self, request: Request) -> Pending<'_, Result<Response, SendError>> {
        let body: Value = serde_json::from_slice(&file::flat(&request)).unwrap_or_default();
        let keys = body["issueIdsOrKeys"][0].as_str().is_some_and(|key| key.contains('-'));
        let key = request.path.contains(&format!("/issue/{PROJECT}-"));
        let (status, body) = match (keys, key) {
            (true, _) => (200, r#"{"issues":[]}"#),
            (_, true) => (404, r#"{"errorMessages":["Issue Does Not Exist"]}"#),
            _ => return self.0.send(request),
        };
        let response = Response {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.as_bytes().to_vec(),
            identity: Identity::Authenticated,
            gateway: false,
        };
        futures_util::future::ready(Ok(response)).boxed_local()
    }

    fn fetch(&self, request: Request, limit: u64) -> Pending<'_, Result<Fetched, SendError>> {
        self.0.fetch(request, limit)
    }
}

/// Swaps what Jira or Xray answers about the elements of a bulk create: on Cloud the element numbers of a job's result, on
/// Data Center the labels that the new issues are recognised by.
struct Positional {
    http: Box<dyn Http>,
    created: Rc<RefCell<bool>>,
}

impl Positional {
    fn new(http: Box<dyn Http>) -> Self {
        Positional {
            http,
            created: Rc::default(),
        }
    }
}

impl Http for Positional {
    fn send(&self, request: Request) -> Pending<'_, Result<Response, SendError>> {
        async move {
            let bulk = request.path.ends_with("/issue/bulk");
            let search = request.path.ends_with("/search");
            let mut response = self.http.send(request).await?;
            if let Ok(mut body) = serde_json::from_slice::<Value>(&response.body) {
                rotate(&mut body, "/result/issues", "elementNumber");
                if search && self.created.replace(false) {
                    rotate(&mut body, "/issues", "fields");
                }
                response.body = body.to_string().into_bytes();
            }
            if bulk {
                self.created.replace(true);
            }
            Ok(response)
        }
        .boxed_local()
    }

    fn fetch(&self, request: Request, limit: u64) -> Pending<'_, Result<Fetched, SendError>> {
        self.http.fetch(request, limit)
    }
}

/// Every element of a list gets a member of the next one.
fn rotate(body: &mut Value, list: &str, member: &str) {
    let Some(list) = body.pointer_mut(list).and_then(Value::as_array_mut) else {
        return;
    };
    let mut values: Vec<Value> = list.iter().map(|element| element[member].clone()).collect();
    if values.is_empty() {
        return;
    }
    values.rotate_left(1);
    for (element, value) in list.iter_mut().zip(values) {
        element[member] = value;
    }
}
