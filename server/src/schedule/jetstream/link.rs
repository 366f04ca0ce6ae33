//! The connection, the two streams, and the names in them.
//!
//! | subject below the fleet's name | stream | what |
//! |---|---|---|
//! | `runs.FORM.TENANT.PLACE` | RUNS | there is work at this place; at most one message each, which the server enforces |
//! | `plan.TENANT.SYNC` | PLAN | when a sync is due: the server's own schedule |
//! | `due.TENANT.SYNC` | PLAN | its time has come |
//! | `wake`, `run.TENANT.RUN`, `live.TENANT.RUN` | – | for who listens at the moment |

use std::path::PathBuf;
use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::consumer::{AckPolicy, PullConsumer, pull};
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy};
use async_nats::{Client, ConnectOptions, HeaderMap, header};
use axum::http::StatusCode;

use super::place::FORM;
use crate::problem::Problem;

/// Where a fleet meets.
#[derive(Debug, Clone)]
pub struct FleetOptions {
    /// Address of a nats-server: `nats://nats.example.com:4222`, `tls://…`, with several separated by commas.
    pub servers: String,
    /// File with what the server takes for proof, as its tools write it; absent: what the address has.
    pub credentials: Option<PathBuf>,
    /// What distinguishes fleets on one server: letters, digits and hyphens.
    pub name: String,
    /// Whether this node carries runs out.
    pub works: bool,
    /// Whether this node offers pages and API.
    pub serves: bool,
    /// After which silence a worker is taken for gone.
    pub patience: Duration,
    /// How often the database is compared with the queue.
    pub sweep: Duration,
}

impl FleetOptions {
    /// At a server, with defaults: it serves and works.
    pub fn at(servers: impl Into<String>) -> Self {
        Self {
            servers: servers.into(),
            credentials: None,
            name: "tms-sync".to_owned(),
            works: true,
            serves: true,
            patience: Duration::from_secs(60),
            sweep: Duration::from_secs(15),
        }
    }

    fn check(&self) -> Result<(), Problem> {
        let letters = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        if (1..=40).contains(&self.name.len()) && self.name.chars().all(letters) {
            return Ok(());
        }
        let message = format!(
            "`{}` is no name of a fleet: 1 to 40 letters, digits and hyphens",
            self.name
        );
        Err(Problem::new(StatusCode::BAD_REQUEST, message))
    }
}

/// A connection to the fleet's streams.
pub(super) struct Link {
    pub(super) client: Client,
    pub(super) jetstream: Context,
    pub(super) options: FleetOptions,
}

/// How long the server keeps an answer from us.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a consumer of a tenant that is gone stays, and a message that nobody of its form is there for.
const UNUSED: Duration = Duration::from_secs(7 * 24 * 3600);
/// What the server answers where a subject has its message.
const ONE_IS_THERE: &str = "maximum messages per subject exceeded";

impl Link {
    pub(super) async fn connect(options: FleetOptions) -> Result<Self, Problem> {
        options.check()?;
        let connect = ConnectOptions::new()
            .name("tms-sync")
            .connection_timeout(PATIENCE)
            .request_timeout(Some(PATIENCE));
        let connect = match &options.credentials {
            Some(file) => connect.credentials_file(file).await.map_err(nats)?,
            None => connect,
        };
        let servers: Vec<&str> = options.servers.split(',').map(str::trim).collect();
        let client = connect.connect(servers).await.map_err(nats)?;
        let mut jetstream = async_nats::jetstream::new(client.clone());
        jetstream.set_timeout(PATIENCE);
        Ok(Self {
            client,
            jetstream,
            options,
        })
    }

    pub(super) fn subject(&self, rest: &str) -> String {
        format!("{}.{rest}", self.options.name)
    }

    fn stream(&self, kind: &str) -> String {
        format!("{}_{kind}", self.options.name)
    }

    /// Makes the streams where they are not there, and returns when they were made: others than last time are empty ones.
    pub(super) async fn streams(&self) -> Result<String, Problem> {
        let runs = Config {
            name: self.stream("RUNS"),
            subjects: vec![self.subject("runs.>")],
            retention: RetentionPolicy::WorkQueue,
            max_messages_per_subject: 1,
            discard: DiscardPolicy::New,
            discard_new_per_subject: true,
            max_age: UNUSED,
            ..Config::default()
        };
        // Schedules and refusing a second message exclude each other: hence a stream of their own.
        let plan = Config {
            name: self.stream("PLAN"),
            subjects: vec![self.subject("plan.>"), self.subject("due.>")],
            max_messages_per_subject: 1,
            allow_message_schedules: true,
            ..Config::default()
        };
        let runs = self.jetstream.get_or_create_stream(runs).await.map_err(nats)?;
        let plan = self.jetstream.get_or_create_stream(plan).await.map_err(nats)?;
        Ok(format!("{} {}", runs.cached_info().created, plan.cached_info().created))
    }

    /// What workers take a tenant's work by: at most `quota` places at once, all workers of this form together.
    pub(super) async fn of_tenant(&self, tenant: &str, quota: u64) -> Result<PullConsumer, Problem> {
        let config = pull::Config {
            durable_name: Some(format!("of-{FORM}-{tenant}")),
            filter_subject: self.subject(&format!("runs.{FORM}.{tenant}.>")),
            ack_policy: AckPolicy::Explicit,
            ack_wait: self.options.patience,
            max_ack_pending: i64::try_from(quota).unwrap_or(i64::MAX),
            inactive_threshold: UNUSED,
            ..pull::Config::default()
        };
        let made = self.jetstream.create_consumer_on_stream(config, self.stream("RUNS"));
        made.await.map_err(nats)
    }

    /// What nodes take times that have come by.
    pub(super) async fn of_due(&self) -> Result<PullConsumer, Problem> {
        let config = pull::Config {
            durable_name: Some("forward".to_owned()),
            filter_subject: self.subject("due.>"),
            ack_policy: AckPolicy::Explicit,
            ack_wait: self.options.patience,
            ..pull::Config::default()
        };
        let made = self.jetstream.create_consumer_on_stream(config, self.stream("PLAN"));
        made.await.map_err(nats)
    }

    /// Puts a message into RUNS, unless one is there for the same place.
    pub(super) async fn offer(&self, subject: String, payload: Vec<u8>) -> Result<(), Problem> {
        let sent = self.jetstream.publish(subject, payload.into()).await.map_err(nats)?;
        match sent.await {
            Ok(_) => Ok(()),
            Err(error) if is_refused(&error) => Ok(()),
            Err(error) => Err(nats(error)),
        }
    }

    /// Has the server publish `due.TENANT.SYNC` at a time, instead of the time before; `None`: never.
    pub(super) async fn schedule(&self, tenant: &str, sync: &str, at: Option<u64>) -> Result<(), Problem> {
        let plan = self.subject(&format!("plan.{tenant}.{sync}"));
        let Some(at) = at else {
            let stream = self.jetstream.get_stream(self.stream("PLAN")).await.map_err(nats)?;
            stream.purge().filter(plan).await.map_err(nats)?;
            return Ok(());
        };
        // Whole seconds, and never too early.
        let second = i64::try_from(at.div_ceil(1000)).unwrap_or(i64::MAX);
        let time = jiff::Timestamp::from_second(second).map_err(nats)?;
        let mut headers = HeaderMap::new();
        headers.insert(header::NATS_SCHEDULE, format!("@at {time}").as_str());
        let target = self.subject(&format!("due.{tenant}.{sync}"));
        headers.insert(header::NATS_SCHEDULE_TARGET, target.as_str());
        let sent = self.jetstream.publish_with_headers(plan, headers, "".into()).await;
        sent.map_err(nats)?.await.map_err(nats)?;
        Ok(())
    }

    /// For everybody who listens; nobody may.
    pub(super) async fn publish(&self, rest: &str, payload: Vec<u8>) {
        if let Err(error) = self.client.publish(self.subject(rest), payload.into()).await {
            tracing::debug!(%error, "nothing was published");
        }
    }
}

fn is_refused(error: &async_nats::jetstream::context::PublishError) -> bool {
    let source = std::error::Error::source(error);
    let answer = source.and_then(|source| source.downcast_ref::<async_nats::jetstream::Error>());
    answer.is_some_and(|answer| answer.to_string().contains(ONE_IS_THERE))
}

/// What the server, or the way to it, answered.
pub(super) fn nats(error: impl std::fmt::Display) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, format!("NATS: {error}"))
}
