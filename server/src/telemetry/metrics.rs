//! `/metrics` in OpenMetrics text.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
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
use tms_sync_host::credentials::HealthState;

use crate::app::App;
use crate::problem::Problem;
use crate::runs::{Mode, Status, Summary};
use crate::store::{StoreError, sql};

type Labels = Vec<(&'static str, String)>;

/// What is counted. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Metrics {
    registry: Arc<Mutex<Registry>>,
    runs: Family<Labels, Counter>,
    items: Family<Labels, Counter>,
    requests: Family<Labels, Counter>,
    waits: Family<Labels, Counter<f64, AtomicU64>>,
    seconds: Histogram,
    under_way: Gauge,
    queued: Gauge,
    disabled: Gauge,
    oldest_success: Gauge,
    credentials: Family<Labels, Gauge>,
    budgets: Family<Labels, Gauge>,
    messages: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("tms_sync");
        let metrics = Self {
            registry: Arc::default(),
            runs: Family::default(),
            items: Family::default(),
            requests: Family::default(),
            waits: Family::default(),
            seconds: Histogram::new([1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 1800.0]),
            under_way: Gauge::default(),
            queued: Gauge::default(),
            disabled: Gauge::default(),
            oldest_success: Gauge::default(),
            credentials: Family::default(),
            budgets: Family::default(),
            messages: Gauge::default(),
        };
        registry.register("runs", "Runs that ended, by mode and status", metrics.runs.clone());
        registry.register("items", "Verdicts, by mode, entity and outcome", metrics.items.clone());
        let help = "Requests of runs, by connection and class of status; `none`: without an answer";
        registry.register("requests", help, metrics.requests.clone());
        let help = "Time that runs waited before requests, as servers asked, by connection";
        registry.register_with_unit("wait", help, Unit::Seconds, metrics.waits.clone());
        registry.register("credentials", "Credentials, by state", metrics.credentials.clone());
        let help = "Requests that a credential may still send within its server's rate windows, by origin and digest";
        registry.register("budget_left", help, metrics.budgets.clone());
        registry.register(
            "messages_waiting",
            "Messages on their way to people",
            metrics.messages.clone(),
        );
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
            let connection = label("connection", &requests.connection);
            let answered: u64 = requests.answers.iter().sum();
            let none = requests.requests.saturating_sub(answered);
            for (class, number) in ["1xx", "2xx", "3xx", "4xx", "5xx", "none"]
                .into_iter()
                .zip(requests.answers.into_iter().chain([none]))
                .filter(|(_, number)| *number > 0)
            {
                let labels = vec![connection.clone(), label("status", class)];
                self.requests.get_or_create(&labels).inc_by(number);
            }
            let waited = std::time::Duration::from_millis(requests.waited_ms).as_secs_f64();
            self.waits.get_or_create(&vec![connection]).inc_by(waited);
        }
        self.seconds
            .observe(std::time::Duration::from_millis(summary.duration_ms).as_secs_f64());
    }

    /// Reads what is not counted but is.
    async fn refresh(&self, app: &App) -> Result<(), Problem> {
        let query = sql("SELECT (SELECT COUNT(*) FROM run WHERE status = 'queued') AS queued, \
             (SELECT COUNT(*) FROM sync WHERE disabled IS NOT NULL) AS disabled, \
             (SELECT COUNT(*) FROM message WHERE next_at IS NOT NULL) AS messages, \
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
        self.messages.set(number(row.get("messages")?));
        self.count_credentials(app).await?;
        self.count_budgets(app).await
    }

    async fn count_budgets(&self, app: &App) -> Result<(), Problem> {
        let budgets = app.ledger().budgets().await;
        for budget in budgets.map_err(|error| StoreError::Unavailable(error.to_string()))? {
            let labels = vec![("origin", budget.key.origin), ("credential", budget.key.version)];
            self.budgets.get_or_create(&labels).set(i64::from(budget.left));
        }
        Ok(())
    }

    async fn count_credentials(&self, app: &App) -> Result<(), Problem> {
        let mut states = BTreeMap::from([("active", 0), ("suspect", 0), ("disabled", 0), ("locked", 0)]);
        for tenant in app.users().tenants().await? {
            let known = app.ledger().credentials(tenant.name).await;
            for health in known.map_err(|error| StoreError::Unavailable(error.to_string()))? {
                let state = match health.state {
                    HealthState::Active => "active",
                    HealthState::Suspect(_) => "suspect",
                    HealthState::Disabled(_) => "disabled",
                    HealthState::Locked(_) => "locked",
                };
                *states.entry(state).or_default() += 1;
            }
        }
        for (state, number) in states {
            self.credentials
                .get_or_create(&vec![("state", state.to_owned())])
                .set(number);
        }
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
