//! The short look: what TestOps and Jira list as changed since the last run. All other cases stand as the ledger has them.

use super::known::Known;
use crate::domain::{CaseId, CaseRow, Outcome, Unit, Verdict};
use crate::error::Result;
use crate::jira::{FoundIssue, updated_at};
use crate::ports::Entity;
use crate::report::Output;
use crate::state::{Entry, Lookup};
use crate::sync::ctx::Ctx;
use crate::sync::looks::{self, Looks};
use crate::sync::lookup;
use crate::testops::Place;
use itertools::Itertools;
use std::collections::{BTreeMap, BTreeSet};

/// Cases that are compared at a time.
const PAGE: usize = 200;

/// Cases that moved, or may have, and how far the others were reported.
pub(super) struct Short {
    moved: BTreeMap<CaseId, CaseRow>,
    /// All that moved.
    ids: BTreeSet<CaseId>,
    /// Last row of the ledger that was reported; absent after the last one.
    after: Option<Option<String>>,
}

impl Short {
    /// Looks at both sides. Gives the ids of all cases in scope too; absent where numbers do not add up. Where only those of
    /// the cases in TestOps do not, launches can be looked at shortly all the same.
    pub async fn take(ctx: &Ctx<'_>, looks: &mut Looks, mut known: Known) -> Result<Option<(Self, Vec<CaseId>)>> {
        let Some(edited) = edited(ctx, looks, &known).await? else {
            looks.short = false;
            return Ok(None);
        };
        let Some(mut moved) = listed(ctx, looks, &known).await? else {
            return Ok(None);
        };
        let open = edited.into_iter().chain(std::mem::take(&mut known.unfinished));
        let open: Vec<String> = open
            .filter(|id| !moved.contains_key(id))
            .map(|id| id.to_string())
            .collect();
        for entry in ctx.ledger.get(Entity::TestCase, &open).await? {
            moved.insert(CaseId(entry.number()), row(&entry));
        }
        let ids: BTreeSet<CaseId> = moved.keys().copied().collect();
        let scope = known.scope.into_iter().merge(ids.iter().copied()).dedup().collect();
        let after = Some(None);
        Ok(Some((Short { moved, ids, after }, scope)))
    }

    /// The next rows to be compared.
    pub fn next_rows(&mut self) -> Vec<CaseRow> {
        let mut rows = Vec::new();
        while rows.len() < PAGE
            && let Some((_, row)) = self.moved.pop_first()
        {
            rows.push(row);
        }
        rows
    }

    /// Gives the next cases that did not move their verdicts; false after the last one.
    pub async fn report_rest(&mut self, ctx: &Ctx<'_>, scope: &[CaseId], output: &mut Output) -> Result<bool> {
        let Some(mut after) = self.after.take() else {
            return Ok(false);
        };
        let Some(entries) = ctx.ledger.page(Entity::TestCase, &mut after).await? else {
            return Ok(false);
        };
        self.after = Some(after);
        for entry in entries {
            let id = CaseId(entry.number());
            if !self.ids.contains(&id) && scope.binary_search(&id).is_ok() {
                output.verdict(at_rest(&entry));
            }
        }
        Ok(true)
    }
}

/// Cases whose Tests changed in Jira since they were read; absent where there are more or fewer issues than are known.
async fn edited(ctx: &Ctx<'_>, looks: &mut Looks, known: &Known) -> Result<Option<BTreeSet<CaseId>>> {
    let changed = |issue: &FoundIssue| known.changed(&issue.id, updated_at(issue.fields.get("updated")));
    let newest = ctx
        .jira
        .newest(&looks::labelled(ctx), |issue| changed(issue).is_some())
        .await?;
    if !looks.adds_up(newest.total, known.issues) {
        return Ok(None);
    }
    let edited = newest.issues.iter().filter_map(changed).collect();
    let by_id = newest.issues.into_iter().map(|issue| (issue.id.clone(), issue));
    looks.changed = by_id.collect();
    Ok(Some(edited))
}

/// Rows of cases that changed in TestOps, or are new in scope: up to a page of which none did. Absent where the list is not
/// ordered by its dates, or has more or fewer cases than are known.
async fn listed(ctx: &Ctx<'_>, looks: &mut Looks, known: &Known) -> Result<Option<BTreeMap<CaseId, CaseRow>>> {
    let (mut moved, mut fresh, mut last) = (BTreeMap::new(), BTreeSet::new(), None);
    let mut total = None;
    let mut place = Some(Place::default());
    while let Some(at) = place {
        let Some(page) = ctx.source.newest_cases(&ctx.job.test_case_aql, at).await? else {
            return Ok(None);
        };
        let dates = page.rows.iter().map(|row| row.modified);
        if !page.unreadable.is_empty() || !looks::in_order(dates, &mut last, looks.rest().newest_case) {
            return Ok(None);
        }
        let newest = page.rows.first().and_then(|row| row.modified).unwrap_or(0);
        looks.rest().newest_case = looks.rest().newest_case.max(newest);
        let ids: Vec<String> = page.rows.iter().map(|row| row.id.to_string()).collect();
        let entries = ctx.ledger.get(Entity::TestCase, &ids).await?;
        let before = moved.len();
        for (row, entry) in page.rows.into_iter().zip(entries) {
            let is_known = known.scope.binary_search(&row.id).is_ok();
            if !is_known {
                fresh.insert(row.id);
            }
            if !is_known || entry.stamp() != row.stamp {
                moved.insert(row.id, row);
            }
        }
        (place, total) = (page.next.filter(|_| moved.len() > before), page.total.or(total));
    }
    Ok((total == Some((known.scope.len() + fresh.len()) as u64)).then_some(moved))
}

/// A row of the list as the ledger knows it.
fn row(entry: &Entry) -> CaseRow {
    CaseRow {
        id: CaseId(entry.number()),
        name: entry.detail.source.name.clone(),
        stamp: entry.stamp().to_owned(),
        modified: None,
    }
}

/// The verdict about a case that did not move, and whose Test did not.
fn at_rest(entry: &Entry) -> Verdict {
    let (id, name) = (entry.number(), &entry.detail.source.name);
    let Some(issue) = entry.issue() else {
        let gone = lookup::verdict(&Lookup::Deleted, Unit::TestCase, id, name);
        return gone.unwrap_or_else(|| Verdict::new(Unit::TestCase, id, name, Outcome::Skipped));
    };
    let mut verdict = Verdict::new(Unit::TestCase, id, name, Outcome::Unchanged).issue(&issue);
    verdict.notes.extend(entry.detail.files.owed.notes());
    verdict
}
