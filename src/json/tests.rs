//! What is read, what is skipped, and what is refused in which words.

use super::{Skipped, json, read};
use proptest::prelude::*;
use serde_json::Value;

#[derive(Debug, Default, PartialEq)]
struct Row {
    id: u64,
    full_name: Option<String>,
    tags: Vec<String>,
    rest: Option<Vec<Skipped>>,
    pair: (String, String),
}
super::members!(Row { id, full_name: "fullName" | "full", tags, rest, pair } needs id);

fn row(text: &str) -> Result<Row, String> {
    read(text.as_bytes()).map_err(|error| error.to_string())
}

#[test]
fn members_are_read_by_their_names_and_others_are_skipped() {
    let text = r#"{"x":[{"id":9}],"id":7,"full":"a.b","tags":["x","y"],"rest":[1,{"a":[]},null],"pair":["1","2","3"]}"#;
    let expected = Row {
        id: 7,
        full_name: Some("a.b".to_owned()),
        tags: vec!["x".to_owned(), "y".to_owned()],
        rest: Some(vec![Skipped; 3]),
        pair: ("1".to_owned(), "2".to_owned()),
    };
    assert_eq!(row(text), Ok(expected));
}

#[test]
fn absent_and_null_are_the_same() {
    let expected = Row {
        id: 7,
        ..Row::default()
    };
    assert_eq!(row(r#"{"id":7,"fullName":null,"rest":null}"#), Ok(expected));
}

#[test]
fn a_refusal_says_what_is_wrong_and_where() {
    for (text, words) in [
        ("{}", "missing field `id` at line 1 column 2"),
        (r#"{"id":"7"}"#, r#"invalid type: string "7", expected a number"#),
        (r#"{"id":-1}"#, "invalid type: integer `-1`, expected a number"),
        (r#"{"id":7,"tags":{}}"#, "invalid type: map, expected a list"),
        (r#"{"id":7,"tags":[null]}"#, "invalid type: null, expected a text"),
        ("[]", "invalid type: sequence, expected an object"),
        (r#"{"id":7"#, "EOF while parsing an object"),
        (r#"{"id":7} x"#, "trailing characters"),
    ] {
        let refused = row(text).unwrap_err();
        assert!(refused.contains(words), "{text}: {refused}");
    }
}

#[test]
fn json_is_written_as_serde_json_writes_it() {
    let (key, name, list, none) = ("a", String::from("b"), vec![1_u64, 2], None::<&str>);
    let inner = json!({});
    let ours = json!({"s": name, key: [list, true, {"x": none}], "inner": inner, "e": [], "m": {"k": list.len() + 1},});
    let theirs = serde_json::json!({"s": "b", "a": [[1, 2], true, {"x": null}], "inner": {}, "e": [], "m": {"k": 3}});
    assert_eq!(ours, theirs);
    assert_eq!(json!(name.to_uppercase()), Value::from("B"));
}

#[test]
fn nesting_without_end_is_refused() {
    let text = "[".repeat(100_000);
    assert!(read::<Value>(text.as_bytes()).is_err());
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e15..1e15).prop_map(|number: f64| Value::from(number)),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(".*", inner, 0..6).prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_read_as_its_parser_reads_it(value in anything()) {
        let text = value.to_string();
        prop_assert_eq!(read::<Value>(text.as_bytes()).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
    }

    #[test]
    fn no_text_makes_it_fall_over(text in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = read::<Row>(&text);
    }
}
