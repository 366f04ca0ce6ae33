//! What the suites run.

use std::collections::BTreeSet;
use std::rc::Rc;

use futures_util::future::join;
use serde_json::json;
use tms_sync_sim::jira::account::{Actor, Permission};
use tms_sync_sim::jira::index::Lag;
use tms_sync_sim::jira::input::IssueInput;
use tms_sync_xray::domain::{Outcome, Unit, Verdict};
use tms_sync_xray::error::Kind;

use crate::installation::{PROJECT, Variant};
use crate::mutation::Mutation;
use crate::network::Weather;
use crate::oracle::{self, Snapshot};
use crate::project::Project;
use crate::random::Random;
use crate::server::Credential;
use crate::world::{End, How, Run, World};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

/// Runs until nothing is left to do, at the most, hours between them.
const RUNS_TO_SETTLE: u32 = 5;

/// Characters of a label at the most, as Jira documents it.
const LABEL: usize = 255;

/// How a simulation came out.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What is wrong; empty: nothing.
    pub wrong: Vec<String>,
    /// Hash of everything that happened.
    pub hash: u64,
    /// The last things that happened.
    pub tail: String,
    /// Deliveries to servers.
    pub deliveries: usize,
    /// Boundaries that the first run passed.
    pub boundaries: u64,
    /// Names of everything that went wrong on the way.
    pub struck: BTreeSet<String>,
}

impl Finding {
    pub(crate) fn of(world: &World, wrong: Vec<String>, boundaries: u64) -> Self {
        let finding = Finding {
            wrong,
            hash: world.trace.hash(),
            tail: world.trace.tail(),
            deliveries: world.journal.borrow().len(),
            boundaries,
            struck: world.network.struck.borrow().clone(),
        };
        world.executor.stop();
        finding
    }

    /// Fails the test, with what happened last, where something is wrong.
    ///
    /// # Panics
    /// Where something is wrong.
    pub fn expect_right(&self, what: &str) {
        assert!(
            self.wrong.is_empty(),
            "{what}:\n{}\n\n{}",
            self.wrong.join("\n"),
            self.tail
        );
    }
}

/// A world with a plain project.
pub fn plain_world(variant: Variant, cases: u64) -> Rc<World> {
    World::new(variant, Project::plain(cases), &mut Random::new(1))
}

/// Issues of other people in the destination project.
///
/// # Panics
/// Where Jira refuses one.
pub fn crowd(world: &World, number: u64) {
    let mut site = world.jira().lock();
    for issue in 0..number {
        let fields = [
            ("project".to_owned(), json!({ "key": PROJECT })),
            ("issuetype".to_owned(), json!({ "name": "Bug" })),
            ("summary".to_owned(), json!(format!("Bug {issue}"))),
        ];
        site.create_issue(&Actor::System, &IssueInput::of(fields)).unwrap();
    }
}

/// Fair weather, an index that is up to date, and runs hours apart until one finds nothing to do. Gives what is wrong
/// then.
pub fn settle(world: &Rc<World>, mutation: Option<Mutation>) -> Vec<String> {
    world.network.set(Weather::CALM);
    world.network.revoked_from.set(None);
    world.network.signs_stripped.set(false);
    world.network.intercept(BTreeSet::new());
    world.ledger.unleased.set(false);
    world.jira().lock().limits.label = LABEL;
    let mut wrong = Vec::new();
    for _ in 0..RUNS_TO_SETTLE {
        world.executor.pass(2 * HOUR);
        catch_up(world);
        let before = Snapshot::of(world);
        let run = world.run_once(How {
            mutation,
            ..How::default()
        });
        wrong.extend(oracle::truth(world, &before, &run, true));
        if is_idle(&run) {
            wrong.extend(oracle::settled(world));
            return wrong;
        }
    }
    wrong.push(format!("there is still something to do after {RUNS_TO_SETTLE} runs"));
    wrong.extend(oracle::settled(world));
    wrong
}

fn catch_up(world: &World) {
    let mut site = world.jira().lock();
    site.index.set_lag(Lag::None);
    site.index.catch_up();
}

fn is_idle(run: &Run) -> bool {
    run.complete().is_some() && run.verdicts.iter().all(|verdict| verdict.outcome == Outcome::Unchanged)
}

/// One first export whose host is killed at a boundary, and restarted `pause` later until nothing is left to do.
pub fn killed(world: &Rc<World>, boundary: u64, lag: Lag, pause: u64, mutation: Option<Mutation>) -> Finding {
    world.jira().lock().index.set_lag(lag);
    let how = How {
        killed_at: Some(boundary),
        mutation,
        ..How::default()
    };
    let run = world.run_once(how);
    let mut wrong = oracle::always(world);
    world.executor.pass(pause);
    let before = Snapshot::of(world);
    let again = world.run_once(How {
        mutation,
        ..How::default()
    });
    wrong.extend(oracle::truth(world, &before, &again, false));
    wrong.extend(oracle::always(world));
    wrong.extend(settle(world, mutation));
    Finding::of(world, wrong, run.boundaries)
}

/// Everything by chance: the project, the weather, kills, two hosts, a revoked token; then fair weather. `change` may make
/// another project of it.
pub fn seeded(
    variant: Variant,
    seed: u64,
    mutation: Option<Mutation>,
    change: impl FnOnce(Project) -> Project,
) -> Finding {
    let mut random = Random::new(seed);
    let cases = random.between(1, 30);
    let project = change(Project::random(&mut random, cases));
    let world = World::new(variant, project, &mut random);
    let mut wrong = Vec::new();
    let mut boundaries = 0;
    for _ in 0..random.between(1, 4) {
        weather(&world, &mut random);
        boundaries += round(&world, &mut random, mutation, &mut wrong);
        world.network.revoked_from.set(None);
        world
            .executor
            .pass(*random.pick(&[1_000, MINUTE, 5 * MINUTE, 20 * MINUTE, 2 * HOUR, 26 * HOUR]));
        wrong.extend(oracle::always(&world));
    }
    wrong.extend(settle(&world, mutation));
    Finding::of(&world, wrong, boundaries)
}

fn weather(world: &World, random: &mut Random) {
    world.network.set(Weather {
        faults: *random.pick(&[0, 5, 20, 100]),
        store_faults: *random.pick(&[0, 0, 0, 20]),
        latest_commit: *random.pick(&[1_000, MINUTE, 10 * MINUTE]),
        slowest: *random.pick(&[20, 500, 30_000]),
    });
    world.network.signs_stripped.set(random.per_mille(200));
    let lag = *random.pick(&[
        Lag::None,
        Lag::After(1_000),
        Lag::After(20_000),
        Lag::After(2 * MINUTE as i64),
        Lag::Never,
    ]);
    // Shorter than some tags and longer than a marker: a part of a bulk create is refused.
    let label = if random.per_mille(200) { 60 } else { LABEL };
    {
        let mut site = world.jira().lock();
        site.index.set_lag(lag);
        site.limits.label = label;
    }
    match lag {
        Lag::None => {}
        Lag::After(_) => world.network.strike("index lags"),
        Lag::Never => world.network.strike("index stands still"),
    }
    if random.per_mille(100) {
        let from = world.network.sent_to_jira() + random.below(40);
        let credential = *random.pick(&[Credential::Revoked, Credential::Absent]);
        world.network.revoked_from.set(Some((from, credential)));
    }
}

/// One run, or two at once.
fn round(world: &Rc<World>, random: &mut Random, mutation: Option<Mutation>, wrong: &mut Vec<String>) -> u64 {
    let mut how = |host| How {
        host,
        killed_at: random.per_mille(500).then(|| random.below(120)),
        mutation,
        ..How::default()
    };
    let (first, second) = (how(1), how(2));
    if random.per_mille(250) {
        world.ledger.unleased.set(random.per_mille(500));
        let late = random.below(3 * MINUTE);
        let second = async {
            world.executor.sleep(late).await;
            judged(world, second).await
        };
        let (one, two) = world.executor.run(join(judged(world, first), second));
        wrong.extend(one.1.into_iter().chain(two.1));
        world.ledger.unleased.set(false);
        world.network.strike("two hosts");
        one.0.boundaries + two.0.boundaries
    } else {
        let (run, found) = world.executor.run(judged(world, first));
        wrong.extend(found);
        run.boundaries
    }
}

/// A run, and what its report says that was not so when it ended.
async fn judged(world: &Rc<World>, how: How) -> (Run, Vec<String>) {
    let before = Snapshot::of(world);
    let run = world.start(how).await;
    let wrong = oracle::truth(world, &before, &run, false);
    let killed = matches!(run.end, End::Killed);
    let refused = |verdict: &Verdict| verdict.outcome == Outcome::Failed && verdict.unit == Unit::TestCase;
    let partial = run.verdicts.iter().any(refused);
    for (name, struck) in [
        ("killed", killed),
        ("part of a bulk refused", partial),
        ("row of another host", world.ledger.conflicts() > 0),
    ] {
        if struck {
            world.network.strike(name);
        }
    }
    (run, wrong)
}

/// How a credential stops being good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// Jira names in its headers whom it took a request for.
    Named,
    /// The headers are lost on the way.
    Unnamed,
    /// Something on the way takes the credential off. Jira answers that it took the request for anonymous, and shows
    /// nothing.
    TakenOff,
}

/// An export whose Jira credential is revoked from a request on; a first export of everything went before it where
/// `exported`. Gives what is wrong, and whether the run was stopped at all.
pub fn revoked(
    variant: Variant,
    exported: bool,
    request: u64,
    revocation: Revocation,
    mutation: Option<Mutation>,
) -> (Finding, bool) {
    let world = plain_world(variant, 5);
    // Where anonymous visitors see the project, an answer without a credential is no refusal; where they do not, it looks
    // as if everything were gone.
    if revocation != Revocation::TakenOff {
        let project = world.installation.project_id;
        world.jira().lock().accounts.grant_public(project, Permission::Browse);
    }
    if exported {
        let first = world.run_once(How::default());
        assert!(first.complete().is_some(), "{:?}", first.end);
    }
    world.network.signs_stripped.set(revocation == Revocation::Unnamed);
    let credential = match revocation {
        Revocation::TakenOff => Credential::Absent,
        Revocation::Named | Revocation::Unnamed => Credential::Revoked,
    };
    let from = world.network.sent_to_jira() + request;
    world.network.revoked_from.set(Some((from, credential)));
    let before = Snapshot::of(&world);
    let run = world.run_once(How {
        mutation,
        ..How::default()
    });
    let struck = world.journal.borrow()[run.journal_from..]
        .iter()
        .any(|delivery| delivery.revoked);
    let mut wrong = oracle::always(&world);
    wrong.extend(oracle::truth(&world, &before, &run, false));
    if struck {
        wrong.extend(oracle::stopped_for_the_credential(
            &world,
            &run,
            revocation == Revocation::Named,
        ));
    } else if run.complete().is_none() {
        wrong.push(format!("it stopped without a reason: {:?}", run.stopped()));
    }
    wrong.extend(settle(&world, mutation));
    (Finding::of(&world, wrong, run.boundaries), struck)
}

/// Exports while proxies, log-in pages and firewalls answer some of the requests in the servers' place, before and after
/// a first export: that says nothing about credentials, permissions or issues.
pub fn inconclusive(variant: Variant, seed: u64) -> Finding {
    let mut random = Random::new(seed);
    let cases = random.between(1, 8);
    let world = World::new(variant, Project::random(&mut random, cases), &mut random);
    if random.per_mille(700) {
        let first = world.run_once(How::default());
        assert!(first.complete().is_some(), "{:?}", first.end);
    }
    let mut wrong = Vec::new();
    for _ in 0..random.between(1, 3) {
        let from = random.below(40);
        let most = *random.pick(&[1, 3, 10, 1_000]);
        world.network.signs_stripped.set(random.per_mille(300));
        world
            .network
            .intercept((from..from + random.between(1, most)).collect());
        let before = Snapshot::of(&world);
        let run = world.run_once(How::default());
        wrong.extend(oracle::always(&world));
        wrong.extend(oracle::truth(&world, &before, &run, false));
        if let Some(error) = run.stopped()
            && matches!(
                error.kind,
                Kind::Credential | Kind::Permission | Kind::Locked | Kind::Product | Kind::Configuration
            )
        {
            wrong.push(format!("a page from something in between was taken for: {error}"));
        }
        world.executor.pass(*random.pick(&[1_000, 5 * MINUTE, 2 * HOUR]));
    }
    wrong.extend(settle(&world, None));
    Finding::of(&world, wrong, 0)
}

/// Two hosts with a ledger each export into one project at the same time, and then in turns until neither finds anything to
/// do. Everything is there once, and both ledgers know it.
pub fn two_ledgers(variant: Variant, seed: u64) -> Finding {
    let mut random = Random::new(seed);
    let cases = random.between(1, 12);
    let world = World::new(variant, Project::random(&mut random, cases), &mut random);
    lagging(&world, &mut random);
    let other = How {
        host: 2,
        other_ledger: true,
        ..How::default()
    };
    let late = random.below(2 * MINUTE);
    let second = async {
        world.executor.sleep(late).await;
        world.start(other).await
    };
    world.executor.run(join(world.start(How::default()), second));
    world.network.strike("two ledgers");
    let wrong = settle_both(&world, other);
    Finding::of(&world, wrong, 0)
}

/// Both hosts in turns until neither finds anything to do, and what is wrong then.
fn settle_both(world: &Rc<World>, other: How) -> Vec<String> {
    let mut wrong = Vec::new();
    for round in 0.. {
        world.executor.pass(2 * HOUR);
        catch_up(world);
        let idle = [How::default(), other].map(|how| is_idle(&world.run_once(how)));
        if idle == [true, true] {
            break;
        }
        if round == RUNS_TO_SETTLE {
            wrong.push(format!(
                "there is still something to do after {RUNS_TO_SETTLE} runs of each"
            ));
            break;
        }
    }
    wrong.extend(oracle::settled(world));
    wrong.extend(oracle::linked(world, &world.other_ledger));
    wrong
}

/// As [`two_ledgers`], with kills at every place of a run, those between a create and the second look at its markers among
/// them.
pub fn two_ledgers_killed(variant: Variant, seed: u64) -> Finding {
    let mut random = Random::new(seed);
    let cases = random.between(1, 12);
    let world = World::new(variant, Project::random(&mut random, cases), &mut random);
    lagging(&world, &mut random);
    let host = |other_ledger: bool, killed_at: Option<u64>| How {
        host: if other_ledger { 2 } else { How::default().host },
        other_ledger,
        killed_at,
        ..How::default()
    };
    for _ in 0..random.between(1, 3) {
        let boundaries = [random.below(120), random.below(120)];
        let late = random.below(2 * MINUTE);
        let second = async {
            world.executor.sleep(late).await;
            world.start(host(true, Some(boundaries[1]))).await
        };
        let (one, two) = world
            .executor
            .run(join(world.start(host(false, Some(boundaries[0]))), second));
        for run in [one, two] {
            if matches!(run.end, End::Killed) {
                world.network.strike("killed beside another ledger");
            }
        }
        world.executor.pass(*random.pick(&[MINUTE, 20 * MINUTE, 2 * HOUR]));
    }
    let wrong = settle_both(&world, host(true, None));
    Finding::of(&world, wrong, 0)
}

/// Runs minutes apart by a host that keeps no ledger: nothing is there twice.
pub fn no_ledger(variant: Variant, seed: u64) -> Finding {
    let mut random = Random::new(seed);
    let cases = random.between(1, 12);
    let world = World::new(variant, Project::random(&mut random, cases), &mut random);
    lagging(&world, &mut random);
    let mut wrong = Vec::new();
    for _ in 0..random.between(2, 5) {
        let run = world.run_once(How::default());
        wrong.extend(run.stopped().map(|error| format!("it stopped: {error}")));
        wrong.extend(oracle::always(&world));
        world.ledger.lose_everything();
        world
            .executor
            .pass(*random.pick(&[1_000, MINUTE, 20 * MINUTE, 2 * HOUR]));
    }
    world.network.strike("no ledger");
    wrong.extend(settle(&world, None));
    Finding::of(&world, wrong, 0)
}

/// Fair weather, and an index that may lag or stand still.
fn lagging(world: &World, random: &mut Random) {
    world.network.set(Weather::CALM);
    let lag = *random.pick(&[Lag::None, Lag::After(20_000), Lag::After(2 * MINUTE as i64), Lag::Never]);
    world.jira().lock().index.set_lag(lag);
}
