//! A Jira site with Xray on it: the one store behind the Data Center and the Cloud servers.
//!
//! No HTTP in here. Routes lock the [`SharedSite`], call typed methods with the [`Actor`] they authenticated, and render.
//! Tests use the same methods with [`Actor::System`] to seed, to move, delete and clone issues while clients are at work,
//! to take permissions away, and to compare item by item what arrived.

mod migrate;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::account::{Accounts, Actor, Permission};
use super::field::Fields;
use super::id::{IssueId, LinkId, Millis, ProjectId, TypeId};
use super::index::Index;
use super::issue::{Change, Issue, IssueLink};
use super::project::{IssueType, LinkType, Project, Role, XRAY_TYPES, link_types};
use super::variant::Variant;
use super::xray::Xray;
use crate::answers::Answers;
use crate::clock::Clock;

/// Sizes the site accepts. All counts are characters unless said otherwise.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Summary.
    pub summary: usize,
    /// Description, environment, comments; 0 = no limit (Data Center's `jira.text.field.character.limit`).
    pub text: usize,
    /// One label.
    pub label: usize,
    /// An entity property's value as JSON text.
    pub property: usize,
    /// One attachment, in bytes.
    pub attachment: usize,
    /// Issues per search page (Data Center's `jira.search.views.default.max`).
    pub search_page: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            summary: 255,
            text: 32_767,
            label: 255,
            property: 32_768,
            attachment: 10_485_760,
            search_page: 1_000,
        }
    }
}

/// A site; see the module.
#[derive(Clone, Debug)]
pub struct Site {
    /// Data Center or Cloud.
    pub variant: Variant,
    /// Address under which the site is reached, without a trailing slash, with the context path if any; `self` links
    /// begin with it. Set it once the server's port is known.
    pub base_url: String,
    /// Which forms of answers the site's servers use.
    pub answers: Answers,
    /// Accepted sizes.
    pub limits: Limits,
    /// Users and permissions.
    pub accounts: Accounts,
    /// Fields and screens.
    pub fields: Fields,
    /// What searches see.
    pub index: Index,
    /// Xray's part.
    pub xray: Xray,
    /// How long after their creation Xray Cloud learns of issues created through Jira; 0 = at once.
    pub xray_delay: Millis,
    /// Kinds of issue links.
    pub link_types: Vec<LinkType>,
    /// Whether attachments are switched on.
    pub attachments_enabled: bool,
    clock: Clock,
    projects: BTreeMap<ProjectId, Project>,
    project_keys: HashMap<String, ProjectId>,
    types: BTreeMap<TypeId, IssueType>,
    pub(super) issues: BTreeMap<IssueId, Arc<Issue>>,
    pub(super) keys: HashMap<String, IssueId>,
    pub(super) links: BTreeMap<LinkId, IssueLink>,
    last_id: u64,
}

impl Site {
    /// An empty site: no users, no projects, Xray installed and licensed.
    #[must_use]
    pub fn new(variant: Variant, clock: Clock) -> Self {
        let mut site = Self {
            variant,
            base_url: String::new(),
            answers: Answers::default(),
            limits: Limits::default(),
            accounts: Accounts::default(),
            fields: Fields::new(variant == Variant::DataCenter),
            index: Index::default(),
            xray: Xray::new(variant),
            xray_delay: 0,
            link_types: link_types(variant),
            attachments_enabled: true,
            clock,
            projects: BTreeMap::new(),
            project_keys: HashMap::new(),
            types: BTreeMap::new(),
            issues: BTreeMap::new(),
            keys: HashMap::new(),
            links: BTreeMap::new(),
            last_id: 10_000,
        };
        for (role, dc, cloud, icon) in XRAY_TYPES {
            let name = if variant == Variant::Cloud { cloud } else { dc };
            site.add_type(
                name,
                &format!("Represents a {name}"),
                icon,
                role == Role::SubTestExecution,
                role,
            );
        }
        for (name, subtask) in [("Bug", false), ("Story", false), ("Task", false), ("Sub-task", true)] {
            site.add_type(name, "", "", subtask, Role::Plain);
        }
        site
    }

    /// The moment, by the server's clock.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.clock.now_ms()
    }

    /// A number no other entity of the site has.
    pub(super) fn fresh_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Adds an issue type; existing projects do not get it.
    pub fn add_type(&mut self, name: &str, description: &str, icon: &str, subtask: bool, role: Role) -> TypeId {
        let id = TypeId(10_100 + self.types.len() as u64);
        let icon = match icon {
            // Cloud's icons are avatars, whoever brought the type.
            _ if self.variant == Variant::Cloud => {
                format!(
                    "/rest/api/2/universal_avatar/view/type/issuetype/avatar/{}?size=medium",
                    id.0
                )
            }
            "" => "/images/icons/issuetypes/story.svg".to_owned(),
            icon => format!("/download/resources/com.xpandit.plugins.xray/images/{icon}.png"),
        };
        let (name, description) = (name.to_owned(), description.to_owned());
        self.types.insert(
            id,
            IssueType {
                id,
                name,
                description,
                icon,
                subtask,
                role,
            },
        );
        id
    }

    /// Renames an issue type, as administrators and translations do.
    pub fn rename_type(&mut self, id: TypeId, name: &str) {
        if let Some(issue_type) = self.types.get_mut(&id) {
            name.clone_into(&mut issue_type.name);
        }
    }

    /// The issue type with this id.
    #[must_use]
    pub fn issue_type(&self, id: TypeId) -> Option<&IssueType> {
        self.types.get(&id)
    }

    /// All issue types.
    pub fn issue_types(&self) -> impl Iterator<Item = &IssueType> {
        self.types.values()
    }

    /// Ids of the issue types with this name (without regard to case) or id.
    #[must_use]
    pub fn types_named(&self, name_or_id: &str) -> Vec<TypeId> {
        let named = |t: &&IssueType| t.name.eq_ignore_ascii_case(name_or_id) || t.id.to_string() == name_or_id;
        self.types.values().filter(named).map(|t| t.id).collect()
    }

    /// The first issue type of a project with this role.
    #[must_use]
    pub fn type_of_role(&self, project: ProjectId, role: Role) -> Option<&IssueType> {
        let types = &self.projects.get(&project)?.types;
        types
            .iter()
            .filter_map(|id| self.types.get(id))
            .find(|t| t.role == role)
    }

    /// The role of an issue.
    #[must_use]
    pub fn role(&self, issue: &Issue) -> Role {
        self.types.get(&issue.issue_type).map_or(Role::Plain, |t| t.role)
    }

    /// Adds a project with every issue type and default screens.
    pub fn add_project(&mut self, key: &str, name: &str) -> ProjectId {
        let id = ProjectId(self.fresh_id());
        let types: Vec<TypeId> = self.types.keys().copied().collect();
        for issue_type in self.types.values() {
            self.fields
                .init_screens(id, issue_type.id, issue_type.role, issue_type.subtask);
        }
        let project = Project {
            id,
            key: key.to_owned(),
            former_keys: Vec::new(),
            name: name.to_owned(),
            lead: None,
            types,
            versions: Vec::new(),
            components: Vec::new(),
            team_managed: false,
            last_number: 0,
        };
        self.projects.insert(id, project);
        self.project_keys.insert(key.to_owned(), id);
        id
    }

    /// The project with this id.
    #[must_use]
    pub fn project(&self, id: ProjectId) -> Option<&Project> {
        self.projects.get(&id)
    }

    /// The project with this id, to change; see [`Site::rename_project`] for its key.
    pub fn project_mut(&mut self, id: ProjectId) -> Option<&mut Project> {
        self.projects.get_mut(&id)
    }

    /// All projects by id, seen or not.
    pub fn projects(&self) -> impl Iterator<Item = &Project> {
        self.projects.values()
    }

    /// The project with this id, current key or former key (keys in any case), if `actor` may browse it.
    #[must_use]
    pub fn visible_project(&self, actor: &Actor, id_or_key: &str) -> Option<&Project> {
        let by_key = || {
            self.project_keys
                .get(&id_or_key.to_uppercase())
                .and_then(|id| self.projects.get(id))
        };
        let by_id = || ProjectId::parse(id_or_key).and_then(|id| self.projects.get(&id));
        by_id()
            .or_else(by_key)
            .filter(|project| self.accounts.allows(actor, project.id, Permission::Browse))
    }

    /// The project with this name, if `actor` may browse it.
    #[must_use]
    pub fn project_named(&self, actor: &Actor, name: &str) -> Option<&Project> {
        let named = self
            .projects
            .values()
            .find(|project| project.name.eq_ignore_ascii_case(name));
        named.filter(|project| self.accounts.allows(actor, project.id, Permission::Browse))
    }

    /// Gives a project another key; the old key, and old issue keys, keep resolving.
    pub fn rename_project(&mut self, id: ProjectId, key: &str) {
        let Some(project) = self.projects.get_mut(&id) else {
            return;
        };
        let old = std::mem::replace(&mut project.key, key.to_owned());
        project.former_keys.push(old);
        self.project_keys.insert(key.to_owned(), id);
        let inside: Vec<IssueId> = self
            .issues
            .values()
            .filter(|issue| issue.project == id)
            .map(|i| i.id)
            .collect();
        for issue in inside {
            let number = self.issue(issue).map_or(0, |issue| issue.number);
            let new_key = format!("{key}-{number}");
            self.keys.insert(new_key.clone(), issue);
            self.modify(issue, |issue| issue.key = new_key);
        }
    }

    /// The next issue key of a project, with its number.
    pub(super) fn next_key(&mut self, project: ProjectId) -> Option<(String, u64)> {
        let project = self.projects.get_mut(&project)?;
        project.last_number += 1;
        Some((format!("{}-{}", project.key, project.last_number), project.last_number))
    }

    /// The issue with this id.
    #[must_use]
    pub fn issue(&self, id: IssueId) -> Option<&Issue> {
        self.issues.get(&id).map(Arc::as_ref)
    }

    /// All issues by id, seen or not.
    pub fn issues(&self) -> impl Iterator<Item = &Issue> {
        self.issues.values().map(Arc::as_ref)
    }

    /// The issue with this id or key, including keys it had before a move or a rename of its project.
    #[must_use]
    pub fn find_issue(&self, id_or_key: &str) -> Option<&Issue> {
        let by_key = || self.keys.get(&id_or_key.to_uppercase()).copied();
        self.issue(IssueId::parse(id_or_key).or_else(by_key)?)
    }

    /// The issue with this id or key, if `actor` may browse its project.
    #[must_use]
    pub fn visible_issue(&self, actor: &Actor, id_or_key: &str) -> Option<&Issue> {
        self.find_issue(id_or_key)
            .filter(|issue| self.accounts.allows(actor, issue.project, Permission::Browse))
    }

    /// Whether `actor` holds a permission for an issue.
    #[must_use]
    pub fn may(&self, actor: &Actor, issue: &Issue, permission: Permission) -> bool {
        self.accounts.allows(actor, issue.project, permission)
    }

    /// Changes an issue and informs the index.
    pub(super) fn modify(&mut self, id: IssueId, change: impl FnOnce(&mut Issue)) {
        let now = self.now();
        if let Some(issue) = self.issues.get_mut(&id) {
            change(Arc::make_mut(issue));
            self.index.write(now, id, Some(Arc::clone(issue)));
        }
    }

    /// Changes an issue on behalf of somebody: `updated` and the history show it.
    pub fn touch(&mut self, actor: &Actor, id: IssueId, fields: &[&str], change: impl FnOnce(&mut Issue)) {
        let at = self.now();
        let author = actor.user().map(str::to_owned);
        let fields: Vec<String> = fields.iter().map(|&field| field.to_owned()).collect();
        self.modify(id, |issue| {
            change(issue);
            issue.updated = at;
            issue.changes.push(Change { at, author, fields });
        });
    }

    /// The link with this id.
    #[must_use]
    pub fn link(&self, id: LinkId) -> Option<&IssueLink> {
        self.links.get(&id)
    }

    /// The kind of link with this name (without regard to case) or id.
    #[must_use]
    pub fn link_type(&self, name_or_id: &str) -> Option<&LinkType> {
        let named = |t: &&LinkType| t.name.eq_ignore_ascii_case(name_or_id) || t.id.to_string() == name_or_id;
        self.link_types.iter().find(named)
    }
}

/// A site shared between the servers in front of it and the test behind it.
#[derive(Clone, Debug)]
pub struct SharedSite(Arc<Mutex<Site>>);

impl SharedSite {
    /// Shares a site.
    #[must_use]
    pub fn new(site: Site) -> Self {
        Self(Arc::new(Mutex::new(site)))
    }

    /// The site, exclusively. Do not hold the guard across an `await`.
    pub fn lock(&self) -> MutexGuard<'_, Site> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
