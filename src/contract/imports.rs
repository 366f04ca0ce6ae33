//! The ports over the imported interfaces.

use super::convert;
use super::generated::exports::testops::tms_sync::exporter;
use super::generated::testops::tms_sync::{clock, http, links};
use super::places::Places;
use crate::ports::{
    Clock, Entity, Event, Events, Fetched, Http, Key, LedgerError, Link, Links, Pending, PutOutcome, Request, Response,
    Row, SendError,
};
use std::cell::RefCell;
use wit_bindgen::StreamWriter;

/// The host.
pub struct Imports;

impl Http for Imports {
    fn send(&self, request: Request) -> Pending<'_, Result<Response, SendError>> {
        Box::pin(async move {
            let mut request = request;
            let sent = http::send(convert::request(&mut request)?).await;
            sent.map(convert::response).map_err(convert::send_error)
        })
    }

    fn fetch(&self, request: Request, limit: u64) -> Pending<'_, Result<Fetched, SendError>> {
        Box::pin(async move {
            let mut request = request;
            let sent = http::fetch(convert::request(&mut request)?, limit).await;
            sent.map(convert::fetched).map_err(convert::send_error)
        })
    }
}

impl Clock for Imports {
    fn now(&self) -> u64 {
        clock::now()
    }

    fn sleep(&self, milliseconds: u64) -> Pending<'_, ()> {
        Box::pin(clock::sleep(milliseconds))
    }
}

impl Links for Imports {
    fn get_many(&self, keys: Vec<Key>) -> Pending<'_, Result<Vec<Option<Row>>, LedgerError>> {
        Box::pin(async move {
            let rows = links::get_many(keys.into_iter().map(convert::key).collect()).await;
            let rows = rows.map_err(convert::ledger_error)?;
            Ok(rows.into_iter().map(|row| row.and_then(convert::row)).collect())
        })
    }

    fn put_many(&self, writes: Vec<(Link, u64)>) -> Pending<'_, Result<Vec<PutOutcome>, LedgerError>> {
        Box::pin(async move {
            let write = |(link, expected)| links::Write {
                link: convert::link(link),
                expected,
            };
            let outcomes = links::put_many(writes.into_iter().map(write).collect()).await;
            let outcomes = outcomes.map_err(convert::ledger_error)?;
            let outcome = |outcome| match outcome {
                links::PutOutcome::Stored(version) => PutOutcome::Stored(version),
                links::PutOutcome::Conflict(_) => PutOutcome::Conflict,
            };
            Ok(outcomes.into_iter().map(outcome).collect())
        })
    }

    fn scan(
        &self,
        entity: Entity,
        destination: String,
        after: Option<String>,
        limit: u32,
    ) -> Pending<'_, Result<Vec<Row>, LedgerError>> {
        Box::pin(async move {
            let rows = links::scan(convert::entity(entity), destination, after, limit).await;
            Ok(rows
                .map_err(convert::ledger_error)?
                .into_iter()
                .filter_map(convert::row)
                .collect())
        })
    }
}

/// Takes no notice: connection tests and project lists report nothing on the way.
pub struct Silent;

impl Events for Silent {
    fn emit(&self, _event: Event) -> Pending<'_, ()> {
        Box::pin(async {})
    }
}

/// The stream of a run. Waits until the host has taken an event, so that a slow reader slows the run.
pub struct Pipe {
    writer: RefCell<Option<StreamWriter<exporter::Event>>>,
    places: Places,
}

impl Pipe {
    /// A pipe into a stream.
    pub fn new(writer: StreamWriter<exporter::Event>, places: Places) -> Self {
        Pipe {
            writer: RefCell::new(Some(writer)),
            places,
        }
    }
}

impl Events for Pipe {
    fn emit(&self, event: Event) -> Pending<'_, ()> {
        Box::pin(async move {
            // One event at a time: two tasks of a run never report at once, but waits can overlap with verdicts.
            let Some(mut writer) = self.writer.borrow_mut().take() else {
                return;
            };
            // What is left over says that the host no longer listens; the run goes on and its report still counts.
            let _ = writer.write_all(vec![convert::event(event, &self.places)]).await;
            *self.writer.borrow_mut() = Some(writer);
        })
    }
}
