//! Two runs of the history beside each other.

use axum::extract::Query;
use maud::{Markup, html};

use super::super::parts::{badge, crumbs, empty, mode, outside, status, tally, time, tone};
use super::super::view::{Section, TenantView};
use crate::plugins::Item;
use crate::problem::Problem;
use crate::runs::{Difference, Run};
use crate::settings::Sync;

/// Differences that are shown.
const SHOWN: u32 = 200;

pub(super) async fn compare(view: TenantView, Query(chosen): Query<Vec<(String, String)>>) -> Result<Markup, Problem> {
    let ids: Vec<&String> = chosen
        .iter()
        .filter(|(name, _)| name == "run")
        .map(|(_, id)| id)
        .collect();
    let [one, other] = ids.as_slice() else {
        return Err(Problem::invalid("Choose two runs to compare.").hint("Go back and tick two of them."));
    };
    let one = Run::get(view.scope(), one).await?;
    let other = Run::get(view.scope(), other).await?;
    let (before, after) = if one.asked_at <= other.asked_at {
        (one, other)
    } else {
        (other, one)
    };
    let sync = Sync::get(view.scope(), &after.sync).await?;
    let differences = Difference::between(view.scope(), &before.id, &after.id, SHOWN).await?;
    let body = html! {
        (crumbs(&[(view.path(&format!("syncs/{}", sync.id)), &sync.draft.name)]))
        h1 { "Two runs compared" }
        div.beside { (card(&view, &before)) (card(&view, &after)) }
        h2 { "What differs" }
        @if differences.is_empty() { (empty("Nothing differs", html! { p { "Every item has the same outcome and the same issue in both runs." } })) }
        @else { (table(&view, &differences)) }
        @if differences.len() >= SHOWN as usize { p.help { "These are the first " (SHOWN) ". The downloads of both runs have all of them." } }
    };
    Ok(view.page(Section::Runs, "Two runs compared", body))
}

fn card(view: &TenantView, run: &Run) -> Markup {
    html! {
        section.card {
            h2 { a href=(view.path(&format!("runs/{}", run.id))) { (mode(run.mode)) } " " (status(run)) }
            p.help { (time(run.asked_at)) }
            (tally(&run.summary.totals))
        }
    }
}

fn table(view: &TenantView, differences: &[Difference]) -> Markup {
    html! {
        table.stack {
            thead { tr { th { "Item" } th { "Name" } th { "Before" } th { "After" } } }
            tbody {
                @for difference in differences {
                    @if let Some(item) = difference.after.as_ref().or(difference.before.as_ref()) {
                        tr {
                            td data-label="Item" { (view.entity(&item.entity).0) " " (item.id) }
                            td data-label="Name" { (item.name) }
                            td data-label="Before" { (verdict(difference.before.as_ref())) }
                            td data-label="After" { (verdict(difference.after.as_ref())) }
                        }
                    }
                }
            }
        }
    }
}

fn verdict(item: Option<&Item>) -> Markup {
    html! {
        @match item {
            Some(item) => {
                (badge(tone(item.outcome), item.outcome.name()))
                @if let Some(issue) = &item.issue { " " (outside(issue.url.as_deref(), &issue.key)) }
                @if let Some(reason) = &item.reason { p.reason { (reason) } }
            }
            None => "not part of it",
        }
    }
}
