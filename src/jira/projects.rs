//! Projects, and what the account may do in them.

use super::{Jira, Permissions, Project, ProjectPage};
use crate::error::{Error, Kind, Result, Side};
use crate::web::{Call, Idempotency};

/// Permissions that an export needs in the destination project, by Jira's keys.
pub const PERMISSIONS: [&str; 3] = ["BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES"];

/// Projects of a site.
#[derive(Clone, Copy)]
pub struct Projects<'j>(pub(super) &'j Jira<'j>);

impl Projects<'_> {
    /// `GET project/{key}`. 404 for a missing and for an invisible project alike.
    pub async fn by_key(self, key: &str) -> Result<Project> {
        match self
            .0
            .client
            .json(Call::get(self.0.path(&format!("project/{key}"))), Idempotency::Safe)
            .await
        {
            Err(error) if error.kind == Kind::Missing => Err(Error::new(
                Kind::Permission,
                Side::Jira,
                format!("Jira shows no project {key} to this account"),
            )
            .hint("check the project key, and the account's Browse Projects permission there")
            .status(404)),
            other => other,
        }
    }

    /// Projects that the account sees, by key.
    pub async fn visible(self, query: &str) -> Result<Vec<Project>> {
        if !self.0.flavour.project_pages {
            let call = Call::get(self.0.path("project"));
            return self.0.client.json(call, Idempotency::Safe).await;
        }
        let mut call = Call::get(self.0.path("project/search"))
            .query("maxResults", 100)
            .query("orderBy", "key");
        if !query.is_empty() {
            call = call.query("query", query);
        }
        let mut projects = Vec::new();
        for page in 0..2 {
            let call = call.clone().query("startAt", page * 100);
            let found: ProjectPage = self.0.client.json(call, Idempotency::Safe).await?;
            projects.extend(found.values);
            if found.is_last.unwrap_or(true) {
                break;
            }
        }
        Ok(projects)
    }

    /// Permissions that the account lacks in a project, by Jira's keys.
    pub async fn missing_permissions(self, project: &str) -> Result<Vec<&'static str>> {
        let call = Call::get(self.0.path("mypermissions")).query("projectKey", project);
        let call = match self.0.flavour.names_permissions {
            true => call.query("permissions", PERMISSIONS.join(",")),
            false => call,
        };
        let permissions: Permissions = self.0.client.json(call, Idempotency::Safe).await?;
        let held = |key: &str| permissions.permissions.get(key).is_some_and(|p| p.have_permission);
        Ok(PERMISSIONS.into_iter().filter(|key| !held(key)).collect())
    }

    /// Whether the account holds a permission in a project.
    pub async fn holds(self, project: &str, permission: &str) -> Result<bool> {
        let call = Call::get(self.0.path("mypermissions"))
            .query("projectKey", project)
            .query("permissions", permission);
        let permissions: Permissions = self.0.client.json(call, Idempotency::Safe).await?;
        Ok(permissions
            .permissions
            .get(permission)
            .is_some_and(|p| p.have_permission))
    }
}
