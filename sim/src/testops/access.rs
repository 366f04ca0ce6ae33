//! Who may do what: API tokens, the access tokens they are exchanged for, and rights on projects.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// The user behind an API token.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// The user name.
    pub name: String,
    /// Without it every write answers 403.
    pub may_write: bool,
    /// The projects the user may see; none means all.
    pub projects: Option<Vec<i64>>,
}

impl User {
    /// A user who may read and write in every project.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            may_write: true,
            projects: None,
        }
    }

    /// Takes the right to write away.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.may_write = false;
        self
    }

    /// Leaves only these projects visible.
    #[must_use]
    pub fn projects(mut self, projects: &[i64]) -> Self {
        self.projects = Some(projects.to_vec());
        self
    }

    pub(crate) fn may_see(&self, project: i64) -> bool {
        self.projects
            .as_ref()
            .is_none_or(|projects| projects.contains(&project))
    }
}

/// All tokens of a site.
#[derive(Debug)]
pub(crate) struct Access {
    api_tokens: BTreeMap<String, User>,
    /// Access token → API token, expiry.
    access_tokens: HashMap<String, (String, i64)>,
    lifetime: Duration,
    issued: u64,
}

impl Access {
    pub(crate) fn new(lifetime: Duration) -> Self {
        Self {
            api_tokens: BTreeMap::new(),
            access_tokens: HashMap::new(),
            lifetime,
            issued: 0,
        }
    }

    pub(crate) fn grant(&mut self, token: &str, user: User) {
        self.api_tokens.insert(token.to_owned(), user);
    }

    /// Revokes an API token and every access token made from it.
    pub(crate) fn revoke(&mut self, token: &str) {
        self.api_tokens.remove(token);
        self.access_tokens.retain(|_, (from, _)| from != token);
    }

    /// Ends every access token at once; the API tokens stay good.
    pub(crate) fn expire(&mut self) {
        self.access_tokens.clear();
    }

    /// Exchanges an API token: the access token and its lifetime in seconds.
    pub(crate) fn exchange(&mut self, api_token: &str, now_ms: i64) -> Option<(String, u64)> {
        let user = self.api_tokens.get(api_token)?;
        self.issued += 1;
        let seconds = self.lifetime.as_secs();
        let expiry_ms = now_ms.saturating_add(i64::try_from(self.lifetime.as_millis()).unwrap_or(i64::MAX));
        let claims = serde_json::json!({
            "user_name": user.name, "scope": ["openid"], "exp": expiry_ms / 1000, "jti": self.issued.to_string(),
        });
        let body = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        // Looks like a signature, and cannot be guessed from the claims.
        let signature = Sha256::digest(format!("{body}.{api_token}"));
        let token = format!("{body}.{}", URL_SAFE_NO_PAD.encode(signature));
        self.access_tokens.retain(|_, (_, expiry)| *expiry > now_ms);
        self.access_tokens
            .insert(token.clone(), (api_token.to_owned(), expiry_ms));
        Some((token, seconds))
    }

    /// The user of a request: `Bearer` with an access token or `Api-Token` with an API token, in any case.
    pub(crate) fn user(&self, headers: &HeaderMap, now_ms: i64) -> Option<&User> {
        let (scheme, secret) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
        let secret = secret.trim();
        if scheme.eq_ignore_ascii_case("api-token") {
            self.api_tokens.get(secret)
        } else if scheme.eq_ignore_ascii_case("bearer") {
            let (api_token, _) = self.access_tokens.get(secret).filter(|(_, expiry)| now_ms < *expiry)?;
            self.api_tokens.get(api_token)
        } else {
            None
        }
    }
}
