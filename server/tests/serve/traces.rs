//! Spans of runs at a collector. Their way is in the process's variables, so a process of its own runs the service: this
//! test binary, started once more.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Attribute;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde_json::{Value, json};
use tms_sync_host::EgressPolicy;
use tms_sync_server::{Options, Traces};
use tokio::net::TcpListener;

use crate::rig::{Rig, Servers, Variant, sync};

/// Names the file for what the service says of its runs; only in the process that the test starts.
const RUNS: &str = "TMS_SYNC_TEST_TRACED_RUNS";

/// What is started; on its own it tests nothing. It exports, and exports again with a wrong secret.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_exports_with_traces_where_it_is_started_to() {
    let Ok(file) = std::env::var(RUNS) else { return };
    let traces = Traces::from_environment(&EgressPolicy::public_only()).unwrap();
    let rig = Rig::start_with(move |options| Options {
        traces: traces.clone(),
        ..options
    })
    .await;
    let servers = Servers::start(&rig, Variant::Dc, 3).await;
    let owner = rig.token("acme", "manage").await;
    let credentials = servers.set_up(&rig, &owner).await;
    let made = owner.post(&owner.own("/syncs"), sync(&credentials, "main")).await;
    let path = owner.own(&format!("/syncs/{}/runs", made["id"].as_str().unwrap()));
    let mut runs = Vec::new();
    for secret in [None, Some("canary-wrong")] {
        if let Some(value) = secret {
            servers.change_secret(&owner, &credentials, "token", value).await;
        }
        let run = owner.post(&path, json!({ "mode": "export" })).await;
        runs.push(owner.over(run["id"].as_str().unwrap()).await);
    }
    std::fs::write(file, Value::Array(runs).to_string()).unwrap();
    rig.stopped().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_gets_the_spans_of_runs_and_no_secret() {
    let collector = Collector::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("runs");
    let mut process = Command::new(std::env::current_exe().unwrap());
    process
        .args([
            "--exact",
            "traces::a_process_exports_with_traces_where_it_is_started_to",
        ])
        .env(RUNS, &file)
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url)
        .env("OTEL_EXPORTER_OTLP_HEADERS", "x-team=qa")
        .env("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=staging");
    let output = tokio::task::spawn_blocking(move || process.output()).await.unwrap();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));

    let batches = std::mem::take(&mut *collector.batches.lock().unwrap());
    for batch in &batches {
        assert!(
            !String::from_utf8_lossy(batch).contains("canary-"),
            "a secret is in a batch"
        );
    }
    let batches: Vec<_> = batches
        .iter()
        .map(|batch| ExportTraceServiceRequest::decode(&**batch).unwrap().resource_spans)
        .collect();
    let resources = batches.concat();
    let about = resources[0].resource.as_ref().unwrap();
    assert_eq!(text(&about.attributes, "service.name"), "tms-sync");
    assert_eq!(text(&about.attributes, "deployment.environment.name"), "staging");
    let scopes = resources.into_iter().flat_map(|resource| resource.scope_spans);
    let spans: Vec<Span> = scopes.flat_map(|scope| scope.spans).collect();
    let runs: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let shown = shown(&spans);
    for run in runs.as_array().unwrap() {
        assert!(
            shown.contains_key(run["id"].as_str().unwrap()),
            "a run without a span: {run}"
        );
    }
    let texts: Vec<String> = runs
        .as_array()
        .unwrap()
        .iter()
        .map(|run| shown[run["id"].as_str().unwrap()].clone())
        .collect();
    insta::assert_snapshot!("spans_of_two_runs", texts.join("\n"));
}

/// Takes what is sent to it.
struct Collector {
    url: String,
    batches: Arc<Mutex<Vec<Bytes>>>,
}

impl Collector {
    async fn start() -> Self {
        let batches: Arc<Mutex<Vec<Bytes>>> = Arc::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let service = Router::new()
            .route("/v1/traces", post(take))
            .with_state(Arc::clone(&batches));
        tokio::spawn(async { axum::serve(listener, service).await });
        Self { url, batches }
    }
}

async fn take(State(batches): State<Arc<Mutex<Vec<Bytes>>>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let is = |name: &str, value: &str| headers.get(name).is_some_and(|sent| sent == value);
    if !is("content-type", "application/x-protobuf") || !is("x-team", "qa") {
        return StatusCode::BAD_REQUEST;
    }
    batches.lock().unwrap().push(body);
    StatusCode::OK
}

/// Each trace as text by the id of its run.
fn shown(spans: &[Span]) -> BTreeMap<String, String> {
    let roots = spans.iter().filter(|span| span.parent_span_id.is_empty());
    let one = |root: &Span| (text(&root.attributes, "tms_sync.run"), trace(spans, root));
    roots.map(one).collect()
}

/// A run, its phases in order, and how often which server answered what to which method.
fn trace(spans: &[Span], root: &Span) -> String {
    let mut written = format!("{}{}\n", root.name, error(root));
    for attribute in &root.attributes {
        let name = attribute.key.as_str();
        if !["tms_sync.run", "tms_sync.sync"].contains(&name) {
            writeln!(written, "  {name} = {}", text(&root.attributes, name)).unwrap();
        }
    }
    let mut below: Vec<&Span> = spans.iter().filter(|span| span.trace_id == root.trace_id).collect();
    below.sort_by_key(|span| span.start_time_unix_nano);
    let is_request = |span: &Span| span.kind == 3;
    for phase in below
        .iter()
        .filter(|span| !is_request(span) && span.span_id != root.span_id)
    {
        assert_eq!(phase.parent_span_id, root.span_id, "a phase is below its run");
        writeln!(
            written,
            "  phase {}, done {}",
            phase.name,
            text(&phase.attributes, "tms_sync.done")
        )
        .unwrap();
    }
    let mut requests: BTreeMap<String, usize> = BTreeMap::new();
    for request in below.iter().filter(|span| is_request(span)) {
        assert!(
            below.iter().any(|span| span.span_id == request.parent_span_id),
            "{request:?}"
        );
        assert!(request.start_time_unix_nano <= request.end_time_unix_nano);
        assert!(!text(&request.attributes, "url.path").contains('?'), "{request:?}");
        let names = [
            "tms_sync.connection",
            "http.request.method",
            "http.response.status_code",
        ];
        let [connection, method, status] = names.map(|name| text(&request.attributes, name));
        *requests
            .entry(format!("{connection} {method} {status}{}", error(request)))
            .or_default() += 1;
    }
    for (request, number) in requests {
        writeln!(written, "  {request} × {number}").unwrap();
    }
    written
}

fn error(span: &Span) -> String {
    let status = span.status.as_ref().filter(|status| status.code == 2);
    status.map_or(String::new(), |status| format!(" (error: {})", status.message))
}

fn text(attributes: &[KeyValue], name: &str) -> String {
    let found = attributes.iter().find(|attribute| attribute.key == name);
    match found.and_then(|attribute| attribute.value.as_ref()?.value.as_ref()) {
        Some(Attribute::StringValue(text)) => text.clone(),
        Some(Attribute::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    }
}
