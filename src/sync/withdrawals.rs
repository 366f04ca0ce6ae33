//! Copies that are being withdrawn, in a row of the ledger: a run that ends between leaving an item to the older issue and
//! deleting its own leaves the deletion to the next one.

use super::copies::{self, Copy};
use super::ctx::Ctx;
use crate::domain::{Issue, IssueId};
use crate::error::Result;
use crate::ports::Entity;
use crate::report::Output;
use crate::state::{Entry, Withdrawal};

/// The row with the copies.
const ROW: &str = "withdrawals";

/// Leaves an item to the older issue. The copy is durable first, so that whoever is killed from now on leaves nothing that
/// the next run does not find.
pub(super) async fn begin(ctx: &Ctx<'_>, entry: &mut Entry, copy: &Copy) -> Result<()> {
    let Copy { ours, older } = copy;
    let mut row = ctx.ledger.one(Entity::Checkpoint, ROW).await?;
    let withdrawal = Withdrawal {
        entity: entry.entity(),
        item: entry.id().to_owned(),
        key: ours.key.to_string(),
        older: (older.id.to_string(), older.key.to_string()),
    };
    row.detail
        .checkpoint
        .withdrawals
        .insert(ours.id.to_string(), withdrawal);
    ctx.ledger.put_one(&mut row).await?;
    entry.link_to(older);
    ctx.ledger.put_one(entry).await
}

/// Takes note that nothing is left to be done about a copy.
pub(super) async fn end(ctx: &Ctx<'_>, ours: &IssueId) -> Result<()> {
    let mut row = ctx.ledger.one(Entity::Checkpoint, ROW).await?;
    row.detail.checkpoint.withdrawals.remove(ours.as_str());
    ctx.ledger.put_one(&mut row).await
}

/// Withdraws what earlier runs could not withdraw any more. Costs nothing where there is none.
pub(super) async fn finish(ctx: &Ctx<'_>, output: &mut Output) -> Result<()> {
    let row = ctx.ledger.one(Entity::Checkpoint, ROW).await?;
    for (id, withdrawal) in row.detail.checkpoint.withdrawals {
        let Withdrawal {
            entity,
            item,
            key,
            older,
        } = withdrawal;
        let copy = Copy {
            ours: Issue::new(id, key),
            older: Issue::new(older.0, older.1),
        };
        let entry = ctx.ledger.one(entity, &item).await?;
        if are_both_there(ctx, &entry, &copy).await? {
            output.note(withdraw(ctx, entry, &copy).await?);
        }
        end(ctx, &copy.ours.id).await?;
    }
    Ok(())
}

/// True where both issues still carry the marker: what people deleted or took the label off is settled.
async fn are_both_there(ctx: &Ctx<'_>, entry: &Entry, copy: &Copy) -> Result<bool> {
    let ids = [copy.ours.id.clone(), copy.older.id.clone()];
    let marker = ctx.marker(entry);
    let there = ctx.jira.existing(&ids).await?;
    let marked = |id| there.get(id).is_some_and(|issue| issue.labels().contains(&marker.0));
    Ok(ids.iter().all(marked))
}

async fn withdraw(ctx: &Ctx<'_>, mut entry: Entry, copy: &Copy) -> Result<String> {
    let Copy { ours, older } = copy;
    if entry.issue().is_some_and(|issue| issue.id == ours.id) {
        entry.link_to(older);
        ctx.ledger.put_one(&mut entry).await?;
    }
    Ok(match copies::delete(ctx, ours).await? {
        None => format!(
            "{} was withdrawn: another ledger had created {} for the same item",
            ours.key, older.key
        ),
        Some(why) => format!(
            "{} stays beside {}, which another ledger created for the same item ({why}): delete one of them",
            ours.key, older.key
        ),
    })
}
