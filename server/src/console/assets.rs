//! Files that pages use, embedded.

use axum::Router;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::problem::Problem;

/// Name, type, content. htmx 2.0.11 is npm's `htmx.org`, under the Zero-Clause BSD licence (`assets/LICENSE-htmx`).
const FILES: [(&str, &str, &[u8]); 4] = [
    (
        "app.css",
        "text/css; charset=utf-8",
        include_bytes!("../../assets/app.css"),
    ),
    (
        "htmx.min.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../../assets/htmx.min.js"),
    ),
    (
        "app.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../../assets/app.js"),
    ),
    ("icon.svg", "image/svg+xml", include_bytes!("../../assets/icon.svg")),
];

pub(crate) fn router() -> Router<App> {
    Router::new().route("/assets/{name}", get(asset))
}

/// Its path, which changes with its content: browsers may keep it for ever.
pub(super) fn href(app: &App, name: &str) -> String {
    let content = FILES
        .iter()
        .find(|(known, ..)| *known == name)
        .map_or(&[][..], |(_, _, content)| content);
    let digest = Sha256::digest(content);
    let version: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    app.href(&format!("/assets/{name}?v={version}"))
}

async fn asset(Path(name): Path<String>) -> Response {
    let Some((_, kind, content)) = FILES.iter().find(|(known, ..)| *known == name) else {
        return Problem::not_found().into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, *kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, *content).into_response()
}
