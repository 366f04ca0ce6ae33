//! What cases name and only the destination can tell: issues that a Test covers, and accounts. Each is asked for once in a
//! run, and nothing where no case names any.

use super::Run;
use super::cases::Item;
use crate::domain::IssueKey;
use crate::error::Result;
use crate::ports::Pending;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Keys a look-up.
const LOOK_UP: usize = 100;

/// What was asked for in this run.
#[derive(Default)]
pub(super) struct Resolved {
    /// Why nothing can be linked; absent: not asked yet.
    refused: Option<Option<String>>,
    /// Keys now, by the key that TestOps has; absent in Jira where there is none.
    issues: BTreeMap<String, Option<Value>>,
    /// Accounts by name; absent where not exactly one fits.
    people: BTreeMap<String, Option<Value>>,
}

impl Run<'_> {
    /// Completes contents before they are compared and written. What cannot be resolved becomes a note.
    /// Boxed, so that its code stands once and not in every future that writes.
    pub(super) fn resolve<'r>(&'r self, items: &'r mut [Item]) -> Pending<'r, Result<()>> {
        Box::pin(self.resolve_all(items))
    }

    async fn resolve_all(&self, items: &mut [Item]) -> Result<()> {
        let people = BTreeSet::from_iter(
            items
                .iter()
                .flat_map(|item| item.content.fields.people().map(str::to_owned)),
        );
        for name in people {
            if !self.resolved.borrow().people.contains_key(&name) {
                let account = self.jira.account(&name).await?;
                self.resolved.borrow_mut().people.insert(name, account);
            }
        }
        let keys = BTreeSet::from_iter(items.iter().flat_map(|item| item.content.coverage.clone()));
        let refused = if keys.is_empty() { None } else { self.refused().await? };
        if refused.is_none() {
            self.look_up_keys(keys).await?;
        }
        let resolved = self.resolved.borrow();
        for item in items {
            let content = &mut item.content;
            content.fields.resolve(&resolved.people, &mut content.losses);
            let wanted = std::mem::take(&mut content.coverage);
            match &refused {
                Some(why) if !wanted.is_empty() => {
                    let note = format!("it is not linked to {}: {why}", wanted.join(", "));
                    content.losses.push(note);
                }
                _ => {
                    for key in wanted {
                        match resolved.issues.get(&key) {
                            Some(Some(Value::String(now))) => content.coverage.push(now.clone()),
                            _ => content.losses.push(format!(
                                "it is not linked to {key}: Jira has no such issue, or hides it from the account"
                            )),
                        }
                    }
                    content.coverage.sort();
                    content.coverage.dedup();
                }
            }
        }
        Ok(())
    }

    async fn refused(&self) -> Result<Option<String>> {
        let known = self.resolved.borrow().refused.clone();
        if let Some(known) = known {
            return Ok(known);
        }
        let why = self.target.why_not_linked().await?;
        self.resolved.borrow_mut().refused = Some(why.clone());
        Ok(why)
    }

    async fn look_up_keys(&self, keys: BTreeSet<String>) -> Result<()> {
        let open: Vec<IssueKey> = {
            let resolved = self.resolved.borrow();
            let open = keys.into_iter().filter(|key| !resolved.issues.contains_key(key));
            open.map(IssueKey::from).collect()
        };
        for chunk in open.chunks(LOOK_UP) {
            let mut found = self.jira.by_key(chunk).await?;
            let mut resolved = self.resolved.borrow_mut();
            for key in chunk {
                let now = found.remove(key).map(|now| Value::String(now.to_string()));
                resolved.issues.insert(key.to_string(), now);
            }
        }
        Ok(())
    }
}
