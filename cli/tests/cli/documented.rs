//! Every command that the documentation shows is one that works as it stands there.

use std::path::{Path, PathBuf};

use crate::rig::{Rig, Variant};
use crate::{code, err};

/// Pages whose commands are run, in their order, each page from its own beginning.
const PAGES: [&str; 6] = [
    "README.md",
    "docs/start.md",
    "docs/cli.md",
    "docs/every-night.md",
    "docs/probe.md",
    "docs/serve.md",
];
/// They serve until Ctrl-C, or start everything that other tests start already: only their options are checked.
const LONG: [&str; 4] = ["serve", "sim", "demo", "worker"];

/// The `tms-sync` lines of the page's console blocks, without prompts and remarks.
fn commands(page: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(page).unwrap();
    let mut is_console = false;
    let mut commands = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(language) = line.strip_prefix("```") {
            is_console = language == "console";
        } else if let (true, Some(command)) = (is_console, line.strip_prefix("tms-sync ")) {
            commands.push(command.split(" #").next().unwrap().trim().to_owned());
        }
    }
    commands
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The name of the first export, where a command takes back a run.
fn named(rig: &Rig, word: &str) -> String {
    if word != "RUN" {
        return word.to_owned();
    }
    let (_, history) = rig.json(&["history"]);
    let runs = history["runs"].as_array().unwrap().iter();
    let export = runs.rev().find(|run| run["mode"] == "export").unwrap();
    export["run"].as_str().unwrap().to_owned()
}

fn run(rig: &Rig, page: &str, command: &str) {
    let words: Vec<String> = command.split_whitespace().map(|word| named(rig, word)).collect();
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    // Nor is there a service, or a project to write to.
    let elsewhere = words.iter().any(|word| ["--server", "--write"].contains(word));
    if LONG.contains(&words[0]) || elsewhere {
        words.push("--help");
    }
    let output = rig.run(&words);
    // `status --max-age` and others answer with 1 where a person must look.
    assert!(
        matches!(code(&output), Some(0 | 1)),
        "{page}: tms-sync {command}\n{}",
        err(&output)
    );
}

#[test]
fn every_documented_command_runs() {
    for page in PAGES {
        let rig = Rig::start(Variant::Dc, 2);
        for command in commands(&root().join(page)) {
            run(&rig, page, &command);
        }
    }
}

#[test]
fn the_pages_show_commands() {
    let all: usize = PAGES.iter().map(|page| commands(&root().join(page)).len()).sum();
    assert!(all > 20, "{all}");
}
