//! A tenant: how everything stands, and what there is.

use axum::extract::State;
use maud::{Markup, html};

use super::layout::{Page, page};
use crate::app::App;
use crate::problem::Problem;
use crate::runs::{Run, RunFilter, Status};
use crate::settings::{Credentials, Integration, Project, Sync};
use crate::users::{Entered, Role, Visitor};

/// Runs that the overview shows.
const LATEST: u32 = 10;

pub(super) async fn overview(State(app): State<App>, visitor: Visitor, entered: Entered) -> Result<Markup, Problem> {
    let scope = &entered.scope;
    let syncs = Sync::all(scope).await?;
    let latest = RunFilter {
        limit: LATEST,
        ..RunFilter::default()
    };
    let runs = Run::list(scope, &latest).await?;
    let base = app.href(&format!("/t/{}", scope.tenant()));
    let body = html! {
        h1 { (entered.title) }
        section {
            h2 { "TMS Sync" }
            @if syncs.is_empty() { p { "There is no sync yet. Add an integration, a project and its credentials below; then create one." } }
            @else { (sync_table(&base, &syncs)) }
        }
        @if !runs.is_empty() { section { h2 { "Latest runs" } (run_table(&base, &runs, &syncs)) } }
        (settings(&app, &entered, &base).await?)
    };
    let about = Page {
        title: &entered.title,
        visitor: Some(&visitor),
        tenant: Some(&entered),
    };
    Ok(page(&app, &about, body))
}

fn sync_table(base: &str, syncs: &[Sync]) -> Markup {
    html! {
        table {
            thead { tr { th { "Sync" } th { "Destination" } th { "State" } th { "Last success" } th { "Next run" } } }
            tbody {
                @for sync in syncs {
                    tr {
                        td { a href=(format!("{base}/syncs/{}", sync.id)) { (sync.draft.name) } }
                        td { (sync.draft.destination) }
                        td { (state(sync)) }
                        td { @match sync.succeeded_at { Some(at) => (time(at)), None => "never" } }
                        td { @match sync.due_at { Some(at) => (time(at)), None => "by hand" } }
                    }
                }
            }
        }
    }
}

/// A badge: how a sync stands, without its reason.
pub(super) fn state(sync: &Sync) -> Markup {
    html! {
        @if sync.disabled.is_some() { span.badge.bad { "off" } }
        @else if sync.failures > 0 { span.badge.warn { (sync.failures) " failed in a row" } }
        @else { span.badge.good { "on" } }
    }
}

/// A time, as the viewer's browser shows it; without scripts in UTC.
pub(super) fn time(at: u64) -> Markup {
    let stamp = i64::try_from(at)
        .ok()
        .and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    let text = stamp
        .map(|stamp| stamp.strftime("%Y-%m-%d %H:%M UTC").to_string())
        .unwrap_or_default();
    html! { time datetime=[stamp.map(|stamp| stamp.to_string())] { (text) } }
}

pub(super) fn run_table(base: &str, runs: &[Run], syncs: &[Sync]) -> Markup {
    let name = |id: &str| {
        syncs
            .iter()
            .find(|sync| sync.id == id)
            .map_or("", |sync| &sync.draft.name)
            .to_owned()
    };
    html! {
        table {
            thead { tr { th { "Run" } th { "Sync" } th { "What" } th { "By" } th { "State" } th { "Result" } } }
            tbody {
                @for run in runs {
                    tr {
                        td { a href=(format!("{base}/runs/{}", run.id)) { (time(run.asked_at)) } }
                        td { (name(&run.sync)) }
                        td { (run.mode.name()) }
                        td { (run.asked_by) }
                        td { span class=(status_class(run.status)) { (run.status.name()) } }
                        td { (result(run)) }
                    }
                }
            }
        }
    }
}

pub(super) fn status_class(status: Status) -> &'static str {
    match status {
        Status::Done => "badge good",
        Status::Stopped | Status::Interrupted => "badge bad",
        Status::Queued | Status::Running | Status::Skipped => "badge",
    }
}

fn result(run: &Run) -> Markup {
    html! {
        @if let Some(stopped) = &run.stopped { (stopped.message) }
        @else {
            @for (entity, tally) in &run.summary.totals.0 {
                @for (outcome, number) in &tally.0 { (number) " " (entity) " " (outcome.name()) "; " }
            }
        }
    }
}

async fn settings(app: &App, entered: &Entered, base: &str) -> Result<Markup, Problem> {
    let scope = &entered.scope;
    let integrations = Integration::all(scope).await?;
    let projects = Project::all(app, scope).await?;
    let credentials = Credentials::all(app, scope).await?;
    let may_change = entered.role >= Role::Owner;
    let integration = |id: &str| {
        integrations
            .iter()
            .find(|known| known.id == id)
            .map_or("", |known| &known.name)
            .to_owned()
    };
    let project = |id: &str| {
        projects
            .iter()
            .find(|known| known.id == id)
            .map_or("", |known| &known.name)
            .to_owned()
    };
    Ok(html! {
        section {
            h2 { "Integrations" }
            ul { @for known in &integrations { li { (known.name) " (" (known.kind) ")" } } }
            @if may_change {
                @for kind in app.plugins().kinds() {
                    a.button href=(format!("{base}/integrations/new?kind={}", kind.id)) { "Add " (kind.title) } " "
                }
            }
        }
        section {
            h2 { "Projects" }
            ul { @for known in &projects { li { (known.name) ": project " (known.number) " of " (known.endpoint) @if !known.has_token { " " span.badge.bad { "no token" } } } } }
            @if may_change { a.button href=(format!("{base}/projects/new")) { "Add project" } }
        }
        section {
            h2 { "Credentials" }
            ul {
                @for known in &credentials {
                    li {
                        a href=(format!("{base}/credentials/{}", known.id)) { (project(&known.project)) " → " (integration(&known.integration)) }
                        @if let Some(test) = &known.test { " " span class=(if test.passed { "badge good" } else { "badge bad" }) { (test.summary) } }
                        @if may_change { " " a href=(format!("{base}/syncs/new?credentials={}", known.id)) { "Create sync" } }
                    }
                }
            }
            @if may_change {
                @for known in &projects {
                    @for to in integrations.iter().filter(|to| credentials.iter().all(|c| c.project != known.id || c.integration != to.id)) {
                        a.button href=(format!("{base}/credentials/new?project={}&integration={}", known.id, to.id)) { "Connect " (known.name) " to " (to.name) } " "
                    }
                }
            }
        }
    })
}
