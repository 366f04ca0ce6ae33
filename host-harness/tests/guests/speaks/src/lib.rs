//! Sends the requests that its job's mapping lists and reports each answer as a note: `name=status identity body`.
//!
//! A request is written `connection METHOD path`, with `header:name=value` lines after it. `link put|get id` works on the
//! ledger, `wait` waits for `cancel`, `stored` lists the stored secrets.

use guest_contract::{connection, exporter, http, links, secrets, setup, types};
use guest_contract::{FutureReader, describe, report, running};

struct Speaks;

impl setup::Guest for Speaks {
    fn describe() -> setup::PluginInfo {
        describe()
    }
    fn validate(_: types::Settings) -> Vec<setup::Finding> {
        vec![]
    }
    fn mapping(_: types::Settings) -> Vec<(String, String)> {
        std::collections::HashMap::from([("a".to_owned(), "b".to_owned())]).into_iter().collect()
    }
}

impl connection::Guest for Speaks {
    async fn test(_: types::Settings) -> Result<connection::TestResult, types::Fault> {
        Ok(connection::TestResult { summary: secrets::stored().join(","), checks: vec![] })
    }
    async fn projects(_: types::Settings, _: String) -> Result<Vec<connection::Project>, types::Fault> {
        Ok(vec![])
    }
}

impl exporter::Guest for Speaks {
    async fn plan(job: exporter::Job, cancel: FutureReader<()>) -> Result<exporter::Running, types::Fault> {
        Self::run(job, cancel).await
    }

    async fn verify(job: exporter::Job, cancel: FutureReader<()>) -> Result<exporter::Running, types::Fault> {
        Self::run(job, cancel).await
    }

    async fn undo(undo: exporter::UndoJob, cancel: FutureReader<()>) -> Result<exporter::Running, types::Fault> {
        let exporter::UndoJob { settings, run_id, apply: _ } = undo;
        let job = exporter::Job { settings, run_id, recreate: false, full: false, accept_changes: false };
        Self::run(job, cancel).await
    }

    async fn run(job: exporter::Job, cancel: FutureReader<()>) -> Result<exporter::Running, types::Fault> {
        let orders = job.settings.export.map(|export| export.mapping).unwrap_or_default();
        Ok(running(|mut events| async move {
            let mut cancel = Some(cancel);
            for order in orders {
                if order.value == "wait" {
                    if let Some(cancel) = cancel.take() {
                        cancel.await;
                    }
                }
                let said = format!("{}={}", order.name, obey(&order.value).await);
                events.write_all(vec![exporter::Event::Note(said)]).await;
            }
            drop(events);
            report()
        }))
    }
}

async fn obey(order: &str) -> String {
    let mut lines = order.lines();
    let words: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
    match *words {
        ["link", "put", id] => format!("{:?}", links::put_many(vec![write(id)]).await),
        ["link", "get", id] => format!("{:?}", links::get_many(vec![key(id)]).await),
        [connection, method, path] => send(connection, method, path, lines).await,
        _ => "done".into(),
    }
}

async fn send(connection: &str, method: &str, path: &str, lines: std::str::Lines<'_>) -> String {
    let method = match method {
        "POST" => http::Method::Post,
        "PUT" => http::Method::Put,
        "DELETE" => http::Method::Delete,
        "HEAD" => http::Method::Head,
        _ => http::Method::Get,
    };
    let header = |line: &str| {
        let (name, value) = line.strip_prefix("header:")?.split_once('=')?;
        Some(http::Header { name: name.replace("\\n", "\n"), value: value.replace("\\n", "\r\n") })
    };
    let request = http::Request {
        connection: connection.into(),
        method,
        path: path.into(),
        query: vec![],
        headers: lines.filter_map(header).collect(),
        body: (method == http::Method::Post).then(|| b"{}".to_vec()),
        timeout_ms: None,
    };
    match http::send(request).await {
        Ok(answer) => {
            let headers: Vec<String> = answer.headers.iter().map(|h| h.name.clone()).collect();
            let body = String::from_utf8_lossy(&answer.body);
            format!("{} {:?} [{}] {body}", answer.status, answer.identity, headers.join(","))
        }
        Err(error) => format!("{error:?}"),
    }
}

fn key(id: &str) -> links::Key {
    links::Key { entity: links::Entity::TestCase, destination: "10000".into(), id: id.into() }
}

fn write(id: &str) -> links::Write {
    let link = links::Link {
        key: key(id),
        phase: links::Phase::Intent,
        issue_id: None,
        issue_key: None,
        fingerprint: String::new(),
        stamp: String::new(),
        attempt: 1,
        token: None,
        created_by: None,
        updated_at: 0,
        detail: String::new(),
    };
    links::Write { link, expected: 0 }
}

guest_contract::export!(Speaks with_types_in guest_contract);
