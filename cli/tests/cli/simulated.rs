//! `demo` and `sim`, and a whole export by the command alone.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::{code, err, out, tms_sync};

/// `tms-sync sim`, stopped when dropped.
struct Sim {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Drop for Sim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Sim {
    fn start(folder: &Path, variant: &str) -> Self {
        let mut command = tms_sync(folder);
        command
            .args(["sim", "--variant", variant, "--cases", "8"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    /// What it printed: the file, and the variables to export.
    fn configuration(&mut self) -> (String, Vec<(String, String)>) {
        let (mut file, mut variables, mut line) = (String::new(), Vec::new(), String::new());
        while self.output.read_line(&mut line).unwrap() > 0 && !line.starts_with("tms-sync export") {
            match line
                .trim()
                .strip_prefix("export ")
                .and_then(|pair| pair.split_once('='))
            {
                Some((name, value)) => variables.push((name.to_owned(), value.trim_matches('\'').to_owned())),
                None => file.push_str(&line),
            }
            line.clear();
        }
        (file, variables)
    }
}

fn command(folder: &Path, variables: &[(String, String)], arguments: &[&str]) -> Command {
    let mut command = tms_sync(folder);
    command.args(arguments).envs(variables.iter().cloned());
    command
}

fn exports_once(variant: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mut sim = Sim::start(folder.path(), variant);
    let (file, variables) = sim.configuration();
    std::fs::write(folder.path().join("tms-sync.toml"), file).unwrap();
    let run = |arguments: &[&str]| command(folder.path(), &variables, arguments).output().unwrap();

    let test = run(&["test"]);
    assert_eq!(code(&test), Some(0), "{}{}", out(&test), err(&test));
    assert!(out(&test).contains("Connection established"), "{}", out(&test));

    let projects = run(&["projects", "cal"]);
    assert!(
        out(&projects).starts_with("CALC  "),
        "{}{}",
        out(&projects),
        err(&projects)
    );

    let plan: Value = serde_json::from_str(&out(&run(&["plan", "--json"]))).unwrap();
    assert_eq!(plan["syncs"][0]["totals"]["test-cases"]["create"], 8, "{plan:#}");

    let first = run(&["export", "main", "--json", "--record", "run.jsonl"]);
    let report: Value = serde_json::from_str(&out(&first)).unwrap();
    assert_eq!(code(&first), Some(0), "{report:#}");
    assert_eq!(report["syncs"][0]["totals"]["test-cases"]["created"], 8, "{report:#}");

    // A day later, on another machine: nothing but the file.
    let mut replay = tms_sync(folder.path());
    let replayed = replay.args(["replay", "run.jsonl", "--json"]).output().unwrap();
    let told: Value = serde_json::from_str(&out(&replayed)).unwrap();
    assert_eq!(
        (code(&replayed), &told["replay"]["same"]),
        (Some(0), &Value::Bool(true)),
        "{told:#}"
    );

    let second: Value = serde_json::from_str(&out(&run(&["export", "--json"]))).unwrap();
    assert_eq!(second["syncs"][0]["totals"]["test-cases"]["unchanged"], 8, "{second:#}");

    let links: Value = serde_json::from_str(&out(&run(&["links", "--json"]))).unwrap();
    let cases = links["links"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|link| link["entity"] == "test-case");
    assert_eq!(cases.count(), 8, "{links:#}");

    for name in ["tms-sync.db", "tms-sync.db-wal"] {
        let ledger = std::fs::read(folder.path().join(name)).unwrap_or_default();
        crate::canary::expect_none(name, &ledger);
    }

    let closed = variables
        .iter()
        .map(|(name, _)| (name.clone(), "wrong".to_owned()))
        .collect::<Vec<_>>();
    let refused = command(folder.path(), &closed, &["test"]).output().unwrap();
    assert_eq!(code(&refused), Some(2), "{}{}", out(&refused), err(&refused));
}

fn demonstrates(variant: &str) {
    let folder = tempfile::tempdir().unwrap();
    let demo = tms_sync(folder.path())
        .args(["demo", "--variant", variant, "--cases", "6"])
        .output()
        .unwrap();
    let text = out(&demo);
    assert_eq!(code(&demo), Some(0), "{text}{}", err(&demo));
    for command in ["validate", "test", "plan", "export", "links"] {
        assert!(
            text.contains(&format!("tms-sync {command}")),
            "{command} is missing from:\n{text}"
        );
    }
    assert!(text.contains("second export   0 writes"), "{text}");
}

#[test]
fn dc_sim_and_configuration_export_once() {
    exports_once("dc");
}

#[test]
fn cloud_sim_and_configuration_export_once() {
    exports_once("cloud");
}

#[test]
fn dc_demo_shows_an_export_and_one_that_changes_nothing() {
    demonstrates("dc");
}

#[test]
fn cloud_demo_shows_an_export_and_one_that_changes_nothing() {
    demonstrates("cloud");
}
