//! Secrets in a KV engine (version 2) of OpenBao or HashiCorp Vault: below `PREFIX/TENANT/NAME`, the member `value`.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};
use tms_sync_host::{Clock, EgressPolicy, HostRequest};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::{SecretPlace, missing};
use crate::secrets::{SecretError, SecretResult};

/// Part of a token's life after which another is asked for, in percent.
const RENEWED_AT: u64 = 80;

/// How the service logs in: a role, and a secret that is read each time, since others may renew it.
#[derive(Debug, Clone)]
pub struct AppRole {
    /// `role_id` of the role.
    pub role: String,
    /// File of the `secret_id`.
    pub secret: PathBuf,
}

/// Where secrets are in a vault.
#[derive(Debug, Clone)]
pub struct VaultPart {
    /// For example `https://bao.example:8200/v1`.
    pub server: String,
    /// Mount of the KV engine.
    pub mount: String,
    /// Folder in the engine that has a folder per tenant.
    pub path: String,
}

/// A KV engine. `secret://vault/NAME`.
pub struct Vault {
    part: VaultPart,
    role: AppRole,
    policy: EgressPolicy,
    clock: Arc<dyn Clock>,
    token: Mutex<Option<Token>>,
}

struct Token {
    text: Zeroizing<String>,
    /// Milliseconds since the Unix epoch.
    renewed_at: u64,
}

/// Why there was no secret.
enum Refused {
    /// The token is not taken, or may not read this.
    Token,
    Other(SecretError),
}

impl Vault {
    /// A part of a vault, reached as `policy` has it. The operator names it, so it may be private, and plain on loopback.
    ///
    /// # Errors
    ///
    /// The address is no URL of a server.
    pub fn new(part: VaultPart, role: AppRole, policy: EgressPolicy, clock: Arc<dyn Clock>) -> Result<Self, String> {
        let trimmed = |text: &str| text.trim_matches('/').to_owned();
        let policy = policy.reach(&part.server);
        Ok(Self {
            policy: policy.map_err(|_| format!("`{}` is no URL", part.server))?,
            part: VaultPart {
                server: trimmed(&part.server),
                mount: trimmed(&part.mount),
                path: trimmed(&part.path),
            },
            role,
            clock,
            token: Mutex::new(None),
        })
    }

    /// The token that is held, or another one.
    async fn token(&self) -> Result<Zeroizing<String>, SecretError> {
        let mut held = self.token.lock().await;
        if let Some(token) = held.as_ref().filter(|token| self.clock.now() < token.renewed_at) {
            return Ok(token.text.clone());
        }
        let token = self.log_in().await?;
        Ok(held.insert(token).text.clone())
    }

    async fn log_in(&self) -> Result<Token, SecretError> {
        let source = |what: String| SecretError::Source(format!("the vault: {what}"));
        let read = tokio::fs::read_to_string(&self.role.secret).await.map(Zeroizing::new);
        let secret = read.map_err(|error| source(format!("{}: {error}", self.role.secret.display())))?;
        let body = Zeroizing::new(json!({ "role_id": self.role.role, "secret_id": secret.trim() }).to_string());
        let url = format!("{}/auth/approle/login", self.part.server);
        let request = HostRequest::post(&url, body.as_bytes().to_vec()).header("content-type", "application/json");
        let answer = request.send(&self.policy).await.map_err(source)?;
        if answer.status != 200 {
            return Err(source(format!("the log-in was answered {}", answer.status)));
        }
        let answer: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let text = answer.pointer("/auth/client_token").and_then(Value::as_str);
        let text = text.ok_or_else(|| source("the log-in has no token".to_owned()))?;
        let seconds = answer.pointer("/auth/lease_duration").and_then(Value::as_u64);
        Ok(Token {
            text: Zeroizing::new(text.to_owned()),
            renewed_at: self.clock.now() + seconds.unwrap_or_default() * 1000 * RENEWED_AT / 100,
        })
    }

    async fn read(&self, tenant: &str, name: &str) -> Result<Zeroizing<String>, Refused> {
        let token = self.token().await.map_err(Refused::Other)?;
        let VaultPart { server, mount, path } = &self.part;
        let url = format!("{server}/{mount}/data/{path}/{tenant}/{name}");
        let sent = HostRequest::get(&url)
            .header("x-vault-token", &token)
            .send(&self.policy)
            .await;
        let answer = sent.map_err(|what| Refused::Other(SecretError::Source(format!("the vault: {what}"))))?;
        let reference = || format!("secret://vault/{name}");
        match answer.status {
            200 => {
                let answer: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
                let value = answer.pointer("/data/data/value").and_then(Value::as_str);
                let value = value.map(|value| Zeroizing::new(value.to_owned()));
                value.ok_or_else(|| Refused::Other(missing(reference(), "it has no member `value` that is a text")))
            }
            403 => Err(Refused::Token),
            404 => Err(Refused::Other(missing(reference(), "the vault has none of this name"))),
            status => Err(Refused::Other(SecretError::Source(format!(
                "the vault answered {status}"
            )))),
        }
    }
}

impl SecretPlace for Vault {
    fn name(&self) -> &'static str {
        "vault"
    }

    /// A token that is no longer taken is replaced once.
    fn fetch<'a>(&'a self, tenant: &'a str, name: &'a str) -> SecretResult<'a, Zeroizing<String>> {
        Box::pin(async move {
            for _ in 0..2 {
                match self.read(tenant, name).await {
                    Ok(secret) => return Ok(secret),
                    Err(Refused::Other(error)) => return Err(error),
                    Err(Refused::Token) => *self.token.lock().await = None,
                }
            }
            Err(missing(
                format!("secret://vault/{name}"),
                "the service's role may not read it",
            ))
        })
    }
}
