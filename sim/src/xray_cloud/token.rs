//! The JSON Web Tokens of the authenticate call: HS256, valid for 24 hours.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;

/// How long a token lives, in seconds ("Authentication - REST v2").
pub(super) const LIFETIME_SECS: i64 = 86_400;

const ISSUER: &str = "com.xpandit.xray";

/// What a token says.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Claims {
    pub tenant: String,
    #[serde(rename = "accountId")]
    pub account_id: String,
    pub iat: i64,
    pub exp: i64,
    pub aud: String,
    pub iss: String,
    pub sub: String,
    /// Generation of the client's key: regenerating the key makes older tokens void.
    #[serde(rename = "gen")]
    pub generation: u64,
}

impl Claims {
    /// The claims of a token minted at `now` (seconds since the epoch).
    pub fn new(tenant: &str, account_id: &str, client_id: &str, generation: u64, now: i64) -> Self {
        Self {
            tenant: tenant.to_owned(),
            account_id: account_id.to_owned(),
            iat: now,
            exp: now + LIFETIME_SECS,
            aud: client_id.to_owned(),
            iss: ISSUER.to_owned(),
            sub: client_id.to_owned(),
            generation,
        }
    }

    /// Writes the token.
    pub fn sign(&self, secret: &[u8]) -> String {
        let header = URL_SAFE_NO_PAD.encode(json!({ "alg": "HS256", "typ": "JWT" }).to_string());
        let payload = URL_SAFE_NO_PAD.encode(json!(self).to_string());
        let signed = format!("{header}.{payload}");
        let signature = mac(secret, &signed).map(|mac| URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
        format!("{signed}.{}", signature.unwrap_or_default())
    }

    /// Reads a token back.
    ///
    /// # Errors
    /// The text the server puts behind `Invalid JWT: `, which is that of its token library.
    pub fn verify(token: &str, secret: &[u8], now: i64) -> Result<Self, &'static str> {
        const MALFORMED: &str = "JsonWebTokenError: jwt malformed";
        const SIGNATURE: &str = "JsonWebTokenError: invalid signature";
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(MALFORMED);
        };
        let claims = URL_SAFE_NO_PAD.decode(payload).map_err(|_| MALFORMED)?;
        let claims: Self = serde_json::from_slice(&claims).map_err(|_| "JsonWebTokenError: invalid token")?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| SIGNATURE)?;
        let signed = mac(secret, &format!("{header}.{payload}")).ok_or(SIGNATURE)?;
        signed.verify_slice(&signature).map_err(|_| SIGNATURE)?;
        if now >= claims.exp {
            return Err("TokenExpiredError: jwt expired");
        }
        Ok(claims)
    }
}

/// HMAC takes keys of any length, so this is never `None` in practice.
fn mac(secret: &[u8], text: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(text.as_bytes());
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_until_it_expires() {
        let token = Claims::new("site", "user", "CLIENT", 0, 1_000).sign(b"secret");
        let claims = Claims::verify(&token, b"secret", 1_000 + LIFETIME_SECS - 1).unwrap();
        assert_eq!(
            (claims.aud.as_str(), claims.iss.as_str(), claims.exp),
            ("CLIENT", "com.xpandit.xray", 87_400)
        );
        let expired = Claims::verify(&token, b"secret", 1_000 + LIFETIME_SECS);
        assert_eq!(expired.unwrap_err(), "TokenExpiredError: jwt expired");
    }

    #[test]
    fn a_foreign_or_broken_token_is_distinguished() {
        let token = Claims::new("site", "user", "CLIENT", 0, 1_000).sign(b"other");
        assert_eq!(
            Claims::verify(&token, b"secret", 0).unwrap_err(),
            "JsonWebTokenError: invalid signature"
        );
        let quoted = format!("\"{}", "no token");
        assert_eq!(
            Claims::verify(&quoted, b"secret", 0).unwrap_err(),
            "JsonWebTokenError: jwt malformed"
        );
    }
}
