//! Exports on a tape: replayed byte for byte, without a server.

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use tms_sync_host::model::Outcome;
use tms_sync_host::{Job, ReplayError, replay};
use tms_sync_sim::cloud::XRAY_CLIENT_SECRET;
use tms_sync_sim::generate::Plan;
use tms_sync_sim::testops::TOKEN;
use tms_sync_sim::world::JIRA_TOKEN;

use crate::rig::{Rig, Variant, config, plugin};

scenarios!(
    a_kept_recording_replays_to_the_same_run,
    a_recorded_export_replays_to_the_same_run,
    a_difference_is_reported_where_it_begins,
);

#[derive(Clone, Default)]
struct Tape(Arc<Mutex<Vec<u8>>>);

impl Write for Tape {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Records an export of `cases` cases and one launch of them.
async fn recorded(variant: Variant, cases: usize) -> String {
    let rig = Rig::start(variant, Plan::new(cases, 3).launch(cases + 1).build()).await;
    let tape = Tape::default();
    let tenant = rig.tenant().await;
    let job = Job::new(config()).run_id("recorded");
    let done = rig.follow(|| tenant.record(job, tape.clone())).await;
    assert_eq!(done.cases(Outcome::Created).len(), cases, "{:?}", done.report);
    let bytes = tape.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

/// What the plugin asks, reports and writes, as it was when the recording was made: a change that was not meant is seen here
/// before a server sees it. `BLESS=1` records anew.
async fn a_kept_recording_replays_to_the_same_run(variant: Variant) {
    let name = format!("{variant:?}.jsonl").to_lowercase();
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/recordings")
        .join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, recorded(variant, 2).await).unwrap();
    }
    let tape = std::fs::read_to_string(&file).unwrap();
    let replayed = replay(plugin().await, &tape).await;
    let replayed = replayed.unwrap_or_else(|error| {
        panic!(
            "{}: {error}\nif the change is meant: BLESS=1 cargo test --test export kept_recording",
            file.display()
        )
    });
    assert!(replayed.requests > 10, "{replayed:?}");
}

async fn a_recorded_export_replays_to_the_same_run(variant: Variant) {
    let tape = recorded(variant, 20).await;
    for _ in 0..3 {
        let replayed = replay(plugin().await, &tape).await.unwrap_or_else(|e| panic!("{e}"));
        assert!(replayed.requests > 20 && replayed.events > 5, "{replayed:?}");
        assert_eq!(replayed.recorded_digest, plugin().await.digest());
    }
    for secret in [TOKEN, JIRA_TOKEN, XRAY_CLIENT_SECRET] {
        assert!(!tape.contains(secret));
    }
}

async fn a_difference_is_reported_where_it_begins(variant: Variant) {
    let tape = recorded(variant, 20).await;
    let mut lines: Vec<&str> = tape.lines().collect();
    let at = lines.iter().rposition(|line| line.contains("http.send")).unwrap();
    let changed = lines[at].replace(r#""path":"/"#, r#""path":"/moved/"#);
    lines[at] = &changed;
    match replay(plugin().await, &lines.join("\n")).await {
        Err(ReplayError::Differs(difference)) => {
            assert_eq!(difference.line, at + 1);
            assert!(difference.recorded.contains("/moved/") && !difference.replayed.contains("/moved/"));
        }
        other => panic!("{other:?}"),
    }

    let missing: Vec<&str> = lines[..at].iter().chain(lines.last()).copied().collect();
    let replayed = replay(plugin().await, &missing.join("\n")).await;
    assert!(matches!(replayed, Err(ReplayError::Differs(_))), "{replayed:?}");

    let cut = replay(plugin().await, &lines[..at].join("\n")).await;
    assert!(matches!(cut, Err(ReplayError::Cut)), "{cut:?}");
}
