//! Faults by rule instead of by chance: every k-th request, and items that are broken for good.

use std::collections::BTreeSet;

use tms_sync_xray::domain::{Outcome, Unit};

use crate::installation::Variant;
use crate::network::{Fate, Poison};
use crate::oracle::{self, Snapshot};
use crate::project::Project;
use crate::random::Random;
use crate::scenario::{Finding, plain_world, settle};
use crate::world::{How, Run, World};

const MINUTE: u64 = 60_000;

/// What every k-th request can meet: a lost answer, a connection that is cut on the way there, errors of a server or of a
/// proxy before and after the work, and pages.
pub const FATES: [Fate; 7] = [
    Fate::AnswerLost,
    Fate::Lost,
    Fate::NotSent,
    Fate::Refused {
        status: 500,
        retry_after: None,
    },
    Fate::DoneThen(500),
    Fate::Page,
    Fate::DonePage,
];

/// An export whose every k-th request meets a fate, and exports in fair weather after it.
pub fn swept(variant: Variant, cases: u64, k: u64, fate: Fate) -> Finding {
    let world = plain_world(variant, cases);
    world.network.hit_every(Some((k, fate)));
    let before = Snapshot::of(&world);
    let run = world.run_once(How::default());
    world.network.hit_every(None);
    let mut wrong = oracle::truth(&world, &before, &run, false);
    wrong.extend(oracle::always(&world));
    world.executor.pass(MINUTE);
    wrong.extend(settle(&world, None));
    Finding::of(&world, wrong, run.boundaries)
}

/// Exports of a project some of whose cases cannot be read, and exports after they were mended. The broken ones fail, and
/// all others arrive at once.
pub fn poisoned(variant: Variant, seed: u64) -> Finding {
    let mut random = Random::new(seed);
    let cases = random.between(6, 30);
    let world = World::new(variant, Project::random(&mut random, cases), &mut random);
    let broken: BTreeSet<u64> = (0..random.between(1, 4)).map(|_| random.between(1, cases)).collect();
    for id in &broken {
        let poison = *random.pick(&[Poison::Fails, Poison::Forbidden, Poison::Misshapen]);
        world.network.poison(format!("/testcase/{id}/overview"), poison);
    }
    let mut wrong = Vec::new();
    for _ in 0..random.between(1, 3) {
        let before = Snapshot::of(&world);
        let run = world.run_once(How::default());
        wrong.extend(oracle::truth(&world, &before, &run, true));
        wrong.extend(oracle::always(&world));
        wrong.extend(only_the_broken_fail(&run, &broken));
        world
            .executor
            .pass(*random.pick(&[MINUTE, 20 * MINUTE, 26 * 60 * MINUTE]));
    }
    world.network.mend();
    wrong.extend(settle(&world, None));
    Finding::of(&world, wrong, 0)
}

fn only_the_broken_fail(run: &Run, broken: &BTreeSet<u64>) -> Option<String> {
    if run.complete().is_none() {
        return Some(format!("a broken item ended the run: {:?}", run.stopped()));
    }
    let cases = run.verdicts.iter().filter(|verdict| verdict.unit == Unit::TestCase);
    let failed: BTreeSet<u64> = cases
        .filter(|verdict| verdict.outcome == Outcome::Failed)
        .map(|verdict| verdict.id)
        .collect();
    (failed != *broken).then(|| format!("cases {failed:?} fail, and {broken:?} are broken"))
}
