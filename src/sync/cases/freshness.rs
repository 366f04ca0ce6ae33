//! Which cases are read in full, and which stand as they were read last.

use super::Case;
use crate::digest;
use crate::error::Result;
use crate::ports::Entity;
use crate::state::Entry;
use crate::sync::Mode;
use crate::sync::ctx::Ctx;
use crate::sync::looks::Looks;

/// All cases are read in full after so long, in milliseconds: some edits move no date in TestOps.
const FULL_EVERY: u64 = 24 * 60 * 60_000;

/// Which cases are read in full.
pub(super) struct Freshness {
    /// How far earlier runs came.
    pub checkpoint: Entry,
    /// All are.
    pub full: bool,
    /// Digest of the mapping options of cases.
    pub mapped: String,
    /// Those that use shared steps are.
    pub shared_moved: bool,
    /// When the run began, in milliseconds since the epoch.
    pub began: u64,
}

impl Freshness {
    /// What is known before anything is listed.
    pub async fn open(ctx: &Ctx<'_>, looks: &mut Looks) -> Result<Self> {
        let checkpoint = ctx.ledger.one(Entity::Checkpoint, "test-cases").await?;
        let began = ctx.now();
        // What other syncs into the project had read counts for one that never ran.
        let (of_any, rest) = (&checkpoint.detail.checkpoint, looks.rest());
        if rest.full_at == 0 {
            rest.full_at = of_any.full_at;
            rest.shared_steps.clone_from(&of_any.shared_steps);
        }
        let full_at = rest.full_at;
        let mapped = digest::short(ctx.job.options.of_cases().as_bytes());
        let is_mapped_anew = !rest.mapped.is_empty() && rest.mapped != mapped;
        let full = ctx.job.switches.full
            || ctx.job.mode == Mode::Verify
            || is_mapped_anew
            || began.saturating_sub(full_at) > FULL_EVERY;
        Ok(Freshness {
            checkpoint,
            full,
            mapped,
            shared_moved: false,
            began,
        })
    }

    /// Takes note of the shared steps, of which `stamp` is the digest.
    pub fn see_shared_steps(&mut self, looks: &mut Looks, stamp: String) {
        self.shared_moved = looks.rest().shared_steps != stamp;
        looks.rest().shared_steps.clone_from(&stamp);
        self.checkpoint.detail.checkpoint.shared_steps = stamp;
    }

    /// No run of this ledger has come to the end of the cases yet.
    pub fn is_first(&self) -> bool {
        self.checkpoint.detail.checkpoint.full_at == 0
    }

    /// True where a case is read in full.
    pub fn moved(&self, case: &Case) -> bool {
        let Case { row, entry, .. } = case;
        self.full
            || entry.stamp() != row.stamp
            || entry.detail.unfinished(self.began)
            || (self.shared_moved && entry.detail.relations.shared)
    }
}
