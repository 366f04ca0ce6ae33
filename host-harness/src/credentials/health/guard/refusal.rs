//! Why a call may not begin, for people.

use super::super::rules::Barred;
use super::super::version::CredentialInUse;
use crate::ledger::health::CredentialHealth;
use crate::model::{Fault, FaultKind};

pub(super) fn fault(used: &CredentialInUse, row: &CredentialHealth, barred: Barred, now: u64) -> Fault {
    let (kind, side) = row.reason().map_or_else(
        || (FaultKind::Credential, used.side()),
        |reason| (reason.kind, reason.side.clone()),
    );
    let what = match (barred, kind) {
        (Barred::Spent, _) => {
            "was refused as often as a password may be before an account is locked; another one is needed".to_owned()
        }
        (Barred::Until { refused, until }, _) => format!(
            "was refused {} ago; it is not tried for another {}, so that no account is locked",
            duration(now.saturating_sub(refused)),
            duration(until.saturating_sub(now))
        ),
        (Barred::ByState, FaultKind::Locked) => "is locked until a person has logged in by browser".to_owned(),
        (Barred::ByState, FaultKind::Credential) => "is disabled: it was refused twice".to_owned(),
        (Barred::ByState, FaultKind::Permission) => "is disabled: a permission is missing".to_owned(),
        (Barred::ByState, _) => "is disabled: the product is not there, not licensed or not set up".to_owned(),
    };
    let reason = row
        .reason()
        .map(|reason| format!(" ({})", reason.message))
        .unwrap_or_default();
    let then = match barred {
        Barred::ByState => "; then enable it: that makes a connection test",
        Barred::Spent | Barred::Until { .. } => "",
    };
    let first = row
        .reason()
        .and_then(|reason| reason.hint.clone())
        .unwrap_or_else(|| "make a new one and store it".to_owned());
    Fault {
        kind,
        side,
        message: format!("the access over `{}` {what}{reason}; nothing was sent", used.connection),
        hint: Some(format!("{first}{then}")),
        retry_at: match barred {
            Barred::Until { until, .. } => Some(until),
            Barred::ByState | Barred::Spent => None,
        },
    }
}

/// A time span in its largest unit, rounded up: `20 hours`.
fn duration(milliseconds: u64) -> String {
    let minutes = milliseconds.div_ceil(60_000).max(1);
    let (number, unit) = match minutes {
        0..120 => (minutes, "minute"),
        120..2_880 => (minutes.div_ceil(60), "hour"),
        _ => (minutes.div_ceil(1_440), "day"),
    };
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn a_time_span_has_a_unit_that_people_use() {
        let minute = 60_000;
        let spans = [
            0,
            minute,
            119 * minute,
            20 * 60 * minute,
            47 * 60 * minute,
            72 * 60 * minute,
        ];
        let shown = ["1 minute", "1 minute", "119 minutes", "20 hours", "47 hours", "3 days"];
        assert_eq!(spans.map(duration), shown);
    }
}
