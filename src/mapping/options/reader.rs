//! Reads options one by one, and keeps what forms show of each; what nobody asked for is unknown. Nothing here knows a
//! single option.

use super::form::{Choice, MappingOption, ValueType};
use crate::text::{nearest, shown};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

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
    group: &'static str,
    options: Vec<MappingOption>,
    problems: Vec<Problem>,
    rules: Vec<Rule>,
}

/// What a [`Reader`] has at its end.
pub struct Finished {
    /// What is wrong, unknown options included.
    pub problems: Vec<Problem>,
    /// The rules in force.
    pub rules: Vec<Rule>,
    /// Every option there is, in the order in which they were read.
    pub options: Vec<MappingOption>,
}

/// An option that is being read: what forms show of it is known, and its type is next.
pub struct Asked<'r, 'a> {
    reader: &'r mut Reader<'a>,
    name: String,
    title: String,
    help: &'static str,
}

impl<'a> Reader<'a> {
    /// Nothing read yet. The first value of a repeated name counts.
    pub fn new(given: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut reader = Reader {
            given: BTreeMap::new(),
            group: "",
            options: Vec::new(),
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

    /// The options that are read from here on stand together in forms, under this heading.
    pub fn group(&mut self, group: &'static str) {
        self.group = group;
    }

    /// The option of this name.
    pub fn option(&mut self, name: impl Into<String>, title: impl Into<String>, help: &'static str) -> Asked<'_, 'a> {
        Asked {
            reader: self,
            name: name.into(),
            title: title.into(),
            help,
        }
    }

    /// Reports that an option's value makes no sense.
    pub fn wrong(&mut self, option: &str, message: String, hint: &str) {
        self.problems.push(Problem {
            option: option.to_owned(),
            message,
            hint: hint.to_owned(),
        });
    }

    /// What was read. Options that nobody asked for are problems.
    pub fn finish(mut self) -> Finished {
        let known: Vec<String> = self.options.iter().map(|option| option.name.clone()).collect();
        let is_known = |name: &str| {
            known
                .iter()
                .any(|known| known == name || known.ends_with('.') && name.starts_with(known))
        };
        let unknown: Vec<&str> = self.given.keys().copied().filter(|name| !is_known(name)).collect();
        for name in unknown {
            let hint = match nearest(name, known.iter().map(String::as_str)) {
                Some(known) => format!("Did you mean {known}?"),
                None => format!("There are {}.", known.join(", ")),
            };
            self.wrong(name, format!("There is no mapping option `{}`.", shown(name)), &hint);
        }
        Finished {
            problems: self.problems,
            rules: self.rules,
            options: self.options,
        }
    }

    fn rule(&mut self, name: &str, value: &str) {
        self.rules.push(Rule {
            name: name.to_owned(),
            value: value.to_owned(),
        });
    }
}

impl<'a> Asked<'_, 'a> {
    /// One of a few values, each with its title; the first is the default.
    pub fn choice<T: Copy>(mut self, choices: &[(&'static str, &'static str, T)]) -> Option<T> {
        let given = self.given();
        let found = choices.iter().find(|(word, _, _)| Some(*word) == given);
        if let (Some(value), None) = (given, found) {
            let words: Vec<&str> = choices.iter().map(|(word, _, _)| *word).collect();
            self.refuse(value, &format!("It is {}.", either(&words)));
        }
        let listed = choices
            .iter()
            .map(|(value, title, _)| Choice { value, title })
            .collect();
        let (word, _, value) = found.or(choices.first())?;
        self.reader.rule(&self.name, word);
        self.describe(ValueType::Choice, choices.first().map(|(word, _, _)| *word), listed);
        Some(*value)
    }

    /// Any text, or a name that the destination knows; `None` where it is not given or empty.
    pub fn text(self, value_type: ValueType) -> Option<String> {
        let value = self.given().unwrap_or_default();
        self.reader.rule(&self.name, value);
        self.describe(value_type, None, Vec::new());
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// The same; the default where it is not given or empty.
    pub fn text_or(self, value_type: ValueType, default: &str) -> String {
        let value = self.given().filter(|value| !value.is_empty()).unwrap_or(default);
        self.reader.rule(&self.name, value);
        let value = value.to_owned();
        self.describe(value_type, Some(default), Vec::new());
        value
    }

    /// A number within bounds.
    pub fn number(mut self, default: u64, bounds: RangeInclusive<u64>) -> u64 {
        let given = self.given();
        let found = given
            .and_then(|text| text.parse().ok())
            .filter(|number| bounds.contains(number));
        if let (Some(value), None) = (given, found) {
            self.refuse(
                value,
                &format!("It is a whole number from {} to {}.", bounds.start(), bounds.end()),
            );
        }
        let number = found.unwrap_or(default);
        self.reader.rule(&self.name, &number.to_string());
        let bound = |number: &u64| i64::try_from(*number).unwrap_or(i64::MAX);
        let value_type = ValueType::Integer(bound(bounds.start()), bound(bounds.end()));
        self.describe(value_type, Some(&default.to_string()), Vec::new());
        number
    }

    /// A list of texts with a separator; empty ones are left out.
    pub fn list(self, separator: char) -> Vec<String> {
        let value = self.given().unwrap_or_default();
        let parts = value.split(separator).map(str::trim).filter(|part| !part.is_empty());
        let parts: Vec<String> = parts.map(str::to_owned).collect();
        self.reader.rule(&self.name, &parts.join(&format!(" {separator} ")));
        self.describe(ValueType::Items(separator), None, Vec::new());
        parts
    }

    /// All options whose names begin with this one's name and a dot: what follows the dot, and the value.
    pub fn table(mut self, value_type: ValueType) -> BTreeMap<String, String> {
        self.name.push('.');
        let mut rows = BTreeMap::new();
        for (name, value) in &self.reader.given {
            if let Some(rest) = name.strip_prefix(&self.name) {
                rows.insert(rest.to_owned(), (*value).to_owned());
            }
        }
        for (name, value) in &rows {
            self.reader.rule(&format!("{}{name}", self.name), value);
        }
        self.describe(value_type, None, Vec::new());
        rows
    }

    fn given(&self) -> Option<&'a str> {
        self.reader.given.get(self.name.as_str()).copied()
    }

    fn refuse(&mut self, value: &str, hint: &str) {
        let message = format!("`{}` is no value of {}.", shown(value), self.name);
        self.reader.wrong(&self.name, message, hint);
    }

    fn describe(self, value_type: ValueType, default: Option<&str>, choices: Vec<Choice>) {
        self.reader.options.push(MappingOption {
            name: self.name,
            title: self.title,
            help: self.help,
            value_type,
            choices,
            default: default.map(str::to_owned),
            group: self.reader.group,
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
