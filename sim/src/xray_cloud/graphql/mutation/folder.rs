//! Mutations of folders and of what they hold.

use serde_json::json;

use crate::jira::id::{FolderId, IssueId};
use crate::jira::project::Role;
use crate::jira::site::Site;
use crate::jira::xray::{FolderError, Owner, ROOT};

use super::super::call::{Answer, Call, Refusal, data};
use super::super::folder::{at, owner, refusal, simple};
use super::super::lookup;

const TEST: &[Role] = &[Role::Test];
const TEST_OR_PRECONDITION: &[Role] = &[Role::Test, Role::Precondition];

fn result(site: &Site, owner: Owner, folder: FolderId, warnings: &[String]) -> Answer {
    data(json!({ "folder": simple(site, owner, folder), "warnings": warnings }))
}

/// Puts what `wanted` names into a folder; wrong ids become a warning.
fn fill(
    call: &Call<'_>,
    site: &mut Site,
    (tree, folder): (Owner, FolderId),
    wanted: &[String],
    roles: &[Role],
) -> Result<Vec<String>, Refusal> {
    let (mut found, mut wrong) = lookup::sift(site, call.actor()?, wanted, roles, "Tests");
    if let Owner::Project(project) = tree {
        found.retain(|id| {
            let inside = site.issue(*id).is_some_and(|issue| issue.project == project);
            if !inside {
                wrong = Some(format!("Issue with id {id} does not belong to the project."));
            }
            inside
        });
    }
    let mut index = call.get::<i64>("index").and_then(|index| usize::try_from(index).ok());
    for id in found {
        let repository = site.xray.repository_mut(tree);
        repository
            .place(id, folder, index)
            .map_err(|error| refusal(error, ""))?;
        index = index.map(|index| index + 1);
    }
    Ok(wrong.into_iter().collect())
}

/// Creates a folder, with the folders above it where they are missing.
pub(super) fn create(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let tree = owner(call, &site)?;
    let path = call.required("path");
    let (tests, issues) = (call.list("testIssueIds"), call.list("issueIds"));
    if tests.is_some() && issues.is_some() {
        return Err("Only one of testIssueIds and issueIds can be provided".into());
    }
    let repository = site.xray.repository_mut(tree);
    if repository.find(&path).is_some() {
        return Err(refusal(FolderError::Exists, &path));
    }
    let folder = repository.ensure(&path).map_err(|error| refusal(error, &path))?;
    let (wanted, roles) = match (tests, issues) {
        (Some(tests), _) => (tests, TEST),
        (None, issues) => (issues.unwrap_or_default(), TEST_OR_PRECONDITION),
    };
    let warnings = fill(call, &mut site, (tree, folder), &wanted, roles)?;
    result(&site, tree, folder, &warnings)
}

pub(super) fn delete(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let tree = owner(call, &site)?;
    let path = call.required("path");
    let folder = at(&site, tree, &path)?;
    site.xray
        .repository_mut(tree)
        .delete(folder)
        .map_err(|error| refusal(error, &path))?;
    data("Folder deleted successfully")
}

pub(super) fn rename(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let tree = owner(call, &site)?;
    let (path, name) = (call.required("path"), call.required("newName"));
    let folder = at(&site, tree, &path)?;
    site.xray
        .repository_mut(tree)
        .rename(folder, &name)
        .map_err(|error| refusal(error, &path))?;
    result(&site, tree, folder, &[])
}

pub(super) fn move_folder(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let tree = owner(call, &site)?;
    let (path, destination) = (call.required("path"), call.required("destinationPath"));
    let (folder, to) = (at(&site, tree, &path)?, at(&site, tree, &destination)?);
    let index = call.get::<i64>("index").and_then(|index| usize::try_from(index).ok());
    let repository = site.xray.repository_mut(tree);
    repository
        .move_folder(folder, to, index)
        .map_err(|error| refusal(error, &path))?;
    result(&site, tree, folder, &[])
}

fn add(call: &Call<'_>, argument: &str, roles: &[Role]) -> Answer {
    let mut site = call.site()?;
    let tree = owner(call, &site)?;
    let folder = at(&site, tree, &call.required("path"))?;
    let wanted = call.list(argument).unwrap_or_default();
    let warnings = fill(call, &mut site, (tree, folder), &wanted, roles)?;
    result(&site, tree, folder, &warnings)
}

pub(super) fn add_tests(call: &Call<'_>) -> Answer {
    add(call, "testIssueIds", TEST)
}

pub(super) fn add_issues(call: &Call<'_>) -> Answer {
    add(call, "issueIds", TEST_OR_PRECONDITION)
}

fn remove(call: &Call<'_>, argument: &str, done: &str) -> Answer {
    let mut site = call.site()?;
    let tree = owner(call, &site)?;
    for id in call
        .list(argument)
        .unwrap_or_default()
        .iter()
        .filter_map(|id| IssueId::parse(id))
    {
        site.xray.repository_mut(tree).forget(id);
    }
    data(done)
}

pub(super) fn remove_tests(call: &Call<'_>) -> Answer {
    remove(call, "testIssueIds", "Tests successfully removed from Folder")
}

pub(super) fn remove_issues(call: &Call<'_>) -> Answer {
    remove(call, "issueIds", "Issues successfully removed from Folder")
}

/// Moves an issue within its project's repository.
///
/// # Errors
/// When there is no such folder.
pub(super) fn place(site: &mut Site, id: IssueId, path: &str) -> Result<(), Refusal> {
    let project = site.issue(id).ok_or_else(Refusal::issue_id)?.project;
    let tree = Owner::Project(project);
    let folder = if path == "/" { ROOT } else { at(site, tree, path)? };
    site.xray
        .repository_mut(tree)
        .place(id, folder, None)
        .map_err(|error| refusal(error, path))
}

pub(super) fn move_test(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let id = lookup::required(call, &site, "issueId", TEST)?;
    let path = call.required("folderPath");
    place(&mut site, id, &path)?;
    data(format!("Test moved to folder {path}"))
}

pub(super) fn move_precondition(call: &Call<'_>) -> Answer {
    let mut site = call.site()?;
    let id = lookup::required(call, &site, "issueId", &[Role::Precondition])?;
    let path = call.required("folderPath");
    place(&mut site, id, &path)?;
    data(format!("Precondition moved to folder {path}"))
}
