//! Taking back Tests of shared steps that a run created, after those of cases: the ones that no Test calls any more and
//! nobody touched.

use super::{Fate, Undo, note_gone};
use crate::domain::{IssueId, Unit};
use crate::error::Result;
use crate::ports::Entity;
use crate::report::Output;
use crate::state::Entry;
use crate::sync::READ;
use crate::sync::ctx::Ctx;
use std::collections::BTreeSet;

impl Undo {
    /// Notes what becomes of each, because the report's items are cases and launches.
    pub(super) async fn shared_steps(&mut self, ctx: &Ctx<'_>, output: &mut Output) -> Result<()> {
        let mut ours = Vec::new();
        while let Some(created) = self.created(ctx, Entity::SharedStep).await? {
            ours.extend(created);
        }
        self.after = None;
        if ours.is_empty() {
            return Ok(());
        }
        let calls = match ctx.capability.calls {
            true => ctx.target.tests().calls().await?,
            false => Vec::new(),
        };
        let mut gone: Vec<String> = Vec::new();
        loop {
            let is_free = |entry: &Entry| self.callers(&calls, entry) == 0;
            let (mut free, kept): (Vec<Entry>, Vec<Entry>) = ours.into_iter().partition(is_free);
            ours = kept;
            if free.is_empty() {
                break;
            }
            while !free.is_empty() {
                let chunk = free.drain(..free.len().min(READ)).collect();
                for removal in self.decide(ctx, chunk, Unit::TestCase).await? {
                    let key = removal.issue.key.to_string();
                    match self.apply(ctx, removal).await? {
                        Fate::Removed => gone.push(key),
                        Fate::Stays(why) | Fate::Failed(why) => output.note(stays(&key, &why)),
                    }
                }
            }
        }
        for entry in &ours {
            let number = self.callers(&calls, entry);
            let key = entry.issue_key().unwrap_or_default();
            output.note(stays(key, &format!("{number} Tests call it")));
        }
        note_gone(ctx, "Tests of shared steps", &gone, output);
        Ok(())
    }

    /// Tests that call an entry's and are not taken back.
    fn callers(&self, calls: &[(IssueId, IssueId)], entry: &Entry) -> usize {
        let id = entry.issue().map(|issue| issue.id);
        let callers = calls
            .iter()
            .filter(|(caller, called)| Some(called) == id.as_ref() && !self.gone.contains(caller));
        callers.map(|(caller, _)| caller).collect::<BTreeSet<_>>().len()
    }
}

fn stays(key: &str, why: &str) -> String {
    format!("the Test {key} of a shared step stays: {why}")
}
