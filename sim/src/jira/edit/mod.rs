//! Creating and editing issues the way Jira's REST API does: screens, required fields, permissions, all or nothing.

mod check;
mod value;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::account::{Actor, Permission};
use super::id::{IssueId, ProjectId, TypeId};
use super::input::{IssueInput, Operation};
use super::issue::{Change, Comment, Issue};
use super::project::WORKFLOW;
use super::rejection::Rejection;
use super::site::Site;
use super::variant::Variant;
use super::xray_field::XrayChange;
use value::{change_list, check_custom};
pub(super) use value::{document, text_member};

/// A link to make: its type and the sides that are not the issue itself.
type LinkDraft = (u64, Option<IssueId>, Option<IssueId>);

/// An issue being changed: nothing is written before everything was found right.
struct Draft {
    issue: Issue,
    xray: Vec<XrayChange>,
    links: Vec<LinkDraft>,
    changed: Vec<String>,
    problems: Rejection,
}

impl Site {
    /// Creates an issue.
    ///
    /// # Errors
    /// Jira's error collection (status 400; 403 where Jira says so); nothing was created then.
    pub fn create_issue(&mut self, actor: &Actor, input: &IssueInput) -> Result<IssueId, Rejection> {
        let (project, issue_type) = self.place(actor, input)?;
        let mut draft = self.draft(self.blank(actor, project, issue_type));
        self.check_required(input, &mut draft);
        self.apply(actor, input, &mut draft, true);
        draft.problems.into_result()?;
        let Some((key, number)) = self.next_key(project) else {
            return Err(Rejection::no_such_issue());
        };
        let id = IssueId(self.fresh_id());
        let issue = Issue {
            id,
            key: key.clone(),
            number,
            ..draft.issue
        };
        let now = issue.created;
        let role = self.role(&issue);
        let issue = Arc::new(issue);
        self.issues.insert(id, Arc::clone(&issue));
        self.keys.insert(key, id);
        self.index.write(now, id, Some(issue));
        self.xray.register(id, role, now, now + self.xray_delay);
        self.commit_xray(id, draft.xray);
        self.commit_links(actor, id, draft.links);
        Ok(id)
    }

    /// Edits an issue `actor` can see.
    ///
    /// # Errors
    /// 404 when it is not visible, 403 without the permission, 400 with Jira's error collection; nothing was changed then.
    pub fn edit_issue(&mut self, actor: &Actor, id: IssueId, input: &IssueInput) -> Result<(), Rejection> {
        let issue = self
            .issue(id)
            .filter(|issue| self.may(actor, issue, Permission::Browse));
        let issue = issue.ok_or_else(Rejection::no_such_issue)?.clone();
        if !self.may(actor, &issue, Permission::Edit) {
            let text = "You do not have permission to edit issues in this project.";
            return Err(Rejection::message(
                if self.variant == Variant::Cloud { 403 } else { 400 },
                text,
            ));
        }
        let mut draft = self.draft(issue);
        self.apply(actor, input, &mut draft, false);
        draft.problems.into_result()?;
        let (at, author) = (self.now(), actor.user().map(str::to_owned));
        let mut edited = draft.issue;
        if !draft.changed.is_empty() {
            edited.updated = at;
            edited.changes.push(Change {
                at,
                author,
                fields: draft.changed,
            });
        }
        self.modify(id, |issue| *issue = edited);
        self.commit_xray(id, draft.xray);
        self.commit_links(actor, id, draft.links);
        Ok(())
    }

    fn draft(&self, issue: Issue) -> Draft {
        Draft {
            issue,
            xray: Vec::new(),
            links: Vec::new(),
            changed: Vec::new(),
            problems: Rejection::collect(),
        }
    }

    /// The project and issue type a create is for.
    fn place(&self, actor: &Actor, input: &IssueInput) -> Result<(ProjectId, TypeId), Rejection> {
        let Some(wanted) = input.set_value("project") else {
            return Err(Rejection::field("project", "project is required"));
        };
        let named = text_member(wanted, &["id", "key"]);
        let Some(project) = named.and_then(|named| self.visible_project(actor, &named)) else {
            return Err(Rejection::field("project", "valid project is required"));
        };
        if !self.accounts.allows(actor, project.id, Permission::Create) {
            return Err(match actor {
                Actor::Anonymous => Rejection::field(
                    "project",
                    "Anonymous users do not have permission to create issues in this project. Please try logging in first.",
                ),
                _ => Rejection::message(400, "You do not have permission to create issues in this project."),
            });
        }
        let Some(wanted) = input.set_value("issuetype") else {
            return Err(Rejection::field("issuetype", "issue type is required"));
        };
        let named = text_member(wanted, &["id", "name"]).unwrap_or_default();
        let found = self
            .types_named(&named)
            .into_iter()
            .find(|id| project.types.contains(id));
        let invalid = match self.variant {
            Variant::Cloud => "Specify a valid issue type",
            Variant::DataCenter => "The issue type selected is invalid.",
        };
        found
            .map(|id| (project.id, id))
            .ok_or_else(|| Rejection::field("issuetype", invalid))
    }

    fn blank(&self, actor: &Actor, project: ProjectId, issue_type: TypeId) -> Issue {
        let now = self.now();
        let user = actor.user().map(str::to_owned);
        Issue {
            id: IssueId(0),
            key: String::new(),
            number: 0,
            project,
            issue_type,
            status: WORKFLOW.first().map_or(0, |status| status.id),
            summary: String::new(),
            description: Value::Null,
            labels: Vec::new(),
            components: Vec::new(),
            fix_versions: Vec::new(),
            priority: "Medium".to_owned(),
            reporter: user.clone(),
            creator: user,
            assignee: None,
            parent: None,
            custom: BTreeMap::new(),
            properties: BTreeMap::new(),
            links: Vec::new(),
            remote_links: Vec::new(),
            attachments: Vec::new(),
            comments: Vec::new(),
            created: now,
            updated: now,
            changes: Vec::new(),
        }
    }

    fn check_required(&self, input: &IssueInput, draft: &mut Draft) {
        let Some(screens) = self.fields.screens(draft.issue.project, draft.issue.issue_type) else {
            return;
        };
        for (id, placement) in screens.create.iter() {
            let is_missing = |value: Option<&Value>| match value {
                None | Some(Value::Null) => true,
                Some(Value::String(text)) => text.trim().is_empty(),
                Some(Value::Array(items)) => items.is_empty(),
                Some(_) => false,
            };
            let is_given = input
                .operations
                .get(id)
                .is_some_and(|ops| ops.iter().any(|op| matches!(op, Operation::Add(_))));
            if placement.required && !placement.has_default && !is_given && is_missing(input.set_value(id)) {
                let name = self.fields.get(id).map_or(id, |field| field.name.as_str());
                let text = match id {
                    "summary" => "You must specify a summary of the issue.".to_owned(),
                    "parent" => "Issue type is a sub-task but parent issue key or id not specified.".to_owned(),
                    _ => format!("{name} is required."),
                };
                draft.problems.add(id, text);
            }
        }
    }

    fn apply(&self, actor: &Actor, input: &IssueInput, draft: &mut Draft, creating: bool) {
        for (id, operations) in &input.operations {
            if creating && matches!(id.as_str(), "project" | "issuetype") {
                continue;
            }
            if !self.is_settable(actor, draft, id, creating) {
                let text = format!("Field '{id}' cannot be set. It is not on the appropriate screen, or unknown.");
                draft.problems.add(id, text);
                continue;
            }
            for operation in operations {
                if let Err(text) = self.apply_one(actor, draft, id, operation, input.plain_text) {
                    draft.problems.add(id, text);
                }
            }
            draft.changed.push(id.clone());
        }
        for (key, value) in &input.properties {
            match self.check_property(key, value) {
                Ok(()) => {
                    draft.issue.properties.insert(key.clone(), value.clone());
                }
                Err(text) => draft.problems.messages.push(text),
            }
        }
    }

    fn is_settable(&self, actor: &Actor, draft: &Draft, id: &str, creating: bool) -> bool {
        let needed = match id {
            "reporter" => Some(Permission::ModifyReporter),
            "assignee" => Some(Permission::Assign),
            "issuelinks" => Some(Permission::Link),
            "comment" => Some(Permission::Comment),
            _ => None,
        };
        if needed.is_some_and(|permission| !self.may(actor, &draft.issue, permission)) {
            return false;
        }
        let screens = self.fields.screens(draft.issue.project, draft.issue.issue_type);
        screens.is_some_and(|s| if creating { s.create.get(id) } else { s.edit.get(id) }.is_some())
    }

    fn apply_one(
        &self,
        actor: &Actor,
        draft: &mut Draft,
        id: &str,
        operation: &Operation,
        plain_text: bool,
    ) -> Result<(), String> {
        let (Operation::Set(value) | Operation::Add(value) | Operation::Remove(value)) = operation;
        match id {
            "summary" => draft.issue.summary = self.check_summary(value)?,
            "description" => draft.issue.description = self.check_rich_text(value, plain_text)?,
            "labels" => {
                let labels = self.check_labels(operation)?;
                change_list(&mut draft.issue.labels, operation, labels);
            }
            "components" => {
                let names = self.named(draft.issue.project, operation, "Component")?;
                change_list(&mut draft.issue.components, operation, names);
            }
            "fixVersions" => {
                let names = self.named(draft.issue.project, operation, "Version")?;
                change_list(&mut draft.issue.fix_versions, operation, names);
            }
            "issuetype" => draft.issue.issue_type = self.other_type(&draft.issue, value)?,
            "priority" => draft.issue.priority = text_member(value, &["name", "id"]).ok_or("expected Object")?,
            "reporter" => draft.issue.reporter = self.check_user(value)?,
            "assignee" => draft.issue.assignee = self.check_user(value)?,
            "parent" => {
                let named = text_member(value, &["id", "key"]).unwrap_or_default();
                let parent = self
                    .visible_issue(actor, &named)
                    .ok_or("Could not find issue by id or key.")?;
                draft.issue.parent = Some(parent.id);
            }
            "issuelinks" => draft.links.push(self.check_link(actor, value)?),
            "comment" => {
                let body = self.check_rich_text(value.get("body").unwrap_or(&Value::Null), plain_text)?;
                let author = actor.user().map(str::to_owned);
                let id = 10_000 + draft.issue.comments.len() as u64;
                draft.issue.comments.push(Comment {
                    id,
                    author,
                    body,
                    created: self.now(),
                });
            }
            _ => self.apply_other(actor, draft, id, operation, plain_text)?,
        }
        Ok(())
    }

    fn apply_other(
        &self,
        actor: &Actor,
        draft: &mut Draft,
        id: &str,
        operation: &Operation,
        plain_text: bool,
    ) -> Result<(), String> {
        let (Operation::Set(value) | Operation::Add(value) | Operation::Remove(value)) = operation;
        let Some(field) = self.fields.get(id) else {
            return Err(format!("Field '{id}' is unknown."));
        };
        if let Some(role) = field.xray {
            draft.xray.push(self.check_xray(actor, role, field, operation)?);
            return Ok(());
        }
        let value = match id {
            "environment" => self.check_rich_text(value, plain_text)?,
            _ if field.kind == "array" => {
                let one = |item: &Value| field.picked(item).unwrap_or_else(|| item.clone());
                let mut items = match draft.issue.custom.get(id) {
                    Some(Value::Array(items)) => items.clone(),
                    _ => Vec::new(),
                };
                match operation {
                    Operation::Set(Value::Array(all)) => items.clone_from(all),
                    Operation::Set(Value::Null) => items.clear(),
                    Operation::Set(_) => return Err("data was not an array".to_owned()),
                    Operation::Add(item) => items.push(item.clone()),
                    Operation::Remove(item) => items.retain(|other| *other != one(item)),
                }
                check_custom(field, &Value::Array(items))?
            }
            _ => check_custom(field, value)?,
        };
        if value.is_null() {
            draft.issue.custom.remove(id);
        } else {
            draft.issue.custom.insert(id.to_owned(), value);
        }
        Ok(())
    }

    fn commit_links(&mut self, actor: &Actor, id: IssueId, links: Vec<LinkDraft>) {
        for (link_type, inward, outward) in links {
            self.add_link(actor, link_type, inward.unwrap_or(id), outward.unwrap_or(id));
        }
    }
}
