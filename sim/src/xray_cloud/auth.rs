//! Who calls: API keys, tokens, and every way to be refused.

use axum::http::{HeaderMap, StatusCode, header};
use serde_json::Value;

use crate::jira::account::Actor;

use super::reply::Refused;
use super::state::{ApiClient, Shared};
use super::token::Claims;

/// Key of the tokens' signatures. A token of another deployment must not fit, nothing more.
const SIGNING_KEY: &[u8] = b"xray-cloud-simulator";

/// Exchanges a client id and secret, from a JSON or form body, for a token.
///
/// # Errors
/// 400 for a body that has not both, 401 for wrong ones and without a licence.
pub(super) fn authenticate(shared: &Shared, headers: &HeaderMap, body: &[u8]) -> Result<String, Refused> {
    let (id, secret) = credentials(headers, body).ok_or_else(|| Refused::bad("Bad Request"))?;
    let wrong = || Refused::unauthorized("Authentication failed. Invalid client credentials!");
    let client = shared
        .state()
        .clients
        .get(&id)
        .cloned()
        .filter(|client| client.secret == secret)
        .ok_or_else(wrong)?;
    let site = shared.site();
    if !site.xray.licensed {
        return Err(Refused::unauthorized(NO_LICENCE));
    }
    if !site.accounts.get(&client.user).is_some_and(|user| user.active) {
        return Err(wrong());
    }
    let claims = Claims::new(
        &site.base_url,
        &client.user,
        &id,
        client.generation,
        shared.now() / 1_000,
    );
    Ok(claims.sign(SIGNING_KEY))
}

/// The product's own words for a missing licence are not established.
const NO_LICENCE: &str = "The Xray license is not valid";

fn credentials(headers: &HeaderMap, body: &[u8]) -> Option<(String, String)> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let (id, secret) = if kind.starts_with("application/x-www-form-urlencoded") {
        let pairs: std::collections::HashMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
        (pairs.get("client_id")?.clone(), pairs.get("client_secret")?.clone())
    } else {
        let body: Value = serde_json::from_slice(body).ok()?;
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        (text("client_id")?, text("client_secret")?)
    };
    Some((id, secret))
}

/// The user a request acts as.
///
/// # Errors
/// 401 in the words of the case: no token, a broken, foreign or expired one, one of a key that is gone, no licence.
pub(super) fn actor(shared: &Shared, headers: &HeaderMap) -> Result<Actor, Refused> {
    let sent = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = sent
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let Some((_, token)) = token else {
        return Err(Refused::unauthorized("Could not find authentication data on request"));
    };
    let claims = Claims::verify(token.trim(), SIGNING_KEY, shared.now() / 1_000)
        .map_err(|reason| Refused::unauthorized(format!("Invalid JWT: {reason}")))?;
    let current = shared.state().clients.get(&claims.sub).map(|client| client.generation);
    if current != Some(claims.generation) {
        return Err(Refused::unauthorized("The API token is invalid"));
    }
    let site = shared.site();
    if !site.xray.licensed {
        return Err(Refused::unauthorized(NO_LICENCE));
    }
    if !site.accounts.get(&claims.account_id).is_some_and(|user| user.active) {
        let text = "Add-on 'com.xblend.plugins.xray-enterprise' disallowed to impersonate the user because 'no valid \
                    active user exists'";
        return Err(Refused::new(StatusCode::FORBIDDEN, text));
    }
    Ok(Actor::User(claims.account_id))
}

/// An API key for a user.
pub(super) fn client(secret: &str, user: &str, generation: u64) -> ApiClient {
    ApiClient {
        secret: secret.to_owned(),
        user: user.to_owned(),
        generation,
    }
}
