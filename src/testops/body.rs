//! Cleans the texts of an answer before anything reads it, so that no field of no entity can be forgotten.
//!
//! It goes from string to string and holds one of them at a time: an answer may be as large as the memory of a plugin
//! allows, and nested as deep as it likes.

use crate::text;
use std::borrow::Cow;

/// How deep an answer may be nested. A reader of JSON gives up at 128, and nothing that people write needs as many.
const DEPTH: usize = 100;
const CHARACTERS: &str = "control characters or terminal sequences were removed from its texts";
const NESTING: &str = "parts that are nested more than 100 levels deep are left out";

/// A JSON text that can be read, and what was taken away, for people.
#[derive(Debug, PartialEq, Eq)]
pub struct Cleaned {
    pub body: Vec<u8>,
    pub losses: Vec<&'static str>,
}

/// A JSON text whose strings are as [`text::clean`] leaves them, with null in the place of what is nested too deep. Halves of
/// surrogate pairs, which JSON can escape and no text can hold, become U+FFFD. What is no JSON comes back as it is.
pub fn clean(body: Vec<u8>) -> Cleaned {
    let mut cleaned = Cleaned {
        body,
        losses: Vec::new(),
    };
    if let Some(flat) = flattened(&cleaned.body) {
        cleaned.body = flat;
        cleaned.losses.push(NESTING);
    }
    if is_suspicious(&cleaned.body)
        && let Some((body, removed)) = with_clean_strings(&cleaned.body)
    {
        cleaned.body = body;
        cleaned.losses.extend(removed.then_some(CHARACTERS));
    }
    cleaned
}

/// The text without what is nested too deep, if there is any.
fn flattened(body: &[u8]) -> Option<Vec<u8>> {
    let mut out: Option<Vec<u8>> = None;
    let (mut depth, mut at, mut kept) = (0_usize, 0, 0);
    while let Some(byte) = body.get(at) {
        match byte {
            b'"' => {
                at += length(body.get(at..)?).min(body.len() - at);
                continue;
            }
            b'[' | b'{' => {
                depth += 1;
                if depth == DEPTH + 1 {
                    let out = out.get_or_insert_default();
                    out.extend_from_slice(body.get(kept..at)?);
                    out.extend_from_slice(b"null");
                }
            }
            b']' | b'}' => {
                if depth == DEPTH + 1 {
                    kept = at + 1;
                }
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        at += 1;
    }
    let mut out = out?;
    out.extend_from_slice(body.get(kept..)?);
    (depth == 0).then_some(out)
}

/// The text with its strings cleaned, and whether anything was removed from one. Nothing where a string does not end.
fn with_clean_strings(body: &[u8]) -> Option<(Vec<u8>, bool)> {
    let mut out = Vec::with_capacity(body.len());
    let (mut removed, mut rest) = (false, body);
    while let Some(at) = rest.iter().position(|byte| *byte == b'"') {
        let (before, string_on) = rest.split_at(at);
        let (string, after) = string_on.split_at_checked(length(string_on))?;
        out.extend_from_slice(before);
        match clean_string(string, &mut removed) {
            Some(cleaned) => out.extend_from_slice(&cleaned),
            None => out.extend_from_slice(string),
        }
        rest = after;
    }
    out.extend_from_slice(rest);
    Some((out, removed))
}

/// How long the string at the start of a JSON text is, with its quotes; more than there is where it does not end.
fn length(text: &[u8]) -> usize {
    let mut at = 1;
    loop {
        match text.get(at) {
            Some(b'"') => return at + 1,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
            None => return usize::MAX,
        }
    }
}

/// The string, where it must change.
fn clean_string(string: &[u8], removed: &mut bool) -> Option<Vec<u8>> {
    if !is_suspicious(string) {
        return None;
    }
    let mut whole = string.to_vec();
    let had_halves = join_surrogates(&mut whole);
    let text: String = serde_json::from_slice(&whole).ok()?;
    let cleaned = text::clean(&text);
    *removed |= cleaned.removed || had_halves;
    match cleaned.text {
        Cow::Borrowed(_) if !had_halves => None,
        text => serde_json::to_vec(&text).ok(),
    }
}

/// Whether a text may need cleaning: most do not, and are not read twice.
fn is_suspicious(body: &[u8]) -> bool {
    let escapes = |pair: &[u8]| matches!(pair, [b'\\', b'u' | b'r' | b'b' | b'f']);
    body.windows(2).any(escapes) || std::str::from_utf8(body).is_ok_and(has_raw)
}

/// Unwelcome characters that JSON lets stand unescaped. Line ends between members are white space of the JSON itself.
fn has_raw(body: &str) -> bool {
    body.lines().any(|line| !text::is_clean(line.trim_end_matches('\r')))
}

/// Replaces escapes of single surrogates; true where there was one.
fn join_surrogates(body: &mut [u8]) -> bool {
    let (mut at, mut found) = (0, false);
    while let Some(offset) = body
        .get(at..)
        .and_then(|rest| rest.iter().position(|byte| *byte == b'\\'))
    {
        at += offset;
        match (unit(body, at), unit(body, at + 6)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => at += 12,
            (Some(0xD800..=0xDFFF), _) => {
                if let Some(digits) = body.get_mut(at + 2..at + 6) {
                    digits.copy_from_slice(b"fffd");
                }
                found = true;
                at += 6;
            }
            _ => at += 2,
        }
    }
    found
}

/// The UTF-16 unit that is escaped here.
fn unit(body: &[u8], at: usize) -> Option<u32> {
    let digits = body.get(at..at + 6)?.strip_prefix(b"\\u")?;
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::{CHARACTERS, NESTING, clean};
    use crate::text::is_clean;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn cleaned(body: &str) -> (String, Vec<&'static str>) {
        let cleaned = clean(body.as_bytes().to_vec());
        (String::from_utf8(cleaned.body).unwrap(), cleaned.losses)
    }

    #[test]
    fn a_clean_answer_is_not_touched() {
        for body in [
            "{ \"name\" : \"Größe \\\" \\n \\t ok\" }\r\n",
            "not json \\u001b",
            "{\"path\":\"C:\\\\users\"}",
            "{\"emoji\":\"\\ud83d\\ude00\"}",
            "[\"no end \\u0000",
        ] {
            assert_eq!(cleaned(body), (body.to_owned(), vec![]));
        }
    }

    #[test]
    fn strings_are_cleaned_wherever_they_stand() {
        let body = r#"{"name":"\u001b[31mboom\u001b[39m","steps":[{"body":"a\u0000b"},["\ufffe"]],"n":1.5}"#;
        let expected = r#"{"name":"boom","steps":[{"body":"ab"},[""]],"n":1.5}"#;
        assert_eq!(cleaned(body), (expected.to_owned(), vec![CHARACTERS]));
        assert_eq!(cleaned("[\"a\u{7f}b\"]"), ("[\"ab\"]".to_owned(), vec![CHARACTERS]));
        assert_eq!(cleaned(r#"["a\r\nb"]"#), (r#"["a\nb"]"#.to_owned(), vec![]));
    }

    #[test]
    fn what_is_nested_too_deep_is_left_out_and_the_rest_can_be_read() {
        let deep = |levels: usize| format!("{}\"]a\"{}", "[{\"a\":".repeat(levels), "}]".repeat(levels));
        assert_eq!(cleaned(&deep(50)), (deep(50), vec![]));
        for levels in [51, 200, 100_000] {
            let body = format!("{{\"a\":{},\"b\":[{}],\"c\":\"end\"}}", deep(levels), deep(levels));
            let (body, losses) = cleaned(&body);
            let read: Value = serde_json::from_str(&body).unwrap();
            assert_eq!((&read["c"], losses), (&json!("end"), vec![NESTING]));
        }
    }

    #[test]
    fn half_a_surrogate_pair_does_not_make_an_answer_unreadable() {
        for (body, expected) in [
            (r#"["Odd \ud83d members"]"#, "Odd \u{fffd} members"),
            (r#"["\ude00\ud83d\ude00\ud83d"]"#, "\u{fffd}😀\u{fffd}"),
            (r#"["\ud83d\ud83d\ude00"]"#, "\u{fffd}😀"),
        ] {
            let (body, losses) = cleaned(body);
            assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), json!([expected]));
            assert_eq!(losses, [CHARACTERS]);
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let text = prop::collection::vec(prop_oneof![any::<char>(), Just('\u{1b}'), Just('['), Just('\r')], 0..8)
            .prop_map(|chars| Value::from(String::from_iter(chars)));
        text.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(inner, 0..4).prop_map(|values| json!({"a": values, "b": true})),
            ]
        })
    }

    fn strings(value: &Value) -> Vec<&str> {
        match value {
            Value::String(text) => vec![text],
            Value::Array(values) => values.iter().flat_map(strings).collect(),
            Value::Object(members) => members.values().flat_map(strings).collect(),
            _ => Vec::new(),
        }
    }

    proptest! {
        #[test]
        fn no_string_of_any_answer_holds_what_no_field_takes(value in any_json()) {
            let body = clean(serde_json::to_vec(&value).unwrap()).body;
            let value: Value = serde_json::from_slice(&body).unwrap();
            for text in strings(&value) {
                prop_assert!(is_clean(text), "{:?}", text);
            }
        }
    }
}
