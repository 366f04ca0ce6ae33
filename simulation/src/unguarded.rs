//! An export as somebody would write it who trusts every answer: what the guarantees cost is the difference.

use std::cell::RefCell;
use std::collections::BTreeMap;

use futures_util::FutureExt as _;
use serde_json::{Value, json};
use tms_sync_xray::ports::{Fetched, Http, Identity, Method, Pending, Request, Response, SendError};

use crate::file;

/// Answers the requests of look-up, recognition and read-back itself, as if they had found nothing or what is hoped for;
/// no server sees them.
pub struct Unguarded {
    http: Box<dyn Http>,
    /// Labels of new issues by id, as their position gives them in a bulk create.
    labels: RefCell<BTreeMap<String, Value>>,
}

impl Unguarded {
    /// Around the way out.
    pub fn new(http: Box<dyn Http>) -> Self {
        Unguarded {
            http,
            labels: RefCell::default(),
        }
    }

    /// The answer to a request that only a guarantee sends.
    fn spared(&self, request: &Request, body: &Value) -> Option<(u16, Value)> {
        let jql = body["jql"].as_str().unwrap_or_default();
        let document = body["query"].as_str().unwrap_or_default();
        if jql.contains("labels in (") {
            let labels = self.labels.borrow();
            let asked = |label: &Value| label.as_str().is_some_and(|label| jql.contains(label));
            let recognised = labels.iter().filter(|(_, labels)| {
                let labels = labels.as_array().into_iter().flatten();
                labels.into_iter().any(asked)
            });
            let issue = |(id, labels): (&String, &Value)| json!({"id": id, "key": id, "fields": {"labels": labels}});
            let issues: Vec<Value> = recognised.map(issue).collect();
            return Some((200, json!({"total": issues.len(), "issues": issues, "isLast": true})));
        }
        if jql.starts_with("id in (") || request.path.ends_with("/bulkfetch") {
            return Some((200, json!({"issues": [], "isLast": true, "total": 0})));
        }
        if document.contains("getTests(") {
            let none = (0..document.matches("getTests(").count()).map(|list| {
                let none = json!({"total": 0, "results": []});
                (format!("t{list}"), none)
            });
            return Some((200, json!({"data": none.collect::<serde_json::Map<_, _>>()})));
        }
        let read =
            request.method == Method::Get && request.path.contains("/issue/") && !request.path.contains("createmeta");
        read.then(|| (404, json!({"errorMessages": ["Issue Does Not Exist"]})))
    }

    fn remember(&self, body: &Value, response: &Response) {
        let answer: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let ids = answer["issues"].as_array().into_iter().flatten();
        let elements = body["issueUpdates"].as_array().into_iter().flatten();
        let pairs = ids.zip(elements).filter_map(|(issue, element)| {
            Some((issue["id"].as_str()?.to_owned(), element["fields"]["labels"].clone()))
        });
        self.labels.replace(pairs.collect());
    }
}

impl Http for Unguarded {
    fn send(&self, request: Request) -> Pending<'_, Result<Response, SendError>> {
        async move {
            let body: Value = serde_json::from_slice(&file::flat(&request)).unwrap_or_default();
            if let Some((status, body)) = self.spared(&request, &body).filter(|_| request.connection != "testops") {
                return Ok(Response {
                    status,
                    headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                    body: body.to_string().into_bytes(),
                    identity: Identity::Authenticated,
                    gateway: false,
                });
            }
            let bulk = request.path.ends_with("/issue/bulk");
            let response = self.http.send(request).await?;
            if bulk {
                self.remember(&body, &response);
            }
            Ok(response)
        }
        .boxed_local()
    }

    fn fetch(&self, request: Request, limit: u64) -> Pending<'_, Result<Fetched, SendError>> {
        self.http.fetch(request, limit)
    }
}
