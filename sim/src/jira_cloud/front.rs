//! In front of every resource: who asks, bursts, writes to one issue, cross-site requests.

use std::sync::Arc;

use axum::extract::{FromRequestParts, MatchedPath, RawPathParams, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::answers::{GatewayIdentity, Identity};
use crate::jira::account::Actor;
use crate::jira::date;
use crate::jira::id::Millis;
use crate::jira::retry_after::retry_after;

use super::limit::{Left, Wait};
use super::login::{self, Login};
use super::reply::Refusal;
use super::state::Shared;

const LOGIN_REASON: HeaderName = HeaderName::from_static("x-seraph-loginreason");
const ACCOUNT_ID: HeaderName = HeaderName::from_static("x-aaccountid");
const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
const NEAR_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-nearlimit");
const REASON: HeaderName = HeaderName::from_static("ratelimit-reason");

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
    let gateway = param("cloudId");
    let login = match &gateway {
        Some(cloud) => match login::through_gateway(
            &shared,
            &parts.headers,
            cloud,
            login::needed_scope(&parts.method, &route, reads),
        ) {
            Ok(user) => Login::As(user),
            Err(refusal) => return refusal.into_response(),
        },
        None => match login::on_site(&shared, &parts.headers) {
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
        Err(wait) => return too_many(&shared, wait, now),
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
            let answers = shared.site().answers.clone();
            let is_named = match gateway {
                Some(_) => answers.of::<GatewayIdentity>() == GatewayIdentity::Named,
                None => answers.of::<Identity>() == Identity::Named,
            };
            if let Some(user) = HeaderValue::from_str(&user).ok().filter(|_| is_named) {
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

fn too_many(shared: &Shared, wait: Wait, now: Millis) -> Response {
    let mut response = Refusal::message(429, "Rate limit exceeded.").into_response();
    let headers = response.headers_mut();
    let seconds = (wait.until - now + 999) / 1_000;
    let answers = shared.site().answers.clone();
    headers.insert(header::RETRY_AFTER, retry_after(&answers, seconds.max(1), now));
    headers.insert(LIMIT, wait.limit.into());
    headers.insert(REMAINING, 0.into());
    headers.insert(NEAR_LIMIT, HeaderValue::from_static("true"));
    headers.insert(REASON, HeaderValue::from_static(wait.reason));
    if let Ok(reset) = HeaderValue::from_str(&date::iso(wait.until)) {
        headers.insert(RESET, reset);
    }
    response
}
