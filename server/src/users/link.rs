//! One-time links by which a person sets a password.

use zeroize::Zeroizing;

use super::{Account, NewAccount, Users};
use crate::audit::did;
use crate::id::{digest, proof};
use crate::problem::Problem;
use crate::store::{Statement, StoreError, sql};

/// How long a link can be followed, in milliseconds: three days.
const LIFE_MS: u64 = 3 * 24 * 60 * 60 * 1000;

impl Users {
    /// Whether nobody keeps this instance yet.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn is_unclaimed(&self) -> Result<bool, StoreError> {
        let found = self
            .store
            .read(sql("SELECT id FROM account WHERE is_administrator = 1 LIMIT 1"))
            .await?;
        Ok(found.is_empty())
    }

    /// The proof of a link that makes the first administrator. Links of earlier starts end.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn first_link(&self) -> Result<Zeroizing<String>, StoreError> {
        let end = sql("DELETE FROM link WHERE account IS NULL");
        let (secret, link) = self.link(None);
        self.store.write(vec![end, link]).await?;
        Ok(secret)
    }

    /// The proof of a link by which a person sets a password, for the first time or again.
    ///
    /// # Errors
    ///
    /// There is no such account.
    pub async fn invite(&self, account: &str, by: &str) -> Result<Zeroizing<String>, Problem> {
        let account = self.account(account).await?.ok_or_else(Problem::not_found)?;
        let end = sql("DELETE FROM link WHERE account = ?1").bind(&account.id);
        let (secret, link) = self.link(Some(&account.id));
        let what = did("make link", &account.login, "");
        self.write(by, None, vec![end, link], what).await?;
        Ok(secret)
    }

    fn link(&self, account: Option<&str>) -> (Zeroizing<String>, Statement) {
        let secret = proof();
        let row = sql("INSERT INTO link (digest, account, expires_at) VALUES (?1, ?2, ?3)");
        let row = row.bind(digest(&secret)).bind(account).bind(self.clock.now() + LIFE_MS);
        (secret, row)
    }

    /// Whose link it is: `Some(None)` makes an administrator; `None`: used, too old or none of ours.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn linked(&self, proof: &str) -> Result<Option<Option<Account>>, StoreError> {
        let query = sql("SELECT account FROM link WHERE digest = ?1 AND expires_at > ?2");
        let found = self
            .store
            .read(query.bind(digest(proof)).bind(self.clock.now()))
            .await?;
        let Some(row) = found.first() else { return Ok(None) };
        match row.get::<Option<String>>("account")? {
            None => Ok(Some(None)),
            Some(id) => Ok(self.account(&id).await?.map(Some)),
        }
    }

    /// Follows a link: sets the password of its account, or makes the first administrator, who is called `new`. The link
    /// is used up, and all sessions of the account end.
    ///
    /// # Errors
    ///
    /// The link is used, too old or none of ours; the password is too short.
    pub async fn follow_link(&self, proof: &str, new: NewAccount, password: String) -> Result<Account, Problem> {
        let gone = || {
            Problem::not_found().hint("The link was used or is too old. An administrator makes a new one; before there is one, a restart prints it.")
        };
        let owner = self.linked(proof).await?.ok_or_else(gone)?;
        let hash = self.hash(password).await?;
        let used = sql("DELETE FROM link WHERE digest = ?1")
            .bind(digest(proof))
            .must_change(1);
        self.store.write(vec![used]).await.map_err(|error| match error {
            StoreError::Stale => gone(),
            error => error.into(),
        })?;
        let account = match owner {
            Some(account) => account,
            None => {
                let new = NewAccount {
                    is_administrator: true,
                    ..new
                };
                self.add(new, "first link").await?
            }
        };
        let set = sql("UPDATE account SET password = ?2 WHERE id = ?1")
            .bind(&account.id)
            .bind(hash);
        let end = sql("DELETE FROM session WHERE account = ?1").bind(&account.id);
        let what = did("set password", &account.login, "");
        self.write(&account.login, None, vec![set, end], what).await?;
        self.succeeded(&account.login).await?;
        Ok(Account {
            has_password: true,
            ..account
        })
    }
}
