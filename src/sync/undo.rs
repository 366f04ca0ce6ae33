//! Taking back what one run created: only issues that carry our marker and that nobody touched since.

mod called;
mod preconditions;

use super::Run;
use crate::domain::{Issue, IssueId, Outcome, Unit, Verdict};
use crate::error::Result;
use crate::mapping::{COMMON, Field, markers};
use crate::ports::Entity;
use crate::state::Entry;
use crate::target::{Remote, Traces};

/// Issues looked at a request.
const READ: usize = 100;

impl Run<'_> {
    /// Takes back the run of the job's name: Test Executions first, so that no run is left without its Test, then Tests,
    /// then what they call, and Preconditions last.
    pub(super) async fn undo(&self) -> Result<()> {
        let mut any = false;
        for (entity, unit) in [(Entity::Launch, Unit::Launch), (Entity::TestCase, Unit::TestCase)] {
            let mut after = None;
            loop {
                let rows = self.ledger.scan(entity, after).await?;
                let Some(last) = rows.last() else { break };
                after = Some(last.id().to_owned());
                let mut ours: Vec<Entry> = rows.into_iter().filter(|entry| self.is_of_this_run(entry)).collect();
                any |= !ours.is_empty();
                for chunk in ours.chunks_mut(READ) {
                    self.undo_chunk(chunk, unit).await?;
                }
            }
        }
        any |= self.undo_called().await?;
        any |= self.undo_preconditions().await?;
        if !any {
            self.recorder
                .note(format!(
                    "run {} created nothing in this project that still stands",
                    self.job.run_id
                ))
                .await;
        }
        Ok(())
    }

    /// True where the run of the job's name created an entry's issue.
    fn is_of_this_run(&self, entry: &Entry) -> bool {
        entry.created_by() == Some(self.job.run_id.as_str()) && entry.issue().is_some()
    }

    /// Tells which issues without a verdict go.
    async fn tell_gone(&self, what: &str, keys: &[String]) {
        if keys.is_empty() {
            return;
        }
        let done = if self.job.mode.reads_only() {
            "would be deleted"
        } else {
            "were deleted"
        };
        let note = format!("{} {what} of the run {done}: {}", keys.len(), keys.join(", "));
        self.recorder.note(note).await;
    }

    async fn undo_chunk(&self, entries: &mut [Entry], unit: Unit) -> Result<()> {
        let ids: Vec<IssueId> = entries
            .iter()
            .filter_map(|entry| entry.issue().map(|issue| issue.id))
            .collect();
        let traces = self.jira.traces(&ids).await?;
        let remotes = match unit {
            Unit::TestCase => self.target.read(&ids).await?,
            Unit::Launch => ids.iter().map(|_| None).collect(),
        };
        for ((entry, traces), remote) in entries.iter_mut().zip(traces).zip(remotes) {
            let Some(issue) = entry.issue() else { continue };
            let verdict = self
                .undo_one(entry, &issue, unit, traces.as_ref(), remote.as_ref())
                .await?;
            self.recorder.verdict(verdict.issue(&issue)).await;
        }
        Ok(())
    }

    async fn undo_one(
        &self,
        entry: &mut Entry,
        issue: &Issue,
        unit: Unit,
        traces: Option<&Traces>,
        remote: Option<&Remote>,
    ) -> Result<Verdict> {
        let id = entry.number();
        let verdict = |outcome| Verdict::new(unit, id, issue.key.as_str(), outcome);
        if let Some(why) = traces.and_then(|traces| touched(traces, entry, remote)) {
            return Ok(verdict(Outcome::Skipped).because(why));
        }
        let linked = remote.filter(|remote| !remote.preconditions.is_empty());
        if let Some((text, _)) = linked.and_then(|_| entry.digests(Field::Precondition)) {
            *self.going.borrow_mut().entry(text.clone()).or_default() += 1;
        }
        if !self.job.mode.reads_only() {
            if let Err(error) = self.jira.delete(&issue.id).await {
                if error.concerns_one_item() || error.kind == crate::error::Kind::Permission {
                    return Ok(verdict(Outcome::Failed).because(error.to_string()));
                }
                return Err(error);
            }
            entry.take_back();
            self.ledger.put_one(entry).await?;
        }
        self.gone.borrow_mut().insert(issue.id.clone());
        Ok(verdict(Outcome::Removed))
    }
}

/// Why an issue is no longer only ours; `None` where nobody touched it.
fn touched(traces: &Traces, entry: &Entry, remote: Option<&Remote>) -> Option<String> {
    let labels: Vec<&str> = traces.labels.iter().map(String::as_str).collect();
    if markers(labels.iter().copied()).is_empty() {
        return Some("it does not carry our marker any more".to_owned());
    }
    // Links that we made are no work of people.
    let ours = entry.digests(Field::Coverage).map(|(exported, _)| exported.as_str());
    let ours = ours
        .unwrap_or_default()
        .split(',')
        .filter(|key| !key.is_empty())
        .count();
    let links = traces.links.saturating_sub(ours);
    let files = entry.detail.foreign_files(&traces.attachments);
    if traces.comments + links + files > 0 {
        return Some(format!(
            "people worked with it: {} comments, {links} links, {files} attachments",
            traces.comments
        ));
    }
    if !labels.contains(&COMMON) {
        return Some(format!("its label {COMMON} was taken off"));
    }
    let remote = remote?;
    let edited = Field::ALL.into_iter().find(|field| {
        entry
            .digests(*field)
            .is_some_and(|(_, told)| !told.is_empty() && Some(told) != remote.digests.get(field))
    });
    edited.map(|field| format!("its {} was edited", field.name()))
}
