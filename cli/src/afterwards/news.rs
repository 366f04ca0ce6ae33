//! What people hear of the exports of one command.

use serde_json::{Value, json};
use tms_sync_host::{RunMode, RunRecord};

use crate::config::When;
use crate::last_exports::{LastExports, Trouble};
use crate::render::text::{counted, utc};

/// One text about all syncs of a command.
#[derive(Debug, PartialEq, Eq)]
pub struct News {
    pub has_failed: bool,
    pub title: String,
    pub text: String,
}

/// How the latest export of a sync went, and how the one before it did.
struct Change {
    line: String,
    has_failed: bool,
    had_failed: bool,
}

impl News {
    /// Of the syncs' latest exports; none where people do not want to hear of them. `runs` are newest first.
    pub fn of(integration: &str, syncs: &[String], runs: &[RunRecord], when: When) -> Option<Self> {
        let changes: Vec<Change> = syncs.iter().filter_map(|sync| change(sync, runs)).collect();
        let failed = changes.iter().filter(|change| change.has_failed).count() as u64;
        let recovered = changes.iter().any(|change| change.had_failed && !change.has_failed);
        if changes.is_empty() || (when == When::Failure && failed == 0 && !recovered) {
            return None;
        }
        let title = match (failed, recovered) {
            (0, true) => format!("{integration}: the export is all right again"),
            (0, false) => format!("{integration}: the export is done"),
            (_, _) => format!(
                "{integration}: the export of {} failed",
                counted(failed, "sync", "syncs")
            ),
        };
        let lines: Vec<String> = changes.into_iter().map(|change| change.line).collect();
        Some(Self {
            has_failed: failed > 0,
            title,
            text: lines.join("\n"),
        })
    }

    pub fn json(&self) -> Value {
        json!({
            "text": format!("*{}*\n{}", self.title, self.text),
            "title": self.title,
            "failed": self.has_failed,
        })
    }
}

fn change(sync: &str, runs: &[RunRecord]) -> Option<Change> {
    let exports: Vec<&RunRecord> = runs
        .iter()
        .filter(|run| run.export == sync && run.mode == RunMode::Export)
        .collect();
    let latest = LastExports::of(exports.iter().copied(), 0, None);
    let before = LastExports::of(exports.iter().copied().skip(1), 0, None);
    latest.latest.as_ref()?;
    let success = latest.success_at.map_or("never".to_owned(), utc);
    let line = match &latest.trouble {
        None => format!("{sync}: done"),
        Some(Trouble::Stopped(reason)) => format!("{sync}: {reason}. Last success: {success}. Next: tms-sync status"),
        Some(Trouble::Failed(items)) => {
            let items = counted(*items, "item", "items");
            format!("{sync}: {items} failed. Last success: {success}. Next: read the report of the run")
        }
        Some(Trouble::Late(_)) => format!("{sync}: late. Last success: {success}"),
    };
    Some(Change {
        line,
        has_failed: latest.trouble.is_some(),
        had_failed: before.trouble.is_some(),
    })
}

#[cfg(test)]
mod tests {
    use tms_sync_host::Ending;

    use super::*;

    fn run(number: u64, ending: Ending) -> RunRecord {
        RunRecord {
            run_id: number.to_string(),
            mode: RunMode::Export,
            export: "main".to_owned(),
            undoes: None,
            settings_digest: String::new(),
            started_at: number,
            finished_at: Some(number),
            ending: Some(ending),
            totals: String::new(),
        }
    }

    fn news(runs: &[RunRecord], when: When) -> Option<String> {
        let news = News::of("Xray", &["main".to_owned()], runs, when)?;
        Some(format!("{}\n{}", news.title, news.text))
    }

    #[test]
    fn people_hear_of_a_failure_and_of_the_first_success_after_it() {
        let good = || run(1, Ending::Done);
        let bad = || run(2, Ending::Ended("the host died".to_owned()));
        assert_eq!(news(&[good()], When::Failure), None);
        assert_eq!(
            news(&[bad(), good()], When::Failure).unwrap(),
            "Xray: the export of 1 sync failed\n\
             main: the host died. Last success: 1970-01-01 00:00:00Z. Next: tms-sync status"
        );
        assert_eq!(
            news(&[good(), bad()], When::Failure).unwrap(),
            "Xray: the export is all right again\nmain: done"
        );
        assert_eq!(news(&[good(), good(), bad()], When::Failure), None);
        assert_eq!(
            news(&[good()], When::Always).unwrap(),
            "Xray: the export is done\nmain: done"
        );
    }
}
