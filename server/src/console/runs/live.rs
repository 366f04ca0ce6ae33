//! A run under way.

use std::convert::Infallible;

use axum::extract::Path;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::StreamExt;
use futures_util::stream::Stream;
use maud::{Markup, html};
use tms_sync_host::model::RUN;

use super::super::parts::{Tone, badge, duration, tally};
use super::super::view::TenantView;
use crate::plugins::{Kind, Progress, Term};
use crate::problem::Problem;
use crate::runs::{Live, Mode, Run, Seen, watch};
use crate::settings::Sync;
use crate::users::Role;

/// Where a run is; a script follows it, and without one the page loads itself again.
pub(super) async fn under_way(view: &TenantView, run: &Run) -> Result<Markup, Problem> {
    let frame = Frame::of(view, run).await?;
    let live = view.app.dispatcher().watch(view.scope(), &run.id).await;
    let live = live.map(|live| live.borrow().clone());
    let here = format!("runs/{}", run.id);
    Ok(html! {
        // Above what grows, so that the button stays where it is.
        @if view.may(Role::Operator) {
            div.actions { (view.button(&format!("{here}/cancel"), "Cancel", "", &[])) }
            p.help { "A cancelled run ends at the next safe place. Cancelling again ends it at once." }
        }
        div.live data-live=(view.path(&format!("{here}/live"))) { (frame.state(live.as_ref())) }
    })
}

/// What is around the state of a run, and does not change.
struct Frame {
    mode: Mode,
    /// Of the plugin, in order.
    phases: Vec<Term>,
    kind: Kind,
}

impl Frame {
    async fn of(view: &TenantView, run: &Run) -> Result<Self, Problem> {
        let sync = Sync::get(view.scope(), &run.sync).await?;
        let (manifest, kind) = view.kind_of(&sync.draft.credentials).await?;
        Ok(Self {
            mode: run.mode,
            phases: manifest.phases.clone(),
            kind: kind.clone(),
        })
    }

    fn state(&self, live: Option<&Live>) -> Markup {
        html! {
            p role="status" {
                @match live {
                    None => { (badge(Tone::Calm, "queued")) " It begins as soon as it is its turn." }
                    Some(live) if live.is_cancelled => { (badge(Tone::Warn, "ending")) " It was asked to end." }
                    Some(_) => { (badge(Tone::News, "running")) " " @if self.mode.writes() { "It writes at the destination." } @else { "It writes nothing." } }
                }
            }
            (phases(&self.phases, live.map(|live| &*live.phases).unwrap_or_default()))
            p.wait {
                @if let Some(wait) = live.and_then(|live| live.waiting.as_ref()) {
                    (badge(Tone::Warn, "waiting")) " for " (self.kind.connection(&wait.connection)) ", " (duration(wait.milliseconds)) ": " (wait.reason)
                }
            }
            p.wait { @if let Some(live) = live { (tally(&live.totals)) } }
        }
    }
}

/// Every phase has its line from the beginning, so that nothing jumps.
fn phases(all: &[Term], seen: &[Progress]) -> Markup {
    let of = |name: &str| seen.iter().find(|phase| phase.phase == name);
    let current = seen.iter().rfind(|phase| phase.phase != RUN);
    let current = current.map(|phase| &*phase.phase);
    html! {
        ol.phases {
            @for phase in all {
                @let progress = of(&phase.name);
                li class=[(current == Some(&*phase.name)).then_some("current")] {
                    span { (phase.title) }
                    @match progress {
                        Some(progress) => {
                            @match progress.total {
                                Some(total) => progress max=(total.max(1)) value=(progress.done) aria-label=(phase.title) {},
                                None if current == Some(&*phase.name) => progress aria-label=(phase.title) {},
                                None => progress max="1" value="1" aria-label=(phase.title) {},
                            }
                            span.number { (progress.done) @if let Some(total) = progress.total { " of " (total) } }
                        }
                        None => { progress max="1" value="0" aria-label=(phase.title) {} span.number { "" } }
                    }
                }
            }
        }
    }
}

/// The state of a run under way, again and again, as the page shows it.
pub(super) async fn live(
    view: TenantView,
    Path((_, id)): Path<(String, String)>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let run = Run::get(view.scope(), &id).await?;
    let frame = Frame::of(&view, &run).await?;
    let seen = watch(view.app.clone(), view.scope().clone(), id).await?;
    let event = move |seen: Seen| match seen {
        // An event is made of lines, and a carriage return would end one.
        Seen::Live(live) => Event::default()
            .event("live")
            .data(frame.state(Some(&live)).into_string().replace('\r', " ")),
        Seen::Over(_) => Event::default().event("over").data("over"),
    };
    Ok(Sse::new(seen.map(move |seen| Ok(event(seen)))).keep_alive(KeepAlive::default()))
}
