//! The answer of `status`: how each sync stands, why, and what to do.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tms_sync_host::credentials::{CredentialReport, HealthState, expiry};
use tms_sync_host::{Clock as _, Named, RunRecord, SystemClock};

use super::history;
use super::text::{ATTENTION, BAD, FAINT, GOOD, HINT, STRONG, counted, duration, harmless, styled, utc};
use crate::last_exports::{LastExports, Trouble};
use crate::words;

/// One sync, or the integration alone where the file has none.
#[derive(Debug, Clone)]
pub struct SyncStatus {
    pub name: String,
    pub project: String,
    pub is_switched_off: bool,
    pub credential_reports: Vec<CredentialReport>,
    pub runs: Vec<RunRecord>,
    pub exports: LastExports,
}

/// How a sync stands as a whole: as the worst of what it uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Enabled,
    /// What was off has another secret now, which the next call tries.
    Replaced,
    Suspect,
    Disabled,
    Locked,
}

impl Rank {
    fn of(credential_report: &CredentialReport) -> Self {
        match (&credential_report.health.state, credential_report.is_replaced) {
            (HealthState::Active, _) => Self::Enabled,
            (_, true) => Self::Replaced,
            (HealthState::Suspect(_), false) => Self::Suspect,
            (HealthState::Disabled(_), false) => Self::Disabled,
            (HealthState::Locked(_), false) => Self::Locked,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Replaced => "replaced",
            Self::Suspect => "suspect",
            Self::Disabled => "disabled",
            Self::Locked => "locked",
        }
    }

    fn shown(self) -> String {
        let style = match self {
            Self::Enabled => GOOD,
            Self::Replaced | Self::Suspect => ATTENTION,
            Self::Disabled | Self::Locked => BAD,
        };
        styled(style, self.word())
    }
}

impl SyncStatus {
    fn rank(&self) -> Rank {
        self.credential_reports
            .iter()
            .map(Rank::of)
            .max()
            .unwrap_or(Rank::Enabled)
    }

    /// Whether nothing it uses is suspect, disabled or locked, and its exports do what they should.
    pub fn is_well(&self) -> bool {
        self.rank() == Rank::Enabled && self.trouble().is_none()
    }

    /// Nobody waits for exports of a sync that is switched off.
    fn trouble(&self) -> Option<&Trouble> {
        self.exports.trouble.as_ref().filter(|_| !self.is_switched_off)
    }
}

/// `option` is what to repeat in suggested commands.
pub fn text(integration: &str, syncs: &[SyncStatus], option: &str) -> String {
    let mut text = format!("{}\n", styled(STRONG, harmless(integration)));
    for sync in syncs {
        one(&mut text, sync, option);
    }
    text
}

fn one(text: &mut String, sync: &SyncStatus, option: &str) {
    let name = match sync.name.as_str() {
        "" => "no [[sync]] yet".to_owned(),
        name => format!("{} → {}", harmless(name), harmless(&sync.project)),
    };
    let switched = if sync.is_switched_off {
        " (disable-export is true in the configuration)"
    } else {
        ""
    };
    let _ = writeln!(text, "  {name}: {}{switched}", sync.rank().shown());
    for credential_report in &sync.credential_reports {
        reason(text, credential_report, &sync.name, option);
    }
    if let Some(trouble) = sync.trouble() {
        exports(text, trouble, sync, option);
    }
    for run in &sync.runs {
        let _ = writeln!(text, "    {}", styled(FAINT, history::brief(run)));
    }
}

fn reason(text: &mut String, credential_report: &CredentialReport, sync: &str, option: &str) {
    if let Some(when) = credential_report
        .expires_at
        .and_then(|at| expiry(at, SystemClock.now()))
    {
        let side = harmless(words::whose(&credential_report.side));
        let _ = writeln!(text, "    {side}: the credential {}", styled(ATTENTION, when));
    }
    let Some(reason) = credential_report.health.reason() else {
        return;
    };
    let rank = Rank::of(credential_report);
    let _ = writeln!(
        text,
        "    {} ({}) since {}: {}",
        harmless(words::whose(&credential_report.side)),
        rank.shown(),
        utc(reason.since),
        harmless(&reason.message)
    );
    if let Some(hint) = reason.hint.as_ref().filter(|_| rank != Rank::Replaced) {
        let _ = writeln!(text, "      {}: {}", styled(HINT, "hint"), harmless(hint));
    }
    let next = match rank {
        Rank::Replaced => format!("another secret is stored now, and not proved yet: tms-sync test{option}"),
        _ if credential_report.is_spent => {
            "refused as often as a password may be before an account is locked: store another one".to_owned()
        }
        Rank::Disabled | Rank::Locked => format!("then: tms-sync enable {}{option}", quoted(sync)),
        Rank::Suspect | Rank::Enabled => match credential_report.retry_at {
            Some(at) => format!(
                "nothing is sent before {}; refused again after that, it is disabled",
                utc(at)
            ),
            None => "found again after ten minutes, it is disabled".to_owned(),
        },
    };
    let _ = writeln!(text, "      {next}");
}

fn exports(text: &mut String, trouble: &Trouble, sync: &SyncStatus, option: &str) {
    let what = match trouble {
        Trouble::Stopped(reason) => format!("the latest export failed: {}", harmless(reason)),
        Trouble::Failed(items) => format!("{} failed in the latest export", counted(*items, "item", "items")),
        Trouble::Late(most) => format!("no export has succeeded within {}", duration(*most)),
    };
    let _ = writeln!(text, "    {}", styled(BAD, what));
    let success = sync.exports.success_at.map_or("never".to_owned(), utc);
    let _ = writeln!(text, "      last success: {success}");
    let next = match trouble {
        Trouble::Stopped(_) => format!("then: tms-sync test{option}"),
        Trouble::Failed(_) | Trouble::Late(_) => format!("then: tms-sync export {}{option}", quoted(&sync.name)),
    };
    let _ = writeln!(text, "      {next}");
}

/// A name as an argument of a shell.
fn quoted(name: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || "_-.".contains(character);
    if !name.is_empty() && name.chars().all(plain) {
        return name.to_owned();
    }
    format!("'{}'", harmless(name).replace('\'', r"'\''"))
}

pub fn json(sync: &SyncStatus) -> Value {
    json!({
        "name": sync.name,
        "project": sync.project,
        "state": sync.rank().word(),
        "disable-export": sync.is_switched_off,
        "trouble": sync.trouble().map(trouble),
        "last-success-at": sync.exports.success_at,
        "access": sync.credential_reports.iter().map(access).collect::<Vec<_>>(),
        "runs": history::json(&sync.runs),
    })
}

fn trouble(trouble: &Trouble) -> Value {
    match trouble {
        Trouble::Stopped(reason) => json!({ "kind": "stopped", "reason": reason }),
        Trouble::Failed(items) => json!({ "kind": "failed", "items": items }),
        Trouble::Late(most) => json!({ "kind": "late", "max-age-ms": most }),
    }
}

fn access(credential_report: &CredentialReport) -> Value {
    let health = &credential_report.health;
    let reason = health.reason();
    json!({
        "connection": credential_report.connection,
        "origin": health.key.origin,
        "destination": health.key.access.as_ref().map(|access| &access.destination),
        "side": credential_report.side,
        "state": Rank::of(credential_report).word(),
        "kind": reason.map(|reason| reason.kind.name()),
        "message": reason.map(|reason| &reason.message),
        "hint": reason.and_then(|reason| reason.hint.as_ref()),
        "since": reason.map(|reason| reason.since),
        "seen": reason.map(|reason| reason.seen),
        "retry-at": credential_report.retry_at,
        "expires-at": credential_report.expires_at,
        "refused-log-ins": health.refused.len(),
        "spent": credential_report.is_spent,
        "proved-at": health.proved_at,
    })
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use tms_sync_host::credentials::{CredentialHealth, CredentialKey, Reason};
    use tms_sync_host::model::FaultKind;

    use super::*;

    fn credential_report(side: &str, kind: FaultKind, state: impl FnOnce(Reason) -> HealthState) -> CredentialReport {
        let reason = Reason {
            kind,
            side: side.to_owned(),
            message: "it was refused".to_owned(),
            hint: Some("make a new one".to_owned()),
            since: 1_787_000_000_000,
            seen: 1_787_000_600_000,
        };
        CredentialReport {
            connection: "jira".to_owned(),
            side: side.to_owned(),
            health: CredentialHealth {
                key: CredentialKey {
                    origin: "https://jira.example".to_owned(),
                    version: "5e5e".to_owned(),
                    access: None,
                },
                connection: "jira".to_owned(),
                state: state(reason),
                refused: vec![1_787_000_000_000],
                trial: None,
                proved_at: None,
                cleared_at: None,
                asked_at: None,
                by_gateway: false,
                revision: 3,
            },
            is_replaced: false,
            retry_at: None,
            expires_at: None,
            is_spent: false,
        }
    }

    fn sync(name: &str, credential_reports: Vec<CredentialReport>) -> SyncStatus {
        SyncStatus {
            name: name.to_owned(),
            project: "CALC".to_owned(),
            is_switched_off: false,
            credential_reports,
            runs: Vec::new(),
            exports: LastExports::default(),
        }
    }

    #[test]
    fn each_sync_says_why_and_what_to_do() {
        let suspect = CredentialReport {
            retry_at: Some(1_787_000_600_000),
            ..credential_report("testops", FaultKind::Credential, HealthState::Suspect)
        };
        let replaced = CredentialReport {
            is_replaced: true,
            ..credential_report("tracker", FaultKind::Credential, HealthState::Disabled)
        };
        let syncs = [
            sync(
                "main",
                vec![credential_report("tracker", FaultKind::Locked, HealthState::Locked)],
            ),
            sync(
                "night run",
                vec![
                    suspect,
                    credential_report("product", FaultKind::Product, HealthState::Disabled),
                ],
            ),
            sync("other", vec![replaced]),
            sync("well", Vec::new()),
            SyncStatus {
                exports: LastExports {
                    success_at: Some(1_787_000_000_000),
                    trouble: Some(Trouble::Late(26 * 3_600_000)),
                    ..LastExports::default()
                },
                ..sync("late", Vec::new())
            },
        ];
        let shown = text("Xray", &syncs, " -c my.toml");
        assert_snapshot!(anstream::adapter::strip_str(&shown).to_string(), @"
        Xray
          main → CALC: locked
            Jira (locked) since 2026-08-17 20:53:20Z: it was refused
              hint: make a new one
              then: tms-sync enable main -c my.toml
          night run → CALC: disabled
            TestOps (suspect) since 2026-08-17 20:53:20Z: it was refused
              hint: make a new one
              nothing is sent before 2026-08-17 21:03:20Z; refused again after that, it is disabled
            Xray (disabled) since 2026-08-17 20:53:20Z: it was refused
              hint: make a new one
              then: tms-sync enable 'night run' -c my.toml
          other → CALC: replaced
            Jira (replaced) since 2026-08-17 20:53:20Z: it was refused
              another secret is stored now, and not proved yet: tms-sync test -c my.toml
          well → CALC: enabled
          late → CALC: enabled
            no export has succeeded within 26 h 00 min
              last success: 2026-08-17 20:53:20Z
              then: tms-sync export late -c my.toml
        ");
    }

    #[test]
    fn json_has_every_member() {
        let sync = sync(
            "main",
            vec![credential_report("tracker", FaultKind::Locked, HealthState::Locked)],
        );
        assert_snapshot!(json(&sync), @r#"{"access":[{"connection":"jira","destination":null,"expires-at":null,"hint":"make a new one","kind":"locked","message":"it was refused","origin":"https://jira.example","proved-at":null,"refused-log-ins":1,"retry-at":null,"seen":1787000600000,"side":"tracker","since":1787000000000,"spent":false,"state":"locked"}],"disable-export":false,"last-success-at":null,"name":"main","project":"CALC","runs":[],"state":"locked","trouble":null}"#);
    }
}
