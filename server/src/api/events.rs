//! Live events of a run, as server-sent events.

use std::convert::Infallible;

use axum::extract::{Path, State};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::StreamExt;
use futures_util::stream::Stream;

use crate::app::App;
use crate::problem::Problem;
use crate::runs::{Live, Seen, watch};
use crate::users::Entered;

/// `live` with where the run is, again and again; `over` with its row, at last.
#[utoipa::path(get, path = "/runs/{id}/events", tag = "runs", summary = "Live events of a run, as server-sent events", responses((status = 200, description = "Live events of a run, as server-sent events", body = Live)))]
pub(super) async fn events(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let seen = watch(app, entered.scope, id).await?;
    let event = |seen: Seen| match seen {
        Seen::Live(live) => json("live", &live),
        Seen::Over(run) => json("over", &run),
    };
    Ok(Sse::new(seen.map(move |seen| Ok(event(seen)))).keep_alive(KeepAlive::default()))
}

fn json(name: &str, value: &impl serde::Serialize) -> Event {
    Event::default()
        .event(name)
        .data(serde_json::to_string(value).unwrap_or_default())
}
