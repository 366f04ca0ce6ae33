//! Who a request comes from, decided before any handler runs: a session cookie or a bearer token, and that the request
//! was not another page's idea.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts, OptionalFromRequestParts, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq;

use crate::app::App;
use crate::problem::Problem;
use crate::users::{Entered, SESSION_LIFE_MS, Session, Visitor};

/// Largest form, in bytes.
const MAX_FORM: usize = 1024 * 1024;

/// Puts the [`Visitor`] into the request's extensions, and refuses what a foreign page sent in a visitor's name.
pub(crate) async fn authenticate(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let session = cookie(request.headers(), cookie_name(&app));
    let token = bearer(request.headers());
    let visitor = match app.users().visitor(session.as_deref(), token.as_deref()).await {
        Ok(visitor) => visitor,
        Err(error) => return Problem::from(error).into_response(),
    };
    if token.is_some() && visitor.is_none() {
        return Problem::new(StatusCode::UNAUTHORIZED, "The token is unknown or has expired.").into_response();
    }
    if !is_safe(request.method()) && token.is_none() {
        if is_foreign(request.headers()) {
            return foreign().into_response();
        }
        if let Some(expected) = visitor.as_ref().and_then(Visitor::csrf) {
            request = match with_csrf(request, expected).await {
                Ok(request) => request,
                Err(problem) => return problem.into_response(),
            };
        }
    }
    if let Some(visitor) = visitor {
        request.extensions_mut().insert(visitor);
    }
    next.run(request).await
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Browsers say where a request was made; scripts do not.
fn is_foreign(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_some_and(|site| site != "same-origin" && site != "none")
}

fn foreign() -> Problem {
    Problem::forbidden("The request comes from a page that is not of this service, or from one that is too old.")
        .hint("Load the page again.")
}

/// Passes a request on that carries the session's CSRF token, in a header or as a field of its form.
async fn with_csrf(request: Request, expected: &str) -> Result<Request, Problem> {
    let is_same = |given: &str| bool::from(given.as_bytes().ct_eq(expected.as_bytes()));
    if let Some(given) = request.headers().get("x-csrf-token") {
        return if given.to_str().is_ok_and(is_same) {
            Ok(request)
        } else {
            Err(foreign())
        };
    }
    let is_form = |value: &HeaderValue| value.as_bytes().starts_with(b"application/x-www-form-urlencoded");
    if !request.headers().get(header::CONTENT_TYPE).is_some_and(is_form) {
        return Err(foreign());
    }
    let (parts, body) = request.into_parts();
    let too_large = |_| Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "The form is too large.");
    let bytes: Bytes = to_bytes(body, MAX_FORM).await.map_err(too_large)?;
    let given = form_urlencoded::parse(&bytes)
        .find(|(name, _)| name == "csrf")
        .map(|(_, value)| value);
    if given.is_some_and(|given| is_same(&given)) {
        Ok(Request::from_parts(parts, Body::from(bytes)))
    } else {
        Err(foreign())
    }
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let values = headers.get_all(header::COOKIE).into_iter();
    let mut pairs = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'));
    pairs.find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then(|| value.to_owned())
    })
}

/// With the prefix `__Host-` browsers keep the cookie from other hosts and plain HTTP.
fn cookie_name(app: &App) -> &'static str {
    if app.address().is_https() && app.address().prefix.is_empty() {
        "__Host-tms-session"
    } else {
        "tms-session"
    }
}

/// The header that begins a session in a browser.
pub(crate) fn session_cookie(app: &App, session: &Session) -> HeaderValue {
    cookie_header(app, &session.proof, SESSION_LIFE_MS / 1000)
}

/// The header that ends it.
pub(crate) fn no_session_cookie(app: &App) -> HeaderValue {
    cookie_header(app, "", 0)
}

fn cookie_header(app: &App, value: &str, seconds: u64) -> HeaderValue {
    let secure = if app.address().is_https() { "; Secure" } else { "" };
    let path = if app.address().prefix.is_empty() {
        "/"
    } else {
        &app.address().prefix
    };
    let text = format!(
        "{}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}",
        cookie_name(app)
    );
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

/// The session's proof that a request carries.
pub(crate) fn session_proof(app: &App, headers: &HeaderMap) -> Option<String> {
    cookie(headers, cookie_name(app))
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(Problem::unauthenticated)
    }
}

impl OptionalFromRequestParts<App> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Option<Self>, Problem> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

/// A visitor in the tenant that the path names as `{tenant}`.
impl FromRequestParts<App> for Entered {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let visitor = <Visitor as FromRequestParts<App>>::from_request_parts(parts, app).await?;
        let params = RawPathParams::from_request_parts(parts, app)
            .await
            .map_err(|_| Problem::not_found())?;
        let tenant = params
            .iter()
            .find(|(name, _)| *name == "tenant")
            .map(|(_, value)| value.to_owned());
        let entered = visitor
            .enter(app.users(), &tenant.ok_or_else(Problem::not_found)?)
            .await?;
        if !visitor.is_administrator() {
            let quota = entered.quotas.requests_per_hour;
            app.requests().count(entered.scope.tenant(), quota, app.now())?;
        }
        Ok(entered)
    }
}

/// A visitor who keeps the instance.
pub(crate) struct Administrator(pub(crate) Visitor);

impl FromRequestParts<App> for Administrator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let visitor = <Visitor as FromRequestParts<App>>::from_request_parts(parts, app).await?;
        if visitor.is_administrator() {
            Ok(Self(visitor))
        } else {
            Err(Problem::not_found())
        }
    }
}
