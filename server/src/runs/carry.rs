//! Carrying out a run, from its claim to its row in the history.

use std::collections::HashMap;

use tms_sync_host::{Facts, Job, RunOutcome, Tenant, Traffic, Undo};

use super::hub::LiveRun;
use super::model::{Mode, Requests, Run, Status, Summary};
use super::{ending, history, verdicts};
use crate::app::App;
use crate::plugins::{Count, Heard, Item, Progress, Stop};
use crate::problem::Problem;
use crate::schedule::{Claim, Turn, interruption};
use crate::settings::{Sync, assemble_watched};
use crate::store::{Statement, StoreError, TenantScope};
use crate::telemetry::RunSpans;

/// Verdicts that are written together.
const BATCH: usize = 200;
/// Notes on items that a summary has.
const LOST: usize = 50;

/// Carries out a claimed run and settles it. Whatever goes wrong ends in the run's row.
pub(crate) async fn carry_out(app: &App, claim: Claim) {
    let turn = claim.turn.clone();
    tracing::debug!(
        tenant = turn.scope.tenant(),
        sync = turn.sync,
        run = turn.run,
        mode = turn.mode.name(),
        "a run begins"
    );
    let spans = app.traces().begin(&turn);
    let mut ended = match prepare(app, &turn, &spans).await {
        Ok(ready) => follow(&turn, &claim.begun.live, ready, &spans).await,
        Err(problem) => Ended::not_begun(problem),
    };
    // Not a person ended it: somebody goes on with it.
    if claim.begun.live.is_handed_over() && ended.stopped.as_ref().is_some_and(|stop| stop.kind == "cancelled") {
        ended.stopped = Some(interruption());
    }
    spans.end(&ended);
    if let Err(error) = record(app, &turn, &ended).await {
        tracing::error!(tenant = turn.scope.tenant(), run = turn.run, %error, "a run's end could not be recorded");
    }
    if let Err(error) = app.dispatcher().settle(claim).await {
        tracing::error!(tenant = turn.scope.tenant(), run = turn.run, %error, "a run could not be settled");
    }
}

/// A run that can begin.
struct Ready {
    tenant: Tenant,
    sync: Sync,
    run: Run,
}

/// How a run ended.
pub(crate) struct Ended {
    pub(crate) stopped: Option<Stop>,
    pub(crate) summary: Summary,
    /// Absent where it did not begin.
    pub(super) ran: Option<(Tenant, Sync)>,
}

impl Ended {
    pub(crate) fn status(&self) -> Status {
        match &self.stopped {
            None => Status::Done,
            Some(stop) if stop.kind == "interrupted" => Status::Interrupted,
            Some(_) => Status::Stopped,
        }
    }

    fn not_begun(problem: Problem) -> Self {
        let finding = problem.findings.first().and_then(|finding| finding.hint.clone());
        Self {
            stopped: Some(Stop {
                side: "settings".to_owned(),
                hint: problem.hint.or(finding),
                ..Stop::of_host("configuration", problem.message)
            }),
            summary: Summary::default(),
            ran: None,
        }
    }
}

async fn prepare(app: &App, turn: &Turn, spans: &RunSpans) -> Result<Ready, Problem> {
    let run = Run::get(&turn.scope, &turn.run).await?;
    let sync = Sync::get(&turn.scope, &turn.sync).await?;
    let credentials = &sync.draft.credentials;
    let tenant = assemble_watched(app, &turn.scope, credentials, spans.requests())
        .await?
        .tenant;
    Ok(Ready { tenant, sync, run })
}

fn start(ready: &Ready) -> tms_sync_host::Run {
    let Ready { tenant, sync, run } = ready;
    let options = &run.options;
    let job = Job::new(sync.draft.export())
        .run_id(&run.id)
        .recreate(options.recreate)
        .full(options.full)
        .accept_changes(options.accept_changes);
    let undo = |apply| Undo::new(sync.draft.export(), options.undoes.clone().unwrap_or_default()).apply(apply);
    match run.mode {
        Mode::Plan => tenant.plan(job),
        Mode::Verify => tenant.verify(job),
        Mode::Export => tenant.run(job),
        Mode::Undo => tenant.undo(undo(true)),
        Mode::UndoPlan => tenant.undo(undo(false)),
    }
}

async fn follow(turn: &Turn, live: &LiveRun, ready: Ready, spans: &RunSpans) -> Ended {
    let mut run = start(&ready);
    live.cancels_with(run.canceller());
    let mut heard = Gathered::new(&turn.scope, &turn.run);
    while let Some(event) = run.next_event().await {
        let event = event.into();
        spans.hear(&event);
        if let Err(error) = heard.take(event, live).await {
            // Without its verdicts a run cannot be looked at: better to end it where the next one can go on.
            tracing::error!(run = turn.run, %error, "verdicts could not be stored");
            run.cancel();
        }
    }
    let outcome = run.finish().await;
    let flushed = heard.flush().await;
    let mut ended = heard.ended(outcome);
    if let (Err(error), None) = (flushed, &ended.stopped) {
        ended.stopped = Some(Stop::of_host(
            "ledger",
            format!("The verdicts could not be stored: {error}"),
        ));
    }
    ended.ran = Some((ready.tenant, ready.sync));
    ended
}

/// What a run said so far.
struct Gathered<'a> {
    scope: &'a TenantScope,
    run: &'a str,
    number: u64,
    waiting: Vec<Statement>,
    summary: Summary,
    lost: HashMap<String, u64>,
    /// Milliseconds by connection.
    waited: HashMap<String, u64>,
}

impl<'a> Gathered<'a> {
    fn new(scope: &'a TenantScope, run: &'a str) -> Self {
        Self {
            scope,
            run,
            number: 0,
            waiting: Vec::new(),
            summary: Summary::default(),
            lost: HashMap::new(),
            waited: HashMap::new(),
        }
    }

    async fn take(&mut self, heard: Heard, live: &LiveRun) -> Result<(), StoreError> {
        match heard {
            Heard::Progress(progress) => live.change(|live| {
                live.waiting = None;
                advance(&mut live.phases, progress);
            }),
            Heard::Waiting(wait) => {
                *self.waited.entry(wait.connection.clone()).or_default() += wait.milliseconds;
                live.change(|live| live.waiting = Some(wait));
            }
            Heard::Note(note) => self.summary.notes.push(note),
            Heard::Verdict(item) => return self.verdict(*item, live).await,
        }
        Ok(())
    }

    async fn verdict(&mut self, item: Item, live: &LiveRun) -> Result<(), StoreError> {
        self.number += 1;
        self.waiting.push(verdicts::row(self.run, self.number, &item));
        self.summary.totals.count(&item.entity, item.outcome);
        live.change(|live| live.totals.count(&item.entity, item.outcome));
        for note in item.notes {
            *self.lost.entry(note).or_default() += 1;
        }
        if self.waiting.len() >= BATCH {
            self.flush().await
        } else {
            Ok(())
        }
    }

    async fn flush(&mut self) -> Result<(), StoreError> {
        let rows = std::mem::take(&mut self.waiting);
        if rows.is_empty() {
            Ok(())
        } else {
            self.scope.write(rows).await.map(drop)
        }
    }

    fn ended(self, outcome: RunOutcome) -> Ended {
        let (stopped, resumed) = match &outcome.result {
            Ok(report) => (report.stopped.as_ref().map(Stop::from), report.resumed),
            Err(error) => (Some(Stop::from(error)), 0),
        };
        let mut lost: Vec<Count> = self
            .lost
            .into_iter()
            .map(|(what, number)| Count { what, number })
            .collect();
        lost.sort_by(|a, b| b.number.cmp(&a.number).then_with(|| a.what.cmp(&b.what)));
        lost.truncate(LOST);
        let summary = Summary {
            resumed,
            lost,
            requests: requests(&outcome.facts, &self.waited),
            duration_ms: u64::try_from(outcome.facts.duration.as_millis()).unwrap_or(u64::MAX),
            ..self.summary
        };
        Ended {
            stopped,
            summary,
            ran: None,
        }
    }
}

fn advance(phases: &mut Vec<Progress>, progress: Progress) {
    match phases.iter_mut().find(|phase| phase.phase == progress.phase) {
        Some(phase) => *phase = progress,
        None => phases.push(progress),
    }
}

fn requests(facts: &Facts, waited: &HashMap<String, u64>) -> Vec<Requests> {
    let one = |(connection, traffic): (&String, &Traffic)| Requests {
        connection: connection.clone(),
        requests: traffic.requests + traffic.token_exchanges,
        answers: traffic.answers,
        waited_ms: waited.get(connection).copied().unwrap_or_default(),
    };
    facts.connections.iter().map(one).collect()
}

async fn record(app: &App, turn: &Turn, ended: &Ended) -> Result<(), Problem> {
    let status = ended.status();
    let row = history::ended(&turn.run, status, ended.stopped.as_ref(), &ended.summary, app.now());
    turn.scope.write(vec![row]).await?;
    app.metrics().ended(turn.mode, status, &ended.summary);
    let (mode, status) = (turn.mode.name(), status.name());
    let milliseconds = ended.summary.duration_ms;
    let stopped = ended.stopped.as_ref().map(|stop| stop.message.as_str());
    let tenant = turn.scope.tenant();
    tracing::info!(
        tenant,
        sync = turn.sync,
        run = turn.run,
        mode,
        status,
        milliseconds,
        stopped,
        "a run ended"
    );
    ending::judge(app, turn, ended).await
}
