//! Launches: each becomes a Test Execution with one run for every exported case that has a result in it.

use super::cases::Scope;
use super::creation::{Created, Creations};
use super::lookup;
use super::results::Overview;
use super::runs::{Earlier, Published};
use super::{Mode, Run};
use crate::digest;
use crate::domain::{LaunchRow, Outcome, Unit, Verdict};
use crate::error::Result;
use crate::mapping::{self, Execution, Launch, Marker};
use crate::ports::{Entity, Stage};
use crate::state::{Entry, Lookup};
use crate::target::{Creation, Issue, Submission};

/// Refused runs that are named in a verdict.
const NAMED: usize = 20;

impl Run<'_> {
    /// Exports all launches in scope.
    pub(super) async fn export_launches(&self, scope: &Scope) -> Result<()> {
        let (mut done, mut last_id) = (0, None);
        for page in 0.. {
            let launches = self.source.launches(&self.job.launches_aql, page).await?;
            let ids: Vec<String> = launches.rows.iter().map(|row| row.id.to_string()).collect();
            let entries = self.ledger.get(Entity::Launch, &ids).await?;
            for (row, entry) in launches.rows.into_iter().zip(entries) {
                if last_id.is_some_and(|last| row.id <= last) {
                    continue;
                }
                last_id = Some(row.id);
                self.recorder
                    .progress(Stage::ReadingLaunches, done, launches.total)
                    .await;
                let verdict = self.export_launch(&row, entry, scope).await?;
                self.recorder.verdict(verdict).await;
                done += 1;
            }
            if launches.last {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn export_launch(&self, row: &LaunchRow, entry: Entry, scope: &Scope) -> Result<Verdict> {
        match self.launch_verdict(row, entry, scope).await {
            Err(error) if error.concerns_one_item() => {
                Ok(Verdict::new(Unit::Launch, row.id.0, &row.name, Outcome::Failed).because(error.to_string()))
            }
            other => other,
        }
    }

    async fn launch_verdict(&self, row: &LaunchRow, mut entry: Entry, scope: &Scope) -> Result<Verdict> {
        let verdict = |outcome| Verdict::new(Unit::Launch, row.id.0, &row.name, outcome);
        let stamp = stamp(row);
        let synced = entry.is_synced() && self.job.mode != Mode::Verify;
        // Results that were left out can be exported once their cases are.
        let of_others = entry.detail.outside > 0;
        let more_cases = of_others && (scope.linked_at > entry.updated_at() || entry.detail.scope != scope.digest());
        if let (true, Some(issue)) = (
            synced && row.closed && entry.stamp() == stamp && !more_cases && !self.job.full,
            entry.issue(),
        ) {
            return Ok(verdict(Outcome::Unchanged).issue(&issue));
        }
        let generation = entry.generation(self.job.recreate);
        let marker = Marker::launch(self.source.identity(), &self.destination.project_id, row.id, generation);
        if entry.issue().is_none() {
            let lookup = self.look_up(&mut [(&mut entry, marker.clone())]).await?;
            let lookup = lookup.into_iter().next().unwrap_or(Lookup::Absent);
            if let Some(verdict) = lookup::verdict(&lookup, Unit::Launch, row.id.0, &row.name) {
                return Ok(verdict);
            }
        }
        let overview = self.overview(row.id, scope).await?;
        let fingerprint = fingerprint(&stamp, &overview);
        if let (true, Some(issue)) = (synced && entry.fingerprint() == fingerprint, entry.issue()) {
            if more_cases && !self.job.mode.reads_only() {
                entry.detail.scope = scope.digest();
                self.ledger.put_one(&mut entry).await?;
            }
            let mut same = verdict(Outcome::Unchanged).issue(&issue);
            same.counts = overview.counts(overview.cases.len() as u64);
            return Ok(same);
        }
        let known = entry.issue();
        if known.is_none() && overview.cases.is_empty() {
            let mut none = verdict(Outcome::Skipped).because("it has no result of an exported test case");
            none.counts = overview.counts(0);
            return Ok(none);
        }
        if let (Mode::Verify, Some(issue)) = (self.job.mode, &known) {
            return self.verify_launch(row, issue, &overview).await;
        }
        let outcome = if known.is_some() {
            Outcome::Updated
        } else {
            Outcome::Created
        };
        if self.job.mode.reads_only() {
            let mut planned = verdict(outcome);
            planned.issue = known;
            planned.counts = overview.counts(overview.cases.len() as u64);
            return Ok(planned);
        }
        let again = known.is_some();
        let (execution, notes) = match self.execution(row, &mut entry, &marker, &overview).await? {
            Execute::Into(issue, notes) => (issue, notes),
            Execute::Not(outcome, why) => return Ok(verdict(outcome).because(why)),
        };
        let earlier = Earlier {
            runs: again,
            step_results: entry.detail.step_results,
        };
        let published = self.publish_results(row.id, &overview, &execution, earlier).await?;
        let wrong = self.verify_runs(&overview, &execution, &published).await?;
        entry.rename(&execution.key);
        entry.detail.outside = overview.outside;
        entry.detail.step_results = published.has_steps();
        entry.detail.scope = match overview.outside {
            0 => String::new(),
            _ => scope.digest(),
        };
        let right = overview.cases.len().saturating_sub(wrong.len()) as u64;
        let mut settled = verdict(outcome).issue(&execution);
        settled.counts = overview.counts(right);
        settled.counts.extend(published.counts());
        settled.notes = notes;
        settled.notes.extend(published.shown.notes());
        settled.notes.extend(published.notes);
        if wrong.is_empty() {
            entry.stamped(&stamp, fingerprint);
            entry.sync();
        } else {
            settled.outcome = Outcome::Failed;
            settled.reason = Some(format!(
                "{} of {} runs were not recorded by Xray",
                wrong.len(),
                overview.cases.len()
            ));
            settled
                .notes
                .extend(wrong.iter().take(NAMED).map(|(test, why)| format!("{test}: {why}")));
        }
        self.ledger.put_one(&mut entry).await?;
        Ok(settled)
    }

    /// What Xray recorded of a launch against what TestOps says.
    async fn verify_launch(&self, row: &LaunchRow, issue: &Issue, overview: &Overview) -> Result<Verdict> {
        let wrong = match self.jira.current(&issue.id).await? {
            Some(_) => self.verify_runs(overview, issue, &Published::default()).await?,
            None => {
                let gone = Verdict::new(Unit::Launch, row.id.0, &row.name, Outcome::Created);
                return Ok(gone.because(format!("its Test Execution {} was deleted in Jira", issue.key)));
            }
        };
        let outcome = if wrong.is_empty() {
            Outcome::Unchanged
        } else {
            Outcome::Updated
        };
        let mut verdict = Verdict::new(Unit::Launch, row.id.0, &row.name, outcome).issue(&issue);
        verdict.counts = overview.counts(overview.cases.len().saturating_sub(wrong.len()) as u64);
        verdict
            .notes
            .extend(wrong.iter().take(NAMED).map(|(test, why)| format!("{test}: {why}")));
        Ok(verdict)
    }

    /// The Test Execution of a launch, created or brought in step.
    async fn execution(
        &self,
        row: &LaunchRow,
        entry: &mut Entry,
        marker: &Marker,
        overview: &Overview,
    ) -> Result<Execute> {
        let draft = self.draft(row, overview).await?;
        let digest = draft.digest();
        if let Some(issue) = entry.issue() {
            let Some(issue) = self.jira.current(&issue.id).await? else {
                entry.orphan();
                self.ledger.put_one(entry).await?;
                let why = "its Test Execution was deleted in Jira, or is hidden from the account; it is created again only with --recreate";
                return Ok(Execute::Not(Outcome::Skipped, why.to_owned()));
            };
            if entry.detail.sent == digest {
                return Ok(Execute::Into(issue, Vec::new()));
            }
            self.target.update_execution(&issue, &draft).await?;
            let notes = self.complete(entry, &issue, draft, digest).await?;
            return Ok(Execute::Into(issue, notes));
        }
        let send = async |_: Vec<()>| {
            let issue = self.target.create_execution(marker, &draft).await?;
            Ok(Submission::Done(vec![Creation::Created(issue)]))
        };
        let Creations { outcomes, stop } = self.creator().create(vec![(&mut *entry, ())], send).await?;
        if let Some(error) = stop {
            return Err(error);
        }
        match outcomes.into_iter().next() {
            Some(Created::Issue(issue)) => {
                self.notice(&issue.key);
                let notes = self.complete(entry, &issue, draft, digest).await?;
                Ok(Execute::Into(issue, notes))
            }
            Some(Created::Refused(why)) => Ok(Execute::Not(Outcome::Failed, why)),
            Some(Created::Waiting(why)) => Ok(Execute::Not(Outcome::Waiting, why)),
            Some(Created::Unsent) | None => Ok(Execute::Not(Outcome::Waiting, "nothing was sent".to_owned())),
        }
    }

    async fn draft(&self, row: &LaunchRow, overview: &Overview) -> Result<Execution> {
        let (environment, lost) = match self.source.environment(row.id).await {
            Ok(values) => (values, None),
            Err(error) if error.concerns_one_item() => (Vec::new(), Some(error.told().message)),
            Err(error) => return Err(error),
        };
        let launch = Launch {
            row,
            url: &self.source.launch_url(row.id),
            environment: &environment,
            begin: overview.cases.values().filter_map(|case| case.start).min(),
            end: overview.cases.values().filter_map(|case| case.stop).max(),
        };
        let mut draft = mapping::execution(&launch, &self.job.options.launches, self.target.dialect());
        draft.losses.extend(lost.map(|words| format!("environment: {words}")));
        Ok(draft)
    }

    /// Adds what comes after a create or an edit. An item's refusal is told and costs nothing else.
    async fn complete(
        &self,
        entry: &mut Entry,
        issue: &Issue,
        draft: Execution,
        digest: String,
    ) -> Result<Vec<String>> {
        let more = match self.target.complete_execution(issue, &draft).await {
            Ok(notes) => {
                entry.detail.sent = digest;
                notes
            }
            Err(error) if error.concerns_one_item() => vec![error.told().message],
            Err(error) => return Err(error),
        };
        let mut notes = draft.losses;
        notes.extend(more);
        Ok(notes)
    }
}

/// Whether results can be published.
enum Execute {
    /// Into this Test Execution; with what it could not take.
    Into(Issue, Vec<String>),
    /// Not in this run.
    Not(Outcome, String),
}

/// Digest of what the launch list says, as far as it is exported.
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
