//! Why a call may not begin, in words.

use super::super::rules::Barred;
use super::super::version::CredentialInUse;
use crate::ledger::health::CredentialHealth;
use crate::model::{Fault, FaultKind};

pub(super) fn fault(used: &CredentialInUse, row: &CredentialHealth, barred: Barred) -> Fault {
    let (kind, side) = row.reason().map_or_else(
        || (FaultKind::Credential, used.side()),
        |reason| (reason.kind, reason.side.clone()),
    );
    let what = match (barred, kind) {
        (Barred::Spent, _) => {
            "was refused as often as a password may be before an account is locked; another one is needed"
        }
        (Barred::Until(_), _) => "was refused a moment ago; it is left alone for a while, so that no account is locked",
        (Barred::ByState, FaultKind::Locked) => "is locked until a person has logged in by browser",
        (Barred::ByState, FaultKind::Credential) => "is disabled: it was refused twice",
        (Barred::ByState, FaultKind::Permission) => "is disabled: a permission is missing",
        (Barred::ByState, _) => "is disabled: the product is not there, not licensed or not set up",
    };
    let said = row
        .reason()
        .map(|reason| format!(" ({})", reason.message))
        .unwrap_or_default();
    let then = match barred {
        Barred::ByState => "; then enable it: that makes a connection test",
        Barred::Spent | Barred::Until(_) => "",
    };
    let first = row
        .reason()
        .and_then(|reason| reason.hint.clone())
        .unwrap_or_else(|| "make a new one and store it".to_owned());
    Fault {
        kind,
        side,
        message: format!("the access over `{}` {what}{said}; nothing was sent", used.connection),
        hint: Some(format!("{first}{then}")),
        retry_at: match barred {
            Barred::Until(at) => Some(at),
            Barred::ByState | Barred::Spent => None,
        },
    }
}
