//! Passwords as Argon2id hashes, with the parameters that OWASP names first (19 MiB, two passes).

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use axum::http::StatusCode;

use super::Users;
use crate::problem::Problem;

/// Shortest password that is taken, in characters.
pub(super) const MIN_LENGTH: usize = 12;
/// Longest, in bytes: a megabyte of password is an attack.
const MAX_BYTES: usize = 1024;

fn argon() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or(Params::DEFAULT);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// A hash that no password has, so that an unknown login takes as long as a known one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LWF0LWFsbA$wL8bRqzoQg7FYUYqmB5kmOVvRYdyiwVuMZS1A6sWtBQ";

impl Users {
    pub(super) async fn hash(&self, password: String) -> Result<String, Problem> {
        if password.chars().count() < MIN_LENGTH {
            return Err(Problem::invalid(format!(
                "A password has at least {MIN_LENGTH} characters."
            )));
        }
        if password.len() > MAX_BYTES {
            return Err(Problem::invalid(format!("A password has at most {MAX_BYTES} bytes.")));
        }
        let salt = crate::id::proof();
        self.hashing(move || {
            let salt = SaltString::encode_b64(salt.as_bytes()).ok()?;
            let hash = argon().hash_password(password.as_bytes(), &salt).ok()?;
            Some(hash.to_string())
        })
        .await?
        .ok_or_else(broken)
    }

    /// Whether a password is the one of a hash; without a hash it takes as long and is wrong.
    pub(super) async fn is_password(&self, password: String, hash: Option<String>) -> Result<bool, Problem> {
        if password.len() > MAX_BYTES {
            return Ok(false);
        }
        self.hashing(move || {
            let known = hash.as_deref().unwrap_or(NOBODY);
            let right = PasswordHash::new(known)
                .is_ok_and(|parsed| argon().verify_password(password.as_bytes(), &parsed).is_ok());
            right && hash.is_some()
        })
        .await
    }

    async fn hashing<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let _turn = self.hashing.acquire().await.map_err(|_| broken())?;
        tokio::task::spawn_blocking(work).await.map_err(|_| broken())
    }
}

fn broken() -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "The password could not be hashed.")
}
