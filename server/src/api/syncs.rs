//! `/syncs`

use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Answer, Json};
use crate::app::App;
use crate::plugins::{Finding, TestResult};
use crate::problem::Problem;
use crate::schedule::When;
use crate::settings::switching::{self, Enable, EnabledSync};
use crate::settings::{Sync, SyncDraft, assemble, try_out};
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

/// Switches a sync on: stores new secrets, tests, and where every check passes, runs in full.
#[utoipa::path(post, path = "/syncs/{id}/enable", tag = "syncs", summary = "Fix and switch on", responses((status = 200, description = "Fix and switch on", body = EnabledSync)))]
pub(super) async fn enable(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
    Json(asked): Json<Enable>,
) -> Answer<EnabledSync> {
    let sync = Sync::get(&entered.scope, &id).await?;
    Ok(Json(switching::enable(&app, &entered, &sync, asked).await?))
}

/// Switches a sync off. A run under way goes on.
#[utoipa::path(post, path = "/syncs/{id}/disable", tag = "syncs", summary = "Switch off", responses((status = 200, description = "Switch off", body = Sync)))]
pub(super) async fn disable(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Answer<Sync> {
    let sync = Sync::get(&entered.scope, &id).await?;
    Ok(Json(switching::disable(&app, &entered, &sync).await?))
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
