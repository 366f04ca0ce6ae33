//! The contract's imports over the host's parts.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use wasmtime::component::{Accessor, HasData, Resource, ResourceTable};

use crate::call::http::Received;
use crate::call::store::HostSide;
use crate::contract::imports::{clock, http, links, log, secrets, types};
use crate::credentials::secret_watch::{Place, SecretWatch};
use crate::egress::{Body, Part, Wanted};
use crate::ledger::{LedgerError, LedgerSession};
use crate::metering::Meter;
use crate::recording::{self, OnTape, Recording};
use crate::spool::Kept;

/// Longest sleep, so that no timer outlives every limit.
const MAX_SLEEP: Duration = Duration::from_secs(24 * 60 * 60);

/// Names [`HostSide`] as what the imports work on.
pub(crate) struct Imports;

impl HasData for Imports {
    type Data<'a> = &'a mut HostSide;
}

impl types::Host for HostSide {}
impl http::Host for HostSide {}
impl links::Host for HostSide {}

impl<T> http::HostWithStore<T> for Imports {
    async fn send(
        accessor: &Accessor<T, Self>,
        request: http::Request,
    ) -> wasmtime::Result<Result<http::Response, http::SendError>> {
        Ok(exchange(accessor, request, None).await?.map(|(answer, _)| answer))
    }

    async fn fetch(
        accessor: &Accessor<T, Self>,
        request: http::Request,
        limit: u64,
    ) -> wasmtime::Result<Result<http::Fetched, http::SendError>> {
        let (answer, file) = match exchange(accessor, request, Some(limit)).await? {
            Ok(brought) => brought,
            Err(error) => return Ok(Err(error)),
        };
        let Some(file) = file else {
            return Ok(Ok(http::Fetched { answer, blob: None }));
        };
        let handle = accessor.with(|mut access| access.get().files.push(Kept(Arc::new(file))))?;
        Ok(Ok(http::Fetched {
            answer,
            blob: Some(handle),
        }))
    }
}

async fn exchange<T>(
    accessor: &Accessor<T, Imports>,
    mut request: http::Request,
    limit: Option<u64>,
) -> wasmtime::Result<Result<Received, http::SendError>> {
    let (http, wanted) = accessor.with(|mut access| {
        let host = access.get();
        let pieces = request.body.take();
        let body = pieces.map(|pieces| body(&host.files, pieces)).transpose()?;
        let file = limit.map(|limit| (Arc::clone(&host.spool), limit));
        Ok::<_, wasmtime::Error>((Arc::clone(&host.http), Wanted { request, body, file }))
    })?;
    Ok(http.send(&wanted).await)
}

fn body(files: &ResourceTable, pieces: Vec<http::Piece>) -> wasmtime::Result<Body> {
    let part = |piece| {
        Ok(match piece {
            http::Piece::Bytes(bytes) => Part::Bytes(Arc::new(bytes)),
            http::Piece::Blob(handle) => Part::File(Arc::clone(&files.get(&handle)?.0)),
            http::Piece::Base64(handle) => Part::Base64(Arc::clone(&files.get(&handle)?.0)),
        })
    };
    let parts: wasmtime::Result<Vec<Part>> = pieces.into_iter().map(part).collect();
    Ok(Body(parts?))
}

impl http::HostBlob for HostSide {
    fn size(&mut self, blob: Resource<Kept>) -> wasmtime::Result<u64> {
        Ok(self.files.get(&blob)?.0.size())
    }

    fn digest(&mut self, blob: Resource<Kept>) -> wasmtime::Result<String> {
        Ok(self.files.get(&blob)?.0.digest().to_owned())
    }

    fn drop(&mut self, blob: Resource<Kept>) -> wasmtime::Result<()> {
        self.files.delete(blob)?;
        Ok(())
    }
}

impl secrets::Host for HostSide {
    fn stored(&mut self) -> wasmtime::Result<Vec<String>> {
        saw(&self.secret_watch, Place::IntoPlugin, &self.stored);
        recording::at_once(self.recording.as_deref(), "secrets.stored", || self.stored.clone())
    }
}

impl log::Host for HostSide {
    fn log(&mut self, level: log::Level, message: String) -> wasmtime::Result<()> {
        saw(&self.secret_watch, Place::OutOfPlugin, &message);
        self.log.add(level, &message);
        Ok(())
    }
}

impl clock::Host for HostSide {
    fn now(&mut self) -> wasmtime::Result<u64> {
        recording::at_once(self.recording.as_deref(), "clock.now", || self.clock.now())
    }
}

impl<T> clock::HostWithStore<T> for Imports {
    async fn sleep(accessor: &Accessor<T, Self>, milliseconds: u64) -> wasmtime::Result<()> {
        let (clock, recording) = accessor.with(|mut access| {
            let host = access.get();
            (Arc::clone(&host.clock), host.recording.clone())
        });
        let live = async { clock.sleep(Duration::from_millis(milliseconds).min(MAX_SLEEP)).await };
        recording::call(recording.as_deref(), "clock.sleep", milliseconds.to_tape(), live).await
    }
}

impl<T> links::HostWithStore<T> for Imports {
    async fn get_many(
        accessor: &Accessor<T, Self>,
        keys: Vec<links::Key>,
    ) -> wasmtime::Result<Result<Vec<Option<links::Row>>, links::LedgerError>> {
        let side = ledger_side(accessor);
        saw(&side.watch, Place::OutOfPlugin, &keys);
        let with = side.on_record(|| keys.to_tape());
        let live = async { Ok(side.ledger()?.get_many(&side.meter, keys).await?) };
        side.answer("links.get-many", with, live).await
    }

    async fn put_many(
        accessor: &Accessor<T, Self>,
        writes: Vec<links::Write>,
    ) -> wasmtime::Result<Result<Vec<links::PutOutcome>, links::LedgerError>> {
        let side = ledger_side(accessor);
        saw(&side.watch, Place::OutOfPlugin, &writes);
        let with = side.on_record(|| writes.to_tape());
        let live = async { Ok(side.ledger()?.put_many(&side.meter, writes).await?) };
        side.answer("links.put-many", with, live).await
    }

    async fn scan(
        accessor: &Accessor<T, Self>,
        entity: types::Entity,
        destination: String,
        after: Option<String>,
        limit: u32,
    ) -> wasmtime::Result<Result<Vec<links::Row>, links::LedgerError>> {
        let side = ledger_side(accessor);
        saw(&side.watch, Place::OutOfPlugin, &(&destination, &after));
        let with = side.on_record(|| {
            json!({
                "entity": entity.to_tape(),
                "destination": destination.to_tape(),
                "after": after.to_tape(),
                "limit": limit,
            })
        });
        let live = async {
            let ledger = side.ledger()?;
            Ok(ledger.scan(&side.meter, entity, destination, after, limit).await?)
        };
        side.answer("links.scan", with, live).await
    }
}

/// What the ledger's imports work on.
struct LedgerSide {
    ledger: Option<Arc<LedgerSession>>,
    meter: Arc<Meter>,
    recording: Option<Arc<Recording>>,
    watch: Option<Arc<SecretWatch>>,
}

impl LedgerSide {
    fn ledger(&self) -> Result<&LedgerSession, links::LedgerError> {
        self.ledger.as_deref().ok_or_else(offline)
    }

    /// What the recording gets of a call; nothing where there is none.
    fn on_record(&self, with: impl FnOnce() -> Value) -> Value {
        self.recording.as_ref().map(|_| with()).unwrap_or_default()
    }

    /// Answers a call over the recording, under the eyes of the watch.
    async fn answer<A: OnTape + Debug>(
        &self,
        name: &str,
        with: Value,
        live: impl Future<Output = A>,
    ) -> wasmtime::Result<A> {
        let answer = recording::call(self.recording.as_deref(), name, with, live).await?;
        saw(&self.watch, Place::IntoPlugin, &answer);
        Ok(answer)
    }
}

fn ledger_side<T>(accessor: &Accessor<T, Imports>) -> LedgerSide {
    accessor.with(|mut access| {
        let host = access.get();
        LedgerSide {
            ledger: host.ledger.clone(),
            meter: Arc::clone(&host.meter),
            recording: host.recording.clone(),
            watch: host.secret_watch.clone(),
        }
    })
}

fn saw(watch: &Option<Arc<SecretWatch>>, place: Place, value: &impl Debug) {
    if let Some(watch) = watch {
        watch.value(place, value);
    }
}

fn offline() -> links::LedgerError {
    links::LedgerError::Unavailable("this call is offline".into())
}

impl From<LedgerError> for links::LedgerError {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Unavailable(what) => Self::Unavailable(what),
            LedgerError::TooLarge(what) => Self::TooLarge(what),
            LedgerError::LeaseLost(what) => Self::LeaseLost(what),
            LedgerError::Undeclared(what) => Self::Undeclared(what),
        }
    }
}
