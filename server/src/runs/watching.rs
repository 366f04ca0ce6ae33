//! Following a run until it is over.

use std::time::Duration;

use futures_util::stream::{self, Stream};

use super::{Live, Run};
use crate::app::App;
use crate::problem::Problem;
use crate::schedule::Watched;
use crate::store::TenantScope;

/// How often a state is given at most.
const PAUSE: Duration = Duration::from_millis(250);

/// What a watcher sees.
pub(crate) enum Seen {
    /// Where the run is, again and again.
    Live(Live),
    /// How it ended, at last.
    Over(Box<Run>),
}

struct Watching {
    app: App,
    scope: TenantScope,
    id: String,
    live: Option<Watched>,
    is_first: bool,
    is_over: bool,
}

/// Follows a run of the tenant.
pub(crate) async fn watch(app: App, scope: TenantScope, id: String) -> Result<impl Stream<Item = Seen>, Problem> {
    Run::get(&scope, &id).await?;
    let live = app.dispatcher().watch(&scope, &id).await;
    let state = Watching {
        app,
        scope,
        id,
        live,
        is_first: true,
        is_over: false,
    };
    Ok(stream::unfold(state, next))
}

async fn next(mut watching: Watching) -> Option<(Seen, Watching)> {
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
                return Some((Seen::Live(now), watching));
            }
            watching.live = None;
        }
        let run = Run::get(&watching.scope, &watching.id).await.ok()?;
        if run.status.is_over() {
            watching.is_over = true;
            return Some((Seen::Over(Box::new(run)), watching));
        }
        // It is queued, or between its claim and its beginning.
        tokio::time::sleep(PAUSE).await;
        watching.live = watching.app.dispatcher().watch(&watching.scope, &watching.id).await;
    }
}
