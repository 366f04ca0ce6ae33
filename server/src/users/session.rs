//! Sessions of browsers.

use zeroize::Zeroizing;

use super::{Account, Users, Visitor};
use crate::id::{digest, proof};
use crate::store::{StoreError, sql};

/// How long a session lives at most, in milliseconds: 30 days.
pub const SESSION_LIFE_MS: u64 = 30 * DAY_MS;
/// How long it lives unused, in milliseconds: 7 days.
const IDLE_MS: u64 = 7 * DAY_MS;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// How often its use is written down.
const SEEN_MS: u64 = 5 * 60 * 1000;

/// A new session.
pub struct Session {
    /// For the cookie.
    pub proof: Zeroizing<String>,
    /// For forms.
    pub csrf: String,
}

impl Users {
    /// Begins a session of an account.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn begin_session(&self, account: &Account) -> Result<Session, StoreError> {
        let (secret, csrf) = (proof(), proof().to_string());
        let now = self.clock.now();
        let row = sql(
            "INSERT INTO session (digest, account, csrf, created_at, seen_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?4, ?5)",
        );
        let row = row
            .bind(digest(&secret))
            .bind(&account.id)
            .bind(&csrf)
            .bind(now)
            .bind(now + SESSION_LIFE_MS);
        let old = sql("DELETE FROM session WHERE expires_at < ?1").bind(now);
        self.store.write(vec![old, row]).await?;
        Ok(Session { proof: secret, csrf })
    }

    /// Whose session it is.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn by_session(&self, proof: &str) -> Result<Option<Visitor>, StoreError> {
        let (now, digest) = (self.clock.now(), digest(proof));
        let query = sql(
            "SELECT account.id, login, name, is_administrator, is_off, password IS NOT NULL AS has_password, csrf, seen_at \
             FROM session JOIN account ON account.id = session.account \
             WHERE digest = ?1 AND expires_at > ?2 AND seen_at > ?3 AND is_off = 0",
        );
        let query = query.bind(digest.clone()).bind(now).bind(now.saturating_sub(IDLE_MS));
        let found = self.store.read(query).await?;
        let Some(row) = found.first() else { return Ok(None) };
        if row.get::<u64>("seen_at")? + SEEN_MS < now {
            let seen = sql("UPDATE session SET seen_at = ?2 WHERE digest = ?1")
                .bind(digest)
                .bind(now);
            self.store.write(vec![seen]).await?;
        }
        let account = Account::from_row(row)?;
        let tenants = self.memberships(&account.id).await?;
        Ok(Some(Visitor::account(account, tenants, row.get("csrf")?)))
    }

    /// Ends a session.
    ///
    /// # Errors
    ///
    /// The store's.
    pub async fn end_session(&self, proof: &str) -> Result<(), StoreError> {
        let end = sql("DELETE FROM session WHERE digest = ?1").bind(digest(proof));
        self.store.write(vec![end]).await.map(drop)
    }
}
