//! To the OpenID provider and back.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::door;
use crate::app::App;
use crate::gate;
use crate::problem::Problem;
use crate::users::{Arrival, SingleSignOn};

/// Where the provider sends people back to.
const BACK: &str = "/login/sso/callback";
/// The cookie of a browser that is at the provider.
const COOKIE: &str = "tms-sso";

#[derive(Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    error: String,
}

fn provider(app: &App) -> Result<&SingleSignOn, Problem> {
    app.single_sign_on().ok_or_else(Problem::not_found)
}

pub(super) async fn depart(State(app): State<App>, Query(next): Query<Next>) -> Result<Response, Problem> {
    let departure = app.users().depart(provider(&app)?, &app.url(BACK), &next.next).await?;
    // Lax: the way back begins at another site.
    let secure = if app.address().is_https() { "; Secure" } else { "" };
    let cookie = format!(
        "{COOKIE}={}; Path={}; Max-Age=600; HttpOnly; SameSite=Lax{secure}",
        departure.state,
        app.href(BACK)
    );
    let cookie = HeaderValue::try_from(cookie).map_err(|_| Problem::not_found())?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&departure.url)).into_response())
}

pub(super) async fn arrive(
    State(app): State<App>,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> Result<Response, Problem> {
    let provider = provider(&app)?;
    if gate::cookie(&headers, COOKIE).as_deref() != Some(back.state.as_str()) || back.state.is_empty() {
        return Err(Problem::forbidden("This log-in did not begin in this browser.").hint("Log in again."));
    }
    if !back.error.is_empty() {
        return Err(Problem::forbidden("The provider did not log you in.").hint("Log in again."));
    }
    let arrival = Arrival {
        state: &back.state,
        code: back.code,
    };
    let (account, next) = app.users().arrive(provider, &app.url(BACK), arrival).await?;
    door::begin(&app, &account, &next).await
}
