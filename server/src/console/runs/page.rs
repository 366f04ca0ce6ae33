//! The page of a run.

use axum::extract::{Path, Query};
use axum::response::Response;
use maud::{Markup, html};

use super::super::parts::{Tone, capitalised, crumbs, duration, mode, notice, status, stop, time};
use super::super::view::{Section, TenantView};
use super::items::{self, Which};
use super::live::under_way;
use crate::plugins::{Count, Kind};
use crate::problem::Problem;
use crate::runs::{Mode, Run, Status};
use crate::settings::Sync;
use crate::users::Role;

pub(super) async fn show(
    view: TenantView,
    Path((_, id)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Result<Markup, Problem> {
    let run = Run::get(view.scope(), &id).await?;
    let sync = Sync::get(view.scope(), &run.sync).await?;
    let title = format!("{} of {}", mode(run.mode), sync.draft.name);
    let head = html! {
        (crumbs(&[(view.path(&format!("syncs/{}", sync.id)), &sync.draft.name)]))
        div.title { h1 { (title) } @if run.status.is_over() { (status(&run)) } }
        p.subtitle { (time(run.asked_at)) ", asked for by " (run.asked_by) @if run.summary.duration_ms > 0 { ", took " (duration(run.summary.duration_ms)) } }
    };
    if !run.status.is_over() {
        let body = html! { (head) (under_way(&view, &run).await?) };
        return Ok(view.live_page(Section::Runs, &title, body));
    }
    let (_, kind) = view.kind_of(&sync.draft.credentials).await?;
    let body = html! {
        (head)
        @if let Some(stopped) = &run.stopped { (stop(stopped, &view.side(&stopped.side))) }
        (items::totals(&view, &run, &run.summary.totals))
        (next(&view, &run, &sync))
        (about(&run, kind))
        @if run.status != Status::Skipped { (items::section(&view, &run, &which).await?) }
    };
    Ok(view.page(Section::Runs, &title, body))
}

/// What a person does after such a run.
fn next(view: &TenantView, run: &Run, sync: &Sync) -> Markup {
    let runs = format!("syncs/{}/runs", sync.id);
    let is_operator = view.may(Role::Operator);
    let is_done = run.status == Status::Done;
    let is_on = sync.disabled.is_none();
    let undoes = run.options.undoes.as_deref().unwrap_or_default();
    html! {
        div.actions {
            @if is_operator && is_on {
                @match run.mode {
                    Mode::Plan if is_done => (view.button(&runs, "Run now", "primary", &[("mode", "export")])),
                    Mode::Export | Mode::Verify => {
                        (view.button(&runs, "Verify", if run.mode == Mode::Export { "primary" } else { "" }, &[("mode", "verify")]))
                        (view.button(&runs, "Run again", "", &[("mode", "export")]))
                    }
                    Mode::UndoPlan if is_done => (view.button(&runs, "Take it back now", "danger", &[("mode", "undo"), ("undoes", undoes)])),
                    _ => {}
                }
            }
            @if is_operator && run.mode == Mode::Export && run.status != Status::Skipped {
                (view.button(&runs, "Take back…", "", &[("mode", "undo-plan"), ("undoes", &run.id)]))
            }
            a.button href=(view.path(&format!("runs/{}/report.json", run.id))) download { "JSON" }
            a.button href=(view.path(&format!("runs/{}/report.csv", run.id))) download { "CSV" }
        }
        @match run.mode {
            Mode::Plan => p.help { "A plan writes nothing. The items below show what a run would create, and every value that it would change." },
            Mode::UndoPlan => p.help { "Nothing is deleted yet. The items below show what taking the export back would delete." },
            _ => {}
        }
    }
}

/// Notes on the whole run, what was lost in translation, and what it cost.
fn about(run: &Run, kind: &Kind) -> Markup {
    let summary = &run.summary;
    html! {
        @if !summary.notes.is_empty() {
            (notice(Tone::Warn, "Notes", html! { ul { @for note in &summary.notes { li { (capitalised(note)) } } } }))
        }
        @if !summary.lost.is_empty() { (lost(&summary.lost)) }
        @if summary.resumed > 0 { p { (summary.resumed) " items that an interrupted run had begun are settled." } }
        @if !summary.requests.is_empty() {
            p.help {
                "Requests: "
                @for (index, one) in summary.requests.iter().enumerate() { @if index > 0 { ", " } (one.requests) " to " (kind.connection(&one.connection)) }
            }
        }
    }
}

fn lost(lost: &[Count]) -> Markup {
    html! {
        details.lost {
            summary { strong { "Lost in translation" } " " span.help { (lost.len()) @if lost.len() == 1 { " note" } @else { " notes" } } }
            ul { @for one in lost { li { strong { (one.number) @if one.number == 1 { " item" } @else { " items" } } ": " (one.what) } } }
        }
    }
}

pub(super) async fn cancel(view: TenantView, Path((_, id)): Path<(String, String)>) -> Result<Response, Problem> {
    Run::get(view.scope(), &id).await?;
    view.entered.need(Role::Operator)?;
    view.app.dispatcher().cancel(view.scope(), &id).await?;
    Ok(view.redirect(&format!("runs/{id}")))
}
