//! What time alone brings about: a sync without success for too long, secrets and tokens that end.

use super::{About, Occasion, announce};
use crate::app::App;
use crate::problem::Problem;
use crate::settings::Sync;
use crate::store::{Row, StoreError, TenantScope, sql};
use crate::upkeep::scope;

const HOUR_MS: u64 = 60 * 60 * 1000;
const DAY_MS: u64 = 24 * HOUR_MS;
/// Days before an end at which people are reminded.
const DAYS: [u64; 3] = [14, 3, 0];

/// Announces what is so by now and was not announced.
pub(crate) async fn watch(app: &App) -> Result<(), Problem> {
    stale(app).await?;
    let secrets = sql("SELECT tenant, id, expires_at, 'credentials' AS kind, \
         (SELECT name FROM integration WHERE integration.tenant = credentials.tenant AND id = integration) AS name \
         FROM credentials WHERE expires_at <= ?1 \
         UNION ALL SELECT tenant, id, expires_at, 'project' AS kind, name FROM project WHERE expires_at <= ?1 \
         UNION ALL SELECT tenant, id, expires_at, 'token' AS kind, name FROM token WHERE expires_at <= ?1");
    let latest = app.now() + DAYS.into_iter().max().unwrap_or(0) * DAY_MS;
    for row in app.store().read(secrets.bind(latest)).await? {
        expires(app, &row).await?;
    }
    Ok(())
}

async fn stale(app: &App) -> Result<(), Problem> {
    let query = sql(
        "SELECT tenant, id FROM sync WHERE stale_hours > 0 AND disabled IS NULL AND disable_export = 0 \
         AND COALESCE(succeeded_at, created_at) + stale_hours * 3600000 <= ?1",
    );
    for row in app.store().read(query.bind(app.now())).await? {
        let scope = scope(app, &row)?;
        let sync = Sync::get(&scope, &row.get::<String>("id")?).await?;
        let since = sync.succeeded_at.unwrap_or(sync.created_at);
        let about = About {
            occasion: Occasion::Stale,
            title: format!("{}: no success for {} hours", sync.draft.name, sync.draft.stale_hours),
            text: format!("{} Its last runs are on its page.", last_success(&sync)),
            sync: Some(&sync),
        };
        once(app, &scope, &format!("stale {} {since}", sync.id), about).await?;
    }
    Ok(())
}

async fn expires(app: &App, row: &Row) -> Result<(), Problem> {
    let scope = scope(app, row)?;
    let (id, kind, name): (String, String, String) = (row.get("id")?, row.get("kind")?, row.get("name")?);
    let at: u64 = row.get("expires_at")?;
    let left = at.saturating_sub(app.now()).div_ceil(DAY_MS);
    let Some(stage) = DAYS.into_iter().filter(|days| left <= *days).min() else {
        return Ok(());
    };
    let what = match kind.as_str() {
        "credentials" => format!("A secret for {name}"),
        "project" => format!("The TestOps token of {name}"),
        _ => format!("The API token {name}"),
    };
    let when = match left {
        0 => "has ended".to_owned(),
        1 => "ends within a day".to_owned(),
        days => format!("ends in {days} days"),
    };
    let about = About {
        occasion: Occasion::Expires,
        sync: None,
        title: format!("{what} {when}"),
        text: "Make a new one and store it before its syncs fail.".to_owned(),
    };
    once(app, &scope, &format!("{kind} {id} {at} {stage}"), about).await
}

/// Announces something, unless that was done.
async fn once(app: &App, scope: &TenantScope, subject: &str, about: About<'_>) -> Result<(), Problem> {
    let row =
        sql("INSERT INTO reminder (tenant, subject, at) VALUES (?1, ?2, ?3) ON CONFLICT (tenant, subject) DO NOTHING");
    let mut rows = vec![row.bind(subject).bind(app.now()).must_change(1)];
    rows.extend(announce(app, scope, about).await?);
    match scope.write(rows).await {
        Ok(_) | Err(StoreError::Stale) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// When a sync was last all right, one sentence.
pub(crate) fn last_success(sync: &Sync) -> String {
    let time = |at: u64| {
        let at = i64::try_from(at).ok()?;
        let at = jiff::Timestamp::from_millisecond(at).ok()?;
        Some(at.strftime("%Y-%m-%d %H:%M UTC").to_string())
    };
    match sync.succeeded_at.and_then(time) {
        Some(at) => format!("It was last all right on {at}."),
        None => "It never was all right so far.".to_owned(),
    }
}
