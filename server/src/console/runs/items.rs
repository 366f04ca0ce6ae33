//! Items of a run with their verdicts.

use maud::{Markup, html};
use serde::Deserialize;

use super::super::parts::{badge, empty, outside, tone};
use super::super::view::TenantView;
use crate::plugins::{Change, Item, Outcome, Totals};
use crate::problem::Problem;
use crate::runs::{ItemFilter, Items, Run};

/// Items of a page.
const PAGE: u32 = 30;
/// Fields of an item that are shown at once; more are folded.
const FIELDS: usize = 4;
/// The outcome of all items, whatever became of them.
const ALL: &str = "all";
/// Longest value that is shown at once, in characters.
const SHORT: usize = 200;

/// Which items a page shows.
#[derive(Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    entity: String,
    #[serde(default)]
    search: String,
    after: Option<u64>,
}

impl Which {
    /// Whether items that are as they were are left out: unless somebody asks for them, or for an item of a name.
    fn hides_unchanged(&self) -> bool {
        self.outcome.is_empty() && self.search.is_empty()
    }

    /// The query of the same items after another one.
    fn query(&self, after: Option<u64>) -> String {
        let after = after.map(|after| after.to_string()).unwrap_or_default();
        query(&[
            ("outcome", &self.outcome),
            ("entity", &self.entity),
            ("search", &self.search),
            ("after", &after),
        ])
    }

    /// The query of items with another outcome.
    fn of(&self, outcome: &str) -> String {
        query(&[("outcome", outcome), ("entity", &self.entity), ("search", &self.search)])
    }
}

fn query(pairs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
    query.finish()
}

/// The items of a run that is over, with a filter above them.
pub(super) async fn section(view: &TenantView, run: &Run, which: &Which) -> Result<Markup, Problem> {
    let filter = ItemFilter {
        outcome: Outcome::named(&which.outcome),
        except: which.hides_unchanged().then_some(Outcome::Unchanged),
        entity: Some(which.entity.clone()).filter(|entity| !entity.is_empty()),
        search: which.search.clone(),
        after: which.after,
        limit: PAGE,
    };
    let found = Items::page(view.scope(), &run.id, &filter).await?;
    let here = view.path(&format!("runs/{}", run.id));
    let is_filtered = !which.query(None).is_empty();
    let unchanged = match which.hides_unchanged() {
        true => unchanged(run, &which.entity),
        false => 0,
    };
    Ok(html! {
        section #items {
            h2 { "Items" }
            (filter_form(view, &here, run, which))
            @if found.items.is_empty() && unchanged == 0 {
                @if is_filtered { (empty("No item is like that", html! { a.button href={ (here) "?outcome=" (ALL) "#items" } { "Show all items" } })) }
                @else { p.help { "This run has no items." } }
            } @else if !found.items.is_empty() { (table(view, &found.items)) }
            @if unchanged > 0 && found.next.is_none() {
                p.help {
                    (unchanged) @if found.items.is_empty() { " unchanged" } @else { " more unchanged" } @if unchanged == 1 { " item. " } @else { " items. " }
                    a href={ (here) "?" (which.of(ALL)) "#items" } { "Show all items" }
                }
            }
            @if let Some(next) = found.next { a.button href={ (here) "?" (which.query(Some(next))) "#items" } { "More items" } }
        }
    })
}

/// How many items of an entity, or of all, are as they were.
fn unchanged(run: &Run, entity: &str) -> u64 {
    let meant = run.summary.totals.0.iter();
    let meant = meant.filter(|(name, _)| entity.is_empty() || *name == entity);
    meant.map(|(_, tally)| tally.of(Outcome::Unchanged)).sum()
}

fn filter_form(view: &TenantView, here: &str, run: &Run, which: &Which) -> Markup {
    html! {
        form.filter method="get" action={ (here) "#items" } {
            label for="search" { "TestOps id, issue key or name" }
            input #search type="search" name="search" value=(which.search);
            label for="outcome" { "Outcome" }
            select #outcome name="outcome" {
                option value="" { "all but unchanged" }
                option value=(ALL) selected[which.outcome == ALL] { "all" }
                @for outcome in Outcome::ALL { option value=(outcome.name()) selected[which.outcome == outcome.name()] { (outcome.name()) } }
            }
            @if run.summary.totals.0.len() > 1 {
                label for="entity" { "Kind" }
                select #entity name="entity" {
                    option value="" { "all" }
                    @for name in run.summary.totals.0.keys() { option value=(name) selected[which.entity == *name] { (view.entity(name).1) } }
                }
            }
            button type="submit" { "Show" }
        }
    }
}

/// Numbers by entity and outcome; each leads to its items.
pub(super) fn totals(view: &TenantView, run: &Run, totals: &Totals) -> Markup {
    html! {
        @if !totals.0.is_empty() {
            table.totals {
                tbody {
                    @for (entity, tally) in &totals.0 {
                        tr {
                            th scope="row" { (super::super::parts::capitalised(&view.entity(entity).1)) }
                            td {
                                @for outcome in Outcome::ALL.into_iter().filter(|outcome| tally.of(*outcome) > 0) {
                                    a class={ "badge " (tone(outcome).name()) } href=(view.path(&format!("runs/{}?entity={entity}&outcome={}#items", run.id, outcome.name()))) {
                                        strong { (tally.of(outcome)) } " " (outcome.name())
                                    }
                                    " "
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn table(view: &TenantView, items: &[Item]) -> Markup {
    html! {
        table.stack.brief.items {
            thead { tr { th { "TestOps" } th { "Name" } th { "Outcome" } th { "Issue" } th { "What and why" } } }
            tbody { @for item in items { (row(view, item)) } }
        }
    }
}

fn row(view: &TenantView, item: &Item) -> Markup {
    let id = format!("{} {}", view.entity(&item.entity).0, item.id);
    html! {
        tr {
            td data-label="TestOps" { (outside(item.source_url.as_deref(), &id)) }
            td.name.wide data-label="Name" { (item.name) }
            td data-label="Outcome" { (badge(tone(item.outcome), item.outcome.name())) }
            td data-label="Issue" { @if let Some(issue) = &item.issue { (outside(issue.url.as_deref(), &issue.key)) } @else { "–" } }
            td.why.wide data-label="What and why" {
                @if let Some(reason) = &item.reason { p.reason { (reason) } }
                @if !item.changes.is_empty() { (changes(&item.changes)) }
                @for count in &item.counts { p { (count.number) " " (count.what) } }
                @for note in &item.notes { p.note { (note) } }
            }
        }
    }
}

/// Fields with their values before and after; many are folded below their names.
fn changes(changes: &[Change]) -> Markup {
    let names: Vec<&str> = changes.iter().map(|change| &*change.field).collect();
    html! {
        @if changes.len() > FIELDS { details { summary { (changes.len()) " fields: " (names.join(", ")) } (fields(changes)) } }
        @else { (fields(changes)) }
    }
}

fn fields(changes: &[Change]) -> Markup {
    html! {
        dl.changes {
            @for change in changes {
                dt { (change.field) }
                dd {
                    @if let Some(before) = change.before.as_deref().filter(|text| !text.is_empty()) { del { (value(before)) } }
                    @if let Some(after) = change.after.as_deref().filter(|text| !text.is_empty()) { ins { (value(after)) } }
                    @if change.before.is_none() && change.after.is_none() { "changes" }
                }
            }
        }
    }
}

/// A value; a long one is folded.
fn value(text: &str) -> Markup {
    let beginning: String = text.chars().take(SHORT).collect();
    html! {
        @if beginning.len() == text.len() { (text) }
        @else { details { summary { (beginning) "…" } (text) } }
    }
}
