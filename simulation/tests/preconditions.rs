//! Preconditions as issues, under kills and by chance: each text is there once, on every Test that has it.

use tms_sync_sim::jira::index::Lag;
use tms_sync_simulation::installation::Variant;
use tms_sync_simulation::project::Project;
use tms_sync_simulation::random::Random;
use tms_sync_simulation::scenario::{killed, seeded};
use tms_sync_simulation::world::World;

fn kill_everywhere(variant: Variant, lag: Lag, pause: u64) {
    for boundary in 0.. {
        let project = Project::plain(3).with_preconditions();
        let world = World::new(variant, project, &mut Random::new(1));
        let finding = killed(&world, boundary, lag, pause, None);
        finding.expect_right(&format!("killed at boundary {boundary}"));
        if finding.boundaries < boundary {
            return;
        }
    }
}

fn run_seeds(variant: Variant) {
    let number = |name: &str| std::env::var(name).ok()?.parse().ok();
    let seeds = match number("SIMULATION_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SIMULATION_SEEDS").unwrap_or(300),
    };
    for seed in seeds {
        seeded(variant, seed, None, Project::with_preconditions).expect_right(&format!("seed {seed}"));
    }
}

#[test]
fn a_kill_anywhere_on_data_center_doubles_no_precondition_and_loses_no_link() {
    kill_everywhere(Variant::DataCenter, Lag::None, 61_000);
    kill_everywhere(Variant::DataCenter, Lag::Never, 2 * 3_600_000);
}

#[test]
fn a_kill_anywhere_on_cloud_doubles_no_precondition_and_loses_no_link() {
    kill_everywhere(Variant::Cloud, Lag::None, 61_000);
    kill_everywhere(Variant::Cloud, Lag::Never, 2 * 3_600_000);
}

#[test]
fn whatever_happens_on_data_center_each_precondition_is_there_once() {
    run_seeds(Variant::DataCenter);
}

#[test]
fn whatever_happens_on_cloud_each_precondition_is_there_once() {
    run_seeds(Variant::Cloud);
}
