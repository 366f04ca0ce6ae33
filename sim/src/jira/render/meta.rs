//! Fields and permissions as Jira describes them.

use serde_json::{Map, Value, json};

use super::{extend, list};
use crate::jira::account::{Actor, Permission};
use crate::jira::field::{Field, Placement};
use crate::jira::id::TypeId;
use crate::jira::project::Project;
use crate::jira::site::Site;
use crate::jira::variant::Variant;

impl Site {
    /// A field as `GET /field` lists it.
    #[must_use]
    pub fn field_entry(&self, field: &Field) -> Value {
        let is_custom = field.custom.is_some();
        let mut clauses = vec![field.name.clone()];
        clauses.extend(field.custom_id().map(|id| format!("cf[{id}]")));
        let mut json = json!({
            "id": field.id, "name": field.name, "custom": is_custom, "orderable": true, "navigable": true,
            "searchable": true, "clauseNames": clauses, "schema": field.schema(),
        });
        if self.variant == Variant::Cloud {
            extend(&mut json, json!({ "key": field.id }));
        }
        json
    }

    /// A field as create-meta and edit-meta describe it for an issue type of a project.
    #[must_use]
    pub fn field_meta(&self, project: &Project, issue_type: TypeId, field: &Field, placement: Placement) -> Value {
        let mut json = json!({
            "required": placement.required, "schema": field.schema(), "name": field.name, "fieldId": field.id,
            "hasDefaultValue": placement.has_default, "operations": operations(field),
        });
        if self.variant == Variant::Cloud {
            extend(&mut json, json!({ "key": field.id }));
        }
        if field.id == "labels" {
            extend(
                &mut json,
                json!({ "autoCompleteUrl": format!("{}/rest/api/1.0/labels/suggest?query=", self.base_url) }),
            );
        }
        let allowed = match field.id.as_str() {
            "project" => vec![self.project_ref(project)],
            "issuetype" => self
                .issue_type(issue_type)
                .map(|t| self.type_json(t))
                .into_iter()
                .collect(),
            "components" => list(&project.components),
            "fixVersions" | "versions" => list(&project.versions),
            "priority" => ["Highest", "High", "Medium", "Low", "Lowest"]
                .iter()
                .zip(1..)
                .map(|(name, id)| json!({ "id": id.to_string(), "name": name }))
                .collect(),
            _ => field.allowed().map(|(id, value)| option(field, &id, value)).collect(),
        };
        if !allowed.is_empty() || !field.options.is_empty() {
            extend(&mut json, json!({ "allowedValues": allowed }));
        }
        json
    }

    /// What `GET /mypermissions` answers for a project; without one, for any project.
    #[must_use]
    pub fn permissions_json(&self, actor: &Actor, project: Option<&Project>, keys: Option<&[&str]>) -> Value {
        let mut permissions = Map::new();
        for (position, (permission, key, name)) in Permission::ALL.into_iter().enumerate() {
            if keys.is_some_and(|keys| !keys.contains(&key)) {
                continue;
            }
            let holds = match project {
                _ if permission.is_global() => self.accounts.allows_globally(actor, permission),
                Some(project) => self.accounts.allows(actor, project.id, permission),
                None => self
                    .projects()
                    .any(|project| self.accounts.allows(actor, project.id, permission)),
            };
            let kind = if permission.is_global() { "GLOBAL" } else { "PROJECT" };
            let entry = json!({
                "id": position.to_string(), "key": key, "name": name, "type": kind, "description": "",
                "havePermission": holds,
            });
            permissions.insert(key.to_owned(), entry);
        }
        json!({ "permissions": permissions })
    }
}

/// An option with those below it.
fn option(field: &Field, id: &str, value: &str) -> Value {
    let mut json = json!({ "id": id, "value": value });
    let below = field.allowed_below(value, id);
    let below: Vec<Value> = below.map(|(id, value)| json!({ "id": id, "value": value })).collect();
    if !below.is_empty() {
        extend(&mut json, json!({ "children": below }));
    }
    json
}

fn operations(field: &Field) -> &'static [&'static str] {
    match field.kind.as_str() {
        _ if field.id == "attachment" => &[],
        _ if field.id == "issuelinks" || field.id == "comment" => &["add"],
        "array" => &["add", "set", "remove"],
        _ => &["set"],
    }
}
