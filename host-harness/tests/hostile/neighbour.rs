//! A tenant that exports beside the sinner.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use axum::http::StatusCode;
use axum::response::IntoResponse;
use tms_sync_host::model::Event;
use tms_sync_host::{CallLimits, Engine, LoadedPlugin, Run, Tenant};

use crate::rig::{self, Seen, Server, job};

/// Requests and rows before, during and after the sin.
const ORDERS: [&str; 6] = [
    "bearer GET /open/before",
    "link put 1",
    "until plain GET /open/during",
    "basic POST /open/after",
    "link get 1",
    "link put 2",
];

pub struct Neighbour {
    server: Server,
    tenant: Tenant,
    run: Run,
    /// The answer that stops the neighbour from repeating.
    is_over: Arc<AtomicBool>,
    said: Vec<String>,
    asked_before: usize,
}

impl Neighbour {
    /// Starts a run and waits until it repeats its request.
    pub async fn start(engine: &Engine) -> Self {
        let plugin = LoadedPlugin::load(engine, rig::speaks().await).await.unwrap();
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        let server = Server::start(move |this: &Seen, _: &[Seen]| {
            let stops = this.path.ends_with("/during") && over.load(Relaxed);
            (StatusCode::OK, if stops { "stop" } else { "go on" }).into_response()
        })
        .await;
        let limits = CallLimits {
            // It asks on and on for as long as the hostile one lives.
            requests: u64::MAX,
            ..CallLimits::default()
        };
        let tenant = rig::tenant(&plugin, &server, "neighbour", limits);
        let mut run = tenant.run(job(&ORDERS));
        let mut said = Vec::new();
        while said.len() < 2 {
            let Some(Event::Note(note)) = run.next_event().await else {
                panic!("the neighbour ended early")
            };
            said.push(note);
        }
        let asked_before = server.seen().len();
        Self {
            server,
            tenant,
            run,
            is_over,
            said,
            asked_before,
        }
    }

    /// Whether it sent requests since it was started: it ran although somebody else never let go by himself.
    pub fn went_on(&self) -> bool {
        self.server.seen().len() > self.asked_before
    }

    /// Lets the run come to its end and holds it against what it has to be.
    pub async fn finished_untouched(mut self, sin: &str) {
        self.is_over.store(true, Relaxed);
        while let Some(event) = self.run.next_event().await {
            if let Event::Note(note) = event {
                self.said.push(note);
            }
        }
        let outcome = self.run.finish().await;
        let report = outcome.result.unwrap_or_else(|error| panic!("{sin}: {error}"));
        assert_eq!(report.tally("test-case").unchanged, ORDERS.len() as u64, "{sin}");
        assert!(report.stopped.is_none(), "{sin}");
        let expected = [
            "200 ",
            "Ok([PutOutcome::Stored(1)])",
            "200 ",
            "200 ",
            "Ok([Some(",
            "Ok([PutOutcome::Stored(1)])",
        ];
        for (said, expected) in self.said.iter().zip(expected) {
            assert!(said.starts_with(&format!("said={expected}")), "{sin}: {said}");
        }
        assert_eq!(self.said.len(), expected.len(), "{sin}");
        let facts = outcome.facts;
        assert_eq!((facts.ledger_writes, facts.ledger_reads), (2, 1), "{sin}");
        let requests: u64 = facts.connections.values().map(|traffic| traffic.requests).sum();
        assert_eq!(requests, self.server.seen().len() as u64, "{sin}");
        assert_eq!(self.tenant.mapping(None).await.unwrap().len(), 1, "{sin}");
    }
}
