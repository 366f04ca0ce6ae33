//! The contract's records as JSON, for the lines of a recording.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::contract::exports::exporter::UndoJob;
use crate::contract::imports::http::{Header, Identity, Response, SendError, TokenFault};
use crate::contract::imports::links::{Key, LedgerError, Link, Phase, PutOutcome, Row, Write};
use crate::egress::{Part, Wanted};
use crate::model::{
    AdoptJob, Approval, Change, Count, EntityTally, Event, ExportConfig, Fault, FaultKind, Field, Forecast, Former,
    Issue, Job, Method, Outcome, Progress, Report, Settings, Tally, Verdict, Wait,
};
use crate::spool::{Blob, Spool};

/// What crosses the boundary between plugin and host.
pub(crate) trait OnTape: Sized {
    fn to_tape(&self) -> Value;
    /// Nothing where the line was not written by this version.
    fn from_tape(value: &Value) -> Option<Self>;
}

macro_rules! plain {
    ($($type:ty => $read:expr),+ $(,)?) => {$(
        impl OnTape for $type {
            fn to_tape(&self) -> Value {
                json!(self)
            }
            fn from_tape(value: &Value) -> Option<Self> {
                $read(value)
            }
        }
    )+};
}
plain!(
    () => |_: &Value| Some(()),
    bool => Value::as_bool,
    u16 => |value: &Value| value.as_u64()?.try_into().ok(),
    u32 => |value: &Value| value.as_u64()?.try_into().ok(),
    u64 => Value::as_u64,
    String => |value: &Value| value.as_str().map(str::to_owned),
);

impl<T: OnTape> OnTape for Option<T> {
    fn to_tape(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_tape)
    }

    fn from_tape(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_tape(value).map(Some),
        }
    }
}

impl<T: OnTape> OnTape for Vec<T> {
    fn to_tape(&self) -> Value {
        self.iter().map(T::to_tape).collect()
    }

    fn from_tape(value: &Value) -> Option<Self> {
        value.as_array()?.iter().map(T::from_tape).collect()
    }
}

impl<A: OnTape, B: OnTape> OnTape for (A, B) {
    fn to_tape(&self) -> Value {
        json!([self.0.to_tape(), self.1.to_tape()])
    }

    fn from_tape(value: &Value) -> Option<Self> {
        Some((A::from_tape(value.get(0)?)?, B::from_tape(value.get(1)?)?))
    }
}

impl<T: OnTape, E: OnTape> OnTape for Result<T, E> {
    fn to_tape(&self) -> Value {
        match self {
            Ok(value) => json!({"ok": value.to_tape()}),
            Err(error) => json!({"err": error.to_tape()}),
        }
    }

    fn from_tape(value: &Value) -> Option<Self> {
        match value.get("ok") {
            Some(value) => T::from_tape(value).map(Ok),
            None => E::from_tape(value.get("err")?).map(Err),
        }
    }
}

/// Bytes of a body: a text where they are one.
struct BodyText<'a>(&'a [u8]);

impl BodyText<'_> {
    fn to_tape(&self) -> Value {
        match std::str::from_utf8(self.0) {
            Ok(text) => json!(text),
            Err(_) => json!({"base64": STANDARD.encode(self.0)}),
        }
    }

    fn from_tape(value: &Value) -> Option<Vec<u8>> {
        match value.as_str() {
            Some(text) => Some(text.as_bytes().to_vec()),
            None => STANDARD.decode(value.get("base64")?.as_str()?).ok(),
        }
    }
}

/// A record, member by member; absent members are left out.
macro_rules! record {
    ($type:ty: $($member:ident),+ $(,)?) => {
        impl OnTape for $type {
            fn to_tape(&self) -> Value {
                let members = [$((stringify!($member), self.$member.to_tape())),+];
                let present = members.into_iter().filter(|(_, value)| !value.is_null());
                Value::Object(present.map(|(name, value)| (name.to_owned(), value)).collect())
            }

            fn from_tape(value: &Value) -> Option<Self> {
                Some(Self {
                    $($member: OnTape::from_tape(value.get(stringify!($member)).unwrap_or(&Value::Null))?),+
                })
            }
        }
    };
}

/// An enum of mere names.
macro_rules! names {
    ($type:ty: $($case:ident),+ $(,)?) => {
        impl OnTape for $type {
            fn to_tape(&self) -> Value {
                json!(match self { $(Self::$case => stringify!($case)),+ })
            }

            fn from_tape(value: &Value) -> Option<Self> {
                let name = value.as_str()?;
                [$((stringify!($case), Self::$case)),+]
                    .into_iter()
                    .find_map(|(known, case)| (known == name).then_some(case))
            }
        }
    };
}

/// A variant whose cases all carry something.
macro_rules! cases {
    ($type:ty: $($case:ident),+ $(,)?) => {
        impl OnTape for $type {
            fn to_tape(&self) -> Value {
                let (name, value) = match self { $(Self::$case(value) => (stringify!($case), value.to_tape())),+ };
                Value::Object(Map::from_iter([(name.to_owned(), value)]))
            }

            fn from_tape(value: &Value) -> Option<Self> {
                let (name, value) = value.as_object()?.iter().next()?;
                match name.as_str() {
                    $(stringify!($case) => OnTape::from_tape(value).map(Self::$case),)+
                    _ => None,
                }
            }
        }
    };
}

names!(Method: Get, Head, Post, Put, Patch, Delete);
names!(Identity: Authenticated, Anonymous, Unknown);
record!(Header: name, value);
record!(TokenFault: status, from_product, message, retry_after_ms);
cases!(SendError: Denied, NoCredential, NoToken, NotSent, OutcomeUnknown, TooLarge, Exhausted, HostFailed);

/// A request is compared and never read back. Kept files are known by their digest.
pub(crate) fn request(wanted: &Wanted) -> Value {
    let Wanted { request, body, file } = wanted;
    let piece = |part: &Part| match part {
        Part::Bytes(bytes) => BodyText(bytes).to_tape(),
        Part::File(blob) => json!({"file": blob.digest()}),
        Part::Base64(blob) => json!({"file-in-base64": blob.digest()}),
    };
    let body = body.as_ref().map(|body| match body.0.as_slice() {
        [single] => piece(single),
        several => several.iter().map(piece).collect(),
    });
    let members = json!({
        "connection": request.connection,
        "method": request.method.to_tape(),
        "path": request.path,
        "query": request.query.to_tape(),
        "headers": request.headers.to_tape(),
        "body": body,
        "timeout_ms": request.timeout_ms,
        "limit": file.as_ref().map(|(_, limit)| limit),
    });
    without_nulls(members)
}

/// What an exchange brought; a file is on a recording by its looks.
pub(crate) struct Brought {
    pub(crate) answer: Response,
    pub(crate) file: Option<Blob>,
    looks: Option<(u64, String)>,
}

impl From<(Response, Option<Blob>)> for Brought {
    fn from((answer, file): (Response, Option<Blob>)) -> Self {
        let looks = file.as_ref().map(|file| (file.size(), file.digest().to_owned()));
        Self { answer, file, looks }
    }
}

impl Brought {
    /// The file, or in a replay one that looks like it.
    pub(crate) fn kept(self, spool: Option<&Arc<Spool>>) -> Result<(Response, Option<Blob>), SendError> {
        let file = match (self.file, self.looks, spool) {
            (None, Some((size, digest)), Some(spool)) => Some(spool.recorded(size, digest)?),
            (file, ..) => file,
        };
        Ok((self.answer, file))
    }
}

impl OnTape for Brought {
    fn to_tape(&self) -> Value {
        let mut line = self.answer.to_tape();
        if let (Some(members), Some(looks)) = (line.as_object_mut(), &self.looks) {
            members.insert("file".to_owned(), looks.to_tape());
        }
        line
    }

    fn from_tape(value: &Value) -> Option<Self> {
        Some(Self {
            answer: OnTape::from_tape(value)?,
            file: None,
            looks: OnTape::from_tape(value.get("file").unwrap_or(&Value::Null))?,
        })
    }
}

fn without_nulls(mut value: Value) -> Value {
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, member| !member.is_null());
    }
    value
}

impl OnTape for Response {
    fn to_tape(&self) -> Value {
        json!({
            "status": self.status,
            "headers": self.headers.to_tape(),
            "body": BodyText(&self.body).to_tape(),
            "identity": self.identity.to_tape(),
            "gateway": self.gateway,
        })
    }

    fn from_tape(value: &Value) -> Option<Self> {
        Some(Self {
            status: OnTape::from_tape(value.get("status")?)?,
            headers: OnTape::from_tape(value.get("headers")?)?,
            body: BodyText::from_tape(value.get("body")?)?,
            identity: OnTape::from_tape(value.get("identity")?)?,
            gateway: OnTape::from_tape(value.get("gateway")?)?,
        })
    }
}

names!(Phase: Idle, Intent, Acknowledged, Linked, Synced, Orphaned, Tombstone);
record!(Key: entity, destination, id);
record!(Link:
    key, phase, issue_id, issue_key, fingerprint, stamp, attempt, token, created_by, updated_at, detail);
record!(Row: link, version);
record!(Write: link, expected);
cases!(PutOutcome: Stored, Conflict);
cases!(LedgerError: Unavailable, TooLarge, LeaseLost, Undeclared);

names!(FaultKind:
    Configuration, Credential, Locked, Permission, Product, Unreachable, RateLimited, MassChange, Ledger, Cancelled,
    Unsupported, Internal);
record!(Fault: kind, side, message, hint, retry_at);
record!(Field: name, value);
record!(ExportConfig:
    name, project, test_case_aql, launches_aql, disable_test_case_create, disable_launches_sync, disable_export,
    mapping);
record!(Settings: kind, fields, export);
record!(Approval: entity, id, decision);
record!(Job: settings, run_id, recreate, full, accept_changes, approved);
record!(Former: source_origins, destinations, issues);
record!(AdoptJob: settings, run_id, apply, former);
record!(UndoJob: settings, run_id, apply);

names!(Outcome: Created, Updated, Unchanged, Skipped, Failed, Waiting, Removed, Adopted);
record!(Issue: id, key, url);
record!(Count: what, number);
record!(Change: field, before, after);
record!(Verdict:
    entity, id, name, source_url, outcome, issue, changes, decision, reason, notes, counts);
record!(Progress: phase, done, total);
record!(Wait: connection, milliseconds, reason);
cases!(Event: Progress, Waiting, Verdict, Note);
record!(Tally: created, updated, unchanged, skipped, failed, waiting, removed, adopted);
record!(EntityTally: entity, tally);
record!(Forecast: connection, requests, milliseconds);
record!(Report: tallies, resumed, forecast, stopped);

#[cfg(test)]
mod tests {
    use super::*;

    fn comes_back<T: OnTape>(value: &T) {
        let line = value.to_tape();
        let read = T::from_tape(&line).expect("what was written is read");
        assert_eq!(read.to_tape(), line);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let response = |body: &[u8]| Response {
            status: 200,
            headers: vec![Header {
                name: "content-type".into(),
                value: "application/json".into(),
            }],
            body: body.to_vec(),
            identity: Identity::Authenticated,
            gateway: false,
        };
        comes_back::<Result<Response, SendError>>(&Ok(response(b"{}")));
        comes_back::<Result<Response, SendError>>(&Ok(response(&[0xff, 0])));
        comes_back::<Result<Response, SendError>>(&Err(SendError::TooLarge(7)));
        let read = <Result<Response, SendError>>::from_tape(&Ok::<_, SendError>(response(&[0xff, 0])).to_tape());
        assert_eq!(read.unwrap().unwrap().body, [0xff, 0]);
        comes_back(&vec![PutOutcome::Stored(1), PutOutcome::Conflict(None)]);
    }
}
