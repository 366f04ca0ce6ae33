//! What cases name and only the destination knows: issues that a Test covers, and accounts. Each is asked for once in a
//! run, and nothing where no case names any.

use crate::domain::IssueKey;
use crate::error::Result;
use crate::mapping::Content;
use crate::sync::ctx::Ctx;
use crate::sync::upsert::Item;
use serde_json::Value;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// Keys per lookup.
const LOOK_UP: usize = 100;

/// What was asked for in this run.
#[derive(Default)]
pub(super) struct Resolver {
    /// Why nothing can be linked; absent: not asked yet.
    refused: Option<Option<String>>,
    /// Keys now, by the key that TestOps has; absent in Jira where there is none.
    issues: BTreeMap<String, Option<String>>,
    /// Accounts by name; absent where not exactly one fits.
    people: BTreeMap<String, Option<Value>>,
}

impl Resolver {
    /// Completes contents before they are compared and written. What cannot be resolved becomes a note.
    pub async fn resolve(&mut self, ctx: &Ctx<'_>, items: &mut [Item]) -> Result<()> {
        let people = items.iter().flat_map(|item| item.content.fields.people());
        let people: BTreeSet<String> = people.map(str::to_owned).collect();
        for name in people {
            if let Entry::Vacant(unknown) = self.people.entry(name) {
                let account = ctx.jira.people().account(unknown.key()).await?;
                unknown.insert(account);
            }
        }
        let keys: BTreeSet<String> = items.iter().flat_map(|item| item.content.coverage.clone()).collect();
        let refused = match keys.is_empty() {
            true => None,
            false => self.refused(ctx).await?,
        };
        if refused.is_none() {
            self.look_up(ctx, keys).await?;
        }
        for item in items {
            let content = &mut item.content;
            content.fields.resolve(&self.people, &mut content.losses);
            self.cover(content, refused.as_deref());
        }
        Ok(())
    }

    /// Puts the keys that issues have now in the place of those that TestOps has.
    fn cover(&self, content: &mut Content, refused: Option<&str>) {
        let wanted = std::mem::take(&mut content.coverage);
        if let (Some(why), false) = (refused, wanted.is_empty()) {
            let note = format!("it is not linked to {}: {why}", wanted.join(", "));
            content.losses.push(note);
            return;
        }
        for key in wanted {
            match self.issues.get(&key) {
                Some(Some(now)) => content.coverage.push(now.clone()),
                _ => content.losses.push(format!(
                    "it is not linked to {key}: Jira has no such issue, or hides it from the account"
                )),
            }
        }
        content.coverage.sort();
        content.coverage.dedup();
    }

    async fn refused(&mut self, ctx: &Ctx<'_>) -> Result<Option<String>> {
        if let Some(known) = &self.refused {
            return Ok(known.clone());
        }
        let link_type = ctx.job.options.places.coverage.link_type(ctx.capability.coverage_link);
        let why = match link_type {
            Some(name) if ctx.destination.links => {
                ctx.jira
                    .links()
                    .why_not_linked(&ctx.destination.project.key, name)
                    .await?
            }
            Some(_) => Some("Linked Issues is not on the create screen of Test".to_owned()),
            None => None,
        };
        self.refused = Some(why.clone());
        Ok(why)
    }

    async fn look_up(&mut self, ctx: &Ctx<'_>, keys: BTreeSet<String>) -> Result<()> {
        let open = keys.into_iter().filter(|key| !self.issues.contains_key(key));
        let open: Vec<IssueKey> = open.map(IssueKey::from).collect();
        for chunk in open.chunks(LOOK_UP) {
            let mut found = ctx.jira.by_key(chunk).await?;
            let now = chunk
                .iter()
                .map(|key| (key.to_string(), found.remove(key).map(|now| now.to_string())));
            self.issues.extend(now);
        }
        Ok(())
    }
}
