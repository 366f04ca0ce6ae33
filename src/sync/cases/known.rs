//! What the ledger knows of the test cases in scope, a few numbers each, to hold against what both sides list.

use crate::domain::{CaseId, IssueId};
use crate::error::Result;
use crate::ports::{Entity, Phase};
use crate::state::Entry;
use crate::sync::ctx::Ctx;
use std::collections::BTreeSet;

/// Test cases that are at rest.
#[derive(Default)]
pub(super) struct Known {
    /// Those in scope, by ascending id.
    pub scope: Vec<CaseId>,
    /// Their Tests, by ascending id.
    tests: Vec<Test>,
    /// Cases that have something to be done, whether or not they moved.
    pub unfinished: BTreeSet<CaseId>,
    /// Some call shared steps.
    pub shared: bool,
    /// Issues that carry our label.
    pub issues: u64,
}

/// A Test and when it last changed, in milliseconds since the epoch.
#[derive(Clone, Copy)]
struct Test {
    issue: u64,
    case: CaseId,
    updated: u64,
}

impl Known {
    /// Reads the ledger; absent where it has a case whose issue is not settled. Costs no request.
    pub async fn read(ctx: &Ctx<'_>) -> Result<Option<Self>> {
        let (mut known, mut after) = (Known::default(), None);
        while let Some(entries) = ctx.ledger.page(Entity::TestCase, &mut after).await? {
            for entry in entries {
                if known.add(&entry, &ctx.scope, ctx.now()).is_none() {
                    return Ok(None);
                }
            }
        }
        for entity in [Entity::Launch, Entity::Precondition, Entity::SharedStep] {
            let mut after = None;
            while let Some(entries) = ctx.ledger.page(entity, &mut after).await? {
                let ours = entries.iter().filter(|entry| !entry.detail.launch.of_people);
                known.issues += ours.filter(|entry| has_issue(entry)).count() as u64;
            }
        }
        known.scope.sort_unstable();
        known.tests.sort_unstable_by_key(|test| test.issue);
        Ok(Some(known))
    }

    fn add(&mut self, entry: &Entry, scope: &str, now: u64) -> Option<()> {
        self.issues += u64::from(has_issue(entry));
        if !entry.detail.source.is_in(scope) || entry.phase() == Phase::Tombstone {
            return Some(());
        }
        let case = CaseId(entry.number());
        if entry.is_synced() {
            self.tests.push(Test {
                issue: entry.issue()?.id.as_str().parse().ok()?,
                case,
                updated: entry.detail.test.updated,
            });
            self.shared |= entry.detail.relations.shared;
            if entry.detail.unfinished(now) {
                self.unfinished.insert(case);
            }
        } else if !entry.is_orphaned() {
            return None;
        }
        self.scope.push(case);
        Some(())
    }

    /// The case whose Test an issue is, where it changed after it was last read.
    pub fn changed(&self, issue: &IssueId, updated: u64) -> Option<CaseId> {
        let id: u64 = issue.as_str().parse().ok()?;
        let at = self.tests.binary_search_by_key(&id, |test| test.issue).ok()?;
        let test = self.tests.get(at)?;
        (updated == 0 || updated > test.updated).then_some(test.case)
    }
}

/// True where an issue of ours belongs to it, also where the item is gone at the source.
fn has_issue(entry: &Entry) -> bool {
    entry.issue().or_else(|| entry.buried_issue()).is_some()
}
