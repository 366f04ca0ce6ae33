use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use exports::testops::tms_sync::{connection, exporter, setup};
use serde_json::Value;
use testops::tms_sync::{http, links, log, types};
use wit_bindgen::{FutureReader, StreamWriter};

wit_bindgen::generate!({ path: "../../../wit", world: "tms-sync", generate_all });

struct Plugin;
export!(Plugin);

const FILE: &str = "/cases.csv";
/// The one destination: a file has no projects.
const PROJECT: &str = "CSV";
/// The plugin's own words: hosts store them, so they never change.
const TESTOPS: &str = "testops";
const SERVER: &str = "web-server";
const TEST_CASE: &str = "test-case";

impl setup::Guest for Plugin {
    fn describe() -> setup::PluginInfo {
        let field = |name: &str, label: &str, help: &str, secret| setup::FormField {
            name: name.into(),
            label: label.into(),
            help: help.into(),
            value_type: match name {
                "testops-endpoint" | "endpoint" => setup::ValueType::Url,
                _ => setup::ValueType::Text,
            },
            required: true,
            secret,
            tab: None,
            default: None,
        };
        let kind = setup::IntegrationKind {
            id: "csv".into(),
            title: "CSV file".into(),
            fields: vec![
                field("testops-endpoint", "TestOps URL", "The address in your browser.", false),
                field(
                    "testops-project-id",
                    "TestOps project",
                    "The number in the project's address.",
                    false,
                ),
                field("testops-token", "TestOps token", "Profile, API tokens.", true),
                field("endpoint", "Folder URL", "Where cases.csv is, by GET and PUT.", false),
            ],
            options: Vec::new(),
            connections: vec![source(), destination()],
        };
        let term = |name: &str, title: &str, plural: &str| setup::Term {
            name: name.into(),
            title: title.into(),
            plural: plural.into(),
        };
        setup::PluginInfo {
            name: "csv-tms".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            sides: vec![
                term(TESTOPS, "Allure TestOps", "Allure TestOps"),
                term(SERVER, "web server", "web servers"),
            ],
            entities: vec![term(TEST_CASE, "test case", "test cases")],
            phases: Vec::new(),
            kinds: vec![kind],
        }
    }

    fn validate(settings: types::Settings) -> Vec<setup::Finding> {
        log_panics();
        if CARELESS {
            return Vec::new();
        }
        let finding = |field: &str, message: &str| setup::Finding {
            severity: setup::Severity::Error,
            field: field.into(),
            message: message.into(),
            hint: None,
            at: None,
            excerpt: None,
        };
        let mut findings = Vec::new();
        if project(&settings).is_none() {
            findings.push(finding("testops-project-id", "This must be a number."));
        }
        let options = settings.export.map(|export| export.mapping).unwrap_or_default();
        findings.extend(
            options
                .iter()
                .map(|option| finding(&option.name, "There are no mapping options.")),
        );
        findings
    }

    fn mapping(_: types::Settings) -> Vec<(String, String)> {
        vec![("name".into(), "second column".into())]
    }
}

fn source() -> setup::Connection {
    let parameter = |name: &str, value| setup::TokenParameter {
        name: name.into(),
        value,
    };
    let exchange = setup::TokenExchange {
        connection: None,
        path: "/api/uaa/oauth/token".into(),
        encoding: setup::TokenEncoding::Form,
        parameters: vec![
            parameter("grant_type", setup::TokenValue::Literal("apitoken".into())),
            parameter("scope", setup::TokenValue::Literal("openid".into())),
            parameter("token", setup::TokenValue::Secret("testops-token".into())),
        ],
        token_pointer: "/access_token".into(),
        lifetime_pointer: Some("/expires_in".into()),
        lifetime_seconds: 3600,
    };
    setup::Connection {
        auth: vec![setup::AuthRecipe::Exchange(exchange)],
        ..server("testops", TESTOPS, "testops-endpoint", "/api/testcase", vec![http::Method::Get])
    }
}

fn destination() -> setup::Connection {
    server("file", SERVER, "endpoint", FILE, vec![http::Method::Get, http::Method::Put])
}

fn server(name: &str, side: &str, base_field: &str, prefix: &str, methods: Vec<http::Method>) -> setup::Connection {
    setup::Connection {
        name: name.into(),
        title: name.into(),
        sides: vec![side.into()],
        base_field: base_field.into(),
        default_base: None,
        alternatives: Vec::new(),
        routes: vec![setup::Route {
            methods,
            prefix: prefix.into(),
        }],
        open_paths: Vec::new(),
        auth: Vec::new(),
        identity: Vec::new(),
        rate_windows: Vec::new(),
        gateway: None,
    }
}

impl connection::Guest for Plugin {
    async fn test(settings: types::Settings) -> Result<connection::TestResult, types::Fault> {
        cases(&settings).await?;
        rows().await?;
        Ok(connection::TestResult {
            summary: "Connection established".into(),
            checks: Vec::new(),
        })
    }

    async fn projects(_: types::Settings, query: String) -> Result<Vec<connection::Project>, types::Fault> {
        let project = connection::Project {
            id: "1".into(),
            key: PROJECT.into(),
            name: "The file".into(),
        };
        Ok(vec![project]
            .into_iter()
            .filter(|project| project.key.contains(&query))
            .collect())
    }

    async fn count(settings: types::Settings) -> Result<connection::ScopeSize, types::Fault> {
        Ok(connection::ScopeSize {
            test_cases: Some(cases(&settings).await?.len() as u64),
            launches: None,
        })
    }

    async fn probe(_: types::Settings, _: bool) -> Result<Vec<connection::Observation>, types::Fault> {
        Err(fault(types::FaultKind::Unsupported, "nothing is assumed of the web server"))
    }
}

/// What is done with what was found.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Look,
    Write,
}

impl exporter::Guest for Plugin {
    async fn plan(job: exporter::Job, cancel: FutureReader<()>) -> Result<exporter::Running, types::Fault> {
        start(job, if CARELESS { Mode::Write } else { Mode::Look }, cancel)
    }

    async fn verify(job: exporter::Job, cancel: FutureReader<()>) -> Result<exporter::Running, types::Fault> {
        start(job, Mode::Look, cancel)
    }

    async fn run(job: exporter::Job, cancel: FutureReader<()>) -> Result<exporter::Running, types::Fault> {
        start(job, Mode::Write, cancel)
    }

    async fn undo(_: exporter::UndoJob, _: FutureReader<()>) -> Result<exporter::Running, types::Fault> {
        Err(fault(
            types::FaultKind::Unsupported,
            "a file's rows are not taken back; edit the file",
        ))
    }

    async fn adopt(_: exporter::AdoptJob, _: FutureReader<()>) -> Result<exporter::Running, types::Fault> {
        Err(fault(types::FaultKind::Unsupported, "rows of a file need no adoption"))
    }
}

/// Returns at once; the work goes on in a task of its own.
fn start(job: exporter::Job, mode: Mode, cancel: FutureReader<()>) -> Result<exporter::Running, types::Fault> {
    log_panics();
    if job.approved.is_some() {
        return Err(fault(types::FaultKind::Unsupported, "the file is written as a whole"));
    }
    let settings = job.settings;
    let (events, stream) = wit_stream::new();
    let (done, report) = wit_future::new(|| stopped(fault(types::FaultKind::Internal, "the plugin vanished")));
    wit_bindgen::spawn_local(async move {
        let work = export(&settings, mode, events);
        let report = if CARELESS {
            work.await
        } else {
            until(work, cancel.into_future()).await
        };
        // The host may have stopped listening.
        let _ = done.write(report).await;
    });
    Ok(exporter::Running { events: stream, report })
}

/// The work's report, or that it was cancelled; what is under way is then dropped.
async fn until(work: impl Future<Output = exporter::Report>, cancel: impl Future<Output = ()>) -> exporter::Report {
    let (mut work, mut cancel) = (pin!(work), pin!(cancel));
    poll_fn(|context| {
        if let Poll::Ready(report) = work.as_mut().poll(context) {
            return Poll::Ready(report);
        }
        let cancelled = || stopped(fault(types::FaultKind::Cancelled, "cancelled"));
        cancel.as_mut().poll(context).map(|()| cancelled())
    })
    .await
}

async fn export(settings: &types::Settings, mode: Mode, mut events: StreamWriter<exporter::Event>) -> exporter::Report {
    let (mut report, mut tally) = (empty(), none());
    match settle(settings, mode).await {
        Err(fault) => report.stopped = Some(fault),
        Ok(verdicts) => {
            for verdict in verdicts {
                match verdict.outcome {
                    exporter::Outcome::Created => tally.created += 1,
                    exporter::Outcome::Updated => tally.updated += 1,
                    _ => tally.unchanged += 1,
                }
                // What is left over says that nobody listens; the report still counts.
                let _ = events.write_all(vec![exporter::Event::Verdict(verdict)]).await;
            }
        }
    }
    report.tallies = vec![exporter::EntityTally {
        entity: TEST_CASE.into(),
        tally,
    }];
    report
}

async fn settle(settings: &types::Settings, mode: Mode) -> Result<Vec<exporter::Verdict>, types::Fault> {
    let cases = cases(settings).await?;
    let before = rows().await?;
    let verdicts = cases.iter().map(|(id, name)| {
        let outcome = match before.get(id) {
            Some(there) if there == name && !CARELESS => exporter::Outcome::Unchanged,
            Some(_) if !CARELESS => exporter::Outcome::Updated,
            _ => exporter::Outcome::Created,
        };
        verdict(*id, name, outcome)
    });
    let verdicts: Vec<_> = verdicts.collect();
    let is_behind = verdicts
        .iter()
        .any(|verdict| verdict.outcome != exporter::Outcome::Unchanged);
    if mode == Mode::Write && is_behind {
        if !CARELESS {
            lease(&cases).await?;
        }
        let mut after = before;
        after.extend(cases);
        write(&after).await?;
    }
    Ok(verdicts)
}

/// The first write of a row takes the lease: two runs never replace the file at the same time.
async fn lease(cases: &BTreeMap<u64, String>) -> Result<(), types::Fault> {
    let Some(id) = cases.keys().next() else { return Ok(()) };
    let key = links::Key {
        entity: TEST_CASE.into(),
        destination: "1".into(),
        id: id.to_string(),
    };
    let lost = |_| fault(types::FaultKind::Ledger, "another run works on the file");
    let known = links::get_many(vec![key.clone()]).await.map_err(lost)?;
    let link = links::Link {
        key,
        phase: links::Phase::Synced,
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
    let expected = known.into_iter().flatten().next().map_or(0, |row| row.version);
    links::put_many(vec![links::Write { link, expected }])
        .await
        .map_err(lost)?;
    Ok(())
}

/// Names of the cases by id.
async fn cases(settings: &types::Settings) -> Result<BTreeMap<u64, String>, types::Fault> {
    let project = project(settings).ok_or_else(|| fault(types::FaultKind::Configuration, "no TestOps project"))?;
    if CARELESS {
        let _ = get("testops", "/api/account/me", Vec::new()).await;
    }
    let mut cases = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for page in 0.. {
        let query = [("projectId", project), ("page", page), ("size", 100)];
        let mut query: Vec<_> = query
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect();
        query.push(("rql".into(), String::new()));
        let body = get("testops", "/api/testcase/__search", query).await?;
        let text = if CARELESS {
            serde_json::from_slice(&body).unwrap()
        } else {
            read(&body)?
        };
        let rows = text.get("content").and_then(Value::as_array);
        let rows = rows.ok_or_else(|| fault(types::FaultKind::Unreachable, "TestOps answered with something else"))?;
        let before = seen.len();
        for row in rows {
            let (id, name) = (
                row.get("id").and_then(Value::as_u64),
                row.get("name").and_then(Value::as_str),
            );
            if let (Some(id), Some(name)) = (id, name) {
                seen.insert(id);
                cases.insert(id, one_line(name));
            }
        }
        if seen.len() == before || text.get("last").and_then(Value::as_bool) == Some(true) {
            break;
        }
    }
    Ok(cases)
}

fn read(body: &[u8]) -> Result<Value, types::Fault> {
    serde_json::from_slice(body).map_err(|_| fault(types::FaultKind::Unreachable, "TestOps answered with a page"))
}

/// Rows of the file by id.
async fn rows() -> Result<BTreeMap<u64, String>, types::Fault> {
    let body = get("file", FILE, Vec::new()).await?;
    let text = String::from_utf8(body).map_err(|_| fault(types::FaultKind::Unreachable, "the file is no text"))?;
    let row = |line: &str| {
        let (id, name) = line.split_once(',')?;
        Some((id.parse().ok()?, name.to_owned()))
    };
    // A line that is not ours would be lost when the file is replaced.
    let rows: Option<BTreeMap<u64, String>> = text.lines().map(row).collect();
    rows.ok_or_else(|| fault(types::FaultKind::Unreachable, "the file has other lines than `id,name`"))
}

async fn write(rows: &BTreeMap<u64, String>) -> Result<(), types::Fault> {
    let mut file: String = rows.iter().map(|(id, name)| format!("{id},{name}\n")).collect();
    if CARELESS {
        file = file.repeat(2);
    }
    send("file", http::Method::Put, FILE, Vec::new(), Some(file.into_bytes()))
        .await
        .map(drop)
}

async fn get(connection: &str, path: &str, query: Vec<(String, String)>) -> Result<Vec<u8>, types::Fault> {
    send(connection, http::Method::Get, path, query, None).await
}

async fn send(
    connection: &str,
    method: http::Method,
    path: &str,
    query: Vec<(String, String)>,
    body: Option<Vec<u8>>,
) -> Result<Vec<u8>, types::Fault> {
    let request = http::Request {
        connection: connection.into(),
        method,
        path: path.into(),
        query,
        headers: Vec::new(),
        body: body.map(|bytes| vec![http::Piece::Bytes(bytes)]),
        timeout_ms: None,
    };
    match http::send(request).await {
        Ok(answer) if (200..300).contains(&answer.status) => Ok(answer.body),
        Ok(answer) => Err(fault(
            types::FaultKind::Unreachable,
            &format!("{path} answered {}", answer.status),
        )),
        Err(error) => Err(fault(types::FaultKind::Unreachable, &format!("{path}: {error:?}"))),
    }
}

fn one_line(name: &str) -> String {
    name.split(['\r', '\n']).collect::<Vec<_>>().join(" ")
}

fn project(settings: &types::Settings) -> Option<u64> {
    let field = settings
        .fields
        .iter()
        .find(|field| field.name == "testops-project-id")?;
    field.value.trim().parse().ok()
}

fn fault(kind: types::FaultKind, message: &str) -> types::Fault {
    types::Fault {
        kind,
        side: SERVER.into(),
        message: message.into(),
        hint: None,
        retry_at: None,
    }
}

fn stopped(fault: types::Fault) -> exporter::Report {
    exporter::Report {
        stopped: Some(fault),
        ..empty()
    }
}

fn empty() -> exporter::Report {
    exporter::Report {
        tallies: vec![exporter::EntityTally {
            entity: TEST_CASE.into(),
            tally: none(),
        }],
        resumed: 0,
        forecast: Vec::new(),
        stopped: None,
    }
}

fn none() -> exporter::Tally {
    exporter::Tally {
        created: 0,
        updated: 0,
        unchanged: 0,
        skipped: 0,
        failed: 0,
        waiting: 0,
        removed: 0,
        adopted: 0,
    }
}

/// A panic's message would reach nobody; the host shows what was logged last.
fn log_panics() {
    std::panic::set_hook(Box::new(|info| log::log(log::Level::Error, &info.to_string())));
}

fn verdict(id: u64, name: &str, outcome: exporter::Outcome) -> exporter::Verdict {
    exporter::Verdict {
        entity: TEST_CASE.into(),
        id: id.to_string(),
        name: name.into(),
        source_url: None,
        outcome,
        issue: None,
        changes: Vec::new(),
        decision: String::new(),
        reason: None,
        notes: Vec::new(),
        counts: Vec::new(),
    }
}
