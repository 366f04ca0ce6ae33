//! What a case names and Jira has to know: issues by key, accounts by name, whether issues may be linked.

use super::{FoundIssue, Jira, Variant};
use crate::error::{Error, Kind, Result};
use crate::web::{Call, Verb};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LinkTypes {
    #[serde(default)]
    issue_link_types: Vec<LinkType>,
}

#[derive(Deserialize)]
struct LinkType {
    name: String,
}

/// A row of `user/search`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    account_id: Option<String>,
    name: Option<String>,
    display_name: Option<String>,
    email_address: Option<String>,
    active: Option<bool>,
}

impl Jira<'_> {
    /// Issues by the keys that people use: each key that Jira shows with the issue's key now. At most 100 a call.
    pub async fn by_key(&self, keys: &[String]) -> Result<BTreeMap<String, String>> {
        let issues = match self.variant() {
            Variant::Cloud => self.bulk_fetch(keys, &["issuetype"]).await?,
            Variant::DataCenter => {
                let jql = format!("key in ({}) ORDER BY id ASC", keys.join(","));
                self.search(&jql, &["issuetype"]).await?
            }
        };
        let there: Vec<String> = issues.into_iter().map(|issue| issue.key).collect();
        let moved = there.iter().any(|key| !keys.contains(key));
        let mut found = BTreeMap::new();
        for key in keys {
            if there.contains(key) {
                found.insert(key.clone(), key.clone());
            } else if moved {
                // A moved issue answers to its old key, and a list does not say which one that was.
                let issue = self.issue(key, &["issuetype"]).await?;
                found.extend(issue.map(|issue| (key.clone(), issue.key)));
            }
        }
        Ok(found)
    }

    /// Why issues cannot be linked; `None` where they can.
    pub async fn why_not_linked(&self, project: &str, link_type: &str) -> Result<Option<String>> {
        if !self.holds(project, "LINK_ISSUES").await? {
            return Ok(Some("the account lacks LINK_ISSUES in the project".to_owned()));
        }
        let call = Call::get(self.path("issueLinkType"));
        let types: LinkTypes = match self.client().json(call, Verb::Read).await {
            Ok(types) => types,
            // Jira answers so where issue linking is switched off.
            Err(error) if error.kind == Kind::Missing => return Ok(Some("issue linking is switched off".to_owned())),
            Err(error) => return Err(error),
        };
        let names: Vec<&str> = types.issue_link_types.iter().map(|t| t.name.as_str()).collect();
        let known = names.iter().any(|name| name.eq_ignore_ascii_case(link_type));
        Ok((!known).then(|| format!("Jira has no link type {link_type}, but {}", names.join(", "))))
    }

    /// The account of a person that TestOps names, as Jira's user fields take it; `None` where not exactly one fits.
    pub async fn account(&self, name: &str) -> Result<Option<Value>> {
        let parameter = match self.variant() {
            Variant::Cloud => "query",
            Variant::DataCenter => "username",
        };
        let call = Call::get(self.path("user/search"))
            .query(parameter, name)
            .query("maxResults", 50);
        let users: Vec<User> = match self.client().json(call, Verb::Read).await {
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

fn account(users: &[User], name: &str) -> Option<Value> {
    let is = |text: &Option<String>| {
        text.as_ref()
            .is_some_and(|text| text.to_lowercase() == name.to_lowercase())
    };
    let mail = |user: &User| {
        let address = user.email_address.as_deref().unwrap_or_default();
        let own = address.split('@').next().unwrap_or_default();
        address.eq_ignore_ascii_case(name) || !own.is_empty() && own.eq_ignore_ascii_case(name)
    };
    let active = || users.iter().filter(|user| user.active != Some(false));
    let only = |fits: &dyn Fn(&&User) -> bool| {
        let mut found = active().filter(fits);
        found.next().filter(|_| found.next().is_none())
    };
    let user = only(&|user| is(&user.name))
        .or_else(|| only(&|user| mail(user)))
        .or_else(|| only(&|user| is(&user.display_name)))?;
    match (&user.account_id, &user.name) {
        (Some(id), _) => Some(json!({"accountId": id})),
        (None, Some(name)) => Some(json!({"name": name})),
        (None, None) => None,
    }
}

/// Keys of the issues to which an issue has a link of this type, from its own end.
pub fn covered(issue_links: Option<&Value>, link_type: &str) -> Vec<String> {
    let links = issue_links.and_then(Value::as_array).into_iter().flatten();
    let ours = links.filter(|link| {
        let name = link.pointer("/type/name").and_then(Value::as_str);
        name.is_some_and(|name| name.eq_ignore_ascii_case(link_type))
    });
    let mut keys: Vec<String> = ours
        .filter_map(|link| link.pointer("/outwardIssue/key")?.as_str())
        .map(str::to_owned)
        .collect();
    keys.sort_unstable();
    keys
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
    use super::{User, account, cover, covered};
    use serde_json::json;

    #[test]
    fn an_account_is_taken_only_where_exactly_one_fits() {
        let users: Vec<User> = serde_json::from_str(
            r#"[{"accountId":"1","displayName":"Ann","emailAddress":"ann@example.com","active":true},
            {"accountId":"2","displayName":"Ann","emailAddress":"ann.b@example.com","active":true},
            {"accountId":"3","displayName":"Bob","active":false},{"name":"eve","displayName":"Eve"}]"#,
        )
        .unwrap();
        assert_eq!(account(&users, "ann"), Some(json!({"accountId": "1"})));
        assert_eq!(account(&users, "Eve"), Some(json!({"name": "eve"})));
        assert_eq!((account(&users[..2], "Anna"), account(&users, "bob")), (None, None));
    }

    #[test]
    fn a_link_that_was_made_is_seen_again() {
        let keys = vec!["A-2".to_owned()];
        assert_eq!(cover(keys.iter(), "Tests")[0]["add"]["outwardIssue"]["key"], "A-2");
        let told = json!([{"type": {"name": "tests"}, "outwardIssue": {"key": "A-2"}},
            {"type": {"name": "Tests"}, "inwardIssue": {"key": "A-3"}},
            {"type": {"name": "Blocks"}, "outwardIssue": {"key": "A-4"}}]);
        assert_eq!(covered(Some(&told), "Tests"), ["A-2"]);
    }
}
