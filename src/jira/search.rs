//! Issues by a query, by markers, and by lists of ids or keys.

use super::flavour::SearchStyle;
use super::{Found, FoundIssue, Jira};
use crate::domain::Issue;
use crate::error::{Error, Kind, Result, Side};
use crate::mapping::{Marker, markers};
use crate::ports::Identity;
use crate::web::{Call, Idempotency};
use itertools::Itertools;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Issues per page. Each server gives as many as it likes at a time, which depends on the fields that are asked for.
const PAGE: usize = 1_000;

/// What names the issues of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Id,
    Key,
}

impl Jira<'_> {
    /// Issues of a project by the markers that they carry, from answers that are proven authenticated. At most 100 markers
    /// per call.
    pub async fn find(&self, project_id: &str, markers: &[Marker]) -> Result<BTreeMap<Marker, Vec<Issue>>> {
        let found = self.search(&with_markers(project_id, markers), &["labels"]).await?;
        Ok(by_marker(found))
    }

    /// All issues of a query. A list counts only from an answer that named the account; where the server names none,
    /// `myself` is asked right after: to anybody else a public project shows what it shows to visitors.
    pub async fn search(&self, jql: &str, fields: &[&str]) -> Result<Vec<FoundIssue>> {
        let mut issues: Vec<FoundIssue> = Vec::new();
        let mut token: Option<String> = None;
        // A fuse against a server that never ends.
        for _ in 0..1_000 {
            let call = self.search_page(jql, fields, PAGE, issues.len(), token.as_deref());
            // A project that the account does not see is a wrong value in the query.
            let response = self
                .unless_anonymous(self.client.success(call, Idempotency::Safe).await)
                .await?;
            let found: Found = self.client.decode(&response, "the issue search", Idempotency::Safe)?;
            let count = found.issues.len();
            issues.extend(found.issues);
            let last = match self.flavour.search {
                SearchStyle::Token => {
                    found.is_last == Some(true) || found.next_page_token.is_none() || found.next_page_token == token
                }
                SearchStyle::Offset => count == 0 || found.total.is_none_or(|total| issues.len() as u64 >= total),
            };
            if last {
                if response.identity != Identity::Authenticated {
                    self.myself().await?;
                }
                return Ok(issues);
            }
            token = found.next_page_token;
        }
        Err(Error::new(
            Kind::Unreachable,
            Side::Jira,
            "the issue search does not end",
        ))
    }

    /// The first issue of a query, with its labels.
    pub async fn first(&self, jql: &str) -> Result<Option<FoundIssue>> {
        let call = self.search_page(jql, &["labels"], 1, 0, None);
        let response = self
            .unless_anonymous(self.client.success(call, Idempotency::Safe).await)
            .await?;
        let found: Found = self.client.decode(&response, "the issue search", Idempotency::Safe)?;
        Ok(found.issues.into_iter().next())
    }

    pub(super) fn search_page(
        &self,
        jql: &str,
        fields: &[&str],
        most: usize,
        start: usize,
        token: Option<&str>,
    ) -> Call {
        match self.flavour.search {
            SearchStyle::Token => {
                let mut body = json!({"jql": jql, "maxResults": most, "fields": fields});
                if let (Some(token), Some(body)) = (token, body.as_object_mut()) {
                    body.insert("nextPageToken".to_owned(), Value::from(token));
                }
                Call::post(self.path("search/jql"), &body)
            }
            SearchStyle::Offset => Call::post(
                self.path("search"),
                // Without it, one deleted key or id in a list fails the whole query.
                &json!({"jql": jql, "startAt": start, "maxResults": most, "fields": fields, "validateQuery": false}),
            ),
        }
    }

    /// Issues of a list, at most 100 per call, as far as Jira shows them.
    pub(super) async fn listed<T: AsRef<str>>(&self, by: Name, list: &[T], fields: &[&str]) -> Result<Vec<FoundIssue>> {
        if self.flavour.bulk_fetch {
            return self.bulk_fetch(list, fields).await;
        }
        let name = match by {
            Name::Id => "id",
            Name::Key => "key",
        };
        let list = list.iter().map(AsRef::as_ref).join(",");
        self.search(&format!("{name} in ({list}) ORDER BY id ASC"), fields)
            .await
    }
}

/// JQL for the issues of a project that carry one of these markers.
pub fn with_markers(project_id: &str, markers: &[Marker]) -> String {
    let labels = markers.iter().map(|marker| format!("\"{}\"", marker.0)).join(",");
    format!("project = {project_id} AND labels in ({labels}) ORDER BY id ASC")
}

/// Issues by the markers on them.
pub fn by_marker(found: Vec<FoundIssue>) -> BTreeMap<Marker, Vec<Issue>> {
    let mut map: BTreeMap<Marker, Vec<Issue>> = BTreeMap::new();
    for issue in found {
        let labels = issue.labels();
        for marker in markers(labels.iter().map(String::as_str)) {
            map.entry(marker).or_default().push(issue.issue());
        }
    }
    map
}
