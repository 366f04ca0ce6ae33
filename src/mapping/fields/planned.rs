//! A Jira field that the export fills: what it takes, and texts as it takes them.

use super::super::description::written;
use super::super::{Dialect, label};
use crate::markup::Document;
use crate::markup::address::{Address, classify};
use crate::text::{folded, same};
use serde_json::{Value, json};

/// Values that a message names at most.
const NAMED: usize = 10;
/// Characters of a single-line field (Jira's text field).
const LINE: usize = 255;

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One line of text.
    Line,
    /// Formatted text.
    Text,
    /// Text as it is.
    Plain,
    /// True or false.
    Toggle,
    /// A web address.
    Url,
    /// A number.
    Number,
    /// `2026-08-23`.
    Date,
    /// `2026-08-23T10:00:00.000+0000`.
    DateTime,
    /// One of the allowed values.
    One,
    /// Any of the allowed values.
    Many,
    /// Words without white space.
    Labels,
    /// An account.
    User,
    /// Accounts.
    Users,
}

/// A value that a field takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Allowed {
    /// As people read it.
    pub name: String,
    /// As Jira takes it.
    pub value: Value,
}

/// A Jira field that the export fills.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// `customfield_10010`, `components`, …
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What it takes.
    pub shape: Shape,
    /// Allowed values of [`Shape::One`] and [`Shape::Many`].
    pub allowed: Vec<Allowed>,
    /// Attribute or custom field of TestOps; absent: only the constant.
    pub source: Option<String>,
    /// Where the case has no value that the field takes.
    pub default: Option<String>,
    /// Jira creates no issue without a value.
    pub required: bool,
}

/// All fields that the export fills beyond its own.
pub type Plan = [Planned];

/// Accounts as a user field takes them, null where there are none.
pub(super) fn of_accounts(accounts: Vec<Value>, many: bool) -> Value {
    match (many, accounts.is_empty()) {
        (_, true) => Value::Null,
        (true, _) => Value::Array(accounts),
        (false, _) => accounts.into_iter().next().unwrap_or_default(),
    }
}

impl Planned {
    /// Texts as the field takes them, null where nothing is left; what it does not take is reported.
    pub fn value(&self, texts: &[String], dialect: Dialect, losses: &mut Vec<String>) -> Value {
        let mut fits: Vec<Value> = Vec::new();
        for text in self.pieces(texts) {
            match self.one(&text, dialect) {
                Ok(value) => fits.push(value),
                Err(words) => losses.push(words),
            }
        }
        match self.shape {
            Shape::Many | Shape::Labels if !fits.is_empty() => Value::Array(fits),
            Shape::Many | Shape::Labels => Value::Null,
            _ => {
                if fits.len() > 1 {
                    losses.push(format!("{} takes one value, the first is taken", self.name));
                }
                fits.into_iter().next().unwrap_or_default()
            }
        }
    }

    /// Accounts as the field takes them, null where there are none.
    pub fn of_accounts(&self, accounts: Vec<Value>) -> Value {
        of_accounts(accounts, self.shape == Shape::Users)
    }

    /// Text takes several values as one.
    fn pieces(&self, texts: &[String]) -> Vec<String> {
        match self.shape {
            Shape::Line | Shape::Text | Shape::Plain if !texts.is_empty() => vec![texts.join(", ")],
            _ => texts.to_vec(),
        }
    }

    fn one(&self, text: &str, dialect: Dialect) -> Result<Value, String> {
        let refused = |what: &str| Err(format!("{} takes {what}, not “{text}”", self.name));
        match self.shape {
            Shape::Line => Ok(json!(
                text.replace(['\r', '\n'], " ").chars().take(LINE).collect::<String>()
            )),
            Shape::Plain => Ok(json!(text)),
            Shape::Toggle => match folded(text).as_str() {
                "true" | "yes" | "on" | "1" => Ok(json!(true)),
                "false" | "no" | "off" | "0" => Ok(json!(false)),
                _ => refused("true or false"),
            },
            Shape::Text => Ok(written(&Document::from_plain(text).tree, dialect).0),
            Shape::Url => match classify(text) {
                Address::Web(url) => Ok(json!(url)),
                _ => refused("a web address"),
            },
            // JSON's own reader: a number as Jira takes it, and code that is there already.
            Shape::Number => match serde_json::from_slice(text.trim().as_bytes()) {
                Ok(number @ Value::Number(_)) => Ok(number),
                _ => refused("a number"),
            },
            Shape::Date if is_date(text) => Ok(json!(text)),
            Shape::Date => refused("a date like 2026-08-23"),
            Shape::DateTime
                if text
                    .split_once('T')
                    .is_some_and(|(day, time)| is_date(day) && time.len() >= 8) =>
            {
                Ok(json!(text))
            }
            Shape::DateTime => refused("a time like 2026-08-23T10:00:00.000+0000"),
            Shape::One | Shape::Many => {
                let found = self.allowed.iter().find(|one| same(&one.name, text));
                found
                    .map(|one| one.value.clone())
                    .map_or_else(|| refused(&self.choices()), Ok)
            }
            Shape::Labels => label::from_tag(text).map_or_else(|| refused("words"), |label| Ok(json!(label))),
            Shape::User | Shape::Users => Ok(json!(text)),
        }
    }

    /// The allowed values for people.
    pub fn choices(&self) -> String {
        let names: Vec<&str> = self.allowed.iter().take(NAMED).map(|one| one.name.as_str()).collect();
        match self.allowed.len() {
            0 => "no value in this project".to_owned(),
            1..=NAMED => format!("one of {}", names.join(", ")),
            more => format!("one of {} and {} others", names.join(", "), more - NAMED),
        }
    }

    /// The allowed values, or that there must be one.
    pub fn choices_or_any(&self) -> String {
        match self.shape {
            Shape::One | Shape::Many => self.choices(),
            _ => "required".to_owned(),
        }
    }

    /// True where it takes accounts.
    pub fn is_user(&self) -> bool {
        matches!(self.shape, Shape::User | Shape::Users)
    }
}

/// `2026-08-23`.
fn is_date(text: &str) -> bool {
    let shape = text.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    text.len() == 10 && shape
}
