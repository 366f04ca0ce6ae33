//! Creating Tests of cases and of shared steps.

use super::Run;
use super::cases::{Item, READ};
use super::creation::{Created, Creations, Creator};
use crate::domain::Outcome;
use crate::error::Result;
use crate::mapping::Field;
use crate::ports::Stage;
use crate::target::Draft;

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
    async fn create_chunk(
        &self,
        mut items: Vec<Item>,
        singly: bool,
        written: &mut Vec<(Item, Vec<Field>)>,
    ) -> Result<()> {
        if items.iter().any(Item::is_case) {
            self.about_to_link().await?;
        }
        let creates = items.iter_mut().map(|item| {
            let draft = Draft {
                marker: &item.marker,
                content: &item.content,
                source: self.source.case_url(item.row.id),
                precondition: item.link.of_new(),
                singly,
            };
            (&mut item.entry, draft)
        });
        let send = async |drafts: Vec<Draft<'_>>| self.target.submit(&drafts).await;
        let Creations { outcomes, stop } = self.creator().create(creates.collect(), send).await?;
        let mut ours = Vec::with_capacity(items.len());
        for (item, outcome) in items.into_iter().zip(outcomes) {
            let verdict = match outcome {
                Created::Issue(issue) => {
                    self.notice(&issue.key);
                    ours.push((item, Field::ALL.to_vec()));
                    continue;
                }
                Created::Refused(why) => item.verdict(Outcome::Failed).because(why),
                Created::Waiting(why) => item.verdict(Outcome::Waiting).because(why),
                Created::Unsent => continue,
            };
            self.recorder.verdict(verdict).await;
        }
        let linked = self.link_new(&ours).await;
        written.extend(ours);
        linked?;
        stop.map_or(Ok(()), Err)
    }

    /// Sends creates on behalf of this run.
    pub(super) fn creator(&self) -> Creator<'_> {
        Creator {
            ledger: &self.ledger,
            clock: self.ports.clock,
            target: self.target,
            run: &self.job.run_id,
            above: self.highest_key.get(),
        }
    }
}
