//! Nothing goes wrong: the first export creates everything once, the second writes nothing.

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
