//! Live events of a run, as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::stream::{self, Stream};

use crate::app::App;
use crate::problem::Problem;
use crate::runs::{Live, Run};
use crate::users::Entered;

/// How often a state is sent at most.
const PAUSE: Duration = Duration::from_millis(250);

/// `live` with where the run is, again and again; `over` with its row, at last.
#[utoipa::path(get, path = "/runs/{id}/events", tag = "runs", summary = "Live events of a run, as server-sent events", responses((status = 200, description = "Live events of a run, as server-sent events", body = Live)))]
pub(super) async fn events(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    Run::get(&entered.scope, &id).await?;
    let live = app.hub().run(entered.scope.tenant(), &id).map(|run| run.watch());
    let state = Watching {
        app,
        entered,
        id,
        live,
        is_first: true,
        is_over: false,
    };
    Ok(Sse::new(stream::unfold(state, next)).keep_alive(KeepAlive::default()))
}

struct Watching {
    app: App,
    entered: Entered,
    id: String,
    live: Option<tokio::sync::watch::Receiver<Live>>,
    is_first: bool,
    is_over: bool,
}

async fn next(mut watching: Watching) -> Option<(Result<Event, Infallible>, Watching)> {
    if watching.is_over {
        return None;
    }
    loop {
        if let Some(live) = &mut watching.live {
            if !watching.is_first {
                tokio::time::sleep(PAUSE).await;
                // An error is a run that is over, as its state says.
                let _ = live.changed().await;
            }
            watching.is_first = false;
            let now = live.borrow_and_update().clone();
            if !now.is_over {
                return Some((Ok(json("live", &now)), watching));
            }
            watching.live = None;
        }
        let run = Run::get(&watching.entered.scope, &watching.id).await.ok()?;
        if run.status.is_over() {
            watching.is_over = true;
            return Some((Ok(json("over", &run)), watching));
        }
        // It is queued, or between its claim and its beginning.
        tokio::time::sleep(PAUSE).await;
        watching.live = watching
            .app
            .hub()
            .run(watching.entered.scope.tenant(), &watching.id)
            .map(|run| run.watch());
    }
}

fn json(name: &str, value: &impl serde::Serialize) -> Event {
    Event::default()
        .event(name)
        .data(serde_json::to_string(value).unwrap_or_default())
}
