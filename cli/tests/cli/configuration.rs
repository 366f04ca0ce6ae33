//! Configuration files that are wrong, from outside.

use std::path::Path;

use serde_json::Value;

use crate::{code, err, out, tms_sync};

const FILE: &str = r#"
[testops]
endpoint = "http://127.0.0.1:1"
project-id = 1
token = { env = "TESTOPS_TOKEN" }

[integration]
type = "xray-dc"
name = "Xray"
endpoint = "http://127.0.0.1:2"
username = "qa"
password = { env = "JIRA_PASSWORD" }

[[sync]]
name = "main"
project = "CALC"

[host]
allow = ["127.0.0.1:1", "127.0.0.1:2"]
"#;

fn folder_with(file: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tms-sync.toml"), file).unwrap();
    folder
}

fn validate(folder: &Path, options: &[&str]) -> std::process::Output {
    let secrets = [("TESTOPS_TOKEN", "t0ken"), ("JIRA_PASSWORD", "pa55word")];
    tms_sync(folder)
        .arg("validate")
        .args(options)
        .envs(secrets)
        .output()
        .unwrap()
}

#[test]
fn a_sound_file_is_said_to_be_sound() {
    let folder = folder_with(FILE);
    let output = validate(folder.path(), &[]);
    assert_eq!(code(&output), Some(0), "{}", err(&output));
    assert!(
        out(&output).starts_with("Configuration is sound: Xray (xray-dc), 1 sync\n"),
        "{}",
        out(&output)
    );
}

#[test]
fn no_file_is_told_with_advice() {
    let folder = tempfile::tempdir().unwrap();
    let output = validate(folder.path(), &[]);
    assert_eq!(code(&output), Some(2));
    let text = err(&output);
    assert!(
        text.starts_with("error: tms-sync.toml: cannot read the configuration") && text.contains("hint:"),
        "{text}"
    );
}

#[test]
fn every_problem_is_told_at_once_and_nothing_goes_to_standard_output() {
    let file = FILE
        .replace("endpoint = \"http://127.0.0.1:1\"", "endpont = \"x\"")
        .replace("username", "usrname");
    let output = validate(folder_with(&file).path(), &[]);
    let text = err(&output);
    assert_eq!((code(&output), out(&output).as_str()), (Some(2), ""));
    assert!(
        text.contains("tms-sync.toml:3:1: unknown key `endpont` in [testops]"),
        "{text}"
    );
    assert!(text.contains("did you mean `endpoint`?"), "{text}");
    assert!(
        text.contains("tms-sync.toml:11:1: unknown key `usrname` in [integration]"),
        "{text}"
    );
}

#[test]
fn the_plugin_judges_fields_and_filters_at_their_place() {
    let file = FILE.replace("project = \"CALC\"", "project = \"CALC\"\ntest-case-aql = 'tag ='");
    let output = validate(folder_with(&file).path(), &[]);
    assert_eq!(code(&output), Some(2));
    assert!(
        err(&output).contains("error: tms-sync.toml:17:17: test-case-aql"),
        "{}",
        err(&output)
    );
}

#[test]
fn a_variable_that_is_not_set_is_named() {
    let folder = folder_with(FILE);
    let output = tms_sync(folder.path())
        .args(["test"])
        .env("TESTOPS_TOKEN", "t0ken")
        .output()
        .unwrap();
    assert_eq!(code(&output), Some(2));
    assert!(err(&output).contains("`JIRA_PASSWORD` is not set"), "{}", err(&output));
}

#[test]
fn a_literal_secret_is_refused_without_showing_it() {
    let file = FILE.replace("{ env = \"JIRA_PASSWORD\" }", "\"pa55word\"");
    for options in [&[][..], &["--json"]] {
        let output = validate(folder_with(&file).path(), options);
        assert_eq!(code(&output), Some(2));
        assert!(!out(&output).contains("pa55word") && !err(&output).contains("pa55word"));
    }
}

#[test]
fn json_has_the_problems_as_members() {
    let output = validate(folder_with(&FILE.replace("\"CALC\"", "7")).path(), &["--json"]);
    let json: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(
        (json["command"].as_str(), json["exit-code"].as_u64()),
        (Some("validate"), Some(2))
    );
    let problem = &json["problems"][0];
    assert_eq!(
        (problem["line"].as_u64(), problem["severity"].as_str()),
        (Some(16), Some("error"))
    );
    assert_eq!(err(&output), "");
}

#[test]
fn an_unknown_sync_is_answered_with_the_known_ones() {
    let folder = folder_with(FILE);
    let secrets = [("TESTOPS_TOKEN", "t0ken"), ("JIRA_PASSWORD", "pa55word")];
    let output = tms_sync(folder.path())
        .args(["plan", "mian"])
        .envs(secrets)
        .output()
        .unwrap();
    assert_eq!(code(&output), Some(2));
    assert!(err(&output).contains("did you mean `main`?"), "{}", err(&output));
}

#[test]
fn looking_makes_no_ledger() {
    let folder = folder_with(FILE);
    validate(folder.path(), &[]);
    let secrets = [("TESTOPS_TOKEN", "t0ken"), ("JIRA_PASSWORD", "pa55word")];
    let output = tms_sync(folder.path()).arg("links").envs(secrets).output().unwrap();
    assert_eq!(code(&output), Some(0), "{}", err(&output));
    assert!(!folder.path().join("tms-sync.db").exists());
}

#[test]
fn a_disabled_sync_could_not_run() {
    let folder = folder_with(&FILE.replace("project = \"CALC\"", "project = \"CALC\"\ndisable-export = true"));
    let secrets = [("TESTOPS_TOKEN", "t0ken"), ("JIRA_PASSWORD", "pa55word")];
    let output = tms_sync(folder.path())
        .args(["export", "--json"])
        .envs(secrets)
        .output()
        .unwrap();
    let json: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(code(&output), Some(2));
    assert!(json["syncs"][0]["disabled"].is_string(), "{json}");
}

#[test]
fn servers_that_are_not_there_fail_the_test_and_the_export_with_2() {
    let folder = folder_with(FILE);
    let secrets = [("TESTOPS_TOKEN", "t0ken"), ("JIRA_PASSWORD", "pa55word")];
    for command in ["test", "export", "plan"] {
        let output = tms_sync(folder.path()).arg(command).envs(secrets).output().unwrap();
        assert_eq!(code(&output), Some(2), "{command}: {}{}", out(&output), err(&output));
        assert!(out(&output).contains("TestOps"), "{command}: {}", out(&output));
    }
    let status = tms_sync(folder.path()).arg("status").envs(secrets).output().unwrap();
    assert_eq!(
        code(&status),
        Some(0),
        "nothing is said against a credential: {}",
        out(&status)
    );
    assert!(out(&status).contains("enabled"), "{}", out(&status));
}
