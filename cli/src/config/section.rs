//! One table of the file, read key by key; everything that is wrong is collected, nothing stops at the first.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::nearest;
use super::problem::{Problem, Source};
use super::secret::SecretSource;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    pub value: T,
    pub span: Range<usize>,
}

/// A value of a key that the file's own grammar does not know: the plugin's manifest has what it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    Text(String),
    Secret(SecretSource),
}

pub struct Section<'a> {
    /// As written in the file, for example `[testops]`.
    title: &'a str,
    span: Range<usize>,
    table: &'a DeTable<'a>,
    source: &'a Source,
    problems: Vec<Problem>,
}

impl<'a> Section<'a> {
    pub fn new(source: &'a Source, title: &'a str, span: Range<usize>, table: &'a DeTable<'a>) -> Self {
        Self {
            title,
            span,
            table,
            source,
            problems: Vec::new(),
        }
    }

    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    pub fn problems(self) -> Vec<Problem> {
        self.problems
    }

    /// Refuses every key that is not in `known`. `elsewhere` names the section that a stray key belongs to.
    pub fn refuse_unknown(&mut self, known: &[&str], elsewhere: impl Fn(&str) -> Option<&'static str>) {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let hint = match elsewhere(name) {
                Some(section) => Some(format!("`{name}` belongs under {section}")),
                None => nearest::hint(name, known.iter().copied()),
            };
            let message = format!("unknown key `{}` in {}", name.escape_debug(), self.title);
            self.problems.push(Problem {
                hint,
                is_unknown_key: true,
                ..self.source.problem(key.span(), message)
            });
        }
    }

    /// Whether the key is there, with whatever value.
    pub fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    pub fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map(|(_, value)| value)
    }

    /// A required string; empty counts as missing.
    pub fn required(&mut self, key: &str, example: &str) -> Option<At<String>> {
        if self.value(key).is_none() {
            self.missing(key, example);
            return None;
        }
        let text = self.string(key)?;
        if text.value.trim().is_empty() {
            let problem = self.source.problem(text.span, format!("`{key}` is empty"));
            self.problems
                .push(problem.hint(format!("for example: {key} = {example}")));
            return None;
        }
        Some(text)
    }

    pub fn string(&mut self, key: &str) -> Option<At<String>> {
        let value = self.value(key)?;
        match value.get_ref().as_str() {
            Some(text) => Some(At {
                value: text.to_owned(),
                span: value.span(),
            }),
            None => self.wrong(key, value, "a string"),
        }
    }

    pub fn flag(&mut self, key: &str) -> bool {
        let Some(value) = self.value(key) else { return false };
        match value.get_ref().as_bool() {
            Some(flag) => flag,
            None => self.wrong(key, value, "`true` or `false`").unwrap_or_default(),
        }
    }

    /// A required whole number above 0.
    pub fn positive(&mut self, key: &str, example: &str) -> Option<At<u64>> {
        let Some(value) = self.value(key) else {
            self.missing(key, example);
            return None;
        };
        let number = value
            .get_ref()
            .as_integer()
            .and_then(|digits| u64::from_str_radix(digits.as_str(), digits.radix()).ok());
        match number {
            Some(number) if number > 0 => Some(At {
                value: number,
                span: value.span(),
            }),
            _ => self.wrong(key, value, "a whole number above 0"),
        }
    }

    /// The same where the key may be absent.
    pub fn optional_positive(&mut self, key: &str) -> Option<At<u64>> {
        self.value(key)?;
        self.positive(key, "")
    }

    pub fn strings(&mut self, key: &str) -> Vec<At<String>> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let Some(array) = value.get_ref().as_array() else {
            return self.wrong(key, value, "a list of strings").unwrap_or_default();
        };
        let mut strings = Vec::new();
        for item in array.iter() {
            match item.get_ref().as_str() {
                Some(text) => strings.push(At {
                    value: text.to_owned(),
                    span: item.span(),
                }),
                None => drop(self.wrong::<()>(key, item, "a list of strings")),
            }
        }
        strings
    }

    /// A value that is a text, or a table with more of it.
    pub fn text_or_table<T>(
        &mut self,
        key: &str,
        title: &str,
        read: impl FnOnce(&mut Section<'_>, Option<At<String>>) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(key)?;
        let empty = DeTable::new();
        let (table, text) = match value.get_ref() {
            DeValue::String(text) => (
                &empty,
                Some(At {
                    value: text.to_string(),
                    span: value.span(),
                }),
            ),
            DeValue::Table(table) => (table, None),
            _ => return self.wrong(key, value, "a string or a table"),
        };
        let mut section = Section::new(self.source, title, value.span(), table);
        let found = read(&mut section, text);
        self.problems.extend(section.problems());
        found
    }

    /// A table below this one, such as `[host.vault]`.
    pub fn table<T>(&mut self, key: &str, title: &str, read: impl FnOnce(&mut Section<'_>) -> T) -> Option<T> {
        let value = self.value(key)?;
        let Some(table) = value.get_ref().as_table() else {
            return self.wrong(key, value, "a table");
        };
        let mut section = Section::new(self.source, title, value.span(), table);
        let found = read(&mut section);
        self.problems.extend(section.problems());
        Some(found)
    }

    /// A list of tables, such as `[[host.server]]`.
    pub fn tables<T>(&mut self, key: &str, title: &str, read: impl Fn(&mut Section<'_>) -> T) -> Vec<T> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let Some(array) = value.get_ref().as_array() else {
            return self.wrong(key, value, "a list of tables").unwrap_or_default();
        };
        let mut found = Vec::new();
        for item in array.iter() {
            let Some(table) = item.get_ref().as_table() else {
                self.wrong::<()>(key, item, "a table");
                continue;
            };
            let mut section = Section::new(self.source, title, item.span(), table);
            found.push(read(&mut section));
            self.problems.extend(section.problems());
        }
        found
    }

    /// A table of secrets by names that are not known.
    pub fn secrets(&mut self, key: &str) -> Vec<(At<String>, At<SecretSource>)> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let Some(table) = value.get_ref().as_table() else {
            return self.wrong(key, value, "a table of secrets").unwrap_or_default();
        };
        let mut section = Section::new(self.source, key, value.span(), table);
        let names: Vec<At<String>> = table
            .keys()
            .map(|name| At {
                value: name.get_ref().to_string(),
                span: name.span(),
            })
            .collect();
        let secrets = names.into_iter().filter_map(|name| {
            let secret = section.optional_secret(&name.value)?;
            Some((name, secret))
        });
        let secrets: Vec<_> = secrets.collect();
        self.problems.extend(section.problems());
        secrets
    }

    /// A table of options, such as `[sync.mapping]`. Tables below it are names with a dot: `policy.steps`.
    pub fn options(&mut self, key: &str) -> Vec<(At<String>, String)> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let Some(table) = value.get_ref().as_table() else {
            return self.wrong(key, value, "a table of strings").unwrap_or_default();
        };
        let mut options = Vec::new();
        self.flatten(key, "", table, &mut options);
        options
    }

    fn flatten(&mut self, key: &str, above: &str, table: &'a DeTable<'a>, options: &mut Vec<(At<String>, String)>) {
        for (name, value) in table {
            let full = format!("{above}{}", name.get_ref());
            let text = match value.get_ref() {
                DeValue::String(text) => text.to_string(),
                DeValue::Boolean(choice) => choice.to_string(),
                DeValue::Integer(number) => number.to_string(),
                DeValue::Table(below) => {
                    self.flatten(key, &format!("{full}."), below, options);
                    continue;
                }
                _ => {
                    self.wrong::<()>(&format!("{key}.{full}"), value, "a string, a number, true or false");
                    continue;
                }
            };
            let value = full;
            options.push((
                At {
                    value,
                    span: name.span(),
                },
                text,
            ));
        }
    }

    /// A required secret. A literal is refused and never repeated.
    pub fn secret(&mut self, key: &str, variable: &str) -> Option<At<SecretSource>> {
        let Some(value) = self.value(key) else {
            self.missing(key, &format!("{{ env = \"{variable}\" }}"));
            return None;
        };
        self.secret_value(key, value)
    }

    /// A secret, where there is one.
    pub fn optional_secret(&mut self, key: &str) -> Option<At<SecretSource>> {
        let value = self.value(key)?;
        self.secret_value(key, value)
    }

    fn secret_value(&mut self, key: &str, value: &'a Spanned<DeValue<'a>>) -> Option<At<SecretSource>> {
        match value.get_ref().as_table() {
            Some(table) => self.secret_table(key, value.span(), table),
            None => {
                self.problems.push(literal_secret(self.source, key, value.span()));
                None
            }
        }
    }

    /// Every key that is not in `known`, with its value as the file gives it.
    pub fn entries(&mut self, known: &[&str]) -> Vec<(At<String>, At<Entry>)> {
        let mut entries = Vec::new();
        for (name, value) in self.table {
            let key: &str = name.get_ref();
            if known.contains(&key) {
                continue;
            }
            let entry = match value.get_ref() {
                DeValue::String(text) => Some(At {
                    value: Entry::Text(text.to_string()),
                    span: value.span(),
                }),
                DeValue::Table(table) => self.secret_table(key, value.span(), table).map(|secret| At {
                    value: Entry::Secret(secret.value),
                    span: secret.span,
                }),
                _ => self.wrong(key, value, "a string, or { env = … } or { file = … } for a secret"),
            };
            if let Some(entry) = entry {
                entries.push((
                    At {
                        value: key.to_owned(),
                        span: name.span(),
                    },
                    entry,
                ));
            }
        }
        entries
    }

    fn secret_table(&mut self, key: &str, span: Range<usize>, table: &DeTable<'_>) -> Option<At<SecretSource>> {
        match SecretSource::from_table(table) {
            Ok(value) => Some(At { value, span }),
            Err(what) => {
                let problem = self.source.problem(span, format!("`{}` {what}", key.escape_debug()));
                self.problems.push(problem.hint(secret_hint(key)));
                None
            }
        }
    }

    /// Reports a key that is not there.
    pub fn missing(&mut self, key: &str, example: &str) {
        let problem = self
            .source
            .problem(self.span.clone(), format!("`{key}` is missing from {}", self.title));
        self.problems.push(problem.hint(format!("add: {key} = {example}")));
    }

    /// The value itself is not repeated: it may be a secret that went astray.
    fn wrong<T>(&mut self, key: &str, value: &Spanned<DeValue<'_>>, expected: &str) -> Option<T> {
        let found = value.get_ref().type_str();
        let message = format!(
            "`{}` must be {expected}, this is a value of type {found}",
            key.escape_debug()
        );
        self.problems.push(self.source.problem(value.span(), message));
        None
    }
}

/// Refuses a secret that stands in the file itself.
pub fn literal_secret(source: &Source, key: &str, span: Range<usize>) -> Problem {
    source
        .problem(span, format!("`{key}` is a secret and must not stand in the file"))
        .hint(secret_hint(key))
}

fn secret_hint(key: &str) -> String {
    let variable: String = key
        .chars()
        .map(|letter| {
            if letter == '-' {
                '_'
            } else {
                letter.to_ascii_uppercase()
            }
        })
        .collect();
    format!("write {key} = {{ env = \"{variable}\" }} or {key} = {{ file = \"path/to/{key}\" }}")
}
