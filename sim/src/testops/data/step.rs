//! Manual scenarios: steps, expected results in both forms, shared steps.

use serde_json::Value;

use super::{File, Stamp};

/// One step of a manual scenario.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// 0 until stored.
    pub id: i64,
    /// What the step is.
    pub content: Content,
    /// What is expected of it.
    pub expected: Expected,
    /// Nested steps.
    pub children: Vec<Step>,
    /// When it was made and changed.
    pub stamp: Stamp,
}

/// Exactly one of these is on the wire.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Content {
    /// No body, attachment or call.
    #[default]
    Empty,
    /// Plain text with line breaks; the document form is derived from it unless given.
    Text(String, Option<Value>),
    /// The attachment is the step.
    File(File),
    /// A call of the shared step with this id.
    Shared(i64),
}

/// The two forms of an expected result.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Expected {
    /// None.
    #[default]
    None,
    /// `expectedResult`, the only form of the 4.x versions.
    Inline(String),
    /// `expectedResultId`: a wrapper step with these lines, each a text or an attachment.
    Lines {
        /// The wrapper's id; 0 until stored.
        wrapper: i64,
        /// The lines.
        lines: Vec<Step>,
    },
}

impl Step {
    /// A step of plain text.
    #[must_use]
    pub fn new(body: &str) -> Self {
        Self {
            content: Content::Text(body.into(), None),
            ..Self::default()
        }
    }

    /// A step whose formatting is this `bodyJson` document.
    #[must_use]
    pub fn rich(body: &str, document: Value) -> Self {
        Self {
            content: Content::Text(body.into(), Some(document)),
            ..Self::default()
        }
    }

    /// A step that is an attachment.
    #[must_use]
    pub fn file(file: File) -> Self {
        Self {
            content: Content::File(file),
            ..Self::default()
        }
    }

    /// A call of a shared step.
    #[must_use]
    pub fn shared(id: i64) -> Self {
        Self {
            content: Content::Shared(id),
            ..Self::default()
        }
    }

    /// Expects this text, in the inline form.
    #[must_use]
    pub fn expect(mut self, text: &str) -> Self {
        self.expected = Expected::Inline(text.into());
        self
    }

    /// Expects these lines, in the wrapper form.
    #[must_use]
    pub fn expect_lines(mut self, lines: impl IntoIterator<Item = Step>) -> Self {
        self.expected = Expected::Lines {
            wrapper: 0,
            lines: lines.into_iter().collect(),
        };
        self
    }

    /// Nests a step.
    #[must_use]
    pub fn child(mut self, step: Step) -> Self {
        self.children.push(step);
        self
    }

    /// Makes it a step of plain text.
    pub(crate) fn set_body(&mut self, body: &str) {
        self.content = Content::Text(body.to_owned(), None);
    }

    /// Visits this step, its expected lines and its children, outermost first.
    pub(crate) fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Step)) {
        see(self);
        if let Expected::Lines { lines, .. } = &self.expected {
            lines.iter().for_each(|line| line.visit(see));
        }
        self.children.iter().for_each(|child| child.visit(see));
    }

    /// As [`Step::visit`], for changing.
    pub(crate) fn visit_mut(&mut self, change: &mut dyn FnMut(&mut Step)) {
        change(self);
        if let Expected::Lines { lines, .. } = &mut self.expected {
            lines.iter_mut().for_each(|line| line.visit_mut(change));
        }
        self.children.iter_mut().for_each(|child| child.visit_mut(change));
    }
}

/// A shared step of a project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SharedStep {
    /// 0 until stored.
    pub id: i64,
    /// The project; filled in by the site.
    pub project: i64,
    /// The name shown in the calling step.
    pub name: String,
    /// Its steps.
    pub steps: Vec<Step>,
    /// Archived ones still render where they are called.
    pub archived: bool,
    /// Editing moves this, and not the dates of the calling cases.
    pub stamp: Stamp,
}

impl SharedStep {
    /// A shared step to be called by this id.
    #[must_use]
    pub fn new(id: i64, name: &str) -> Self {
        Self {
            id,
            name: name.into(),
            ..Self::default()
        }
    }

    /// Adds a step.
    #[must_use]
    pub fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }
}
