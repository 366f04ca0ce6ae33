//! Issues, users and fields as Jira's JSON. Both products share the shapes; users are `name` on Data Center and
//! `accountId` on Cloud, rich text is whatever the store holds.

mod meta;

use serde_json::{Map, Value, json};

use super::account::Accounts;
use super::date;
use super::field::Field;
use super::issue::{Comment, Issue, IssueLink, StoredFile};
use super::project::{IssueType, LinkType, Project, WORKFLOW};
use super::site::Site;
use super::variant::Variant;
use super::xray_field::numeric;

/// Which fields an answer carries; Jira's `fields` parameter.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    all: bool,
    named: Vec<String>,
    without: Vec<String>,
}

impl Selection {
    /// Reads `*all`, `*navigable`, `summary`, `-comment` in any combination; nothing at all means `default`.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>, default: &str) -> Self {
        let mut selection = Self::default();
        let mut names = names
            .into_iter()
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .peekable();
        if names.peek().is_none() {
            selection.add(default);
        }
        for name in names {
            selection.add(name);
        }
        let only_exclusions = !selection.all && selection.named.is_empty() && !selection.without.is_empty();
        selection.all |= only_exclusions;
        selection
    }

    fn add(&mut self, name: &str) {
        match name.strip_prefix('-') {
            Some(excluded) => self.without.push(excluded.to_owned()),
            None if matches!(name, "*all" | "*navigable") => self.all = true,
            None => self.named.push(name.to_owned()),
        }
    }

    /// Whether a field is asked for.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        let named = |list: &[String]| list.iter().any(|name| name == field);
        (self.all || named(&self.named)) && !named(&self.without)
    }
}

impl Site {
    /// An issue as `GET /issue/{key}` and searches show it: `expand`, `id`, `self`, `key`, `fields`.
    #[must_use]
    pub fn issue_json(&self, issue: &Issue, selection: &Selection) -> Value {
        let mut fields = Map::new();
        for field in self.fields.iter().filter(|field| selection.has(&field.id)) {
            if let Some(value) = self.field_json(issue, field) {
                fields.insert(field.id.clone(), value);
            }
        }
        let mut json = self.issue_ref(issue);
        if let Value::Object(members) = &mut json {
            members.insert(
                "expand".to_owned(),
                json!("renderedFields,names,schema,operations,editmeta,changelog"),
            );
            members.insert("fields".to_owned(), Value::Object(fields));
        }
        json
    }

    /// `id`, `key`, `self`.
    #[must_use]
    pub fn issue_ref(&self, issue: &Issue) -> Value {
        json!({ "id": issue.id.to_string(), "key": issue.key, "self": self.api(&format!("issue/{}", issue.id)) })
    }

    /// An address below `/rest/api/2` or `/rest/api/3`.
    #[must_use]
    pub fn api(&self, path: &str) -> String {
        let version = if self.variant == Variant::Cloud { 3 } else { 2 };
        format!("{}/rest/api/{version}/{path}", self.base_url)
    }

    /// The value of one field; `None` where the field does not belong to the issue.
    #[must_use]
    pub fn field_json(&self, issue: &Issue, field: &Field) -> Option<Value> {
        if let Some(role) = field.xray {
            let applies = self
                .fields
                .screens(issue.project, issue.issue_type)?
                .edit
                .get(&field.id)
                .is_some();
            return Some(self.xray_value(role, issue)).filter(|value| applies || !value.is_null());
        }
        Some(match field.id.as_str() {
            "summary" => json!(issue.summary),
            "description" => issue.description.clone(),
            "labels" => json!(issue.labels),
            "issuetype" => self.issue_type(issue.issue_type).map(|t| self.type_json(t))?,
            "project" => self.project(issue.project).map(|project| self.project_ref(project))?,
            "status" => self.status_json(issue.status),
            "priority" => json!({ "name": issue.priority, "id": "3", "self": self.api("priority/3") }),
            "resolution" => Value::Null,
            "reporter" => self.user_json(issue.reporter.as_deref()),
            "creator" => self.user_json(issue.creator.as_deref()),
            "assignee" => self.user_json(issue.assignee.as_deref()),
            "components" => named(&issue.components),
            "fixVersions" => named(&issue.fix_versions),
            "created" => json!(date::jira(issue.created)),
            "updated" => json!(date::jira(issue.updated)),
            "issuelinks" => issue
                .links
                .iter()
                .filter_map(|&id| self.link_json(issue, self.link(id)?))
                .collect(),
            "attachment" => issue
                .attachments
                .iter()
                .map(|file| self.attachment_json(file))
                .collect(),
            "comment" => self.comments_json(issue, 0, usize::MAX),
            "parent" => self.issue_ref(self.issue(issue.parent?)?),
            "subtasks" => json!([]),
            "issuekey" => return None,
            "versions" => issue.custom.get("versions").cloned().unwrap_or_else(|| json!([])),
            id => {
                let value = issue.custom.get(id).cloned();
                let on_screen = self
                    .fields
                    .screens(issue.project, issue.issue_type)?
                    .edit
                    .get(id)
                    .is_some();
                value.or(on_screen.then_some(Value::Null))?
            }
        })
    }

    /// A user, `null` for none or unknown.
    #[must_use]
    pub fn user_json(&self, id: Option<&str>) -> Value {
        user_json(&self.accounts, self.variant, &self.base_url, id)
    }

    /// An issue type.
    #[must_use]
    pub fn type_json(&self, t: &IssueType) -> Value {
        let mut json = json!({
            "self": self.api(&format!("issuetype/{}", t.id)), "id": t.id.to_string(), "name": t.name,
            "description": t.description, "iconUrl": format!("{}{}", self.base_url, t.icon), "subtask": t.subtask,
        });
        let owner = self
            .projects()
            .find(|project| project.team_managed && project.types.contains(&t.id));
        if let Some(project) = owner {
            let scope = json!({ "type": "PROJECT", "project": { "id": project.id.to_string() } });
            extend(&mut json, json!({ "scope": scope }));
        }
        json
    }

    /// `id`, `key`, `name`, `self`, `projectTypeKey` of a project.
    #[must_use]
    pub fn project_ref(&self, project: &Project) -> Value {
        json!({
            "self": self.api(&format!("project/{}", project.id)), "id": project.id.to_string(), "key": project.key,
            "name": project.name, "projectTypeKey": "software",
        })
    }

    /// A project with its lead, issue types, versions and components.
    #[must_use]
    pub fn project_json(&self, project: &Project) -> Value {
        let mut json = self.project_ref(project);
        let types = project
            .types
            .iter()
            .filter_map(|id| self.issue_type(*id))
            .map(|t| self.type_json(t));
        let style = if project.team_managed { "next-gen" } else { "classic" };
        let more = json!({
            "lead": self.user_json(project.lead.as_deref()), "issueTypes": types.collect::<Vec<_>>(),
            "versions": named(&project.versions), "components": named(&project.components), "description": "",
        });
        extend(&mut json, more);
        if self.variant == Variant::Cloud {
            extend(
                &mut json,
                json!({ "style": style, "simplified": project.team_managed, "isPrivate": false }),
            );
        }
        json
    }

    /// A status of the workflow.
    #[must_use]
    pub fn status_json(&self, id: u64) -> Value {
        let Some(status) = WORKFLOW.iter().find(|status| status.id == id) else {
            return Value::Null;
        };
        json!({
            "self": self.api(&format!("status/{id}")), "id": id.to_string(), "name": status.name, "description": "",
            "statusCategory": { "key": status.category, "name": status.name },
        })
    }

    /// A kind of link.
    #[must_use]
    pub fn link_type_json(&self, t: &LinkType) -> Value {
        json!({
            "id": t.id.to_string(), "name": t.name, "inward": t.inward, "outward": t.outward,
            "self": self.api(&format!("issueLinkType/{}", t.id)),
        })
    }

    /// A link as one of its issues shows it: the other issue stands under `outwardIssue` or `inwardIssue`.
    fn link_json(&self, seen_from: &Issue, link: &IssueLink) -> Option<Value> {
        let (side, other) = if link.inward == seen_from.id {
            ("outwardIssue", link.outward)
        } else {
            ("inwardIssue", link.inward)
        };
        let other = self.issue(other)?;
        let kind = self.link_types.iter().find(|t| t.id == link.link_type)?;
        let mut shown = self.issue_ref(other);
        let issue_type = self.issue_type(other.issue_type).map(|t| self.type_json(t));
        let fields =
            json!({ "summary": other.summary, "status": self.status_json(other.status), "issuetype": issue_type });
        extend(&mut shown, json!({ "fields": fields }));
        let mut json = json!({
            "id": link.id.to_string(), "self": self.api(&format!("issueLink/{}", link.id)),
            "type": self.link_type_json(kind),
        });
        extend(&mut json, json!({ side: shown }));
        Some(json)
    }

    /// An attachment.
    #[must_use]
    pub fn attachment_json(&self, file: &StoredFile) -> Value {
        let content = match self.variant {
            Variant::Cloud => self.api(&format!("attachment/content/{}", file.id)),
            Variant::DataCenter => format!("{}/secure/attachment/{}/{}", self.base_url, file.id, file.filename),
        };
        let id = if self.variant == Variant::Cloud {
            numeric(&file.id)
        } else {
            json!(file.id)
        };
        json!({
            "self": self.api(&format!("attachment/{}", file.id)), "id": id, "filename": file.filename,
            "author": self.user_json(file.author.as_deref()), "created": date::jira(file.created),
            "size": file.bytes.len(), "mimeType": file.mime_type, "content": content,
        })
    }

    /// A comment.
    #[must_use]
    pub fn comment_json(&self, issue: &Issue, comment: &Comment) -> Value {
        let author = self.user_json(comment.author.as_deref());
        json!({
            "self": self.api(&format!("issue/{}/comment/{}", issue.id, comment.id)), "id": comment.id.to_string(),
            "author": author, "updateAuthor": author, "body": comment.body,
            "created": date::jira(comment.created), "updated": date::jira(comment.created),
        })
    }

    /// A page of an issue's comments.
    #[must_use]
    pub fn comments_json(&self, issue: &Issue, start: usize, limit: usize) -> Value {
        let page = issue
            .comments
            .iter()
            .skip(start)
            .take(limit)
            .map(|comment| self.comment_json(issue, comment));
        let comments: Vec<Value> = page.collect();
        let total = issue.comments.len();
        json!({ "comments": comments, "maxResults": limit.min(total), "total": total, "startAt": start })
    }
}

fn user_json(accounts: &Accounts, variant: Variant, base_url: &str, id: Option<&str>) -> Value {
    let Some(user) = id.and_then(|id| accounts.get(id)) else {
        return Value::Null;
    };
    let avatar = format!("{base_url}/secure/useravatar?avatarId=10122");
    let mut json = json!({
        "emailAddress": user.email, "displayName": user.display_name, "active": user.active, "timeZone": "Etc/UTC",
        "avatarUrls": { "48x48": avatar },
    });
    let identity = match variant {
        Variant::DataCenter => {
            let link = format!("{base_url}/rest/api/2/user?username={}", user.id);
            json!({ "self": link, "name": user.id, "key": user.id })
        }
        Variant::Cloud => {
            let link = format!("{base_url}/rest/api/3/user?accountId={}", user.id);
            json!({ "self": link, "accountId": user.id, "accountType": "atlassian" })
        }
    };
    extend(&mut json, identity);
    json
}

fn named(names: &[String]) -> Value {
    Value::Array(list(names))
}

fn list(names: &[String]) -> Vec<Value> {
    names
        .iter()
        .zip(10_000..)
        .map(|(name, id)| json!({ "id": id.to_string(), "name": name }))
        .collect()
}

fn extend(target: &mut Value, more: Value) {
    if let (Value::Object(target), Value::Object(more)) = (target, more) {
        target.extend(more);
    }
}
