//! In front of every resource: who asks, bursts, writes to one issue, cross-site requests.

use std::sync::Arc;

use axum::extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::jira::account::Actor;
use crate::jira::date;
use crate::jira::id::Millis;

use super::CLOUD_ID;
use super::limit::{Left, Wait};
use super::reply::{Refusal, json_reply};
use super::state::{Scope, Shared};

const LOGIN_REASON: HeaderName = HeaderName::from_static("x-seraph-loginreason");
const ACCOUNT_ID: HeaderName = HeaderName::from_static("x-aaccountid");
const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
const NEAR_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-nearlimit");
const REASON: HeaderName = HeaderName::from_static("ratelimit-reason");

/// How a request was signed in.
enum Login {
    /// No credential.
    Anonymous,
    /// A wrong, expired or revoked one: the request runs as anonymous, and one header says so.
    Failed,
    As(String),
}

pub(super) async fn front(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let route = parts
        .extensions
        .get::<MatchedPath>()
        .map(|route| route.as_str().to_owned())
        .unwrap_or_default();
    let found = RawPathParams::from_request_parts(&mut parts, &shared).await;
    let param = |name: &str| {
        let found = found.as_ref().ok()?;
        found
            .iter()
            .find(|(own, _)| *own == name)
            .map(|(_, value)| value.to_owned())
    };
    let reads = is_read(&parts.method, &route);
    let login = match param("cloudId") {
        Some(cloud) => match through_gateway(&shared, &parts.headers, &cloud, reads) {
            Ok(user) => Login::As(user),
            Err(refusal) => return refusal.into_response(),
        },
        None => match on_site(&shared, &parts.headers) {
            Ok(login) => login,
            Err(refusal) => return refusal.into_response(),
        },
    };
    if parts.method == Method::GET
        && parts
            .headers
            .get(header::CONTENT_LENGTH)
            .is_some_and(|length| length != "0")
    {
        return Refusal::message(400, "GET requests must not have a body.").into_response();
    }
    if is_cross_site(&parts.method, &parts.headers) {
        return (StatusCode::FORBIDDEN, "XSRF check failed").into_response();
    }
    let now = shared.now();
    let issue = param("issue").filter(|_| parts.method != Method::GET);
    let left = match admit(&shared, &parts.method, &route, issue.as_deref(), now) {
        Ok(left) => left,
        Err(wait) => return too_many(wait, now),
    };
    parts.extensions.insert(match &login {
        Login::As(user) => Actor::User(user.clone()),
        Login::Anonymous | Login::Failed => Actor::Anonymous,
    });
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let headers = response.headers_mut();
    match login {
        Login::Anonymous => {}
        Login::Failed => {
            headers.insert(LOGIN_REASON, HeaderValue::from_static("AUTHENTICATED_FAILED"));
        }
        Login::As(user) => {
            headers.insert(LOGIN_REASON, HeaderValue::from_static("OK"));
            if let Ok(user) = HeaderValue::from_str(&user) {
                headers.insert(ACCOUNT_ID, user);
            }
        }
    }
    if let Some(left) = left {
        headers.insert(LIMIT, left.limit.into());
        headers.insert(REMAINING, left.remaining.into());
        if left.remaining < left.limit / 5 {
            headers.insert(NEAR_LIMIT, HeaderValue::from_static("true"));
        }
    }
    response
}

/// Whether a request only reads: what scopes and budgets distinguish.
pub(crate) fn is_read(method: &Method, path: &str) -> bool {
    let posts = [
        "/search",
        "/search/jql",
        "/search/approximate-count",
        "/issue/bulkfetch",
    ];
    *method == Method::GET || (*method == Method::POST && posts.iter().any(|end| path.ends_with(end)))
}

/// User name and secret of a Basic header.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let sent = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = sent.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, secret) = text.split_once(':')?;
    Some((user.to_owned(), secret.to_owned()))
}

/// The user whose e-mail and valid token were sent.
fn token_user(shared: &Shared, email: &str, secret: &str) -> Option<String> {
    let site = shared.site();
    let owner = site.accounts.by_token(secret, site.now())?;
    owner.email.eq_ignore_ascii_case(email).then(|| owner.id.clone())
}

fn on_site(shared: &Shared, headers: &HeaderMap) -> Result<Login, Refusal> {
    if !headers.contains_key(header::AUTHORIZATION) {
        return Ok(Login::Anonymous);
    }
    let Some((email, secret)) = basic(headers) else {
        return Ok(Login::Failed);
    };
    let is_password = shared
        .site()
        .accounts
        .by_email(&email)
        .is_some_and(|user| !user.password.is_empty() && user.password == secret);
    if is_password {
        let text = "Basic authentication with passwords is deprecated. For more information, see: \
                    https://developer.atlassian.com/cloud/confluence/deprecation-notice-basic-auth/";
        return Err(Refusal::response((StatusCode::UNAUTHORIZED, text).into_response()));
    }
    if shared.state().options.scoped_tokens.contains_key(&secret) {
        return Ok(Login::Failed);
    }
    Ok(token_user(shared, &email, &secret).map_or(Login::Failed, Login::As))
}

/// The gateway knows no anonymous requests.
fn through_gateway(shared: &Shared, headers: &HeaderMap, cloud: &str, reads: bool) -> Result<String, Refusal> {
    let refused = |text: &str| gateway_refusal(StatusCode::UNAUTHORIZED, text);
    if cloud != CLOUD_ID {
        return Err(gateway_refusal(StatusCode::NOT_FOUND, "Not Found"));
    }
    let (email, secret) = basic(headers).ok_or_else(|| refused("Unauthorized"))?;
    let user = token_user(shared, &email, &secret).ok_or_else(|| refused("Unauthorized"))?;
    let scopes = shared.state().options.scoped_tokens.get(&secret).cloned();
    let needed = if reads { Scope::Read } else { Scope::Write };
    match scopes {
        Some(scopes) if !scopes.contains(&needed) => Err(refused("Unauthorized; scope does not match")),
        _ => Ok(user),
    }
}

fn gateway_refusal(status: StatusCode, text: &str) -> Refusal {
    Refusal::response(json_reply(status, &json!({ "code": status.as_u16(), "message": text })))
}

/// A browser must show that the request is meant.
fn is_cross_site(method: &Method, headers: &HeaderMap) -> bool {
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok())
        .unwrap_or_default();
    let token = headers
        .get("x-atlassian-token")
        .and_then(|token| token.to_str().ok())
        .unwrap_or_default();
    *method != Method::GET && agent.contains("Mozilla/") && !["no-check", "nocheck"].contains(&token)
}

fn admit(
    shared: &Shared,
    method: &Method,
    route: &str,
    issue: Option<&str>,
    now: Millis,
) -> Result<Option<Left>, Wait> {
    let key = issue.map(|issue| {
        let site = shared.site();
        site.find_issue(issue)
            .map_or_else(|| issue.to_owned(), |found| found.id.to_string())
    });
    let mut state = shared.state();
    let (burst, writes) = (state.options.burst, state.options.issue_writes);
    let left = burst
        .map(|burst| state.buckets.take(burst, method, route, now))
        .transpose()?;
    if let (Some(limits), Some(key)) = (writes, key) {
        state.writes.count(limits, &key, now)?;
    }
    Ok(left)
}

fn too_many(wait: Wait, now: Millis) -> Response {
    let mut response = Refusal::message(429, "Rate limit exceeded.").into_response();
    let headers = response.headers_mut();
    let seconds = (wait.until - now + 999) / 1_000;
    headers.insert(header::RETRY_AFTER, seconds.max(1).into());
    headers.insert(LIMIT, wait.limit.into());
    headers.insert(REMAINING, 0.into());
    headers.insert(NEAR_LIMIT, HeaderValue::from_static("true"));
    headers.insert(REASON, HeaderValue::from_static(wait.reason));
    if let Ok(reset) = HeaderValue::from_str(&date::iso(wait.until)) {
        headers.insert(RESET, reset);
    }
    response
}
