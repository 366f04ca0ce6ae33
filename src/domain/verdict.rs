//! What became of an entity, and the sums.

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
    /// Issue id and key.
    pub issue: Option<(String, String)>,
    /// Fields that differ.
    pub fields: Vec<&'static str>,
    /// Why.
    pub reason: Option<String>,
    /// Losses and remarks.
    pub notes: Vec<String>,
    /// Numbers by what they count.
    pub counts: Vec<(&'static str, u64)>,
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
            fields: Vec::new(),
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

    /// Adds the issue.
    #[must_use]
    pub fn issue(mut self, id: &str, key: &str) -> Self {
        self.issue = Some((id.to_owned(), key.to_owned()));
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
        };
        *slot += 1;
    }

    /// All verdicts.
    pub fn total(&self) -> u64 {
        self.created + self.updated + self.unchanged + self.skipped + self.failed + self.waiting + self.removed
    }
}
