//! Gherkin's keywords in all its languages.
//!
//! `languages.json` has what Cucumber's own list says (`gherkin-languages.json` of cucumber/gherkin, version 42, MIT): a
//! line per language, without the languages' names. A keyword of a step ends in a space where the language writes one.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Keywords of one language, as Cucumber spells them.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Language {
    pub feature: Vec<String>,
    pub background: Vec<String>,
    pub rule: Vec<String>,
    pub scenario: Vec<String>,
    pub scenario_outline: Vec<String>,
    pub examples: Vec<String>,
    pub given: Vec<String>,
    pub when: Vec<String>,
    pub then: Vec<String>,
    pub and: Vec<String>,
    pub but: Vec<String>,
}

static LANGUAGES: LazyLock<BTreeMap<String, Language>> =
    LazyLock::new(|| serde_json::from_str(include_str!("languages.json")).unwrap_or_default());

/// All languages; English, which most texts are in, comes first.
pub fn all() -> impl Iterator<Item = &'static Language> {
    let others = LANGUAGES.iter().filter(|(code, _)| *code != "en");
    named("en").into_iter().chain(others.map(|(_, language)| language))
}

/// The language of a code such as `de` or `zh-CN`.
pub fn named(code: &str) -> Option<&'static Language> {
    LANGUAGES.get(code)
}

/// What follows the longest of these keywords at the start of a line, and the keyword as Cucumber spells it. Capitals and
/// small letters are the same, and any white space is a space.
pub fn keyword<'l>(line: &'l str, words: &[&'static [String]]) -> Option<(&'static str, &'l str)> {
    let words = words.iter().copied().flatten();
    let found = words.filter_map(|word| Some((word.as_str(), after(line, word)?)));
    found.max_by_key(|(word, _)| word.len())
}

/// What follows a keyword at the start of a line.
fn after<'l>(line: &'l str, word: &str) -> Option<&'l str> {
    let mut rest = line.chars();
    for expected in word.chars() {
        let found = rest.next()?;
        let same = found == expected
            || expected == ' ' && found.is_whitespace()
            || found.to_lowercase().eq(expected.to_lowercase());
        if !same {
            return None;
        }
    }
    Some(rest.as_str())
}

#[cfg(test)]
mod tests {
    use super::{all, keyword, named};

    #[test]
    fn every_language_has_all_kinds_of_keywords() {
        assert_eq!(all().count(), 80);
        for language in all() {
            for words in [
                &language.feature,
                &language.background,
                &language.rule,
                &language.scenario,
                &language.scenario_outline,
                &language.examples,
                &language.given,
                &language.when,
                &language.then,
                &language.and,
                &language.but,
            ] {
                assert!(
                    words.iter().all(|word| !word.is_empty()) && !words.is_empty(),
                    "{language:?}"
                );
            }
        }
    }

    #[test]
    fn the_longest_keyword_counts_whatever_its_letters() {
        let french = named("fr").unwrap();
        assert_eq!(
            keyword("ÉTANT DONNÉ QU'il pleut", &[&french.given]),
            Some(("Étant donné qu'", "il pleut"))
        );
        let chinese = named("zh-CN").unwrap();
        assert_eq!(keyword("当点击按钮", &[&chinese.when]), Some(("当", "点击按钮")));
        let english = named("en").unwrap();
        assert_eq!(keyword("given\ta page", &[&english.given]), Some(("Given ", "a page")));
        assert_eq!(keyword("Givenness", &[&english.given]), None);
    }
}
