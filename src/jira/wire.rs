//! Jira's JSON, as far as both variants share it.

use crate::ordered::Table;
use serde::Deserialize;
use serde_json::{Map, Value};

/// `serverInfo`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerInfo {
    /// Version, for example `10.3.1`, or `1001.0.0-SNAPSHOT` on Cloud.
    #[serde(default)]
    pub version: String,
    /// `Cloud`, or anything else for Server and Data Center.
    #[serde(default)]
    pub deployment_type: String,
    /// Address as Jira knows itself.
    #[serde(default)]
    pub base_url: String,
}

/// `myself`.
#[derive(Debug, Deserialize)]
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
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// Numeric id.
    pub id: String,
    /// Key now.
    pub key: String,
    /// Name.
    #[serde(default)]
    pub name: String,
}

/// `project/search` on Cloud.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectPage {
    /// Rows.
    #[serde(default)]
    pub values: Vec<Project>,
    /// No page follows.
    pub is_last: Option<bool>,
}

/// `mypermissions`.
#[derive(Debug, Deserialize)]
pub struct Permissions {
    /// By key.
    #[serde(default)]
    pub permissions: Table<String, Permission>,
}

/// One permission.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Permission {
    /// Held.
    #[serde(default)]
    pub have_permission: bool,
}

/// A page of a search, in both variants' shapes.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// Issues.
    #[serde(default)]
    pub issues: Vec<FoundIssue>,
    /// Cloud.
    pub next_page_token: Option<String>,
    /// Cloud.
    pub is_last: Option<bool>,
    /// Data Center.
    pub total: Option<u64>,
}

/// An issue of a search.
#[derive(Debug, Deserialize)]
pub struct FoundIssue {
    /// Numeric id.
    pub id: String,
    /// Key.
    #[serde(default)]
    pub key: String,
    /// The fields that were asked for.
    #[serde(default)]
    pub fields: Map<String, Value>,
}

impl FoundIssue {
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
#[derive(Clone, Debug, Deserialize)]
pub struct CreatedIssue {
    /// Numeric id.
    pub id: String,
    /// Key.
    pub key: String,
}

/// `issue/bulk`: successes in request order, and what failed.
#[derive(Debug, Deserialize)]
pub struct BulkCreated {
    /// Successes.
    #[serde(default)]
    pub issues: Vec<CreatedIssue>,
    /// Failures.
    #[serde(default)]
    pub errors: Vec<BulkError>,
}

/// A failed element.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkError {
    /// Its position in the request.
    pub failed_element_number: Option<usize>,
    /// What is wrong with it.
    #[serde(default)]
    pub element_errors: Value,
}
