//! The host is killed at every boundary that its process passes: before and after each request and ledger call, and while
//! a request is on its way. It is started again until nothing is left to do: nothing is there twice, nothing is lost.

use tms_sync_sim::jira::index::Lag;
use tms_sync_simulation::installation::Variant;
use tms_sync_simulation::scenario::{killed, plain_world};

/// From the kill to the next start: the dead process's hold on the ledger has just run out.
const RESTART: u64 = 61_000;

/// Kills at boundary 0, 1, 2, … until a run passes fewer; gives how many there were.
fn kill_everywhere(variant: Variant, cases: u64, lag: Lag, pause: u64) -> u64 {
    for boundary in 0.. {
        let finding = killed(&plain_world(variant, cases), boundary, lag, pause, None);
        finding.expect_right(&format!("killed at boundary {boundary}"));
        if finding.boundaries < boundary {
            return finding.boundaries;
        }
    }
    unreachable!("a run ends");
}

#[test]
fn a_kill_anywhere_on_data_center_loses_and_doubles_nothing() {
    let boundaries = kill_everywhere(Variant::DataCenter, 3, Lag::None, RESTART);
    assert!(boundaries > 60, "{boundaries}");
}

#[test]
fn a_kill_anywhere_with_a_late_index_on_data_center_loses_and_doubles_nothing() {
    kill_everywhere(Variant::DataCenter, 3, Lag::After(120_000), RESTART);
}

#[test]
fn a_kill_anywhere_and_a_day_without_a_host_on_data_center_loses_and_doubles_nothing() {
    kill_everywhere(Variant::DataCenter, 3, Lag::After(20_000), 25 * 3_600_000);
}

#[test]
fn a_kill_anywhere_on_cloud_loses_and_doubles_nothing() {
    let boundaries = kill_everywhere(Variant::Cloud, 3, Lag::None, RESTART);
    assert!(boundaries > 60, "{boundaries}");
}

#[test]
fn a_kill_anywhere_with_a_late_index_on_cloud_loses_and_doubles_nothing() {
    kill_everywhere(Variant::Cloud, 3, Lag::After(120_000), RESTART);
}

#[test]
fn a_kill_anywhere_and_a_day_without_a_host_on_cloud_loses_and_doubles_nothing() {
    // Xray keeps the result of an import job for a day.
    kill_everywhere(Variant::Cloud, 3, Lag::After(20_000), 25 * 3_600_000);
}

#[test]
fn a_kill_anywhere_and_an_index_that_never_catches_up_double_nothing_on_data_center() {
    kill_everywhere(Variant::DataCenter, 3, Lag::Never, 2 * 3_600_000);
}

#[test]
fn a_kill_anywhere_and_an_index_that_never_catches_up_double_nothing_on_cloud() {
    kill_everywhere(Variant::Cloud, 3, Lag::Never, 2 * 3_600_000);
}
