//! `inspect`, and what all text shares: streams, pipes, colour.

use std::io::Read as _;
use std::process::Stdio;

use serde_json::Value;

use crate::printed::printed;
use crate::{out, tms_sync};

#[test]
fn the_bundled_plugin_shows_its_permissions() {
    let folder = tempfile::tempdir().unwrap();
    let answer = printed(&tms_sync(folder.path()).arg("inspect").output().unwrap());
    reports!(answer);
}

#[test]
fn json_is_one_object() {
    let folder = tempfile::tempdir().unwrap();
    let output = tms_sync(folder.path()).args(["inspect", "--json"]).output().unwrap();
    let json: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(json["digest"].as_str().map(str::len), Some(64));
    assert_eq!(
        (json["command"].as_str(), json["exit-code"].as_u64()),
        (Some("inspect"), Some(0))
    );
}

#[test]
fn what_is_no_component_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("not.wasm"), "hello").unwrap();
    let output = tms_sync(folder.path()).args(["inspect", "not.wasm"]).output().unwrap();
    let answer = printed(&output);
    reports!(answer);
}

#[test]
fn a_pipe_gets_no_colour_unless_it_is_forced() {
    let folder = tempfile::tempdir().unwrap();
    let plain = tms_sync(folder.path()).arg("inspect").output().unwrap();
    assert!(!out(&plain).contains('\u{1b}'));
    let forced = tms_sync(folder.path())
        .arg("inspect")
        .env("CLICOLOR_FORCE", "1")
        .output()
        .unwrap();
    assert!(out(&forced).contains('\u{1b}'));
    let refused = tms_sync(folder.path())
        .arg("inspect")
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert!(!out(&refused).contains('\u{1b}'));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = tms_sync(folder.path());
    let mut child = command
        .args(["inspect", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut complaint = String::new();
    child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
    assert_eq!((child.wait().unwrap().code(), complaint.as_str()), (Some(0), ""));
}
