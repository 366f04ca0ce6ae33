//! Gherkin in steps: a feature, a scenario or just its steps, in any of Gherkin's languages.
//!
//! Xray has one language for all scenarios, set by its administrator, and adds it to exported features.

mod languages;
mod reader;

use languages::{Language, all, keyword, named};
use reader::Reader;

/// A text in Gherkin.
#[derive(Debug)]
pub struct Feature {
    language: &'static Language,
    /// A line says `Feature:`, so there may be more to it than scenarios.
    pub is_whole: bool,
    /// Tags of the feature and of its first scenario, without `@`.
    pub tags: Vec<String>,
    /// Steps before those of each scenario, a line each; may be empty.
    pub background: String,
    /// The first scenario without its heading.
    pub scenario: String,
    /// How many scenarios there are.
    pub scenarios: usize,
}

impl Feature {
    /// What stands above the rows of examples.
    pub fn examples(&self) -> &'static str {
        self.language.examples.first().map_or("Examples", String::as_str)
    }
}

/// The feature that a text is. Without any heading it is one where it begins with Given or When, has a Then, and is
/// nothing but steps with their tables and doc strings: prose that happens to begin a sentence with one of the words does
/// not get so far.
pub fn read(text: &str) -> Option<Feature> {
    let code = text.lines().map(str::trim).find_map(language_code);
    match code.and_then(named) {
        Some(language) => Reader::new(language).read(text),
        None => all().find_map(|language| Reader::new(language).read(text)),
    }
}

/// `de` in a line that says `# language: de`.
fn language_code(line: &str) -> Option<&str> {
    let comment = line.strip_prefix('#')?.trim_start();
    Some(comment.strip_prefix("language")?.trim_start().strip_prefix(':')?.trim())
}

/// True where a scenario has examples.
pub fn is_outline(scenario: &str) -> bool {
    let mut lines = scenario.lines().map(str::trim);
    lines.any(|line| all().any(|language| heading(line, &[&language.examples]).is_some()))
}

/// The keyword of a heading such as `Scenario: Pays`, and what follows the colon.
fn heading<'l>(line: &'l str, words: &[&'static [String]]) -> Option<(&'static str, &'l str)> {
    let (before, rest) = line.split_once([':', '：'])?;
    match keyword(before.trim_end(), words) {
        Some((word, "")) => Some((word, rest.trim())),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
