//! Atlassian's authorization server, an origin of its own: OAuth 2.0 client credentials of service accounts.
//!
//! Source: "Create OAuth 2.0 credential for service accounts": `POST /oauth/token`, access tokens of 60 minutes without
//! refresh tokens, calls through the gateway with Bearer. The refusal is that of the vendor's identity provider, which
//! clients quote.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::post;
use serde_json::{Value, json};

use super::reply::json_reply;
use super::state::{Scope, Shared};
use crate::jira::id::Millis;

/// Lifetime of an access token in seconds.
const LIFETIME: i64 = 3_600;

/// A client of a service account.
#[derive(Clone, Debug)]
struct Client {
    secret: String,
    account: String,
    scopes: BTreeSet<Scope>,
}

/// All clients and the access tokens they have.
#[derive(Debug, Default)]
pub(super) struct Oauth {
    clients: BTreeMap<String, Client>,
    /// Access token → client, expiry.
    tokens: HashMap<String, (String, Millis)>,
    issued: u64,
}

impl Oauth {
    pub(super) fn add_client(&mut self, id: &str, secret: &str, account: &str, scopes: BTreeSet<Scope>) {
        let client = Client {
            secret: secret.to_owned(),
            account: account.to_owned(),
            scopes,
        };
        self.clients.insert(id.to_owned(), client);
    }

    /// Removes a client; its access tokens are void.
    pub(super) fn remove_client(&mut self, id: &str) {
        self.clients.remove(id);
    }

    /// The account and scopes of an access token.
    pub(super) fn account(&self, token: &str, now: Millis) -> Option<(String, Option<BTreeSet<Scope>>)> {
        let (client, _) = self.tokens.get(token).filter(|(_, expiry)| now < *expiry)?;
        let client = self.clients.get(client)?;
        Some((client.account.clone(), Some(client.scopes.clone())))
    }

    /// A fresh access token of a client, and the names of its scopes.
    fn exchange(&mut self, id: &str, secret: &str, now: Millis) -> Option<(String, String)> {
        let client = self.clients.get(id).filter(|client| client.secret == secret)?;
        let scopes: Vec<&str> = client.scopes.iter().map(|scope| scope.name()).collect();
        let scopes = scopes.join(" ");
        self.issued += 1;
        let token = format!("canary-oauth-access-{:08}-{:016x}", self.issued, now);
        self.tokens.retain(|_, (_, expiry)| now < *expiry);
        self.tokens
            .insert(token.clone(), (id.to_owned(), now + LIFETIME * 1_000));
        Some((token, scopes))
    }
}

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new().route("/oauth/token", post(token)).with_state(shared)
}

async fn token(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let fields = fields(&headers, &body);
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    if field("grant_type") != "client_credentials" {
        let text = "Unsupported grant type";
        return refusal(StatusCode::FORBIDDEN, "unsupported_grant_type", text);
    }
    let now = shared.now();
    let exchanged = shared
        .state()
        .oauth
        .exchange(field("client_id"), field("client_secret"), now);
    match exchanged {
        Some((token, scope)) => json_reply(
            StatusCode::OK,
            &json!({ "access_token": token, "scope": scope, "expires_in": LIFETIME, "token_type": "Bearer" }),
        ),
        None => refusal(StatusCode::UNAUTHORIZED, "access_denied", "Unauthorized"),
    }
}

fn refusal(status: StatusCode, error: &str, description: &str) -> Response {
    json_reply(status, &json!({ "error": error, "error_description": description }))
}

/// The members of a JSON or form body that are text.
fn fields(headers: &HeaderMap, body: &[u8]) -> BTreeMap<String, String> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        return form_urlencoded::parse(body).into_owned().collect();
    }
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
        return BTreeMap::new();
    };
    let texts = members.into_iter().filter_map(|(name, value)| match value {
        Value::String(text) => Some((name, text)),
        _ => None,
    });
    texts.collect()
}
