//! Cases that were exported and are no longer in scope: left out by the filter, or deleted in TestOps. Their Tests stay as
//! they are; a note names them.

use super::Scope;
use crate::domain::{CaseId, Issue};
use crate::error::Result;
use crate::ports::Entity;
use crate::report::Output;
use crate::state::Entry;
use crate::sync::ctx::Ctx;

/// Ids that are named in the note.
const NAMED: usize = 20;

/// Records which cases are in scope, and which no longer, for runs that do not list them. Costs no request.
pub(super) async fn mark(ctx: &Ctx<'_>, scope: &Scope) -> Result<()> {
    let mut after = None;
    while let Some(mut entries) = ctx.ledger.page(Entity::TestCase, &mut after).await? {
        let mut moved = Vec::new();
        for entry in &mut entries {
            let is_in = scope.contains(CaseId(entry.number()));
            if entry.detail.source.place(&ctx.scope, is_in) {
                moved.push(entry);
            }
        }
        ctx.ledger.put(&mut moved).await?;
    }
    Ok(())
}

/// Notes which exported cases left the scope. Asks TestOps about each once, so it belongs to a full pass.
pub(super) async fn note(ctx: &Ctx<'_>, scope: &Scope, output: &mut Output) -> Result<()> {
    let (mut left, mut deleted, mut after) = (0u64, Vec::new(), None);
    while let Some(entries) = ctx.ledger.page(Entity::TestCase, &mut after).await? {
        for entry in entries {
            let id = CaseId(entry.number());
            if entry.issue().is_none() || scope.contains(id) {
                continue;
            }
            if ctx.source.is_there(id).await? {
                left += 1;
                continue;
            }
            deleted.push(entry.id().to_owned());
            bury(ctx, entry, output).await?;
        }
    }
    if left > 0 {
        output.note(format!(
            "{left} exported test cases are no longer in scope; their Tests stay as they are"
        ));
    }
    if !deleted.is_empty() {
        let (number, named) = (deleted.len(), deleted.len().min(NAMED));
        let named = deleted.get(..named).unwrap_or_default().join(", ");
        output.note(format!(
            "{number} exported test cases were deleted in TestOps ({named}); their Tests stay"
        ));
    }
    Ok(())
}

/// Records that a case is gone. Restored in TestOps, it is found again by its marker.
async fn bury(ctx: &Ctx<'_>, mut entry: Entry, output: &mut Output) -> Result<()> {
    if let (Some(label), Some(issue)) = (&ctx.job.options.issues.deleted_label, entry.issue())
        && !label_deleted(ctx, &issue, label, output).await?
    {
        return Ok(());
    }
    entry.bury();
    ctx.ledger.put_one(&mut entry).await
}

/// Puts the label on the issue of a case that was deleted; false where Jira refuses, and the next full pass tries again.
async fn label_deleted(ctx: &Ctx<'_>, issue: &Issue, label: &str, output: &mut Output) -> Result<bool> {
    if !ctx.applies() {
        return Ok(true);
    }
    match ctx.jira.label(&issue.id, label).await {
        Ok(()) => Ok(true),
        Err(error) if error.concerns_one_item() => {
            output.note(format!("{} could not be given the label {label}: {error}", issue.key));
            Ok(false)
        }
        Err(error) => Err(error),
    }
}
