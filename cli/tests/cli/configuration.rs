//! Configuration files that are wrong, from outside.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::printed::printed;
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

const SECRETS: [(&str, &str); 2] = [("TESTOPS_TOKEN", "t0ken"), ("JIRA_PASSWORD", "pa55word")];

fn folder_with(file: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tms-sync.toml"), file).unwrap();
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = tms_sync(folder);
    command.args(arguments).envs(SECRETS).output().unwrap()
}

/// Validates a configuration file.
fn validated(file: &str) -> String {
    printed(&run(folder_with(file).path(), &["validate"]))
}

#[test]
fn a_sound_file_is_called_sound() {
    let answer = validated(FILE);
    reports!(answer);
}

#[test]
fn filters_are_judged_in_a_file_with_unknown_keys_and_nothing_runs_with_it() {
    let file = FILE
        .replace("[testops]", "[testops]\nproject = 7")
        .replace("username = \"qa\"", "username = \"qa\"\nproxy = \"x\"")
        .replace(
            "project = \"CALC\"",
            "project = \"CALC\"\ntest-case-aql = 'tag = '\nlaunch-aql = 'true'",
        );
    let folder = folder_with(&file);
    let [validated, exported] = ["validate", "export"].map(|command| printed(&run(folder.path(), &[command])));
    reports!(validated, exported);
}

#[test]
fn filters_as_teams_write_them_pass_and_slips_are_named() {
    let judged = |aql: &str| {
        let filter = format!("project = \"CALC\"\ntest-case-aql = '{aql}'");
        validated(&FILE.replace("project = \"CALC\"", &filter))
    };
    let published = judged("deleted is false and muted = false and createdDate > 1735689600000");
    let a_member_too_many = judged("tag.name = \"smoke\"");
    let unknown = judged("flavour = \"sweet\"");
    reports!(published, a_member_too_many, unknown);
}

#[test]
fn a_missing_file_is_named_with_advice() {
    let folder = tempfile::tempdir().unwrap();
    let answer = printed(&run(folder.path(), &["validate"]));
    reports!(answer);
}

#[test]
fn every_problem_is_named_at_once_and_nothing_goes_to_standard_output() {
    let file = FILE
        .replace("endpoint = \"http://127.0.0.1:1\"", "endpont = \"x\"")
        .replace("username", "usrname");
    let answer = validated(&file);
    reports!(answer);
}

#[test]
fn the_plugin_judges_fields_and_filters_at_their_place() {
    let answer = validated(&FILE.replace("project = \"CALC\"", "project = \"CALC\"\ntest-case-aql = 'tag ='"));
    reports!(answer);
}

#[test]
fn a_server_with_plain_http_needs_its_line_under_host() {
    let answer = validated(&FILE.replace("allow = [\"127.0.0.1:1\", \"127.0.0.1:2\"]", ""));
    reports!(answer);
}

#[test]
fn a_type_that_could_be_several_is_answered_with_them() {
    let answer = validated(&FILE.replace("\"xray-dc\"", "\"xray\""));
    reports!(answer);
}

#[test]
fn a_folder_of_the_ledger_that_is_missing_is_a_warning() {
    let answer = validated(&FILE.replace("[host]", "[host]\nstate = \"no/such/tms-sync.db\""));
    reports!(answer);
}

#[test]
fn a_variable_that_is_not_set_is_named() {
    let folder = folder_with(FILE);
    let mut command = tms_sync(folder.path());
    let answer = printed(&command.arg("test").env("TESTOPS_TOKEN", "t0ken").output().unwrap());
    reports!(answer);
}

#[test]
fn a_literal_secret_is_refused_without_showing_it() {
    let file = FILE.replace("{ env = \"JIRA_PASSWORD\" }", "\"pa55word\"");
    let folder = folder_with(&file);
    let (text, json) = (
        run(folder.path(), &["validate"]),
        run(folder.path(), &["validate", "--json"]),
    );
    for output in [&text, &json] {
        assert!(!out(output).contains("pa55word") && !err(output).contains("pa55word"));
    }
    let (text, json) = (printed(&text), printed(&json));
    reports!(text, json);
}

#[test]
fn json_has_the_problems_as_members() {
    let folder = folder_with(&FILE.replace("\"CALC\"", "7"));
    let output = run(folder.path(), &["validate", "--json"]);
    let json: Value = serde_json::from_str(&out(&output)).unwrap();
    let command = (json["command"].as_str(), json["exit-code"].as_u64());
    assert_eq!(command, (Some("validate"), Some(2)));
    let problem = &json["problems"][0];
    let place = (problem["line"].as_u64(), problem["severity"].as_str());
    assert_eq!(place, (Some(16), Some("error")));
    let answer = printed(&output);
    reports!(answer);
}

#[test]
fn an_unknown_sync_is_answered_with_the_known_ones() {
    let folder = folder_with(FILE);
    let answer = printed(&run(folder.path(), &["plan", "mian"]));
    reports!(answer);
}

#[test]
fn looking_makes_no_ledger() {
    let folder = folder_with(FILE);
    run(folder.path(), &["validate"]);
    let answer = printed(&run(folder.path(), &["links"]));
    reports!(answer);
    assert!(!folder.path().join("tms-sync.db").exists());
}

#[test]
fn a_disabled_sync_could_not_run() {
    let folder = folder_with(&FILE.replace("project = \"CALC\"", "project = \"CALC\"\ndisable-export = true"));
    let output = run(folder.path(), &["export", "--json"]);
    let json: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(code(&output), Some(2));
    assert!(json["syncs"][0]["disabled"].is_string(), "{json}");
    let answer = printed(&run(folder.path(), &["export"]));
    reports!(answer);
}

#[test]
fn servers_that_are_not_there_fail_the_test_and_the_export() {
    let folder = folder_with(FILE);
    let [test, export, plan] = ["test", "export", "plan"].map(|command| printed(&run(folder.path(), &[command])));
    reports!(test, export, plan);
}

#[test]
fn servers_that_are_not_there_say_nothing_against_a_credential() {
    let folder = folder_with(FILE);
    run(folder.path(), &["test"]);
    let answer = printed(&run(folder.path(), &["status"]));
    reports!(answer);
}
