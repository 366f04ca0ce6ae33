//! Jira's JSON, as far as both variants share it.

use crate::json::members;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// `serverInfo`.
#[derive(Debug, Default)]
pub struct ServerInfo {
    /// Version, for example `10.3.1`, or `1001.0.0-SNAPSHOT` on Cloud.
    pub version: String,
    /// `Cloud`, or anything else for Server and Data Center.
    pub deployment_type: String,
    /// Address as Jira knows itself.
    pub base_url: String,
}
members!(ServerInfo {
    version,
    deployment_type: "deploymentType",
    base_url: "baseUrl"
});

/// `myself`.
#[derive(Debug, Default)]
pub struct Me {
    /// Name for people.
    pub display_name: Option<String>,
    /// Data Center's user name.
    pub name: Option<String>,
    /// A deactivated account cannot create issues.
    pub active: Option<bool>,
}
members!(Me {
    display_name: "displayName",
    name,
    active
});

/// `project/{key}` and rows of project lists.
#[derive(Debug, Default)]
pub struct Project {
    /// Numeric id.
    pub id: String,
    /// Key now.
    pub key: String,
    /// Name.
    pub name: String,
}
members!(Project { id, key, name } needs id, key);

/// `project/search` on Cloud.
#[derive(Debug, Default)]
pub struct ProjectPage {
    /// Rows.
    pub values: Vec<Project>,
    /// No page follows.
    pub is_last: Option<bool>,
}
members!(ProjectPage {
    values,
    is_last: "isLast"
});

/// `mypermissions`.
#[derive(Debug, Default)]
pub struct Permissions {
    /// By key.
    pub permissions: BTreeMap<String, Permission>,
}
members!(Permissions { permissions });

/// One permission.
#[derive(Debug, Default)]
pub struct Permission {
    /// Held.
    pub have_permission: bool,
}
members!(Permission {
    have_permission: "havePermission"
});

/// A page of a search, in both variants' shapes.
#[derive(Debug, Default)]
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
members!(Found {
    issues,
    next_page_token: "nextPageToken",
    is_last: "isLast",
    total
});

/// An issue of a search.
#[derive(Debug, Default)]
pub struct FoundIssue {
    /// Numeric id.
    pub id: String,
    /// Key.
    pub key: String,
    /// The fields that were asked for.
    pub fields: Map<String, Value>,
}
members!(FoundIssue { id, key, fields } needs id);

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
#[derive(Clone, Debug, Default)]
pub struct CreatedIssue {
    /// Numeric id.
    pub id: String,
    /// Key.
    pub key: String,
}
members!(CreatedIssue { id, key } needs id, key);

/// `issue/bulk`: successes in request order, and what failed.
#[derive(Debug, Default)]
pub struct BulkCreated {
    /// Successes.
    pub issues: Vec<CreatedIssue>,
    /// Failures.
    pub errors: Vec<BulkError>,
}
members!(BulkCreated { issues, errors });

/// A failed element.
#[derive(Debug, Default)]
pub struct BulkError {
    /// Its position in the request.
    pub failed_element_number: Option<usize>,
    /// What is wrong with it.
    pub element_errors: Value,
}
members!(BulkError {
    failed_element_number: "failedElementNumber",
    element_errors: "elementErrors"
});
