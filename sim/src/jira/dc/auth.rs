//! Who is asking: Basic and personal access tokens, the CAPTCHA lock, XSRF, the headers every answer carries.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::limiter::{self, Verdict};
use crate::answers::{BasicLogin, Identity};
use crate::jira::account::Actor;
use crate::jira::http::Refusal;
use crate::jira::instance::DataCenter;

/// Why a login did not happen.
enum Denied {
    /// Wrong or expired credential.
    Failed,
    /// Too many wrong passwords: the password was not even looked at.
    Captcha,
    /// The administrator switched Basic off; how the refusal looks.
    BasicDisabled(BasicLogin),
}

pub(super) async fn authenticate(State(dc): State<DataCenter>, mut request: Request, next: Next) -> Response {
    if let Some(refusal) = too_large(&dc, request.headers()) {
        return refusal;
    }
    let actor = match login(&dc, request.headers()) {
        Ok(actor) => actor,
        Err(denied) => return denied_response(&dc, &denied),
    };
    let path = request.uri().path().to_owned();
    let (now, answers) = {
        let site = dc.site().lock();
        (site.now(), site.answers.clone())
    };
    let verdict = match actor.user() {
        Some(user) => {
            let rule = dc.options().rate_limit;
            rule.map(|rule| limiter::take(&dc, rule, user, &path, now))
        }
        None => None,
    };
    let mut response = match &verdict {
        Some(Verdict::Refused(..)) => StatusCode::TOO_MANY_REQUESTS.into_response(),
        _ if xsrf_suspect(request.method(), request.headers()) => {
            (StatusCode::FORBIDDEN, "XSRF check failed").into_response()
        }
        _ => {
            request.extensions_mut().insert(actor.clone());
            next.run(request).await
        }
    };
    if let Some(verdict) = verdict {
        verdict.write(response.headers_mut(), &answers, now);
    }
    identify(response.headers_mut(), &actor);
    if actor.user().is_some() && answers.of::<Identity>() == Identity::Unnamed {
        response.headers_mut().remove("x-ausername");
        response.headers_mut().remove("x-seraph-loginreason");
    }
    response
}

fn login(dc: &DataCenter, headers: &HeaderMap) -> Result<Actor, Denied> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(Actor::Anonymous);
    };
    let (scheme, rest) = value
        .to_str()
        .ok()
        .and_then(|text| text.trim().split_once(' '))
        .ok_or(Denied::Failed)?;
    match scheme.to_lowercase().as_str() {
        "basic" => basic(dc, rest.trim()),
        "bearer" => {
            let site = dc.site().lock();
            let user = site.accounts.by_token(rest.trim(), site.now()).ok_or(Denied::Failed)?;
            Ok(Actor::User(user.id.clone()))
        }
        // Other schemes are left to other filters, none of which is installed.
        _ => Ok(Actor::Anonymous),
    }
}

fn basic(dc: &DataCenter, encoded: &str) -> Result<Actor, Denied> {
    let accepted = dc.site().lock().answers.of();
    if accepted != BasicLogin::Accepted {
        return Err(Denied::BasicDisabled(accepted));
    }
    let threshold = dc.options().captcha_threshold;
    let decoded = BASE64
        .decode(encoded)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or(Denied::Failed)?;
    let (name, password) = decoded.split_once(':').ok_or(Denied::Failed)?;
    let mut site = dc.site().lock();
    let user = site
        .accounts
        .get_mut(name)
        .filter(|user| user.active)
        .ok_or(Denied::Failed)?;
    if user.failed_logins >= threshold {
        return Err(Denied::Captcha);
    }
    if user.password != password {
        user.failed_logins += 1;
        return Err(Denied::Failed);
    }
    user.failed_logins = 0;
    Ok(Actor::User(user.id.clone()))
}

fn denied_response(dc: &DataCenter, denied: &Denied) -> Response {
    let (status, reason) = match denied {
        Denied::Failed => (StatusCode::UNAUTHORIZED, "AUTHENTICATED_FAILED"),
        Denied::Captcha => (StatusCode::FORBIDDEN, "AUTHENTICATION_DENIED"),
        Denied::BasicDisabled(form) => return basic_disabled(*form),
    };
    let page = format!(
        "<html><head><title>{status}</title></head><body><h1>{}</h1>\
         <p>Basic Authentication Failure - Reason : {reason}</p></body></html>",
        status.canonical_reason().unwrap_or_default()
    );
    let mut response = (status, [(header::CONTENT_TYPE, "text/html;charset=UTF-8")], page).into_response();
    let headers = response.headers_mut();
    identify(headers, &Actor::Anonymous);
    headers.insert("x-seraph-loginreason", HeaderValue::from_static(reason));
    match denied {
        Denied::Captcha => {
            let login = format!("CAPTCHA_CHALLENGE; login-url={}/login.jsp", dc.site().lock().base_url);
            if let Ok(value) = HeaderValue::from_str(&login) {
                headers.insert("x-authentication-denied-reason", value);
            }
        }
        _ => {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Basic realm=\"protected-area\""),
            );
        }
    }
    response
}

fn basic_disabled(form: BasicLogin) -> Response {
    let body = serde_json::json!({ "message": "Basic Authentication has been disabled on this instance." });
    let mut response = Refusal::json(403, &body).into_response();
    let headers = response.headers_mut();
    if form != BasicLogin::RefusedBare {
        identify(headers, &Actor::Anonymous);
    }
    if form == BasicLogin::RefusedDenied {
        headers.insert(
            "x-seraph-loginreason",
            HeaderValue::from_static("AUTHENTICATION_DENIED"),
        );
    }
    response
}

/// Jira's protection against forged requests looks at what only browsers send.
fn xsrf_suspect(method: &Method, headers: &HeaderMap) -> bool {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let is_browser = text("user-agent").starts_with("Mozilla/");
    let is_change = matches!(*method, Method::POST | Method::PUT | Method::DELETE);
    is_browser && is_change && !has_xsrf_waiver(headers)
}

/// Whether the request carries `X-Atlassian-Token: no-check`.
pub(super) fn has_xsrf_waiver(headers: &HeaderMap) -> bool {
    let token = headers
        .get("x-atlassian-token")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    matches!(token.to_lowercase().as_str(), "no-check" | "nocheck")
}

fn too_large(dc: &DataCenter, headers: &HeaderMap) -> Option<Response> {
    let limit = dc.options().proxy_body_limit?;
    let length: usize = headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()?;
    let page = "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n\
                <center><h1>413 Request Entity Too Large</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>";
    let html = [(header::CONTENT_TYPE, "text/html")];
    (length > limit).then(|| (StatusCode::PAYLOAD_TOO_LARGE, html, page).into_response())
}

fn identify(headers: &mut HeaderMap, actor: &Actor) {
    let name = actor.user().unwrap_or("anonymous");
    if let Ok(value) = HeaderValue::from_str(name) {
        headers.insert("x-ausername", value);
    }
    if actor.user().is_some() {
        headers.insert("x-seraph-loginreason", HeaderValue::from_static("OK"));
    }
    headers.insert("x-arequestid", HeaderValue::from_static("600x1x1"));
    headers.insert("x-anodeid", HeaderValue::from_static("node1"));
    headers.append(
        header::SET_COOKIE,
        HeaderValue::from_static("JSESSIONID=5B1C0DE; Path=/; HttpOnly"),
    );
    let xsrf = HeaderValue::from_static("atlassian.xsrf.token=B0RT-5B1C_lin; Path=/; SameSite=None");
    headers.append(header::SET_COOKIE, xsrf);
}
