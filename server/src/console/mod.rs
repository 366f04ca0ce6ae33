//! The pages. They work without JavaScript, but for live updates and checks while typing.

mod admin;
mod assets;
mod attention;
mod audit;
mod channels;
mod credentials;
mod door;
mod form;
mod front;
mod integrations;
mod layout;
mod overview;
mod parts;
mod people;
mod projects;
mod runs;
mod single_sign_on;
mod syncs;
mod view;

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
        .route("/", get(front::front))
        .route("/login", get(door::login_form).post(door::log_in))
        .route("/login/sso", get(single_sign_on::depart))
        .route("/login/sso/callback", get(single_sign_on::arrive))
        .route("/logout", post(door::log_out))
        .route("/link/{proof}", get(door::link_form).post(door::follow_link))
        .nest("/admin", admin::router())
        .nest("/t/{tenant}", tenant_router())
        .fallback(async || Problem::not_found())
}

fn tenant_router() -> Router<App> {
    Router::new()
        .route("/", get(overview::overview))
        .merge(settings_router())
        .merge(syncs::router())
        .merge(runs::router())
        .route("/members", get(people::members))
        .route("/members/{account}/role", post(people::change_role))
        .route("/members/{account}/dismiss", post(people::dismiss))
        .route("/tokens", get(people::tokens).post(people::add_token))
        .route("/tokens/{id}/end", post(people::end_token))
        .route("/audit", get(audit::of_tenant))
}

fn settings_router() -> Router<App> {
    Router::new()
        .route("/integrations", get(integrations::list))
        .route("/integrations/new", get(integrations::new).post(integrations::add))
        .route("/integrations/{id}", get(integrations::show).post(integrations::change))
        .route("/integrations/{id}/remove", post(integrations::remove))
        .route("/projects/new", get(projects::new).post(projects::add))
        .route("/projects/{id}", get(projects::syncs))
        .route("/projects/{id}/integrations", get(projects::integrations))
        .route(
            "/projects/{id}/settings",
            get(projects::settings).post(projects::change),
        )
        .route("/projects/{id}/remove", post(projects::remove))
        .route("/credentials/new", get(credentials::new).post(credentials::add))
        .route("/credentials/{id}", get(credentials::show).post(credentials::change))
        .route("/credentials/{id}/test", post(credentials::test))
        .route("/credentials/{id}/remove", post(credentials::remove))
        .route("/channels", get(channels::list))
        .route("/channels/new", get(channels::new).post(channels::add))
        .route("/channels/{id}", get(channels::show).post(channels::change))
        .route("/channels/{id}/test", post(channels::test))
        .route("/channels/{id}/remove", post(channels::remove))
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
    let body = layout::problem(&app, &problem);
    let page = Page {
        visitor: visitor.as_ref(),
        ..Page::new("This did not work")
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
