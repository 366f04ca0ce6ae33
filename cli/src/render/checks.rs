//! The answer of `test`.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tms_sync_host::Named;
use tms_sync_host::model::{Check, CheckStatus, TestResult};

use super::text::{ATTENTION, BAD, FAINT, GOOD, HINT, STRONG, harmless, styled};

/// One connection test: of a sync, or of the integration alone.
#[derive(Debug)]
pub struct Tested {
    pub sync: Option<String>,
    pub result: TestResult,
}

impl Tested {
    pub fn passed(&self) -> bool {
        self.result
            .checks
            .iter()
            .all(|check| check.status != CheckStatus::Failed)
    }
}

pub fn text(tested: &Tested) -> String {
    let mut text = String::new();
    if let Some(sync) = &tested.sync {
        let _ = writeln!(text, "{}", styled(STRONG, harmless(sync)));
    }
    let style = if tested.passed() { GOOD } else { BAD };
    let _ = writeln!(text, "{}", styled(style, harmless(&tested.result.summary)));
    let width = tested
        .result
        .checks
        .iter()
        .map(|check| check.name.chars().count())
        .max()
        .unwrap_or(0);
    for check in &tested.result.checks {
        let name = harmless(&check.name);
        let _ = writeln!(
            text,
            "  {}  {name:width$}  {}",
            mark(check.status),
            harmless(&check.message)
        );
        if let Some(hint) = &check.hint {
            let _ = writeln!(text, "      {}: {}", styled(HINT, "hint"), harmless(hint));
        }
    }
    text
}

/// Words, not signs: they survive without colour and in a log.
fn mark(status: CheckStatus) -> String {
    match status {
        CheckStatus::Passed => styled(GOOD, "ok  "),
        CheckStatus::Failed => styled(BAD, "FAIL"),
        CheckStatus::Warning => styled(ATTENTION, "warn"),
        CheckStatus::Skipped => styled(FAINT, "-   "),
    }
}

pub fn json(tested: &Tested) -> Value {
    json!({
        "sync": tested.sync,
        "summary": tested.result.summary,
        "checks": tested.result.checks.iter().map(check).collect::<Vec<_>>(),
    })
}

fn check(check: &Check) -> Value {
    json!({
        "name": check.name,
        "side": check.side,
        "status": check.status.name(),
        "message": check.message,
        "hint": check.hint,
        "kind": check.kind.map(Named::name),
    })
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use tms_sync_host::model::FaultKind;

    use super::*;

    fn sample() -> Tested {
        let check = |name: &str, status, message: &str, hint: Option<&str>| Check {
            name: name.to_owned(),
            side: "tracker".into(),
            status,
            message: message.to_owned(),
            hint: hint.map(str::to_owned),
            kind: (status == CheckStatus::Failed).then_some(FaultKind::Credential),
        };
        let checks = vec![
            check("TestOps token", CheckStatus::Passed, "accepted", None),
            check(
                "Jira credential",
                CheckStatus::Failed,
                "refused (401)",
                Some("create a new API token"),
            ),
            check("Xray app", CheckStatus::Skipped, "an earlier check failed", None),
        ];
        let summary = "Jira refused the credential".to_owned();
        Tested {
            sync: Some("main".to_owned()),
            result: TestResult { summary, checks },
        }
    }

    #[test]
    fn each_check_is_a_line_and_a_failure_has_its_hint() {
        assert_snapshot!(anstream::adapter::strip_str(&text(&sample())).to_string(), @r#"
            main
            Jira refused the credential
              ok    TestOps token    accepted
              FAIL  Jira credential  refused (401)
                  hint: create a new API token
              -     Xray app         an earlier check failed
            "#);
    }

    #[test]
    fn json_has_the_words_of_the_contract() {
        assert_snapshot!(json(&sample()).pointer("/checks/1").unwrap(), @r#"{"hint":"create a new API token","kind":"credential","message":"refused (401)","name":"Jira credential","side":"tracker","status":"failed"}"#);
    }
}
