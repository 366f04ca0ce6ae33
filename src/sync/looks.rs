//! Whether a run looks at everything, or only at what moved since the last one.
//!
//! A short look costs the same at any size: TestOps and Jira list their last changes first, and it ends where nothing moved.
//! It is taken where the last run of the scope did the same job, came to its end and left nothing open. Where numbers do not add
//! up, the run looks at everything, as one a day does anyway.

use super::ctx::Ctx;
use super::{Job, Mode};
use crate::digest;
use crate::domain::IssueId;
use crate::error::Result;
use crate::jira::FoundIssue;
use crate::mapping::COMMON;
use crate::ports::Entity;
use crate::report::Report;
use crate::state::{Entry, Rest};
use crate::testops::TestOps;
use std::collections::BTreeMap;

/// What the rows of the ledger begin with that hold what the last run of a scope left.
const ROW: &str = "looks-";

/// What a run looks at.
pub(super) struct Looks {
    row: Entry,
    job: String,
    /// What moved since the last run is enough: of the cases as far as their numbers add up, and of the launches.
    pub short: bool,
    /// Issues that carry our label and changed last, by id.
    pub changed: BTreeMap<IssueId, FoundIssue>,
}

impl Looks {
    /// Takes what the last run left. Until this one has come to its end, it leaves nothing.
    pub async fn open(ctx: &Ctx<'_>) -> Result<Self> {
        let row = format!("{ROW}{}", ctx.scope);
        let mut row = ctx.ledger.one(Entity::Checkpoint, &row).await?;
        let (job, asked) = (digest_of(ctx), ctx.job.switches.full || ctx.job.switches.recreate);
        let left = std::mem::take(&mut row.detail.checkpoint.rest.job);
        if !left.is_empty() {
            ctx.ledger.put_one(&mut row).await?;
        }
        Ok(Looks {
            short: left == job && !asked && matches!(ctx.job.mode, Mode::Run | Mode::Plan),
            row,
            job,
            changed: BTreeMap::new(),
        })
    }

    /// What the last run left.
    pub fn rest(&mut self) -> &mut Rest {
        &mut self.row.detail.checkpoint.rest
    }

    /// Makes durable which cases were read in full and when, whatever becomes of the rest of the run.
    pub async fn cases_were_read(&mut self, ctx: &Ctx<'_>) -> Result<()> {
        ctx.ledger.put_one(&mut self.row).await
    }

    /// Takes note of how many issues carry our label beyond those of the ledger. False where it was another number: issues
    /// were deleted, moved away or lost the label, or others came.
    pub fn adds_up(&mut self, labelled: u64, known: u64) -> bool {
        let surplus = labelled as i64 - known as i64;
        std::mem::replace(&mut self.rest().surplus, surplus) == surplus
    }

    /// Leaves to the next run what it may rely on, where this one came to its end with nothing open.
    pub async fn close(mut self, ctx: &Ctx<'_>, so_far: &Report) -> Result<()> {
        let open = [so_far.test_cases, so_far.launches].map(|tally| tally.failed + tally.waiting);
        if ctx.job.mode != Mode::Run || ctx.job.approved.is_some() || open != [0, 0] {
            return Ok(());
        }
        self.row.detail.checkpoint.rest.job = self.job;
        ctx.ledger.put_one(&mut self.row).await
    }
}

/// True where rows of a page changed no later than those before them, and the first of all no earlier than any known one.
pub(super) fn in_order(dates: impl Iterator<Item = Option<u64>>, last: &mut Option<u64>, newest: u64) -> bool {
    for date in dates {
        let fits = match (date, *last) {
            (Some(date), Some(last)) => date <= last,
            (Some(date), None) => date >= newest,
            (None, _) => false,
        };
        if !fits {
            return false;
        }
        *last = date;
    }
    true
}

/// JQL for the issues of the project that carry our label.
pub(super) fn labelled(ctx: &Ctx<'_>) -> String {
    format!("project = {} AND labels = \"{COMMON}\"", ctx.destination.project.id)
}

/// Digest of what decides which items are in scope. Syncs into one project that differ in it do not know of each other.
pub(super) fn scope(job: &Job, source: &TestOps<'_>) -> String {
    let Job {
        test_case_aql,
        launches_aql,
        ..
    } = job;
    let text = format!("{test_case_aql:?}{launches_aql:?}{}", source.project_url());
    digest::short(text.as_bytes())
}

/// Digest of everything that decides which items are in scope and what is made of them.
fn digest_of(ctx: &Ctx<'_>) -> String {
    let Job {
        test_case_aql,
        launches_aql,
        switches,
        options,
        site,
        ..
    } = ctx.job;
    let switches = (switches.no_create, switches.no_launches);
    let text = format!(
        "{test_case_aql:?}{launches_aql:?}{switches:?}{site}{}{options:?}",
        ctx.source.project_url()
    );
    digest::short(text.as_bytes())
}
