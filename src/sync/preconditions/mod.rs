//! Preconditions as issues of their own: one for each text, found by its marker, created once, and linked to the Tests of
//! the cases that have it, under the same rules as Tests. A Test is never kept back: what cannot be settled is linked later.

mod link;

pub(super) use link::{Link, relink};

use super::creation::{Created, Creations};
use super::ctx::Ctx;
use super::lookup::{self, Lookups};
use super::upsert::Item;
use crate::domain::{IssueKey, Unit};
use crate::error::Result;
use crate::mapping::{Marker, Precondition};
use crate::ports::Entity;
use crate::report::Output;
use crate::state::Entry;
use crate::target::{Issue, NewPrecondition};
use link::{exported, link_item};
use std::collections::BTreeSet;

/// Preconditions per lookup.
const LOOK_UP: usize = 100;

/// A text that a case has, or had.
struct Text {
    entry: Entry,
    marker: Marker,
    /// What its issue should hold, where a Test is to be linked to it.
    draft: Option<Precondition>,
    /// Why there is no issue.
    why: Option<String>,
    /// A plan would create it.
    planned: bool,
}

impl Text {
    fn issue(&self) -> Option<Issue> {
        self.entry.issue().or_else(|| self.planned.then(Issue::to_be))
    }
}

/// Preconditions of this run.
#[derive(Default)]
pub(super) struct Preconditions {
    /// Digests of those that a plan would create.
    planned: BTreeSet<String>,
}

impl Preconditions {
    /// How many a plan would create.
    pub fn planned(&self) -> u64 {
        self.planned.len() as u64
    }

    /// Finds or creates the Preconditions that Tests are to be linked to.
    pub async fn settle(
        &mut self,
        ctx: &Ctx<'_>,
        lookups: &mut Lookups,
        items: &mut [Item],
        output: &mut Output,
    ) -> Result<()> {
        if !ctx.job.options.scenario.preconditions {
            return Ok(());
        }
        let mut texts = texts(ctx, items).await?;
        check_known(ctx, lookups, &mut texts).await?;
        let mut absent = absent(ctx, lookups, &mut texts, output).await?;
        if ctx.applies() {
            for chunk in absent.chunks_mut(ctx.capability.batches.preconditions) {
                create(ctx, lookups, chunk, output).await?;
            }
        } else {
            for text in absent {
                text.planned = true;
                self.planned.insert(text.entry.id().to_owned());
            }
        }
        for item in items {
            link_item(ctx, item, &texts);
        }
        Ok(())
    }
}

/// The texts that items have, or had.
async fn texts(ctx: &Ctx<'_>, items: &[Item]) -> Result<Vec<Text>> {
    let digests = items.iter().flat_map(|item| {
        let wanted = item.content.precondition.as_ref().map(|it| it.digest.as_str());
        [wanted, exported(&item.entry)].into_iter().flatten().map(str::to_owned)
    });
    let digests: Vec<String> = digests.collect::<BTreeSet<String>>().into_iter().collect();
    let entries = ctx.ledger.get(Entity::Precondition, &digests).await?;
    let text = |entry: Entry| Text {
        marker: ctx.marker(&entry),
        entry,
        draft: None,
        why: None,
        planned: false,
    };
    let mut texts: Vec<Text> = entries.into_iter().map(text).collect();
    for item in items {
        let Some(wanted) = &item.content.precondition else {
            continue;
        };
        let linked = exported(&item.entry) == Some(wanted.digest.as_str()) && !ctx.job.switches.recreate;
        // They are ordered as the digests are.
        let at = digests.binary_search(&wanted.digest).ok().filter(|_| !linked);
        if let Some(text) = at.and_then(|at| texts.get_mut(at)) {
            text.draft.get_or_insert_with(|| wanted.clone());
        }
    }
    Ok(texts)
}

/// Preconditions of earlier runs that Tests are to be linked to now: a Test that names a deleted one would be refused.
async fn check_known(ctx: &Ctx<'_>, lookups: &mut Lookups, texts: &mut [Text]) -> Result<()> {
    let known = texts.iter_mut().filter(|text| text.draft.is_some());
    let known = known.filter_map(|text| text.entry.issue().map(|issue| (text, issue)));
    let mut known: Vec<(&mut Text, Issue)> = known.collect();
    for chunk in known.chunks_mut(LOOK_UP) {
        let keys: Vec<IssueKey> = chunk.iter().map(|(_, issue)| issue.key.clone()).collect();
        let mut found = ctx.jira.by_key(&keys).await?;
        for (text, issue) in chunk {
            let key = match found.remove(&issue.key) {
                Some(key) => Some(key),
                // The index may be behind.
                None => ctx.jira.current(&issue.id).await?.map(|issue| issue.key),
            };
            let moved = match key {
                Some(key) => {
                    lookups.notice(ctx, &key);
                    text.entry.rename(&key)
                }
                None => {
                    text.entry.orphan();
                    text.marker = ctx.marker(&text.entry);
                    true
                }
            };
            if moved {
                ctx.ledger.put_one(&mut text.entry).await?;
            }
        }
    }
    Ok(())
}

/// Looks up the issues of texts that Tests are to be linked to. Gives those that are proven to have none.
async fn absent<'t>(
    ctx: &Ctx<'_>,
    lookups: &mut Lookups,
    texts: &'t mut [Text],
    output: &mut Output,
) -> Result<Vec<&'t mut Text>> {
    let open = texts.iter_mut();
    let open = open.filter(|text| text.draft.is_some() && text.entry.issue().is_none());
    let mut open: Vec<&mut Text> = open.collect();
    let entries = open.iter_mut().map(|text| (&mut text.entry, text.marker.clone()));
    let mut entries: Vec<(&mut Entry, Marker)> = entries.collect();
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    let found = lookups.look_up(ctx, &mut entries, output).await?;
    for (text, lookup) in open.iter_mut().zip(found) {
        text.why = lookup::verdict(&lookup, Unit::TestCase, 0, "").and_then(|verdict| verdict.reason);
    }
    open.retain(|text| text.entry.issue().is_none() && text.why.is_none());
    Ok(open)
}

/// Creates Preconditions that are proven to be absent.
async fn create(ctx: &Ctx<'_>, lookups: &mut Lookups, texts: &mut [&mut Text], output: &mut Output) -> Result<()> {
    let creates = texts.iter_mut().filter_map(|text| {
        let (marker, content) = (&text.marker, text.draft.as_ref()?);
        text.entry.stamped("", content.fingerprint());
        Some((&mut text.entry, NewPrecondition { marker, content }))
    });
    let send = async |drafts: Vec<NewPrecondition<'_>>| ctx.target.tests().create_preconditions(&drafts).await;
    let creations = lookups.create(ctx, creates.collect(), send).await?;
    let Creations {
        outcomes, notes, stop, ..
    } = creations;
    output.notes.extend(notes);
    for (text, outcome) in texts.iter_mut().zip(outcomes) {
        match outcome {
            Created::Refused(why) | Created::Waiting(why) => text.why = Some(why),
            Created::Issue(_) | Created::Unsent => {}
        }
    }
    stop.map_or(Ok(()), Err)
}
