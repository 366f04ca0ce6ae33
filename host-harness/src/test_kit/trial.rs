//! One call of a plugin in a world, and what came of it.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use super::World;
use super::clock::QuickClock;
use crate::call::http::mishap::{Mishap, MishapKind};
use crate::call::outcome::CallError;
use crate::clock::Clock;
use crate::ledger::SqliteLedger;
use crate::limits::CallLimits;
use crate::metering::facts::Facts;
use crate::model::{Event, Outcome, Report, Tally, Verdict};
use crate::plugin::LoadedPlugin;
use crate::tenant::Tenant;
use crate::tenant::job::Job;
use crate::tenant::run::Run;

/// How long a plugin may take to obey `cancel`, or to answer at all, in real time.
const PATIENCE: Duration = Duration::from_secs(20);
const PROMPT: Duration = Duration::from_secs(2);
/// Between two runs: whatever a destination was still doing is over.
const PAUSE: Duration = Duration::from_secs(60 * 60);

/// A world with a tenant in it, which keeps its ledger from run to run.
pub(super) struct Stage<W> {
    pub(super) world: W,
    ledger: Arc<SqliteLedger>,
    clock: Arc<dyn Clock>,
    plugin: LoadedPlugin,
}

/// A call that ended.
pub(super) struct TrialEnd {
    pub(super) result: Result<Report, CallError>,
    pub(super) verdicts: Vec<Verdict>,
    pub(super) facts: Facts,
    /// Requests that the plugin made.
    pub(super) requests: u64,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Call {
    Plan,
    Run,
}

impl<W: World> Stage<W> {
    pub(super) fn new(world: W, plugin: &LoadedPlugin) -> Result<Self, String> {
        let clock = world.clock().unwrap_or_else(|| Arc::new(QuickClock::new()));
        let ledger = SqliteLedger::in_memory().map_err(|error| error.to_string())?;
        Ok(Self {
            world,
            ledger: Arc::new(ledger.with_clock(Arc::clone(&clock))),
            clock,
            plugin: plugin.clone(),
        })
    }

    pub(super) fn tenant(&self, mishap: Option<Arc<Mishap>>) -> Result<Tenant, String> {
        let limits = CallLimits {
            cancel_grace: PROMPT,
            wall: PATIENCE,
            ..CallLimits::default()
        };
        let builder = Tenant::builder("test-kit", &self.plugin)
            .ledger(self.ledger.clone())
            .clock(Arc::clone(&self.clock))
            .limits(limits);
        let builder = self.world.tenant(builder).mishap(mishap);
        builder
            .build()
            .map_err(|error| format!("the tenant cannot be built: {error}"))
    }

    /// A call on a good day.
    pub(super) async fn call(&self, call: Call) -> Result<TrialEnd, String> {
        self.mishap(call, 0, MishapKind::NotSent).await
    }

    /// A call whose `at`th request goes wrong.
    pub(super) async fn mishap(&self, call: Call, at: u64, way: MishapKind) -> Result<TrialEnd, String> {
        let mishap = Arc::new(Mishap::new(at, way));
        let run = self.start(call, &mishap).await?;
        Ok(follow(run, &mishap).await)
    }

    /// A call that is cancelled while its `at`th request is under way.
    pub(super) async fn cancelled(&self, call: Call, at: u64) -> Result<TrialEnd, String> {
        let mishap = Arc::new(Mishap::new(at, MishapKind::Hangs));
        let run = self.start(call, &mishap).await?;
        let canceller = run.canceller();
        let cancel = async {
            mishap.reached().await;
            canceller.cancel();
            std::future::pending::<Infallible>().await
        };
        tokio::select! {
            ended = follow(run, &mishap) => Ok(ended),
            never = cancel => match never {},
        }
    }

    async fn start(&self, call: Call, mishap: &Arc<Mishap>) -> Result<Run, String> {
        self.clock.sleep(PAUSE).await;
        let tenant = self.tenant(Some(Arc::clone(mishap)))?;
        let job = Job::new(self.world.export());
        Ok(match call {
            Call::Plan => tenant.plan(job),
            Call::Run => tenant.run(job),
        })
    }

    /// What the destination holds, in order.
    pub(super) fn found(&self) -> Vec<String> {
        let mut found = self.world.found();
        found.sort_unstable();
        found
    }
}

async fn follow(mut run: Run, mishap: &Mishap) -> TrialEnd {
    let mut verdicts = Vec::new();
    while let Some(event) = run.next_event().await {
        if let Event::Verdict(verdict) = event {
            verdicts.push(verdict);
        }
    }
    let outcome = run.finish().await;
    TrialEnd {
        result: outcome.result,
        verdicts,
        facts: outcome.facts,
        requests: mishap.seen(),
    }
}

impl TrialEnd {
    /// The report of a run that was not stopped.
    pub(super) fn done(&self) -> Result<&Report, String> {
        let report = self
            .result
            .as_ref()
            .map_err(|error| format!("it ended with: {error}"))?;
        match &report.stopped {
            Some(fault) => Err(format!("it stopped: {}", fault.message)),
            None => Ok(report),
        }
    }

    /// A report or a fault, whatever it says: the plugin itself did not break.
    pub(super) fn is_whole(&self) -> Result<(), String> {
        match &self.result {
            Err(CallError::Ended(ended)) => Err(ended.to_string()),
            Ok(_) | Err(CallError::Fault(_)) => Ok(()),
        }
    }

    /// The tallies are those of the verdicts, and each entity has one.
    pub(super) fn adds_up(&self) -> Result<(), String> {
        let Ok(report) = &self.result else { return Ok(()) };
        let mut seen = BTreeMap::new();
        for verdict in &self.verdicts {
            *seen.entry((&verdict.entity, &verdict.id)).or_insert(0) += 1;
        }
        if let Some(((_, id), _)) = seen.iter().find(|(_, count)| **count > 1) {
            return Err(format!("`{id}` has several verdicts"));
        }
        let mut counted = BTreeMap::new();
        for verdict in &self.verdicts {
            *counted.entry(format!("{:?}", verdict.outcome)).or_insert(0_u64) += 1;
        }
        let mut tallied = BTreeMap::new();
        for of in &report.tallies {
            for (name, count) in counts(&of.tally) {
                *tallied.entry(name).or_default() += count;
            }
        }
        tallied.retain(|_, count| *count > 0);
        if counted == tallied {
            Ok(())
        } else {
            Err(format!("verdicts {counted:?}, report {tallied:?}"))
        }
    }

    /// Outcomes by entity.
    pub(super) fn outcomes(&self) -> BTreeMap<String, Outcome> {
        let outcome = |verdict: &Verdict| (format!("{} {}", verdict.entity, verdict.id), verdict.outcome);
        self.verdicts.iter().map(outcome).collect()
    }

    /// Requests that the manifest does not allow.
    pub(super) fn denied(&self) -> u64 {
        self.facts.connections.values().map(|traffic| traffic.denied).sum()
    }
}

fn counts(tally: &Tally) -> BTreeMap<String, u64> {
    let counts = [
        (Outcome::Created, tally.created),
        (Outcome::Updated, tally.updated),
        (Outcome::Unchanged, tally.unchanged),
        (Outcome::Skipped, tally.skipped),
        (Outcome::Failed, tally.failed),
        (Outcome::Waiting, tally.waiting),
        (Outcome::Removed, tally.removed),
        (Outcome::Adopted, tally.adopted),
    ];
    counts.map(|(outcome, count)| (format!("{outcome:?}"), count)).into()
}
