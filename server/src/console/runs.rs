//! A run: live while it is under way, then every item with its verdict.

use axum::extract::{Path, Query, State};
use axum::response::Redirect;
use maud::{Markup, html};
use serde::Deserialize;

use super::layout::{Page, csrf, page};
use super::tenant::{status_class, time};
use crate::app::App;
use crate::plugins::{Item, Outcome, Totals};
use crate::problem::Problem;
use crate::runs::{ItemFilter, Items, Live, Mode, Run, Status};
use crate::settings::Sync;
use crate::users::{Entered, Role, Visitor};

/// Items of a page.
const PAGE: u32 = 100;

#[derive(Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    search: String,
    after: Option<u64>,
}

pub(super) async fn run(
    State(app): State<App>,
    visitor: Visitor,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Result<Markup, Problem> {
    let run = Run::get(&entered.scope, &id).await?;
    let sync = Sync::get(&entered.scope, &run.sync).await?;
    let home = app.href(&format!("/t/{}", entered.scope.tenant()));
    let title = format!("{} of {}", run.mode.name(), sync.draft.name);
    let body = html! {
        h1 { (run.mode.name()) " of " a href=(format!("{home}/syncs/{}", sync.id)) { (sync.draft.name) } }
        @if run.status.is_over() { (over(&entered, &visitor, &home, &run, &which).await?) }
        @else { (under_way(&app, &entered, &visitor, &home, &run)) }
    };
    let about = Page {
        title: &title,
        visitor: Some(&visitor),
        tenant: Some(&entered),
    };
    Ok(page(&app, &about, body))
}

/// Asks for its state every second, where scripts run; the last answer loads the page again.
fn under_way(app: &App, entered: &Entered, visitor: &Visitor, home: &str, run: &Run) -> Markup {
    let live = app.hub().run(entered.scope.tenant(), &run.id);
    let state = live.map(|live| live.watch().borrow().clone()).unwrap_or_default();
    html! {
        div #live aria-live="polite" hx-get=(format!("{home}/runs/{}/live", run.id)) hx-trigger="every 1s" hx-swap="innerHTML" { (live_state(run, &state)) }
        @if entered.role >= Role::Operator {
            form method="post" action=(format!("{home}/runs/{}/cancel", run.id)) { (csrf(visitor)) button type="submit" { "Cancel" } }
        }
        noscript { p { "Load this page again to see how it goes on." } }
    }
}

fn live_state(run: &Run, live: &Live) -> Markup {
    html! {
        p { span.badge { (run.status.name()) } @if live.is_cancelled { " It was asked to end." } }
        @if let Some(wait) = &live.waiting { p { "Waits for " (wait.connection) ": " (wait.reason) } }
        ol.phases { @for phase in &live.phases { li { (phase.phase) ": " (phase.done) @if let Some(total) = phase.total { " of " (total) } } } }
        (totals(&live.totals))
    }
}

/// The state of a run under way, for the page.
pub(super) async fn live(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Result<([(&'static str, &'static str); 1], Markup), Problem> {
    let run = Run::get(&entered.scope, &id).await?;
    let live = app.hub().run(entered.scope.tenant(), &id);
    let state = live.map(|live| live.watch().borrow().clone()).unwrap_or_default();
    let refresh = if run.status.is_over() { "true" } else { "false" };
    Ok(([("hx-refresh", refresh)], live_state(&run, &state)))
}

async fn over(entered: &Entered, visitor: &Visitor, home: &str, run: &Run, which: &Which) -> Result<Markup, Problem> {
    let filter = ItemFilter {
        outcome: Outcome::named(&which.outcome),
        entity: None,
        search: which.search.clone(),
        after: which.after,
        limit: PAGE,
    };
    let items = Items::page(&entered.scope, &run.id, &filter).await?;
    let here = format!("{home}/runs/{}", run.id);
    Ok(html! {
        p {
            span class=(status_class(run.status)) { (run.status.name()) }
            " asked for by " (run.asked_by) ", " (time(run.asked_at))
        }
        @if let Some(stopped) = &run.stopped {
            section.problem role="alert" { h2 { (stopped.message) } p { "(" (stopped.side) ")" @if let Some(hint) = &stopped.hint { " " (hint) } } }
        }
        (totals(&run.summary.totals))
        @for note in &run.summary.notes { p.note { (note) } }
        @if !run.summary.lost.is_empty() {
            details { summary { "Could not be carried over" } ul { @for lost in &run.summary.lost { li { (lost.number) " items: " (lost.what) } } } }
        }
        @if run.mode == Mode::Export && run.status != Status::Skipped && entered.role >= Role::Operator {
            (take_back(visitor, home, run))
        }
        (filter_form(&here, which))
        (item_table(&items.items))
        @if let Some(next) = items.next { a.button href=(format!("{here}?outcome={}&after={next}", which.outcome)) { "Next" } }
    })
}

fn take_back(visitor: &Visitor, home: &str, run: &Run) -> Markup {
    html! {
        form.inline method="post" action=(format!("{home}/syncs/{}/runs", run.sync)) {
            (csrf(visitor))
            input type="hidden" name="mode" value=(Mode::UndoPlan.name());
            input type="hidden" name="undoes" value=(run.id);
            button.plain type="submit" { "Show what taking it back would delete" }
        }
    }
}

fn totals(totals: &Totals) -> Markup {
    html! {
        @if !totals.0.is_empty() {
            table.totals {
                thead { tr { th {} @for outcome in Outcome::ALL { th { (outcome.name()) } } } }
                tbody { @for (entity, tally) in &totals.0 { tr { th { (entity) } @for outcome in Outcome::ALL { td { (tally.of(outcome)) } } } } }
            }
        }
    }
}

fn filter_form(here: &str, which: &Which) -> Markup {
    html! {
        form.filter method="get" action=(here) {
            label for="outcome" { "Outcome" }
            select #outcome name="outcome" {
                option value="" { "all" }
                @for outcome in Outcome::ALL { option value=(outcome.name()) selected[which.outcome == outcome.name()] { (outcome.name()) } }
            }
            label for="search" { "TestOps id, issue key or name" }
            input #search name="search" value=(which.search);
            button type="submit" { "Show" }
        }
    }
}

fn item_table(items: &[Item]) -> Markup {
    html! {
        @if items.is_empty() { p { "No items." } }
        @else {
            table {
                thead { tr { th { "Item" } th { "Name" } th { "Outcome" } th { "Issue" } th { "What and why" } } }
                tbody { @for item in items { (item_row(item)) } }
            }
        }
    }
}

fn item_row(item: &Item) -> Markup {
    let bad = matches!(item.outcome, Outcome::Failed | Outcome::Waiting);
    html! {
        tr {
            td { @match &item.source_url { Some(url) => a href=(url) rel="noreferrer" { (item.entity) " " (item.id) }, None => { (item.entity) " " (item.id) } } }
            td { (item.name) }
            td { span class=(if bad { "badge bad" } else { "badge" }) { (item.outcome.name()) } }
            td { @if let Some(issue) = &item.issue { @match &issue.url { Some(url) => a href=(url) rel="noreferrer" { (issue.key) }, None => (issue.key) } } }
            td {
                @if let Some(reason) = &item.reason { p { (reason) } }
                @for change in &item.changes {
                    p { (change.field) @if let (Some(before), Some(after)) = (&change.before, &change.after) { ": " del { (before) } " " ins { (after) } } }
                }
                @for count in &item.counts { p { (count.number) " " (count.what) } }
                @for note in &item.notes { p.note { (note) } }
            }
        }
    }
}

pub(super) async fn cancel(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Result<Redirect, Problem> {
    Run::get(&entered.scope, &id).await?;
    entered.need(Role::Operator)?;
    app.dispatcher().cancel(&entered.scope, &id).await?;
    Ok(Redirect::to(
        &app.href(&format!("/t/{}/runs/{id}", entered.scope.tenant())),
    ))
}
