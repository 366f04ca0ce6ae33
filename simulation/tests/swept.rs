//! Every k-th request meets something, and single items are broken for good: nothing is there twice, nothing is missing, and
//! reports equal the servers.
//!
//! `SIMULATION_SWEEP=all` takes every k up to the number of requests of an export, and more seeds.

use tms_sync_simulation::installation::Variant;
use tms_sync_simulation::sweep::{FATES, poisoned, swept};

/// Numbers of the fair sample: primes meet all places of a repeated pattern.
const SAMPLE: [u64; 8] = [2, 3, 5, 7, 11, 13, 19, 29];

fn everything() -> bool {
    std::env::var("SIMULATION_SWEEP").is_ok_and(|what| what == "all")
}

fn sweep(variant: Variant) {
    let all: Vec<u64> = (2..=80).collect();
    let (cases, numbers) = if everything() { (12, all) } else { (4, SAMPLE.to_vec()) };
    for k in numbers {
        for fate in FATES {
            swept(variant, cases, k, fate).expect_right(&format!("{fate:?} at every request number {k}"));
        }
    }
}

fn poison(variant: Variant) {
    let seeds = if everything() { 2_000 } else { 60 };
    for seed in 0..seeds {
        poisoned(variant, seed).expect_right(&format!("seed {seed}"));
    }
}

#[test]
fn whatever_every_kth_request_meets_on_data_center_everything_is_there_once() {
    sweep(Variant::DataCenter);
}

#[test]
fn whatever_every_kth_request_meets_on_cloud_everything_is_there_once() {
    sweep(Variant::Cloud);
}

#[test]
fn broken_cases_cost_no_other_on_data_center() {
    poison(Variant::DataCenter);
}

#[test]
fn broken_cases_cost_no_other_on_cloud() {
    poison(Variant::Cloud);
}
