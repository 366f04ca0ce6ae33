//! Which path leads where, and what every answer carries.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;

use crate::app::App;
use crate::{api, console, gate, telemetry};

/// Largest body of a request, in bytes.
const MAX_BODY: usize = 1024 * 1024;

/// Nothing but what this service serves itself: no inline script or style, no frames, no forms to elsewhere.
const CONTENT_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

pub(crate) fn router(app: App) -> Router {
    let prefix = app.address().prefix.clone();
    let https = app.address().is_https();
    let routes = Router::new()
        .merge(api::router())
        .merge(console::router())
        .layer(from_fn_with_state(app.clone(), gate::authenticate))
        .layer(from_fn_with_state(app.clone(), console::problem_pages))
        .merge(console::assets())
        .merge(telemetry::health())
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(map_response(move |response| secured(response, https)))
        .with_state(app);
    if prefix.is_empty() {
        routes
    } else {
        Router::new().nest(&prefix, routes)
    }
}

async fn secured(mut response: Response, https: bool) -> Response {
    let mut set = |name: HeaderName, value: &'static str| {
        response
            .headers_mut()
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, CONTENT_POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "same-origin");
    set(header::CACHE_CONTROL, "no-store");
    if https {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}
