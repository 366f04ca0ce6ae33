//! Master keys in the transit engine of OpenBao or HashiCorp Vault: tenants' keys are sealed and opened there, and the
//! master key never leaves it.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tms_sync_host::{EgressPolicy, HostRequest};
use zeroize::Zeroizing;

use super::SecretError;
use super::keyring::aad;
use super::source::{KeyResult, KeySource, SealedKey};

/// How the service proves itself to the engine.
#[derive(Clone)]
pub enum TransitToken {
    /// The token.
    Text(Zeroizing<String>),
    /// A file with the token, read each time: an agent may renew it.
    File(PathBuf),
}

/// A key of a transit engine.
pub struct Transit {
    /// For example `https://bao.example:8200/v1/transit`.
    engine: String,
    key: String,
    token: TransitToken,
    policy: EgressPolicy,
}

impl Transit {
    /// The key `key` of the engine at `url`, reached as `policy` has it. The operator names it, so it may be private, and plain
    /// on loopback.
    ///
    /// # Errors
    ///
    /// The address is no URL of a server.
    pub fn new(url: &str, key: &str, token: TransitToken, policy: EgressPolicy) -> Result<Self, String> {
        Ok(Self {
            engine: url.trim_end_matches('/').to_owned(),
            key: key.to_owned(),
            token,
            policy: policy.reach(url).map_err(|_| format!("`{url}` is no URL"))?,
        })
    }

    async fn ask(&self, what: &str, body: Option<Value>) -> Result<Value, SecretError> {
        let url = format!("{}/{what}/{}", self.engine, self.key);
        let request = match body {
            Some(body) => HostRequest::post(&url, body.to_string().into_bytes()),
            None => HostRequest::get(&url),
        };
        let request = request.header("x-vault-token", self.token()?.trim());
        let answer = request.send(&self.policy).await.map_err(SecretError::Source)?;
        if answer.status == 200 {
            let body = serde_json::from_slice(&answer.body);
            return body.map_err(|_| SecretError::Source("the answer is no JSON".to_owned()));
        }
        Err(SecretError::Source(format!("{what} was answered {}", answer.status)))
    }

    fn token(&self) -> Result<Zeroizing<String>, SecretError> {
        match &self.token {
            TransitToken::Text(text) => Ok(text.clone()),
            TransitToken::File(path) => {
                let failed = |error| SecretError::Source(format!("the token file {}: {error}", path.display()));
                std::fs::read_to_string(path).map(Zeroizing::new).map_err(failed)
            }
        }
    }

    fn name(&self, version: &str) -> String {
        format!("{} {version}", self.key)
    }
}

impl KeySource for Transit {
    fn current(&self) -> KeyResult<'_, String> {
        Box::pin(async move {
            let answer = self.ask("keys", None).await?;
            let version = answer.pointer("/data/latest_version").and_then(Value::as_u64);
            let version = version.ok_or_else(|| SecretError::Source("the key has no version".to_owned()))?;
            Ok(self.name(&format!("v{version}")))
        })
    }

    fn seal<'a>(&'a self, key: &'a [u8], bound: &'a [&'a str]) -> KeyResult<'a, SealedKey> {
        Box::pin(async move {
            let body = json!({ "plaintext": STANDARD.encode(key), "associated_data": STANDARD.encode(aad(bound)) });
            let answer = self.ask("encrypt", Some(body)).await?;
            let text = answer
                .pointer("/data/ciphertext")
                .and_then(Value::as_str)
                .unwrap_or_default();
            // `vault:v1:…`: the version is the middle.
            let version = text.split(':').nth(1).filter(|_| text.starts_with("vault:"));
            let version = version.ok_or_else(|| SecretError::Source("the answer has no ciphertext".to_owned()))?;
            Ok(SealedKey {
                master: self.name(version),
                bytes: text.as_bytes().to_vec(),
            })
        })
    }

    fn open<'a>(&'a self, sealed: &'a SealedKey, bound: &'a [&'a str]) -> KeyResult<'a, Zeroizing<Vec<u8>>> {
        Box::pin(async move {
            let closed = || SecretError::Closed("tenant's key".to_owned());
            let text = std::str::from_utf8(&sealed.bytes).map_err(|_| closed())?;
            let body = json!({ "ciphertext": text, "associated_data": STANDARD.encode(aad(bound)) });
            let answer = self.ask("decrypt", Some(body)).await?;
            let text = answer
                .pointer("/data/plaintext")
                .and_then(Value::as_str)
                .ok_or_else(closed)?;
            STANDARD.decode(text).map(Zeroizing::new).map_err(|_| closed())
        })
    }
}
