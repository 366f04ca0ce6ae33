//! Which cases are read in full, and which stand as they were read last.

use super::Case;
use crate::error::Result;
use crate::ports::Entity;
use crate::state::Entry;
use crate::sync::Mode;
use crate::sync::ctx::Ctx;

/// All cases are read in full after so long, in milliseconds: some edits move no date in TestOps.
const FULL_EVERY: u64 = 24 * 60 * 60_000;

/// Which cases are read in full.
pub(super) struct Freshness {
    /// How far earlier runs came.
    pub checkpoint: Entry,
    /// All are.
    pub full: bool,
    /// Those that use shared steps are.
    pub shared_moved: bool,
    /// When the run began, in milliseconds since the epoch.
    pub began: u64,
}

impl Freshness {
    /// What is known before anything is listed.
    pub async fn open(ctx: &Ctx<'_>) -> Result<Self> {
        let checkpoint = ctx.ledger.one(Entity::Checkpoint, "test-cases").await?;
        let began = ctx.now();
        let full = ctx.job.switches.full
            || ctx.job.mode == Mode::Verify
            || began.saturating_sub(checkpoint.detail.checkpoint.full_at) > FULL_EVERY;
        Ok(Freshness {
            checkpoint,
            full,
            shared_moved: false,
            began,
        })
    }

    /// Takes note of the shared steps, of which `stamp` is the digest.
    pub fn see_shared_steps(&mut self, stamp: String) {
        let before = &mut self.checkpoint.detail.checkpoint.shared_steps;
        self.shared_moved = *before != stamp;
        *before = stamp;
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
