//! Launches: each becomes a Test Execution with one run for every exported case that has a result in it.

mod details;
mod evidence;
mod execution;
mod existing;
mod issues;
mod overview;
mod publish;
mod runs;
mod short;
mod verify;

use super::cases::Scope;
use super::ctx::Ctx;
use super::looks::Looks;
use super::lookup::{self, Lookups};
use super::upsert::Upsert;
use super::{MOVED, Mode};
use crate::digest;
use crate::domain::{CaseId, IssueKey, LaunchId, LaunchRow, Outcome, Unit, Verdict};
use crate::error::{Error, Result};
use crate::ports::{Entity, Phase, Stage};
use crate::report::Output;
use crate::state::{Entry, Lookup};
use crate::target::{Issue, Work};
use crate::testops::{Place, Unreadable};
use crate::web::Neighbours;
use evidence::Before;
use execution::Execute;
use existing::{Existing, Presence};
use overview::{Overview, overview};
use publish::{Earlier, Publication, Publisher};
use runs::Published;
use short::Rest;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use verify::{has_missing_runs, verify_runs};

/// Cases whose results were left out that a launch's row names.
const OUTSIDE: usize = 100;
/// Why a launch is skipped.
const NO_RESULT: &str = "it has no result of an exported test case";
/// Refused runs that are named in a verdict.
const NAMED: usize = 20;

/// The export of launches, one after the other.
pub(super) struct Launches {
    scope: Scope,
    /// The next page; absent after the last one.
    next: Option<Place>,
    rows: VecDeque<(LaunchRow, Entry)>,
    /// Launches that a whole look listed.
    listed: BTreeSet<LaunchId>,
    /// The last change of any of them, in milliseconds since the epoch.
    newest: u64,
    /// What a short look leaves out.
    rest: Option<Rest>,
    /// Test Executions of the rows.
    existing: Existing,
    /// Cases that left the scope, and whether they were deleted in TestOps.
    deleted: BTreeMap<CaseId, bool>,
    last_id: Option<LaunchId>,
    done: u64,
    total: Option<u64>,
    publisher: Publisher,
    /// Launches that were exported one after the other.
    neighbours: Neighbours,
    /// Why the run ends with the launch at hand.
    stop: Option<Error>,
}

/// What is to be done about a launch.
enum Action {
    /// Nothing.
    Leave(Verdict),
    /// Its results are to be published.
    Publish(Box<Publish>),
}

/// What became of the results of a launch.
struct Filled {
    published: Published,
    /// What is wrong with runs, by Test key.
    wrong: BTreeMap<IssueKey, String>,
}

/// A launch whose results differ from what was published.
struct Publish {
    row: LaunchRow,
    entry: Entry,
    overview: Overview,
    stamp: String,
    /// Digest of what is to be published, and of where.
    decision: String,
}

impl Launches {
    /// The launches of a scope of cases.
    pub async fn open(ctx: &Ctx<'_>, looks: &mut Looks, scope: Scope) -> Result<Self> {
        let mut launches = Launches {
            scope,
            next: None,
            rows: VecDeque::new(),
            listed: BTreeSet::new(),
            newest: 0,
            rest: None,
            existing: Existing::default(),
            deleted: BTreeMap::new(),
            last_id: None,
            done: 0,
            total: None,
            publisher: Publisher::default(),
            neighbours: Neighbours::default(),
            stop: None,
        };
        let moved = match looks.short {
            true => launches.look_shortly(ctx, looks).await?,
            false => None,
        };
        match moved {
            Some(rows) => {
                launches.total = Some(rows.len() as u64);
                let entries: Vec<Entry> = rows.iter().map(|(_, entry)| entry.clone()).collect();
                launches.existing = Existing::read(ctx, &entries).await?;
                launches.rows = rows.into();
            }
            None => launches.next = Some(Place::default()),
        }
        Ok(launches)
    }

    /// Exports the next launch; `false` after the last one.
    pub async fn step(
        &mut self,
        ctx: &Ctx<'_>,
        looks: &mut Looks,
        upsert: &mut Upsert,
        work: &mut Work,
        output: &mut Output,
    ) -> Result<bool> {
        if let Some((row, entry)) = self.rows.pop_front() {
            ctx.progress(Stage::ReadingLaunches, self.done, self.total).await;
            self.done += 1;
            let (id, name) = (row.id, row.name.clone());
            let verdict = match self.export(ctx, &mut upsert.lookups, row, entry, work, output).await {
                Ok(verdict) => verdict,
                Err(error) => {
                    let error = self.own_error(ctx, error).await?;
                    Verdict::new(Unit::Launch, id.0, name, Outcome::Failed).because(error.to_string())
                }
            };
            output.verdict(verdict);
            return self.stop.take().map_or(Ok(true), Err);
        }
        match self.next {
            Some(place) => self.next_page(ctx, place, upsert, output).await.map(|()| true),
            None if self.rest.is_some() => self.report_rest(ctx, output).await,
            None => self.close(ctx, looks).await.map(|()| false),
        }
    }

    async fn next_page(&mut self, ctx: &Ctx<'_>, place: Place, upsert: &mut Upsert, output: &mut Output) -> Result<()> {
        let launches = ctx.source.launches(&ctx.job.launches_aql, place).await?;
        self.next = launches.next;
        self.total = launches.total;
        unreadable(launches.unreadable, self.last_id, output);
        let ids: Vec<String> = launches.rows.iter().map(|row| row.id.to_string()).collect();
        let entries = ctx.ledger.get(Entity::Launch, &ids).await?;
        self.existing = Existing::read(ctx, &entries).await?;
        let gone = entries.iter().map(|entry| self.existing.of(ctx, entry));
        let gone = gone.filter(|presence| matches!(presence, Presence::Gone(_))).count();
        upsert.mass.count(gone, ctx.job)?;
        for (row, entry) in launches.rows.into_iter().zip(entries) {
            self.newest = self.newest.max(row.last_modified.unwrap_or(0));
            self.listed.insert(row.id);
            if self.last_id.is_none_or(|last| row.id > last) {
                self.last_id = Some(row.id);
                self.rows.push_back((row, entry));
            }
        }
        Ok(())
    }

    /// The error of a launch alone; otherwise that of the run.
    async fn own_error(&self, ctx: &Ctx<'_>, error: Error) -> Result<Error> {
        self.neighbours.failed(ctx.narrowed(error).await)
    }

    async fn export(
        &mut self,
        ctx: &Ctx<'_>,
        lookups: &mut Lookups,
        row: LaunchRow,
        mut entry: Entry,
        work: &mut Work,
        output: &mut Output,
    ) -> Result<Verdict> {
        let unmarked = match self.existing.of(ctx, &entry) {
            Presence::There(issue, unmarked) => {
                // A row that waits for cases keeps its date, which says when it was last published.
                if entry.rename(&issue.key) && entry.detail.launch.outside == 0 {
                    ctx.ledger.put_one(&mut entry).await?;
                }
                unmarked
            }
            Presence::Gone(issue) => {
                if !ctx.recreates() {
                    return ctx.lose_execution(&row, &issue, entry).await;
                }
                // What comes now is created: nothing of the deleted one counts any more.
                entry.orphan();
                ctx.ledger.put_one(&mut entry).await?;
                None
            }
            Presence::Never => None,
        };
        let marker = ctx.marker(&entry);
        let mut verdict = self.settle(ctx, lookups, row, entry, work, output).await?;
        self.existing.report_copies(ctx, &marker, &mut verdict);
        match unmarked {
            Some(unmarked) => unmarked.mark(ctx, verdict).await,
            None => Ok(verdict),
        }
    }

    /// Decides about a launch, and applies or shows it.
    async fn settle(
        &mut self,
        ctx: &Ctx<'_>,
        lookups: &mut Lookups,
        row: LaunchRow,
        entry: Entry,
        work: &mut Work,
        output: &mut Output,
    ) -> Result<Verdict> {
        match self.decide(ctx, lookups, row, entry, output).await? {
            Action::Leave(verdict) => Ok(verdict),
            Action::Publish(publish) => match (ctx.job.mode, publish.entry.issue()) {
                (Mode::Verify, Some(issue)) => publish.differences(ctx, &issue).await,
                _ if !ctx.applies() => Ok(publish.shown(work)),
                _ if !ctx.job.approves_launch(publish.row.id.0, &publish.decision) => {
                    Ok(publish.verdict(Outcome::Skipped).because(MOVED))
                }
                _ => self.apply(ctx, lookups, *publish).await,
            },
        }
    }

    /// Compares a launch with what was published of it.
    async fn decide(
        &mut self,
        ctx: &Ctx<'_>,
        lookups: &mut Lookups,
        row: LaunchRow,
        mut entry: Entry,
        output: &mut Output,
    ) -> Result<Action> {
        let stamp = stamp(&row);
        let verdict = |outcome| Verdict::new(Unit::Launch, row.id.0, &row.name, outcome);
        let synced = entry.is_synced() && ctx.job.mode != Mode::Verify;
        let more_cases = self.more_cases(ctx, &entry).await?;
        let known = entry.issue().filter(|_| synced);
        let owes = entry.detail.files.pending && entry.detail.files.owed.is_due(ctx.now());
        let left = || entry.detail.files.owed.notes().collect::<Vec<String>>();
        if let (true, Some(issue)) = (
            row.closed && entry.stamp() == stamp && !more_cases && !ctx.job.full && !owes,
            &known,
        ) {
            let mut same = verdict(Outcome::Unchanged).issue(issue);
            same.notes = left();
            if entry.take_name(&row.name) && entry.detail.launch.outside == 0 {
                ctx.ledger.put_one(&mut entry).await?;
            }
            return Ok(Action::Leave(same));
        }
        let skipped = entry.detail.launch.skipped && row.closed && ctx.job.mode != Mode::Verify;
        if skipped && entry.stamp() == stamp && !more_cases && !ctx.job.full {
            return Ok(Action::Leave(verdict(Outcome::Skipped).because(NO_RESULT)));
        }
        if entry.issue().is_none() {
            let marker = ctx.marker(&entry);
            let found = lookups.look_up(ctx, &mut [(&mut entry, marker)], output).await?;
            let lookup = found.into_iter().next().unwrap_or(Lookup::Theirs);
            if let Some(verdict) = lookup::verdict(&lookup, Unit::Launch, row.id.0, &row.name) {
                return Ok(Action::Leave(verdict));
            }
        }
        let mut overview = overview(ctx, row.id, &self.scope).await?;
        let is_same = |overview: &Overview| entry.fingerprint() == fingerprint(&stamp, overview);
        let mut same = is_same(&overview);
        if !same && known.is_some() {
            // A case that was deleted in TestOps changes nothing about its results.
            same = overview.keep_deleted(ctx, &mut self.deleted).await? && is_same(&overview);
        }
        if let (true, false, Some(issue)) = (same, row.closed, &known) {
            same = !has_missing_runs(ctx, &overview, issue).await?;
        }
        let runs = overview.cases.len() as u64;
        if let (true, Some(issue)) = (same && !owes, known) {
            if more_cases {
                self.note_outside(&overview, &mut entry);
                ctx.ledger.put_one(&mut entry).await?;
            }
            let mut same = verdict(Outcome::Unchanged).issue(&issue);
            same.notes = entry.detail.files.owed.notes().collect();
            same.counts = overview.counts(runs);
            return Ok(Action::Leave(same));
        }
        if entry.issue().is_none() && overview.cases.is_empty() {
            let mut none = verdict(Outcome::Skipped).because(NO_RESULT);
            none.counts = overview.counts(0);
            if entry.phase() == Phase::Idle && overview.unreadable.is_empty() {
                self.note(&row, &overview, &mut entry);
                entry.detail.launch.skipped = true;
                entry.stamped(&stamp, String::new());
                ctx.ledger.put_one(&mut entry).await?;
            }
            return Ok(Action::Leave(none));
        }
        let execution = entry.issue().unwrap_or_default().id;
        let decision = digest::short(format!("{stamp} {} {execution}", overview.results).as_bytes());
        Ok(Action::Publish(Box::new(Publish {
            row,
            entry,
            overview,
            stamp,
            decision,
        })))
    }

    /// Results that were left out can be exported once their cases are. Costs no request: the ledger knows the cases.
    async fn more_cases(&self, ctx: &Ctx<'_>, entry: &Entry) -> Result<bool> {
        let launch = &entry.detail.launch;
        let same_scope = self.scope.linked_at <= entry.updated_at() && launch.scope == self.scope.digest();
        if launch.outside == 0 || same_scope {
            return Ok(false);
        }
        let ids: Vec<String> = launch.cases_outside.iter().map(u64::to_string).collect();
        let entries = ctx.ledger.get(Entity::TestCase, &ids).await?;
        let has_test = |entry: &Entry| self.scope.test_of(CaseId(entry.number()), entry).is_some();
        Ok(launch.cases_outside.is_empty() || entries.iter().any(has_test))
    }

    /// Takes note of what decides whether the launch is looked at again.
    fn note(&self, row: &LaunchRow, overview: &Overview, entry: &mut Entry) {
        entry.take_name(&row.name);
        entry.detail.launch.open = !row.closed;
        entry.detail.launch.skipped = false;
        self.note_outside(overview, entry);
    }

    /// Takes note of the results that are left out, and why.
    fn note_outside(&self, overview: &Overview, entry: &mut Entry) {
        let launch = &mut entry.detail.launch;
        launch.outside = overview.outside;
        launch.scope = match overview.outside {
            0 => String::new(),
            _ => self.scope.digest(),
        };
        let cases = overview.cases_outside.iter().map(|case| case.0);
        launch.cases_outside = match overview.cases_outside.len() <= OUTSIDE {
            true => cases.collect(),
            false => Vec::new(),
        };
    }

    async fn apply(&mut self, ctx: &Ctx<'_>, lookups: &mut Lookups, mut publish: Publish) -> Result<Verdict> {
        let known = publish.entry.issue().is_some();
        let (execution, notes) = match execution::bring(ctx, lookups, &mut publish).await? {
            Execute::Into(issue, notes) => (issue, notes),
            Execute::Not(outcome, why, stop) => {
                self.stop = stop;
                return Ok(publish.verdict(outcome).because(why));
            }
        };
        let again = known || publish.entry.detail.launch.of_people;
        let outcome = if again { Outcome::Updated } else { Outcome::Created };
        let published = match self.fill(ctx, &mut publish, &execution, again).await {
            Ok(published) => published,
            // The execution stands, whatever became of its results.
            Err(error) => return Ok(self.unfilled(ctx, &publish, &execution, error).await),
        };
        self.neighbours.passed();
        let mut verdict = publish.verdict(outcome).issue(&execution);
        verdict.notes = notes;
        let Filled { published, wrong } = published;
        Ok(settled(verdict, &publish.overview, published, &wrong))
    }

    /// Publishes the results of a launch into its Test Execution, and records what Xray has of them then.
    async fn fill(&mut self, ctx: &Ctx<'_>, publish: &mut Publish, execution: &Issue, again: bool) -> Result<Filled> {
        let Publish {
            row,
            entry,
            overview,
            stamp,
            ..
        } = publish;
        let newest = std::mem::take(&mut entry.detail.launch.newest_evidence);
        if newest > 0 {
            // Who goes on after this run was killed compares by name and size what may be there.
            ctx.ledger.put_one(entry).await?;
        }
        let publication = Publication {
            launch: row.id,
            overview,
            execution,
            earlier: Earlier {
                runs: again,
                step_results: entry.detail.launch.step_results,
                evidence: Before { any: again, newest },
            },
        };
        let published = self.publisher.publish(ctx, &publication).await?;
        let wrong = verify_runs(ctx, overview, execution, &published).await?;
        entry.rename(&execution.key);
        let shown = &published.shown;
        entry.detail.launch.newest_evidence = newest.max(shown.newest);
        entry.detail.files.owed.tried(&shown.left, stamp, ctx.now());
        entry.detail.files.pending = entry.detail.files.owed.is_some();
        self.note(row, overview, entry);
        entry.detail.launch.step_results = published.has_steps();
        if wrong.is_empty() && overview.unreadable.is_empty() {
            entry.stamped(stamp, fingerprint(stamp, overview));
            entry.sync();
        } else {
            // The stamp of an earlier run would make the next one leave the launch as it is.
            entry.stamped("", String::new());
        }
        ctx.ledger.put_one(entry).await?;
        Ok(Filled { published, wrong })
    }

    /// The verdict about a launch whose Test Execution stands and whose results do not all.
    async fn unfilled(&mut self, ctx: &Ctx<'_>, publish: &Publish, execution: &Issue, error: Error) -> Verdict {
        let verdict = |outcome, error: &Error| {
            let why = format!("its Test Execution is there, and its results are not yet: {error}");
            publish.verdict(outcome).issue(execution).because(why)
        };
        match self.own_error(ctx, error).await {
            Ok(error) => verdict(Outcome::Failed, &error),
            Err(error) => {
                let verdict = verdict(Outcome::Waiting, &error);
                self.stop = Some(error);
                verdict
            }
        }
    }
}

impl Publish {
    fn verdict(&self, outcome: Outcome) -> Verdict {
        Verdict::new(Unit::Launch, self.row.id.0, &self.row.name, outcome).decided(self.decision.clone())
    }

    /// What an export would do.
    fn shown(&self, work: &mut Work) -> Verdict {
        let (known, runs) = (self.entry.issue(), self.overview.cases.len() as u64);
        let outcome = match known {
            Some(_) => Outcome::Updated,
            None => Outcome::Created,
        };
        work.executions += u64::from(known.is_none());
        work.refreshed += u64::from(known.is_some());
        work.runs += runs;
        let mut verdict = self.verdict(outcome);
        verdict.issue = known;
        verdict.counts = self.overview.counts(runs);
        verdict
    }

    /// What Xray recorded of the launch against what TestOps has.
    async fn differences(&self, ctx: &Ctx<'_>, issue: &Issue) -> Result<Verdict> {
        let verdict = |outcome| Verdict::new(Unit::Launch, self.row.id.0, &self.row.name, outcome);
        let wrong = verify_runs(ctx, &self.overview, issue, &Published::default()).await?;
        let owed = &self.entry.detail.files.owed;
        let outcome = match wrong.is_empty() && !owed.is_some() {
            true => Outcome::Unchanged,
            false => Outcome::Updated,
        };
        let mut verdict = verdict(outcome).issue(issue);
        verdict.notes.extend(owed.notes());
        let right = self.overview.cases.len().saturating_sub(wrong.len());
        verdict.counts = self.overview.counts(right as u64);
        verdict.notes.extend(named(&wrong));
        Ok(verdict)
    }
}

/// The verdict about a launch whose results were published, with what is wrong about them.
fn settled(
    mut verdict: Verdict,
    overview: &Overview,
    published: Published,
    wrong: &BTreeMap<IssueKey, String>,
) -> Verdict {
    let runs = overview.cases.len();
    verdict.counts = overview.counts(runs.saturating_sub(wrong.len()) as u64);
    verdict.counts.extend(published.counts());
    verdict.notes.extend(published.shown.notes());
    verdict.notes.extend(published.notes);
    let unrecorded = format!("{} of {runs} runs were not recorded by Xray", wrong.len());
    let unread = format!("results that cannot be read: {}", overview.unreadable.len());
    let reasons = [(unrecorded, wrong.is_empty()), (unread, overview.unreadable.is_empty())];
    let reasons = reasons.into_iter().filter(|(_, none)| !none).map(|(reason, _)| reason);
    let reasons: Vec<String> = reasons.collect();
    if !reasons.is_empty() {
        verdict.outcome = Outcome::Failed;
        verdict.reason = Some(reasons.join("; "));
        verdict.notes.extend(overview.unreadable.iter().take(NAMED).cloned());
        verdict.notes.extend(named(wrong));
    }
    verdict
}

/// Gives launches whose rows cannot be read their verdicts.
fn unreadable(rows: Vec<Unreadable>, before: Option<LaunchId>, output: &mut Output) {
    let is_new = |row: &Unreadable| {
        row.id
            .map(LaunchId)
            .is_none_or(|id| before.is_none_or(|before| id > before))
    };
    let rows = rows.into_iter().filter(is_new);
    output.verdicts.extend(rows.map(|row| row.verdict(Unit::Launch)));
}

fn named(wrong: &BTreeMap<IssueKey, String>) -> impl Iterator<Item = String> {
    wrong.iter().take(NAMED).map(|(test, why)| format!("{test}: {why}"))
}

/// Digest of the launch's row in its list, as far as it is exported.
fn stamp(row: &LaunchRow) -> String {
    let text = format!(
        "{}|{}|{:?}|{}|{:?}|{:?}",
        row.name,
        row.closed,
        row.last_modified,
        row.tags.join(","),
        row.links,
        row.issues
    );
    digest::short(text.as_bytes())
}

fn fingerprint(stamp: &str, overview: &Overview) -> String {
    digest::short(format!("{stamp}{}", overview.digest).as_bytes())
}
