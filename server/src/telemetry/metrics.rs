//! `/metrics` in OpenMetrics text.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::app::App;
use crate::problem::Problem;
use crate::runs::{Mode, Status, Summary};
use crate::store::sql;

type Labels = Vec<(&'static str, String)>;

/// What is counted. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Metrics {
    registry: Arc<Mutex<Registry>>,
    runs: Family<Labels, Counter>,
    items: Family<Labels, Counter>,
    requests: Family<Labels, Counter>,
    seconds: Histogram,
    under_way: Gauge,
    queued: Gauge,
    disabled: Gauge,
    oldest_success: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("tms_sync");
        let metrics = Self {
            registry: Arc::default(),
            runs: Family::default(),
            items: Family::default(),
            requests: Family::default(),
            seconds: Histogram::new([1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 1800.0]),
            under_way: Gauge::default(),
            queued: Gauge::default(),
            disabled: Gauge::default(),
            oldest_success: Gauge::default(),
        };
        registry.register("runs", "Runs that ended, by mode and status", metrics.runs.clone());
        registry.register("items", "Verdicts, by mode, entity and outcome", metrics.items.clone());
        registry.register("requests", "Requests of runs, by connection", metrics.requests.clone());
        registry.register_with_unit(
            "run",
            "Time from a run's beginning to its end",
            Unit::Seconds,
            metrics.seconds.clone(),
        );
        registry.register("runs_under_way", "Runs under way", metrics.under_way.clone());
        registry.register("runs_queued", "Runs that wait for their turn", metrics.queued.clone());
        registry.register(
            "syncs_disabled",
            "Syncs that are switched off",
            metrics.disabled.clone(),
        );
        let help = "Time since the success of the scheduled sync that has waited longest for one";
        registry.register_with_unit("oldest_success", help, Unit::Seconds, metrics.oldest_success.clone());
        Self {
            registry: Arc::new(Mutex::new(registry)),
            ..metrics
        }
    }
}

impl Metrics {
    /// A run ended.
    pub(crate) fn ended(&self, mode: Mode, status: Status, summary: &Summary) {
        let label = |name, value: &str| (name, value.to_owned());
        let mode = label("mode", mode.name());
        self.runs
            .get_or_create(&vec![mode.clone(), label("status", status.name())])
            .inc();
        for (entity, tally) in &summary.totals.0 {
            for (outcome, number) in &tally.0 {
                let labels = vec![mode.clone(), label("entity", entity), label("outcome", outcome.name())];
                self.items.get_or_create(&labels).inc_by(*number);
            }
        }
        for requests in &summary.requests {
            let labels = vec![label("connection", &requests.connection)];
            self.requests.get_or_create(&labels).inc_by(requests.requests);
        }
        self.seconds
            .observe(std::time::Duration::from_millis(summary.duration_ms).as_secs_f64());
    }

    /// Reads what is not counted but is.
    async fn refresh(&self, app: &App) -> Result<(), Problem> {
        let query = sql("SELECT (SELECT COUNT(*) FROM run WHERE status = 'queued') AS queued, \
             (SELECT COUNT(*) FROM sync WHERE disabled IS NOT NULL) AS disabled, \
             (SELECT MIN(COALESCE(succeeded_at, created_at)) FROM sync WHERE due_at IS NOT NULL) AS oldest");
        let rows = app.store().read(query).await?;
        let Some(row) = rows.first() else { return Ok(()) };
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.under_way
            .set(number(u64::try_from(app.hub().len()).unwrap_or(u64::MAX)));
        self.queued.set(number(row.get("queued")?));
        self.disabled.set(number(row.get("disabled")?));
        let oldest: Option<u64> = row.get("oldest")?;
        self.oldest_success
            .set(number(oldest.map_or(0, |at| app.now().saturating_sub(at) / 1000)));
        Ok(())
    }
}

pub(crate) fn router(app: App) -> Router {
    Router::new().route("/metrics", get(text)).with_state(app)
}

async fn text(State(app): State<App>) -> Result<impl IntoResponse, Problem> {
    let metrics = app.metrics();
    metrics.refresh(&app).await?;
    let mut text = String::new();
    let registry = metrics.registry.lock().unwrap_or_else(PoisonError::into_inner);
    encode(&mut text, &registry).map_err(|error| Problem::conflict(error.to_string()))?;
    let kind = [(
        header::CONTENT_TYPE,
        "application/openmetrics-text; version=1.0.0; charset=utf-8",
    )];
    Ok((kind, text))
}
