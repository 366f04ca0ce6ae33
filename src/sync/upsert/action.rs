//! What is to be done about a Test, as data.

use super::item::Item;
use super::{files, workflow};
use crate::digest;
use crate::domain::{Change, IssueKey, Outcome, Verdict};
use crate::mapping::{COMMON, Field};
use crate::sync::Mode;
use crate::sync::copies;
use crate::sync::ctx::Ctx;
use crate::sync::decide;
use crate::target::Work;
use crate::text::{beginning, difference};
use itertools::Itertools;

/// What is to be written with the Test itself. Files and the status come after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sync) enum Write {
    /// A new Test.
    Create,
    /// These fields of the Test that is there; there may be none.
    Fields(Vec<Field>),
}

/// What is to be done about one Test.
pub(in crate::sync) struct Action {
    pub item: Item,
    pub write: Write,
    /// Fields in which both sides differ, whoever changed them.
    pub differing: Vec<Change>,
    /// Digest of what is to be done, and of what that was decided upon; empty where nothing is.
    pub decision: String,
    /// The Test was there already and becomes the case's own.
    adopts: bool,
}

impl Action {
    pub fn create(item: Item) -> Self {
        let decision = digest::short(format!("create {}", item.source).as_bytes());
        Action {
            item,
            write: Write::Create,
            differing: Vec::new(),
            decision,
            adopts: false,
        }
    }

    /// Writes fields of a Test that is there; `differing`: those and others in which both sides differ.
    pub fn update(ctx: &Ctx<'_>, item: Item, fields: Vec<Field>, differing: &[Field]) -> Self {
        Action {
            differing: changes(&item, differing),
            decision: decision(ctx, &item, &fields),
            adopts: adopts(&item),
            write: Write::Fields(fields),
            item,
        }
    }

    /// Reports issues that carry the marker of the Test too.
    pub fn beside(mut self, others: Vec<IssueKey>) -> Self {
        if let Some((note, change)) = copies::reported(&others) {
            self.item.content.losses.push(note);
            self.differing.push(change);
        }
        self
    }

    /// Fields that it writes.
    pub fn fields(&self) -> &[Field] {
        match &self.write {
            Write::Create => &Field::ALL,
            Write::Fields(fields) => fields,
        }
    }

    /// The verdict about what was written, and of what came after it.
    pub fn written(&self, beside: Vec<Change>) -> Verdict {
        if self.write == Write::Create {
            return self.item.verdict(Outcome::Created).decided(self.decision.clone());
        }
        let is_written = |change: &&Change| self.fields().iter().any(|field| field.name() == change.field);
        let written = self.differing.iter().filter(is_written).cloned();
        self.changed(written.chain(beside).collect())
    }

    /// The verdict where nothing is applied: what an export would do, or in a verification what differs. Adds what it takes
    /// to the work of an export.
    pub fn shown(mut self, ctx: &Ctx<'_>, work: &mut Work) -> Verdict {
        if self.write == Write::Create {
            match self.item.is_single(&ctx.capability) || !self.item.is_case() {
                true => work.singly += 1,
                false => work.created += 1,
            }
            work.advanced += u64::from(self.item.workflow.wanted.is_some());
            let mut verdict = self.written(Vec::new());
            verdict.changes = created(ctx, &self.item);
            return verdict;
        }
        let (attaches, advances) = (files::change(ctx, &self.item), workflow::advance(&mut self.item));
        work.advanced += u64::from(advances.is_some());
        work.restructured += u64::from(self.fields().iter().any(|field| is_of_xray(*field)));
        if let (Some(remote), true) = (self.item.remote.take(), self.fields().is_empty()) {
            self.item.synced(&remote, &[], &ctx.destination);
        }
        let beside = attaches.into_iter().chain(advances);
        let verdict = match ctx.job.mode {
            Mode::Verify => self.changed(self.differing.iter().cloned().chain(beside).collect()),
            _ => self.written(beside.collect()),
        };
        work.updated += u64::from(matches!(verdict.outcome, Outcome::Updated | Outcome::Adopted));
        verdict
    }

    fn changed(&self, changes: Vec<Change>) -> Verdict {
        let outcome = match changes.is_empty() {
            _ if self.adopts => Outcome::Adopted,
            true => Outcome::Unchanged,
            false => Outcome::Updated,
        };
        let mut verdict = self.item.verdict(outcome).decided(self.decision.clone());
        verdict.changes = changes;
        verdict
    }
}

/// A row that was linked and never written, to a Test without the marker: the case names it.
fn adopts(item: &Item) -> bool {
    let unmarked = item.remote.as_ref();
    let unmarked = unmarked.is_some_and(|remote| decide::marker_missing(remote, &item.marker));
    item.is_case() && unmarked && item.entry.fingerprint().is_empty()
}

/// Not one of Jira's own fields.
fn is_of_xray(field: Field) -> bool {
    matches!(
        field,
        Field::Kind | Field::Definition | Field::Steps | Field::Precondition
    )
}

/// What a new Test holds, without its empty fields.
fn created(ctx: &Ctx<'_>, item: &Item) -> Vec<Change> {
    let values = item.content.shown();
    let value = |(field, text): (&Field, &String)| Change {
        field: field.name(),
        before: None,
        after: Some(beginning(text)),
    };
    let values = values.iter().filter(|(_, text)| !text.is_empty()).map(value);
    values.chain(files::change(ctx, item)).collect()
}

/// Fields of a Test that is there, as it holds them and as it should.
fn changes(item: &Item, fields: &[Field]) -> Vec<Change> {
    if fields.is_empty() {
        return Vec::new();
    }
    let mut after = item.content.shown();
    after.extend(labelled(item).map(|labels| (Field::Labels, labels)));
    let before = item.remote.as_ref().map(|remote| &remote.shown);
    let change = |field: &Field| {
        let (before, after) = match (before.and_then(|shown| shown.get(field)), after.get(field)) {
            (Some(before), Some(after)) => {
                let (before, after) = difference(before, after);
                (Some(before), Some(after))
            }
            (before, after) => (before.map(|text| beginning(text)), after.map(|text| beginning(text))),
        };
        let field = field.name();
        Change { field, before, after }
    };
    fields.iter().map(change).collect()
}

/// Labels that a Test has in the end: its own and those that it lacks, for none is ever taken away.
fn labelled(item: &Item) -> Option<String> {
    let remote = item.remote.as_ref()?;
    let wanted = item.content.labels.iter().map(String::as_str);
    let wanted = wanted.chain([COMMON, item.marker.0.as_str()]);
    let lacking = wanted.filter(|label| !remote.labels.iter().any(|own| own.eq_ignore_ascii_case(label)));
    let own = remote.shown.get(&Field::Labels)?.split(", ");
    let all = own.filter(|label| !label.is_empty()).chain(lacking);
    Some(all.sorted().dedup().join(", "))
}

fn decision(ctx: &Ctx<'_>, item: &Item, fields: &[Field]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for field in fields {
        let there = item.remote.as_ref().and_then(|remote| remote.digests.get(field));
        parts.push(format!("{} {}", field.name(), there.map_or("", String::as_str)));
    }
    parts.extend(files::change(ctx, item).map(|_| format!("files {}", files::stamp(&item.files))));
    let status = workflow::wish(item).filter(|wish| wish.moves);
    parts.extend(status.map(|wish| format!("status {} {}", wish.there, wish.wanted)));
    match parts.is_empty() {
        true => String::new(),
        false => digest::short(format!("{} {}", item.source, parts.join("\u{1}")).as_bytes()),
    }
}
