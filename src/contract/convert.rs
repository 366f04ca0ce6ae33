//! Values across the boundary, one function each.

use super::generated::exports::testops::tms_sync::{connection, exporter, setup as wit};
use super::generated::testops::tms_sync::{http, links, types};
use super::places::Places;
use crate::app::{Approved, Former, Mode, Order};
use crate::checks::{CheckStatus, Checks};
use crate::domain::{BaseUrl, Change, Forecast, Outcome, Tally, Unit, Verdict};
use crate::error::{Error, Kind, Side};
use crate::ports::{
    Blob, Entity, Event, Fetched, Identity, Key, LedgerError, Link, Method, Phase, Piece, Request, Response, Row,
    SendError,
};
use crate::probe::{Observation, State};
use crate::report::Report;
use crate::setup::{ExportConfig, Field, Finding, Settings, Severity, terms};
use std::rc::Rc;

pub fn settings(settings: types::Settings) -> Settings {
    Settings {
        kind: settings.kind,
        fields: fields(settings.fields),
        export: settings.export.map(export_config),
    }
}

fn fields(fields: Vec<types::Field>) -> Vec<Field> {
    fields
        .into_iter()
        .map(|field| Field {
            name: field.name,
            value: field.value,
        })
        .collect()
}

fn export_config(config: types::ExportConfig) -> ExportConfig {
    ExportConfig {
        name: config.name,
        project: config.project,
        test_case_aql: config.test_case_aql,
        launches_aql: config.launches_aql,
        disable_test_case_create: config.disable_test_case_create,
        disable_launches_sync: config.disable_launches_sync,
        disable_export: config.disable_export,
        mapping: fields(config.mapping),
    }
}

pub fn order(job: exporter::Job, mode: Mode) -> Order {
    Order {
        recreate: job.recreate,
        full: job.full,
        accept_changes: job.accept_changes,
        approved: job.approved.map(approved),
        ..Order::new(settings(job.settings), job.run_id, mode)
    }
}

/// Decisions about what this version does not know approve nothing.
fn approved(approvals: Vec<exporter::Approval>) -> Approved {
    let mut approved = Approved::default();
    for approval in approvals {
        let of = match terms::entity_named(&approval.entity) {
            Some(Entity::TestCase) => &mut approved.test_cases,
            Some(Entity::Launch) => &mut approved.launches,
            _ => continue,
        };
        if let Ok(id) = approval.id.parse() {
            of.insert(id, approval.decision);
        }
    }
    approved
}

pub fn undo_order(job: exporter::UndoJob) -> Order {
    let mode = Mode::Undo { apply: job.apply };
    Order::new(settings(job.settings), job.run_id, mode)
}

pub fn adopt_order(job: exporter::AdoptJob) -> Order {
    let mode = Mode::Adopt { apply: job.apply };
    let source = |address: String| BaseUrl::new(&address).without_scheme().to_owned();
    let issues = job.former.issues.into_iter();
    let former = Former {
        sources: job.former.source_origins.into_iter().map(source).collect(),
        destinations: job.former.destinations,
        issues: issues.map(|(before, now)| (before.into(), now.into())).collect(),
    };
    Order {
        former,
        ..Order::new(settings(job.settings), job.run_id, mode)
    }
}

pub fn finding(finding: Finding) -> wit::Finding {
    wit::Finding {
        severity: match finding.severity {
            Severity::Error => wit::Severity::Error,
            Severity::Warning => wit::Severity::Warning,
        },
        field: finding.field,
        message: finding.message,
        hint: finding.hint,
        at: finding.at.map(|at| wit::Position {
            line: at.line,
            column: at.column,
        }),
        excerpt: finding.excerpt,
    }
}

pub fn side(side: Side) -> types::Side {
    terms::side(side).to_owned()
}

fn kind(kind: Kind) -> types::FaultKind {
    match kind {
        Kind::Configuration => types::FaultKind::Configuration,
        Kind::Credential => types::FaultKind::Credential,
        Kind::Locked => types::FaultKind::Locked,
        Kind::Permission => types::FaultKind::Permission,
        Kind::Product => types::FaultKind::Product,
        Kind::Unreachable => types::FaultKind::Unreachable,
        Kind::RateLimited => types::FaultKind::RateLimited,
        Kind::MassChange => types::FaultKind::MassChange,
        Kind::Ledger => types::FaultKind::Ledger,
        Kind::Cancelled => types::FaultKind::Cancelled,
        Kind::Internal => types::FaultKind::Internal,
        // Of one item; where they end a run, the server does not do what its vendor says it does.
        Kind::Rejected | Kind::Missing | Kind::Unknown | Kind::TooLarge | Kind::Unreadable => {
            types::FaultKind::Unreachable
        }
    }
}

pub fn fault(error: Error) -> types::Fault {
    let error = error.into_parts();
    types::Fault {
        kind: kind(error.kind),
        side: side(error.side),
        message: error.message,
        hint: error.hint,
        retry_at: error.retry_at,
    }
}

pub fn checks(checks: Checks) -> connection::TestResult {
    let summary = checks.summary();
    let check = |check: crate::checks::Check| connection::Check {
        name: check.name.to_owned(),
        side: side(check.side),
        status: match check.status {
            CheckStatus::Passed => connection::CheckStatus::Passed,
            CheckStatus::Failed => connection::CheckStatus::Failed,
            CheckStatus::Warning => connection::CheckStatus::Warning,
            CheckStatus::Skipped => connection::CheckStatus::Skipped,
        },
        message: check.message,
        hint: check.hint,
        kind: check.kind.map(kind),
    };
    connection::TestResult {
        summary,
        checks: checks.list.into_iter().map(check).collect(),
    }
}

pub fn observation(seen: Observation) -> connection::Observation {
    connection::Observation {
        assumption: seen.assumption,
        statement: seen.statement,
        state: match seen.state {
            State::Held => connection::ObservationState::Held,
            State::Broken => connection::ObservationState::Broken,
            State::NotSeen => connection::ObservationState::NotSeen,
        },
        seen: seen.seen,
    }
}

/// Takes the bytes out of the request; its files are lent for the exchange.
pub fn request(request: &mut Request) -> Result<http::Request<'_>, SendError> {
    let method = match request.method {
        Method::Get => http::Method::Get,
        Method::Head => http::Method::Head,
        Method::Post => http::Method::Post,
        Method::Put => http::Method::Put,
        Method::Delete => http::Method::Delete,
    };
    let header = |(name, value): (&'static str, String)| http::Header {
        name: name.to_owned(),
        value,
    };
    let body = request.body.as_mut();
    let body = body.map(|pieces| pieces.iter_mut().map(piece).collect::<Result<Vec<_>, _>>());
    Ok(http::Request {
        connection: request.connection.to_owned(),
        method,
        path: std::mem::take(&mut request.path),
        query: std::mem::take(&mut request.query),
        headers: std::mem::take(&mut request.headers).into_iter().map(header).collect(),
        body: body.transpose()?,
        timeout_ms: Some(request.timeout_ms),
    })
}

fn piece(piece: &mut Piece) -> Result<http::Piece<'_>, SendError> {
    Ok(match piece {
        Piece::Bytes(bytes) => http::Piece::Bytes(std::mem::take(bytes)),
        Piece::Blob(blob) => http::Piece::Blob(handle(blob)?),
        Piece::Base64(blob) => http::Piece::Base64(handle(blob)?),
    })
}

fn handle(blob: &Blob) -> Result<&http::Blob, SendError> {
    let foreign = || SendError::Denied("a file of another host".to_owned());
    blob.handle.downcast_ref().ok_or_else(foreign)
}

pub fn fetched(fetched: http::Fetched) -> Fetched {
    let blob = fetched.blob.map(|handle| Blob {
        size: handle.size(),
        digest: handle.digest(),
        handle: Rc::new(handle),
    });
    Fetched {
        answer: response(fetched.answer),
        blob,
    }
}

pub fn response(response: http::Response) -> Response {
    Response {
        status: response.status,
        headers: response
            .headers
            .into_iter()
            .map(|h| (h.name.to_ascii_lowercase(), h.value))
            .collect(),
        body: response.body,
        identity: match response.identity {
            http::Identity::Authenticated => Identity::Authenticated,
            http::Identity::Anonymous => Identity::Anonymous,
            http::Identity::Unknown => Identity::Unknown,
        },
        gateway: response.gateway,
    }
}

pub fn send_error(error: http::SendError) -> SendError {
    match error {
        http::SendError::Denied(message) => SendError::Denied(message),
        http::SendError::NoCredential(message) => SendError::NoCredential(message),
        http::SendError::NoToken(fault) => SendError::NoToken {
            status: fault.status,
            from_product: fault.from_product,
            message: fault.message,
            retry_after: fault.retry_after_ms,
        },
        http::SendError::NotSent(message) => SendError::NotSent(message),
        http::SendError::OutcomeUnknown(message) => SendError::OutcomeUnknown(message),
        http::SendError::TooLarge(bytes) => SendError::TooLarge(bytes),
        http::SendError::Exhausted(message) => SendError::Exhausted(message),
        http::SendError::HostFailed(what) => SendError::HostFailed(what),
    }
}

pub fn entity(entity: Entity) -> types::Entity {
    terms::entity(entity).to_owned()
}

pub fn key(key: Key) -> links::Key {
    links::Key {
        entity: entity(key.entity),
        destination: key.destination,
        id: key.id,
    }
}

pub fn link(link: Link) -> links::Link {
    links::Link {
        key: key(link.key),
        phase: match link.phase {
            Phase::Idle => links::Phase::Idle,
            Phase::Intent => links::Phase::Intent,
            Phase::Acknowledged => links::Phase::Acknowledged,
            Phase::Linked => links::Phase::Linked,
            Phase::Synced => links::Phase::Synced,
            Phase::Orphaned => links::Phase::Orphaned,
            Phase::Tombstone => links::Phase::Tombstone,
        },
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

/// Nothing where the row is of an entity that this version does not know.
pub fn row(row: links::Row) -> Option<Row> {
    let link = row.link;
    let entity = terms::entity_named(&link.key.entity)?;
    let phase = match link.phase {
        links::Phase::Idle => Phase::Idle,
        links::Phase::Intent => Phase::Intent,
        links::Phase::Acknowledged => Phase::Acknowledged,
        links::Phase::Linked => Phase::Linked,
        links::Phase::Synced => Phase::Synced,
        links::Phase::Orphaned => Phase::Orphaned,
        links::Phase::Tombstone => Phase::Tombstone,
    };
    let link = Link {
        key: Key {
            entity,
            destination: link.key.destination,
            id: link.key.id,
        },
        phase,
        issue_id: link.issue_id,
        issue_key: link.issue_key,
        fingerprint: link.fingerprint,
        stamp: link.stamp,
        attempt: link.attempt,
        token: link.token,
        created_by: link.created_by,
        updated_at: link.updated_at,
        detail: link.detail,
    };
    Some(Row {
        link,
        version: row.version,
    })
}

pub fn ledger_error(error: links::LedgerError) -> LedgerError {
    match error {
        links::LedgerError::Unavailable(message) => LedgerError::Unavailable(message),
        links::LedgerError::TooLarge(message) => LedgerError::TooLarge(message),
        links::LedgerError::LeaseLost(message) => LedgerError::LeaseLost(message),
        links::LedgerError::Undeclared(message) => LedgerError::Unavailable(message),
    }
}

pub fn event(event: Event, places: &Places) -> exporter::Event {
    match event {
        Event::Progress { stage, done, total } => exporter::Event::Progress(exporter::Progress {
            phase: terms::phase(stage).to_owned(),
            done,
            total,
        }),
        Event::Waiting {
            connection,
            milliseconds,
            reason,
        } => exporter::Event::Waiting(exporter::Wait {
            connection: connection.to_owned(),
            milliseconds,
            reason,
        }),
        Event::Verdict(found) => exporter::Event::Verdict(verdict(found, places)),
        Event::Note(text) => exporter::Event::Note(text),
    }
}

fn verdict(verdict: Verdict, places: &Places) -> exporter::Verdict {
    let change = |change: Change| exporter::Change {
        field: change.field.to_owned(),
        before: change.before,
        after: change.after,
    };
    exporter::Verdict {
        entity: terms::unit(verdict.unit).to_owned(),
        id: verdict.id.to_string(),
        source_url: places.source(verdict.unit, verdict.id),
        name: verdict.name,
        outcome: match verdict.outcome {
            Outcome::Created => exporter::Outcome::Created,
            Outcome::Updated => exporter::Outcome::Updated,
            Outcome::Unchanged => exporter::Outcome::Unchanged,
            Outcome::Skipped => exporter::Outcome::Skipped,
            Outcome::Failed => exporter::Outcome::Failed,
            Outcome::Waiting => exporter::Outcome::Waiting,
            Outcome::Removed => exporter::Outcome::Removed,
            Outcome::Adopted => exporter::Outcome::Adopted,
        },
        issue: verdict.issue.map(|issue| exporter::Issue {
            id: issue.id.to_string(),
            url: places.issue(&issue.key.to_string()),
            key: issue.key.to_string(),
        }),
        changes: verdict.changes.into_iter().map(change).collect(),
        decision: verdict.decision,
        reason: verdict.reason,
        notes: verdict.notes,
        counts: verdict
            .counts
            .into_iter()
            .map(|(what, number)| exporter::Count {
                what: what.to_owned(),
                number,
            })
            .collect(),
    }
}

fn tally(tally: Tally) -> exporter::Tally {
    exporter::Tally {
        created: tally.created,
        updated: tally.updated,
        unchanged: tally.unchanged,
        skipped: tally.skipped,
        failed: tally.failed,
        waiting: tally.waiting,
        removed: tally.removed,
        adopted: tally.adopted,
    }
}

fn forecast(forecast: Forecast) -> exporter::Forecast {
    exporter::Forecast {
        connection: forecast.connection.to_owned(),
        requests: forecast.requests,
        milliseconds: forecast.milliseconds,
    }
}

pub fn report(report: Report) -> exporter::Report {
    let of = |unit, counted| exporter::EntityTally {
        entity: terms::unit(unit).to_owned(),
        tally: tally(counted),
    };
    exporter::Report {
        tallies: vec![of(Unit::TestCase, report.test_cases), of(Unit::Launch, report.launches)],
        resumed: report.resumed,
        forecast: report.forecast.into_iter().map(forecast).collect(),
        stopped: report.stopped.map(fault),
    }
}

/// The report of a run whose task went away without one.
pub fn vanished() -> exporter::Report {
    let error = Error::new(Kind::Internal, Side::Host, "the plugin ended without a report");
    report(Report {
        stopped: Some(error),
        ..Report::default()
    })
}
