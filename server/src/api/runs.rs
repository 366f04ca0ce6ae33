//! `/runs`

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::{Answer, Json};
use crate::app::App;
use crate::plugins::Outcome;
use crate::problem::Problem;
use crate::runs::{Answered, Asked, Difference, ItemFilter, Items, Run, RunFilter, ask};
use crate::settings::Sync;
use crate::store::Before;
use crate::users::{Entered, Role};

/// Runs of a page, when nobody asks for another number.
const PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 1_000;

#[derive(Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    before: Before,
    limit: Option<u32>,
}

#[utoipa::path(get, path = "/runs", tag = "runs", summary = "Runs of the tenant, newest first", responses((status = 200, description = "Runs of the tenant, newest first", body = Vec<Run>)))]
pub(super) async fn list(entered: Entered, Query(which): Query<Which>) -> Answer<Vec<Run>> {
    page(&entered, None, &which).await
}

#[utoipa::path(get, path = "/syncs/{id}/runs", tag = "runs", summary = "Runs of a sync, newest first", responses((status = 200, description = "Runs of a sync, newest first", body = Vec<Run>)))]
pub(super) async fn of_sync(
    entered: Entered,
    Path((_, sync)): Path<(String, String)>,
    Query(which): Query<Which>,
) -> Answer<Vec<Run>> {
    Sync::get(&entered.scope, &sync).await?;
    page(&entered, Some(sync), &which).await
}

async fn page(entered: &Entered, sync: Option<String>, which: &Which) -> Answer<Vec<Run>> {
    let filter = RunFilter {
        sync,
        before: which.before.clone(),
        limit: which.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE),
    };
    Ok(Json(Run::list(&entered.scope, &filter).await?))
}

/// Starts a run. A second request with the same `Idempotency-Key` is answered with the same run.
#[utoipa::path(post, path = "/syncs/{id}/runs", tag = "runs", summary = "Start a run", responses((status = 201, description = "Start a run", body = Run)))]
pub(super) async fn start(
    State(app): State<App>,
    entered: Entered,
    Path((_, sync)): Path<(String, String)>,
    headers: HeaderMap,
    Json(asked): Json<Asked>,
) -> Result<(StatusCode, Json<Run>), Problem> {
    let sync = Sync::get(&entered.scope, &sync).await?;
    match ask(&app, &entered, &sync, asked, key(&headers)?).await? {
        Answered::New(run) => Ok((StatusCode::CREATED, Json(run))),
        Answered::Same(run) => Ok((StatusCode::OK, Json(run))),
    }
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    match value.to_str() {
        Ok(key) if (1..=200).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(Problem::invalid("An Idempotency-Key has 1 to 200 visible characters.")),
    }
}

#[utoipa::path(get, path = "/runs/{id}", tag = "runs", summary = "A run", responses((status = 200, description = "A run", body = Run)))]
pub(super) async fn show(entered: Entered, Path((_, id)): Path<(String, String)>) -> Answer<Run> {
    Ok(Json(Run::get(&entered.scope, &id).await?))
}

#[derive(Deserialize)]
pub(super) struct WhichItems {
    outcome: Option<String>,
    entity: Option<String>,
    #[serde(default)]
    search: String,
    after: Option<u64>,
    limit: Option<u32>,
}

/// A page of a run's verdicts.
#[utoipa::path(get, path = "/runs/{id}/items", tag = "runs", summary = "Verdicts of a run", responses((status = 200, description = "Verdicts of a run", body = Items)))]
pub(super) async fn items(
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
    Query(which): Query<WhichItems>,
) -> Answer<Items> {
    Run::get(&entered.scope, &id).await?;
    let outcome = match &which.outcome {
        Some(name) => {
            Some(Outcome::named(name).ok_or_else(|| Problem::invalid(format!("There is no outcome `{name}`.")))?)
        }
        None => None,
    };
    let filter = ItemFilter {
        except: None,
        outcome,
        entity: which.entity,
        search: which.search,
        after: which.after,
        limit: which.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE),
    };
    Ok(Json(Items::page(&entered.scope, &id, &filter).await?))
}

#[derive(Deserialize)]
pub(super) struct With {
    #[serde(default)]
    with: String,
    limit: Option<u32>,
}

/// Items whose outcome or issue differs from those of an earlier run, the one that `with` names.
#[utoipa::path(get, path = "/runs/{id}/differences", tag = "runs", summary = "What differs from another run", responses((status = 200, description = "What differs from another run", body = Vec<Difference>)))]
pub(super) async fn differences(
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
    Query(query): Query<With>,
) -> Answer<Vec<Difference>> {
    Run::get(&entered.scope, &id).await?;
    Run::get(&entered.scope, &query.with).await?;
    let limit = query.limit.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    Ok(Json(
        Difference::between(&entered.scope, &query.with, &id, limit).await?,
    ))
}

/// Asks a run to end; the second time at once.
#[utoipa::path(post, path = "/runs/{id}/cancel", tag = "runs", summary = "Ask a run to end", responses((status = 200, description = "Ask a run to end", body = Run)))]
pub(super) async fn cancel(
    State(app): State<App>,
    entered: Entered,
    Path((_, id)): Path<(String, String)>,
) -> Answer<Run> {
    Run::get(&entered.scope, &id).await?;
    entered.need(Role::Operator)?;
    app.dispatcher().cancel(&entered.scope, &id).await?;
    Ok(Json(Run::get(&entered.scope, &id).await?))
}
