//! The history.

use axum::extract::Query;
use maud::{Markup, html};
use serde::Deserialize;

use super::super::parts::{empty, mode, status, tally, time};
use super::super::view::{Section, TenantView};
use crate::problem::Problem;
use crate::runs::{Run, RunFilter};
use crate::settings::Sync;
use crate::store::Before;

/// Runs of a page.
const PAGE: u32 = 50;

#[derive(Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    sync: String,
    #[serde(default)]
    before: Before,
}

pub(super) async fn list(view: TenantView, Query(which): Query<Which>) -> Result<Markup, Problem> {
    let syncs = Sync::all(view.scope()).await?;
    let filter = RunFilter {
        sync: Some(which.sync.clone()).filter(|sync| !sync.is_empty()),
        before: which.before,
        limit: PAGE,
    };
    let runs = Run::list(view.scope(), &filter).await?;
    let next = runs.last().filter(|_| runs.len() >= PAGE as usize);
    let body = html! {
        h1 { "Runs" }
        form.filter method="get" action=(view.path("runs")) {
            label for="sync" { "Sync" }
            select #sync name="sync" {
                option value="" { "all" }
                @for sync in &syncs { option value=(sync.id) selected[sync.id == which.sync] { (sync.draft.name) } }
            }
            button type="submit" { "Show" }
        }
        @if runs.is_empty() { (empty("No run yet", html! { p { "Runs appear here as soon as a sync is planned or run." } })) }
        @else { (table(&view, &runs, &syncs, false)) }
        @if let Some(last) = next { a.button href=(view.path(&format!("runs?sync={}&before={}", which.sync, Before::entry(last.asked_at, &last.id)))) { "Older runs" } }
    };
    Ok(view.page(Section::Runs, "Runs", body))
}

/// Runs with what they came to; `is_choice` gives each a box to choose it.
pub(in super::super) fn table(view: &TenantView, runs: &[Run], syncs: &[Sync], is_choice: bool) -> Markup {
    let name = |id: &str| {
        let sync = syncs.iter().find(|sync| sync.id == id);
        sync.map_or("", |sync| &sync.draft.name).to_owned()
    };
    let is_mixed = syncs.len() != 1;
    html! {
        table.stack.brief {
            thead {
                tr {
                    @if is_choice { th { span.hidden { "Compare" } } }
                    th { "Run" } @if is_mixed { th { "Sync" } } th { "When" } th { "By" } th { "State" } th { "Result" }
                }
            }
            tbody {
                @for run in runs {
                    tr {
                        @if is_choice {
                            td.choose { @if run.status.is_over() { input type="checkbox" name="run" value=(run.id) aria-label={ "Compare the " (mode(run.mode)) " " (run.id) }; } }
                        }
                        td data-label="Run" { a href=(view.path(&format!("runs/{}", run.id))) { (mode(run.mode)) } }
                        @if is_mixed { td data-label="Sync" { (name(&run.sync)) } }
                        td data-label="When" { (time(run.asked_at)) }
                        td data-label="By" { (run.asked_by) }
                        td data-label="State" { (status(run)) }
                        td.wide data-label="Result" { (result(run)) }
                    }
                }
            }
        }
    }
}

fn result(run: &Run) -> Markup {
    html! {
        @if let Some(stopped) = &run.stopped { span.reason { (stopped.message) } " " }
        (tally(&run.summary.totals))
    }
}
