//! Accounts of people.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Users;
use crate::audit::did;
use crate::id::id;
use crate::problem::Problem;
use crate::store::{Row, StoreError, sql};

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Account {
    /// Id.
    pub id: String,
    /// What they log in with: an e-mail address as a rule. Compared in lower case.
    pub login: String,
    /// How they are called.
    pub name: String,
    /// Whether they keep the instance.
    pub is_administrator: bool,
    /// Whether they cannot log in.
    pub is_off: bool,
    /// Whether they have set a password.
    pub has_password: bool,
}

/// A person to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NewAccount {
    /// What they log in with.
    pub login: String,
    /// How they are called.
    #[serde(default)]
    pub name: String,
    /// Whether they keep the instance.
    #[serde(default)]
    pub is_administrator: bool,
}

const COLUMNS: &str = "id, login, name, is_administrator, is_off, password IS NOT NULL AS has_password";

impl Account {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.get("id")?,
            login: row.get("login")?,
            name: row.get("name")?,
            is_administrator: row.get("is_administrator")?,
            is_off: row.get("is_off")?,
            has_password: row.get("has_password")?,
        })
    }
}

impl Users {
    /// Adds a person without a password; [`Users::invite`] gives them a link to set one. `by` is who adds them.
    ///
    /// # Errors
    ///
    /// The login is no login, or taken.
    pub async fn add(&self, new: NewAccount, by: &str) -> Result<Account, Problem> {
        let account = Account {
            id: id(),
            login: login(&new.login)?,
            name: new.name.trim().to_owned(),
            is_administrator: new.is_administrator,
            is_off: false,
            has_password: false,
        };
        let row = sql(
            "INSERT INTO account (id, login, name, password, is_administrator, is_off, created_at) \
             VALUES (?1, ?2, ?3, NULL, ?4, 0, ?5)",
        );
        let row = row
            .bind(&account.id)
            .bind(&account.login)
            .bind(&account.name)
            .bind(account.is_administrator)
            .bind(self.clock.now());
        let what = did("add account", &account.login, "");
        let written = self.write(by, None, vec![row], what).await;
        written.map_err(|error| match error {
            StoreError::Conflict(_) => Problem::conflict(format!("There is an account `{}` already.", account.login)),
            error => error.into(),
        })?;
        Ok(account)
    }

    /// All accounts by login.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn all(&self) -> Result<Vec<Account>, StoreError> {
        let rows = self
            .store
            .read(sql(format!("SELECT {COLUMNS} FROM account ORDER BY login")))
            .await?;
        rows.iter().map(Account::from_row).collect()
    }

    /// An account by its id.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn account(&self, id: &str) -> Result<Option<Account>, StoreError> {
        let query = sql(format!("SELECT {COLUMNS} FROM account WHERE id = ?1")).bind(id);
        self.store.read(query).await?.first().map(Account::from_row).transpose()
    }

    /// Lets a person log in or not, and keep the instance or not. Who is switched off is logged out.
    ///
    /// # Errors
    ///
    /// There is no such account, or no administrator would be left.
    pub async fn change(&self, id: &str, is_administrator: bool, is_off: bool, by: &str) -> Result<(), Problem> {
        let account = self.account(id).await?.ok_or_else(Problem::not_found)?;
        if !is_administrator || is_off {
            let others = sql("SELECT id FROM account WHERE is_administrator = 1 AND is_off = 0 AND id <> ?1").bind(id);
            if self.store.read(others).await?.is_empty() {
                return Err(Problem::conflict("One administrator has to be left."));
            }
        }
        let change = sql("UPDATE account SET is_administrator = ?2, is_off = ?3 WHERE id = ?1");
        let mut writes = vec![change.bind(id).bind(is_administrator).bind(is_off).must_change(1)];
        if is_off {
            writes.push(sql("DELETE FROM session WHERE account = ?1").bind(id));
        }
        let detail = format!("administrator: {is_administrator}, off: {is_off}");
        let what = did("change account", &account.login, &detail);
        self.write(by, None, writes, what).await.map_err(Problem::missing)
    }

    /// Who has this login and password.
    ///
    /// # Errors
    ///
    /// Nobody has, or too many tried.
    pub async fn log_in(&self, entered: &str, password: String) -> Result<Account, Problem> {
        let entered = entered.trim().to_lowercase();
        self.may_try(&entered).await?;
        let query = sql(format!("SELECT {COLUMNS}, password FROM account WHERE login = ?1")).bind(&entered);
        let found = self.store.read(query).await?.into_iter().next();
        let hash: Option<String> = found.as_ref().map_or(Ok(None), |row| row.get("password"))?;
        let is_right = self.is_password(password, hash).await?;
        let account = found.as_ref().map(Account::from_row).transpose()?;
        match account.filter(|account| is_right && !account.is_off) {
            Some(account) => {
                self.succeeded(&entered).await?;
                Ok(account)
            }
            None => {
                self.failed(&entered).await?;
                Err(Problem::new(StatusCode::UNAUTHORIZED, "Login or password is wrong."))
            }
        }
    }
}

/// A login as it is stored.
fn login(entered: &str) -> Result<String, Problem> {
    let login = entered.trim().to_lowercase();
    let is_usable = (1..=200).contains(&login.len()) && !login.chars().any(|c| c.is_control() || c.is_whitespace());
    if is_usable {
        Ok(login)
    } else {
        Err(Problem::invalid("A login has 1 to 200 characters and no spaces."))
    }
}
