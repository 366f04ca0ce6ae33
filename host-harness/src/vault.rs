//! Secrets in a KV engine (version 2) of OpenBao or HashiCorp Vault, read by an AppRole.
//!
//! Service and command read a vault by this alone. Which paths a tenant may name is theirs to decide.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::egress::{EgressPolicy, HostAnswer, HostRequest};

/// Part of a token's life after which another is asked for, in percent.
const RENEWED_AT: u64 = 80;
/// Where the API of a vault begins. People write the address with it and without.
const API: &str = "/v1";

/// Where an engine is.
#[derive(Debug, Clone)]
pub struct VaultEngine {
    /// For example `https://bao.example.com:8200`.
    pub server: String,
    /// Namespace of the engine and of the role, where the vault has any.
    pub namespace: Option<String>,
    /// Mount of the KV engine.
    pub mount: String,
}

/// Who reads: a role and its secret.
#[derive(Clone)]
pub struct AppRole {
    /// `role_id` of the role.
    pub role: Zeroizing<String>,
    /// Its `secret_id`.
    pub secret: SecretId,
}

/// Where the `secret_id` is.
#[derive(Clone)]
pub enum SecretId {
    /// Here.
    Text(Zeroizing<String>),
    /// In a file, read for each log-in: others may renew it.
    File(PathBuf),
}

/// Why there is no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Nothing is there.
    #[error("the vault has none of this name")]
    Missing,
    /// A secret is there, without this member.
    #[error("it has no member `{0}` that is a text")]
    Member(String),
    /// The role's policies leave it out.
    #[error("the role may not read it")]
    Denied,
    /// The role or its secret is not taken.
    #[error("the log-in was answered {0}")]
    LogIn(u16),
    /// The vault was not reached, or answered otherwise than it should.
    #[error("{0}")]
    Server(String),
}

/// An engine and who reads it.
pub struct Vault {
    /// With the beginning of the API, without a slash at its end.
    server: String,
    engine: VaultEngine,
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

impl Vault {
    /// An engine of a vault, reached as `policy` has it. The operator names it, so it may be private and plain.
    ///
    /// # Errors
    ///
    /// The address is no URL of a server.
    pub fn new(
        engine: VaultEngine,
        role: AppRole,
        policy: EgressPolicy,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, String> {
        let policy = policy.reach(&engine.server);
        let address = engine.server.trim().trim_end_matches('/');
        Ok(Self {
            policy: policy.map_err(|_| format!("`{}` is no URL", engine.server))?,
            server: format!("{}{API}", address.strip_suffix(API).unwrap_or(address)),
            engine: VaultEngine {
                mount: engine.mount.trim_matches('/').to_owned(),
                ..engine
            },
            role,
            clock,
            token: Mutex::new(None),
        })
    }

    /// A member of the secret at `path`, whose parts are separated by slashes. A token that is no longer taken is replaced once.
    ///
    /// # Errors
    ///
    /// As [`VaultError`] has them.
    pub async fn read(&self, path: &str, member: &str) -> Result<Zeroizing<String>, VaultError> {
        let first = self.read_once(path, member).await;
        if first != Err(VaultError::Denied) {
            return first;
        }
        *self.token.lock().await = None;
        self.read_once(path, member).await
    }

    async fn read_once(&self, path: &str, member: &str) -> Result<Zeroizing<String>, VaultError> {
        let token = self.token().await?;
        let url = format!("{}/{}/data/{}", self.server, self.engine.mount, path.trim_matches('/'));
        let answer = self
            .send(HostRequest::get(&url).header("x-vault-token", &token))
            .await?;
        match answer.status {
            200 => {
                let answer: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
                let members = answer.pointer("/data/data");
                let value = members.and_then(|members| members.get(member)).and_then(Value::as_str);
                let value = value.map(|value| Zeroizing::new(value.to_owned()));
                value.ok_or_else(|| VaultError::Member(member.to_owned()))
            }
            403 => Err(VaultError::Denied),
            404 => Err(VaultError::Missing),
            status => Err(VaultError::Server(format!("it answered {status}"))),
        }
    }

    /// The token that is held, or another one.
    async fn token(&self) -> Result<Zeroizing<String>, VaultError> {
        let mut held = self.token.lock().await;
        if let Some(token) = held.as_ref().filter(|token| self.clock.now() < token.renewed_at) {
            return Ok(token.text.clone());
        }
        let token = self.log_in().await?;
        Ok(held.insert(token).text.clone())
    }

    async fn log_in(&self) -> Result<Token, VaultError> {
        let secret = self.secret_id().await?;
        let body = json!({ "role_id": self.role.role.trim(), "secret_id": secret.trim() });
        let body = Zeroizing::new(body.to_string());
        let url = format!("{}/auth/approle/login", self.server);
        let request = HostRequest::post(&url, body.as_bytes().to_vec()).header("content-type", "application/json");
        let answer = self.send(request).await?;
        if answer.status != 200 {
            return Err(VaultError::LogIn(answer.status));
        }
        let answer: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let text = answer.pointer("/auth/client_token").and_then(Value::as_str);
        let text = text.ok_or_else(|| VaultError::Server("the log-in has no token".to_owned()))?;
        let seconds = answer.pointer("/auth/lease_duration").and_then(Value::as_u64);
        let lasts_ms = seconds.unwrap_or_default().saturating_mul(1000) / 100 * RENEWED_AT;
        Ok(Token {
            text: Zeroizing::new(text.to_owned()),
            renewed_at: self.clock.now().saturating_add(lasts_ms),
        })
    }

    async fn secret_id(&self) -> Result<Zeroizing<String>, VaultError> {
        match &self.role.secret {
            SecretId::Text(text) => Ok(text.clone()),
            SecretId::File(path) => {
                let read = tokio::fs::read_to_string(path).await.map(Zeroizing::new);
                read.map_err(|error| VaultError::Server(format!("{}: {error}", path.display())))
            }
        }
    }

    async fn send(&self, request: HostRequest) -> Result<HostAnswer, VaultError> {
        let request = match &self.engine.namespace {
            Some(namespace) => request.header("x-vault-namespace", namespace),
            None => request,
        };
        request.send(&self.policy).await.map_err(VaultError::Server)
    }
}
