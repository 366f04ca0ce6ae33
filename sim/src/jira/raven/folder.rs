//! The test repository: folders and the tests in them.

use axum::extract::Path;
use axum::routing::get;
use serde_json::{Value, json};

use super::{is_test, issue_of, paged};
use crate::jira::account::Permission;
use crate::jira::http::{Answer, Caller, JsonBody, Params, Refusal, Routes, empty, ok};
use crate::jira::id::{FolderId, IssueId, ProjectId};
use crate::jira::site::Site;
use crate::jira::xray::{FolderError, Owner, ROOT, Repository};

pub(super) fn routes(routes: Routes, api: &str) -> Routes {
    let folders = format!("{api}/testrepository/{{project}}/folders");
    routes
        .at(&folders, get(tree))
        .at(
            &format!("{folders}/{{folder}}"),
            get(one).post(create).put(update).delete(remove),
        )
        .at(&format!("{folders}/{{folder}}/tests"), get(tests).put(change_tests))
}

fn project(caller: &Caller, key: &str, permission: Permission) -> Result<ProjectId, Refusal> {
    let site = caller.site();
    let project = site.visible_project(&caller.actor, key);
    let id = project
        .ok_or_else(|| Refusal::error(404, format!("Project with key {key} does not exist")))?
        .id;
    if site.accounts.allows(&caller.actor, id, permission) {
        return Ok(id);
    }
    Err(Refusal::error(
        403,
        "User doesn't have permissions to change the test repository",
    ))
}

/// The root is `-1` on the wire.
fn folder_id(text: &str) -> Option<FolderId> {
    if text == "-1" {
        Some(ROOT)
    } else {
        FolderId::parse(text).filter(|&id| id != ROOT)
    }
}

fn refuse(error: FolderError) -> Refusal {
    match error {
        FolderError::NotFound => Refusal::error(404, "Folder does not exist"),
        FolderError::Exists => Refusal::error(400, "A folder with the same name already exists"),
        FolderError::BadName => Refusal::error(400, "The folder name is not valid"),
        FolderError::NotAllowed => Refusal::error(400, "The root folder cannot be changed"),
    }
}

/// The tree of a project, empty if nobody ever made a folder.
fn repository(site: &Site, project: ProjectId) -> Repository {
    site.xray
        .repository(Owner::Project(project))
        .cloned()
        .unwrap_or_default()
}

fn view(tree: &Repository, id: FolderId, rank: usize) -> Option<Value> {
    let folder = tree.folder(id)?;
    let children = folder
        .children
        .iter()
        .enumerate()
        .filter_map(|(rank, &child)| view(tree, child, rank));
    let all: usize = tree
        .subtree(id)
        .iter()
        .filter_map(|&id| tree.folder(id))
        .map(|f| f.tests.len())
        .sum();
    let parent = folder.parent.and_then(|parent| tree.path(parent)).unwrap_or_default();
    Some(json!({
        "id": if id == ROOT { json!(-1) } else { json!(id.0) }, "name": folder.name, "rank": rank,
        "testRepositoryPath": parent, "testCount": folder.tests.len(), "totalTestCount": all,
        "folders": children.collect::<Vec<_>>(),
    }))
}

fn project_tests(site: &Site, project: ProjectId) -> impl Iterator<Item = IssueId> {
    site.issues()
        .filter(move |issue| issue.project == project && is_test(site.role(issue)))
        .map(|issue| issue.id)
}

async fn tree(caller: Caller, Path(key): Path<String>) -> Answer {
    let project = project(&caller, &key, Permission::Browse)?;
    let site = caller.site();
    let tree = repository(&site, project);
    let mut json = view(&tree, ROOT, 0).unwrap_or_default();
    let (all, orphans) = project_tests(&site, project).fold((0_usize, 0_usize), |(all, orphans), id| {
        (all + 1, orphans + usize::from(tree.folder_of(id) == ROOT))
    });
    if let Value::Object(members) = &mut json {
        members.insert("name".to_owned(), json!("Test Repository"));
        members.insert("allTestsCount".to_owned(), json!(all));
        members.insert("allOrphanTestsCount".to_owned(), json!(orphans));
    }
    ok(&json)
}

async fn one(caller: Caller, Path((key, folder)): Path<(String, String)>) -> Answer {
    let project = project(&caller, &key, Permission::Browse)?;
    let tree = repository(&caller.site(), project);
    let found = folder_id(&folder).and_then(|id| view(&tree, id, rank(&tree, id)));
    ok(&found.ok_or_else(|| refuse(FolderError::NotFound))?)
}

fn rank(tree: &Repository, id: FolderId) -> usize {
    let parent = tree.folder(id).and_then(|folder| tree.folder(folder.parent?));
    parent
        .and_then(|parent| parent.children.iter().position(|&child| child == id))
        .unwrap_or(0)
}

async fn create(caller: Caller, Path((key, parent)): Path<(String, String)>, JsonBody(body): JsonBody) -> Answer {
    let project = project(&caller, &key, Permission::Edit)?;
    let name = body.get("name").and_then(Value::as_str).unwrap_or_default();
    let parent = folder_id(&parent).ok_or_else(|| refuse(FolderError::NotFound))?;
    let mut site = caller.site();
    let tree = site.xray.repository_mut(Owner::Project(project));
    let id = tree.create(parent, name).map_err(refuse)?;
    ok(&view(tree, id, rank(tree, id)).unwrap_or_default())
}

/// `{"name","rank"}`
async fn update(caller: Caller, Path((key, folder)): Path<(String, String)>, JsonBody(body): JsonBody) -> Answer {
    let project = project(&caller, &key, Permission::Edit)?;
    let id = folder_id(&folder).ok_or_else(|| refuse(FolderError::NotFound))?;
    let mut site = caller.site();
    let tree = site.xray.repository_mut(Owner::Project(project));
    if let Some(name) = body.get("name").and_then(Value::as_str) {
        tree.rename(id, name).map_err(refuse)?;
    }
    let position = body
        .get("rank")
        .and_then(Value::as_u64)
        .and_then(|rank| usize::try_from(rank).ok());
    if let (Some(position), Some(parent)) = (position, tree.folder(id).and_then(|folder| folder.parent)) {
        tree.move_folder(id, parent, Some(position)).map_err(refuse)?;
    }
    ok(&view(tree, id, rank(tree, id)).unwrap_or_default())
}

async fn remove(caller: Caller, Path((key, folder)): Path<(String, String)>) -> Answer {
    let project = project(&caller, &key, Permission::Edit)?;
    let id = folder_id(&folder).ok_or_else(|| refuse(FolderError::NotFound))?;
    caller
        .site()
        .xray
        .repository_mut(Owner::Project(project))
        .delete(id)
        .map_err(refuse)?;
    empty(200)
}

/// Of the root, the tests in no folder.
async fn tests(caller: Caller, Path((key, folder)): Path<(String, String)>, params: Params) -> Answer {
    let project = project(&caller, &key, Permission::Browse)?;
    let site = caller.site();
    let tree = repository(&site, project);
    let id = folder_id(&folder)
        .filter(|&id| tree.folder(id).is_some())
        .ok_or_else(|| refuse(FolderError::NotFound))?;
    let descend = params.flag("allDescendants") == Some(true);
    let ids: Vec<IssueId> = match (id == ROOT, descend) {
        (true, true) => project_tests(&site, project).collect(),
        (true, false) => project_tests(&site, project)
            .filter(|&test| tree.folder_of(test) == ROOT)
            .collect(),
        (false, _) => {
            let folders = if descend { tree.subtree(id) } else { vec![id] };
            folders
                .iter()
                .filter_map(|&id| tree.folder(id))
                .flat_map(|folder| folder.tests.clone())
                .collect()
        }
    };
    let entry = |(issue, rank): (&crate::jira::issue::Issue, usize)| json!({ "id": issue.id.0, "key": issue.key, "rank": rank, "summary": issue.summary });
    let page = paged(&site, &params, ids.iter().filter_map(|&id| site.issue(id)).zip(1..));
    ok(&json!({ "tests": page.into_iter().map(entry).collect::<Vec<_>>(), "total": ids.len() }))
}

/// `{"add":[keys],"remove":[keys]}`
async fn change_tests(caller: Caller, Path((key, folder)): Path<(String, String)>, JsonBody(body): JsonBody) -> Answer {
    let project = project(&caller, &key, Permission::Edit)?;
    let id = folder_id(&folder).ok_or_else(|| refuse(FolderError::NotFound))?;
    let mut site = caller.site();
    let list = |name: &str| {
        let keys = body
            .get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        let found = keys.map(|key| issue_of(&site, &caller.actor, key, is_test));
        let inside = found.map(|issue| match issue? {
            issue if issue.project == project => Ok(issue.id),
            issue => Err(Refusal::error(
                400,
                format!("Test {} does not belong to the project", issue.key),
            )),
        });
        inside.collect::<Result<Vec<IssueId>, Refusal>>()
    };
    let (add, remove) = (list("add")?, list("remove")?);
    let tree = site.xray.repository_mut(Owner::Project(project));
    for test in add {
        tree.place(test, id, None).map_err(refuse)?;
    }
    for test in remove {
        if tree.folder_of(test) == id {
            tree.forget(test);
        }
    }
    ok(&json!([]))
}
