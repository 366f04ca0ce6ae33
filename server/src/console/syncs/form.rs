//! The form of a sync.

use maud::{Markup, html};

use super::super::form::{self, Line, Sent, count, tick};
use super::super::view::TenantView;
use super::mapping;
use crate::notify::Channel;
use crate::plugins::{Finding, Kind};
use crate::problem::Problem;
use crate::schedule::Timing;
use crate::settings::SyncDraft;

/// Fields with a place of their own for what is wrong with them.
const NAMED: [&str; 7] = [
    "name",
    "project",
    "test-case-aql",
    "launches-aql",
    "schedule",
    "delay-minutes",
    "stale-hours",
];

/// A form that is shown: what it holds, and what is wrong with it.
pub(super) struct Shown<'a> {
    pub(super) view: &'a TenantView,
    kind: &'a Kind,
    pub(super) draft: &'a SyncDraft,
    findings: &'a [Finding],
    /// Who can be notified.
    channels: Vec<Channel>,
}

impl<'a> Shown<'a> {
    /// A form for a draft; who can be notified is read for it.
    pub(super) async fn of(
        view: &'a TenantView,
        kind: &'a Kind,
        draft: &'a SyncDraft,
        findings: &'a [Finding],
    ) -> Result<Self, Problem> {
        Ok(Self {
            view,
            kind,
            draft,
            findings,
            channels: Channel::all(view.scope()).await?,
        })
    }

    /// The whole form. `rest` is where it is sent, `label` what its button reads; `revision` is the one it was read at.
    pub(super) fn form(&self, rest: &str, revision: Option<u64>, label: &str) -> Markup {
        let Self {
            view,
            kind,
            draft,
            findings,
            ..
        } = self;
        let is_option = |name: &str| kind.options.iter().any(|option| mapping::is_of(option, name));
        html! {
            form.sync method="post" action=(view.path(rest)) {
                (view.csrf())
                @if let Some(revision) = revision { (form::revision(revision)) }
                input type="hidden" name="credentials" value=(draft.credentials);
                (form::others(findings, |name| NAMED.contains(&name) || is_option(name)))
                (Line::new("name", "Name").required(true).wrong(findings, "name").input("text", &draft.name))
                (self.destination())
                (self.aql("test-case-aql", "Test cases", &draft.test_case_aql, "AQL, for example tag in [\"smoke\"]. Empty exports all test cases."))
                (self.aql("launches-aql", "Launches", &draft.launches_aql, "AQL, for example closed = true. Empty exports all launches."))
                fieldset {
                    legend { "What is exported" }
                    (tick("disable-test-case-create", "Disable test case creation", "Only test cases that were exported before are updated.", draft.disable_test_case_create))
                    (tick("disable-launches-sync", "Disable launches sync", "Launches stay in TestOps. Leave this on until the test cases look right.", draft.disable_launches_sync))
                    (tick("disable-export", "Disable export", "Nothing is exported, by hand or on schedule.", draft.disable_export))
                }
                (self.schedule())
                (self.notify())
                (mapping::groups(kind, draft, findings))
                div.actions { button.primary type="submit" { (label) } }
            }
        }
    }

    /// A project at the destination, found by key or name; without scripts its key is typed.
    fn destination(&self) -> Markup {
        let Self {
            view, draft, findings, ..
        } = self;
        let chosen = &draft.destination;
        html! {
            fieldset.picker {
                legend { "Destination project" }
                label for="destination-search" { "Search by key or name" }
                input #destination-search type="search" name="query" autocomplete="off"
                    hx-get=(view.path("syncs/destinations")) hx-trigger="load, input changed delay:300ms, search"
                    hx-include="closest form" hx-target="#destinations" hx-params="query,credentials,destination";
                div #destinations aria-live="polite" {
                    @if !chosen.is_empty() { (choice(chosen, "", true)) }
                }
                noscript {
                    label for="destination" { "Key of the project" }
                    input #destination name="destination" value=(chosen);
                }
                @for finding in findings.iter().filter(|finding| finding.field == "project") { (form::shown(finding)) }
            }
        }
    }

    /// A filter that is checked while it is typed.
    fn aql(&self, name: &str, label: &str, value: &str, help: &str) -> Markup {
        let line = Line::new(name, label).help(help).wrong(self.findings, name);
        let result = format!("{name}-check");
        line.around(html! {
            textarea.code id=(name) name=(name) rows="2" spellcheck="false" aria-describedby={ (name) "-help " (result) }
                hx-post=(self.view.path(&format!("syncs/check-aql?field={name}"))) hx-trigger="load, input changed delay:500ms"
                hx-include="closest form" hx-target={ "#" (result) } hx-sync="this:replace" { (value) }
            div.check id=(result) aria-live="polite" {}
        })
    }

    fn notify(&self) -> Markup {
        let draft = self.draft;
        let named: Vec<&Channel> = self.channels.iter().filter(|channel| !channel.every_sync).collect();
        let every: Vec<&str> = self
            .channels
            .iter()
            .filter(|one| one.every_sync)
            .map(|one| &*one.name)
            .collect();
        html! {
            fieldset {
                legend { "Notify" }
                @if !every.is_empty() { p.help { "Every sync is heard of by: " (every.join(", ")) "." } }
                // Named here as well, which counts again once such a channel no longer hears of every sync.
                @for channel in self.channels.iter().filter(|one| one.every_sync && draft.notify.contains(&one.id)) {
                    input type="hidden" name={ "notify:" (channel.id) } value="on";
                }
                @for channel in &named { (tick(&format!("notify:{}", channel.id), &channel.name, "", draft.notify.contains(&channel.id))) }
                @if self.channels.is_empty() { p.help { "There is no channel yet. " a href=(self.view.path("channels")) { "Add one" } " to hear of failures." } }
                (count(&Line::new("stale-hours", "Nothing succeeded for so many hours").help("Then the channels hear of it. 0: never.").wrong(self.findings, "stale-hours"), draft.stale_hours))
            }
        }
    }

    fn schedule(&self) -> Markup {
        let draft = self.draft;
        let (kind, minutes, expression, zone) = match &draft.schedule {
            Timing::Off => ("off", 60, "0 3 * * 1-5", ""),
            Timing::Every { minutes } => ("every", *minutes, "0 3 * * 1-5", ""),
            Timing::Cron { expression, zone } => ("cron", 60, expression.as_str(), zone.as_str()),
        };
        let choice = |value: &str, label: &str| {
            html! { input type="radio" id={ "schedule-" (value) } name="schedule" value=(value) checked[kind == value]; label for={ "schedule-" (value) } { (label) } }
        };
        html! {
            fieldset.schedule hx-post=(self.view.path("syncs/check-schedule")) hx-trigger="load, input delay:300ms"
                hx-include="closest form" hx-target="#schedule-check" hx-sync="this:replace" {
                legend { "Schedule" }
                div.choice { (choice("off", "By hand")) }
                div.choice {
                    (choice("every", "Every"))
                    input name="minutes" type="number" min="1" max="44640" value=(minutes) aria-label="Minutes between two runs"; " minutes"
                }
                div.choice {
                    (choice("cron", "At"))
                    input.code name="expression" value=(expression) aria-label="Cron expression: minute, hour, day, month, weekday";
                    " in "
                    input name="zone" value=(zone) data-zone aria-label="Time zone" placeholder="Europe/Berlin";
                }
                div.check #schedule-check aria-live="polite" {}
                @for finding in self.findings.iter().filter(|finding| finding.field == "schedule") { (form::shown(finding)) }
                (count(&Line::new("delay-minutes", "Delay after a change").help("Minutes to wait after TestOps reports a change, so that others can follow. 0 runs at once.").wrong(self.findings, "delay-minutes"), draft.delay_minutes))
            }
        }
    }
}

/// A destination to choose.
pub(super) fn choice(key: &str, name: &str, is_chosen: bool) -> Markup {
    html! {
        label.choice {
            input type="radio" name="destination" value=(key) checked[is_chosen];
            strong { (key) } " " (name)
        }
    }
}

/// Numbers of the form that are none.
pub(super) fn misread(sent: &Sent) -> Vec<Finding> {
    let numbers = ["delay-minutes", "stale-hours"];
    numbers.iter().filter_map(|name| sent.count(name).err()).collect()
}

/// What the form holds; what was misread is 0.
pub(super) fn drafted(sent: &Sent, credentials: &str, kind: &Kind) -> SyncDraft {
    let zone = sent.text("zone");
    SyncDraft {
        credentials: credentials.to_owned(),
        name: sent.text("name"),
        destination: sent.text("destination"),
        test_case_aql: sent.text("test-case-aql"),
        launches_aql: sent.text("launches-aql"),
        disable_test_case_create: sent.is_ticked("disable-test-case-create"),
        disable_launches_sync: sent.is_ticked("disable-launches-sync"),
        disable_export: sent.is_ticked("disable-export"),
        mapping: mapping::drafted(sent, kind),
        schedule: match sent.text("schedule").as_str() {
            "every" => Timing::Every {
                minutes: sent.number("minutes").unwrap_or_default(),
            },
            "cron" => Timing::Cron {
                expression: sent.text("expression").trim().to_owned(),
                zone: if zone.trim().is_empty() { "UTC" } else { zone.trim() }.to_owned(),
            },
            _ => Timing::Off,
        },
        delay_minutes: sent.count("delay-minutes").unwrap_or_default(),
        notify: sent.below("notify:").into_keys().collect(),
        stale_hours: sent.count("stale-hours").unwrap_or_default(),
    }
}
