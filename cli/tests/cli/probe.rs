//! `probe`: what it prints and what it leaves. What it finds is tested where the host calls the plugin.

use crate::rig::{Rig, Variant};

#[test]
fn each_assumption_is_printed_with_its_state() {
    let rig = Rig::start(Variant::Dc, 2);
    rig.world.answers.set("xray-dc.import-evidence=appends").unwrap();
    let reading = rig.printed(&["probe"]);
    assert!(reading.contains("not seen  xray-dc.import-evidence"), "{reading}");
    assert_eq!(rig.world.tracker.writes(), 0);
    let writing = rig.printed(&["probe", "--project", "CALC", "--write"]);
    assert!(writing.starts_with("exit code: 1"), "{writing}");
    assert!(writing.contains("BROKEN    xray-dc.import-evidence"), "{writing}");
    assert_eq!(rig.world.site.lock().issues().count(), 0, "what it made is deleted");
    let (exit, answer) = rig.json(&["probe", "--project", "CALC", "--write"]);
    let states = answer["observations"].as_array().unwrap().iter();
    let broken: Vec<_> = states.filter(|one| one["state"] == "broken").collect();
    assert_eq!((exit, broken.len()), (1, 1), "{answer:#}");
    assert_eq!(broken[0]["assumption"], "xray-dc.import-evidence");
}

#[test]
fn nothing_is_written_to_a_project_that_nobody_named() {
    let rig = Rig::start(Variant::Dc, 2);
    let refused = rig.printed(&["probe", "--write"]);
    assert!(refused.starts_with("exit code: 2"), "{refused}");
    assert!(refused.contains("--project <KEY>"), "{refused}");
    assert_eq!(rig.world.tracker.requests(), 0);
}
