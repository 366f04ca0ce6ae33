//! Launches.

use super::{Issue, Link, Stamp, TestResult};

/// A launch and, until it is stored, its results.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Launch {
    /// 0 until stored.
    pub id: i64,
    /// The project; filled in by the site.
    pub project: i64,
    /// The name.
    pub name: String,
    /// Final until reopened.
    pub closed: bool,
    /// Closes by the project's rule.
    pub autoclose: bool,
    /// Came from outside.
    pub external: bool,
    /// Tags by name.
    pub tags: Vec<String>,
    /// Links.
    pub links: Vec<Link>,
    /// Tracker issues.
    pub issues: Vec<Issue>,
    /// Environment: variable name, value; a variable may have several values.
    pub environment: Vec<(String, String)>,
    /// Names of the jobs that fed it.
    pub jobs: Vec<String>,
    /// Results to be stored with it, oldest first.
    pub results: Vec<TestResult>,
    /// When it was made and changed.
    pub stamp: Stamp,
}

impl Launch {
    /// An open launch.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// Fixes the id.
    #[must_use]
    pub fn id(mut self, id: i64) -> Self {
        self.id = id;
        self
    }

    /// Closes it.
    #[must_use]
    pub fn closed(mut self) -> Self {
        self.closed = true;
        self
    }

    /// Adds a tag.
    #[must_use]
    pub fn tag(mut self, name: &str) -> Self {
        self.tags.push(name.into());
        self
    }

    /// Adds an environment variable's value.
    #[must_use]
    pub fn environment(mut self, variable: &str, value: &str) -> Self {
        self.environment.push((variable.into(), value.into()));
        self
    }

    /// Adds a link.
    #[must_use]
    pub fn link(mut self, name: &str, url: &str) -> Self {
        self.links.push(Link {
            name: name.into(),
            kind: None,
            url: url.into(),
        });
        self
    }

    /// Adds a tracker issue.
    #[must_use]
    pub fn issue(mut self, issue: Issue) -> Self {
        self.issues.push(issue);
        self
    }

    /// Adds a job that fed it.
    #[must_use]
    pub fn job(mut self, name: &str) -> Self {
        self.jobs.push(name.into());
        self
    }

    /// Adds a result.
    #[must_use]
    pub fn result(mut self, result: TestResult) -> Self {
        self.results.push(result);
        self
    }

    /// Adds attempts of one test, oldest first: all but the last are hidden and point at the last.
    #[must_use]
    pub fn attempts(mut self, attempts: impl IntoIterator<Item = TestResult>) -> Self {
        let mut attempts: Vec<_> = attempts.into_iter().collect();
        let count = attempts.len();
        for (at, attempt) in attempts.iter_mut().enumerate() {
            attempt.retried_in = count - 1 - at;
            attempt.hidden = attempt.retried_in > 0;
        }
        self.results.append(&mut attempts);
        self
    }
}

/// Why a case is muted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mute {
    /// The title.
    pub name: String,
    /// Markdown.
    pub reason: Option<String>,
    /// Tracker issues.
    pub issues: Vec<Issue>,
    /// When it was muted.
    pub stamp: Stamp,
}
