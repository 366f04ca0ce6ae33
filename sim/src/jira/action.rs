//! What happens to issues besides fields: links, comments, attachments, properties, transitions, moves, deletion.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::account::Actor;
use super::id::{IssueId, LinkId, ProjectId};
use super::issue::{Comment, Issue, IssueLink, RemoteLink, StoredFile};
use super::site::Site;

impl Site {
    /// Links two issues; Jira accepts duplicates silently, and so does this.
    pub fn add_link(&mut self, actor: &Actor, link_type: u64, inward: IssueId, outward: IssueId) -> LinkId {
        let id = LinkId(self.fresh_id());
        self.links.insert(
            id,
            IssueLink {
                id,
                link_type,
                inward,
                outward,
            },
        );
        self.touch(actor, inward, &["issuelinks"], |issue| issue.links.push(id));
        if outward != inward {
            self.touch(actor, outward, &["issuelinks"], |issue| issue.links.push(id));
        }
        id
    }

    /// Removes a link; whether it existed.
    pub fn remove_link(&mut self, actor: &Actor, id: LinkId) -> bool {
        let Some(link) = self.links.remove(&id) else {
            return false;
        };
        for side in [link.inward, link.outward] {
            self.touch(actor, side, &["issuelinks"], |issue| {
                issue.links.retain(|&other| other != id)
            });
        }
        true
    }

    /// Adds a comment (see [`Site::check_rich_text`]) and returns its id.
    pub fn add_comment(&mut self, actor: &Actor, issue: IssueId, body: Value) -> u64 {
        let id = self.fresh_id();
        let comment = Comment {
            id,
            author: actor.user().map(str::to_owned),
            body,
            created: self.now(),
        };
        self.touch(actor, issue, &["comment"], |issue| issue.comments.push(comment));
        id
    }

    /// Attaches a file and returns it; the same name twice makes two attachments.
    pub fn attach(&mut self, actor: &Actor, issue: IssueId, name: &str, mime: &str, bytes: Arc<[u8]>) -> StoredFile {
        let file = StoredFile {
            id: self.fresh_id().to_string(),
            filename: name.to_owned(),
            mime_type: mime.to_owned(),
            bytes,
            author: actor.user().map(str::to_owned),
            created: self.now(),
        };
        let kept = file.clone();
        self.touch(actor, issue, &["attachment"], |issue| issue.attachments.push(kept));
        file
    }

    /// The attachment with this id and its issue.
    #[must_use]
    pub fn attachment(&self, id: &str) -> Option<(&Issue, &StoredFile)> {
        self.issues()
            .find_map(|issue| Some((issue, issue.attachments.iter().find(|file| file.id == id)?)))
    }

    /// Removes an attachment; whether it existed.
    pub fn remove_attachment(&mut self, actor: &Actor, id: &str) -> bool {
        let Some(issue) = self.attachment(id).map(|(issue, _)| issue.id) else {
            return false;
        };
        self.touch(actor, issue, &["attachment"], |issue| {
            issue.attachments.retain(|file| file.id != id)
        });
        true
    }

    /// Sets an entity property (see [`Site::check_property`]); whether it is new.
    pub fn set_property(&mut self, issue: IssueId, key: &str, value: Value) -> bool {
        let mut is_new = false;
        self.modify(issue, |issue| {
            is_new = issue.properties.insert(key.to_owned(), value).is_none()
        });
        is_new
    }

    /// Removes an entity property; whether it existed.
    pub fn remove_property(&mut self, issue: IssueId, key: &str) -> bool {
        let mut existed = false;
        self.modify(issue, |issue| existed = issue.properties.remove(key).is_some());
        existed
    }

    /// Adds a remote link, or updates the one with the same global id; its id and whether it is new.
    pub fn set_remote_link(
        &mut self,
        actor: &Actor,
        issue: IssueId,
        global_id: Option<String>,
        body: Map<String, Value>,
    ) -> (u64, bool) {
        let same = |link: &&RemoteLink| global_id.is_some() && link.global_id == global_id;
        let existing = self
            .issue(issue)
            .and_then(|issue| issue.remote_links.iter().find(same))
            .map(|link| link.id);
        let id = existing.unwrap_or_else(|| self.fresh_id());
        self.touch(actor, issue, &["RemoteIssueLink"], |issue| {
            match issue.remote_links.iter_mut().find(|link| link.id == id) {
                Some(link) => link.body = body,
                None => issue.remote_links.push(RemoteLink { id, global_id, body }),
            }
        });
        (id, existing.is_none())
    }

    /// Replaces the remote link with this id.
    pub fn replace_remote_link(
        &mut self,
        actor: &Actor,
        issue: IssueId,
        id: u64,
        global_id: Option<String>,
        body: Map<String, Value>,
    ) {
        self.touch(actor, issue, &["RemoteIssueLink"], |issue| {
            if let Some(link) = issue.remote_links.iter_mut().find(|link| link.id == id) {
                *link = RemoteLink { id, global_id, body };
            }
        });
    }

    /// Removes remote links by id or global id; whether any existed.
    pub fn remove_remote_links(&mut self, actor: &Actor, issue: IssueId, which: impl Fn(&RemoteLink) -> bool) -> bool {
        if !self
            .issue(issue)
            .is_some_and(|issue| issue.remote_links.iter().any(&which))
        {
            return false;
        }
        self.touch(actor, issue, &["RemoteIssueLink"], |issue| {
            issue.remote_links.retain(|link| !which(link))
        });
        true
    }

    /// Moves an issue to another status of the workflow.
    pub fn set_status(&mut self, actor: &Actor, issue: IssueId, status: u64) {
        self.touch(actor, issue, &["status"], |issue| issue.status = status);
    }

    /// Deletes an issue with its links, memberships and runs; whether it existed.
    pub fn delete_issue(&mut self, actor: &Actor, id: IssueId) -> bool {
        let Some(issue) = self.issues.get(&id).map(Arc::clone) else {
            return false;
        };
        for &link in &issue.links {
            self.remove_link(actor, link);
        }
        self.issues.remove(&id);
        self.xray.forget(id);
        let now = self.now();
        self.index.write(now, id, None);
        true
    }

    /// Moves an issue to another project: same id, new key, the old key keeps resolving, and its folder is lost.
    pub fn move_issue(&mut self, actor: &Actor, id: IssueId, project: ProjectId) -> Option<String> {
        let (key, number) = self.next_key(project)?;
        let from = self.issue(id)?.project;
        self.keys.insert(key.clone(), id);
        self.xray.repository_mut(super::xray::Owner::Project(from)).forget(id);
        let new_key = key.clone();
        self.touch(actor, id, &["project", "Key"], |issue| {
            issue.key = new_key;
            issue.number = number;
            issue.project = project;
        });
        Some(key)
    }

    /// Clones an issue as people do in the web interface: fields, labels and definition are copied, properties,
    /// comments and runs are not, and a "Cloners" link joins the two.
    pub fn clone_issue(&mut self, actor: &Actor, id: IssueId) -> Option<IssueId> {
        let original = self.issue(id)?.clone();
        let (key, number) = self.next_key(original.project)?;
        let now = self.now();
        let copy = IssueId(self.fresh_id());
        let role = self.role(&original);
        let issue = Arc::new(Issue {
            id: copy,
            key: key.clone(),
            number,
            summary: format!("CLONE - {}", original.summary),
            creator: actor.user().map(str::to_owned),
            properties: std::collections::BTreeMap::new(),
            links: Vec::new(),
            remote_links: Vec::new(),
            attachments: Vec::new(),
            comments: Vec::new(),
            changes: Vec::new(),
            created: now,
            updated: now,
            ..original
        });
        self.keys.insert(key, copy);
        self.issues.insert(copy, Arc::clone(&issue));
        self.index.write(now, copy, Some(issue));
        self.xray.register(copy, role, now, now);
        self.xray.copy_definition(id, copy, now);
        if let Some(cloners) = self.link_type("Cloners").map(|t| t.id) {
            self.add_link(actor, cloners, copy, id);
        }
        Some(copy)
    }
}
