//! The latest exports as metrics, in the format that the textfile collector of node_exporter reads.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use tms_sync_host::RunRecord;

use crate::last_exports::{LastExports, number, tallies};
use crate::report::{OUTCOMES, Verb};

/// Name, help, and value of a sync; those without a value are left out.
type Metric = (&'static str, &'static str, fn(&LastExports) -> Option<String>);

const METRICS: [Metric; 4] = [
    (
        "tms_sync_last_export_timestamp_seconds",
        "When the latest export ended, as seconds since 1970.",
        |exports| exports.latest.as_ref()?.finished_at.map(seconds),
    ),
    (
        "tms_sync_last_success_timestamp_seconds",
        "When the latest export ended in which nothing failed, as seconds since 1970.",
        |exports| exports.success_at.map(seconds),
    ),
    (
        "tms_sync_last_export_failed",
        "Whether the latest export could not run or had items that failed.",
        |exports| {
            exports.latest.as_ref()?;
            Some(u8::from(exports.trouble.is_some()).to_string())
        },
    ),
    (
        "tms_sync_last_export_duration_seconds",
        "How long the latest export took.",
        |exports| {
            let run = exports.latest.as_ref()?;
            Some(seconds(run.finished_at?.saturating_sub(run.started_at)))
        },
    ),
];
const ITEMS: &str = "tms_sync_last_export_items";

/// The metrics of these syncs. `runs` are newest first.
pub fn text(integration: &str, syncs: &[String], runs: &[RunRecord]) -> String {
    let of = |sync: &String| {
        let own = runs.iter().filter(|run| run.export == *sync);
        (labels(integration, sync), LastExports::of(own, 0, None))
    };
    let all: Vec<(String, LastExports)> = syncs.iter().map(of).collect();
    let mut text = String::new();
    for (name, help, value) in METRICS {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (labels, exports) in &all {
            if let Some(value) = value(exports) {
                let _ = writeln!(text, "{name}{{{labels}}} {value}");
            }
        }
    }
    let _ = writeln!(text, "# HELP {ITEMS} Items of the latest export.\n# TYPE {ITEMS} gauge");
    for (labels, exports) in &all {
        for (entity, tally) in exports.latest.iter().flat_map(tallies) {
            for outcome in OUTCOMES {
                let (word, number) = (Verb::Export.word(outcome), number(&tally, outcome));
                let _ = writeln!(
                    text,
                    "{ITEMS}{{{labels},entity=\"{}\",outcome=\"{word}\"}} {number}",
                    escaped(&entity)
                );
            }
        }
    }
    text
}

fn labels(integration: &str, sync: &str) -> String {
    format!("integration=\"{}\",sync=\"{}\"", escaped(integration), escaped(sync))
}

fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{:03}", milliseconds / 1_000, milliseconds % 1_000)
}

/// Puts the text in the place of the file at once: the collector never reads a half of it.
pub fn replace(file: &Path, text: &str) -> io::Result<()> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(".tmp");
    std::fs::write(&beside, text)?;
    std::fs::rename(&beside, file)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use tms_sync_host::{Ending, RunMode};

    use super::*;

    #[test]
    fn a_sync_has_its_times_and_its_items() {
        let run = RunRecord {
            run_id: "5e".to_owned(),
            mode: RunMode::Export,
            export: "main".to_owned(),
            undoes: None,
            settings_digest: String::new(),
            started_at: 1_787_000_000_000,
            finished_at: Some(1_787_000_003_240),
            ending: Some(Ending::Done),
            totals: r#"{"tallies":[{"entity":"test-case","tally":{"created":2}}]}"#.to_owned(),
        };
        assert_snapshot!(text("Xray \"new\"", &["main".to_owned(), "never ran".to_owned()], &[run]), @r#"
        # HELP tms_sync_last_export_timestamp_seconds When the latest export ended, as seconds since 1970.
        # TYPE tms_sync_last_export_timestamp_seconds gauge
        tms_sync_last_export_timestamp_seconds{integration="Xray \"new\"",sync="main"} 1787000003.240
        # HELP tms_sync_last_success_timestamp_seconds When the latest export ended in which nothing failed, as seconds since 1970.
        # TYPE tms_sync_last_success_timestamp_seconds gauge
        tms_sync_last_success_timestamp_seconds{integration="Xray \"new\"",sync="main"} 1787000003.240
        # HELP tms_sync_last_export_failed Whether the latest export could not run or had items that failed.
        # TYPE tms_sync_last_export_failed gauge
        tms_sync_last_export_failed{integration="Xray \"new\"",sync="main"} 0
        # HELP tms_sync_last_export_duration_seconds How long the latest export took.
        # TYPE tms_sync_last_export_duration_seconds gauge
        tms_sync_last_export_duration_seconds{integration="Xray \"new\"",sync="main"} 3.240
        # HELP tms_sync_last_export_items Items of the latest export.
        # TYPE tms_sync_last_export_items gauge
        tms_sync_last_export_items{integration="Xray \"new\"",sync="main",entity="test-case",outcome="created"} 2
        tms_sync_last_export_items{integration="Xray \"new\"",sync="main",entity="test-case",outcome="updated"} 0
        tms_sync_last_export_items{integration="Xray \"new\"",sync="main",entity="test-case",outcome="unchanged"} 0
        tms_sync_last_export_items{integration="Xray \"new\"",sync="main",entity="test-case",outcome="removed"} 0
        tms_sync_last_export_items{integration="Xray \"new\"",sync="main",entity="test-case",outcome="adopted"} 0
        tms_sync_last_export_items{integration="Xray \"new\"",sync="main",entity="test-case",outcome="skipped"} 0
        tms_sync_last_export_items{integration="Xray \"new\"",sync="main",entity="test-case",outcome="failed"} 0
        tms_sync_last_export_items{integration="Xray \"new\"",sync="main",entity="test-case",outcome="waiting"} 0
        "#);
    }
}
