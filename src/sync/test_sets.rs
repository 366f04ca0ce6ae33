//! Test Sets: the issues that cases name, and the Tests that are added to them. Nothing takes a Test out of a set.

use super::ctx::Ctx;
use super::decide::Decision;
use super::upsert::Item;
use crate::domain::{IssueId, IssueKey};
use crate::error::Result;
use crate::mapping::Field;
use crate::target::{Destination, Issue, RemoteTest};
use crate::text::same;
use itertools::Itertools;
use std::collections::BTreeMap;

/// Tests that one addition holds.
const TESTS: usize = 100;

/// The Test Sets of the project, which are read once in a run, and not at all where no case names one.
#[derive(Default)]
pub(super) struct TestSets {
    known: Option<Vec<(Issue, String)>>,
}

impl TestSets {
    /// Puts issues in the place of what cases name. What is none becomes a note.
    pub async fn resolve(&mut self, ctx: &Ctx<'_>, items: &mut [Item]) -> Result<()> {
        let names_any = |item: &&mut Item| !item.content.test_sets.names.is_empty();
        for item in items.iter_mut().filter(names_any) {
            let known = match &mut self.known {
                Some(known) => known,
                unread => unread.insert(ctx.target.tests().test_sets().await?),
            };
            let content = &mut item.content;
            for name in std::mem::take(&mut content.test_sets.names) {
                match find(known, &name, &ctx.destination) {
                    Ok(issue) => content.test_sets.issues.push(issue.clone()),
                    Err(why) => content
                        .losses
                        .push(format!("test-sets: it is not added to “{name}”: {why}")),
                }
            }
            content.test_sets.issues.sort_by(|one, other| one.id.cmp(&other.id));
            content.test_sets.issues.dedup();
        }
        Ok(())
    }
}

/// The set that a name stands for: its key, or else the summary of one set alone.
fn find<'s>(known: &'s [(Issue, String)], name: &str, project: &Destination) -> std::result::Result<&'s Issue, String> {
    let key = name.to_ascii_uppercase();
    if IssueKey::is_shaped(&key)
        && let Some((issue, _)) = known.iter().find(|(issue, _)| project.means(&key, issue))
    {
        return Ok(issue);
    }
    let named: Vec<&Issue> = known
        .iter()
        .filter(|(_, summary)| same(summary, name))
        .map(|(issue, _)| issue)
        .collect();
    match named.as_slice() {
        [issue] => Ok(issue),
        [] => Err("the project has no such Test Set".to_owned()),
        several => Err(format!(
            "{} have this summary; name one by its key",
            several.iter().map(|issue| issue.key.as_str()).sorted().join(", ")
        )),
    }
}

/// Decides about the sets of a Test that exists. One that people took it out of stays without it.
pub(super) fn decide(ctx: &Ctx<'_>, item: &Item, remote: &mut RemoteTest, decision: &mut Decision) {
    if !ctx.job.options.policies.follow(Field::TestSets) {
        return;
    }
    let sets = item.content.test_sets.issues.iter();
    let (held, missing): (Vec<&Issue>, Vec<&Issue>) = sets.partition(|set| holds(remote, set, &ctx.destination));
    let shown = held.iter().map(|issue| issue.key.as_str()).join(", ");
    remote.shown.insert(Field::TestSets, shown);
    if missing.iter().any(|issue| !was_added(item, issue)) {
        decision.write.push(Field::TestSets);
    } else if !missing.is_empty() {
        decision.edited.push(Field::TestSets);
    }
}

/// Adds Tests to the sets of their cases, in few requests; true where there were any. What is refused is noted, and the next
/// run that reads the case tries again.
pub(super) async fn add(ctx: &Ctx<'_>, items: &mut [&mut Item]) -> Result<bool> {
    let mut by_set: BTreeMap<IssueId, (Issue, Vec<usize>)> = BTreeMap::new();
    for (at, item) in items.iter().enumerate() {
        for set in open(item, &ctx.destination) {
            let of_set = by_set.entry(set.id.clone()).or_insert((set, Vec::new()));
            of_set.1.push(at);
        }
    }
    let (mut additions, mut owners) = (Vec::new(), Vec::new());
    for (set, of_set) in by_set.into_values() {
        for at in of_set.chunks(TESTS) {
            let tests = at.iter().filter_map(|at| items.get(*at)?.entry.issue());
            additions.push((set.clone(), tests.collect()));
            owners.push(at.to_vec());
        }
    }
    if additions.is_empty() {
        return Ok(false);
    }
    let refusals = ctx.target.tests().add_to_test_sets(&additions).await?;
    for (((set, _), at), refusal) in additions.iter().zip(owners).zip(refusals) {
        let Some(why) = refusal else { continue };
        for at in at {
            if let Some(item) = items.get_mut(at) {
                leave(item, set, &why);
            }
        }
    }
    Ok(true)
}

/// Notes sets that a Test was added to and that the server does not show on it, so that they count as not exported.
pub(super) fn check(item: &mut Item, remote: &RemoteTest, project: &Destination) {
    for set in open(item, project) {
        if !holds(remote, &set, project) {
            leave(item, &set, "Xray does not show it there yet");
        }
    }
}

/// Sets that the item's Test is to be added to.
fn open(item: &Item, project: &Destination) -> Vec<Issue> {
    let held = |issue: &Issue| item.remote.as_ref().is_some_and(|remote| holds(remote, issue, project));
    let sets = item.content.test_sets.issues.iter();
    sets.filter(|issue| !held(issue) && !was_added(item, issue))
        .cloned()
        .collect()
}

fn leave(item: &mut Item, set: &Issue, why: &str) {
    item.content.test_sets.issues.retain(|issue| issue != set);
    let again = "the next run that reads the case tries again";
    let note = format!("test-sets: it is not in {} yet: {why}; {again}", set.key);
    item.content.losses.push(note);
}

fn holds(remote: &RemoteTest, set: &Issue, project: &Destination) -> bool {
    remote
        .associations
        .test_sets
        .iter()
        .any(|held| project.means(held, set))
}

/// True where an export added the Test to a set before.
fn was_added(item: &Item, set: &Issue) -> bool {
    let exported = item.entry.digests(Field::TestSets);
    exported.is_some_and(|(ids, _)| ids.split(',').any(|id| id == set.id.as_str()))
}
