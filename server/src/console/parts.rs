//! Pieces that pages are made of.

use maud::{Markup, Render, html};

use crate::plugins::{Outcome, Stop, TestResult, Totals};
use crate::runs::{Mode, Run, Status};
use crate::settings::Sync;

/// How something is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    News,
    Warn,
    Bad,
    Calm,
}

impl Tone {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::News => "news",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Calm => "calm",
        }
    }
}

pub(super) fn badge(tone: Tone, text: impl Render) -> Markup {
    html! { span class={ "badge " (tone.name()) } { (text) } }
}

/// What stands where there is nothing yet: what to do next.
pub(super) fn empty(title: &str, next: impl Render) -> Markup {
    html! { div.empty { p.lead { (title) } (next) } }
}

/// A box with a message that is more than a line.
pub(super) fn notice(tone: Tone, title: impl Render, body: impl Render) -> Markup {
    html! {
        section class={ "notice " (tone.name()) } role=[(tone == Tone::Bad).then_some("alert")] {
            h2 { (title) }
            (body)
        }
    }
}

/// The way down to a page.
pub(super) fn crumbs(steps: &[(String, &str)]) -> Markup {
    html! {
        nav.crumbs aria-label="Breadcrumb" { ol { @for (href, label) in steps { li { a href=(href) { (label) } } } } }
    }
}

/// A time, as the viewer's browser shows it; without scripts in UTC.
pub(super) fn time(at: u64) -> Markup {
    let stamp = i64::try_from(at)
        .ok()
        .and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    let text = stamp
        .map(|stamp| stamp.strftime("%Y-%m-%d %H:%M UTC").to_string())
        .unwrap_or_default();
    html! { time datetime=[stamp.map(|stamp| stamp.to_string())] { (text) } }
}

/// How long something took.
pub(super) fn duration(milliseconds: u64) -> String {
    match milliseconds {
        0..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{}.{} s", milliseconds / 1_000, milliseconds % 1_000 / 100),
        _ => format!("{} min {} s", milliseconds / 60_000, milliseconds % 60_000 / 1_000),
    }
}

/// A link to a server of somebody else: web addresses alone, whatever a server named.
pub(super) fn outside(url: Option<&str>, text: &str) -> Markup {
    let is_web = |url: &&str| url.starts_with("https://") || url.starts_with("http://");
    html! {
        @match url.filter(is_web) {
            Some(url) => a.outside href=(url) rel="noreferrer" { (text) },
            None => (text),
        }
    }
}

/// With an upper-case first letter.
pub(super) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// How a sync stands, without its reason.
pub(super) fn state(sync: &Sync) -> Markup {
    html! {
        @if sync.disabled.is_some() { (badge(Tone::Bad, "off")) }
        @else if sync.draft.disable_export { (badge(Tone::Calm, "paused")) }
        @else if sync.failures > 0 { (badge(Tone::Warn, format!("{} failed in a row", sync.failures))) }
        @else if sync.succeeded_at.is_none() { (badge(Tone::Calm, "new")) }
        @else { (badge(Tone::Good, "all right")) }
    }
}

pub(super) fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Plan => "Plan",
        Mode::Export => "Export",
        Mode::Verify => "Verification",
        Mode::Undo => "Undo",
        Mode::UndoPlan => "Undo preview",
    }
}

/// How a run stands.
pub(super) fn status(run: &Run) -> Markup {
    let totals = &run.summary.totals;
    let is_mixed = totals.of(Outcome::Failed) + totals.of(Outcome::Waiting) > 0;
    let tone = match run.status {
        Status::Done if is_mixed => Tone::Warn,
        Status::Done => Tone::Good,
        Status::Stopped | Status::Interrupted => Tone::Bad,
        Status::Queued | Status::Running => Tone::News,
        Status::Skipped => Tone::Calm,
    };
    badge(tone, run.status.name())
}

pub(super) fn tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Created => Tone::Good,
        Outcome::Updated | Outcome::Adopted => Tone::News,
        Outcome::Unchanged | Outcome::Skipped | Outcome::Removed => Tone::Calm,
        Outcome::Failed => Tone::Bad,
        Outcome::Waiting => Tone::Warn,
    }
}

/// Numbers by outcome, all entities together.
pub(super) fn tally(totals: &Totals) -> Markup {
    let counted = Outcome::ALL.map(|outcome| (outcome, totals.of(outcome)));
    html! {
        span.tally {
            @for (outcome, number) in counted.into_iter().filter(|(_, number)| *number > 0) {
                (badge(tone(outcome), format!("{number} {}", outcome.name())))
            }
        }
    }
}

/// Why a run ended early.
pub(super) fn stop(stop: &Stop, side: &str) -> Markup {
    let body = html! {
        p.side { "Concerns: " (side) }
        @if let Some(hint) = &stop.hint { p { strong { "What to do: " } (hint) } }
        @if let Some(at) = stop.retry_at { p { "Another try makes sense from " (time(at)) "." } }
    };
    notice(Tone::Bad, &stop.message, body)
}

/// What a connection test found, check by check. `side` has the names of sides for people.
pub(super) fn test_result(test: &TestResult, at: Option<u64>, side: impl Fn(&str) -> String) -> Markup {
    let tone = |status: &str| match status {
        "passed" => Tone::Good,
        "failed" => Tone::Bad,
        "warning" => Tone::Warn,
        _ => Tone::Calm,
    };
    let whole = if test.passed { Tone::Good } else { Tone::Bad };
    let body = html! {
        @if let Some(at) = at { p.help { "Tested " (time(at)) } }
        ul.checks {
            @for check in &test.checks {
                li {
                    (badge(tone(&check.status), &check.status))
                    div {
                        p { strong { (capitalised(&check.name)) } " " span.side { (side(&check.side)) } }
                        p { (capitalised(&check.message)) }
                        @if let Some(hint) = &check.hint { p.hint { (hint) } }
                    }
                }
            }
        }
    };
    notice(whole, &test.summary, body)
}
