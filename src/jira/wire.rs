//! Jira's JSON, as far as both variants share it.

use crate::domain::{Issue, IssueId, IssueKey};
use crate::json::filled;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// `serverInfo`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ServerInfo {
    /// Version, for example `10.3.1`, or `1001.0.0-SNAPSHOT` on Cloud.
    pub version: String,
    /// `Cloud`, or anything else for Server and Data Center.
    pub deployment_type: String,
    /// Address as Jira knows itself.
    pub base_url: String,
}

/// `myself`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Me {
    /// Name for people.
    pub display_name: Option<String>,
    /// Data Center's user name.
    pub name: Option<String>,
    /// A deactivated account cannot create issues.
    pub active: Option<bool>,
}

/// `project/{key}` and rows of project lists.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Project {
    /// Numeric id.
    #[serde(deserialize_with = "filled")]
    pub id: String,
    /// Key now.
    #[serde(deserialize_with = "filled")]
    pub key: String,
    /// Name.
    #[serde(default)]
    pub name: String,
}

impl Project {
    /// Number of an issue key of the project.
    pub fn number(&self, key: &IssueKey) -> Option<u64> {
        let (project, number) = key.as_str().rsplit_once('-')?;
        number.parse().ok().filter(|_| project == self.key)
    }
}

/// `project/search` on Cloud.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProjectPage {
    /// Rows.
    pub values: Vec<Project>,
    /// No page follows.
    pub is_last: Option<bool>,
}

/// `mypermissions`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Permissions {
    /// By key.
    pub permissions: BTreeMap<String, Permission>,
}

/// One permission.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Permission {
    /// Held.
    pub have_permission: bool,
}

/// A page of a search, in both variants' shapes.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Found {
    /// Issues.
    pub issues: Vec<FoundIssue>,
    /// Cloud.
    pub next_page_token: Option<String>,
    /// Cloud.
    pub is_last: Option<bool>,
    /// Data Center.
    pub total: Option<u64>,
}

/// An issue of a search.
#[derive(Debug, Default, Deserialize)]
pub struct FoundIssue {
    /// Numeric id.
    pub id: IssueId,
    /// Key.
    #[serde(default)]
    pub key: IssueKey,
    /// The fields that were asked for.
    #[serde(default)]
    pub fields: Map<String, Value>,
}

impl FoundIssue {
    /// The issue itself.
    pub fn issue(&self) -> Issue {
        Issue {
            id: self.id.clone(),
            key: self.key.clone(),
        }
    }

    /// Its labels, where they were asked for.
    pub fn labels(&self) -> Vec<String> {
        let labels = self.fields.get("labels").and_then(Value::as_array);
        labels
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    }

    /// Numeric id of its project, where it was asked for.
    pub fn project_id(&self) -> Option<&str> {
        self.fields.get("project")?.get("id")?.as_str()
    }
}

/// A created issue.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct CreatedIssue {
    /// Numeric id.
    pub id: IssueId,
    /// Key.
    pub key: IssueKey,
}

impl From<CreatedIssue> for Issue {
    fn from(CreatedIssue { id, key }: CreatedIssue) -> Self {
        Issue { id, key }
    }
}

/// `issue/bulk`: successes in request order, and what failed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct BulkCreated {
    /// Successes.
    pub issues: Vec<CreatedIssue>,
    /// Failures.
    pub errors: Vec<BulkError>,
}

/// A failed element.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BulkError {
    /// Its position in the request.
    pub failed_element_number: Option<usize>,
    /// What is wrong with it.
    pub element_errors: Value,
}

impl<'de> Deserialize<'de> for IssueId {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        filled(reader).map(Self::from)
    }
}

impl<'de> Deserialize<'de> for IssueKey {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        filled(reader).map(Self::from)
    }
}

impl Serialize for IssueId {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        writer.serialize_str(self.as_str())
    }
}

impl Serialize for IssueKey {
    fn serialize<S: Serializer>(&self, writer: S) -> Result<S::Ok, S::Error> {
        writer.serialize_str(self.as_str())
    }
}
