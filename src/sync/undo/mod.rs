//! Taking back what one run created: only issues that carry our marker and that nobody touched since.

mod preconditions;
mod shared_steps;

use super::READ;
use super::ctx::Ctx;
use super::read;
use crate::domain::{IssueId, Outcome, Unit, Verdict};
use crate::error::{Kind, Result};
use crate::jira::Traces;
use crate::mapping::{COMMON, Field, markers};
use crate::ports::Entity;
use crate::report::Output;
use crate::state::Entry;
use crate::target::{Issue, RemoteTest};
use std::collections::{BTreeMap, BTreeSet};

/// What is taken back next.
#[derive(Clone, Copy, Debug, Default)]
enum Part {
    /// Test Executions first, so that no run is left without its Test.
    #[default]
    Launches,
    Cases,
    /// What Tests of cases call.
    SharedSteps,
    Preconditions,
    Done,
}

/// Takes back the run of the job's name, one bounded step after the other.
#[derive(Default)]
pub(super) struct Undo {
    part: Part,
    /// The last row of the part that was read.
    after: Option<String>,
    /// The run created something that still stands.
    any: bool,
    /// Tests that go, by the digest of the precondition that they are linked to.
    going: BTreeMap<String, u64>,
    /// Ids of issues that go.
    gone: BTreeSet<IssueId>,
}

/// An issue that the run created.
struct Removal {
    entry: Entry,
    issue: Issue,
    /// What Jira calls it, which is the name of its case or launch as a rule; absent where Jira does not show it.
    summary: Option<String>,
    /// Why it stays; absent: it goes.
    stays: Option<String>,
}

/// What became of it.
enum Fate {
    Removed,
    Stays(String),
    Failed(String),
}

impl Undo {
    /// Takes back the next issues; `false` after the last ones.
    pub async fn step(&mut self, ctx: &Ctx<'_>, output: &mut Output) -> Result<bool> {
        match self.part {
            Part::Launches => self.page(ctx, Entity::Launch, Part::Cases, output).await?,
            Part::Cases => self.page(ctx, Entity::TestCase, Part::SharedSteps, output).await?,
            Part::SharedSteps => {
                self.shared_steps(ctx, output).await?;
                self.part = Part::Preconditions;
            }
            Part::Preconditions => {
                self.preconditions(ctx, output).await?;
                self.part = Part::Done;
                if !self.any {
                    let run = &ctx.job.run_id;
                    output.note(format!("run {run} created nothing in this project that still stands"));
                }
            }
            Part::Done => return Ok(false),
        }
        Ok(true)
    }

    /// Takes back a page of cases or launches, each with its verdict.
    async fn page(&mut self, ctx: &Ctx<'_>, entity: Entity, then: Part, output: &mut Output) -> Result<()> {
        let Some(mut created) = self.created(ctx, entity).await? else {
            (self.part, self.after) = (then, None);
            return Ok(());
        };
        let unit = match entity {
            Entity::Launch => Unit::Launch,
            _ => Unit::TestCase,
        };
        while !created.is_empty() {
            let chunk = created.drain(..created.len().min(READ)).collect();
            for removal in self.decide(ctx, chunk, unit).await? {
                let (id, issue) = (removal.entry.number(), removal.issue.clone());
                let name = removal.summary.clone().unwrap_or_else(|| issue.key.to_string());
                let verdict = |outcome| Verdict::new(unit, id, &name, outcome).issue(&issue);
                output.verdict(match self.apply(ctx, removal).await? {
                    Fate::Removed => verdict(Outcome::Removed),
                    Fate::Stays(why) => verdict(Outcome::Skipped).because(why),
                    Fate::Failed(why) => verdict(Outcome::Failed).because(why),
                });
            }
        }
        Ok(())
    }

    /// Of the next page of rows those whose issue the run created; `None` after the last page.
    async fn created(&mut self, ctx: &Ctx<'_>, entity: Entity) -> Result<Option<Vec<Entry>>> {
        let Some(rows) = ctx.ledger.page(entity, &mut self.after).await? else {
            return Ok(None);
        };
        let created = |entry: &Entry| entry.created_by() == Some(ctx.job.run_id.as_str()) && entry.issue().is_some();
        let created: Vec<Entry> = rows.into_iter().filter(created).collect();
        self.any |= !created.is_empty();
        Ok(Some(created))
    }

    /// Which issues go, at most 100.
    async fn decide(&mut self, ctx: &Ctx<'_>, entries: Vec<Entry>, unit: Unit) -> Result<Vec<Removal>> {
        let ids: Vec<IssueId> = entries.iter().filter_map(Entry::issue).map(|issue| issue.id).collect();
        let traces = ctx.jira.traces(&ids).await?;
        let remotes = match unit {
            Unit::TestCase => read::tests(ctx, &ids).await?,
            Unit::Launch => ids.iter().map(|_| Ok(None)).collect(),
        };
        let mut removals = Vec::with_capacity(entries.len());
        for ((entry, traces), remote) in entries.into_iter().zip(traces).zip(remotes) {
            let Some(issue) = entry.issue() else { continue };
            let (remote, unread) = match remote {
                Ok(remote) => (remote, None),
                Err(error) => (None, Some(error.to_string())),
            };
            let stays = unread.or_else(|| {
                traces
                    .as_ref()
                    .and_then(|traces| touched(traces, &entry, remote.as_ref()))
            });
            let linked = remote.filter(|remote| stays.is_none() && !remote.associations.preconditions.is_empty());
            if let Some((text, _)) = linked.and_then(|_| entry.digests(Field::Precondition)) {
                *self.going.entry(text.clone()).or_default() += 1;
            }
            removals.push(Removal {
                entry,
                issue,
                summary: traces.and_then(|traces| traces.summary),
                stays,
            });
        }
        Ok(removals)
    }

    /// Deletes an issue that goes; where nothing is applied, only takes note of it.
    async fn apply(&mut self, ctx: &Ctx<'_>, removal: Removal) -> Result<Fate> {
        let Removal {
            mut entry,
            issue,
            stays,
            ..
        } = removal;
        if let Some(why) = stays {
            return Ok(Fate::Stays(why));
        }
        if ctx.applies() {
            match ctx.jira.delete(&issue.id).await {
                Ok(()) => {}
                Err(error) if error.concerns_one_item() || error.kind == Kind::Permission => {
                    return Ok(Fate::Failed(error.to_string()));
                }
                Err(error) => return Err(error),
            }
            entry.take_back();
            ctx.ledger.put_one(&mut entry).await?;
        }
        self.gone.insert(issue.id);
        Ok(Fate::Removed)
    }
}

/// The note about issues without a verdict that go.
fn note_gone(ctx: &Ctx<'_>, what: &str, keys: &[String], output: &mut Output) {
    if keys.is_empty() {
        return;
    }
    let done = match ctx.applies() {
        true => "were deleted",
        false => "would be deleted",
    };
    output.note(format!("{} {what} of the run {done}: {}", keys.len(), keys.join(", ")));
}

/// So many of a thing; `None` for none.
fn counted(number: usize, thing: &str) -> Option<String> {
    match number {
        0 => None,
        1 => Some(format!("1 {thing}")),
        _ => Some(format!("{number} {thing}s")),
    }
}

/// Why an issue is no longer only ours; `None` where nobody touched it.
fn touched(traces: &Traces, entry: &Entry, remote: Option<&RemoteTest>) -> Option<String> {
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
    let files = entry
        .detail
        .files
        .foreign(traces.attachments.iter().map(|file| file.id.as_str()));
    let left = [
        counted(traces.comments, "comment"),
        counted(links, "link"),
        counted(files, "attachment"),
    ];
    let left: Vec<String> = left.into_iter().flatten().collect();
    if !left.is_empty() {
        return Some(format!("people worked with it: {}", left.join(", ")));
    }
    if !labels.contains(&COMMON) {
        return Some(format!("its label {COMMON} was taken off"));
    }
    let remote = remote?;
    let edited = Field::ALL.into_iter().find(|field| {
        entry
            .digests(*field)
            .is_some_and(|(_, seen)| !seen.is_empty() && Some(seen) != remote.digests.get(field))
    });
    edited.map(|field| format!("its {} was edited", field.name()))
}
