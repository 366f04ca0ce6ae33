//! What a command ends with, whoever reads it.

use serde_json::{Map, Value, json};

use super::log::{self, Level};
use super::options::{Format, OutputOptions};
use super::output::Output;
use super::render::diagnostic::{self, Diagnostic};

/// A command's answer: once for people, once for machines.
pub struct Answer {
    pub exit_code: u8,
    /// For standard output.
    pub text: String,
    /// Members of the JSON object beside `command` and `exit-code`; or the whole object where that is stable by itself.
    pub json: Json,
    /// For standard error, in text alone.
    pub problems: Vec<Diagnostic>,
    /// Why not everything is done, for standard error, where that is not what the text shows there already.
    pub reasons: Vec<Diagnostic>,
}

pub enum Json {
    Members(Map<String, Value>),
    Whole(String),
}

impl Answer {
    pub fn new(exit_code: u8, text: String, member: &str, value: Value) -> Self {
        let members = Map::from_iter([(member.to_owned(), value)]);
        Self {
            exit_code,
            text,
            json: Json::Members(members),
            problems: Vec::new(),
            reasons: Vec::new(),
        }
    }

    /// It could not run.
    pub fn refusal(problems: Vec<Diagnostic>) -> Self {
        let json = problems.iter().map(diagnostic::json).collect();
        Self {
            problems,
            ..Self::new(2, String::new(), "problems", json)
        }
    }

    /// Gives the answer and returns the exit code. A quiet command gives its problems alone.
    pub fn give(self, command: &str, options: &OutputOptions) -> u8 {
        let mut output = Output::default();
        let format = options.format();
        match (format, self.json) {
            (Format::Json, Json::Whole(json)) => output.json(&json),
            (Format::Json, Json::Members(mut members)) => {
                members.insert("command".to_owned(), json!(command));
                members.insert("exit-code".to_owned(), json!(self.exit_code));
                output.json(&format!("{:#}", Value::Object(members)));
            }
            (Format::Text, _) => {
                if !options.log.quiet {
                    output.text(&self.text);
                }
                for problem in &self.problems {
                    diagnostic::log(problem);
                }
            }
        }
        for reason in &self.reasons {
            diagnostic::log(reason);
        }
        match output.failure() {
            Some(error) => {
                log::write(
                    Level::Error,
                    &format!("error: the answer could not be written: {error}"),
                );
                2
            }
            None => self.exit_code,
        }
    }
}

impl From<Vec<Diagnostic>> for Answer {
    fn from(problems: Vec<Diagnostic>) -> Self {
        Self::refusal(problems)
    }
}

impl From<Diagnostic> for Answer {
    fn from(problem: Diagnostic) -> Self {
        Self::refusal(vec![problem])
    }
}
