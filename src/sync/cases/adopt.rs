//! Tests that are there already and that cases name: by a test key, by a key in a custom field, or by an exact query. Such
//! a case is linked to its Test instead of getting a second one. A summary never decides.

use crate::domain::{IssueKey, Outcome, Verdict};
use crate::error::Result;
use crate::jira::FoundIssue;
use crate::mapping::markers;
use crate::mapping::options::ID;
use crate::report::Output;
use crate::state::Entry;
use crate::sync::READ;
use crate::sync::ctx::Ctx;
use crate::sync::lookup::{Lookups, THEIRS};
use crate::sync::read;
use crate::sync::upsert::Item;
use crate::target::Issue;
use std::collections::BTreeMap;

/// Keys per lookup.
const LOOK_UP: usize = 100;

/// An issue that a case names.
enum Named {
    /// It can be the case's own.
    Free(Issue),
    /// It cannot, for this reason.
    Not(String),
}

/// Links cases without a Test to those that they name. What cannot be linked is noted, and gets a Test of its own. Costs a
/// request per hundred keys, one to see whether they are Tests, and where a query is configured one for each case.
pub(super) async fn adopt(
    ctx: &Ctx<'_>,
    lookups: &mut Lookups,
    items: Vec<Item>,
    output: &mut Output,
) -> Result<Vec<Item>> {
    let mut items = items;
    let mut named = by_key(ctx, &items).await?;
    by_query(ctx, &items, &mut named).await?;
    only_tests(ctx, &mut named).await?;
    if named.is_empty() {
        return Ok(items);
    }
    let mut adopted: Vec<(&mut Entry, Issue)> = Vec::new();
    for item in &mut items {
        match named.remove(&item.row.id.0) {
            Some(Named::Free(issue)) => {
                item.content = item.content.clone().restricted(&ctx.job.options.policies, true);
                adopted.push((&mut item.entry, issue));
            }
            Some(Named::Not(why)) => item.content.losses.push(why),
            None => {}
        }
    }
    let stored = lookups.adopt(ctx, adopted).await?;
    let theirs = |item: &Item| stored.contains(&item.row.id.to_string());
    let (theirs, items): (Vec<Item>, Vec<Item>) = items.into_iter().partition(theirs);
    let waiting = |item: Item| -> Verdict { item.verdict(Outcome::Waiting).because(THEIRS) };
    output.verdicts.extend(theirs.into_iter().map(waiting));
    Ok(items)
}

/// Issues that cases name by a key of the destination project, by case.
async fn by_key(ctx: &Ctx<'_>, items: &[Item]) -> Result<BTreeMap<u64, Named>> {
    let keys: Vec<(u64, IssueKey)> = items
        .iter()
        .filter_map(|item| Some((item.row.id.0, key(ctx, item)?)))
        .collect();
    let mut found: BTreeMap<IssueKey, FoundIssue> = BTreeMap::new();
    for chunk in keys.chunks(LOOK_UP) {
        let chunk: Vec<IssueKey> = chunk.iter().map(|(_, key)| key.clone()).collect();
        let issues = ctx.jira.with_keys(&chunk).await?;
        found.extend(issues.into_iter().map(|issue| (issue.key.clone(), issue)));
    }
    let mut named = BTreeMap::new();
    for (id, key) in &keys {
        let cases = keys.iter().filter(|(_, other)| other == key).count();
        let judged = match found.get(key) {
            None => Named::Not(format!("it names {key}, which Jira does not show to the account")),
            Some(_) if cases > 1 => Named::Not(format!("it names {key}, and so do other cases")),
            Some(issue) => judge(ctx, issue),
        };
        named.insert(*id, judged);
    }
    Ok(named)
}

/// The one key of the destination project that a case names.
fn key(ctx: &Ctx<'_>, item: &Item) -> Option<IssueKey> {
    let options = &ctx.job.options;
    if item.entry.issue().is_some() || !item.is_case() {
        return None;
    }
    let of_integration = |key: &&crate::domain::TestKey| match options.adopt.integration {
        Some(id) => key.integration.is_none_or(|of| of == id),
        None => true,
    };
    let test_keys = item.candidates.test_keys.iter().filter(|_| options.adopt.test_keys);
    let test_keys = test_keys.filter(of_integration).map(|key| key.name.as_str());
    let mut keys: Vec<IssueKey> = test_keys
        .chain(item.candidates.of_field.as_deref())
        .map(|name| IssueKey::from(name.trim()))
        .filter(|key| ctx.destination.project.number(key).is_some())
        .collect();
    keys.sort();
    keys.dedup();
    keys.pop().filter(|_| keys.is_empty())
}

/// Issues that the configured query finds for cases that name none.
async fn by_query(ctx: &Ctx<'_>, items: &[Item], named: &mut BTreeMap<u64, Named>) -> Result<()> {
    let Some(template) = &ctx.job.options.adopt.jql else {
        return Ok(());
    };
    for item in items
        .iter()
        .filter(|item| item.is_case() && item.entry.issue().is_none())
    {
        let id = item.row.id.0;
        if named.contains_key(&id) {
            continue;
        }
        let query = template.replace(ID, &id.to_string());
        let jql = format!("project = {} AND ({query}) ORDER BY id ASC", ctx.destination.project.id);
        match ctx.jira.search(&jql, &["labels", "project"]).await?.as_slice() {
            [] => {}
            [issue] => drop(named.insert(id, judge(ctx, issue))),
            several => {
                let keys: Vec<&str> = several.iter().take(3).map(|issue| issue.key.as_str()).collect();
                let why = format!("adopt-jql finds several issues: {}", keys.join(", "));
                named.insert(id, Named::Not(why));
            }
        }
    }
    Ok(())
}

/// An issue of another project, or of another item, is not the case's.
fn judge(ctx: &Ctx<'_>, issue: &FoundIssue) -> Named {
    let key = &issue.key;
    if issue.project_id() != Some(ctx.destination.project.id.as_str()) {
        return Named::Not(format!("it names {key}, which is in another project"));
    }
    match markers(issue.labels().iter().map(String::as_str)).is_empty() {
        true => Named::Free(issue.issue()),
        false => Named::Not(format!("it names {key}, which belongs to another item of TestOps")),
    }
}

/// Leaves only issues that are Tests of a type that is exported.
async fn only_tests(ctx: &Ctx<'_>, named: &mut BTreeMap<u64, Named>) -> Result<()> {
    let mut free: Vec<(&mut Named, Issue)> = Vec::new();
    for named in named.values_mut() {
        if let Named::Free(issue) = named {
            let issue = issue.clone();
            free.push((named, issue));
        }
    }
    for chunk in free.chunks_mut(READ) {
        let ids: Vec<_> = chunk.iter().map(|(_, issue)| issue.id.clone()).collect();
        let remotes = read::tests(ctx, &ids).await?;
        for ((named, issue), remote) in chunk.iter_mut().zip(remotes) {
            match remote {
                Ok(Some(remote)) if remote.kind.is_some() => {}
                Ok(_) => **named = Named::Not(format!("it names {}, which is no Test", issue.key)),
                Err(error) => **named = Named::Not(format!("it names {}: {error}", issue.key)),
            }
        }
    }
    Ok(())
}
