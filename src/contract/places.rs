//! Where a person can look at what a verdict is about.

use crate::domain::Unit;
use crate::setup::Settings;

/// Addresses of both sides, without a final slash.
#[derive(Default)]
pub struct Places {
    testops: String,
    project: String,
    jira: String,
}

impl Places {
    /// By the settings of a run.
    pub fn new(settings: &Settings) -> Self {
        let address = |name| {
            settings
                .value(name)
                .unwrap_or_default()
                .trim_end_matches('/')
                .to_owned()
        };
        Places {
            testops: address("testops-endpoint"),
            project: address("testops-project-id"),
            jira: address("endpoint"),
        }
    }

    /// The page of an entity in TestOps.
    pub fn source(&self, unit: Unit, id: u64) -> Option<String> {
        let Places { testops, project, .. } = self;
        Some(match unit {
            Unit::TestCase => format!("{testops}/project/{project}/test-cases/{id}"),
            Unit::Launch => format!("{testops}/launch/{id}"),
        })
        .filter(|_| !testops.is_empty())
    }

    /// The page of an issue.
    pub fn issue(&self, key: &str) -> Option<String> {
        Some(format!("{}/browse/{key}", self.jira)).filter(|_| !self.jira.is_empty() && !key.is_empty())
    }
}
