//! What a command ends with, whoever reads it.

use serde_json::{Map, Value, json};

use super::options::Format;
use super::output::{Output, to_stderr};
use super::render::problems::{self, Told};

/// A command's answer: once for people, once for machines.
pub struct Answer {
    pub exit_code: u8,
    /// For standard output.
    pub text: String,
    /// Members of the JSON object beside `command` and `exit-code`; or the whole object where that is stable by itself.
    pub json: Json,
    /// For standard error, in text alone.
    pub problems: Vec<Told>,
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
        }
    }

    /// It could not run.
    pub fn refusal(problems: Vec<Told>) -> Self {
        let json = problems.iter().map(problems::json).collect();
        Self {
            problems,
            ..Self::new(2, String::new(), "problems", json)
        }
    }

    /// Gives the answer and returns the exit code.
    pub fn give(self, command: &str, format: Format) -> u8 {
        let mut output = Output::default();
        match (format, self.json) {
            (Format::Json, Json::Whole(json)) => output.json(&json),
            (Format::Json, Json::Members(mut members)) => {
                members.insert("command".to_owned(), json!(command));
                members.insert("exit-code".to_owned(), json!(self.exit_code));
                output.json(&format!("{:#}", Value::Object(members)));
            }
            (Format::Text, _) => {
                output.text(&self.text);
                for problem in &self.problems {
                    to_stderr(problems::text(problem).trim_end());
                }
            }
        }
        match output.failure() {
            Some(error) => {
                to_stderr(&format!("error: the answer could not be written: {error}"));
                2
            }
            None => self.exit_code,
        }
    }
}

impl From<Vec<Told>> for Answer {
    fn from(problems: Vec<Told>) -> Self {
        Self::refusal(problems)
    }
}

impl From<Told> for Answer {
    fn from(problem: Told) -> Self {
        Self::refusal(vec![problem])
    }
}
