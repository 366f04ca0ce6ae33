use proptest::prelude::*;

use super::queries::{Scribe, placeless, query};
use crate::aql::{Diagnostic, Entity, check, parse, review};

const FRAGMENTS: [&str; 40] = [
    "and",
    "OR",
    "not",
    "in",
    "is",
    "null",
    "empty",
    "true",
    "FALSE",
    "tag",
    "cf",
    "id",
    "createdDate",
    "launch",
    "\"a\"",
    "\"",
    "\\",
    "\"\\u12",
    "\"\\ud800\"",
    "1",
    "-1",
    "-",
    "1.5",
    ".",
    "now()",
    "()",
    "(",
    ")",
    "[",
    "]",
    ",",
    "=",
    "!=",
    "!",
    "~=",
    "~",
    ">=",
    "<",
    "\u{a0}",
    "я",
];

fn soup() -> impl Strategy<Value = String> {
    let fragment = prop::sample::select(FRAGMENTS.to_vec());
    let blank = prop::sample::select(vec!["", " ", "\n", "\t"]);
    prop::collection::vec((fragment, blank), 0..30).prop_map(|parts| {
        parts
            .into_iter()
            .map(|(fragment, blank)| format!("{fragment}{blank}"))
            .collect()
    })
}

fn assert_lies_inside(remark: &Diagnostic, text: &str) {
    let span = remark.at;
    assert!(span.start <= span.end, "{remark:?}");
    assert!(
        text.get(span.start..span.end).is_some(),
        "{remark:?} lies outside of {text:?}"
    );
    let position = remark.position(text);
    let line = text.split('\n').nth(position.line as usize - 1).unwrap();
    assert!(
        position.column as usize <= line.chars().count() + 1,
        "{remark:?} in {text:?}"
    );
    assert_eq!(remark.excerpt(text).lines().last().unwrap().trim_start(), "^");
}

proptest! {
    #[test]
    fn a_printed_query_parses_to_itself(query in query()) {
        let text = query.to_string();
        prop_assert_eq!(placeless(parse(&text).unwrap()), query, "{}", text);
    }

    #[test]
    fn however_a_query_is_written_it_parses_to_itself(query in query(), choices in any::<Vec<u8>>()) {
        let choices = choices.into_iter().chain([1]).cycle();
        let text = Scribe { choices }.write(&query);
        match parse(&text) {
            Ok(parsed) => prop_assert_eq!(placeless(parsed), query, "{}", text),
            Err(error) => prop_assert!(false, "{:?} in {}", error, text),
        }
    }

    #[test]
    fn the_normal_form_is_its_own_normal_form(text in soup()) {
        if let Ok(query) = parse(&text) {
            let normal = query.to_string();
            prop_assert_eq!(parse(&normal).unwrap().to_string(), normal);
        }
    }

    #[test]
    fn any_text_is_answered_with_places_inside_it(text in any::<String>()) {
        for entity in [Entity::TestCase, Entity::Launch] {
            review(&text, entity).iter().for_each(|remark| assert_lies_inside(remark, &text));
        }
    }

    #[test]
    fn any_row_of_tokens_is_answered_with_places_inside_it(text in soup()) {
        for entity in [Entity::TestCase, Entity::Launch] {
            review(&text, entity).iter().for_each(|remark| assert_lies_inside(remark, &text));
        }
    }

    #[test]
    fn a_query_cut_short_is_answered_with_places_inside_it(query in query(), cut in 0usize..200) {
        let mut text = query.to_string();
        text.truncate(text.floor_char_boundary(cut));
        review(&text, Entity::TestCase).iter().for_each(|remark| assert_lies_inside(remark, &text));
    }

    #[test]
    fn remarks_come_in_the_order_of_the_text(query in query()) {
        let parsed = parse(&query.to_string()).unwrap();
        let remarks = check(&parsed, Entity::TestCase);
        prop_assert!(remarks.is_sorted_by_key(|remark| remark.at.start));
    }
}
