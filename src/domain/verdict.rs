//! What became of an entity, and the sums.

use super::Issue;

/// Bytes of a name, a reason and a note in a verdict, and notes of a verdict: together well below what a host takes as one
/// event (64 KiB). A name alone can have as much in TestOps.
const NAME: usize = 512;
const REASON: usize = 4_096;
const NOTE: usize = 512;
/// Notes of a verdict.
pub const NOTES: usize = 80;
/// Bytes of all values in the changes of a verdict.
const VALUES: usize = 14 * 1024;
/// Bytes that every value may have, however long the others are.
const LEAST: usize = 80;

/// The start of a text, where it is longer than so many bytes.
fn start(mut text: String, most: usize) -> String {
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most - '…'.len_utf8()));
        text.push('…');
    }
    text
}

/// What a verdict is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A test case.
    TestCase,
    /// A launch.
    Launch,
}

/// What became of it; in a plan, what would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A new issue.
    Created,
    /// Fields of an issue were written.
    Updated,
    /// Nothing to write.
    Unchanged,
    /// Left out on purpose.
    Skipped,
    /// Could not be exported.
    Failed,
    /// Not settled yet.
    Waiting,
    /// Its issue was deleted.
    Removed,
    /// An issue that was there already is its own from now on.
    Adopted,
}

/// The one verdict of an entity in scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What it is about.
    pub unit: Unit,
    /// TestOps id.
    pub id: u64,
    /// Name in TestOps.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Its issue.
    pub issue: Option<Issue>,
    /// Fields that differ, or were written.
    pub changes: Vec<Change>,
    /// Why.
    pub reason: Option<String>,
    /// Losses and remarks.
    pub notes: Vec<String>,
    /// Numbers by what they count.
    pub counts: Vec<(&'static str, u64)>,
    /// Digest of what was decided, and of what it was decided upon; empty where nothing is to be done.
    pub decision: String,
}

/// A field that differs, or was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Name of the field.
    pub field: &'static str,
    /// What the destination held, shortened; absent where it is not known.
    pub before: Option<String>,
    /// What it is to hold, shortened; absent where it is not known.
    pub after: Option<String>,
}

impl Verdict {
    /// A verdict without issue, reason or remarks.
    pub fn new(unit: Unit, id: u64, name: impl Into<String>, outcome: Outcome) -> Self {
        Verdict {
            unit,
            id,
            name: name.into(),
            outcome,
            issue: None,
            changes: Vec::new(),
            decision: String::new(),
            reason: None,
            notes: Vec::new(),
            counts: Vec::new(),
        }
    }

    /// Adds why.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// Within what an event may hold: over-long names, values and notes end in an ellipsis, and notes beyond [`NOTES`] are
    /// counted.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        self.name = start(self.name, NAME);
        self.reason = self.reason.map(|reason| start(reason, REASON));
        let left = self.notes.len().saturating_sub(NOTES);
        if left > 0 {
            self.notes.truncate(NOTES - 1);
            self.notes.push(format!("{} more notes are left out", left + 1));
        }
        self.notes = self.notes.into_iter().map(|note| start(note, NOTE)).collect();
        let mut left = VALUES;
        for change in &mut self.changes {
            for value in [&mut change.before, &mut change.after].into_iter().flatten() {
                *value = start(std::mem::take(value), left.max(LEAST));
                left = left.saturating_sub(value.len());
            }
        }
        self
    }

    /// Adds the digest of what was decided.
    #[must_use]
    pub fn decided(mut self, decision: String) -> Self {
        self.decision = decision;
        self
    }

    /// Adds the issue.
    #[must_use]
    pub fn issue(mut self, issue: &Issue) -> Self {
        self.issue = Some(issue.clone());
        self
    }
}

/// Verdicts counted by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Created.
    pub created: u64,
    /// Updated.
    pub updated: u64,
    /// Unchanged.
    pub unchanged: u64,
    /// Skipped.
    pub skipped: u64,
    /// Failed.
    pub failed: u64,
    /// Waiting.
    pub waiting: u64,
    /// Removed.
    pub removed: u64,
    /// Adopted.
    pub adopted: u64,
}

impl Tally {
    /// Counts one.
    pub fn add(&mut self, outcome: Outcome) {
        let slot = match outcome {
            Outcome::Created => &mut self.created,
            Outcome::Updated => &mut self.updated,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Skipped => &mut self.skipped,
            Outcome::Failed => &mut self.failed,
            Outcome::Waiting => &mut self.waiting,
            Outcome::Removed => &mut self.removed,
            Outcome::Adopted => &mut self.adopted,
        };
        *slot += 1;
    }

    /// All verdicts.
    pub fn total(&self) -> u64 {
        let settled = self.created + self.updated + self.unchanged + self.adopted + self.removed;
        settled + self.skipped + self.failed + self.waiting
    }
}

#[cfg(test)]
mod tests {
    use super::{Change, NOTES, Outcome, Unit, Verdict};

    #[test]
    fn a_verdict_of_any_texts_fits_an_event() {
        let long = "ж".repeat(64 * 1024);
        let mut verdict = Verdict::new(Unit::TestCase, 1, long.clone(), Outcome::Created).because(long.clone());
        let change = |field| Change {
            field,
            before: Some(long.clone()),
            after: Some(long.clone()),
        };
        verdict.changes = ["summary", "description", "steps", "definition"].map(change).to_vec();
        verdict.notes = vec![long; 10_000];
        let verdict = verdict.bounded();
        let notes: usize = verdict.notes.iter().map(String::len).sum();
        let values = verdict
            .changes
            .iter()
            .flat_map(|change| [&change.before, &change.after]);
        let values: usize = values.flatten().map(String::len).sum();
        assert!(verdict.name.len() + verdict.reason.unwrap().len() + notes + values < 63 * 1024);
        assert!(verdict.name.ends_with('…'));
        assert_eq!(verdict.notes.len(), NOTES);
        assert_eq!(verdict.notes[NOTES - 1], "9921 more notes are left out");
    }

    #[test]
    fn a_usual_verdict_stays_as_it_is() {
        let mut verdict = Verdict::new(Unit::Launch, 1, "nightly", Outcome::Failed).because("no");
        verdict.notes.push("a note".to_owned());
        assert_eq!(verdict.clone().bounded(), verdict);
    }
}
