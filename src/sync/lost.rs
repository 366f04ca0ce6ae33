//! Creates whose answer was lost, looked for without the search index: before one is sent again, the issues that were
//! created since are read key by key. An index that never catches up makes no second issue.

use super::ctx::Ctx;
use super::lookup::{Entries, again};
use crate::domain::IssueKey;
use crate::error::Result;
use crate::jira::{Newer, Since};
use crate::mapping::Marker;
use crate::report::Output;
use crate::state::{Entry, SENDING};
use crate::target::Issue;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of the destination's newest issues.
#[derive(Default)]
pub(super) struct LostCreates {
    /// Highest key number of the project that this run has seen.
    highest_key: u64,
    /// The last look without the search index.
    look: Option<Look>,
}

/// What was read, and what it answers.
struct Look {
    since: Since,
    /// When it began, in milliseconds since the epoch.
    at: u64,
    /// When the oldest create that it was about was sent or given up, in milliseconds since the epoch.
    sent: u64,
    newer: Newer,
}

impl Look {
    /// True where it answers another question too: one about creates that could commit until `quiet`.
    fn answers(&self, since: Since, sent: u64, quiet: u64) -> bool {
        let reaches_back = match self.since.key {
            0 => self.sent <= sent,
            key => since.key >= key,
        };
        reaches_back && self.at >= quiet
    }
}

impl LostCreates {
    /// Highest key number of the project that this run has seen.
    pub fn highest_key(&self) -> u64 {
        self.highest_key
    }

    /// Takes note of a key that the project has handed out.
    pub fn notice(&mut self, ctx: &Ctx<'_>, key: &IssueKey) {
        let number = ctx.destination.project.number(key).unwrap_or(0);
        self.highest_key = self.highest_key.max(number);
    }

    /// Adds to what a search found the issues that only their keys lead to, for entries whose create could be sent again
    /// now. Gives the markers of those that wait because not all keys could be looked at; the next look goes on from there.
    pub async fn look_by_key(
        &mut self,
        ctx: &Ctx<'_>,
        entries: &mut Entries<'_>,
        found: &mut BTreeMap<Marker, Vec<Issue>>,
        output: &mut Output,
    ) -> Result<BTreeSet<Marker>> {
        let mut unread = BTreeSet::new();
        let now = ctx.now();
        let doubtful = |(entry, marker): &&mut (&mut Entry, Marker)| {
            !found.contains_key(marker) && again(ctx, entry).is_some_and(|again| again <= now)
        };
        let mut doubtful: Vec<&mut (&mut Entry, Marker)> = entries.iter_mut().filter(doubtful).collect();
        let Some(sent) = doubtful.iter().map(|(entry, _)| entry.since()).min() else {
            return Ok(unread);
        };
        let agains = doubtful.iter().filter_map(|(entry, _)| again(ctx, entry));
        let quiet = agains.max().unwrap_or(now);
        let since = Since {
            key: doubtful.iter().map(|(entry, _)| entry.above()).min().unwrap_or(0),
            // The date can be from when the sender gave up.
            age: now.saturating_sub(sent) + 2 * SENDING,
        };
        let newer = self.look(ctx, since, (sent, quiet), doubtful.len(), output).await?;
        for (entry, marker) in &mut doubtful {
            match newer.found.get(marker) {
                Some(issues) => drop(found.insert(marker.clone(), issues.clone())),
                None if !newer.whole => {
                    entry.looked_up_to(newer.to);
                    unread.insert(marker.clone());
                }
                None => {}
            }
        }
        Ok(unread)
    }

    async fn look(
        &mut self,
        ctx: &Ctx<'_>,
        since: Since,
        (sent, quiet): (u64, u64),
        creates: usize,
        output: &mut Output,
    ) -> Result<&Newer> {
        let look = match self.look.take().filter(|look| look.answers(since, sent, quiet)) {
            Some(look) => look,
            None => {
                let at = ctx.now();
                let newer = ctx.jira.keys().newer(&ctx.destination.project, since).await?;
                output.note(looked_at(&newer, &ctx.destination.project.key, creates));
                Look { since, at, sent, newer }
            }
        };
        Ok(&self.look.insert(look).newer)
    }
}

fn looked_at(newer: &Newer, project: &str, creates: usize) -> String {
    let rest = if newer.whole {
        ""
    } else {
        "; the next run looks at those above"
    };
    format!(
        "the answer to {creates} creates was lost and no search finds them: issues {project}-{} to {project}-{} were \
         looked at one by one{rest}",
        newer.from + 1,
        newer.to.max(newer.from + 1),
    )
}
