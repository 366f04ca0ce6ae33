//! The pages. They work without JavaScript, but for live updates and checks while typing.

mod assets;
mod credentials;
mod door;
mod form;
mod layout;
mod runs;
mod settings;
mod single_sign_on;
mod syncs;
mod tenant;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

pub(crate) use assets::router as assets;
pub(crate) use layout::{Page, page};

use crate::app::App;
use crate::problem::Problem;
use crate::users::Visitor;

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/", get(door::front))
        .route("/login", get(door::login_form).post(door::log_in))
        .route("/login/sso", get(single_sign_on::depart))
        .route("/login/sso/callback", get(single_sign_on::arrive))
        .route("/logout", post(door::log_out))
        .route("/link/{proof}", get(door::link_form).post(door::follow_link))
        .nest("/t/{tenant}", tenant_router())
}

fn tenant_router() -> Router<App> {
    Router::new()
        .route("/", get(tenant::overview))
        .route(
            "/integrations/new",
            get(settings::new_integration).post(settings::add_integration),
        )
        .route("/projects/new", get(settings::new_project).post(settings::add_project))
        .route(
            "/credentials/new",
            get(credentials::new_credentials).post(credentials::add_credentials),
        )
        .route(
            "/credentials/{id}",
            get(credentials::credentials).post(credentials::change_credentials),
        )
        .route("/credentials/{id}/test", post(credentials::test_credentials))
        .route("/syncs/new", get(syncs::new).post(syncs::add))
        .route("/syncs/{id}", get(syncs::sync).post(syncs::change))
        .route("/syncs/{id}/runs", post(syncs::start))
        .route("/syncs/{id}/enable", post(syncs::enable))
        .route("/syncs/{id}/disable", post(syncs::disable))
        .route("/runs/{id}", get(runs::run))
        .route("/runs/{id}/live", get(runs::live))
        .route("/runs/{id}/cancel", post(runs::cancel))
}

/// Turns refusals into pages where a browser asked for one; who is not logged in is asked to.
pub(crate) async fn problem_pages(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let visitor = request.extensions().get::<Visitor>().cloned();
    let is_fragment = request.headers().contains_key("hx-request");
    let response = next.run(request).await;
    if path.starts_with("/api") {
        return response;
    }
    let Some(problem) = response.extensions().get::<Problem>().cloned() else {
        return response;
    };
    if problem.code() == StatusCode::UNAUTHORIZED && !path.starts_with("/login") {
        let query: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
        let login = app.href(&format!("/login?next={query}"));
        if is_fragment {
            return (StatusCode::UNAUTHORIZED, [("hx-redirect", login)]).into_response();
        }
        return Redirect::to(&login).into_response();
    }
    let body = layout::problem(&problem);
    let page = Page {
        title: "This did not work",
        visitor: visitor.as_ref(),
        tenant: None,
    };
    let mut answer = (problem.code(), page_or_fragment(&app, &page, body, is_fragment)).into_response();
    if let Some(cookie) = response.headers().get(header::SET_COOKIE) {
        answer.headers_mut().insert(header::SET_COOKIE, cookie.clone());
    }
    answer
}

fn page_or_fragment(app: &App, about: &Page<'_>, body: maud::Markup, is_fragment: bool) -> maud::Markup {
    if is_fragment { body } else { page(app, about, body) }
}
