//! The front page: the visitor's tenants, and which of them need somebody.

use axum::extract::State;
use maud::{Markup, html};

use super::attention::{Attention, Level};
use super::layout::{Page, page};
use super::parts::{Tone, badge, empty};
use crate::app::App;
use crate::problem::Problem;
use crate::settings::Sync;
use crate::users::Visitor;

/// A tenant with how it stands.
struct Card {
    name: String,
    title: String,
    syncs: usize,
    attention: Vec<Attention>,
}

pub(super) async fn front(State(app): State<App>, visitor: Visitor) -> Result<Markup, Problem> {
    let mut cards = Vec::new();
    for name in names(&app, &visitor).await? {
        let entered = visitor.enter(app.users(), &name).await?;
        cards.push(Card {
            syncs: Sync::all(&entered.scope).await?.len(),
            attention: Attention::gather(&app, &entered.scope).await?,
            title: entered.title,
            name,
        });
    }
    cards.sort_by_key(|card| std::cmp::Reverse(card.attention.len()));
    let about = Page {
        visitor: Some(&visitor),
        ..Page::new("Tenants")
    };
    let body = html! {
        h1 { "Tenants" }
        @if cards.is_empty() { (nothing(&app, &visitor)) }
        @else { ul.cards { @for card in &cards { (shown(&app, card)) } } }
    };
    Ok(page(&app, &about, body))
}

async fn names(app: &App, visitor: &Visitor) -> Result<Vec<String>, Problem> {
    if !visitor.is_administrator() {
        return Ok(visitor.tenants().map(|(tenant, _)| tenant.to_owned()).collect());
    }
    let all = app.users().tenants().await?;
    Ok(all.into_iter().map(|tenant| tenant.name).collect())
}

fn nothing(app: &App, visitor: &Visitor) -> Markup {
    if visitor.is_administrator() {
        let next = html! {
            p { "A tenant is a team with its own projects, integrations, members and history; nobody else sees them." }
            a.button.primary href=(app.href("/admin/tenants#add")) { "Add the first tenant" }
        };
        empty("There is no tenant yet", next)
    } else {
        empty(
            "You are not a member of a tenant yet",
            html! { p { "An administrator can add you to one." } },
        )
    }
}

fn shown(app: &App, card: &Card) -> Markup {
    let count = |level: Level| card.attention.iter().filter(|one| one.level == level).count();
    html! {
        li.card {
            h2 { a href=(app.href(&format!("/t/{}", card.name))) { (card.title) } }
            p.help { (card.syncs) @if card.syncs == 1 { " sync" } @else { " syncs" } }
            p.badges {
                @if card.attention.is_empty() { (badge(Tone::Good, "all right")) }
                @for level in Level::ALL {
                    @if count(level) > 0 { (badge(level.tone(), format!("{} {}", count(level), level.name(count(level))))) }
                }
            }
        }
    }
}
