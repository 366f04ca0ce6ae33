//! Exports on a tape: replayed byte for byte, without a server.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tms_sync_host::model::Outcome;
use tms_sync_host::{Job, ReplayError, replay};
use tms_sync_sim::cloud::XRAY_CLIENT_SECRET;
use tms_sync_sim::generate::Plan;
use tms_sync_sim::testops::TOKEN;
use tms_sync_sim::world::JIRA_TOKEN;

use crate::rig::{Rig, Variant, config, plugin};

scenarios!(
    a_recorded_export_replays_to_the_same_run,
    a_difference_is_told_where_it_begins,
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

async fn recorded(variant: Variant) -> String {
    let rig = Rig::start(variant, Plan::new(20, 3).launch(21).build()).await;
    let tape = Tape::default();
    let tenant = rig.tenant().await;
    let job = Job::new(config()).run_id("recorded");
    let done = rig.follow(|| tenant.record(job, tape.clone())).await;
    assert_eq!(done.cases(Outcome::Created).len(), 20, "{:?}", done.report);
    let bytes = tape.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

async fn a_recorded_export_replays_to_the_same_run(variant: Variant) {
    let tape = recorded(variant).await;
    for _ in 0..3 {
        let replayed = replay(plugin().await, &tape).await.unwrap_or_else(|e| panic!("{e}"));
        assert!(replayed.requests > 20 && replayed.events > 5, "{replayed:?}");
        assert_eq!(replayed.recorded_digest, plugin().await.digest());
    }
    for secret in [TOKEN, JIRA_TOKEN, XRAY_CLIENT_SECRET] {
        assert!(!tape.contains(secret));
    }
}

async fn a_difference_is_told_where_it_begins(variant: Variant) {
    let tape = recorded(variant).await;
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
