//! Sending creates, each once: the intent is durable before a byte is sent, ids decide afterwards and never positions or
//! summaries, and what has no answer stays an intent for the next run to look for. Tests, Preconditions, Tests of shared
//! steps and Test Executions are all created here, and nowhere else.

use super::lookup::THEIRS;
use crate::error::{Error, Kind, Result};
use crate::ports::Clock;
use crate::state::{Entry, Ledger};
use crate::target::{Creation, Issue, Submission, Target};

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
pub(super) struct Creator<'c> {
    pub ledger: &'c Ledger<'c>,
    pub clock: &'c dyn Clock,
    pub target: &'c dyn Target,
    /// Name of the run.
    pub run: &'c str,
    /// Highest key number of the project that is known.
    pub above: u64,
}

impl Creator<'_> {
    /// Creates the issues of entries that are proven to have none, with one submission of their drafts.
    pub async fn create<D>(
        &self,
        creates: Vec<(&mut Entry, D)>,
        send: impl AsyncFnOnce(Vec<D>) -> Result<Submission>,
    ) -> Result<Creations> {
        let mut outcomes = vec![Created::Waiting(THEIRS.to_owned()); creates.len()];
        let (mut entries, drafts): (Vec<&mut Entry>, Vec<D>) = creates.into_iter().unzip();
        let now = self.clock.now();
        entries
            .iter_mut()
            .for_each(|entry| entry.intend(self.run, now, self.above));
        let stored = self.ledger.put(&mut entries).await?;
        let slots = outcomes.iter_mut().zip(entries).zip(drafts).zip(stored);
        let ours = slots.filter(|(_, stored)| *stored).map(|(slot, _)| slot);
        let (mut ours, drafts): (Vec<(&mut Created, &mut Entry)>, Vec<D>) = ours.unzip();
        if ours.is_empty() {
            return Ok(Creations { outcomes, stop: None });
        }
        let (answers, stop) = match send(drafts).await {
            Ok(Submission::Done(answers)) => (answers, None),
            Ok(Submission::Accepted(job)) => self.accepted(&mut ours, &job).await?,
            Err(error) => failed(error, ours.len()),
        };
        self.conclude(ours, answers, stop.is_some()).await?;
        Ok(Creations { outcomes, stop })
    }

    /// Makes the job durable and waits for it. A row that somebody else wrote meanwhile stays theirs: recording the outcome
    /// meets the same row.
    async fn accepted(
        &self,
        ours: &mut [(&mut Created, &mut Entry)],
        job: &str,
    ) -> Result<(Vec<Creation>, Option<Error>)> {
        let now = self.clock.now();
        let mut entries: Vec<&mut Entry> = ours.iter_mut().map(|(_, entry)| &mut **entry).collect();
        for (element, entry) in entries.iter_mut().enumerate() {
            entry.accept(job, element, now);
        }
        self.ledger.put(&mut entries).await?;
        let mut answers = match self.target.collect(job).await {
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
        mut ours: Vec<(&mut Created, &mut Entry)>,
        answers: Vec<Creation>,
        stops: bool,
    ) -> Result<()> {
        let now = self.clock.now();
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
        let stored = self.ledger.put(&mut entries).await?;
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
