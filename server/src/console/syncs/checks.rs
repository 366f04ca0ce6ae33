//! Answers while somebody fills in the form of a sync: filters, times, destinations.

use axum::extract::Query;
use maud::{Markup, html};
use serde::Deserialize;

use super::super::form::{self, Pairs, Sent};
use super::super::parts::time;
use super::super::view::TenantView;
use super::form::{choice, drafted};
use crate::plugins::{Finding, Stop};
use crate::problem::Problem;
use crate::settings::{SyncDraft, assemble};
use crate::users::Role;

/// Destinations that are listed; a search finds the others.
const LISTED: usize = 20;
/// Times that are shown of a schedule.
const TIMES: usize = 3;

#[derive(Deserialize)]
pub(super) struct Search {
    credentials: String,
    #[serde(default)]
    query: String,
    #[serde(default)]
    destination: String,
}

/// Destination projects that a search finds.
pub(super) async fn destinations(view: TenantView, Query(search): Query<Search>) -> Result<Markup, Problem> {
    view.entered.need(Role::Owner)?;
    let assembled = assemble(&view.app, view.scope(), &search.credentials).await?;
    let found = match assembled.tenant.projects(&search.query).await {
        Ok(found) => found,
        Err(error) => return Ok(by_hand(&search.destination, &Stop::from(&error))),
    };
    let chosen = &search.destination;
    let is_listed = found.iter().take(LISTED).any(|project| project.key == *chosen);
    Ok(html! {
        @if !chosen.is_empty() && !is_listed { (choice(chosen, "", true)) }
        @for project in found.iter().take(LISTED) { (choice(&project.key, &project.name, project.key == *chosen)) }
        @if found.is_empty() { p.help { "No project of this key or name is visible to the account." } }
        @if found.len() > LISTED { p.help { "There are more. Search for the one you mean." } }
    })
}

/// Where the list cannot be had, the key is typed.
fn by_hand(chosen: &str, stop: &Stop) -> Markup {
    html! {
        (form::shown(&Finding { hint: stop.hint.clone(), is_error: false, ..Finding::error("project", &stop.message) }))
        label for="destination" { "Key of the project" }
        input #destination name="destination" value=(chosen);
    }
}

#[derive(Deserialize)]
pub(super) struct OfField {
    field: String,
}

/// A filter: what is wrong with it, or what it finds.
pub(super) async fn aql(view: TenantView, Query(of): Query<OfField>, pairs: Pairs) -> Result<Markup, Problem> {
    view.entered.need(Role::Owner)?;
    let sent = Sent::from(pairs);
    let (_, kind) = view.kind_of(&sent.text("credentials")).await?;
    let draft = drafted(&sent, &sent.text("credentials"), kind);
    let draft = alone(draft, &of.field);
    let findings = draft.findings(&view.app, view.scope()).await?;
    let own: Vec<&Finding> = findings.iter().filter(|finding| finding.field == of.field).collect();
    Ok(html! {
        @for finding in &own { (form::shown(finding)) }
        @if own.iter().all(|finding| !finding.is_error) { (counted(&view, &draft, &of.field).await) }
    })
}

/// The draft with this filter alone, so that nothing else is asked.
fn alone(draft: SyncDraft, field: &str) -> SyncDraft {
    if field == "launches-aql" {
        SyncDraft {
            test_case_aql: String::new(),
            disable_launches_sync: false,
            ..draft
        }
    } else {
        SyncDraft {
            launches_aql: String::new(),
            disable_launches_sync: true,
            ..draft
        }
    }
}

async fn counted(view: &TenantView, draft: &SyncDraft, field: &str) -> Markup {
    let assembled = match assemble(&view.app, view.scope(), &draft.credentials).await {
        Ok(assembled) => assembled,
        Err(problem) => return html! { p.help { (problem.message) } },
    };
    let (number, one, many) = match assembled.tenant.count(&draft.export()).await {
        Ok(size) if field == "launches-aql" => (size.launches, "launch", "launches"),
        Ok(size) => (size.test_cases, "test case", "test cases"),
        Err(error) => {
            let stop = Stop::from(&error);
            return form::shown(&Finding {
                hint: stop.hint,
                ..Finding::error(field, stop.message)
            });
        }
    };
    html! {
        @match number {
            Some(0) => p.finding.warn { "TestOps finds no " (one) " with it." },
            Some(1) => p.found { "TestOps finds 1 " (one) "." },
            Some(number) => p.found { "TestOps finds " (number) " " (many) "." },
            None => p.help { "TestOps does not report how many it finds." },
        }
    }
}

/// The next times of a schedule.
pub(super) async fn schedule(view: TenantView, pairs: Pairs) -> Result<Markup, Problem> {
    view.entered.need(Role::Owner)?;
    let sent = Sent::from(pairs);
    let (_, kind) = view.kind_of(&sent.text("credentials")).await?;
    let timing = drafted(&sent, "", kind).schedule;
    if let Err(message) = timing.check() {
        return Ok(form::shown(&Finding::error("schedule", message)));
    }
    let times = timing.times(view.app.now(), &sent.text("name"), TIMES);
    Ok(html! {
        @if !times.is_empty() {
            p.found { "It runs about " @for (index, at) in times.iter().enumerate() { @if index > 0 { ", " } (time(*at)) } "." }
        }
    })
}
