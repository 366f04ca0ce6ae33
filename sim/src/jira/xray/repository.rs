//! The test repository: a tree of folders per project (or per test plan), each test in at most one of them.

use std::collections::{BTreeMap, HashMap};

use super::Xray;
use crate::jira::id::{FolderId, IssueId, ProjectId};

/// The root of every tree.
pub const ROOT: FolderId = FolderId(0);

/// Whose tree it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// A project's test repository.
    Project(ProjectId),
    /// A test plan's board.
    Plan(IssueId),
}

/// Why a folder operation is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FolderError {
    /// No such folder.
    NotFound,
    /// A sibling has the name (compared without case).
    Exists,
    /// Empty, or contains `/` or `\`.
    BadName,
    /// The root cannot be renamed, moved or deleted, nor a folder moved below itself.
    NotAllowed,
}

/// A folder.
#[derive(Clone, Debug, Default)]
pub struct Folder {
    /// Its name; empty for the root.
    pub name: String,
    /// The folder above; `None` for the root.
    pub parent: Option<FolderId>,
    /// Folders below, in order.
    pub children: Vec<FolderId>,
    /// Tests (and preconditions) directly in it, in order.
    pub tests: Vec<IssueId>,
}

/// A tree of folders.
#[derive(Clone, Debug)]
pub struct Repository {
    folders: BTreeMap<FolderId, Folder>,
    placed: HashMap<IssueId, FolderId>,
    last: u64,
}

impl Default for Repository {
    fn default() -> Self {
        Self {
            folders: BTreeMap::from([(ROOT, Folder::default())]),
            placed: HashMap::new(),
            last: 0,
        }
    }
}

impl Repository {
    /// The folder with this id.
    #[must_use]
    pub fn folder(&self, id: FolderId) -> Option<&Folder> {
        self.folders.get(&id)
    }

    /// The folder a test is in; the root for tests in no folder.
    #[must_use]
    pub fn folder_of(&self, test: IssueId) -> FolderId {
        self.placed.get(&test).copied().unwrap_or(ROOT)
    }

    /// `/A/B`; `/` for the root, `None` for no folder.
    #[must_use]
    pub fn path(&self, id: FolderId) -> Option<String> {
        let mut names = Vec::new();
        let mut folder = self.folders.get(&id)?;
        while let Some(parent) = folder.parent {
            names.push(folder.name.as_str());
            folder = self.folders.get(&parent)?;
        }
        names.reverse();
        Some(format!("/{}", names.join("/")))
    }

    /// The folder at a path; a leading slash is optional, names are compared without case.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<FolderId> {
        segments(path).try_fold(ROOT, |at, name| self.child(at, name))
    }

    fn child(&self, parent: FolderId, name: &str) -> Option<FolderId> {
        let lower = name.to_lowercase();
        let named = |id: &&FolderId| {
            self.folders
                .get(id)
                .is_some_and(|folder| folder.name.to_lowercase() == lower)
        };
        self.folders.get(&parent)?.children.iter().find(named).copied()
    }

    /// Creates a folder below another.
    ///
    /// # Errors
    /// An unknown parent, a bad name, or a sibling of the same name.
    pub fn create(&mut self, parent: FolderId, name: &str) -> Result<FolderId, FolderError> {
        let name = check_name(name)?;
        if !self.folders.contains_key(&parent) {
            return Err(FolderError::NotFound);
        }
        if self.child(parent, name).is_some() {
            return Err(FolderError::Exists);
        }
        self.last += 1;
        let id = FolderId(self.last);
        self.folders.insert(
            id,
            Folder {
                name: name.to_owned(),
                parent: Some(parent),
                ..Folder::default()
            },
        );
        self.folders.entry(parent).or_default().children.push(id);
        Ok(id)
    }

    /// The folder at a path, created with its parents where missing.
    ///
    /// # Errors
    /// A segment that is no folder name.
    pub fn ensure(&mut self, path: &str) -> Result<FolderId, FolderError> {
        segments(path).try_fold(ROOT, |at, name| match self.child(at, name) {
            Some(found) => Ok(found),
            None => self.create(at, name),
        })
    }

    /// Renames a folder.
    ///
    /// # Errors
    /// No such folder, the root, a bad name, or a sibling of the same name.
    pub fn rename(&mut self, id: FolderId, name: &str) -> Result<(), FolderError> {
        let name = check_name(name)?;
        let parent = self
            .folders
            .get(&id)
            .ok_or(FolderError::NotFound)?
            .parent
            .ok_or(FolderError::NotAllowed)?;
        if self.child(parent, name).is_some_and(|other| other != id) {
            return Err(FolderError::Exists);
        }
        if let Some(folder) = self.folders.get_mut(&id) {
            name.clone_into(&mut folder.name);
        }
        Ok(())
    }

    /// Moves a folder with everything in it below another, at a position or at the end.
    ///
    /// # Errors
    /// No such folder, the root, a target below the folder itself, or a sibling of the same name.
    pub fn move_folder(&mut self, id: FolderId, to: FolderId, position: Option<usize>) -> Result<(), FolderError> {
        let folder = self.folders.get(&id).ok_or(FolderError::NotFound)?;
        let (old, name) = (folder.parent.ok_or(FolderError::NotAllowed)?, folder.name.clone());
        if !self.folders.contains_key(&to) {
            return Err(FolderError::NotFound);
        }
        if self.subtree(id).contains(&to) {
            return Err(FolderError::NotAllowed);
        }
        if self.child(to, &name).is_some_and(|other| other != id) {
            return Err(FolderError::Exists);
        }
        if let Some(parent) = self.folders.get_mut(&old) {
            parent.children.retain(|&child| child != id);
        }
        if let Some(parent) = self.folders.get_mut(&to) {
            let at = position.unwrap_or(usize::MAX).min(parent.children.len());
            parent.children.insert(at, id);
        }
        if let Some(folder) = self.folders.get_mut(&id) {
            folder.parent = Some(to);
        }
        Ok(())
    }

    /// Deletes a folder and those below; their tests become orphans.
    ///
    /// # Errors
    /// No such folder, or the root.
    pub fn delete(&mut self, id: FolderId) -> Result<(), FolderError> {
        let parent = self
            .folders
            .get(&id)
            .ok_or(FolderError::NotFound)?
            .parent
            .ok_or(FolderError::NotAllowed)?;
        for gone in self.subtree(id) {
            for test in self
                .folders
                .remove(&gone)
                .map(|folder| folder.tests)
                .unwrap_or_default()
            {
                self.placed.remove(&test);
            }
        }
        if let Some(parent) = self.folders.get_mut(&parent) {
            parent.children.retain(|&child| child != id);
        }
        Ok(())
    }

    /// A folder and all below it, parents first; empty when there is no such folder.
    #[must_use]
    pub fn subtree(&self, id: FolderId) -> Vec<FolderId> {
        let mut found = Vec::new();
        let mut open = vec![id];
        while let Some(at) = open.pop() {
            if let Some(folder) = self.folders.get(&at) {
                found.push(at);
                open.extend(folder.children.iter().rev());
            }
        }
        found
    }

    /// Puts a test into a folder (the root: into none), taking it out of the one it was in.
    ///
    /// # Errors
    /// No such folder.
    pub fn place(&mut self, test: IssueId, folder: FolderId, position: Option<usize>) -> Result<(), FolderError> {
        if !self.folders.contains_key(&folder) {
            return Err(FolderError::NotFound);
        }
        let old = self.placed.get(&test).copied();
        if old == Some(folder) && position.is_none() {
            return Ok(());
        }
        self.forget(test);
        if folder != ROOT {
            self.placed.insert(test, folder);
        }
        if let Some(folder) = self.folders.get_mut(&folder).filter(|_| folder != ROOT) {
            let at = position.unwrap_or(usize::MAX).min(folder.tests.len());
            folder.tests.insert(at, test);
        }
        Ok(())
    }

    /// Takes a test out of the tree.
    pub fn forget(&mut self, test: IssueId) {
        if let Some(folder) = self.placed.remove(&test).and_then(|id| self.folders.get_mut(&id)) {
            folder.tests.retain(|&other| other != test);
        }
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').map(str::trim).filter(|segment| !segment.is_empty())
}

fn check_name(name: &str) -> Result<&str, FolderError> {
    let name = name.trim();
    if name.is_empty() || name.contains(['/', '\\']) {
        Err(FolderError::BadName)
    } else {
        Ok(name)
    }
}

impl Xray {
    /// A project's or plan's tree, if anything was ever done to it.
    #[must_use]
    pub fn repository(&self, owner: Owner) -> Option<&Repository> {
        self.repositories.get(&owner)
    }

    /// A project's or plan's tree.
    pub fn repository_mut(&mut self, owner: Owner) -> &mut Repository {
        self.repositories.entry(owner).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_in_one_folder_and_paths_follow_renames() {
        let mut tree = Repository::default();
        let ab = tree.ensure("/A/B").unwrap();
        let c = tree.create(ROOT, "C").unwrap();
        assert_eq!(tree.find("a/b"), Some(ab));
        assert_eq!(tree.create(ROOT, "c"), Err(FolderError::Exists));
        tree.place(IssueId(1), ab, None).unwrap();
        tree.place(IssueId(1), c, None).unwrap();
        assert!(tree.folder(ab).unwrap().tests.is_empty());
        tree.move_folder(ab, c, None).unwrap();
        tree.rename(c, "D").unwrap();
        assert_eq!(tree.path(ab).unwrap(), "/D/B");
        assert_eq!(tree.move_folder(c, ab, None), Err(FolderError::NotAllowed));
        tree.delete(c).unwrap();
        assert_eq!((tree.folder_of(IssueId(1)), tree.find("/D/B")), (ROOT, None));
    }
}
