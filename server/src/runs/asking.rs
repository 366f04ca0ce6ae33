//! A person or a script asks for a run.

use serde::Deserialize;
use utoipa::ToSchema;

use super::model::{Mode, NewRun, Origin, Run, RunOptions};
use crate::app::App;
use crate::id::id;
use crate::problem::Problem;
use crate::schedule::Enqueued;
use crate::settings::Sync;
use crate::users::{Entered, Role};

/// A run that is asked for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Asked {
    /// What it does.
    pub(crate) mode: Mode,
    /// How.
    #[serde(default)]
    pub(crate) options: RunOptions,
}

/// What asking came to.
pub(crate) enum Answered {
    /// A new run, in the queue.
    New(Run),
    /// The run of an earlier request with the same key.
    Same(Run),
}

/// Puts a run of a sync into the queue. A second request with the same key is answered with the same run.
pub(crate) async fn ask(
    app: &App,
    entered: &Entered,
    sync: &Sync,
    asked: Asked,
    key: Option<String>,
) -> Result<Answered, Problem> {
    entered.need(Role::Operator)?;
    if let Some(key) = &key
        && let Some(run) = Run::with_key(&entered.scope, key).await?
    {
        return same(run, sync, &asked);
    }
    check(entered, sync, &asked).await?;
    let new = NewRun {
        id: id(),
        sync: sync.id.clone(),
        mode: asked.mode,
        origin: Origin::Person,
        asked_by: entered.actor.clone(),
        options: asked.options,
        idempotency_key: key,
    };
    match app.dispatcher().enqueue(&entered.scope, &new).await? {
        Enqueued::Queued => Ok(Answered::New(Run::get(&entered.scope, &new.id).await?)),
        Enqueued::Overlaps(open) => Err(
            Problem::conflict(format!("Run {open} of this sync is queued or under way."))
                .hint("Wait until it ends, or cancel it."),
        ),
    }
}

fn same(run: Run, sync: &Sync, asked: &Asked) -> Result<Answered, Problem> {
    if run.sync == sync.id && run.mode == asked.mode && run.options == asked.options {
        return Ok(Answered::Same(run));
    }
    Err(Problem::conflict("This Idempotency-Key was used for another request.").hint("Use a new key for a new run."))
}

async fn check(entered: &Entered, sync: &Sync, asked: &Asked) -> Result<(), Problem> {
    let undoes = matches!(asked.mode, Mode::Undo | Mode::UndoPlan);
    match &asked.options.undoes {
        Some(run) if undoes => {
            let run = Run::get(&entered.scope, run).await?;
            if run.sync != sync.id || run.mode != Mode::Export {
                return Err(Problem::invalid("Only an export of the same sync can be taken back."));
            }
        }
        None if undoes => return Err(Problem::invalid("`undoes` has to name the run that is taken back.")),
        Some(_) => return Err(Problem::invalid("`undoes` is for undo and undo-plan alone.")),
        None => {}
    }
    if let Some(disabled) = sync.disabled.as_ref().filter(|_| asked.mode.writes()) {
        let problem = Problem::conflict(format!("The sync is switched off: {}", disabled.message));
        return Err(problem.hint(disabled.hint.clone().unwrap_or_else(|| "Enable it first.".to_owned())));
    }
    Ok(())
}
