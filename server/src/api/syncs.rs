//! `/syncs`

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Answer, Json};
use crate::app::App;
use crate::id::id;
use crate::plugins::{Finding, TestResult};
use crate::problem::Problem;
use crate::runs::{Mode, NewRun, Origin, RunOptions};
use crate::schedule::{Enqueued, When};
use crate::settings::{
    Credentials, CredentialsDraft, Disabled, SecretText, Sync, SyncDraft, assemble, sync_state, try_out,
};
use crate::users::{Entered, Role};

#[utoipa::path(get, path = "/syncs", tag = "syncs", summary = "Syncs of the tenant", responses((status = 200, description = "Syncs of the tenant", body = Vec<Sync>)))]
pub(super) async fn list(entered: Entered) -> Answer<Vec<Sync>> {
    Ok(Json(Sync::all(&entered.scope).await?))
}

#[utoipa::path(post, path = "/syncs", tag = "syncs", summary = "Add a sync", responses((status = 201, description = "Add a sync", body = Sync)))]
pub(super) async fn add(
    State(app): State<App>,
    entered: Entered,
    Json(draft): Json<SyncDraft>,
) -> Result<(StatusCode, Json<Sync>), Problem> {
    let added = Sync::add(&app, &entered, draft).await?;
    app.dispatcher().plan(&entered.scope, &added, When::AsScheduled).await?;
    Ok((StatusCode::CREATED, Json(Sync::get(&entered.scope, &added.id).await?)))
}

#[utoipa::path(get, path = "/syncs/{id}", tag = "syncs", summary = "A sync and how it stands", responses((status = 200, description = "A sync and how it stands", body = Sync)))]
pub(super) async fn show(entered: Entered, Path((_, id)): Path<(String, String)>) -> Answer<Sync> {
    Ok(Json(Sync::get(&entered.scope, &id).await?))
}

#[utoipa::path(put, path = "/syncs/{id}", tag = "syncs", summary = "Change a sync", responses((status = 200, description = "Change a sync", body = Sync)))]
pub(super) async fn change(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
    Json(draft): Json<SyncDraft>,
) -> Answer<Sync> {
    let sync = Sync::get(&entered.scope, &id).await?;
    let changed = sync.change(&app, &entered, draft).await?;
    app.dispatcher()
        .plan(&entered.scope, &changed, When::AsScheduled)
        .await?;
    Ok(Json(Sync::get(&entered.scope, &id).await?))
}

#[utoipa::path(delete, path = "/syncs/{id}", tag = "syncs", summary = "Remove a sync, with its history", responses((status = 204, description = "Remove a sync, with its history")))]
pub(super) async fn remove(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let sync = Sync::get(&entered.scope, &id).await?;
    sync.remove(&app, &entered).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is wrong or odd with a configuration, and when it would run.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Validation {
    /// Errors and warnings.
    findings: Vec<Finding>,
    /// The next times of its schedule, in milliseconds since the Unix epoch.
    next_times: Vec<u64>,
}

/// Checks a configuration without storing it. Asks no server.
#[utoipa::path(post, path = "/syncs/validate", tag = "syncs", summary = "Check a configuration without storing it", responses((status = 200, description = "Check a configuration without storing it", body = Validation)))]
pub(super) async fn validate(
    State(app): State<App>,
    entered: Entered,
    Json(draft): Json<SyncDraft>,
) -> Answer<Validation> {
    let mut findings = draft.findings(&app, &entered.scope).await?;
    findings.extend(
        draft
            .schedule
            .check()
            .err()
            .map(|message| Finding::error("schedule", message)),
    );
    let next_times = draft.schedule.times(app.now(), &draft.name, 5);
    Ok(Json(Validation { findings, next_times }))
}

/// Tests the connection, the destination and the filters of a sync.
#[utoipa::path(post, path = "/syncs/{id}/test", tag = "syncs", summary = "Test connection, destination and filters", responses((status = 200, description = "Test connection, destination and filters", body = TestResult)))]
pub(super) async fn test(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Answer<TestResult> {
    let sync = Sync::get(&entered.scope, &id).await?;
    entered.need(Role::Operator)?;
    let assembled = assemble(&app, &entered.scope, &sync.draft.credentials).await?;
    Ok(Json(try_out(&assembled, Some(&sync.draft.export()), false).await?))
}

/// How a sync is enabled.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Enable {
    /// Secrets to store before, by form field of the credentials.
    #[serde(default)]
    secrets: BTreeMap<String, SecretText>,
    /// Whether the changes at the destination that paused it are agreed to.
    #[serde(default)]
    accept_changes: bool,
}

/// What enabling came to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct EnabledSync {
    /// The connection test that was made.
    test: TestResult,
    /// How the sync stands.
    sync: Sync,
    /// Id of the full run that was started, where the test passed.
    run: Option<String>,
}

/// Switches a sync on: stores new secrets, tests, and where every check passes, runs in full.
#[utoipa::path(post, path = "/syncs/{id}/enable", tag = "syncs", summary = "Fix and switch on", responses((status = 200, description = "Fix and switch on", body = EnabledSync)))]
pub(super) async fn enable(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
    Json(asked): Json<Enable>,
) -> Answer<EnabledSync> {
    let scope = &entered.scope;
    let sync = Sync::get(scope, &id).await?;
    entered.need(Role::Operator)?;
    if !asked.secrets.is_empty() {
        let credentials = Credentials::get(&app, scope, &sync.draft.credentials).await?;
        let draft = CredentialsDraft {
            project: credentials.project.clone(),
            integration: credentials.integration.clone(),
            fields: credentials.fields.clone(),
            secrets: asked.secrets,
        };
        credentials.change(&app, &entered, draft).await?;
    }
    let assembled = assemble(&app, scope, &sync.draft.credentials).await?;
    let test = try_out(&assembled, Some(&sync.draft.export()), true).await?;
    assembled.credentials.tested(&app, scope, &test).await?;
    let mut run = None;
    if test.passed {
        sync_state::switch_on(scope, &id).await?;
        let options = RunOptions {
            full: true,
            accept_changes: asked.accept_changes,
            ..RunOptions::default()
        };
        run = Some(begin(&app, &entered, &id, Origin::Enable, options).await?);
        let sync = Sync::get(scope, &id).await?;
        app.dispatcher().plan(scope, &sync, When::AsScheduled).await?;
    }
    let sync = Sync::get(scope, &id).await?;
    Ok(Json(EnabledSync { test, sync, run }))
}

async fn begin(
    app: &App,
    entered: &Entered,
    sync: &str,
    origin: Origin,
    options: RunOptions,
) -> Result<String, Problem> {
    let run = NewRun {
        id: id(),
        sync: sync.to_owned(),
        mode: Mode::Export,
        origin,
        asked_by: entered.actor.clone(),
        options,
        idempotency_key: None,
    };
    match app.dispatcher().enqueue(&entered.scope, &run).await? {
        Enqueued::Queued => Ok(run.id),
        Enqueued::Overlaps(open) => Ok(open),
    }
}

/// Switches a sync off. A run under way goes on.
#[utoipa::path(post, path = "/syncs/{id}/disable", tag = "syncs", summary = "Switch off", responses((status = 200, description = "Switch off", body = Sync)))]
pub(super) async fn disable(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Answer<Sync> {
    Sync::get(&entered.scope, &id).await?;
    entered.need(Role::Operator)?;
    sync_state::switch_off(&entered.scope, &id, &Disabled::by(&entered.actor, app.now())).await?;
    Ok(Json(Sync::get(&entered.scope, &id).await?))
}

/// Reports that something changed at the source: the sync runs after its delay, with what else changes until then.
#[utoipa::path(post, path = "/syncs/{id}/changed", tag = "syncs", summary = "Report a change at the source", responses((status = 200, description = "Report a change at the source", body = Sync)))]
pub(super) async fn changed(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Answer<Sync> {
    let sync = Sync::get(&entered.scope, &id).await?;
    entered.need(Role::Operator)?;
    let at = app.now() + u64::from(sync.draft.delay_minutes) * 60_000;
    if sync.due_at.is_none_or(|due| at < due) {
        app.dispatcher().plan(&entered.scope, &sync, When::At(at)).await?;
    }
    Ok(Json(Sync::get(&entered.scope, &id).await?))
}
