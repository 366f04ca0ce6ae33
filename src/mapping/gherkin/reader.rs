//! Reads a text line by line, in one language, up to the first line that is no Gherkin.

use super::languages::{Language, keyword};
use super::{Feature, heading};

/// What lines belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Nothing has begun.
    Start,
    /// A heading came: lines that begin with no keyword describe it.
    Described,
    /// A step came.
    Steps,
}

/// Whose lines are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Feature,
    Background,
    Scenario,
}

/// What has been read so far.
pub struct Reader {
    language: &'static Language,
    place: Place,
    part: Part,
    is_whole: bool,
    /// No heading came, so that the steps themselves must look like a scenario.
    is_bare: bool,
    has_then: bool,
    /// What ends the doc string that is open.
    fence: Option<&'static str>,
    /// Tags that belong to the heading that comes next.
    pending: Vec<String>,
    tags: Vec<String>,
    background: Vec<String>,
    scenarios: Vec<Vec<String>>,
}

impl Reader {
    pub fn new(language: &'static Language) -> Reader {
        Reader {
            language,
            place: Place::Start,
            part: Part::Feature,
            is_whole: false,
            is_bare: true,
            has_then: false,
            fence: None,
            pending: Vec::new(),
            tags: Vec::new(),
            background: Vec::new(),
            scenarios: Vec::new(),
        }
    }

    pub fn read(mut self, text: &str) -> Option<Feature> {
        for line in text.trim().lines() {
            self.line(line.trim_end())?;
        }
        let complete = self.fence.is_none() && (!self.is_bare || self.has_then);
        let written = self.scenarios.iter().filter(|lines| !lines.is_empty()).count();
        let scenario = self.scenarios.iter().find(|lines| !lines.is_empty())?;
        complete.then(|| Feature {
            language: self.language,
            is_whole: self.is_whole,
            background: joined(&self.background),
            scenario: joined(scenario),
            scenarios: written,
            tags: self.tags,
        })
    }

    /// Takes a line; nothing where it is no Gherkin here.
    fn line(&mut self, line: &str) -> Option<()> {
        let bare = line.trim_start();
        if let Some(fence) = self.fence {
            if bare.starts_with(fence) {
                self.fence = None;
            }
            self.keep(line.to_owned());
            return Some(());
        }
        if let Some(fence) = ["\"\"\"", "```"].into_iter().find(|fence| bare.starts_with(fence)) {
            self.fence = Some(fence);
            return self.belongs_to_step(line);
        }
        if bare.starts_with('@') && self.tags(bare) || self.heading(bare) || self.step(line, bare)? {
            return Some(());
        }
        match self.place {
            _ if bare.is_empty() || bare.starts_with('#') => {
                if self.place == Place::Steps {
                    self.keep(line.to_owned());
                }
                Some(())
            }
            _ if bare.starts_with('|') => self.belongs_to_step(line),
            Place::Described => Some(()),
            Place::Start | Place::Steps => None,
        }
    }

    /// Tags wait for their heading.
    fn tags(&mut self, line: &str) -> bool {
        let words: Vec<&str> = line
            .split_whitespace()
            .take_while(|word| !word.starts_with('#'))
            .collect();
        let tags = words.iter().flat_map(|word| word.split('@').skip(1));
        let are_tags = words.iter().all(|word| word.starts_with('@') && word.len() > 1);
        if are_tags {
            self.pending
                .extend(tags.filter(|tag| !tag.is_empty()).map(str::to_owned));
        }
        are_tags
    }

    fn heading(&mut self, line: &str) -> bool {
        let language = self.language;
        let is = |words: &'static [String]| heading(line, &[words]);
        if let Some((word, name)) = is(&language.examples)
            && self.part == Part::Scenario
            && self.place == Place::Steps
        {
            let tags = std::mem::take(&mut self.pending);
            if !tags.is_empty() {
                self.keep(format!("  @{}", tags.join(" @")));
            }
            self.keep(format!("  {word}: {name}").trim_end().to_owned());
            return true;
        }
        if is(&language.feature).is_some() && self.place == Place::Start && !self.is_whole {
            self.is_whole = true;
            self.tags.append(&mut self.pending);
        } else if is(&language.background).is_some() {
            self.part = Part::Background;
        } else if is(&language.rule).is_some() && self.is_whole {
            self.part = Part::Feature;
            self.pending.clear();
        } else if heading(line, &[&language.scenario, &language.scenario_outline]).is_some() {
            if self.scenarios.is_empty() {
                self.tags.append(&mut self.pending);
            }
            self.pending.clear();
            self.part = Part::Scenario;
            self.scenarios.push(Vec::new());
        } else {
            return false;
        }
        self.is_bare = false;
        self.place = Place::Described;
        true
    }

    /// Takes a step, its keyword spelt as Cucumber knows it.
    fn step(&mut self, line: &str, bare: &str) -> Option<bool> {
        let language = self.language;
        let words: [&'static [String]; 5] = [
            &language.given,
            &language.when,
            &language.then,
            &language.and,
            &language.but,
        ];
        let Some((word, rest)) = keyword(bare, &words) else {
            return Some(false);
        };
        if self.part == Part::Feature {
            let opens = keyword(bare, &[&language.given, &language.when])
                .is_some_and(|(opening, _)| opening == word && word != "* ");
            // Under the heading of a feature or rule, or without any, no other step can begin.
            if !opens || self.place == Place::Described {
                return if self.place == Place::Described {
                    Some(false)
                } else {
                    None
                };
            }
            self.part = Part::Scenario;
            self.scenarios.push(Vec::new());
        }
        let is_then = keyword(bare, &[&language.then]).is_some_and(|(then, _)| then == word && word != "* ");
        self.has_then |= is_then;
        self.place = Place::Steps;
        let indent = line.get(..line.len() - bare.len()).unwrap_or_default();
        self.keep(format!("{indent}{word}{rest}"));
        Some(true)
    }

    /// A line of a table or of a doc string, which only a step can have.
    fn belongs_to_step(&mut self, line: &str) -> Option<()> {
        (self.place == Place::Steps).then(|| self.keep(line.to_owned()))
    }

    fn keep(&mut self, line: String) {
        match (self.part, self.scenarios.last_mut()) {
            (Part::Background, _) => self.background.push(line),
            (Part::Scenario, Some(scenario)) => scenario.push(line),
            _ => {}
        }
    }
}

/// Lines without the indentation of the first one, and without empty lines around them.
fn joined(lines: &[String]) -> String {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let first = lines.first().map_or(0, |line| indent(line));
    let line = |line: &String| line.get(first.min(indent(line))..).unwrap_or_default().to_owned();
    let lines: Vec<String> = lines.iter().map(line).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}
