//! What is wrong: with a configuration file, by its own grammar or by the plugin's findings, or with the world.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tms_sync_host::CallError;
use tms_sync_host::model::{self, Fault, Finding, Severity as FindingSeverity, Side};

use super::text::{ATTENTION, BAD, HINT, harmless, styled};
use crate::config::{Config, Place, Problem, Severity};
use crate::log::{self, Level};
use crate::words;

/// A problem as it is shown: whose matter it is, where, what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    pub side: Side,
    /// File and place, for what stands in the configuration.
    pub at: Option<(String, Option<Place>)>,
    pub message: String,
    /// A line of the value and a caret below the place.
    pub excerpt: Option<String>,
    pub hint: Option<String>,
}

impl From<Problem> for Diagnostic {
    fn from(problem: Problem) -> Self {
        Self {
            severity: problem.severity,
            side: model::SETTINGS.to_owned(),
            at: Some((problem.file.display().to_string(), problem.place)),
            message: problem.message,
            excerpt: None,
            hint: problem.hint,
        }
    }
}

/// Where several problems can be reported, one is enough.
impl From<Diagnostic> for Vec<Diagnostic> {
    fn from(problem: Diagnostic) -> Self {
        vec![problem]
    }
}

impl From<Fault> for Diagnostic {
    fn from(fault: Fault) -> Self {
        Self {
            side: fault.side,
            hint: fault.hint,
            ..Self::new(fault.message)
        }
    }
}

impl Diagnostic {
    /// A problem of this host.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            side: model::HOST.to_owned(),
            at: None,
            message: message.into(),
            excerpt: None,
            hint: None,
        }
    }

    /// Why a call of the plugin brought no answer.
    pub fn from_call(error: &CallError) -> Self {
        match error {
            CallError::Fault(fault) => fault.clone().into(),
            CallError::Ended(ended) => Self::new(ended.to_string()),
        }
    }

    /// The same as a warning.
    pub fn warning(self) -> Self {
        Self {
            severity: Severity::Warning,
            ..self
        }
    }

    /// Whose matter it is; empty where the message says it.
    pub fn of(mut self, side: &str) -> Self {
        side.clone_into(&mut self.side);
        self
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// A finding of the plugin, at the place of its field in the file.
    pub fn from_finding(finding: Finding, config: &Config, sync: Option<&str>) -> Self {
        let mut message = format!("{}: {}", finding.field, finding.message);
        if let Some(at) = finding.at {
            let _ = write!(message, " (line {}, column {} of the value)", at.line, at.column);
        }
        let problem = config.problem(&finding.field, sync, message);
        let severity = match finding.severity {
            FindingSeverity::Error => Severity::Error,
            FindingSeverity::Warning => Severity::Warning,
        };
        Self {
            severity,
            excerpt: finding.excerpt,
            hint: finding.hint,
            ..problem.into()
        }
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// `file:line:column: ` is what terminals and editors make clickable; elsewhere the side comes first.
    fn headline(&self) -> String {
        match &self.at {
            Some((file, Some(place))) => format!("{file}:{}:{}: {}", place.line, place.column, self.message),
            Some((file, None)) => format!("{file}: {}", self.message),
            None if self.side.is_empty() => self.message.clone(),
            None => format!("{}: {}", harmless(words::whose(&self.side)), self.message),
        }
    }
}

pub fn text(diagnostic: &Diagnostic) -> String {
    let mut text = String::new();
    let word = match diagnostic.severity {
        Severity::Error => styled(BAD, "error"),
        Severity::Warning => styled(ATTENTION, "warning"),
    };
    let _ = writeln!(text, "{word}: {}", harmless(&diagnostic.headline()));
    for line in diagnostic.excerpt.iter().flat_map(|excerpt| excerpt.lines()) {
        let _ = writeln!(text, "    {}", harmless(line));
    }
    if let Some(hint) = &diagnostic.hint {
        let _ = writeln!(text, "  {}: {}", styled(HINT, "hint"), harmless(hint));
    }
    text
}

/// Writes it to the log.
pub fn log(diagnostic: &Diagnostic) {
    let level = match diagnostic.severity {
        Severity::Error => Level::Error,
        Severity::Warning => Level::Warning,
    };
    log::write(level, text(diagnostic).trim_end());
}

pub fn json(diagnostic: &Diagnostic) -> Value {
    let place = diagnostic.at.as_ref().and_then(|(_, place)| *place);
    json!({
        "severity": match diagnostic.severity { Severity::Error => "error", Severity::Warning => "warning" },
        "side": diagnostic.side,
        "file": diagnostic.at.as_ref().map(|(file, _)| file),
        "line": place.map(|place| place.line),
        "column": place.map(|place| place.column),
        "message": diagnostic.message,
        "hint": diagnostic.hint,
        "excerpt": diagnostic.excerpt,
    })
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::config::Source;

    fn sample() -> Diagnostic {
        let source = Source {
            file: "my.toml".into(),
            text: "a = 1\n".to_owned(),
        };
        let problem = source
            .problem(4..5, "test-case-aql: a value is missing")
            .hint("write a value after `=`");
        Diagnostic {
            excerpt: Some("tag =\n     ^".to_owned()),
            ..problem.into()
        }
    }

    #[test]
    fn a_problem_is_place_message_excerpt_and_hint() {
        assert_snapshot!(anstream::adapter::strip_str(&text(&sample())).to_string(), @r#"
            error: my.toml:1:5: test-case-aql: a value is missing
                tag =
                     ^
              hint: write a value after `=`
            "#);
    }

    #[test]
    fn its_json_has_the_same_parts() {
        assert_snapshot!(json(&sample()), @r#"{"column":5,"excerpt":"tag =\n     ^","file":"my.toml","hint":"write a value after `=`","line":1,"message":"test-case-aql: a value is missing","severity":"error","side":"settings"}"#);
    }

    #[test]
    fn without_a_place_the_side_at_fault_comes_first() {
        let diagnostic = Diagnostic::new("connection refused")
            .of("testops")
            .hint("is it running?");
        assert_snapshot!(anstream::adapter::strip_str(&text(&diagnostic)).to_string(), @r#"
            error: TestOps: connection refused
              hint: is it running?
            "#);
    }
}
