//! A Test as the destination has it, and what is to be written to it.

use super::{Issue, PreconditionChange};
use crate::mapping::{Content, Field, Marker, StepText, TestKind};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A Test as the destination has it.
#[derive(Clone, Debug)]
pub struct RemoteTest {
    /// The issue.
    pub issue: Issue,
    /// Numeric id of the project it is in now.
    pub project_id: String,
    /// Labels.
    pub labels: Vec<String>,
    /// Its test type; absent where it is none of those that are exported.
    pub kind: Option<TestKind>,
    /// Issues that belong to it.
    pub associations: Associations,
    /// Digest of each field as the destination has it, to see whether somebody changed it.
    pub digests: BTreeMap<Field, String>,
    /// Fields as people read them, shortened.
    pub shown: BTreeMap<Field, String>,
    /// Its steps in order.
    pub steps: Vec<RemoteStep>,
    /// Its status in the workflow, where statuses are mapped.
    pub status: Option<String>,
    /// When it last changed, in milliseconds since the epoch; 0 where Jira does not say.
    pub updated: u64,
    /// The version that type, definition and steps are of, where it has several.
    pub version: Option<UsedVersion>,
}

/// Issues that belong to a Test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Associations {
    /// Keys of the issues that it covers.
    pub covers: Vec<String>,
    /// Its Preconditions, where they are mapped: by id, or by key where the server returns no ids.
    pub preconditions: Vec<String>,
    /// The Test Sets that it is in, where they are mapped: by id or by key, likewise.
    pub test_sets: Vec<String>,
}

/// The version of a Test that is read and written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsedVersion {
    /// Its id, where requests name it by one.
    pub id: Option<u64>,
    /// Its name, where an option asks for another than the default one; absent also where the Test has none of that name.
    pub name: Option<String>,
    /// How many versions there are, where the server shows that.
    pub all: Option<u64>,
    /// Fields of the version that cannot be written.
    pub left: Vec<Field>,
}

/// A step of a Test.
#[derive(Clone, Debug)]
pub struct RemoteStep {
    /// Id; empty where steps are replaced as a whole.
    pub id: String,
    /// Action, data and expected result.
    pub text: StepText,
    /// Further columns, by name, where steps are written as a whole.
    pub further: Map<String, Value>,
    /// Somebody added it in Jira, and it is to stay.
    pub kept: bool,
}

/// A Test to update.
pub struct Update<'a> {
    /// The Test as the destination has it.
    pub remote: &'a RemoteTest,
    /// What it should hold.
    pub content: &'a Content,
    /// Fields that differ.
    pub fields: &'a [Field],
    /// What becomes of its Preconditions.
    pub precondition: &'a PreconditionChange,
    /// Identifies the case; put back where somebody removed it.
    pub marker: &'a Marker,
}
