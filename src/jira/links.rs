//! Other issues of the same Jira: which of those that TestOps names are here, and links to them.

use super::search::Name;
use super::{FoundIssue, Jira};
use crate::domain::{Issue, IssueLink};
use crate::error::{Kind, Result};
use crate::web::{Call, Idempotency};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Keys per lookup.
const KEYS: usize = 100;

/// Links between issues.
#[derive(Clone, Copy)]
pub struct Links<'j>(pub(super) &'j Jira<'j>);

impl Links<'_> {
    /// Issues among these that stand at one of the addresses of this site and that the account sees. The same key may
    /// exist in two Jiras: where TestOps has an address, it counts.
    pub async fn own_issues(self, sites: &[String], issues: &[IssueLink]) -> Result<BTreeMap<IssueLink, Issue>> {
        let here = |issue: &&IssueLink| {
            let at = |url: &str| sites.iter().any(|site| stands_at(url, site));
            is_key(&issue.key) && issue.url.as_deref().is_none_or(at)
        };
        let keys = BTreeSet::from_iter(issues.iter().filter(here).map(|issue| issue.key.clone()));
        let keys: Vec<String> = keys.into_iter().collect();
        let mut found = BTreeMap::new();
        for chunk in keys.chunks(KEYS) {
            for issue in self.0.listed(Name::Key, chunk, &["labels"]).await? {
                let FoundIssue { id, key, .. } = issue;
                found.insert(key.to_string(), Issue { id, key });
            }
        }
        let own = issues.iter().filter(here);
        let own = own.filter_map(|issue| Some((issue.clone(), found.get(&issue.key)?.clone())));
        Ok(BTreeMap::from_iter(own))
    }

    /// Names of the link types.
    pub async fn link_types(self) -> Result<Vec<String>> {
        let types: Value = self
            .0
            .client()
            .json(Call::get(self.0.path("issueLinkType")), Idempotency::Safe)
            .await?;
        let types = types.get("issueLinkTypes").and_then(Value::as_array);
        let names = types
            .into_iter()
            .flatten()
            .filter_map(|kind| kind.get("name")?.as_str());
        Ok(names.map(str::to_owned).collect())
    }

    /// Links an issue to others where it is not linked to them yet. Returns what Jira refuses, for people: a link is
    /// never worth an export.
    pub async fn link_to(self, issue: &Issue, kind: &str, others: &[Issue]) -> Result<Vec<String>> {
        let there = match self.0.issue(issue.id.as_str(), &["issuelinks"]).await? {
            Some(found) => linked(&found),
            None => return Ok(Vec::new()),
        };
        let mut refused = Vec::new();
        for other in others.iter().filter(|other| !there.contains(other.key.as_str())) {
            let body =
                json!({"type": {"name": kind}, "inwardIssue": {"key": issue.key}, "outwardIssue": {"key": other.key}});
            let sent = self
                .0
                .client()
                .success(Call::post(self.0.path("issueLink"), &body), Idempotency::Idempotent)
                .await;
            match sent {
                Ok(_) => {}
                Err(error) if error.concerns_one_item() || error.kind == Kind::Permission => {
                    refused.push(format!("{} is not linked: {}", other.key, error.message));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(refused)
    }

    /// Why issues cannot be linked; `None` where they can.
    pub async fn why_not_linked(self, project: &str, link_type: &str) -> Result<Option<String>> {
        if !self.0.projects().holds(project, "LINK_ISSUES").await? {
            return Ok(Some("the account lacks LINK_ISSUES in the project".to_owned()));
        }
        let call = Call::get(self.0.path("issueLinkType"));
        let types: Value = match self.0.client().json(call, Idempotency::Safe).await {
            Ok(types) => types,
            // Jira answers so where issue linking is switched off.
            Err(error) if error.kind == Kind::Missing => return Ok(Some("issue linking is switched off".to_owned())),
            Err(error) => return Err(error),
        };
        let types = types
            .get("issueLinkTypes")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let names: Vec<&str> = types.filter_map(|t| t.get("name")?.as_str()).collect();
        let known = names.iter().any(|name| name.eq_ignore_ascii_case(link_type));
        Ok((!known).then(|| format!("Jira has no link type {link_type}, but {}", names.join(", "))))
    }
}

/// Keys at the other ends of an issue's links.
fn linked(issue: &FoundIssue) -> BTreeSet<String> {
    let links = issue.fields.get("issuelinks").and_then(Value::as_array);
    let end = |link: &Value, name: &str| Some(link.get(name)?.get("key")?.as_str()?.to_owned());
    let ends = |link: &Value| [end(link, "inwardIssue"), end(link, "outwardIssue")];
    BTreeSet::from_iter(links.into_iter().flatten().flat_map(ends).flatten())
}

/// An address below a site, whatever the scheme.
fn stands_at(url: &str, site: &str) -> bool {
    let bare = |text: &str| {
        let rest = text.trim().split_once("://").map_or(text, |(_, rest)| rest);
        rest.trim_end_matches('/').to_ascii_lowercase()
    };
    let (url, site) = (bare(url), bare(site));
    !site.is_empty() && url.strip_prefix(&site).is_some_and(|rest| rest.starts_with('/'))
}

/// `PROJECT_1-12`, and nothing that means anything else in a query.
pub(super) fn is_key(text: &str) -> bool {
    let Some((project, number)) = text.split_once('-') else {
        return false;
    };
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    project.starts_with(|c: char| c.is_ascii_alphabetic())
        && project.chars().all(letter)
        && !number.is_empty()
        && number.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::{is_key, stands_at};

    #[test]
    fn an_issue_is_here_only_below_the_sites_own_address() {
        let site = "https://jira.example.com/jira/";
        assert!(stands_at("http://JIRA.example.com/jira/browse/A-1", site));
        for elsewhere in [
            "https://jira.example.com/browse/A-1",
            "https://jira.example.com.evil/jira/browse/A-1",
            "https://jira.example.com/jira2/browse/A-1",
        ] {
            assert!(!stands_at(elsewhere, site), "{elsewhere}");
        }
        assert!(!stands_at("https://x/browse/A-1", ""));
    }

    #[test]
    fn only_keys_reach_a_query() {
        assert!(is_key("CALC-12") && is_key("C_2-1"));
        for text in ["CALC", "-1", "CALC-", "CALC-1) OR 1", "2C-1", "CALC-1-2", "№-1"] {
            assert!(!is_key(text), "{text}");
        }
    }
}
