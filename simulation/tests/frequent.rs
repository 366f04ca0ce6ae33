//! Exports that run often: what a killed run left waiting is settled while they run, and the wait never moves on.

use std::collections::BTreeMap;

use tms_sync_simulation::installation::Variant;
use tms_sync_simulation::oracle;
use tms_sync_simulation::scenario::plain_world;
use tms_sync_simulation::world::How;

const MINUTE: u64 = 60_000;

/// Kills a first export at a boundary and exports every few minutes for hours.
fn runs_every_few_minutes_after_a_kill(variant: Variant, boundary: u64, minutes: u64) {
    let world = plain_world(variant, 3);
    let how = How {
        killed_at: Some(boundary),
        ..How::default()
    };
    world.run_once(how);
    let mut waits: BTreeMap<(String, u64), String> = BTreeMap::new();
    for _ in 0..6 * 60 / minutes {
        world.executor.pass(minutes * MINUTE);
        let run = world.run_once(How::default());
        assert_eq!(oracle::always(&world), Vec::<String>::new(), "{variant:?} {boundary}");
        for verdict in run.verdicts {
            let Some(until) = verdict.reason.filter(|reason| reason.contains("not sent again before")) else {
                continue;
            };
            let of = (format!("{:?}", verdict.unit), verdict.id);
            let before = waits.entry(of).or_insert_with(|| until.clone());
            assert_eq!(*before, until, "{variant:?} {boundary}: the wait moved on");
        }
    }
    assert_eq!(oracle::settled(&world), Vec::<String>::new(), "{variant:?} {boundary}");
}

#[test]
fn whatever_waits_on_data_center_is_settled_while_exports_run_every_few_minutes() {
    for boundary in (0..120).step_by(3) {
        runs_every_few_minutes_after_a_kill(Variant::DataCenter, boundary, 10 + boundary % 11);
    }
}

#[test]
fn whatever_waits_on_cloud_is_settled_while_exports_run_every_few_minutes() {
    for boundary in (0..120).step_by(3) {
        runs_every_few_minutes_after_a_kill(Variant::Cloud, boundary, 10 + boundary % 11);
    }
}
