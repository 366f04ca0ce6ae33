//! One destination and two ledgers, or none that is kept: nothing is there twice in the end, from seeds.
//!
//! `SIMULATION_SEEDS=10000` runs more of them; `SIMULATION_SEED=17` runs one.

use tms_sync_simulation::installation::Variant;
use tms_sync_simulation::scenario::{Finding, no_ledger, two_ledgers, two_ledgers_killed};

const SEEDS: u64 = 100;

fn run_seeds(variant: Variant, scenario: fn(Variant, u64) -> Finding) {
    let number = |name: &str| std::env::var(name).ok()?.parse().ok();
    let seeds = match number("SIMULATION_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SIMULATION_SEEDS").unwrap_or(SEEDS),
    };
    for seed in seeds {
        scenario(variant, seed).expect_right(&format!("seed {seed}"));
    }
}

#[test]
fn two_ledgers_on_data_center_leave_one_issue_for_each_item() {
    run_seeds(Variant::DataCenter, two_ledgers);
}

#[test]
fn two_ledgers_on_cloud_leave_one_issue_for_each_item() {
    run_seeds(Variant::Cloud, two_ledgers);
}

#[test]
fn kills_beside_another_ledger_on_data_center_leave_one_issue_for_each_item() {
    run_seeds(Variant::DataCenter, two_ledgers_killed);
}

#[test]
fn kills_beside_another_ledger_on_cloud_leave_one_issue_for_each_item() {
    run_seeds(Variant::Cloud, two_ledgers_killed);
}

#[test]
fn runs_without_a_ledger_on_data_center_leave_one_issue_for_each_item() {
    run_seeds(Variant::DataCenter, no_ledger);
}

#[test]
fn runs_without_a_ledger_on_cloud_leave_one_issue_for_each_item() {
    run_seeds(Variant::Cloud, no_ledger);
}
