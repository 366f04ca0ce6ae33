//! Sins against whoever listens.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use guest_contract::{StreamWriter, connection, exporter, setup, types};

static CALLS: AtomicU32 = AtomicU32::new(0);

/// Leaves a trace in this instance's memory.
pub fn count() -> u32 {
    CALLS.fetch_add(1, Relaxed) + 1
}

pub fn findings(sin: &str) -> Vec<setup::Finding> {
    let size = if sin == "says too much" { 25 << 20 } else { 0 };
    let finding = setup::Finding {
        severity: setup::Severity::Warning,
        field: String::new(),
        message: format!("call {}", count()),
        hint: Some("x".repeat(size)),
        at: None,
        excerpt: None,
    };
    vec![finding]
}

pub fn mapping(sin: &str) -> Vec<(String, String)> {
    let many = if sin == "says too much" { 40 } else { 0 };
    vec![("x".repeat(1 << 20), String::new()); many]
}

pub fn summary(sin: &str) -> String {
    "x".repeat(if sin == "says too much" { 25 << 20 } else { 0 })
}

pub fn projects(sin: &str) -> Result<Vec<connection::Project>, types::Fault> {
    if sin != "says too much" {
        return Ok(vec![]);
    }
    Err(types::Fault {
        kind: types::FaultKind::Internal,
        side: "host".into(),
        message: "x".repeat(25 << 20),
        hint: None,
        retry_at: None,
    })
}

pub async fn flood(sin: &str, mut events: StreamWriter<exporter::Event>) {
    let event = match sin {
        "floods with events" => exporter::Event::Note("again".into()),
        "floods with progress events" => {
            exporter::Event::Progress(exporter::Progress { phase: String::new(), done: 1, total: None })
        }
        "floods with large events" => exporter::Event::Note("x".repeat(60_000)),
        "sends a giant event" => exporter::Event::Note("x".repeat(1 << 20)),
        _ => exporter::Event::Verdict(exporter::Verdict {
            entity: String::new(),
            id: String::new(),
            name: String::new(),
            source_url: None,
            outcome: exporter::Outcome::Failed,
            issue: None,
            changes: vec![exporter::Change { field: String::new(), before: None, after: None }; 100_000],
            decision: String::new(),
            reason: None,
            notes: vec![],
            counts: vec![],
        }),
    };
    while events.write_all(vec![event.clone(); 10]).await.is_empty() {}
}
