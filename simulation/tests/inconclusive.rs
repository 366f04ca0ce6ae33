//! Proxies, log-in pages, firewalls and maintenance answer in the servers' place: nothing is taken for deleted, no
//! credential and no permission is blamed, and everything is right once they are gone.

use tms_sync_simulation::installation::Variant;
use tms_sync_simulation::scenario::inconclusive;

/// Each of one to three disturbed runs.
const SEQUENCES: u64 = 150;

fn disturb(variant: Variant) {
    for seed in 0..SEQUENCES {
        let finding = inconclusive(variant, seed);
        finding.expect_right(&format!("sequence {seed}"));
        assert!(finding.deliveries > 0);
    }
}

#[test]
fn pages_of_others_blame_and_delete_nothing_on_data_center() {
    disturb(Variant::DataCenter);
}

#[test]
fn pages_of_others_blame_and_delete_nothing_on_cloud() {
    disturb(Variant::Cloud);
}
