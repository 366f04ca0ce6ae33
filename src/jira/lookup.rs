//! What a case names and Jira has to know: issues by key, accounts by name, whether issues may be linked.

use super::links::is_key;
use super::search::Name;
use super::{FoundIssue, Jira};
use crate::domain::IssueKey;
use crate::error::{Error, Kind, Result};
use crate::text::folded;
use crate::web::{Call, Idempotency};
use itertools::Itertools;
use serde_json::{Value, json};
use std::collections::BTreeMap;

impl Jira<'_> {
    /// Issues by the keys that people use: each key that Jira shows with the issue's key now. At most 100 per call.
    pub async fn by_key(&self, keys: &[IssueKey]) -> Result<BTreeMap<IssueKey, IssueKey>> {
        let issues = self.listed(Name::Key, keys, &["issuetype"]).await?;
        let there: Vec<IssueKey> = issues.into_iter().map(|issue| issue.key).collect();
        let moved = there.iter().any(|key| !keys.contains(key));
        let mut found = BTreeMap::new();
        for key in keys {
            if there.contains(key) {
                found.insert(key.clone(), key.clone());
            } else if moved {
                // A moved issue answers to its old key, and a list does not show which one that was.
                let issue = self.issue(key.as_str(), &["issuetype"]).await?;
                found.extend(issue.map(|issue| (key.clone(), issue.key)));
            }
        }
        Ok(found)
    }

    /// Issues with these keys, at most 100 per call, with their labels and project. Texts that are no keys name none.
    pub async fn with_keys(&self, keys: &[IssueKey]) -> Result<Vec<FoundIssue>> {
        let keys: Vec<&IssueKey> = keys.iter().filter(|key| is_key(key.as_str())).collect();
        match keys.is_empty() {
            true => Ok(Vec::new()),
            false => self.listed(Name::Key, &keys, &["labels", "project"]).await,
        }
    }
}

/// Accounts.
#[derive(Clone, Copy)]
pub struct People<'j>(pub(super) &'j Jira<'j>);

impl People<'_> {
    /// True where an account exists: an account id on Cloud, a user name on Data Center.
    pub async fn has_user(self, account: &str) -> Result<bool> {
        let call = Call::get(self.0.path("user")).query(self.0.flavour.user, account);
        let response = self.0.client().answer(call, Idempotency::Safe).await?;
        match response.status {
            200 => Ok(true),
            404 => Ok(false),
            _ => Err(self.0.client().refusal(&response, "GET user")),
        }
    }

    /// The account of a person that TestOps names, as Jira's user fields take it; `None` where not exactly one fits.
    pub async fn account(self, name: &str) -> Result<Option<Value>> {
        let call = Call::get(self.0.path("user/search"))
            .query(self.0.flavour.user_search, name)
            .query("maxResults", 50);
        let users: Value = match self.0.client().json(call, Idempotency::Safe).await {
            Ok(users) => users,
            Err(error) if cannot_ask(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(account(&users, name))
    }
}

/// Without the permission to browse users nobody is found, which is no reason to end the run.
fn cannot_ask(error: &Error) -> bool {
    matches!(error.kind, Kind::Permission | Kind::Rejected | Kind::Missing)
}

fn account(users: &Value, name: &str) -> Option<Value> {
    fn text<'u>(user: &'u Value, member: &str) -> &'u str {
        user.get(member).and_then(Value::as_str).unwrap_or_default()
    }
    let name = folded(name);
    let users = || users.as_array().into_iter().flatten();
    let active = || users().filter(|user| user.get("active").and_then(Value::as_bool) != Some(false));
    // By user name, then by address or its part before the @, then by the name that is shown.
    let ways: [&dyn Fn(&Value) -> bool; 3] = [
        &|user| folded(text(user, "name")) == name,
        &|user| {
            let address = folded(text(user, "emailAddress"));
            address == name
                || address
                    .split('@')
                    .next()
                    .is_some_and(|own| !own.is_empty() && own == name)
        },
        &|user| folded(text(user, "displayName")) == name,
    ];
    let user = ways.iter().find_map(|fits| {
        let mut found = active().filter(|user| fits(user));
        found.next().filter(|_| found.next().is_none())
    })?;
    let member = ["accountId", "name"]
        .into_iter()
        .find(|member| !text(user, member).is_empty())?;
    Some(json!({ member: text(user, member) }))
}

/// Keys of the issues to which an issue has a link of this type, from its own end.
pub fn covered(issue_links: Option<&Value>, link_type: &str) -> Vec<String> {
    let links = issue_links.and_then(Value::as_array).into_iter().flatten();
    let ours = links.filter(|link| {
        let name = link.pointer("/type/name").and_then(Value::as_str);
        name.is_some_and(|name| name.eq_ignore_ascii_case(link_type))
    });
    let keys = ours.filter_map(|link| link.pointer("/outwardIssue/key")?.as_str());
    keys.map(str::to_owned).sorted().dedup().collect()
}

/// Links to add, for the `update` of a create or an edit. The issue itself is the inward side, which shows the outward
/// phrase: the Test tests the other issue.
pub fn cover<'k>(keys: impl Iterator<Item = &'k String>, link_type: &str) -> Vec<Value> {
    keys.map(|key| json!({"add": {"type": {"name": link_type}, "outwardIssue": {"key": key}}}))
        .collect()
}

impl FoundIssue {
    /// A field as it was asked for; null where it is not there.
    pub fn field(&self, id: &str) -> &Value {
        self.fields.get(id).unwrap_or(&Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use super::{account, cover, covered};
    use serde_json::json;

    #[test]
    fn an_account_is_taken_only_where_exactly_one_fits() {
        let users = json!([{"accountId": "1", "displayName": "Ann", "emailAddress": "ann@example.com", "active": true},
            {"accountId": "2", "displayName": "Ann", "emailAddress": "ann.b@example.com", "active": true},
            {"accountId": "3", "displayName": "Bob", "active": false}, {"name": "eve", "displayName": "Eve"}]);
        assert_eq!(account(&users, "ann"), Some(json!({"accountId": "1"})));
        assert_eq!(account(&users, "Eve"), Some(json!({"name": "eve"})));
        assert_eq!((account(&users, "Anna"), account(&users, "bob")), (None, None));
    }

    #[test]
    fn a_link_that_was_made_is_seen_again() {
        let keys = ["A-2".to_owned()];
        assert_eq!(cover(keys.iter(), "Tests")[0]["add"]["outwardIssue"]["key"], "A-2");
        let found = json!([{"type": {"name": "tests"}, "outwardIssue": {"key": "A-2"}},
            {"type": {"name": "Tests"}, "inwardIssue": {"key": "A-3"}},
            {"type": {"name": "Blocks"}, "outwardIssue": {"key": "A-4"}}]);
        assert_eq!(covered(Some(&found), "Tests"), ["A-2"]);
    }
}
