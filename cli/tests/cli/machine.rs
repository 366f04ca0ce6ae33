//! The command and the machine it runs on: whom it trusts there, and what it does where there is little of something.

#![cfg(unix)]

use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use tms_sync_sim::fault::Fault;

use crate::rig::{Rig, Variant};
use crate::{code, err, out};

fn mode(path: &std::path::Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_ledger_is_its_owners_alone_and_a_wider_one_is_warned_about() {
    let rig = Rig::start(Variant::Dc, 1);
    assert_eq!(code(&rig.run(&["export"])), Some(0));
    let ledger = rig.folder.path().join("tms-sync.db");
    assert_eq!(mode(&ledger), 0o600);
    assert_eq!(err(&rig.run(&["status"])), "");
    std::fs::set_permissions(&ledger, PermissionsExt::from_mode(0o644)).unwrap();
    let status = rig.run(&["status"]);
    assert_eq!(code(&status), Some(0));
    insta::assert_snapshot!(err(&status), @"
    warning: this host: the ledger tms-sync.db is open to other accounts (mode 644), who could guess a password with it
      hint: chmod 600 tms-sync.db
    ");
}

/// As another account, where this one may become it.
#[test]
fn whoever_may_only_read_the_ledger_may_look() {
    let rig = Rig::start(Variant::Dc, 1);
    assert_eq!(code(&rig.run(&["export"])), Some(0));
    for entry in std::fs::read_dir(rig.folder.path()).unwrap() {
        std::fs::set_permissions(entry.unwrap().path(), PermissionsExt::from_mode(0o444)).unwrap();
    }
    std::fs::set_permissions(rig.folder.path(), PermissionsExt::from_mode(0o555)).unwrap();
    let mut status = rig.command(&["status", "--json"]);
    if rustix::process::geteuid().is_root() {
        std::os::unix::process::CommandExt::uid(&mut status, 65_534);
    }
    let status = status.output().unwrap();
    std::fs::set_permissions(rig.folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
    // The other account may have no way to the command at all.
    if code(&status).is_some_and(|code| code <= 2) {
        assert!(out(&status).contains("\"done\""), "{}{}", out(&status), err(&status));
    }
}

#[test]
fn a_terminal_that_is_closed_ends_a_run_as_a_service_manager_does() {
    for signal in ["-HUP", "-TERM"] {
        let rig = Rig::start(Variant::Dc, 3);
        let hour = std::time::Duration::from_secs(3_600);
        let jira = &rig.world.tracker.jira;
        jira.faults().add(Fault::delay(hour).on("POST", "*search*").always());
        let mut run = rig
            .command(&["export", "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while jira
            .journal()
            .entries()
            .iter()
            .all(|entry| !entry.path.contains("search"))
        {
            assert!(run.try_wait().unwrap().is_none(), "it ended by itself");
            std::thread::yield_now();
        }
        let sent = Command::new("kill")
            .args([signal, &run.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        let ended = run.wait_with_output().unwrap();
        assert!(
            code(&ended).is_some(),
            "{signal}: it was killed and did not end by itself"
        );
        assert!(out(&ended).contains("cancelled"), "{signal}: {}", out(&ended));
    }
}

#[test]
fn without_files_to_open_it_ends_with_an_error() {
    let rig = Rig::start(Variant::Dc, 1);
    let program = rig.command(&[]).get_program().to_owned();
    for limit in ["4", "6", "8", "10"] {
        let script = "ulimit -n \"$1\"; exec \"$2\" status";
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh", limit]).arg(&program);
        command
            .current_dir(rig.folder.path())
            .envs(rig.variables.iter().cloned());
        let status = command.output().unwrap();
        assert!(
            matches!(code(&status), Some(0 | 2)),
            "{limit}: {:?} {}",
            status.status,
            err(&status)
        );
        assert!(
            code(&status) == Some(0) || err(&status).contains("error: "),
            "{limit}: {}",
            err(&status)
        );
    }
}

#[test]
fn a_configuration_is_no_device() {
    let rig = Rig::start(Variant::Dc, 1);
    let validated = rig.run(&["validate", "-c", "/dev/zero"]);
    assert_eq!(code(&validated), Some(2));
    insta::assert_snapshot!(err(&validated), @"
    error: /dev/zero: cannot read the configuration: it is no regular file
      hint: name it with -c FILE; `tms-sync sim` prints one that is ready to use
    ");
}

/// What the folder of temporary files lacks is missing for a file, and said as that.
#[test]
fn a_full_temporary_folder_is_no_rate_limit() {
    let rig = Rig::with(
        Variant::Dc,
        tms_sync_sim::generate::Plan::new(2, 1).file_every(1).build(),
    );
    let mut export = rig.command(&["export", "--json"]);
    let export = export.env("TMPDIR", "/proc/no-such-folder").output().unwrap();
    let answer = out(&export);
    assert!(
        answer.contains("/proc/no-such-folder") && !answer.contains("rate-limited"),
        "{answer}"
    );
}
