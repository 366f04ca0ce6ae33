//! The details of cases, and the contents that they make.

use super::{BATCH, Case, Cases};
use crate::domain::{Attributes, CaseId, Outcome, TestCase, Unit, Verdict};
use crate::error::Result;
use crate::report::Output;
use crate::sync::ctx::Ctx;
use crate::sync::upsert::{Calls, Candidates, Item, Workflow};
use crate::text::same;
use futures_util::stream::{self, StreamExt};

/// Details read at a time.
const AT_ONCE: usize = 8;
/// Cases of one step: those of a page, so that requests in flight run out once a page.
const STEP: usize = 200;

impl Cases {
    /// Reads the details of the next cases that moved, a few at a time and in order.
    pub(super) async fn read(&mut self, ctx: &Ctx<'_>, output: &mut Output) -> Result<()> {
        let room = BATCH - self.batch.items.len().min(BATCH);
        let next = self.moved.drain(..self.moved.len().min(STEP).min(room));
        let mut details = stream::iter(next)
            .map(|case| async move {
                let details = details(ctx, case.row.id).await;
                (case, details)
            })
            .buffered(AT_ONCE);
        while let Some((case, details)) = details.next().await {
            match details {
                Ok(details) => {
                    self.neighbours.passed();
                    self.batch.add(item(ctx, case, details));
                }
                Err(error) => {
                    let error = self.neighbours.failed(error)?;
                    let verdict = Verdict::new(Unit::TestCase, case.row.id.0, &case.row.name, Outcome::Failed);
                    let verdict = verdict.because(error.to_string());
                    output.verdict(match case.entry.issue() {
                        Some(issue) => verdict.issue(&issue),
                        None => verdict,
                    });
                }
            }
        }
        Ok(())
    }
}

/// A case, with the steps of its last run where it has no others and they are wanted.
async fn details(ctx: &Ctx<'_>, id: CaseId) -> Result<TestCase> {
    let mut case = ctx.source.case(id).await?;
    if ctx.job.options.scenario.automated_steps && case.automation.is_all() {
        case.scenario.last_run = ctx.source.last_run(id).await?;
    }
    Ok(case)
}

/// The key that the configured custom field of a case holds.
fn key_of_field(ctx: &Ctx<'_>, attributes: &Attributes) -> Option<String> {
    let name = ctx.job.options.adopt.field.as_ref()?;
    let field = attributes.fields.iter().find(|field| same(&field.name, name))?;
    field.values.first().cloned()
}

fn item(ctx: &Ctx<'_>, case: Case, mut details: TestCase) -> Item {
    let Case { row, entry, marker, .. } = case;
    let (url, name) = (ctx.source.case_url(row.id), format!("test-case-{}", row.id));
    let content = ctx.content(&mut details, &entry, &url, &name, &ctx.job.options);
    let status = ctx.job.options.jira_status(details.attributes.status.as_deref());
    Item {
        calls: Calls {
            uses: details.scenario.uses_shared_steps,
            ..Calls::default()
        },
        workflow: Workflow {
            wanted: status.map(str::to_owned),
            there: None,
        },
        candidates: Candidates {
            of_field: key_of_field(ctx, &details.attributes),
            test_keys: details.attributes.test_keys,
        },
        ..Item::new(row, entry, marker, content, details.files)
    }
}
