//! The plugin's code linked natively, over the imports of a tenant.

use std::time::Duration;

use tms_sync_host::ledger::LedgerError;
use tms_sync_host::model::{http, links};
use tms_sync_host::{NativeImports, Tenant};
use tms_sync_xray::app::{Mode, Order};
use tms_sync_xray::ports::{self, Clock, Event, Events, Http, Links, Pending, Ports};
use tms_sync_xray::report::Report;
use tms_sync_xray::setup::{ExportConfig, Field, Settings, terms};

struct Native(NativeImports);

/// Exports everything, without WebAssembly.
pub async fn export(tenant: &Tenant, kind: &str, fields: &[(&str, &str)]) -> Report {
    let native = Native(tenant.native_imports());
    let field = |(name, value): &(&str, &str)| Field {
        name: (*name).to_owned(),
        value: (*value).to_owned(),
    };
    let config = crate::bed::config();
    let settings = Settings {
        kind: kind.to_owned(),
        fields: fields.iter().map(field).collect(),
        export: Some(ExportConfig {
            name: config.name,
            project: config.project,
            ..ExportConfig::default()
        }),
    };
    let order = Order::new(settings, "native".to_owned(), Mode::Run);
    let ports = Ports {
        http: &native,
        clock: &native,
        links: &native,
        events: &native,
    };
    let stored = native.0.stored();
    let report = order.prepare(&stored).unwrap().run(ports, std::future::pending()).await;
    native.0.release().await;
    report
}

impl Http for Native {
    fn send(&self, request: ports::Request) -> Pending<'_, Result<ports::Response, ports::SendError>> {
        Box::pin(async move {
            let bytes = |pieces: Vec<ports::Piece>| -> Vec<u8> {
                let bytes = pieces.into_iter().map(|piece| match piece {
                    ports::Piece::Bytes(bytes) => bytes,
                    ports::Piece::Blob(_) | ports::Piece::Base64(_) => unreachable!("nothing was fetched"),
                });
                bytes.flatten().collect()
            };
            let header = |(name, value): (&'static str, String)| http::Header {
                name: name.to_owned(),
                value,
            };
            let sent = http::Request {
                connection: request.connection.to_owned(),
                method: match request.method {
                    ports::Method::Get => http::Method::Get,
                    ports::Method::Head => http::Method::Head,
                    ports::Method::Post => http::Method::Post,
                    ports::Method::Put => http::Method::Put,
                    ports::Method::Delete => http::Method::Delete,
                },
                path: request.path,
                query: request.query,
                headers: request.headers.into_iter().map(header).collect(),
                body: None,
                timeout_ms: Some(request.timeout_ms),
            };
            let answer = self.0.send(sent, request.body.map(bytes)).await.map_err(refused)?;
            Ok(ports::Response {
                status: answer.status,
                headers: answer.headers.into_iter().map(|h| (h.name, h.value)).collect(),
                body: answer.body,
                identity: match answer.identity {
                    http::Identity::Authenticated => ports::Identity::Authenticated,
                    http::Identity::Anonymous => ports::Identity::Anonymous,
                    http::Identity::Unknown => ports::Identity::Unknown,
                },
                gateway: answer.gateway,
            })
        })
    }

    fn fetch(&self, _: ports::Request, _: u64) -> Pending<'_, Result<ports::Fetched, ports::SendError>> {
        let refused = ports::SendError::Denied("the measured projects have no files".to_owned());
        Box::pin(std::future::ready(Err(refused)))
    }
}

fn refused(error: http::SendError) -> ports::SendError {
    match error {
        http::SendError::Denied(what) => ports::SendError::Denied(what),
        http::SendError::NoCredential(what) => ports::SendError::NoCredential(what),
        http::SendError::NoToken(fault) => ports::SendError::NoToken {
            status: fault.status,
            from_product: fault.from_product,
            message: fault.message,
            retry_after: fault.retry_after_ms,
        },
        http::SendError::NotSent(what) => ports::SendError::NotSent(what),
        http::SendError::OutcomeUnknown(what) => ports::SendError::OutcomeUnknown(what),
        http::SendError::TooLarge(size) => ports::SendError::TooLarge(size),
        http::SendError::Exhausted(what) => ports::SendError::Exhausted(what),
        http::SendError::HostFailed(what) => ports::SendError::HostFailed(what),
    }
}

impl Clock for Native {
    fn now(&self) -> u64 {
        self.0.now()
    }

    fn sleep(&self, milliseconds: u64) -> Pending<'_, ()> {
        Box::pin(self.0.sleep(Duration::from_millis(milliseconds)))
    }
}

impl Events for Native {
    fn emit(&self, _event: Event) -> Pending<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

impl Links for Native {
    fn get_many(&self, keys: Vec<ports::Key>) -> Pending<'_, Result<Vec<Option<ports::Row>>, ports::LedgerError>> {
        Box::pin(async move {
            let rows = self
                .0
                .get_many(keys.into_iter().map(key).collect())
                .await
                .map_err(lost)?;
            Ok(rows.into_iter().map(|row| row.and_then(read)).collect())
        })
    }

    fn put_many(
        &self,
        writes: Vec<(ports::Link, u64)>,
    ) -> Pending<'_, Result<Vec<ports::PutOutcome>, ports::LedgerError>> {
        Box::pin(async move {
            let writes = writes.into_iter().map(|(row, expected)| links::Write {
                link: link(row),
                expected,
            });
            let outcomes = self.0.put_many(writes.collect()).await.map_err(lost)?;
            let outcome = |outcome| match outcome {
                links::PutOutcome::Stored(version) => ports::PutOutcome::Stored(version),
                links::PutOutcome::Conflict(_) => ports::PutOutcome::Conflict,
            };
            Ok(outcomes.into_iter().map(outcome).collect())
        })
    }

    fn scan(
        &self,
        of: ports::Entity,
        destination: String,
        after: Option<String>,
        limit: u32,
    ) -> Pending<'_, Result<Vec<ports::Row>, ports::LedgerError>> {
        Box::pin(async move {
            let rows = self
                .0
                .scan(terms::entity(of).to_owned(), destination, after, limit)
                .await
                .map_err(lost)?;
            Ok(rows.into_iter().filter_map(read).collect())
        })
    }
}

fn lost(error: LedgerError) -> ports::LedgerError {
    match error {
        LedgerError::Unavailable(what) => ports::LedgerError::Unavailable(what),
        LedgerError::TooLarge(what) => ports::LedgerError::TooLarge(what),
        LedgerError::LeaseLost(what) => ports::LedgerError::LeaseLost(what),
        LedgerError::Undeclared(what) => ports::LedgerError::Unavailable(what),
    }
}

/// Both sides name the same cases.
macro_rules! same_names {
    ($there:ident, $back:ident, $type:ident: $($case:ident),+) => {
        fn $there(value: ports::$type) -> links::$type {
            match value { $(ports::$type::$case => links::$type::$case),+ }
        }
        fn $back(value: links::$type) -> ports::$type {
            match value { $(links::$type::$case => ports::$type::$case),+ }
        }
    };
}
same_names!(phase, phase_back, Phase: Idle, Intent, Acknowledged, Linked, Synced, Orphaned, Tombstone);

fn key(key: ports::Key) -> links::Key {
    links::Key {
        entity: terms::entity(key.entity).to_owned(),
        destination: key.destination,
        id: key.id,
    }
}

fn link(link: ports::Link) -> links::Link {
    links::Link {
        key: key(link.key),
        phase: phase(link.phase),
        issue_id: link.issue_id,
        issue_key: link.issue_key,
        fingerprint: link.fingerprint,
        stamp: link.stamp,
        attempt: link.attempt,
        token: link.token,
        created_by: link.created_by,
        updated_at: link.updated_at,
        detail: link.detail,
    }
}

fn read(row: links::Row) -> Option<ports::Row> {
    let links::Row { link, version } = row;
    Some(ports::Row {
        link: ports::Link {
            key: ports::Key {
                entity: terms::entity_named(&link.key.entity)?,
                destination: link.key.destination,
                id: link.key.id,
            },
            phase: phase_back(link.phase),
            issue_id: link.issue_id,
            issue_key: link.issue_key,
            fingerprint: link.fingerprint,
            stamp: link.stamp,
            attempt: link.attempt,
            token: link.token,
            created_by: link.created_by,
            updated_at: link.updated_at,
            detail: link.detail,
        },
        version,
    })
}
