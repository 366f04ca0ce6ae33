//! What needs a person, on three levels: a connection, a sync, single items.

use maud::{Markup, html};

use super::parts::{Tone, badge, time};
use super::view::TenantView;
use crate::app::App;
use crate::plugins::{Outcome, Stop};
use crate::problem::Problem;
use crate::runs::{Mode, Run, RunFilter, switches_off};
use crate::settings::{Credentials, Integration, Project, Sync};
use crate::store::TenantScope;

/// Runs that are looked through for the latest export of each sync.
const LATEST: u32 = 200;

/// How far something reaches.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// Everything that goes over it.
    Connection,
    /// All items of a sync.
    Sync,
    /// Some items.
    Item,
}

/// One thing that needs a person.
pub(super) struct Attention {
    pub(super) level: Level,
    what: String,
    why: String,
    next: Option<String>,
    since: Option<u64>,
    /// Where to go on, below the tenant's pages.
    rest: String,
    /// What the link there reads.
    go: &'static str,
}

impl Level {
    pub(super) const ALL: [Self; 3] = [Self::Connection, Self::Sync, Self::Item];

    pub(super) fn tone(self) -> Tone {
        match self {
            Self::Connection | Self::Sync => Tone::Bad,
            Self::Item => Tone::Warn,
        }
    }

    /// Of one thing in the list.
    fn label(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Sync => "sync",
            Self::Item => "items",
        }
    }

    /// Of a number of things.
    pub(super) fn name(self, number: usize) -> &'static str {
        match (self, number) {
            (Self::Connection, 1) => "connection needs attention",
            (Self::Connection, _) => "connections need attention",
            (Self::Sync, 1) => "sync needs attention",
            (Self::Sync, _) => "syncs need attention",
            (Self::Item, 1) => "sync with failed items",
            (Self::Item, _) => "syncs with failed items",
        }
    }
}

impl Attention {
    /// Everything of a tenant, widest first.
    pub(super) async fn gather(app: &App, scope: &TenantScope) -> Result<Vec<Self>, Problem> {
        let syncs = Sync::all(scope).await?;
        let latest = RunFilter {
            limit: LATEST,
            ..RunFilter::default()
        };
        let runs = Run::list(scope, &latest).await?;
        let mut found = connections(app, scope).await?;
        found.extend(syncs.iter().filter_map(|sync| of_sync(sync, &runs)));
        found.extend(syncs.iter().filter_map(|sync| of_items(sync, &runs)));
        found.sort_by_key(|one| one.level);
        Ok(found)
    }

    /// As a list, for the overview.
    pub(super) fn list(all: &[Self], view: &TenantView) -> Markup {
        html! {
            @if !all.is_empty() {
                section.attention aria-labelledby="attention" {
                    h2 #attention { "Needs attention" }
                    ul {
                        @for one in all {
                            li class=(one.level.tone().name()) {
                                (badge(one.level.tone(), one.level.label()))
                                div {
                                    p { strong { (one.what) } }
                                    p { (one.why) @if let Some(since) = one.since { " Since " (time(since)) "." } }
                                    @if let Some(next) = &one.next { p.hint { (next) } }
                                }
                                a.button href=(view.path(&one.rest)) { (one.go) }
                            }
                        }
                    }
                }
            }
        }
    }
}

async fn connections(app: &App, scope: &TenantScope) -> Result<Vec<Attention>, Problem> {
    let projects = Project::all(app, scope).await?;
    let integrations = Integration::all(scope).await?;
    let mut found = Vec::new();
    for project in projects.iter().filter(|project| !project.has_token) {
        found.push(Attention {
            level: Level::Connection,
            what: project.name.clone(),
            why: format!("No API token is stored for {}.", project.endpoint),
            next: Some("Enter it in the project's settings.".to_owned()),
            since: None,
            rest: format!("projects/{}/settings", project.id),
            go: "Enter the token",
        });
    }
    for credentials in Credentials::all(app, scope).await? {
        let project = projects.iter().find(|project| project.id == credentials.project);
        let integration = integrations.iter().find(|one| one.id == credentials.integration);
        let name = [project.map(|one| &*one.name), integration.map(|one| &*one.name)].map(Option::unwrap_or_default);
        found.extend(of_credentials(&credentials, name.join(" → ")));
    }
    Ok(found)
}

fn of_credentials(credentials: &Credentials, what: String) -> Option<Attention> {
    let moved = credentials.secrets.iter().any(|secret| secret.is_for_another_server);
    let failed = credentials.test.as_ref().filter(|test| !test.passed);
    let why = match failed {
        _ if moved => "A secret was entered for another server than the integration names now.".to_owned(),
        Some(test) => test.summary.clone(),
        None => return None,
    };
    let check = failed.and_then(|test| test.checks.iter().find(|check| check.status == "failed"));
    Some(Attention {
        level: Level::Connection,
        what,
        why,
        next: check.map(|check| check.hint.clone().unwrap_or_else(|| check.message.clone())),
        since: credentials.tested_at.filter(|_| !moved),
        rest: format!("credentials/{}", credentials.id),
        go: "Look at the connection",
    })
}

fn of_sync(sync: &Sync, runs: &[Run]) -> Option<Attention> {
    let (why, next, since) = match &sync.disabled {
        Some(disabled) => (
            format!("Switched off: {}", disabled.message),
            disabled.hint.clone(),
            Some(disabled.since),
        ),
        None if sync.failures > 0 => {
            let stop = latest(sync, runs).and_then(|run| run.stopped.as_ref());
            (failed(sync, stop), advice(sync, stop), None)
        }
        None => return None,
    };
    Some(Attention {
        level: Level::Sync,
        what: sync.draft.name.clone(),
        why,
        next,
        since,
        rest: format!("syncs/{}", sync.id),
        go: if sync.disabled.is_some() {
            "Fix and enable"
        } else {
            "Look at the sync"
        },
    })
}

/// The latest export of a sync that is over.
fn latest<'a>(sync: &Sync, runs: &'a [Run]) -> Option<&'a Run> {
    runs.iter()
        .find(|run| run.sync == sync.id && run.mode == Mode::Export && run.status.is_over())
}

fn failed(sync: &Sync, stop: Option<&Stop>) -> String {
    let number = match sync.failures {
        1 => "The latest run failed".to_owned(),
        failures => format!("{failures} runs in a row failed"),
    };
    match stop {
        Some(stop) => format!("{number}: {}.", stop.message.trim_end_matches('.')),
        None => format!("{number}."),
    }
}

fn advice(sync: &Sync, stop: Option<&Stop>) -> Option<String> {
    let hint = stop.and_then(|stop| stop.hint.clone());
    let left = stop
        .is_some_and(switches_off)
        .then(|| format!("After {} more the sync switches itself off.", sync.failures_left));
    let sentences: Vec<String> = hint.into_iter().chain(left).collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

fn of_items(sync: &Sync, runs: &[Run]) -> Option<Attention> {
    let run = latest(sync, runs)?;
    let [failed, waiting] = [Outcome::Failed, Outcome::Waiting].map(|outcome| run.summary.totals.of(outcome));
    let (number, outcome) = match (failed, waiting) {
        (0, 0) => return None,
        (0, waiting) => (waiting, Outcome::Waiting),
        (failed, _) => (failed, Outcome::Failed),
    };
    let items = if number == 1 { "item" } else { "items" };
    Some(Attention {
        level: Level::Item,
        what: sync.draft.name.clone(),
        why: format!("{number} {items} {} in the latest export.", outcome.name()),
        next: Some("Everything else went through; the next run tries these again.".to_owned()),
        since: None,
        rest: format!("runs/{}?outcome={}", run.id, outcome.name()),
        go: "Look at the items",
    })
}
