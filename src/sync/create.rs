//! Creating Tests, each once. Before a byte is sent the intent is durable; afterwards ids decide, never positions or
//! summaries; what has no answer stays an intent for the next run to resolve.

use super::Run;
use super::cases::{Item, READ, linked};
use super::link::THEIRS;
use crate::domain::Outcome;
use crate::error::{Error, Kind, Result};
use crate::mapping::Field;
use crate::ports::{Phase, Stage};
use crate::state::Entry;
use crate::target::{Creation, Draft, Submission};

/// Requests that few creates may take: a job takes as many, with the looks at it.
const FEW: usize = 4;

impl Run<'_> {
    /// Creates the Tests of cases that are proven to have none.
    pub(super) async fn create(&self, items: Vec<Item>) -> Result<()> {
        let (items, lacking): (Vec<Item>, Vec<Item>) = items
            .into_iter()
            .partition(|item| item.content.fields.missing.is_empty());
        for item in lacking {
            let fields = item.content.fields.missing.join("; ");
            let why = format!("Jira requires fields that the case has no value for: {fields}; set defaults.… for them");
            self.recorder.verdict(item.verdict(Outcome::Failed).because(why)).await;
        }
        if self.job.mode.reads_only() {
            for item in items {
                if item.is_case() {
                    self.planned.borrow_mut().push(item.row.id);
                    self.count_called(|work| work.calling += u64::from(item.content.has_calls()));
                }
                self.recorder.verdict(item.verdict(Outcome::Created)).await;
            }
            return Ok(());
        }
        let (total, mut done) = (items.len() as u64, 0);
        let few = items.len() <= FEW * self.target.batch(true);
        let singly = |item: &Item| item.content.has_calls() || few && !item.is_case();
        let (alone, together): (Vec<Item>, Vec<Item>) = items.into_iter().partition(singly);
        for (items, singly) in [(together, false), (alone, true)] {
            let (mut rest, mut written) = (items.into_iter(), Vec::new());
            loop {
                let chunk: Vec<Item> = rest.by_ref().take(self.target.batch(singly)).collect();
                if chunk.is_empty() {
                    break;
                }
                self.recorder.progress(Stage::WritingCases, done, Some(total)).await;
                done += chunk.len() as u64;
                let created = self.create_chunk(chunk, singly, &mut written).await;
                if created.is_err() || written.len() >= READ || rest.len() == 0 {
                    self.record_written(std::mem::take(&mut written), Outcome::Created)
                        .await?;
                }
                created?;
            }
        }
        Ok(())
    }

    /// Adds what was created to `written`, to be read back.
    async fn create_chunk(&self, items: Vec<Item>, singly: bool, written: &mut Vec<(Item, Vec<Field>)>) -> Result<()> {
        if items.iter().any(Item::is_case) {
            self.about_to_link().await?;
        }
        let mut items = self.intend(items).await?;
        if items.is_empty() {
            return Ok(());
        }
        let drafts: Vec<Draft<'_>> = items
            .iter()
            .map(|item| Draft {
                marker: &item.marker,
                content: &item.content,
                source: self.source.case_url(item.row.id),
                precondition: item.link.of_new(),
                singly,
            })
            .collect();
        let outcomes = match self.target.submit(&drafts).await {
            Ok(Submission::Done(outcomes)) => outcomes,
            Ok(Submission::Accepted(job)) => {
                drop(drafts);
                self.acknowledge(&mut items, &job).await?;
                match self.outcomes_of(&job, items.len()).await {
                    Ok(outcomes) => outcomes,
                    Err(error) => {
                        self.all_wait(&mut items, &error).await?;
                        return Err(error);
                    }
                }
            }
            Err(error) => return self.submission_failed(items, error).await,
        };
        self.conclude(items, outcomes, written).await
    }

    /// Makes the intents durable. A row that somebody else wrote meanwhile is theirs.
    async fn intend(&self, mut items: Vec<Item>) -> Result<Vec<Item>> {
        for item in &mut items {
            self.begin(&mut item.entry);
        }
        let stored = self
            .ledger
            .put(&mut items.iter_mut().map(|item| &mut item.entry).collect::<Vec<_>>())
            .await?;
        let mut ours = Vec::with_capacity(items.len());
        for (item, stored) in items.into_iter().zip(stored) {
            if stored {
                ours.push(item);
            } else {
                self.recorder
                    .verdict(item.verdict(Outcome::Waiting).because(THEIRS))
                    .await;
            }
        }
        Ok(ours)
    }

    /// Writes into an entry that a create of its issue is about to be sent.
    pub(super) fn begin(&self, entry: &mut Entry) {
        self.mark_keys(entry);
        let link = &mut entry.link;
        if link.phase == Phase::Orphaned {
            entry.detail.generation += 1;
        }
        link.phase = Phase::Intent;
        link.attempt += 1;
        link.token = None;
        link.issue_id = None;
        link.issue_key = None;
        link.created_by = Some(self.job.run_id.clone());
        entry.detail.fields.clear();
        entry.detail.forget_files();
        entry.detail.gave_up = false;
    }

    /// Records above which key the issue of a create will be, for those who look for it without a search. An earlier
    /// create of the entity that nobody has seen may still commit: its mark stays.
    pub(super) fn mark_keys(&self, entry: &mut Entry) {
        if self.again(entry).is_none() {
            entry.detail.above = self.highest_key.get();
        }
    }

    /// Makes the job durable. A row that somebody else wrote meanwhile stays theirs; what becomes of its element is told
    /// when the outcomes are recorded, which meets the same row.
    async fn acknowledge(&self, items: &mut [Item], job: &str) -> Result<()> {
        for (element, item) in items.iter_mut().enumerate() {
            item.entry.link.phase = Phase::Acknowledged;
            item.entry.link.token = Some(job.to_owned());
            item.entry.detail.element = Some(element);
        }
        self.ledger
            .put(&mut items.iter_mut().map(|item| &mut item.entry).collect::<Vec<_>>())
            .await?;
        Ok(())
    }

    async fn outcomes_of(&self, job: &str, number: usize) -> Result<Vec<Creation>> {
        let mut outcomes = self.target.collect(job).await?.unwrap_or_default();
        let missing = || Creation::Unknown("the import job does not tell what became of it".to_owned());
        Ok((0..number)
            .map(|element| outcomes.remove(&element).unwrap_or_else(missing))
            .collect())
    }

    /// A submission without outcomes: either nothing was created for certain, or nobody knows.
    async fn submission_failed(&self, mut items: Vec<Item>, error: Error) -> Result<()> {
        let certainly_nothing = matches!(
            error.kind,
            Kind::Credential
                | Kind::Locked
                | Kind::Permission
                | Kind::Product
                | Kind::RateLimited
                | Kind::Configuration
        );
        if certainly_nothing {
            // The run ends with the error; a row that somebody else wrote meanwhile stays as it is.
            for item in &mut items {
                item.entry.link.phase = Phase::Idle;
            }
            self.ledger
                .put(&mut items.iter_mut().map(|item| &mut item.entry).collect::<Vec<_>>())
                .await?;
            return Err(error);
        }
        self.all_wait(&mut items, &error).await?;
        if error.concerns_one_item() { Ok(()) } else { Err(error) }
    }

    /// From here on the server has its time to commit after all; the ledger says since when.
    async fn all_wait(&self, items: &mut [Item], error: &Error) -> Result<()> {
        for item in items.iter_mut() {
            item.entry.detail.gave_up = true;
        }
        let stored = self
            .ledger
            .put(&mut items.iter_mut().map(|item| &mut item.entry).collect::<Vec<_>>())
            .await?;
        for (item, stored) in items.iter().zip(stored) {
            let why = match stored {
                true => format!("{error}; the next run looks whether it was created"),
                false => format!("{error}; {THEIRS}"),
            };
            self.recorder.verdict(item.verdict(Outcome::Waiting).because(why)).await;
        }
        Ok(())
    }

    async fn conclude(
        &self,
        items: Vec<Item>,
        outcomes: Vec<Creation>,
        written: &mut Vec<(Item, Vec<Field>)>,
    ) -> Result<()> {
        let (mut created, mut others) = (Vec::new(), Vec::new());
        for (mut item, outcome) in items.into_iter().zip(outcomes) {
            match outcome {
                Creation::Created(issue) => {
                    linked(&mut item, &issue, &self.job.run_id);
                    created.push((item, Field::ALL.to_vec()));
                }
                Creation::Refused(words) => {
                    item.entry.link.phase = Phase::Idle;
                    others.push((item, Outcome::Failed, words));
                }
                Creation::Unknown(words) => {
                    item.entry.detail.gave_up = true;
                    others.push((item, Outcome::Waiting, words));
                }
            }
        }
        let unsettled = others.iter_mut().map(|(item, ..)| &mut item.entry);
        let mut entries: Vec<_> = created
            .iter_mut()
            .map(|(item, _)| &mut item.entry)
            .chain(unsettled)
            .collect();
        let mut stored = self.ledger.put(&mut entries).await?.into_iter();
        let mut ours = Vec::with_capacity(created.len());
        for ((item, fields), stored) in created.into_iter().zip(stored.by_ref()) {
            item.entry.issue().into_iter().for_each(|issue| self.notice(&issue.key));
            if stored {
                ours.push((item, fields));
            } else {
                let why = format!("it was created; {THEIRS}");
                self.recorder.verdict(item.verdict(Outcome::Waiting).because(why)).await;
            }
        }
        for ((item, outcome, mut words), stored) in others.into_iter().zip(stored) {
            if !stored {
                words = format!("{words}; {THEIRS}");
            }
            self.recorder.verdict(item.verdict(outcome).because(words)).await;
        }
        let linked = self.link_new(&ours).await;
        written.extend(ours);
        linked
    }
}
