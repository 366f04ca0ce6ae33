//! The audit log: who changed what.

use axum::extract::Query;
use maud::{Markup, html};
use serde::Deserialize;

use super::parts::{capitalised, empty, time};
use super::view::{Section, TenantView};
use crate::audit::AuditEntry;
use crate::problem::Problem;
use crate::store::Before;
use crate::users::Role;

/// Entries of a page.
pub(super) const PAGE: u32 = 100;

/// Which entries a page shows.
#[derive(Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    pub(super) before: Before,
}

pub(super) async fn of_tenant(view: TenantView, Query(which): Query<Which>) -> Result<Markup, Problem> {
    view.entered.need(Role::Owner)?;
    let entries = AuditEntry::list(view.scope(), &which.before, PAGE).await?;
    let body = shown(&view.path("audit"), &entries);
    Ok(view.page(Section::Audit, "Audit log", body))
}

/// A page of entries; `here` is where older ones are.
pub(super) fn shown(here: &str, entries: &[AuditEntry]) -> Markup {
    let next = entries.last().filter(|_| entries.len() >= PAGE as usize);
    html! {
        h1 { "Audit log" }
        p.subtitle { "Who changed what. Secrets never appear here." }
        @if entries.is_empty() { (empty("Nothing was changed yet", html! {})) }
        @else {
            table.stack {
                thead { tr { th { "When" } th { "Who" } th { "What" } th { "Of what" } th { "Detail" } } }
                tbody {
                    @for entry in entries {
                        tr {
                            td data-label="When" { (time(entry.at)) }
                            td data-label="Who" { (entry.actor) }
                            td data-label="What" { (capitalised(&entry.action)) }
                            td data-label="Of what" { (entry.subject) }
                            td data-label="Detail" { (entry.detail) }
                        }
                    }
                }
            }
        }
        @if let Some(last) = next { a.button href={ (here) "?before=" (Before::entry(last.at, &last.id)) } { "Older entries" } }
    }
}
