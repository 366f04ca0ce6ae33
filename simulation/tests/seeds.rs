//! Everything by chance, from seeds: projects, weather, kills, two hosts, revoked tokens.
//!
//! `SIMULATION_SEEDS=100000` runs more of them; `SIMULATION_SEED=17` runs one, and with `SIMULATION_TRACE=1` its failure
//! shows everything that happened.

use tms_sync_simulation::installation::Variant;
use tms_sync_simulation::scenario::seeded;

const SEEDS: u64 = 1_000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn run_seeds(variant: Variant) {
    if let Some(seed) = number("SIMULATION_SEED") {
        return seeded(variant, seed, None).expect_right(&format!("seed {seed}"));
    }
    let failed: Vec<(u64, Vec<String>)> = (0..number("SIMULATION_SEEDS").unwrap_or(SEEDS))
        .map(|seed| (seed, seeded(variant, seed, None).wrong))
        .filter(|(_, wrong)| !wrong.is_empty())
        .collect();
    let shown: Vec<String> = failed
        .iter()
        .take(20)
        .map(|(seed, wrong)| format!("{seed}: {}", wrong.join("; ")))
        .collect();
    assert!(failed.is_empty(), "{} seeds fail:\n{}", failed.len(), shown.join("\n"));
}

#[test]
fn whatever_happens_on_data_center_everything_is_there_once_in_the_end() {
    run_seeds(Variant::DataCenter);
}

#[test]
fn whatever_happens_on_cloud_everything_is_there_once_in_the_end() {
    run_seeds(Variant::Cloud);
}

#[test]
fn a_seed_happens_again_bit_for_bit() {
    for variant in [Variant::DataCenter, Variant::Cloud] {
        for seed in 0..50 {
            let (one, two) = (seeded(variant, seed, None), seeded(variant, seed, None));
            assert_eq!(one.hash, two.hash, "seed {seed}\n{}\n---\n{}", one.tail, two.tail);
            assert!(one.deliveries > 0);
        }
    }
}
