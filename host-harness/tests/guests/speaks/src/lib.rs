//! Sends the requests that its job's mapping lists and reports each answer as a note: `name=status identity body`.
//!
//! A request is written `connection METHOD path`, with `header:name=value` lines after it. `fetch connection path limit`
//! brings a file and reports its size and digest; `carry connection from to` sends what it brought on, as it is and in
//! Base64; `hoard connection path number` keeps as many files. `link put|get id` works on the ledger, `until` repeats a
//! request until the answer's body is `stop`, `log LEVEL WORD` logs, `wait` waits for `cancel`. The report counts the orders as unchanged test
//! cases.

use guest_contract::{FutureReader, connection, describe, exporter, http, links, log, report, running, secrets, setup, types, unsupported};

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
    async fn count(_: types::Settings) -> Result<connection::ScopeSize, types::Fault> {
        Err(unsupported())
    }
    async fn probe(_: types::Settings, _: bool) -> Result<Vec<connection::Observation>, types::Fault> {
        Err(unsupported())
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
        let job = exporter::Job { settings, run_id, recreate: false, full: false, accept_changes: false, approved: None };
        Self::run(job, cancel).await
    }

    async fn adopt(_: exporter::AdoptJob, _: FutureReader<()>) -> Result<exporter::Running, types::Fault> {
        Err(unsupported())
    }

    async fn run(job: exporter::Job, cancel: FutureReader<()>) -> Result<exporter::Running, types::Fault> {
        let orders = job.settings.export.map(|export| export.mapping).unwrap_or_default();
        Ok(running(|mut events| async move {
            let mut cancel = Some(cancel);
            let mut report = report();
            for order in orders {
                if order.value == "wait" {
                    if let Some(cancel) = cancel.take() {
                        cancel.await;
                    }
                }
                let said = format!("{}={}", order.name, obey(&order.value).await);
                events.write_all(vec![exporter::Event::Note(said)]).await;
                report.tallies[0].tally.unchanged += 1;
            }
            drop(events);
            report
        }))
    }
}

async fn obey(order: &str) -> String {
    // Kept, so that what it was given is in its memory at the end, whatever the allocator writes into freed places.
    std::mem::forget(order.to_owned());
    let mut lines = order.lines();
    let words: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
    match *words {
        ["link", "put", id] => format!("{:?}", links::put_many(vec![write(id)]).await),
        ["log", level, message] => {
            let level = if level == "error" { log::Level::Error } else { log::Level::Info };
            log::log(level, message);
            "logged".into()
        }
        ["link", "get", id] => format!("{:?}", links::get_many(vec![key(id)]).await),
        ["fetch", connection, path, limit] => match fetch(connection, path, limit.parse().unwrap_or(0)).await {
            Ok(fetched) => described(&fetched),
            Err(error) => format!("{error:?}"),
        },
        ["carry", connection, from, to] => carry(connection, from, to).await,
        ["hoard", connection, path, number] => hoard(connection, path, number.parse().unwrap_or(0)).await,
        ["until", connection, method, path] => loop {
            let answer = send(connection, method, path, "".lines()).await;
            if !answer.starts_with("200") || answer.ends_with(" stop") {
                break answer;
            }
        },
        [connection, method, path] => send(connection, method, path, lines).await,
        _ => "done".into(),
    }
}

async fn send(connection: &str, method: &str, path: &str, lines: std::str::Lines<'_>) -> String {
    let method = match method {
        "POST" => http::Method::Post,
        "PUT" => http::Method::Put,
        "PATCH" => http::Method::Patch,
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
        body: (method == http::Method::Post).then(|| vec![http::Piece::Bytes(b"{}".to_vec())]),
        timeout_ms: None,
    };
    match http::send(request).await {
        Ok(answer) => answered(&answer),
        Err(error) => format!("{error:?}"),
    }
}

fn answered(answer: &http::Response) -> String {
    let headers: Vec<String> = answer.headers.iter().map(|h| h.name.clone()).collect();
    let body = String::from_utf8_lossy(&answer.body);
    format!("{} {:?} [{}] {body}", answer.status, answer.identity, headers.join(","))
}

fn request<'a>(connection: &str, method: http::Method, path: &str, body: Option<Vec<http::Piece<'a>>>) -> http::Request<'a> {
    let (connection, path) = (connection.into(), path.into());
    http::Request { connection, method, path, query: vec![], headers: vec![], body, timeout_ms: None }
}

async fn fetch(connection: &str, path: &str, limit: u64) -> Result<http::Fetched, http::SendError> {
    http::fetch(request(connection, http::Method::Get, path, None), limit).await
}

fn described(fetched: &http::Fetched) -> String {
    match &fetched.blob {
        Some(blob) => format!("file of {} {}", blob.size(), blob.digest()),
        None => answered(&fetched.answer),
    }
}

async fn carry(connection: &str, from: &str, to: &str) -> String {
    let blob = match fetch(connection, from, u64::MAX).await {
        Ok(http::Fetched { blob: Some(blob), .. }) => blob,
        other => return format!("{other:?}"),
    };
    let bytes = |text: &str| http::Piece::Bytes(text.as_bytes().to_vec());
    let body = vec![bytes("<"), http::Piece::Blob(&blob), bytes("|"), http::Piece::Base64(&blob), bytes(">")];
    match http::send(request(connection, http::Method::Post, to, Some(body))).await {
        Ok(answer) => answered(&answer),
        Err(error) => format!("{error:?}"),
    }
}

async fn hoard(connection: &str, path: &str, number: usize) -> String {
    let mut kept = Vec::new();
    for _ in 0..number {
        match fetch(connection, path, u64::MAX).await {
            Ok(fetched) => kept.push(fetched),
            Err(error) => return format!("{} then {error:?}", kept.len()),
        }
    }
    format!("{} kept", kept.len())
}

fn key(id: &str) -> links::Key {
    match id.split_once('/') {
        Some((entity, id)) => links::Key { entity: entity.into(), destination: "10000".into(), id: id.into() },
        None => links::Key { entity: "test-case".into(), destination: "10000".into(), id: id.into() },
    }
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
