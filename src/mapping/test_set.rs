//! The Test Sets that a Test is added to.

use crate::domain::{Attributes, Issue};
use crate::text::same;
use itertools::Itertools;

/// Test Sets that a case names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestSets {
    /// Keys or summaries, as the case has them, until the destination was asked about them.
    pub names: Vec<String>,
    /// The issues that they are, by id.
    pub issues: Vec<Issue>,
}

impl TestSets {
    /// Those that a custom field of a case names.
    pub fn of(attributes: &Attributes, field: Option<&String>) -> Self {
        let held = attributes
            .fields
            .iter()
            .filter(|held| field.is_some_and(|name| same(&held.name, name)));
        let names = held.flat_map(|held| &held.values).map(|name| name.trim().to_owned());
        TestSets {
            names: names.filter(|name| !name.is_empty()).sorted().dedup().collect(),
            issues: Vec::new(),
        }
    }

    /// What is compared: ids, which stay when a set is renamed.
    pub fn digest(&self) -> String {
        let ids = self.issues.iter().map(|issue| issue.id.as_str());
        self.names.iter().map(String::as_str).chain(ids).join(",")
    }

    /// Keys, or what the case names, for people.
    pub fn shown(&self) -> String {
        let keys = self.issues.iter().map(|issue| issue.key.as_str());
        self.names.iter().map(String::as_str).chain(keys).join(", ")
    }
}
