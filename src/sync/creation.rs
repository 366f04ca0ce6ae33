//! Sending creates, each once: the intent is durable before a byte is sent, ids decide afterwards and never positions or
//! summaries, and what has no answer stays an intent for the next run to look for. Tests, Preconditions, Tests of shared
//! steps and Test Executions are all created here, and nowhere else.

use super::copies::{self, ByKey, Copies, Withdrawn};
use super::ctx::Ctx;
use super::lookup::THEIRS;
use crate::error::{Error, Kind, Result};
use crate::mapping::Marker;
use crate::state::Entry;
use crate::target::{Creation, Issue, JOB_PATIENCE, RemoteTest, Submission};

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
    /// Tests that carry the markers, where the target looked them up to recognise the new ones.
    pub found: Option<Vec<RemoteTest>>,
    /// What a person should know beside them.
    pub notes: Vec<String>,
    /// Why the run ends.
    pub stop: Option<Error>,
}

impl Creations {
    fn of(outcomes: Vec<Created>) -> Self {
        Creations {
            outcomes,
            found: None,
            notes: Vec::new(),
            stop: None,
        }
    }

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
    /// Highest key number of the project that is known.
    pub above: u64,
}

impl Creator<'_, '_> {
    /// Creates the issues of entries that are proven to have none, with one submission of their drafts. A new issue counts
    /// once its marker was looked up again.
    pub async fn create<D>(
        &self,
        entries: &mut [&mut Entry],
        drafts: Vec<D>,
        send: impl AsyncFnOnce(Vec<D>) -> Result<Submission>,
    ) -> Result<Creations> {
        let mut creations = Creations::of(vec![Created::Waiting(THEIRS.to_owned()); entries.len()]);
        let now = self.ctx.now();
        entries
            .iter_mut()
            .for_each(|entry| entry.intend(&self.ctx.job.run_id, now, self.above));
        let stored = self.ctx.ledger.put(entries).await?;
        let slots = creations.outcomes.iter_mut().zip(entries).zip(drafts).zip(stored);
        let ours = slots.filter(|(_, stored)| *stored);
        let ours = ours.map(|(((outcome, entry), draft), _)| ((outcome, &mut **entry), draft));
        let (mut ours, drafts): (Vec<(&mut Created, &mut Entry)>, Vec<D>) = ours.unzip();
        if ours.is_empty() {
            drop(ours);
            return Ok(creations);
        }
        let mut found = None;
        let (answers, stop) = match send(drafts).await {
            Ok(Submission::Done(answers)) => (answers, None),
            Ok(Submission::Recognised(answers, tests)) => {
                found = Some(tests);
                (answers, None)
            }
            Ok(Submission::Accepted(job)) => self.accepted(&mut ours, &job).await?,
            Ok(Submission::Unread(error)) => unread(error, ours.len()),
            Err(error) => failed(error, ours.len()),
        };
        self.conclude(&mut ours, answers, stop.is_some()).await?;
        drop(ours);
        Ok(Creations {
            found,
            stop,
            ..creations
        })
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
        let mut answers = match self.ctx.target.tests().collect(job, JOB_PATIENCE).await {
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
    pub async fn look_again(
        &self,
        by_key: &mut ByKey,
        entries: &mut [&mut Entry],
        creations: &mut Creations,
    ) -> Result<()> {
        let created = creations.outcomes.iter().zip(entries.iter());
        let created = created.filter_map(|(outcome, entry)| match outcome {
            Created::Issue(issue) => Some((self.ctx.marker(entry), issue.clone())),
            Created::Refused(_) | Created::Waiting(_) | Created::Unsent => None,
        });
        let created: Vec<(Marker, Issue)> = created.collect();
        if created.is_empty() {
            return Ok(());
        }
        let markers: Vec<Marker> = created.iter().map(|(marker, _)| marker.clone()).collect();
        let found = copies::find(self.ctx, &markers).await?;
        let Copies { mut younger, notes } = copies::of_new(self.ctx, by_key, &created, found).await?;
        creations.notes.extend(notes);
        for (outcome, entry) in creations.outcomes.iter_mut().zip(entries) {
            if let Some(copy) = younger.remove(&self.ctx.marker(entry)) {
                *outcome = match copies::withdraw(self.ctx, entry, &copy).await? {
                    Withdrawn::Gone(why) => Created::Waiting(why),
                    Withdrawn::Stays(why) => Created::Refused(why),
                };
            }
        }
        Ok(())
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
