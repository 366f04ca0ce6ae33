//! Sending creates, each once: the intent is durable before a byte is sent, ids decide afterwards and never positions or
//! summaries, and what has no answer stays an intent for the next run to look for. Tests, Preconditions, Tests of shared
//! steps and Test Executions are all created here, and nowhere else.

use super::copies::{self, ByKey, Copies, Copy};
use super::ctx::Ctx;
use super::lookup::THEIRS;
use super::withdrawals;
use crate::error::{Error, Kind, Result};
use crate::mapping::Marker;
use crate::state::Entry;
use crate::target::{Creation, Issue, JOB_PATIENCE, Submission};

/// What a create came to, as the ledger has it.
#[derive(Clone, Debug)]
pub(super) enum Created {
    /// The issue is there and linked.
    Issue(Issue),
    /// The server refused it, for this reason. There is no issue.
    Refused(String),
    /// A later run finds out, for this reason.
    Waiting(String),
    /// Nothing was sent, and the run ends.
    Unsent,
}

/// What creates came to, in their order.
#[derive(Debug)]
pub(super) struct Creations {
    pub outcomes: Vec<Created>,
    /// What a person should know beside them.
    pub notes: Vec<String>,
    /// Why the run ends.
    pub stop: Option<Error>,
}

impl Creations {
    /// The issues that are there now.
    pub fn issues(&self) -> impl Iterator<Item = &Issue> {
        self.outcomes.iter().filter_map(|outcome| match outcome {
            Created::Issue(issue) => Some(issue),
            Created::Refused(_) | Created::Waiting(_) | Created::Unsent => None,
        })
    }
}

/// Sends creates on behalf of a run.
pub(super) struct Creator<'c, 'a> {
    pub ctx: &'c Ctx<'a>,
    /// What was read by key.
    pub by_key: &'c mut ByKey,
    /// Highest key number of the project that is known.
    pub above: u64,
}

impl Creator<'_, '_> {
    /// Creates the issues of entries that are proven to have none, with one submission of their drafts.
    pub async fn create<D>(
        &mut self,
        creates: Vec<(&mut Entry, D)>,
        send: impl AsyncFnOnce(Vec<D>) -> Result<Submission>,
    ) -> Result<Creations> {
        let mut outcomes = vec![Created::Waiting(THEIRS.to_owned()); creates.len()];
        let (mut entries, drafts): (Vec<&mut Entry>, Vec<D>) = creates.into_iter().unzip();
        let now = self.ctx.now();
        entries
            .iter_mut()
            .for_each(|entry| entry.intend(&self.ctx.job.run_id, now, self.above));
        let stored = self.ctx.ledger.put(&mut entries).await?;
        let slots = outcomes.iter_mut().zip(entries).zip(drafts).zip(stored);
        let ours = slots.filter(|(_, stored)| *stored).map(|(slot, _)| slot);
        let (mut ours, drafts): (Vec<(&mut Created, &mut Entry)>, Vec<D>) = ours.unzip();
        if ours.is_empty() {
            return Ok(Creations {
                outcomes,
                notes: Vec::new(),
                stop: None,
            });
        }
        let (answers, stop) = match send(drafts).await {
            Ok(Submission::Done(answers)) => (answers, None),
            Ok(Submission::Accepted(job)) => self.accepted(&mut ours, &job).await?,
            Ok(Submission::Unread(error)) => unread(error, ours.len()),
            Err(error) => failed(error, ours.len()),
        };
        self.conclude(&mut ours, answers, stop.is_some()).await?;
        let (notes, stop) = match (self.look_again(&mut ours).await, stop) {
            (Ok(notes), stop) => (notes, stop),
            // What was created is recorded, and reported as it is.
            (Err(error), None) => (Vec::new(), Some(error)),
            (Err(_), stop) => (Vec::new(), stop),
        };
        Ok(Creations { outcomes, notes, stop })
    }

    /// Makes the job durable and waits for it. A row that somebody else wrote meanwhile stays theirs: recording the outcome
    /// meets the same row.
    async fn accepted(
        &self,
        ours: &mut [(&mut Created, &mut Entry)],
        job: &str,
    ) -> Result<(Vec<Creation>, Option<Error>)> {
        let now = self.ctx.now();
        let mut entries: Vec<&mut Entry> = ours.iter_mut().map(|(_, entry)| &mut **entry).collect();
        for (element, entry) in entries.iter_mut().enumerate() {
            entry.accept(job, element, now);
        }
        self.ctx.ledger.put(&mut entries).await?;
        let mut answers = match self.ctx.target.collect(job, JOB_PATIENCE).await {
            Ok(answers) => answers.unwrap_or_default(),
            Err(error) => return Ok((vec![Creation::Unknown(error.to_string()); ours.len()], Some(error))),
        };
        let missing = || Creation::Unknown("the import job does not show what became of it".to_owned());
        let answer = |element| answers.remove(&element).unwrap_or_else(missing);
        Ok(((0..ours.len()).map(answer).collect(), None))
    }

    /// Records what creates came to. A row that somebody else wrote meanwhile is theirs.
    async fn conclude(
        &self,
        ours: &mut [(&mut Created, &mut Entry)],
        answers: Vec<Creation>,
        stops: bool,
    ) -> Result<()> {
        let now = self.ctx.now();
        for ((outcome, entry), answer) in ours.iter_mut().zip(answers) {
            **outcome = match answer {
                Creation::Created(issue) => {
                    entry.link_to(&issue);
                    Created::Issue(issue)
                }
                Creation::Refused(why) => {
                    entry.refuse();
                    if stops { Created::Unsent } else { Created::Refused(why) }
                }
                Creation::Unknown(why) => {
                    entry.give_up(now);
                    Created::Waiting(format!("{why}; the next run looks whether it was created"))
                }
            };
        }
        let mut entries: Vec<&mut Entry> = ours.iter_mut().map(|(_, entry)| &mut **entry).collect();
        let stored = self.ctx.ledger.put(&mut entries).await?;
        for ((outcome, _), _) in ours.iter_mut().zip(stored).filter(|(_, stored)| !stored) {
            **outcome = match &**outcome {
                Created::Issue(issue) => Created::Waiting(format!("{} was created; {THEIRS}", issue.key)),
                Created::Refused(why) => Created::Refused(format!("{why}; {THEIRS}")),
                Created::Waiting(why) => Created::Waiting(format!("{why}; {THEIRS}")),
                Created::Unsent => Created::Unsent,
            };
        }
        Ok(())
    }
}

impl Creator<'_, '_> {
    /// Looks the markers of new issues up once more, and withdraws those of which another ledger has created an older one.
    async fn look_again(&mut self, ours: &mut [(&mut Created, &mut Entry)]) -> Result<Vec<String>> {
        let created = ours.iter().filter_map(|(outcome, entry)| match &**outcome {
            Created::Issue(issue) => Some((self.ctx.marker(entry), issue.clone())),
            Created::Refused(_) | Created::Waiting(_) | Created::Unsent => None,
        });
        let created: Vec<(Marker, Issue)> = created.collect();
        if created.is_empty() {
            return Ok(Vec::new());
        }
        let Copies { mut younger, notes } = copies::of_new(self.ctx, self.by_key, &created).await?;
        for (outcome, entry) in ours.iter_mut() {
            if let Some(copy) = younger.remove(&self.ctx.marker(entry)) {
                **outcome = self.withdraw(entry, &copy).await?;
            }
        }
        Ok(notes)
    }

    /// Leaves an item to the older issue, and deletes ours.
    async fn withdraw(&self, entry: &mut Entry, copy: &Copy) -> Result<Created> {
        let Copy { ours, older } = copy;
        withdrawals::begin(self.ctx, entry, copy).await?;
        let found = format!("another ledger has created {} for it at the same time", older.key);
        let stays = copies::withdraw(self.ctx, ours).await?;
        withdrawals::end(self.ctx, &ours.id).await?;
        Ok(match stays {
            None => Created::Waiting(format!(
                "{found}, so {} was withdrawn; the next run updates {}",
                ours.key, older.key
            )),
            Some(why) => Created::Refused(format!(
                "{found}, and {} stays beside it ({why}): delete one of them",
                ours.key
            )),
        })
    }
}

/// Creates that were taken, and nobody knows what became of them.
fn unread(error: Error, number: usize) -> (Vec<Creation>, Option<Error>) {
    let answer = Creation::Unknown(format!("it cannot be looked at: {error}"));
    (vec![answer; number], error.ends_the_run().then_some(error))
}

/// A submission without outcomes: either nothing was created for certain, or nobody knows.
fn failed(error: Error, number: usize) -> (Vec<Creation>, Option<Error>) {
    let why = error.to_string();
    let answer = match error.kind {
        Kind::Credential
        | Kind::Locked
        | Kind::Permission
        | Kind::Product
        | Kind::RateLimited
        | Kind::Configuration
        | Kind::Rejected
        | Kind::Missing => Creation::Refused(why),
        _ => Creation::Unknown(why),
    };
    let stop = (!error.concerns_one_item()).then_some(error);
    (vec![answer; number], stop)
}
