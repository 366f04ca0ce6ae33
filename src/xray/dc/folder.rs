//! Test Repository folders on Data Center: the tree is read once, missing folders are made, Tests are moved by the folder.

use super::RAVEN;
use super::test_issues::DataCenterTests;
use crate::error::{Error, Kind, Result};
use crate::mapping::{Field, folder_text};
use crate::target::{Creation, Draft, Update, Updates};
use crate::text::folded;
use crate::web::{Call, Idempotency};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Xray's id of the folder above all.
const ROOT: i64 = -1;

/// Ids by path in lower case; names are compared without case.
pub(super) type Folders = Vec<(String, i64)>;

impl DataCenterTests<'_> {
    /// Makes the folders that are missing, so that Tests can be created in them. One that cannot be made is found missing
    /// when the Test is read back.
    pub(super) async fn make_folders<'p>(&self, paths: impl Iterator<Item = &'p str>) -> Result<()> {
        let paths = BTreeSet::from_iter(paths.map(str::to_owned));
        if paths.is_empty() {
            return Ok(());
        }
        self.read_folders().await?;
        for path in paths {
            match self.folder(&path).await {
                Err(error) if error.ends_the_run() => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Moves Tests into their folders, one request a folder. Updates that failed already are left out; `begun`: those of
    /// which something was written.
    pub(super) async fn move_tests(&self, updates: &[Update<'_>], begun: &[bool], done: &mut Updates) {
        let mut moves: Vec<(&str, usize)> = Vec::new();
        for (number, update) in updates.iter().enumerate() {
            let moved = update.fields.contains(&Field::Folder) && done.is_done(number);
            let path = update.content.folder.as_deref().filter(|_| moved);
            moves.extend(path.map(|path| (path, number)));
        }
        while let Some((path, _)) = moves.first().copied() {
            let members = moves.extract_if(.., |(other, _)| *other == path);
            let members: Vec<usize> = members.map(|(_, number)| number).collect();
            if done.stop.is_some() {
                let each = members.into_iter();
                each.for_each(|number| done.leave(number, begun.get(number) == Some(&true)));
                continue;
            }
            let keys = members.iter().filter_map(|number| updates.get(*number));
            let keys: Vec<&str> = keys.map(|update| update.remote.issue.key.as_str()).collect();
            if let Err(error) = self.move_into(path, &keys).await {
                done.done_but(members, &error);
            }
        }
    }

    async fn move_into(&self, path: &str, keys: &[&str]) -> Result<()> {
        self.read_folders().await?;
        match self.fill_folder(path, keys).await {
            // Who may not change folders may change everything else.
            Err(error) if error.kind == Kind::Permission => {
                Err(Error::new(Kind::Rejected, error.side, error.message.clone()))
            }
            done => done,
        }
    }

    /// Puts new Tests into their folders where the create could not name them. What fails shows when they are read back.
    pub(super) async fn fill_folders(&self, drafts: &[Draft<'_>], settled: &[Creation]) {
        let mut tests: Vec<(&str, &str)> = Vec::new();
        for (draft, outcome) in drafts.iter().zip(settled) {
            if let (Some(path), Creation::Created(issue)) = (draft.content.folder.as_deref(), outcome) {
                tests.push((path, issue.key.as_str()));
            }
        }
        if !tests.is_empty() && self.read_folders().await.is_err() {
            return;
        }
        while let Some((path, _)) = tests.first().copied() {
            let keys = tests.extract_if(.., |(other, _)| *other == path);
            let keys: Vec<&str> = keys.map(|(_, key)| key).collect();
            // The issues are there and must be recorded, whatever becomes of their folder.
            drop(self.fill_folder(path, &keys).await);
        }
    }

    async fn fill_folder(&self, path: &str, keys: &[&str]) -> Result<()> {
        let id = self.folder(path).await?;
        let call = Call::put(format!("{}/{id}/tests", self.folders_path()), &json!({"add": keys}));
        self.site
            .jira
            .client()
            .success(call, Idempotency::Idempotent)
            .await
            .map(drop)
    }

    fn folders_path(&self) -> String {
        let project = self.site.schema.borrow().destination.project.key.clone();
        format!("{RAVEN}/api/testrepository/{project}/folders")
    }

    async fn read_folders(&self) -> Result<()> {
        if self.folders.borrow().is_some() {
            return Ok(());
        }
        let tree: Value = self
            .site
            .jira
            .client()
            .json(Call::get(self.folders_path()), Idempotency::Safe)
            .await?;
        let mut found = vec![(String::new(), ROOT)];
        collect(&tree, "", &mut found, 0);
        *self.folders.borrow_mut() = Some(found);
        Ok(())
    }

    /// The id of a folder, made with its parents where it is missing.
    async fn folder(&self, path: &str) -> Result<i64> {
        let (mut at, mut parent) = (String::new(), ROOT);
        for name in path.split('/').filter(|name| !name.is_empty()) {
            at = format!("{at}/{}", folded(name));
            let known = self.folders.borrow().as_ref().and_then(|all| {
                let found = all.iter().find(|(path, _)| *path == at);
                found.map(|(_, id)| *id)
            });
            parent = match known {
                Some(id) => id,
                None => {
                    let call = Call::post(format!("{}/{parent}", self.folders_path()), &json!({"name": name}));
                    let made: Value = self.site.jira.client().json(call, Idempotency::NotIdempotent).await?;
                    let id = made.get("id").and_then(Value::as_i64).unwrap_or(ROOT);
                    self.folders.borrow_mut().get_or_insert_default().push((at.clone(), id));
                    id
                }
            };
        }
        Ok(parent)
    }
}

/// Folders below one, by path. Deeper than any tree that people make, a server that answers in circles ends.
fn collect(folder: &Value, path: &str, found: &mut Folders, depth: usize) {
    let below = folder.get("folders").and_then(Value::as_array).into_iter().flatten();
    for child in below.filter(|_| depth < 64) {
        let name = child.get("name").and_then(Value::as_str).unwrap_or_default();
        let path = folder_text(&format!("{path}/{name}"));
        if let Some(id) = child.get("id").and_then(Value::as_i64) {
            found.push((path.clone(), id));
        }
        collect(child, &path, found, depth + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::{Folders, collect};
    use serde_json::json;

    #[test]
    fn a_tree_becomes_paths_in_lower_case() {
        let tree = json!({"id": -1, "folders": [{"id": 1, "name": "Shop", "folders": [{"id": 2, "name": "Cart"}]}]});
        let mut found = Folders::new();
        collect(&tree, "", &mut found, 0);
        assert_eq!(found, [("/shop".to_owned(), 1), ("/shop/cart".to_owned(), 2)]);
    }
}
