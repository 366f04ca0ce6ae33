//! How people hear of what an export did: standard error, the log, the history, metrics and messages.

use crate::printed::printed;
use crate::rig::{Rig, Variant};

over_both!(
    a_quiet_export_prints_its_reasons_alone,
    a_log_file_keeps_what_happened,
    a_log_of_json_has_an_object_per_line,
    a_run_that_could_not_start_is_in_the_history,
    status_fails_after_a_failed_export_and_when_none_came_in_time,
    metrics_show_the_latest_export,
    a_webhook_hears_of_a_failure_and_of_the_recovery,
    a_mail_goes_through_the_mailer_of_the_machine,
);

fn with_a_refused_secret(variant: Variant) -> Rig {
    let mut rig = Rig::start(variant, 2);
    rig.store("JIRA_SECRET", "wrong-secret-0000000000");
    rig
}

fn a_quiet_export_prints_its_reasons_alone(variant: Variant) {
    let rig = with_a_refused_secret(variant);
    let refused = rig.printed(&["export", "--quiet"]);
    let good = Rig::start(variant, 2).printed(&["export", "--quiet"]);
    reports!(variant => refused, good);
}

fn read(rig: &Rig, file: &str) -> String {
    rig.named(std::fs::read_to_string(rig.folder.path().join(file)).unwrap())
}

fn a_log_file_keeps_what_happened(variant: Variant) {
    let rig = with_a_refused_secret(variant);
    rig.run(&["export", "--quiet", "--log-file", "export.log"]);
    let log = read(&rig, "export.log");
    reports!(variant => log);
}

fn a_log_of_json_has_an_object_per_line(variant: Variant) {
    let rig = with_a_refused_secret(variant);
    let output = rig.run(&["export", "--quiet", "--log-format", "json"]);
    for line in crate::err(&output).lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["level"], "error", "{line}");
        assert!(line["time"].is_string() && line["message"].is_string(), "{line}");
    }
}

fn a_run_that_could_not_start_is_in_the_history(variant: Variant) {
    let mut rig = Rig::start(variant, 2);
    rig.variables.retain(|(name, _)| name != "JIRA_SECRET");
    let export = rig.printed(&["export"]);
    rig.variables
        .push(("JIRA_SECRET".to_owned(), "stored-again-00000".to_owned()));
    let history = rig.printed(&["history"]);
    let status = rig.printed(&["status"]);
    reports!(variant => export, history, status);
    assert_eq!(rig.world.tracker.requests(), 0);
}

fn status_fails_after_a_failed_export_and_when_none_came_in_time(variant: Variant) {
    let mut rig = Rig::start(variant, 2);
    let never = rig.printed(&["status", "--max-age", "26h"]);
    assert_eq!(rig.json(&["export"]).0, 0);
    assert_eq!(rig.json(&["status", "--max-age", "26h"]).0, 0);
    let late = rig.printed(&["status", "--max-age", "0m"]);
    rig.store("TESTOPS_TOKEN", "wrong-token");
    assert_eq!(rig.json(&["export"]).0, 2);
    let failed = rig.printed(&["status"]);
    reports!(variant => never, late, failed);
}

fn metrics_show_the_latest_export(variant: Variant) {
    let rig = Rig::start(variant, 2);
    rig.run(&["export", "--metrics-file", "export.prom"]);
    let metrics = read(&rig, "export.prom");
    reports!(variant => metrics);
}

fn a_webhook_hears_of_a_failure_and_of_the_recovery(variant: Variant) {
    let mut rig = Rig::start(variant, 2);
    let heard = rig.notified();
    assert_eq!(rig.json(&["export"]).0, 0);
    rig.store("TESTOPS_TOKEN", "wrong-token");
    let failed = printed(&rig.run(&["export", "--quiet"]));
    rig.store("TESTOPS_TOKEN", tms_sync_sim::testops::TOKEN);
    assert_eq!(rig.json(&["export"]).0, 0);
    assert_eq!(rig.json(&["export"]).0, 0);
    let heard: Vec<String> = heard
        .lock()
        .unwrap()
        .iter()
        .map(|text| rig.named(text.clone()))
        .collect();
    let heard = heard.join("\n");
    assert!(!failed.contains("warning: this host"), "{failed}");
    reports!(variant => heard);
}

fn a_mail_goes_through_the_mailer_of_the_machine(variant: Variant) {
    use std::os::unix::fs::PermissionsExt;

    let mut rig = Rig::start(variant, 2);
    let mailer = rig.folder.path().join("sendmail");
    std::fs::write(
        &mailer,
        "#!/bin/sh\necho \"arguments: $*\" > mail.txt\ncat >> mail.txt\n",
    )
    .unwrap();
    std::fs::set_permissions(&mailer, PermissionsExt::from_mode(0o755)).unwrap();
    let file = rig.folder.path().join("tms-sync.toml");
    let written = std::fs::read_to_string(&file).unwrap();
    let notify = "\n[notify]\nmail = [\"qa@example.com\", \"Night Watch <night@example.com>\"]\n";
    std::fs::write(&file, written + notify).unwrap();
    rig.store("TESTOPS_TOKEN", "wrong-token");
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(rig.folder.path().to_owned()).chain(std::env::split_paths(&paths));
    let mut export = rig.command(&["export", "--quiet"]);
    export.env("PATH", std::env::join_paths(paths).unwrap());
    assert_eq!(crate::code(&export.output().unwrap()), Some(2));
    let mail = read(&rig, "mail.txt").replace('\r', "");
    let is_steady = |line: &&str| !line.starts_with("Date:") && !line.starts_with("Message-ID:");
    let mail = mail.lines().filter(is_steady).collect::<Vec<_>>().join("\n");
    reports!(variant => mail);
}
