//! Folders of test repositories and test plans, by path.

use serde_json::{Value, json};

use crate::jira::account::Actor;
use crate::jira::id::{FolderId, IssueId};
use crate::jira::project::Role;
use crate::jira::site::Site;
use crate::jira::xray::{FolderError, Owner, Repository};

use super::call::{Call, Refusal};
use super::lookup;

/// `FolderSearchInput` and `PreconditionFolderSearchInput`.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Search {
    pub path: String,
    pub include_descendants: Option<bool>,
    pub test_plan_id: Option<String>,
}

/// The repository of a project given by numeric id.
///
/// # Errors
/// In the words the product uses for a project that is missing or may not be seen.
pub(super) fn project(site: &Site, actor: &Actor, id: &str) -> Result<Owner, Refusal> {
    let numeric = id.chars().all(|c| c.is_ascii_digit()).then_some(id);
    match numeric.and_then(|id| site.visible_project(actor, id)) {
        Some(project) => Ok(Owner::Project(project.id)),
        None => Err("User doesn't have permissions to view test repository".into()),
    }
}

/// The tree the arguments `projectId` and `testPlanId` name.
///
/// # Errors
/// When neither or something wrong is given.
pub(super) fn owner(call: &Call<'_>, site: &Site) -> Result<Owner, Refusal> {
    let actor = call.actor()?;
    match (call.text("testPlanId"), call.text("projectId")) {
        (Some(plan), _) => {
            let plan = lookup::find(site, actor, &plan, &[Role::TestPlan]);
            plan.map(Owner::Plan)
                .ok_or_else(|| "testPlanId provided is not valid".into())
        }
        (None, Some(id)) => project(site, actor, &id),
        (None, None) => Err("Either projectId or testPlanId must be provided".into()),
    }
}

/// Why a folder operation was refused.
pub(super) fn refusal(error: FolderError, path: &str) -> Refusal {
    Refusal(match error {
        FolderError::NotFound => format!("Folder with path {path} not found"),
        FolderError::Exists => format!("Folder with path {path} already exists"),
        FolderError::BadName => format!("Folder path {path} is not valid"),
        FolderError::NotAllowed => format!("Folder with path {path} cannot be changed"),
    })
}

/// The folder at a path. The root always exists.
///
/// # Errors
/// When there is no such folder.
pub(super) fn at(site: &Site, owner: Owner, path: &str) -> Result<FolderId, Refusal> {
    let root_only = Repository::default();
    let tree = site.xray.repository(owner).unwrap_or(&root_only);
    tree.find(path).ok_or_else(|| refusal(FolderError::NotFound, path))
}

/// What a folder holds, with or without the folders below.
pub(super) fn contents(site: &Site, owner: Owner, search: &Search) -> Vec<IssueId> {
    let Some(tree) = site.xray.repository(owner) else {
        return Vec::new();
    };
    let Some(folder) = tree.find(&search.path) else {
        return Vec::new();
    };
    let folders = if search.include_descendants.unwrap_or(false) {
        tree.subtree(folder)
    } else {
        vec![folder]
    };
    folders
        .into_iter()
        .filter_map(|id| tree.folder(id))
        .flat_map(|folder| folder.tests.iter().copied())
        .collect()
}

/// `FolderResults` of the folder at a path.
///
/// # Errors
/// When there is no such folder.
pub(super) fn tree(site: &Site, owner: Owner, path: &str) -> Result<Value, Refusal> {
    let id = at(site, owner, path)?;
    let root_only = Repository::default();
    Ok(describe(
        site,
        site.xray.repository(owner).unwrap_or(&root_only),
        id,
        true,
    ))
}

/// `SimpleFolderResults` of a folder.
pub(super) fn simple(site: &Site, owner: Owner, id: FolderId) -> Value {
    site.xray
        .repository(owner)
        .map_or(Value::Null, |tree| describe(site, tree, id, false))
}

/// Counts include the folders below.
fn describe(site: &Site, tree: &Repository, id: FolderId, with_folders: bool) -> Value {
    let Some(folder) = tree.folder(id) else {
        return Value::Null;
    };
    let all = tree.subtree(id).into_iter().filter_map(|id| tree.folder(id));
    let held: Vec<IssueId> = all.flat_map(|folder| folder.tests.iter().copied()).collect();
    let preconditions = held
        .iter()
        .filter(|issue| site.xray.precondition(**issue).is_some())
        .count();
    let mut shown = json!({
        "name": folder.name,
        "path": tree.path(id),
        "issuesCount": held.len(),
        "testsCount": held.len() - preconditions,
        "preconditionsCount": preconditions,
    });
    if let Some(members) = shown.as_object_mut().filter(|_| with_folders) {
        let below = folder.children.iter().map(|child| describe(site, tree, *child, true));
        members.insert("folders".to_owned(), below.collect());
    }
    shown
}

/// `Folder` of an issue: where it is in its project's repository.
pub(super) fn of_issue(site: &Site, issue: IssueId) -> Value {
    let owner = site.issue(issue).map(|issue| Owner::Project(issue.project));
    let Some(tree) = owner.and_then(|owner| site.xray.repository(owner)) else {
        return json!({ "name": "", "path": "/" });
    };
    let folder = tree.folder_of(issue);
    json!({ "name": tree.folder(folder).map(|folder| &folder.name), "path": tree.path(folder) })
}
