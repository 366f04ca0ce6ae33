//! Which issue belongs to which entity: jobs of earlier runs, lookup by marker, what to think of a miss, and creates where
//! there is none.

use super::copies::{self, ByKey};
use super::creation::{Creations, Creator};
use super::ctx::Ctx;
use super::lost::LostCreates;
use crate::domain::{IssueKey, Outcome, Unit, Verdict};
use crate::error::Result;
use crate::mapping::{Marker, timestamp};
use crate::ports::Entity;
use crate::report::Output;
use crate::state::{Entry, Lookup};
use crate::target::{Creation, Issue, JOB_PATIENCE, Submission};
use std::collections::BTreeMap;

/// Why an entity waits whose ledger row somebody else wrote after we read it.
pub(super) const THEIRS: &str = "another run works on it at the moment, and what that one recorded stands";
/// Row with the date when cases were last linked.
const LINKS: &str = "links";

/// Entries without an issue, with the markers to find them by.
pub(super) type Entries<'e> = [(&'e mut Entry, Marker)];

/// Finds and creates issues.
#[derive(Default)]
pub(super) struct Lookups {
    lost: LostCreates,
    /// What was read by key, beside the search index.
    pub by_key: ByKey,
    /// The project had no labelled issue when the run began: what was never recorded has none. One that another ledger
    /// creates meanwhile shows in the second look.
    pub nothing_there: bool,
    /// This run links cases.
    linking: bool,
}

impl Lookups {
    /// Looks up the issues of entries that have none: first by the jobs that earlier runs left, then by marker.
    pub async fn look_up(
        &mut self,
        ctx: &Ctx<'_>,
        entries: &mut Entries<'_>,
        output: &mut Output,
    ) -> Result<Vec<Lookup>> {
        let collected = collect_jobs(ctx, entries).await?;
        let known_to_lack = |entry: &Entry| self.nothing_there && entry.is_new();
        let open = entries.iter();
        let open = open.filter(|(entry, _)| entry.issue().is_none() && !known_to_lack(entry));
        let markers: Vec<Marker> = open.map(|(_, marker)| marker.clone()).collect();
        let mut found = copies::find(ctx, &markers).await?;
        for marker in markers {
            let by_key = self.by_key.get(&marker);
            if !by_key.is_empty() {
                found.entry(marker).or_insert_with(|| by_key.to_vec());
            }
        }
        let unread = self.lost.look_by_key(ctx, entries, &mut found, output).await?;
        let (mut resumed, now) = (collected, ctx.now());
        let mut lookups = Vec::with_capacity(entries.len());
        for (entry, marker) in entries.iter_mut() {
            let begun = again(ctx, entry).is_some();
            let issues = found.get(marker).map(Vec::as_slice).unwrap_or_default();
            let lookup = match unread.contains(marker) {
                true => Lookup::Unread,
                false => entry.judge(issues, now, ctx.job.switches.recreate, |accepted| {
                    ctx.capability.quiescence.of(accepted)
                }),
            };
            resumed += u64::from(begun && lookup == Lookup::Found);
            lookups.push(lookup);
        }
        self.record(ctx, entries, &mut lookups).await?;
        output.resumed += if ctx.applies() { resumed } else { 0 };
        Ok(lookups)
    }

    /// Makes durable what the lookup found. A row that somebody else wrote meanwhile is theirs. What waits is not written:
    /// there is nothing new about it.
    async fn record(&mut self, ctx: &Ctx<'_>, entries: &mut Entries<'_>, lookups: &mut [Lookup]) -> Result<()> {
        let settled = entries.iter_mut().zip(lookups).filter_map(|((entry, _), lookup)| {
            matches!(lookup, Lookup::Found | Lookup::Unread).then_some((&mut **entry, lookup))
        });
        let (mut rows, places): (Vec<&mut Entry>, Vec<&mut Lookup>) = settled.unzip();
        for key in rows.iter().filter_map(|entry| entry.issue_key()) {
            self.lost.notice(ctx, &key.into());
        }
        let linked = |entry: &&mut Entry| entry.entity() == Entity::TestCase && entry.issue().is_some();
        if rows.iter().any(linked) {
            self.about_to_link(ctx).await?;
        }
        let stored = ctx.ledger.put(&mut rows).await?;
        for (lookup, stored) in places.into_iter().zip(stored) {
            if !stored {
                *lookup = Lookup::Theirs;
            }
        }
        Ok(())
    }

    /// Creates the issues of entries that are proven to have none, with one submission of their drafts, and looks their
    /// markers up once more.
    pub async fn create<D>(
        &mut self,
        ctx: &Ctx<'_>,
        creates: Vec<(&mut Entry, D)>,
        send: impl AsyncFnOnce(Vec<D>) -> Result<Submission>,
    ) -> Result<Creations> {
        let (mut entries, drafts): (Vec<&mut Entry>, Vec<D>) = creates.into_iter().unzip();
        let above = self.lost.highest_key();
        let creator = Creator { ctx, above };
        let mut creations = creator.create(&mut entries, drafts, send).await?;
        let looked = creator.look_again(&mut self.by_key, &mut entries, &mut creations).await;
        // What was created is recorded, and reported as it is.
        creations.stop = creations.stop.or(looked.err());
        for issue in creations.issues() {
            self.lost.notice(ctx, &issue.key);
        }
        Ok(creations)
    }

    /// The same for Tests, whose markers are looked up once more when they are read back.
    pub async fn create_tests<D>(
        &mut self,
        ctx: &Ctx<'_>,
        creates: Vec<(&mut Entry, D)>,
        send: impl AsyncFnOnce(Vec<D>) -> Result<Submission>,
    ) -> Result<Creations> {
        if creates.iter().any(|(entry, _)| entry.entity() == Entity::TestCase) {
            self.about_to_link(ctx).await?;
        }
        let (mut entries, drafts): (Vec<&mut Entry>, Vec<D>) = creates.into_iter().unzip();
        let above = self.lost.highest_key();
        let creations = Creator { ctx, above }.create(&mut entries, drafts, send).await?;
        for issue in creations.issues() {
            self.lost.notice(ctx, &issue.key);
        }
        Ok(creations)
    }

    /// Links entries to issues that are there already. Returns the ids of those whose rows somebody else wrote meanwhile.
    pub async fn adopt(&mut self, ctx: &Ctx<'_>, adopted: Vec<(&mut Entry, Issue)>) -> Result<Vec<String>> {
        if adopted.is_empty() {
            return Ok(Vec::new());
        }
        self.about_to_link(ctx).await?;
        let mut rows: Vec<&mut Entry> = Vec::with_capacity(adopted.len());
        for (entry, issue) in adopted {
            entry.link_to(&issue);
            rows.push(entry);
        }
        let stored = ctx.ledger.put(&mut rows).await?;
        let theirs = rows.iter().zip(stored).filter(|(_, stored)| !stored);
        Ok(theirs.map(|(entry, _)| entry.id().to_owned()).collect())
    }

    /// Takes note of a key that the project has handed out.
    pub fn notice(&mut self, ctx: &Ctx<'_>, key: &IssueKey) {
        self.lost.notice(ctx, key);
    }

    /// Makes durable that cases are being linked, before the first of a run is: results that launches left out can be
    /// exported then, also where this run does not live to see it.
    async fn about_to_link(&mut self, ctx: &Ctx<'_>) -> Result<()> {
        if std::mem::replace(&mut self.linking, true) {
            return Ok(());
        }
        let mut links = ctx.ledger.one(Entity::Checkpoint, LINKS).await?;
        links.detail.checkpoint.linked_at = ctx.now();
        ctx.ledger.put_one(&mut links).await
    }
}

/// When a run last began to link cases, in milliseconds since the epoch.
pub(super) async fn linked_at(ctx: &Ctx<'_>) -> Result<u64> {
    Ok(ctx
        .ledger
        .one(Entity::Checkpoint, LINKS)
        .await?
        .detail
        .checkpoint
        .linked_at)
}

/// From when a create whose outcome nobody knows may be sent again; `None`: none is under way.
pub(super) fn again(ctx: &Ctx<'_>, entry: &Entry) -> Option<u64> {
    entry.again(|accepted| ctx.capability.quiescence.of(accepted))
}

/// Jobs that were accepted and whose outcome no run has read yet. Gives how many entries they linked.
async fn collect_jobs(ctx: &Ctx<'_>, entries: &mut Entries<'_>) -> Result<u64> {
    if !ctx.capability.jobs {
        return Ok(0);
    }
    let mut jobs: BTreeMap<String, Vec<&mut Entry>> = BTreeMap::new();
    for (entry, _) in entries.iter_mut() {
        if let Some((job, _)) = entry.job() {
            jobs.entry(job.to_owned()).or_default().push(entry);
        }
    }
    let mut linked = 0;
    for (job, members) in jobs {
        let Some(mut outcomes) = ctx.target.tests().collect(&job, JOB_PATIENCE).await? else {
            continue;
        };
        for entry in members {
            let element = entry.job().and_then(|(_, element)| element);
            match element.and_then(|element| outcomes.remove(&element)) {
                Some(Creation::Created(issue)) => {
                    entry.link_to(&issue);
                    linked += 1;
                }
                Some(Creation::Refused(_)) => entry.refuse(),
                _ => {}
            }
        }
    }
    Ok(linked)
}

/// The verdict of a lookup that ends the matter for this run; `None` where it goes on.
pub(super) fn verdict(lookup: &Lookup, unit: Unit, id: u64, name: &str) -> Option<Verdict> {
    let (outcome, why) = match lookup {
        Lookup::Found | Lookup::Absent => return None,
        Lookup::Theirs => (Outcome::Waiting, THEIRS.to_owned()),
        Lookup::Pending(at) => (
            Outcome::Waiting,
            format!(
                "a create was sent whose answer never came; it is not sent again before {}",
                timestamp(*at)
            ),
        ),
        Lookup::Unread => (
            Outcome::Waiting,
            "a create was sent whose answer never came; the next run goes on looking for its issue among the newest ones"
                .to_owned(),
        ),
        Lookup::Several(keys) => (
            Outcome::Failed,
            format!(
                "several issues carry its marker: {}; delete the copies or take the label off them",
                keys.join(", ")
            ),
        ),
        Lookup::Deleted => (
            Outcome::Skipped,
            "its issue was deleted in Jira; it is created again only with --recreate".to_owned(),
        ),
    };
    Some(Verdict::new(unit, id, name, outcome).because(why))
}
