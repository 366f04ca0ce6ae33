//! What happens after a run, whether it could start or not: its line in the history, metrics, and who
//! hears of it.

#[cfg(feature = "service")]
mod mail;
mod metrics;
mod news;
mod notify;
mod unstarted;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use news::News;
use tms_sync_host::{EgressPolicy, Ledger, LedgerError, RunMode, RunRecord, Scope};

use crate::config::{At, Draft, Notify, When};
use crate::log::{self, Level};
use crate::render::diagnostic::{self, Diagnostic};
use crate::session;
use crate::state::LedgerUse;

/// Runs that are looked through for the latest of each sync.
const HISTORY: u32 = 500;

/// A command that runs syncs.
#[derive(Debug, Clone)]
pub struct RunCommand {
    pub mode: RunMode,
    /// The named sync; absent: all of the file.
    pub sync: Option<String>,
    /// Where the metrics go.
    pub metrics: Option<PathBuf>,
}

/// The part of a configuration file that is known although it may be refused as a whole.
struct Place {
    ledger: Arc<dyn Ledger>,
    scope: Scope,
    /// What people call the integration.
    name: String,
    /// Names of the syncs that the command is about.
    syncs: Vec<String>,
    policy: EgressPolicy,
    notify: Option<Notify>,
}

impl Place {
    async fn of(file: &Path, command: &RunCommand) -> Option<Self> {
        let draft = Draft::read(file).ok()?;
        let name = draft.integration.name.as_ref()?;
        let id = draft.integration.id.as_ref().unwrap_or(name);
        let names = draft.syncs.iter().filter_map(|sync| sync.name.as_ref());
        let is_meant = |name: &&At<String>| command.sync.as_ref().is_none_or(|meant| *meant == name.value);
        Some(Self {
            ledger: draft.host.state.open(LedgerUse::Write).await.ok()?,
            scope: session::scope(&id.value),
            name: name.value.clone(),
            syncs: names.filter(is_meant).map(|name| name.value.clone()).collect(),
            policy: draft.host.policy,
            notify: draft.notify,
        })
    }

    async fn runs(&self) -> Result<Vec<RunRecord>, LedgerError> {
        self.ledger.runs(&self.scope, HISTORY).await
    }
}

/// Leaves a line in the history where `problems` kept the run from starting, writes the metrics and sends the news. What
/// goes wrong here is logged: the run is over either way.
pub async fn run_ended(file: &Path, command: &RunCommand, problems: Option<&[Diagnostic]>) {
    let Some(place) = Place::of(file, command).await else {
        return;
    };
    if let Some(problems) = problems
        && let Err(error) = unstarted::record(&place, command.mode, problems).await
    {
        warn(&format!("the history misses this run: {error}"));
    }
    if let Some(metrics) = &command.metrics
        && let Err(error) = write_metrics(&place, metrics).await
    {
        warn(&format!("cannot write the metrics {}: {error}", metrics.display()));
    }
    if command.mode == RunMode::Export {
        let folder = file.parent().unwrap_or(Path::new(""));
        match send_news(&place, folder).await {
            Ok(problems) => problems.iter().for_each(|problem| warn(problem)),
            Err(error) => warn(&format!("nobody was notified: {error}")),
        }
    }
}

/// Sends what people want to hear of an export. Plans and verifications have their reader already.
async fn send_news(place: &Place, folder: &Path) -> Result<Vec<String>, LedgerError> {
    let Some(notify) = &place.notify else {
        return Ok(Vec::new());
    };
    let runs = place.runs().await?;
    let news = |when| News::of(&place.name, &place.syncs, &runs, when);
    let failed = news(When::Always).is_some_and(|news| news.has_failed);
    let wanted = news(notify.when);
    Ok(notify::send(notify, folder, &place.policy, wanted.as_ref(), failed).await)
}

fn warn(message: &str) {
    diagnostic::log(&Diagnostic::new(message).warning());
}

async fn write_metrics(place: &Place, file: &Path) -> Result<(), String> {
    let runs = place.runs().await.map_err(|error| error.to_string())?;
    let text = metrics::text(&place.scope.integration, &place.syncs, &runs);
    metrics::replace(file, &text).map_err(|error| error.to_string())?;
    log::keep(Level::Info, &format!("metrics: {}", file.display()));
    Ok(())
}
