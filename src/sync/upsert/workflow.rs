//! The status of a Test in Jira's workflow follows the status of its case, where options say which it is.

use super::item::Item;
use crate::domain::Change;
use crate::error::Result;
use crate::sync::ctx::Ctx;
use crate::text::same;

/// What a verdict calls the status in the workflow.
const STATUS: &str = "status";

/// A status that a case asks for, and the one that its issue has.
pub(super) struct Wish {
    pub wanted: String,
    pub there: String,
    /// The issue is to be moved.
    pub moves: bool,
    /// People chose another status in Jira, which stays until the case's own changes.
    chosen: bool,
}

pub(super) fn wish(item: &Item) -> Option<Wish> {
    let (wanted, there) = (item.workflow.wanted.clone()?, item.workflow.there.clone()?);
    let (asked, seen) = &item.entry.detail.workflow;
    let differs = !same(&wanted, &there);
    let chosen = differs && same(asked, &wanted) && !same(seen, &there);
    Some(Wish {
        moves: differs && !chosen,
        chosen,
        wanted,
        there,
    })
}

/// The move that is to be made. Notes a status that people chose.
pub(super) fn advance(item: &mut Item) -> Option<Change> {
    let wish = wish(item)?;
    if wish.chosen {
        let kept = format!("status: it was changed to {} in Jira, and stays", wish.there);
        item.content.losses.push(kept);
    }
    wish.moves.then_some(Change {
        field: STATUS,
        before: Some(wish.there),
        after: Some(wish.wanted),
    })
}

/// Moves an issue to the status that its case asks for, and records it. Gives what was changed.
pub(super) async fn apply(ctx: &Ctx<'_>, item: &mut Item) -> Result<Option<Change>> {
    if !item.entry.is_synced() {
        return Ok(None);
    }
    let mut change = advance(item);
    let Some(wish) = wish(item).filter(|wish| !wish.chosen) else {
        return Ok(None);
    };
    let mut now = (wish.wanted, wish.there);
    if let (Some(_), Some(issue)) = (&change, item.entry.issue()) {
        match ctx.jira.advance(&issue.id, &now.0).await {
            Ok(()) => now.1.clone_from(&now.0),
            Err(error) if error.concerns_one_item() => {
                item.content.losses.push(format!("status: {error}"));
                change = None;
            }
            Err(error) => return Err(error),
        }
    }
    if item.entry.detail.workflow != now {
        item.entry.detail.workflow = now;
        ctx.ledger.put_one(&mut item.entry).await?;
    }
    Ok(change)
}
