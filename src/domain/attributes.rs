//! What TestOps keeps beside a case's texts and steps.

/// Attributes of a test case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// Layer, for example `API`.
    pub layer: Option<String>,
    /// Status in the workflow, for example `Draft`.
    pub status: Option<String>,
    /// Workflow.
    pub workflow: Option<String>,
    /// Members, by role and name.
    pub members: Vec<Member>,
    /// Custom fields, by name, each with its values in order.
    pub fields: Vec<CustomField>,
    /// Links.
    pub links: Vec<Link>,
    /// Issues of connected trackers, by key.
    pub issues: Vec<IssueLink>,
    /// Keys of the case in other test management systems.
    pub test_keys: Vec<TestKey>,
}

/// Who takes part, and as what.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// Role, for example `Owner`.
    pub role: String,
    /// User name.
    pub name: String,
}

/// A custom field with its values.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct CustomField {
    /// Name.
    pub name: String,
    /// Values, sorted.
    pub values: Vec<String>,
}

/// A link to anywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// Text; may be empty.
    pub name: String,
    /// Address as a person typed it.
    pub url: String,
}

/// An issue of a tracker.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct IssueLink {
    /// Key, for example `CALC-12`.
    pub key: String,
    /// Address, where TestOps knows it.
    pub url: Option<String>,
}

/// The key of a case in another test management system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestKey {
    /// Key.
    pub name: String,
    /// TestOps' id of the integration that knows the key.
    pub integration: Option<i64>,
}
