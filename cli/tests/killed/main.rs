//! The real command in a real process exports against simulated servers and is killed with SIGKILL: at named requests,
//! before the server has done anything, after it did its work, in the middle of its answer; and at random moments, with a
//! search index that lags and faults in between. It is started again until nothing is left to do: nothing is there twice,
//! nothing is lost, the report is what the servers hold.
//!
//! `TMS_SYNC_KILLS=200` kills so often at random moments; see DEVELOPERS.md.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    dead_code,
    reason = "what fails here fails the test, and the slow profile prints its numbers"
)]

mod age;
#[path = "../../../host-harness/tests/canary/mod.rs"]
mod canary;
mod chance;
mod judge;
#[path = "../../../host-harness/tests/postgres/mod.rs"]
mod postgres;
mod process;
mod servers;

use chance::Chance;
use servers::{CLOUD, DC, LedgerPlace, MOMENTS, Servers, Step, Variant};
use std::time::Duration;

/// Random kills of each variant where nobody asks for more.
const KILLS: usize = 4;
/// Kills in one world before it is looked at.
const IN_A_ROW: usize = 4;

/// What the slow profile asks for, over both variants.
fn asked() -> Option<usize> {
    std::env::var("TMS_SYNC_KILLS").ok()?.parse().ok()
}

/// A kill at each named step: at every moment of it in the slow profile, at one of them otherwise.
fn killed_at_every_step(variant: Variant, ledger: LedgerPlace, steps: &[Step]) {
    let mut kills = 0;
    for (number, step) in steps.iter().enumerate() {
        let moments = match asked() {
            Some(_) => &MOMENTS[..],
            None => &MOMENTS[number % MOMENTS.len()..][..1],
        };
        for moment in moments {
            let servers = Servers::start(variant, ledger, 12, &mut Chance::new(7));
            let name = format!("{variant:?}: {step:?} {moment:?}");
            assert!(servers.export_killed_at(step, *moment), "{name} is not reached");
            kills += 1;
            servers.pass(Duration::from_secs(61));
            servers.finish(&name);
        }
    }
    eprintln!("{variant:?}: {kills} kills at {} named steps, 0 unreached", steps.len());
}

/// Kills at random moments of exports that also meet faults.
fn killed_at_random(variant: Variant, ledger: LedgerPlace) {
    let kills = asked().map_or(KILLS, |kills| kills / 2);
    let (mut struck, mut world, mut runs) = (0, 0, 0);
    while struck < kills {
        world += 1;
        let mut chance = Chance::new(world);
        let cases = chance.between(5, 60);
        let servers = Servers::start(variant, ledger, cases as usize, &mut chance);
        let mut row = 0;
        for _ in 0..IN_A_ROW * 4 {
            if row == IN_A_ROW || struck == kills {
                break;
            }
            servers.faults(&mut chance);
            runs += 1;
            if servers.export_killed_after(servers.usual(&mut chance)) {
                (struck, row) = (struck + 1, row + 1);
            }
            let hours = *chance.pick(&[0, 0, 1, 3]);
            servers.pass(Duration::from_secs(61 + hours * 3_600));
        }
        servers.calm();
        runs += servers.finish(&format!("{variant:?}, world {world}"));
    }
    eprintln!("{variant:?}: {struck} random kills in {world} worlds and {runs} runs: nothing twice, nothing lost");
}

#[test]
fn dc_killed_at_every_named_step_loses_and_doubles_nothing() {
    killed_at_every_step(Variant::Dc, LedgerPlace::File, &DC);
}

#[test]
fn cloud_killed_at_every_named_step_loses_and_doubles_nothing() {
    killed_at_every_step(Variant::Cloud, LedgerPlace::File, &CLOUD);
}

#[test]
fn dc_killed_at_random_moments_loses_and_doubles_nothing() {
    killed_at_random(Variant::Dc, LedgerPlace::File);
}

#[test]
fn cloud_killed_at_random_moments_loses_and_doubles_nothing() {
    killed_at_random(Variant::Cloud, LedgerPlace::File);
}

/// A database for the command's ledger, where a server is installed.
fn database() -> Option<LedgerPlace> {
    postgres::shared("the command killed over a PostgreSQL ledger").map(LedgerPlace::Database)
}

#[test]
fn dc_over_postgresql_killed_at_every_named_step_loses_and_doubles_nothing() {
    let Some(ledger) = database() else { return };
    killed_at_every_step(Variant::Dc, ledger, &DC);
}

#[test]
fn cloud_over_postgresql_killed_at_every_named_step_loses_and_doubles_nothing() {
    let Some(ledger) = database() else { return };
    killed_at_every_step(Variant::Cloud, ledger, &CLOUD);
}

#[test]
fn over_postgresql_killed_at_random_moments_loses_and_doubles_nothing() {
    let Some(ledger) = database() else { return };
    killed_at_random(Variant::Dc, ledger);
    killed_at_random(Variant::Cloud, ledger);
}
