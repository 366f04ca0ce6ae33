//! Shared steps as Tests that others call, under kills and by chance: each is there once, and every Test that calls it does.

use tms_sync_sim::jira::index::Lag;
use tms_sync_simulation::installation::Variant;
use tms_sync_simulation::project::Project;
use tms_sync_simulation::random::Random;
use tms_sync_simulation::scenario::{killed, seeded};
use tms_sync_simulation::world::World;

fn kill_everywhere(lag: Lag, pause: u64) {
    for boundary in 0.. {
        let project = Project::plain(3).with_called_tests();
        let world = World::new(Variant::Cloud, project, &mut Random::new(1));
        let finding = killed(&world, boundary, lag, pause, None);
        finding.expect_right(&format!("killed at boundary {boundary}"));
        if finding.boundaries < boundary {
            return;
        }
    }
}

#[test]
fn a_kill_anywhere_doubles_no_called_test_and_loses_no_step() {
    kill_everywhere(Lag::None, 61_000);
    kill_everywhere(Lag::Never, 2 * 3_600_000);
}

#[test]
fn whatever_happens_each_called_test_is_there_once() {
    let number = |name: &str| std::env::var(name).ok()?.parse().ok();
    let seeds = match number("SIMULATION_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SIMULATION_SEEDS").unwrap_or(300),
    };
    for seed in seeds {
        seeded(Variant::Cloud, seed, None, Project::with_called_tests).expect_right(&format!("seed {seed}"));
    }
}
