//! `demo` and `sim`, and a whole export by the command alone.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Output, Stdio};

use serde_json::Value;

use crate::printed::printed;
use crate::rig::Variant;
use crate::{code, out, tms_sync};

over_both!(
    an_export_by_the_command_alone_happens_once,
    commands_show_what_they_do,
    the_demo_shows_an_export_and_one_that_changes_nothing,
);

/// The variant on a command line.
fn name(variant: Variant) -> &'static str {
    match variant {
        Variant::Cloud => "cloud",
        Variant::Dc => "dc",
    }
}

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

/// Simulated servers with eight cases, and a folder with the configuration that `sim` printed for them.
struct Simulated {
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
    _sim: Sim,
}

impl Simulated {
    fn start(variant: Variant) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut sim = Sim::start(folder.path(), name(variant));
        let (file, variables) = sim.configuration();
        std::fs::write(folder.path().join("tms-sync.toml"), file).unwrap();
        Self {
            folder,
            variables,
            _sim: sim,
        }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = tms_sync(self.folder.path());
        command.args(arguments).envs(self.variables.iter().cloned());
        command.output().unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&out(&self.run(arguments))).unwrap()
    }
}

/// The way through the README: look, plan, export, replay, export again, list the links.
fn an_export_by_the_command_alone_happens_once(variant: Variant) {
    let servers = Simulated::start(variant);
    let plan = servers.json(&["plan", "--json"]);
    assert_eq!(plan["syncs"][0]["totals"]["test-cases"]["create"], 8, "{plan:#}");
    let report = servers.json(&["export", "main", "--json", "--record", "run.jsonl"]);
    assert_eq!(report["exit-code"], 0, "{report:#}");
    assert_eq!(report["syncs"][0]["totals"]["test-cases"]["created"], 8, "{report:#}");

    // A day later, on another machine: nothing but the file.
    let mut replay = tms_sync(servers.folder.path());
    let replayed = replay.args(["replay", "run.jsonl", "--json"]).output().unwrap();
    let same: Value = serde_json::from_str(&out(&replayed)).unwrap();
    assert_eq!(
        (code(&replayed), &same["replay"]["same"]),
        (Some(0), &Value::Bool(true)),
        "{same:#}"
    );

    let second = servers.json(&["export", "--json"]);
    assert_eq!(second["syncs"][0]["totals"]["test-cases"]["unchanged"], 8, "{second:#}");
    let links = servers.json(&["links", "--json"]);
    let cases = links["links"].as_array().unwrap().iter();
    assert_eq!(
        cases.filter(|link| link["entity"] == "test-case").count(),
        8,
        "{links:#}"
    );

    for name in ["tms-sync.db", "tms-sync.db-wal"] {
        let ledger = std::fs::read(servers.folder.path().join(name)).unwrap_or_default();
        crate::canary::expect_none(name, &ledger);
    }
}

/// Prints what people read on the same way.
fn commands_show_what_they_do(variant: Variant) {
    let mut servers = Simulated::start(variant);
    let test = printed(&servers.run(&["test"]));
    let projects = printed(&servers.run(&["projects", "cal"]));
    let plan = printed(&servers.run(&["plan"]));
    let export = printed(&servers.run(&["export"]));
    let links = printed(&servers.run(&["links"]));
    for (_, value) in &mut servers.variables {
        "wrong".clone_into(value);
    }
    let refused = printed(&servers.run(&["test"]));
    reports!(variant => test, projects, plan, export, links, refused);
}

fn the_demo_shows_an_export_and_one_that_changes_nothing(variant: Variant) {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = tms_sync(folder.path());
    let demo = demo
        .args(["demo", "--variant", name(variant), "--cases", "6"])
        .output()
        .unwrap();
    let demo = printed(&demo);
    reports!(variant => demo);
}
