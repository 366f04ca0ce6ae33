//! Whoever a request comes from, and the door to a tenant.

use std::collections::BTreeMap;

use super::{Account, Quotas, Role, TokenRow, Users};
use crate::problem::Problem;
use crate::store::{StoreError, TenantScope};

/// Who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// A person, by a session.
    Account(Account),
    /// A script, by a token.
    Token(TokenRow),
}

/// Whoever a request comes from.
#[derive(Debug, Clone)]
pub struct Visitor {
    who: Who,
    tenants: BTreeMap<String, Role>,
    csrf: Option<String>,
}

/// A visitor in a tenant.
#[derive(Debug, Clone)]
pub struct Entered {
    /// Its rows.
    pub scope: TenantScope,
    /// What the visitor may do here.
    pub role: Role,
    /// How people call the tenant.
    pub title: String,
    /// How much it may use.
    pub quotas: Quotas,
    /// Who it is, for history and audit.
    pub actor: String,
    is_person: bool,
}

impl Visitor {
    pub(crate) fn account(account: Account, tenants: BTreeMap<String, Role>, csrf: String) -> Self {
        Self {
            who: Who::Account(account),
            tenants,
            csrf: Some(csrf),
        }
    }

    pub(super) fn token(tenant: String, token: TokenRow) -> Self {
        Self {
            tenants: BTreeMap::from([(tenant, token.reach.role())]),
            who: Who::Token(token),
            csrf: None,
        }
    }

    /// Who it is.
    pub fn who(&self) -> &Who {
        &self.who
    }

    /// What forms of the session have to carry; absent for tokens, which no browser sends by itself.
    pub fn csrf(&self) -> Option<&str> {
        self.csrf.as_deref()
    }

    /// Whether they keep the instance.
    pub fn is_administrator(&self) -> bool {
        matches!(&self.who, Who::Account(account) if account.is_administrator)
    }

    /// Tenants that they are a member of.
    pub fn tenants(&self) -> impl Iterator<Item = (&str, Role)> {
        self.tenants.iter().map(|(tenant, role)| (tenant.as_str(), *role))
    }

    /// Who it is, for history and audit.
    pub fn actor(&self) -> String {
        match &self.who {
            Who::Account(account) => account.login.clone(),
            Who::Token(token) => format!("token {}", token.name),
        }
    }

    /// Enters a tenant: as a member in one's role, as an administrator as its owner.
    ///
    /// # Errors
    ///
    /// Not found, whether the tenant does not exist or is somebody else's.
    pub async fn enter(&self, users: &Users, tenant: &str) -> Result<Entered, Problem> {
        let role = match self.tenants.get(tenant) {
            _ if self.is_administrator() => Role::Owner,
            Some(role) => *role,
            None => return Err(Problem::not_found()),
        };
        let row = users.tenant(tenant).await?.ok_or_else(Problem::not_found)?;
        Ok(Entered {
            scope: TenantScope::proved(users.store.clone(), tenant),
            role,
            title: row.title,
            quotas: row.quotas,
            actor: self.actor(),
            is_person: matches!(self.who, Who::Account(_)),
        })
    }
}

impl Entered {
    /// Refuses who may do less.
    ///
    /// # Errors
    ///
    /// They may do less. That is no secret to a member.
    pub fn need(&self, role: Role) -> Result<(), Problem> {
        if self.role >= role {
            return Ok(());
        }
        Err(Problem::forbidden(format!(
            "This needs the role {}; yours is {}.",
            role.name(),
            self.role.name()
        ))
        .hint("An owner of the tenant can change it."))
    }

    /// Refuses tokens: members and tokens are the matter of people.
    ///
    /// # Errors
    ///
    /// It is a token.
    pub fn need_person(&self) -> Result<(), Problem> {
        if self.is_person {
            return Ok(());
        }
        Err(Problem::forbidden("A token cannot do this, only a person can."))
    }
}

/// Of the store and of nothing else: whose session or token a proof is.
impl Users {
    /// Whoever proves to be somebody by a session cookie or a bearer token.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn visitor(&self, session: Option<&str>, token: Option<&str>) -> Result<Option<Visitor>, StoreError> {
        match (token, session) {
            (Some(token), _) => self.by_token(token).await,
            (None, Some(session)) => self.by_session(session).await,
            (None, None) => Ok(None),
        }
    }
}
