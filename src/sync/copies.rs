//! Two ledgers, one destination: each can create an issue for the same item before it sees the other's. So the markers of
//! new issues are looked up once more, and of several issues the oldest stays. A younger one that this run has just created
//! is withdrawn; whoever created last sees all of them, so that exactly one stays.

use super::ctx::Ctx;
use super::withdrawals;
use crate::domain::{Change, Issue, IssueId, IssueKey};
use crate::error::{Kind, Result};
use crate::mapping::Marker;
use crate::state::Entry;
use itertools::Itertools;
use std::collections::{BTreeMap, BTreeSet};

/// Markers per lookup.
const LOOK_UP: usize = 100;

/// An issue of ours, and older ones with the same marker.
pub(super) struct Copy {
    pub ours: Issue,
    pub older: Issue,
}

/// What the second look found about new issues.
#[derive(Default)]
pub(super) struct Copies {
    /// Ours that are not the oldest, by marker.
    pub younger: BTreeMap<Marker, Copy>,
    /// What a person should know of the others.
    pub notes: Vec<String>,
}

/// Issues that were read by their keys in this run, because the search index may not show them yet.
#[derive(Default)]
pub(super) struct ByKey {
    /// Key numbers that were read, and those of issues that this run created.
    numbers: BTreeSet<u64>,
    found: BTreeMap<Marker, Vec<Issue>>,
}

impl ByKey {
    /// Adds what was read.
    pub fn extend(&mut self, found: BTreeMap<Marker, Vec<Issue>>) {
        for (marker, issues) in found {
            self.found.entry(marker).or_default().extend(issues);
        }
    }

    /// Markers on what was read.
    pub fn markers(&self) -> impl Iterator<Item = Marker> {
        self.found.keys().cloned()
    }

    /// Issues that carry a marker, as far as they were read.
    pub fn get(&self, marker: &Marker) -> &[Issue] {
        self.found.get(marker).map(Vec::as_slice).unwrap_or_default()
    }

    /// Reads the project's youngest issues up to those that were just created. False where there are too many to be read.
    async fn read_up_to(&mut self, ctx: &Ctx<'_>, created: &[(Marker, Issue)]) -> Result<bool> {
        let project = &ctx.destination.project;
        let ours = created.iter().filter_map(|(_, issue)| project.number(&issue.key));
        self.numbers.extend(ours);
        let between = ctx
            .jira
            .keys()
            .between(project, ctx.capability.quiescence.sent, &self.numbers)
            .await?;
        self.numbers.extend(between.from + 1..=between.to);
        self.extend(between.found);
        Ok(between.whole)
    }
}

/// What a lookup of the markers of issues that this run has just created comes to. Where the search index does not show
/// them yet, the youngest issues are read by their keys.
pub(super) async fn of_new(
    ctx: &Ctx<'_>,
    by_key: &mut ByKey,
    created: &[(Marker, Issue)],
    mut found: BTreeMap<Marker, Vec<Issue>>,
) -> Result<Copies> {
    let is_shown = |(marker, issue): &(Marker, Issue)| {
        let issues = found.get(marker).map(Vec::as_slice).unwrap_or_default();
        issues.iter().any(|found| found.id == issue.id)
    };
    let mut copies = Copies::default();
    if !created.iter().all(is_shown) && !by_key.read_up_to(ctx, created).await? {
        let note = "the search index lags, and not all new issues could be looked at: `tms-sync verify` finds copies";
        copies.notes.push(note.to_owned());
    }
    for (marker, issue) in created {
        let mut others = found.remove(marker).unwrap_or_default();
        others.extend_from_slice(by_key.get(marker));
        copies.judge(marker, issue, others);
    }
    Ok(copies)
}

impl Copies {
    fn judge(&mut self, marker: &Marker, ours: &Issue, mut others: Vec<Issue>) {
        others.retain(|other| other.id != ours.id);
        others.sort_by_key(|other| number(&other.id));
        others.dedup_by(|one, other| one.id == other.id);
        match others.into_iter().next() {
            Some(older) if number(&older.id) < number(&ours.id) => {
                let ours = ours.clone();
                self.younger.insert(marker.clone(), Copy { ours, older });
            }
            Some(younger) => self.notes.push(format!(
                "another ledger has created {} for the same item as {}, which is older and stays",
                younger.key, ours.key
            )),
            None => {}
        }
    }
}

/// Issues by marker, from the search index.
pub(super) async fn find(ctx: &Ctx<'_>, markers: &[Marker]) -> Result<BTreeMap<Marker, Vec<Issue>>> {
    let mut found = BTreeMap::new();
    for chunk in markers.chunks(LOOK_UP) {
        found.extend(ctx.jira.find(&ctx.destination.project.id, chunk).await?);
    }
    Ok(found)
}

/// What became of an issue that this run has just created beside an older one, for people.
pub(super) enum Withdrawn {
    /// It was deleted; the next run updates the older one.
    Gone(String),
    /// It stays beside the older one.
    Stays(String),
}

/// Leaves an item to the older issue, and deletes ours.
pub(super) async fn withdraw(ctx: &Ctx<'_>, entry: &mut Entry, copy: &Copy) -> Result<Withdrawn> {
    let Copy { ours, older } = copy;
    withdrawals::begin(ctx, entry, copy).await?;
    let found = format!("another ledger has created {} for it at the same time", older.key);
    let stays = delete(ctx, ours).await?;
    withdrawals::end(ctx, &ours.id).await?;
    Ok(match stays {
        None => Withdrawn::Gone(format!(
            "{found}, so {} was withdrawn; the next run updates {}",
            ours.key, older.key
        )),
        Some(why) => Withdrawn::Stays(format!(
            "{found}, and {} stays beside it ({why}): delete one of them",
            ours.key
        )),
    })
}

/// Deletes an issue that this run has just created, where nobody touched it. Returns why it stays.
pub(super) async fn delete(ctx: &Ctx<'_>, issue: &Issue) -> Result<Option<String>> {
    let traces = ctx.jira.traces(std::slice::from_ref(&issue.id)).await?;
    if let Some(Some(traces)) = traces.first()
        && traces.comments + traces.attachments.len() > 0
    {
        return Ok(Some("people worked with it".to_owned()));
    }
    match ctx.jira.delete(&issue.id).await {
        Ok(()) => Ok(None),
        Err(error) if error.concerns_one_item() || error.kind == Kind::Permission => Ok(Some(error.message.clone())),
        Err(error) => Err(error),
    }
}

/// Keys of issues that carry a marker beside the one that belongs to it.
pub(super) fn beside(found: &BTreeMap<Marker, Vec<Issue>>, marker: &Marker, own: &Issue) -> Vec<IssueKey> {
    let issues = found.get(marker).map(Vec::as_slice).unwrap_or_default();
    let others = issues.iter().filter(|issue| issue.id != own.id);
    others.map(|issue| issue.key.clone()).collect()
}

/// What is reported about such issues: a note, and a difference where a verification looks for those.
pub(super) fn reported(others: &[IssueKey]) -> Option<(String, Change)> {
    let keys = others.iter().join(", ");
    let note = format!("its marker is on {keys} too: delete the copy, or take the label off it");
    let change = Change {
        field: "copies",
        before: Some(keys),
        after: None,
    };
    (!others.is_empty()).then_some((note, change))
}

/// Ids are handed out in ascending order.
fn number(id: &IssueId) -> u64 {
    id.as_str().parse().unwrap_or(u64::MAX)
}
