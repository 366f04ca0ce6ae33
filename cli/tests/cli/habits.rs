//! What people expect of any command: completions, manual pages, a first configuration, problems in the form that was asked for.

use std::path::Path;

use serde_json::Value;

use crate::printed::printed;
use crate::rig::{Rig, Variant};
use crate::{code, out, tms_sync};

over_both!(init_writes_a_configuration_that_works);

/// Commands as `--help` lists them.
fn commands(folder: &Path) -> Vec<String> {
    let help = out(&tms_sync(folder).arg("--help").output().unwrap());
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.is_empty());
    // Descriptions that need a second line are indented further.
    let commands = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    commands
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .collect()
}

#[test]
fn completions_know_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let commands = commands(folder.path());
    assert!(commands.len() > 20, "{commands:?}");
    for shell in ["bash", "zsh", "fish"] {
        let script = out(&tms_sync(folder.path()).args(["completions", shell]).output().unwrap());
        for command in &commands {
            assert!(script.contains(command), "{shell} does not know {command}");
        }
    }
}

#[test]
fn every_command_has_its_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man");
    let written = tms_sync(folder.path()).args(["man", "--out", "man"]).output().unwrap();
    assert_eq!(code(&written), Some(0), "{}", printed(&written));
    for command in commands(folder.path()) {
        if command == "help" {
            continue;
        }
        let page = std::fs::read_to_string(pages.join(format!("tms-sync-{command}.1"))).unwrap();
        assert!(page.contains(".SH NAME"), "{page}");
    }
}

#[test]
fn arguments_that_make_no_sense_are_an_object_where_json_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let output = tms_sync(folder.path())
        .args(["export", "--ful", "--json"])
        .output()
        .unwrap();
    serde_json::from_str::<Value>(&out(&output)).unwrap();
    let output = printed(&output);
    reports!(output);
}

/// Addresses of the servers as `init` takes them, and the hosts to allow.
fn answers(rig: &Rig, variant: Variant) -> Vec<String> {
    let (testops, jira) = (rig.world.testops.url(), rig.world.tracker.jira.url());
    let xray = rig.world.tracker.xray.as_ref().map(|xray| xray.url());
    let all = [Some(&testops), Some(&jira), xray.as_ref()].into_iter().flatten();
    let allowed: Vec<&str> = all.map(|url| url.trim_start_matches("http://")).collect();
    let mut answers = vec![
        format!("testops.endpoint={testops}"),
        "testops.project-id=1".to_owned(),
        format!("endpoint={jira}"),
        format!("project={}", tms_sync_sim::world::PROJECT),
        "test-case-aql=true".to_owned(),
        format!("allow={}", allowed.join(",")),
    ];
    answers.extend(match variant {
        Variant::Cloud => vec![
            "type=xray-cloud".to_owned(),
            format!("username={}", tms_sync_sim::world::EMAIL),
            format!("xray-endpoint={}", xray.unwrap()),
        ],
        Variant::Dc => vec![
            "type=xray-dc".to_owned(),
            format!("username={}", tms_sync_sim::world::USER),
        ],
    });
    answers
}

fn init_writes_a_configuration_that_works(variant: Variant) {
    let mut rig = Rig::start(variant, 2);
    let secret = match variant {
        Variant::Cloud => ("JIRA_API_TOKEN", tms_sync_sim::world::JIRA_TOKEN),
        Variant::Dc => ("JIRA_PASSWORD", tms_sync_sim::world::PASSWORD),
    };
    rig.variables.push((secret.0.to_owned(), secret.1.to_owned()));
    let answers = answers(&rig, variant);
    let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
    let there = rig.printed(&[&["init"][..], &answers[..]].concat());
    let missing = rig.printed(&["init", "-c", "my.toml", answers[answers.len() - 1], answers[0]]);
    let written = rig.run(&[&["init", "-c", "my.toml"][..], &answers[..]].concat());
    assert_eq!(code(&written), Some(0), "{}", printed(&written));
    let written = rig.named(printed(&written));
    reports!(variant => there, missing, written);
    assert_eq!(rig.json(&["export", "-c", "my.toml"]).0, 0);
}
