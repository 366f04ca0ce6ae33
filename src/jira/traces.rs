//! What people left on issues, and deleting issues that nobody touched.

use super::attachment::{Attached, attached};
use super::search::Name;
use super::{Found, FoundIssue, Jira};
use crate::domain::IssueId;
use crate::error::{Kind, Result};
use crate::ports::Identity;
use crate::web::{Call, Idempotency};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const FIELDS: [&str; 5] = ["summary", "labels", "comment", "issuelinks", "attachment"];

/// What people leave on an issue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traces {
    /// Summary; absent where Jira does not show it.
    pub summary: Option<String>,
    /// Labels.
    pub labels: Vec<String>,
    /// Comments.
    pub comments: usize,
    /// Links to other issues.
    pub links: usize,
    /// Attached files.
    pub attachments: Vec<Attached>,
}

impl Jira<'_> {
    /// What people left on issues, by id, in order; absent: gone or invisible, from an authenticated answer.
    pub async fn traces(&self, ids: &[IssueId]) -> Result<Vec<Option<Traces>>> {
        let issues = self.listed(Name::Id, ids, &FIELDS).await?;
        let mut found = BTreeMap::from_iter(issues.iter().map(|issue| (issue.id.clone(), traces(issue))));
        Ok(ids.iter().map(|id| found.remove(id)).collect())
    }

    /// Issues of these that are there, with their labels, by id, at most 100 per call; the others are gone or invisible, from
    /// an authenticated answer. Where lists are read from an index, each that it does not show is read by itself.
    pub async fn existing(&self, ids: &[IssueId]) -> Result<BTreeMap<IssueId, FoundIssue>> {
        let found = self.listed(Name::Id, ids, &["labels"]).await?;
        let mut found = BTreeMap::from_iter(found.into_iter().map(|issue| (issue.id.clone(), issue)));
        if !self.flavour.bulk_fetch {
            for id in ids {
                if !found.contains_key(id)
                    && let Some(issue) = self.issue(id.as_str(), &["labels"]).await?
                {
                    found.insert(id.clone(), issue);
                }
            }
        }
        Ok(found)
    }

    /// `POST issue/bulkfetch` on Cloud: reads the database, not the index, at most 100 per call.
    pub async fn bulk_fetch<T: AsRef<str>>(&self, ids: &[T], fields: &[&str]) -> Result<Vec<FoundIssue>> {
        let listed: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
        let call = Call::post(
            self.path("issue/bulkfetch"),
            &json!({"issueIdsOrKeys": listed, "fields": fields}),
        );
        let response = self.client().success(call, Idempotency::Safe).await?;
        let found: Found = self
            .client()
            .decode(&response, "POST issue/bulkfetch", Idempotency::Safe)?;
        if found.issues.len() < ids.len() && response.identity != Identity::Authenticated {
            self.myself().await?;
        }
        Ok(found.issues)
    }

    /// `DELETE issue/{id}`. An issue that is gone already is as good.
    pub async fn delete(&self, id: &IssueId) -> Result<()> {
        match self
            .client()
            .success(Call::delete(self.path(&format!("issue/{id}"))), Idempotency::Idempotent)
            .await
        {
            Err(error) if error.kind == Kind::Missing => Ok(()),
            other => other.map(drop),
        }
    }
}

fn traces(issue: &FoundIssue) -> Traces {
    let list = |value: Option<&Value>| value.and_then(Value::as_array).map_or(0, Vec::len);
    let comments = issue.fields.get("comment");
    let summary = issue.fields.get("summary").and_then(Value::as_str);
    Traces {
        summary: summary.map(str::to_owned),
        labels: issue.labels(),
        comments: list(comments.and_then(|c| c.get("comments"))).max(list(comments)),
        links: list(issue.fields.get("issuelinks")),
        attachments: attached(issue.fields.get("attachment")),
    }
}
