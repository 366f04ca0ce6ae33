//! Users, their credentials, and who may do what where.

use std::collections::{BTreeMap, BTreeSet};

use super::id::{Millis, ProjectId};

/// Who makes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Nobody logged in.
    Anonymous,
    /// The user with this [`User::id`].
    User(String),
    /// The simulator itself (seeding, tests): may do everything, appears as no user.
    System,
}

impl Actor {
    /// The user's id, if a user it is.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        match self {
            Self::User(id) => Some(id),
            Self::Anonymous | Self::System => None,
        }
    }
}

/// A personal access token (Data Center) or an API token (Cloud).
#[derive(Clone, Debug)]
pub struct Token {
    /// What the client sends.
    pub secret: String,
    /// From this moment on the token is refused.
    pub expires: Option<Millis>,
    /// Revoked by the user or an administrator.
    pub revoked: bool,
}

impl Token {
    /// Whether the token is accepted at `now`.
    #[must_use]
    pub fn is_valid(&self, now: Millis) -> bool {
        !self.revoked && self.expires.is_none_or(|end| now < end)
    }
}

/// An account of the site.
#[derive(Clone, Debug)]
pub struct User {
    /// How requests and answers name the user: the user name on Data Center, the accountId on Cloud.
    pub id: String,
    /// The e-mail address; on Cloud also the Basic user name.
    pub email: String,
    /// The name people read.
    pub display_name: String,
    /// Data Center's Basic password.
    pub password: String,
    /// Tokens of the user.
    pub tokens: Vec<Token>,
    /// A deactivated user cannot log in.
    pub active: bool,
    /// Site administrator: holds every permission.
    pub admin: bool,
    /// Wrong passwords since the last good login (Data Center's CAPTCHA counter).
    pub failed_logins: u32,
}

/// The permissions clients ask about, by Jira's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// `BROWSE_PROJECTS`
    Browse,
    /// `CREATE_ISSUES`
    Create,
    /// `EDIT_ISSUES`
    Edit,
    /// `LINK_ISSUES`
    Link,
    /// `CREATE_ATTACHMENTS`
    Attach,
    /// `ADD_COMMENTS`
    Comment,
    /// `ASSIGN_ISSUES`
    Assign,
    /// `MODIFY_REPORTER`
    ModifyReporter,
    /// `TRANSITION_ISSUES`
    Transition,
    /// `DELETE_ISSUES`
    Delete,
    /// `SET_ISSUE_SECURITY`
    SetSecurity,
    /// `ADMINISTER_PROJECTS`
    AdministerProject,
    /// `BULK_CHANGE`, global
    BulkChange,
    /// `ADMINISTER`, global
    Administer,
}

impl Permission {
    /// Every permission with its key and name.
    pub const ALL: [(Self, &'static str, &'static str); 14] = [
        (Self::Browse, "BROWSE_PROJECTS", "Browse Projects"),
        (Self::Create, "CREATE_ISSUES", "Create Issues"),
        (Self::Edit, "EDIT_ISSUES", "Edit Issues"),
        (Self::Link, "LINK_ISSUES", "Link Issues"),
        (Self::Attach, "CREATE_ATTACHMENTS", "Create Attachments"),
        (Self::Comment, "ADD_COMMENTS", "Add Comments"),
        (Self::Assign, "ASSIGN_ISSUES", "Assign Issues"),
        (Self::ModifyReporter, "MODIFY_REPORTER", "Modify Reporter"),
        (Self::Transition, "TRANSITION_ISSUES", "Transition Issues"),
        (Self::Delete, "DELETE_ISSUES", "Delete Issues"),
        (Self::SetSecurity, "SET_ISSUE_SECURITY", "Set Issue Security"),
        (Self::AdministerProject, "ADMINISTER_PROJECTS", "Administer Projects"),
        (Self::BulkChange, "BULK_CHANGE", "Bulk Change"),
        (Self::Administer, "ADMINISTER", "Administer Jira"),
    ];

    /// Whether the permission belongs to the site rather than to a project.
    #[must_use]
    pub fn is_global(self) -> bool {
        matches!(self, Self::BulkChange | Self::Administer)
    }

    /// Whether only administrators hold it unless granted.
    fn is_administrative(self) -> bool {
        matches!(self, Self::AdministerProject | Self::Administer)
    }
}

/// Accounts and permissions of a site.
///
/// Every active user holds every permission but the administrative ones until one is revoked; anonymous visitors hold
/// what was granted to them, initially nothing.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    users: BTreeMap<String, User>,
    revoked: BTreeSet<(ProjectId, String, Permission)>,
    granted: BTreeSet<(ProjectId, String, Permission)>,
    public: BTreeSet<(ProjectId, Permission)>,
}

impl Accounts {
    /// Adds or replaces a user.
    pub fn add(&mut self, user: User) {
        self.users.insert(user.id.clone(), user);
    }

    /// The user with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&User> {
        self.users.get(id)
    }

    /// The user with this id, to change.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut User> {
        self.users.get_mut(id)
    }

    /// All users by id.
    pub fn iter(&self) -> impl Iterator<Item = &User> {
        self.users.values()
    }

    /// The active user who owns this token, if it is valid at `now`.
    #[must_use]
    pub fn by_token(&self, secret: &str, now: Millis) -> Option<&User> {
        self.users
            .values()
            .find(|user| user.active && user.tokens.iter().any(|t| t.secret == secret && t.is_valid(now)))
    }

    /// The user with this e-mail address, compared without case.
    #[must_use]
    pub fn by_email(&self, email: &str) -> Option<&User> {
        self.users.values().find(|user| user.email.eq_ignore_ascii_case(email))
    }

    /// Revokes every token with this secret.
    pub fn revoke_token(&mut self, secret: &str) {
        for token in self
            .users
            .values_mut()
            .flat_map(|u| &mut u.tokens)
            .filter(|t| t.secret == secret)
        {
            token.revoked = true;
        }
    }

    /// Takes a project permission from a user.
    pub fn revoke(&mut self, project: ProjectId, user: &str, permission: Permission) {
        self.granted.remove(&(project, user.to_owned(), permission));
        self.revoked.insert((project, user.to_owned(), permission));
    }

    /// Gives a project permission to a user.
    pub fn grant(&mut self, project: ProjectId, user: &str, permission: Permission) {
        self.revoked.remove(&(project, user.to_owned(), permission));
        self.granted.insert((project, user.to_owned(), permission));
    }

    /// Gives a project permission to everybody, logged in or not.
    pub fn grant_public(&mut self, project: ProjectId, permission: Permission) {
        self.public.insert((project, permission));
    }

    /// Whether `actor` holds a project permission. A project that cannot be browsed gives no other permission either.
    #[must_use]
    pub fn allows(&self, actor: &Actor, project: ProjectId, permission: Permission) -> bool {
        let holds = |wanted: Permission| match actor {
            Actor::System => true,
            Actor::Anonymous => self.public.contains(&(project, wanted)),
            Actor::User(id) => self.user_holds(id, project, wanted),
        };
        holds(permission) && (permission.is_global() || holds(Permission::Browse))
    }

    fn user_holds(&self, id: &str, project: ProjectId, permission: Permission) -> bool {
        let Some(user) = self.users.get(id).filter(|user| user.active) else {
            return false;
        };
        let key = (project, id.to_owned(), permission);
        if self.revoked.contains(&key) {
            return false;
        }
        user.admin || !permission.is_administrative() || self.granted.contains(&key)
    }

    /// Whether `actor` holds a permission of the whole site.
    #[must_use]
    pub fn allows_globally(&self, actor: &Actor, permission: Permission) -> bool {
        match actor {
            Actor::System => true,
            Actor::Anonymous => false,
            Actor::User(id) => self
                .users
                .get(id)
                .is_some_and(|u| u.active && (u.admin || !permission.is_administrative())),
        }
    }
}
