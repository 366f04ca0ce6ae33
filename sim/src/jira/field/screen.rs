//! Screens: which fields can be set where.

use std::collections::BTreeMap;

/// Fields Jira puts on every default screen.
pub(super) const DEFAULT_SCREEN: [&str; 14] = [
    "summary",
    "issuetype",
    "description",
    "labels",
    "reporter",
    "assignee",
    "priority",
    "components",
    "fixVersions",
    "versions",
    "environment",
    "duedate",
    "issuelinks",
    "attachment",
];

/// What a screen says about a field on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    /// A create without a value is refused.
    pub required: bool,
    /// Jira fills it in when it is not sent, so `required` never bites.
    pub has_default: bool,
}

/// The fields that can be set, by field id.
#[derive(Clone, Debug, Default)]
pub struct Screen {
    fields: BTreeMap<String, Placement>,
}

impl Screen {
    /// Puts a field on the screen.
    pub fn put(&mut self, field: &str, placement: Placement) {
        self.fields.insert(field.to_owned(), placement);
    }

    /// Takes a field off the screen; setting it is then refused.
    pub fn remove(&mut self, field: &str) {
        self.fields.remove(field);
    }

    /// Makes a field mandatory (and puts it on the screen).
    pub fn require(&mut self, field: &str) {
        self.put(
            field,
            Placement {
                required: true,
                has_default: false,
            },
        );
    }

    /// The field's placement, if it is on the screen.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<Placement> {
        self.fields.get(field).copied()
    }

    /// Fields on the screen, by id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Placement)> {
        self.fields.iter().map(|(id, placement)| (id.as_str(), *placement))
    }
}

/// The two screens of an issue type in a project.
#[derive(Clone, Debug, Default)]
pub struct Screens {
    /// Shown when creating.
    pub create: Screen,
    /// Shown when editing.
    pub edit: Screen,
}
