//! What rows point at: trackers, keys, links, parameters, defects.

/// A link in the "Links" part of a case, launch or result.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Link {
    /// The text shown.
    pub name: String,
    /// The kind, such as `issue` or `tms`.
    pub kind: Option<String>,
    /// Where it leads.
    pub url: String,
}

/// An issue of a connected tracker.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Issue {
    /// The tracker's key, such as `AS-2`; `name` on the wire.
    pub key: String,
    /// The integration it comes from.
    pub integration: i64,
    /// The issue's title.
    pub summary: String,
    /// The tracker's status name.
    pub status: String,
    /// Whether the tracker counts it as done.
    pub closed: bool,
}

impl Issue {
    /// An open issue of this integration.
    #[must_use]
    pub fn new(key: &str, integration: i64) -> Self {
        Self {
            key: key.into(),
            integration,
            summary: key.into(),
            status: "Open".into(),
            closed: false,
        }
    }
}

/// The key of a case in another test management system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestKey {
    /// 0 until stored.
    pub id: i64,
    /// The integration that knows the key.
    pub integration: i64,
    /// The key, such as `CALC-7`.
    pub name: String,
}

impl TestKey {
    /// A key of this integration.
    #[must_use]
    pub fn new(name: &str, integration: i64) -> Self {
        Self {
            id: 0,
            integration,
            name: name.into(),
        }
    }
}

/// A relation from one case to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Relation {
    /// 0 until stored.
    pub id: i64,
    /// The other case.
    pub target: i64,
    /// One of `related to`, `clones`, `is cloned by`, `duplicates`, `is duplicated by`, `automates`, `is automated by`.
    pub kind: String,
}

/// A parameter of a result or of one of its steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parameter {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
    /// Never to be shown.
    pub hidden: bool,
    /// No part of the result's identity.
    pub excluded: bool,
}

impl Parameter {
    /// A plain parameter.
    #[must_use]
    pub fn new(name: &str, value: &str) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            ..Self::default()
        }
    }
}

/// A defect of a project.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Defect {
    /// 0 until stored.
    pub id: i64,
    /// The project it belongs to; filled in by the site.
    pub project: i64,
    /// The title.
    pub name: String,
    /// Markdown.
    pub description: Option<String>,
    /// Whether it is closed.
    pub closed: bool,
    /// The tracker's issue.
    pub issue: Option<Issue>,
}

/// An integration of the installation, switched on in every project.
#[derive(Clone, Debug, PartialEq)]
pub struct Integration {
    /// The id by which test keys and issues name it.
    pub id: i64,
    /// The name given by the administrator.
    pub name: String,
    /// The type on the wire: `jira`, `jira_cloud`, `xray`, `xray_cloud`, …
    pub kind: String,
    /// The tracker's address, without a trailing slash.
    pub url: String,
}

impl Integration {
    /// An integration of this type.
    #[must_use]
    pub fn new(id: i64, kind: &str, url: &str) -> Self {
        Self {
            id,
            name: format!("{kind} {id}"),
            kind: kind.into(),
            url: url.trim_end_matches('/').into(),
        }
    }

    /// Where a key of this integration leads.
    #[must_use]
    pub fn browse(&self, key: &str) -> String {
        format!("{}/browse/{key}", self.url)
    }
}
