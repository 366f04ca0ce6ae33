//! The answer to a create was lost, the index stands still since, and the project has more issues than one run looks at: the
//! look by key begins above what the index shows, so one run finds them, and nothing is created twice.

use std::rc::Rc;

use tms_sync_sim::jira::index::Lag;
use tms_sync_simulation::installation::Variant;
use tms_sync_simulation::oracle;
use tms_sync_simulation::scenario::{crowd, plain_world, settle};
use tms_sync_simulation::world::{How, World};
use tms_sync_xray::ports::Phase;

/// What Data Center is asked for in one run is a thousand keys.
const OTHERS: u64 = 2_300;

fn killed_at(boundary: u64) -> Rc<World> {
    let world = plain_world(Variant::DataCenter, 3);
    crowd(&world, OTHERS);
    world.executor.pass(60_000);
    world.jira().lock().index.set_lag(Lag::Never);
    world.run_once(How {
        killed_at: Some(boundary),
        ..How::default()
    });
    world.executor.pass(60_000);
    world
}

/// Issues are there, and the ledger knows of none.
fn answer_was_lost(world: &World) -> bool {
    let created = world.jira().lock().issues().count() as u64 == OTHERS + 3;
    let rows = world.ledger.rows();
    let intents = rows.iter().filter(|row| row.link.phase == Phase::Intent);
    created && intents.count() == 3
}

#[test]
fn issues_above_what_the_index_shows_are_found_in_one_run_and_doubled_by_none() {
    let mut worlds = (0..200).map(killed_at);
    let world = worlds.find(|world| answer_was_lost(world)).unwrap();
    let outcomes: Vec<(u64, u64, u64)> = (0..3)
        .map(|_| {
            world.executor.pass(2 * 3_600_000);
            let run = world.run_once(How::default());
            assert_eq!(oracle::always(&world), Vec::<String>::new());
            let report = run.complete().unwrap_or_else(|| panic!("{:?}", run.end)).clone();
            (report.test_cases.waiting, report.test_cases.created, report.resumed)
        })
        .collect();
    assert_eq!(outcomes, [(0, 0, 3), (0, 0, 0), (0, 0, 0)]);
    assert_eq!(settle(&world, None), Vec::<String>::new());
}
