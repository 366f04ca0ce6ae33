//! The page of a sync: how it stands, what can be done with it, what it did.

use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};

use super::super::form::{Pairs, Sent};
use super::super::parts::{Tone, crumbs, notice, state, test_result, time};
use super::super::runs::table;
use super::super::view::{Section, TenantView};
use super::{off, rollout};
use crate::problem::Problem;
use crate::runs::{Answered, Asked, Mode, Run, RunFilter, RunOptions, ask};
use crate::schedule::Timing;
use crate::settings::{Credentials, Integration, Project, Sync, assemble, try_out};
use crate::users::Role;

/// Runs that the page of a sync shows.
pub(super) const LATEST: u32 = 20;

pub(super) async fn show(view: TenantView, Path((_, id)): Path<(String, String)>) -> Result<Markup, Problem> {
    let sync = Sync::get(view.scope(), &id).await?;
    let filter = RunFilter {
        sync: Some(id.clone()),
        limit: LATEST,
        ..RunFilter::default()
    };
    let runs = Run::list(view.scope(), &filter).await?;
    let body = html! {
        (head(&view, &sync).await?)
        @if let Some(open) = runs.iter().find(|run| !run.status.is_over()) {
            (notice(Tone::News, "A run is under way", html! { a.button href=(view.path(&format!("runs/{}", open.id))) { "Watch it" } }))
        }
        @if sync.disabled.is_some() { (off::panel(&view, &sync, &[]).await?) }
        @else { (actions(&view, &sync)) (rollout::guide(&view, &sync, &runs)) }
        (facts(&sync))
        (history(&view, &sync, &runs))
    };
    Ok(view.page(Section::Overview, &sync.draft.name, body))
}

async fn head(view: &TenantView, sync: &Sync) -> Result<Markup, Problem> {
    let credentials = Credentials::get(&view.app, view.scope(), &sync.draft.credentials).await?;
    let project = Project::get(&view.app, view.scope(), &credentials.project).await?;
    let integration = Integration::get(view.scope(), &credentials.integration).await?;
    Ok(html! {
        (crumbs(&[(view.path(&format!("projects/{}", project.id)), &project.name)]))
        div.title {
            h1 { (sync.draft.name) " " (state(sync)) }
            @if view.may(Role::Owner) { a.button href=(view.path(&format!("syncs/{}/edit", sync.id))) { "Edit" } }
        }
        p.subtitle {
            "From " a href=(view.path(&format!("projects/{}", project.id))) { (project.name) }
            " to " strong { (sync.draft.destination) } " on "
            a href=(view.path(&format!("credentials/{}", credentials.id))) { (integration.name) }
        }
    })
}

fn actions(view: &TenantView, sync: &Sync) -> Markup {
    let runs = format!("syncs/{}/runs", sync.id);
    let here = |what: &str| format!("syncs/{}/{what}", sync.id);
    html! {
        @if view.may(Role::Operator) {
            div.actions {
                (view.button(&runs, "Run now", "primary", &[("mode", "export")]))
                (view.button(&runs, "Plan", "", &[("mode", "plan")]))
                (view.button(&runs, "Verify", "", &[("mode", "verify")]))
                (view.button(&here("test"), "Test connection", "", &[]))
                (view.button(&here("disable"), "Switch off", "quiet", &[]))
            }
        }
    }
}

fn facts(sync: &Sync) -> Markup {
    let draft = &sync.draft;
    let filter =
        |aql: &str, none: &'static str| html! { @if aql.trim().is_empty() { (none) } @else { code { (aql) } } };
    html! {
        dl.facts {
            dt { "Last all right" }
            dd { @match sync.succeeded_at { Some(at) => (time(at)), None => "It has not succeeded yet." } }
            dt { "Next run" }
            dd { @match sync.due_at { Some(at) => (time(at)), None => "by hand" } " (" (schedule(&draft.schedule)) ")" }
            dt { "Test cases" }
            dd { (filter(&draft.test_case_aql, "all")) @if draft.disable_test_case_create { "; only those that were exported before" } }
            dt { "Launches" }
            dd { @if draft.disable_launches_sync { "not exported" } @else { (filter(&draft.launches_aql, "all")) } }
            @if !draft.mapping.is_empty() {
                dt { "Mapping" }
                dd { ul.plain { @for (name, value) in &draft.mapping { li { code { (name) " = " (value) } } } } }
            }
        }
    }
}

fn schedule(schedule: &Timing) -> String {
    match schedule {
        Timing::Off => "no schedule".to_owned(),
        Timing::Every { minutes } => every(*minutes),
        Timing::Cron { expression, zone } => format!("{expression} in {zone}"),
    }
}

/// An interval in its largest whole unit.
fn every(minutes: u32) -> String {
    let (number, unit) = match minutes {
        _ if minutes.is_multiple_of(24 * 60) => (minutes / (24 * 60), "day"),
        _ if minutes.is_multiple_of(60) => (minutes / 60, "hour"),
        _ => (minutes, "minute"),
    };
    match number {
        1 => format!("every {unit}"),
        _ => format!("every {number} {unit}s"),
    }
}

/// Runs, two of which can be chosen and compared.
fn history(view: &TenantView, sync: &Sync, runs: &[Run]) -> Markup {
    html! {
        section {
            div.title { h2 { "History" } @if runs.len() >= LATEST as usize { a href=(view.path(&format!("runs?sync={}", sync.id))) { "All runs" } } }
            @if runs.is_empty() { p.help { "No run yet. A plan shows what a run would do, and writes nothing." } }
            @else if runs.len() == 1 { (table(view, runs, std::slice::from_ref(sync), false)) }
            @else {
                form method="get" action=(view.path("compare")) {
                    (table(view, runs, std::slice::from_ref(sync), true))
                    button type="submit" { "Compare the two chosen" }
                }
            }
        }
    }
}

pub(super) async fn start(
    view: TenantView,
    Path((_, id)): Path<(String, String)>,
    pairs: Pairs,
) -> Result<Response, Problem> {
    let sent = Sent::from(pairs);
    let sync = Sync::get(view.scope(), &id).await?;
    let mode = Mode::named(&sent.text("mode")).ok_or_else(|| Problem::invalid("There is no such mode."))?;
    let options = RunOptions {
        undoes: Some(sent.text("undoes")).filter(|run| !run.is_empty()),
        ..RunOptions::default()
    };
    let asked = Asked { mode, options };
    let (Answered::New(run) | Answered::Same(run)) = ask(&view.app, &view.entered, &sync, asked, None).await?;
    Ok(view.redirect(&format!("runs/{}", run.id)))
}

/// Tests the connection, the destination and the filters.
pub(super) async fn test(view: TenantView, Path((_, id)): Path<(String, String)>) -> Result<Markup, Problem> {
    view.entered.need(Role::Operator)?;
    let sync = Sync::get(view.scope(), &id).await?;
    let assembled = assemble(&view.app, view.scope(), &sync.draft.credentials).await?;
    let test = try_out(&assembled, Some(&sync.draft.export()), false).await?;
    let body = html! {
        (head(&view, &sync).await?)
        (test_result(&test, None, |side| view.side(side)))
        div.actions {
            a.button.primary href=(view.path(&format!("syncs/{id}"))) { "Back to the sync" }
            (view.button(&format!("syncs/{id}/test"), "Test again", "", &[]))
        }
    };
    Ok(view.page(Section::Overview, &sync.draft.name, body))
}
