//! Test results and their executions.

use serde::Serialize;

use super::{File, Issue, Link, Parameter, Stamp};

/// A finished status; a result in progress has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the vendor's words")]
pub enum Status {
    Failed,
    Broken,
    Passed,
    Skipped,
    Unknown,
}

impl Status {
    /// As on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Broken => "broken",
            Self::Passed => "passed",
            Self::Skipped => "skipped",
            Self::Unknown => "unknown",
        }
    }
}

/// A test result.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TestResult {
    /// 0 until stored.
    pub id: i64,
    /// The project; filled in by the site.
    pub project: i64,
    /// The launch; filled in by the site.
    pub launch: i64,
    /// The case; none while unlinked.
    pub case: Option<i64>,
    /// Links it to the project's first case of this name when it is stored.
    pub case_name: Option<String>,
    /// The name.
    pub name: String,
    /// The name in code.
    pub full_name: Option<String>,
    /// None while in progress.
    pub status: Option<Status>,
    /// The error text.
    pub message: Option<String>,
    /// The stack trace; left out of lists.
    pub trace: Option<String>,
    /// Milliseconds since the Unix epoch.
    pub start: Option<i64>,
    /// Milliseconds since the Unix epoch.
    pub stop: Option<i64>,
    /// Run by a person.
    pub manual: bool,
    /// Came from outside.
    pub external: bool,
    /// An older attempt.
    pub hidden: bool,
    /// How many results later in its launch the attempt comes that counts; 0 when this one does.
    pub retried_in: usize,
    /// The attempt that counts; filled in by the site.
    pub retried_by: Option<i64>,
    /// Passes and fails without a change.
    pub flaky: bool,
    /// Muted when it ran.
    pub muted: bool,
    /// Whose task it is.
    pub assignee: Option<String>,
    /// Who ran it.
    pub tested_by: Option<String>,
    /// The machine.
    pub host: Option<String>,
    /// The thread.
    pub thread: Option<String>,
    /// Parameters.
    pub parameters: Vec<Parameter>,
    /// Tags by name.
    pub tags: Vec<String>,
    /// Links.
    pub links: Vec<Link>,
    /// The layer by name.
    pub layer: Option<String>,
    /// The error category by name.
    pub category: Option<String>,
    /// Custom field values: field name, value name.
    pub fields: Vec<(String, String)>,
    /// Role name, user name.
    pub members: Vec<(String, String)>,
    /// Tracker issues.
    pub issues: Vec<Issue>,
    /// Environment: variable name, value.
    pub environment: Vec<(String, String)>,
    /// Linked defects; a result with any is `known`.
    pub defects: Vec<i64>,
    /// Markdown.
    pub description: Option<String>,
    /// Markdown.
    pub precondition: Option<String>,
    /// Markdown.
    pub expected_result: Option<String>,
    /// What was executed.
    pub steps: Vec<RunStep>,
    /// Set-ups and tear-downs.
    pub fixtures: Vec<Fixture>,
    /// When it was made and changed.
    pub stamp: Stamp,
}

/// One step of an execution.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunStep {
    /// Plain text; ignored when the step is a file.
    pub body: String,
    /// The attachment that is this step.
    pub file: Option<File>,
    /// None when not run.
    pub status: Option<Status>,
    /// What was expected: texts and files.
    pub expected: Vec<RunStep>,
    /// Nested steps.
    pub steps: Vec<RunStep>,
    /// Parameters.
    pub parameters: Vec<Parameter>,
    /// The error text.
    pub message: Option<String>,
    /// The stack trace.
    pub trace: Option<String>,
    /// Milliseconds since the Unix epoch.
    pub start: Option<i64>,
    /// Milliseconds since the Unix epoch.
    pub stop: Option<i64>,
}

/// A set-up or tear-down of a result.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fixture {
    /// 0 until stored.
    pub id: i64,
    /// The name.
    pub name: String,
    /// After the test instead of before it.
    pub after: bool,
    /// None when not run.
    pub status: Option<Status>,
    /// The error text.
    pub message: Option<String>,
    /// What was executed.
    pub steps: Vec<RunStep>,
}

impl TestResult {
    /// A result in progress, linked to no case.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// A result in progress of the project's first case of this name.
    #[must_use]
    pub fn of(case_name: &str) -> Self {
        Self {
            name: case_name.into(),
            case_name: Some(case_name.into()),
            ..Self::default()
        }
    }

    /// Fixes the id.
    #[must_use]
    pub fn id(mut self, id: i64) -> Self {
        self.id = id;
        self
    }

    /// Links it to a case.
    #[must_use]
    pub fn case(mut self, id: i64) -> Self {
        self.case = Some(id);
        self
    }

    /// Sets the status.
    #[must_use]
    pub fn status(mut self, status: Status) -> Self {
        self.status = Some(status);
        self
    }

    /// Passed.
    #[must_use]
    pub fn passed(self) -> Self {
        self.status(Status::Passed)
    }

    /// Failed with this error and stack trace.
    #[must_use]
    pub fn failed(mut self, message: &str, trace: &str) -> Self {
        self.message = Some(message.into());
        self.trace = Some(trace.into());
        self.status(Status::Failed)
    }

    /// When it ran, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn ran(mut self, start: i64, stop: i64) -> Self {
        self.start = Some(start);
        self.stop = Some(stop);
        self
    }

    /// Run by this person.
    #[must_use]
    pub fn manual(mut self, tester: &str) -> Self {
        self.manual = true;
        self.tested_by = Some(tester.into());
        self
    }

    /// Adds a parameter.
    #[must_use]
    pub fn parameter(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// Adds an environment variable's value.
    #[must_use]
    pub fn environment(mut self, variable: &str, value: &str) -> Self {
        self.environment.push((variable.into(), value.into()));
        self
    }

    /// Adds a step.
    #[must_use]
    pub fn step(mut self, step: RunStep) -> Self {
        self.steps.push(step);
        self
    }

    /// Adds a test-level attachment.
    #[must_use]
    pub fn file(self, file: File) -> Self {
        self.step(RunStep::file(file))
    }

    /// Links a defect.
    #[must_use]
    pub fn defect(mut self, id: i64) -> Self {
        self.defects.push(id);
        self
    }
}

impl RunStep {
    /// A text step that ended so.
    #[must_use]
    pub fn new(body: &str, status: Status) -> Self {
        Self {
            body: body.into(),
            status: Some(status),
            ..Self::default()
        }
    }

    /// A step that is an attachment.
    #[must_use]
    pub fn file(file: File) -> Self {
        Self {
            file: Some(file),
            ..Self::default()
        }
    }

    /// Nests a step.
    #[must_use]
    pub fn child(mut self, step: RunStep) -> Self {
        self.steps.push(step);
        self
    }

    /// Adds a line of what was expected.
    #[must_use]
    pub fn expect(mut self, text: &str) -> Self {
        self.expected.push(Self {
            body: text.into(),
            status: self.status,
            ..Self::default()
        });
        self
    }

    /// Visits the files of this step and of those below it.
    pub(crate) fn files<'a>(&'a self, see: &mut dyn FnMut(&'a File)) {
        self.file.iter().for_each(&mut *see);
        self.expected.iter().chain(&self.steps).for_each(|step| step.files(see));
    }

    /// As [`RunStep::files`], for changing.
    pub(crate) fn files_mut(&mut self, change: &mut dyn FnMut(&mut File)) {
        self.file.iter_mut().for_each(&mut *change);
        self.expected
            .iter_mut()
            .chain(&mut self.steps)
            .for_each(|step| step.files_mut(change));
    }
}
