//! The pages. They work without JavaScript, but for live updates and checks while typing.

mod assets;
mod door;
mod layout;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

pub(crate) use assets::router as assets;
pub(crate) use layout::{Page, page};

use crate::app::App;
use crate::problem::Problem;
use crate::users::Visitor;

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/", get(door::front))
        .route("/login", get(door::login_form).post(door::log_in))
        .route("/logout", axum::routing::post(door::log_out))
        .route("/link/{proof}", get(door::link_form).post(door::follow_link))
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
