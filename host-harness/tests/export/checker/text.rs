//! Texts, compared by what a person reads of them.

use serde_json::Value;

/// Letters and digits only, in lower case.
pub fn essence(text: &str) -> String {
    let kept = text.chars().filter(|c| c.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

/// A text without the characters that override the direction of writing: none of them leaves the export.
pub fn readable_order(text: &str) -> String {
    let overrides = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|c| !overrides(*c)).collect()
}

/// Words of a text, in lower case.
pub fn words(text: &str) -> Vec<String> {
    let words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// Markdown without the numbers of its lists: destinations number for themselves.
fn unnumbered(text: &str) -> String {
    let line = |line: &str| match line.trim_start().split_once(". ") {
        Some((number, rest)) if number.bytes().all(|b| b.is_ascii_digit()) => rest.to_owned(),
        _ => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// What a field of an issue says: wiki markup as it is, of an ADF document all its texts and addresses.
pub fn said(value: &Value) -> String {
    match value {
        Value::String(text) => decoded(text),
        Value::Array(items) => items.iter().map(said).collect::<Vec<_>>().join(" "),
        Value::Object(members) => {
            let members = members
                .iter()
                .filter(|(name, _)| !["type", "version"].contains(&name.as_str()));
            members.map(|(_, value)| said(value)).collect::<Vec<_>>().join(" ")
        }
        _ => String::new(),
    }
}

/// Wiki markup with its numeric entities as the characters they stand for.
pub fn decoded(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("&#") {
        out.push_str(before);
        let number = after
            .split_once(';')
            .and_then(|(number, rest)| Some((number.parse().ok()?, rest)));
        match number.and_then(|(number, rest)| Some((char::from_u32(number)?, rest))) {
            Some((character, after)) => {
                out.push(character);
                rest = after;
            }
            None => {
                out.push_str("&#");
                rest = after;
            }
        }
    }
    out + rest
}

/// Words of a source text that a destination's text lacks.
pub fn missing(source: &str, destination: &str) -> Vec<String> {
    let there = words(destination);
    let mut lacking: Vec<String> = words(&unnumbered(source))
        .into_iter()
        .filter(|word| !there.contains(word))
        .collect();
    lacking.sort();
    lacking.dedup();
    lacking
}

/// Markup of the generated texts that is not meant to be read: HTML elements and entities.
pub fn readable(source: &str) -> String {
    let source = source.replace("&amp;", "&").replace("&lt;", " ").replace("&gt;", " ");
    let mut text = String::new();
    let mut inside = false;
    for c in source.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                text.push(' ');
            }
            c if !inside => text.push(c),
            _ => {}
        }
    }
    text
}
