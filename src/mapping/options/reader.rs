//! Reads options one by one; what nobody asked for is unknown. Nothing here knows a single option.

use crate::text::{nearest, shown};
use std::collections::BTreeMap;

/// What is wrong with an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Name as it was given.
    pub option: String,
    /// What is wrong, one sentence.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

/// An option in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Name.
    pub name: String,
    /// Value, given or default; empty where nothing is set.
    pub value: String,
}

/// Options by name, while they are read.
pub struct Reader<'a> {
    given: BTreeMap<&'a str, &'a str>,
    /// Names that were asked for; a trailing dot is a table's.
    known: Vec<String>,
    problems: Vec<Problem>,
    rules: Vec<Rule>,
}

impl<'a> Reader<'a> {
    /// Nothing read yet. The first value of a repeated name counts.
    pub fn new(given: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut reader = Reader {
            given: BTreeMap::new(),
            known: Vec::new(),
            problems: Vec::new(),
            rules: Vec::new(),
        };
        for (name, value) in given {
            if reader.given.contains_key(name) {
                let message = format!("The mapping option `{}` stands here twice.", shown(name));
                reader.wrong(name, message, "Take one of them out.");
            } else {
                reader.given.insert(name, value.trim());
            }
        }
        reader
    }

    /// One of a few words; the first is the default.
    pub fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        let given = self.take(name);
        let found = choices.iter().find(|(word, _)| Some(*word) == given);
        if let (Some(value), None) = (given, found) {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            let hint = format!("It is {}.", either(&words));
            self.wrong(name, format!("`{}` is no value of {name}.", shown(value)), &hint);
        }
        let (word, value) = found.or(choices.first())?;
        self.rule(name, word);
        Some(*value)
    }

    /// Any text; `None` where it is not given or empty.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let value = self.take(name).unwrap_or_default();
        self.rule(name, value);
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// Any text; the default where it is not given or empty.
    pub fn text_or(&mut self, name: &str, default: &str) -> String {
        let value = self.take(name).filter(|value| !value.is_empty()).unwrap_or(default);
        self.rule(name, value);
        value.to_owned()
    }

    /// A number within bounds.
    pub fn number(&mut self, name: &str, default: u64, bounds: std::ops::RangeInclusive<u64>) -> u64 {
        let given = self.take(name);
        let found = given
            .and_then(|text| text.parse().ok())
            .filter(|number| bounds.contains(number));
        if let (Some(value), None) = (given, found) {
            let hint = format!("It is a whole number from {} to {}.", bounds.start(), bounds.end());
            self.wrong(name, format!("`{}` is no value of {name}.", shown(value)), &hint);
        }
        let number = found.unwrap_or(default);
        self.rule(name, &number.to_string());
        number
    }

    /// A list of texts with a separator; empty ones are left out.
    pub fn list(&mut self, name: &str, separator: char) -> Vec<String> {
        let value = self.take(name).unwrap_or_default();
        let parts = value.split(separator).map(str::trim).filter(|part| !part.is_empty());
        let parts: Vec<String> = parts.map(str::to_owned).collect();
        self.rule(name, &parts.join(&format!(" {separator} ")));
        parts
    }

    /// All options whose names begin with `table.`: what follows the dot, and the value.
    pub fn table(&mut self, table: &str) -> BTreeMap<String, String> {
        let prefix = format!("{table}.");
        let mut rows = BTreeMap::new();
        for (name, value) in &self.given {
            if let Some(rest) = name.strip_prefix(&prefix) {
                rows.insert(rest.to_owned(), (*value).to_owned());
            }
        }
        for (name, value) in &rows {
            self.rule(&format!("{prefix}{name}"), value);
        }
        self.known.push(prefix);
        rows
    }

    /// Tells that an option's value makes no sense.
    pub fn wrong(&mut self, option: &str, message: String, hint: &str) {
        self.problems.push(Problem {
            option: option.to_owned(),
            message,
            hint: hint.to_owned(),
        });
    }

    /// What is wrong, unknown options included, and the rules in force.
    pub fn finish(mut self) -> (Vec<Problem>, Vec<Rule>) {
        let is_known = |name: &str| {
            self.known
                .iter()
                .any(|known| known == name || known.ends_with('.') && name.starts_with(known))
        };
        let unknown: Vec<&str> = self.given.keys().copied().filter(|name| !is_known(name)).collect();
        for name in unknown {
            let hint = match nearest(name, self.known.iter().map(String::as_str)) {
                Some(known) => format!("Did you mean {known}?"),
                None => format!("There are {}.", self.known.join(", ")),
            };
            self.wrong(name, format!("There is no mapping option `{}`.", shown(name)), &hint);
        }
        (self.problems, self.rules)
    }

    fn take(&mut self, name: &str) -> Option<&'a str> {
        self.known.push(name.to_owned());
        self.given.get(name).copied()
    }

    fn rule(&mut self, name: &str, value: &str) {
        self.rules.push(Rule {
            name: name.to_owned(),
            value: value.to_owned(),
        });
    }
}

fn either(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
