//! The way to a collector: OTLP as protobuf over HTTP, in batches, by the egress of the host library.

use std::fmt::{Debug, Formatter};
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tms_sync_host::{EgressPolicy, HostRequest};
use tokio::runtime::Handle;

use super::RunSpans;
use crate::schedule::Turn;

/// What a collector knows the service by, unless `OTEL_SERVICE_NAME` has another name.
const SERVICE: &str = "tms-sync";

/// Where spans go. Cheap to clone; by default nowhere.
#[derive(Clone, Default)]
pub struct Traces(Option<SdkTracerProvider>);

impl Traces {
    /// To the collector that the `OTEL_*` variables name, reached as `policy` has it. The operator names it, so it may be
    /// private, and plain. Called on a tokio runtime, which carries the requests.
    ///
    /// # Errors
    ///
    /// A variable has a value that cannot be used; the message names what is wrong with it.
    pub fn from_environment(policy: &EgressPolicy) -> Result<Self, String> {
        let Some(variable) = super::wanted_by() else {
            return Ok(Self::default());
        };
        let way = Way {
            policy: policy.clone(),
            runtime: Handle::current(),
            is_broken: AtomicBool::new(false),
        };
        let exporter = SpanExporter::builder().with_http().with_http_client(way).build();
        let exporter = exporter.map_err(|error| format!("traces cannot be sent ({variable} is set): {error}"))?;
        let provider = SdkTracerProvider::builder()
            .with_resource(resource())
            .with_batch_exporter(exporter)
            .build();
        Ok(Self(Some(provider)))
    }

    /// A run begins.
    pub(crate) fn begin(&self, turn: &Turn) -> RunSpans {
        RunSpans::begin(self.0.as_ref().map(|provider| provider.tracer(SERVICE)), turn)
    }

    /// Sends what is left; nothing is sent after that.
    pub(crate) async fn deliver(&self) {
        let Some(provider) = self.0.clone() else { return };
        // It waits for its own thread, which waits for requests on this runtime. What could not be sent was logged.
        let _ = tokio::task::spawn_blocking(move || provider.shutdown()).await;
    }
}

fn resource() -> Resource {
    let named = Resource::builder().build();
    let is_named = named.iter().any(|(key, value)| {
        // What the library calls a service without a name.
        key.as_str() == "service.name" && !value.as_str().starts_with("unknown_service")
    });
    let own = Resource::builder().with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
    if is_named {
        own.build()
    } else {
        own.with_service_name(SERVICE).build()
    }
}

/// One request per batch, from the library's own thread.
struct Way {
    policy: EgressPolicy,
    runtime: Handle,
    /// Whether the last batch did not arrive: a collector that is away is logged once.
    is_broken: AtomicBool,
}

impl Debug for Way {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("Way")
    }
}

impl Way {
    fn note(&self, outcome: Result<u16, &str>) {
        let problem = match outcome {
            Ok(200..300) => None,
            Ok(status) => Some(format!("the collector answered {status}")),
            Err(error) => Some(error.to_owned()),
        };
        let was_broken = self.is_broken.swap(problem.is_some(), Ordering::Relaxed);
        match problem {
            Some(error) if !was_broken => tracing::warn!(error, "traces are not delivered"),
            None if was_broken => tracing::info!("traces are delivered again"),
            _ => {}
        }
    }
}

#[async_trait]
impl HttpClient for Way {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let url = head.uri.to_string();
        let policy = self.policy.clone().reach(&url)?;
        let mut wanted = HostRequest::post(&url, body.to_vec());
        for (name, value) in &head.headers {
            wanted = wanted.header(name.as_str(), value.to_str()?);
        }
        let sent = self.runtime.spawn(async move { wanted.send(&policy).await }).await?;
        self.note(sent.as_ref().map(|answer| answer.status).map_err(String::as_str));
        let answer = sent?;
        Ok(Response::builder().status(answer.status).body(answer.body.into())?)
    }
}
