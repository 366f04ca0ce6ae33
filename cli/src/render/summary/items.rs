//! The items of a report that people look at, with their values and notes.

use std::fmt::Write as _;

use tms_sync_host::model::Outcome;

use super::super::text::{FAINT, STRONG, harmless, shortened, styled};
use super::values;
use super::{MOST_NAME, Notes, View, style};
use crate::report::{Change, Item, OUTCOMES, SyncReport, Verb};
use crate::words;

/// How many items of one kind are shown; `--full-values` and `--json` show all.
const MOST_ITEMS: usize = 20;
const MOST_ITEM_NOTES: usize = 5;
/// Below an item.
const INDENT: &str = "            ";

/// The items of interest, those that are done or to be done first; then those that failed or wait.
pub fn listed(sync: &SyncReport, verb: Verb, view: &View) -> String {
    let done: &[Outcome] = match verb {
        Verb::Plan => &[Outcome::Created, Outcome::Updated, Outcome::Adopted, Outcome::Skipped],
        Verb::Verify => &[Outcome::Created, Outcome::Updated],
        Verb::Undo { .. } => &[Outcome::Removed, Outcome::Skipped],
        Verb::Adopt { .. } => &[Outcome::Adopted, Outcome::Skipped],
        Verb::Export => &[],
    };
    let shown = |item: &&Item| done.contains(&item.outcome.1) || is_left(item) || has_shown_notes(item, view);
    let is_open = |item: &&Item| matches!(item.outcome.1, Outcome::Failed | Outcome::Waiting);
    let (open, rest): (Vec<&Item>, Vec<&Item>) = sync.items.iter().partition(is_open);
    let rest = rest.into_iter().filter(shown).collect();
    group(rest, verb, view) + &group(open, verb, view)
}

/// Part of a plan that is not applied any more.
fn is_left(item: &Item) -> bool {
    item.is_approved && item.outcome.1 == Outcome::Skipped
}

fn has_shown_notes(item: &Item, view: &View) -> bool {
    let is_wanted = match view.notes {
        Notes::All => true,
        Notes::Changed => item.outcome.1 != Outcome::Unchanged,
        Notes::None => false,
    };
    is_wanted && !item.notes.is_empty()
}

fn group(mut items: Vec<&Item>, verb: Verb, view: &View) -> String {
    let mut text = String::new();
    if items.is_empty() {
        return text;
    }
    let place = |item: &&Item| OUTCOMES.iter().position(|outcome| *outcome == item.outcome.1);
    items.sort_by_key(place);
    text.push('\n');
    let most = if view.full_values { usize::MAX } else { MOST_ITEMS };
    for item in items.iter().take(most) {
        one(&mut text, item, verb, view);
    }
    if let Some(more) = items.len().checked_sub(most).filter(|more| *more > 0) {
        let _ = writeln!(text, "  … and {more} more; --full-values shows all of them");
    }
    text
}

fn one(text: &mut String, item: &Item, verb: Verb, view: &View) {
    let entity = harmless(words::entity(&item.entity));
    let outcome = item.outcome.1;
    let word = styled(style(verb, outcome), format!("{:<9}", verb.word(outcome)));
    let id = view.linked(&item.id, item.source_url.as_deref());
    let _ = write!(text, "  {word} {entity} {id}");
    if let Some(issue) = &item.issue {
        let _ = write!(text, " ({})", view.linked(&issue.key, issue.url.as_deref()));
    }
    let _ = writeln!(text, " {}", styled(STRONG, shortened(&item.name, MOST_NAME)));
    if let Some(reason) = &item.reason {
        let _ = writeln!(text, "{INDENT}{}", harmless(reason));
    }
    text.push_str(&values::text(&changes(item), view.full_values, INDENT));
    if has_shown_notes(item, view) {
        notes(text, item, view);
    }
}

/// Those with values, and those of which only the field is known.
fn changes(item: &Item) -> Vec<Change> {
    let has_value = |field: &&String| item.changes.iter().any(|change| change.field == **field);
    let bare = item
        .fields
        .iter()
        .filter(|field| !has_value(field))
        .map(|field| Change {
            field: field.clone(),
            before: None,
            after: None,
        });
    item.changes.iter().cloned().chain(bare).collect()
}

fn notes(text: &mut String, item: &Item, view: &View) {
    let most = if view.full_values { usize::MAX } else { MOST_ITEM_NOTES };
    for note in item.notes.iter().take(most) {
        let _ = writeln!(text, "{INDENT}note: {}", harmless(note));
    }
    if let Some(more) = item.notes.len().checked_sub(most).filter(|more| *more > 0) {
        let line = format!("… and {more} more notes; --full-values shows them");
        let _ = writeln!(text, "{INDENT}{}", styled(FAINT, line));
    }
}
