//! Who asks: API tokens with and without scopes, service accounts, access tokens of OAuth clients.
//!
//! | credential | on the site | through the gateway |
//! |---|---|---|
//! | API token of a user, Basic | the user | the user |
//! | the same with scopes | 401 or anonymous | the user, where the scopes reach |
//! | API token of a service account | 401 or anonymous | as [`ServiceToken`] has it |
//! | access token of an OAuth client, Bearer | 401 or anonymous | the client's account, where the scopes reach |
//!
//! Sources: "Manage API tokens for your Atlassian account", "Manage API tokens for service accounts", "Create OAuth 2.0
//! credential for service accounts", and the refusals clients report.

use std::collections::BTreeSet;

use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::IntoResponse as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::CLOUD_ID;
use super::reply::{Refusal, json_reply};
use super::state::{Scope, Shared};
use crate::answers::ServiceToken;

/// What the address of every service account ends with.
pub const SERVICE_ACCOUNT: &str = "@serviceaccount.atlassian.com";

/// How a request was signed in.
pub(super) enum Login {
    /// No credential.
    Anonymous,
    /// A wrong, expired or revoked one: the request runs as anonymous, and one header says so.
    Failed,
    /// The account with this id.
    As(String),
}

/// A credential as it was sent.
enum Sent {
    Basic { user: String, secret: String },
    Bearer(String),
}

/// Whether an account may log in with what was sent.
type Taken = Box<dyn Fn(&Owner) -> bool>;

/// The account of a token.
struct Owner {
    id: String,
    email: String,
}

impl Owner {
    fn is_service(&self) -> bool {
        self.email.ends_with(SERVICE_ACCOUNT)
    }
}

fn sent(headers: &HeaderMap) -> Option<Sent> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(Sent::Bearer(rest.trim().to_owned()));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (user, secret) = text.split_once(':')?;
    Some(Sent::Basic {
        user: user.to_owned(),
        secret: secret.to_owned(),
    })
}

fn owner(shared: &Shared, secret: &str) -> Option<Owner> {
    let site = shared.site();
    let owner = site.accounts.by_token(secret, site.now())?;
    Some(Owner {
        id: owner.id.clone(),
        email: owner.email.clone(),
    })
}

/// The login of a request to the site's own address.
pub(super) fn on_site(shared: &Shared, headers: &HeaderMap) -> Result<Login, Refusal> {
    if !headers.contains_key(header::AUTHORIZATION) {
        return Ok(Login::Anonymous);
    }
    let Some(Sent::Basic { user, secret }) = sent(headers) else {
        return Ok(Login::Failed);
    };
    let is_password = shared
        .site()
        .accounts
        .by_email(&user)
        .is_some_and(|account| !account.password.is_empty() && account.password == secret);
    if is_password {
        let text = "Basic authentication with passwords is deprecated. For more information, see: \
                    https://developer.atlassian.com/cloud/confluence/deprecation-notice-basic-auth/";
        return Err(Refusal::response((StatusCode::UNAUTHORIZED, text).into_response()));
    }
    let is_scoped = shared.state().options.scoped_tokens.contains_key(&secret);
    let account = owner(shared, &secret)
        .filter(|owner| !is_scoped && !owner.is_service() && owner.email.eq_ignore_ascii_case(&user));
    Ok(account.map_or(Login::Failed, |owner| Login::As(owner.id)))
}

/// The account of a request through the gateway, which knows no anonymous requests.
pub(super) fn through_gateway(
    shared: &Shared,
    headers: &HeaderMap,
    cloud: &str,
    needed: Option<Scope>,
) -> Result<String, Refusal> {
    let refused = |text: &str| gateway_refusal(StatusCode::UNAUTHORIZED, text);
    if cloud != CLOUD_ID {
        return Err(gateway_refusal(StatusCode::NOT_FOUND, "Not Found"));
    }
    let (account, scopes) = sent(headers)
        .and_then(|sent| account(shared, sent))
        .ok_or_else(|| refused("Unauthorized"))?;
    match (needed, scopes) {
        (Some(needed), Some(scopes)) if !scopes.contains(&needed) => Err(refused("Unauthorized; scope does not match")),
        _ => Ok(account),
    }
}

/// The account that a credential stands for at the gateway, and its scopes if it has any.
fn account(shared: &Shared, sent: Sent) -> Option<(String, Option<BTreeSet<Scope>>)> {
    let form = shared.site().answers.of::<ServiceToken>();
    let (secret, is_taken): (String, Taken) = match sent {
        Sent::Basic { user, secret } => {
            let is_taken = move |owner: &Owner| {
                let is_form = !owner.is_service() || form != ServiceToken::Bearer;
                is_form && owner.email.eq_ignore_ascii_case(&user)
            };
            (secret, Box::new(is_taken))
        }
        Sent::Bearer(secret) => {
            if let Some(found) = shared.state().oauth.account(&secret, shared.now()) {
                return Some(found);
            }
            let is_taken = move |owner: &Owner| owner.is_service() && form != ServiceToken::Basic;
            (secret, Box::new(is_taken))
        }
    };
    let owner = owner(shared, &secret).filter(|owner| is_taken(owner))?;
    Some((owner.id, shared.state().options.scoped_tokens.get(&secret).cloned()))
}

fn gateway_refusal(status: StatusCode, text: &str) -> Refusal {
    Refusal::response(json_reply(status, &json!({ "code": status.as_u16(), "message": text })))
}

/// The scope that a request needs (Jira's OpenAPI document, classic scopes); none for what everybody may read.
pub(super) fn needed_scope(method: &Method, route: &str, reads: bool) -> Option<Scope> {
    let last = route.rsplit("/rest/api/").next().unwrap_or_default();
    let resource = last.split_once('/').map_or("", |(_, resource)| resource);
    match resource {
        "serverInfo" => None,
        "myself" | "user" | "user/search" | "user/assignable/search" => Some(Scope::User),
        "version" if *method == Method::POST => Some(Scope::ManageProject),
        _ if reads => Some(Scope::Read),
        _ => Some(Scope::Write),
    }
}
