//! A sync: its form, how it stands, and what can be done with it.

use std::collections::BTreeMap;

use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::credentials::test_result;
use super::form::{self, Sent};
use super::layout::csrf;
use super::settings::shown;
use super::tenant::{run_table, state, time};
use crate::app::App;
use crate::plugins::{Finding, Kind, MappingOption};
use crate::problem::Problem;
use crate::runs::{Answered, Asked, Mode, Run, RunFilter, RunOptions, ask};
use crate::schedule::{Timing, When};
use crate::settings::switching::{self, Enable, EnabledSync};
use crate::settings::{Credentials, Integration, Sync, SyncDraft};
use crate::users::{Entered, Role, Visitor};

type Pairs = Form<Vec<(String, String)>>;

/// Runs that the page of a sync shows.
const LATEST: u32 = 20;

fn path(app: &App, entered: &Entered, rest: &str) -> String {
    app.href(&format!("/t/{}/{rest}", entered.scope.tenant()))
}

async fn kind<'a>(app: &'a App, entered: &Entered, credentials: &str) -> Result<&'a Kind, Problem> {
    let credentials = Credentials::get(app, &entered.scope, credentials).await?;
    let integration = Integration::get(&entered.scope, &credentials.integration).await?;
    app.plugins()
        .kind(&integration.kind)
        .map(|(_, kind)| kind)
        .ok_or_else(Problem::not_found)
}

#[derive(Deserialize)]
pub(super) struct Of {
    credentials: String,
}

pub(super) async fn new(
    State(app): State<App>,
    visitor: Visitor,
    entered: Entered,
    Query(of): Query<Of>,
) -> Result<Markup, Problem> {
    entered.need(Role::Owner)?;
    let kind = kind(&app, &entered, &of.credentials).await?;
    // A narrow start, as a first rollout goes: nothing but what a person chose, launches later.
    let draft = SyncDraft {
        credentials: of.credentials.clone(),
        name: "main".to_owned(),
        destination: String::new(),
        test_case_aql: String::new(),
        launches_aql: String::new(),
        disable_test_case_create: false,
        disable_launches_sync: true,
        disable_export: false,
        mapping: BTreeMap::new(),
        schedule: Timing::Off,
        delay_minutes: 0,
        notify: Vec::new(),
        stale_hours: 0,
    };
    let action = path(&app, &entered, &format!("syncs/new?credentials={}", of.credentials));
    let body = html! {
        h1 { "Create a sync" }
        p { "Start narrow: a filter that finds a few test cases, launches off. Plan it, run it, look at the result, then widen." }
        (sync_form(&visitor, &action, kind, &draft, &[]))
    };
    Ok(shown(&app, &visitor, &entered, "Create a sync", body))
}

fn sync_form(visitor: &Visitor, action: &str, kind: &Kind, draft: &SyncDraft, findings: &[Finding]) -> Markup {
    let named = ["name", "project", "test-case-aql", "launches-aql", "schedule"];
    let own = |name: &str| html! { @for finding in findings.iter().filter(|finding| finding.field == name) { (form::shown(finding)) } };
    let tick = |name: &str, label: &str, on: bool| html! { label.tick { input type="checkbox" name=(name) checked[on]; " " (label) } };
    let is_option = |name: &str| kind.options.iter().any(|option| option.name == name);
    html! {
        form method="post" action=(action) {
            (csrf(visitor))
            label for="name" { "Name" }
            input #name name="name" required value=(draft.name);
            (own("name"))
            label for="destination" { "Destination project (key)" }
            input #destination name="destination" required value=(draft.destination);
            (own("project"))
            label for="test-case-aql" { "Test cases (AQL); empty exports all" }
            textarea #test-case-aql name="test-case-aql" rows="2" { (draft.test_case_aql) }
            (own("test-case-aql"))
            label for="launches-aql" { "Launches (AQL); empty exports all" }
            textarea #launches-aql name="launches-aql" rows="2" { (draft.launches_aql) }
            (own("launches-aql"))
            (tick("disable-test-case-create", "Only update test cases that were exported before", draft.disable_test_case_create))
            (tick("disable-launches-sync", "Export no launches", draft.disable_launches_sync))
            (tick("disable-export", "Export nothing", draft.disable_export))
            (schedule_fields(&draft.schedule))
            (own("schedule"))
            label for="delay" { "Minutes to wait after a reported change" }
            input #delay name="delay-minutes" type="number" min="0" max="1440" value=(draft.delay_minutes);
            (mapping_fields(&kind.options, draft, findings))
            (form::others(findings, |name| named.contains(&name) || is_option(name)))
            button type="submit" { "Submit" }
        }
    }
}

fn schedule_fields(schedule: &Timing) -> Markup {
    let (kind, minutes, expression, zone) = match schedule {
        Timing::Off => ("off", 60, "0 3 * * *", "UTC"),
        Timing::Every { minutes } => ("every", *minutes, "0 3 * * *", "UTC"),
        Timing::Cron { expression, zone } => ("cron", 60, expression.as_str(), zone.as_str()),
    };
    html! {
        fieldset {
            legend { "Schedule" }
            label.tick { input type="radio" name="schedule" value="off" checked[kind == "off"]; " By hand" }
            label.tick { input type="radio" name="schedule" value="every" checked[kind == "every"]; " Every "
                input name="minutes" type="number" min="1" max="44640" value=(minutes) aria-label="minutes"; " minutes" }
            label.tick { input type="radio" name="schedule" value="cron" checked[kind == "cron"]; " At "
                input name="expression" value=(expression) aria-label="cron expression"; " in "
                input name="zone" value=(zone) aria-label="time zone"; }
        }
    }
}

fn mapping_fields(options: &[MappingOption], draft: &SyncDraft, findings: &[Finding]) -> Markup {
    let mut groups: Vec<&str> = Vec::new();
    for option in options.iter().filter(|option| !option.is_prefix) {
        if !groups.contains(&&*option.group) {
            groups.push(&option.group);
        }
    }
    html! {
        @for group in groups {
            details {
                summary { "Mapping: " (group) }
                @for option in options.iter().filter(|option| option.group == group && !option.is_prefix) {
                    @let name = format!("option:{}", option.name);
                    div.field {
                        label for=(name) { (option.title) }
                        (form::input(&option.value, &name, draft.mapping.get(&option.name).map(String::as_str), option.default.as_deref()))
                        p.help { (option.help) }
                        @for finding in findings.iter().filter(|finding| finding.field == option.name) { (form::shown(finding)) }
                    }
                }
            }
        }
    }
}

fn drafted(sent: &Sent, credentials: &str, before: &BTreeMap<String, String>, kind: &Kind) -> SyncDraft {
    // Options with names of a person's own have no field here, and stay as they are.
    let is_field = |name: &String| {
        kind.options
            .iter()
            .any(|option| !option.is_prefix && option.name == *name)
    };
    let kept = before.iter().filter(|(name, _)| !is_field(name));
    let kept = kept.map(|(name, value)| (name.clone(), value.clone()));
    SyncDraft {
        credentials: credentials.to_owned(),
        name: sent.text("name"),
        destination: sent.text("destination"),
        test_case_aql: sent.text("test-case-aql"),
        launches_aql: sent.text("launches-aql"),
        disable_test_case_create: sent.is_ticked("disable-test-case-create"),
        disable_launches_sync: sent.is_ticked("disable-launches-sync"),
        disable_export: sent.is_ticked("disable-export"),
        mapping: kept.chain(sent.below("option:")).collect(),
        schedule: match sent.text("schedule").as_str() {
            "every" => Timing::Every {
                minutes: sent.text("minutes").parse().unwrap_or_default(),
            },
            "cron" => Timing::Cron {
                expression: sent.text("expression"),
                zone: sent.text("zone"),
            },
            _ => Timing::Off,
        },
        delay_minutes: sent.text("delay-minutes").parse().unwrap_or_default(),
        ..SyncDraft::default()
    }
}

pub(super) async fn add(
    State(app): State<App>,
    visitor: Visitor,
    entered: Entered,
    Query(of): Query<Of>,
    Form(pairs): Pairs,
) -> Result<Response, Problem> {
    let kind = kind(&app, &entered, &of.credentials).await?;
    let draft = drafted(&Sent::from(pairs), &of.credentials, &BTreeMap::new(), kind);
    match Sync::add(&app, &entered, draft.clone()).await {
        Ok(sync) => {
            app.dispatcher().plan(&entered.scope, &sync, When::AsScheduled).await?;
            Ok(Redirect::to(&path(&app, &entered, &format!("syncs/{}", sync.id))).into_response())
        }
        Err(problem) => {
            let action = path(&app, &entered, &format!("syncs/new?credentials={}", of.credentials));
            refused(&app, &visitor, &entered, problem, |findings| {
                sync_form(&visitor, &action, kind, &draft, findings)
            })
        }
    }
}

fn refused(
    app: &App,
    visitor: &Visitor,
    entered: &Entered,
    problem: Problem,
    form: impl FnOnce(&[Finding]) -> Markup,
) -> Result<Response, Problem> {
    if problem.findings.is_empty() {
        return Err(problem);
    }
    let body = html! { h1 { "This cannot work so" } (form(&problem.findings)) };
    Ok((problem.code(), shown(app, visitor, entered, "Sync", body)).into_response())
}

pub(super) async fn sync(
    State(app): State<App>,
    visitor: Visitor,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Result<Markup, Problem> {
    let sync = Sync::get(&entered.scope, &id).await?;
    let filter = RunFilter {
        sync: Some(id.clone()),
        limit: LATEST,
        ..RunFilter::default()
    };
    let runs = Run::list(&entered.scope, &filter).await?;
    let here = path(&app, &entered, &format!("syncs/{id}"));
    let home = app.href(&format!("/t/{}", entered.scope.tenant()));
    let kind = kind(&app, &entered, &sync.draft.credentials).await?;
    let body = html! {
        h1 { (sync.draft.name) " → " (sync.draft.destination) " " (state(&sync)) }
        @if sync.disabled.is_some() { (off(&app, &visitor, &entered, &sync).await?) }
        @else {
            p {
                @match sync.succeeded_at { Some(at) => { "All right as of " (time(at)) ". " } None => "It has not succeeded yet. " }
                @if let Some(at) = sync.due_at { "It runs next " (time(at)) "." }
            }
        }
        @if entered.role >= Role::Operator { (actions(&visitor, &here, &sync)) }
        h2 { "History" }
        @if runs.is_empty() { p { "No run yet. A plan shows what a run would do, and writes nothing." } }
        @else { (run_table(&home, &runs, std::slice::from_ref(&sync))) }
        @if entered.role >= Role::Owner {
            details { summary { "Change the configuration" } (sync_form(&visitor, &here, kind, &sync.draft, &[])) }
        }
    };
    Ok(shown(&app, &visitor, &entered, &sync.draft.name, body))
}

fn actions(visitor: &Visitor, here: &str, sync: &Sync) -> Markup {
    let button = |mode: Mode, label: &str| {
        html! {
            form.inline method="post" action=(format!("{here}/runs")) {
                (csrf(visitor))
                input type="hidden" name="mode" value=(mode.name());
                button type="submit" { (label) }
            }
        }
    };
    html! {
        div.actions {
            (button(Mode::Plan, "Plan"))
            @if sync.disabled.is_none() { (button(Mode::Export, "Run now")) }
            (button(Mode::Verify, "Verify"))
            @if sync.disabled.is_none() {
                form.inline method="post" action=(format!("{here}/disable")) { (csrf(visitor)) button.plain type="submit" { "Switch off" } }
            }
        }
    }
}

/// Why a sync is off, and the form that fixes and enables it.
async fn off(app: &App, visitor: &Visitor, entered: &Entered, sync: &Sync) -> Result<Markup, Problem> {
    let Some(disabled) = &sync.disabled else {
        return Ok(html! {});
    };
    let credentials = Credentials::get(app, &entered.scope, &sync.draft.credentials).await?;
    let kind = kind(app, entered, &sync.draft.credentials).await?;
    let here = path(app, entered, &format!("syncs/{}", sync.id));
    let is_secret = matches!(&*disabled.kind, "credential" | "locked");
    Ok(html! {
        section.problem {
            h2 { "Switched off: " (disabled.message) }
            p { "Since " (time(disabled.since)) " (" (disabled.side) ")." @if let Some(hint) = &disabled.hint { " " (hint) } }
            @if entered.role >= Role::Operator {
                form method="post" action=(format!("{here}/enable")) {
                    (csrf(visitor))
                    @if is_secret && entered.role >= Role::Owner {
                        @for field in kind.fields.iter().filter(|field| credentials.secrets.iter().any(|s| s.field == field.name && s.is_stored)) {
                            (form::field(field, None, true, &[]))
                        }
                    }
                    @if disabled.kind == "mass-change" {
                        label.tick { input type="checkbox" name="accept-changes"; " I have looked at the changes; go on" }
                    }
                    button type="submit" { "Test and enable" }
                }
            }
        }
    })
}

pub(super) async fn change(
    State(app): State<App>,
    visitor: Visitor,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
    Form(pairs): Pairs,
) -> Result<Response, Problem> {
    let sync = Sync::get(&entered.scope, &id).await?;
    let kind = kind(&app, &entered, &sync.draft.credentials).await?;
    let draft = drafted(&Sent::from(pairs), &sync.draft.credentials, &sync.draft.mapping, kind);
    let here = path(&app, &entered, &format!("syncs/{id}"));
    match sync.change(&app, &entered, draft.clone()).await {
        Ok(changed) => {
            app.dispatcher()
                .plan(&entered.scope, &changed, When::AsScheduled)
                .await?;
            Ok(Redirect::to(&here).into_response())
        }
        Err(problem) => refused(&app, &visitor, &entered, problem, |findings| {
            sync_form(&visitor, &here, kind, &draft, findings)
        }),
    }
}

pub(super) async fn start(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
    Form(pairs): Pairs,
) -> Result<Redirect, Problem> {
    let sent = Sent::from(pairs);
    let sync = Sync::get(&entered.scope, &id).await?;
    let mode = Mode::named(&sent.text("mode")).ok_or_else(|| Problem::invalid("There is no such mode."))?;
    let undoes = sent.text("undoes");
    let options = RunOptions {
        undoes: Some(undoes).filter(|run| !run.is_empty()),
        ..RunOptions::default()
    };
    let (Answered::New(run) | Answered::Same(run)) = ask(&app, &entered, &sync, Asked { mode, options }, None).await?;
    Ok(Redirect::to(&path(&app, &entered, &format!("runs/{}", run.id))))
}

pub(super) async fn disable(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Result<Redirect, Problem> {
    let sync = Sync::get(&entered.scope, &id).await?;
    switching::disable(&app, &entered, &sync).await?;
    Ok(Redirect::to(&path(&app, &entered, &format!("syncs/{id}"))))
}

pub(super) async fn enable(
    State(app): State<App>,
    visitor: Visitor,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
    Form(pairs): Pairs,
) -> Result<Response, Problem> {
    let sent = Sent::from(pairs);
    let sync = Sync::get(&entered.scope, &id).await?;
    let asked = Enable {
        secrets: sent.secrets(),
        accept_changes: sent.is_ticked("accept-changes"),
    };
    let EnabledSync { test, run, .. } = switching::enable(&app, &entered, &sync, asked).await?;
    let here = path(&app, &entered, &format!("syncs/{id}"));
    if let Some(run) = run {
        return Ok(Redirect::to(&path(&app, &entered, &format!("runs/{run}"))).into_response());
    }
    let body = html! {
        h1 { (sync.draft.name) " stays off" }
        (test_result(&test))
        p { a.button href=(here) { "Back to the sync" } }
    };
    Ok(shown(&app, &visitor, &entered, &sync.draft.name, body).into_response())
}
