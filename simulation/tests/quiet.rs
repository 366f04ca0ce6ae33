//! Nothing goes wrong: the first export creates everything once, the second writes nothing.

use tms_sync_sim::jira::index::Lag;
use tms_sync_simulation::installation::Variant;
use tms_sync_simulation::oracle::{self, Snapshot};
use tms_sync_simulation::scenario::plain_world;
use tms_sync_simulation::world::How;

fn first_and_second_export(variant: Variant) {
    let world = plain_world(variant, 12);
    let before = Snapshot::of(&world);
    let first = world.run_once(How::default());
    assert!(first.complete().is_some(), "{:?}\n{}", first.end, world.trace.tail());
    assert_eq!(oracle::truth(&world, &before, &first, true), Vec::<String>::new());
    assert_eq!(oracle::settled(&world), Vec::<String>::new());

    let before = Snapshot::of(&world);
    let second = world.run_once(How::default());
    assert_eq!(oracle::truth(&world, &before, &second, true), Vec::<String>::new());
    assert_eq!(second.complete().map(|report| report.test_cases.unchanged), Some(12));
    let journal = world.journal.borrow();
    let writes: Vec<_> = journal
        .iter()
        .skip(second.journal_from)
        .filter(|delivery| delivery.is_write())
        .collect();
    assert!(writes.is_empty(), "{writes:?}");
}

#[test]
fn the_second_export_to_data_center_writes_nothing() {
    first_and_second_export(Variant::DataCenter);
}

#[test]
fn the_second_export_to_cloud_writes_nothing() {
    first_and_second_export(Variant::Cloud);
}

fn export_after_the_ledger_was_lost(variant: Variant) {
    let world = plain_world(variant, 12);
    assert!(world.run_once(How::default()).complete().is_some());
    world.ledger.lose_everything();
    let before = Snapshot::of(&world);
    let second = world.run_once(How::default());
    assert_eq!(oracle::truth(&world, &before, &second, true), Vec::<String>::new());
    assert_eq!(oracle::settled(&world), Vec::<String>::new());
    assert_eq!(second.complete().map(|report| report.test_cases.created), Some(0));
}

#[test]
fn a_lost_ledger_is_rebuilt_from_data_center_without_a_create() {
    export_after_the_ledger_was_lost(Variant::DataCenter);
}

#[test]
fn a_lost_ledger_is_rebuilt_from_cloud_without_a_create() {
    export_after_the_ledger_was_lost(Variant::Cloud);
}

/// What was created is known by its id, whether or not a search finds it.
fn exports_while_the_index_stands_still(variant: Variant) {
    let world = plain_world(variant, 12);
    world.jira().lock().index.set_lag(Lag::Never);
    for _ in 0..3 {
        let before = Snapshot::of(&world);
        let run = world.run_once(How::default());
        assert!(run.complete().is_some(), "{:?}", run.end);
        assert_eq!(oracle::truth(&world, &before, &run, true), Vec::<String>::new());
        assert_eq!(oracle::settled(&world), Vec::<String>::new());
        world.executor.pass(2 * 3_600_000);
    }
}

#[test]
fn exports_to_data_center_need_no_index() {
    exports_while_the_index_stands_still(Variant::DataCenter);
}

#[test]
fn exports_to_cloud_need_no_index() {
    exports_while_the_index_stands_still(Variant::Cloud);
}
