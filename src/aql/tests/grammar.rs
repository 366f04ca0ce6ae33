use crate::aql::{Code, Diagnostic, MAX_BYTES, MAX_DEPTH, parse};

fn normal(text: &str) -> String {
    parse(text)
        .unwrap_or_else(|error| panic!("{error:?} in {text}"))
        .to_string()
}

fn error(text: &str) -> Diagnostic {
    parse(text).expect_err(text)
}

/// Code, what stands at the place, and a phrase of the hint.
#[track_caller]
fn assert_error(text: &str, code: Code, at: &str, hint: &str) {
    let error = error(text);
    assert_eq!(error.code, Some(code), "{error:?} in {text}");
    assert_eq!(&text[error.at.start..error.at.end], at, "{error:?}");
    assert!(error.hint.as_deref().unwrap_or_default().contains(hint), "{error:?}");
}

#[test]
fn the_documentations_examples_parse() {
    for text in [
        "automation = false and status = \"Active\" and cf[\"Suite\"] = \"Smoke\"",
        "not tag in [\"draft\"] and lastModifiedDate >= 1735689600000",
        "closed = true and ev[\"Branch\"] = \"main\"",
        "(createdBy = \"a\" or createdBy = \"b\") and muted = false",
        "launch = 77 and hidden = false",
        "role[\"Owner\"] is null",
        "status in [-1, -2]",
        "cf[12] ~= \"x\"",
        "createdDate > weekAgo()",
        "x in []",
    ] {
        assert_eq!(normal(text), text);
    }
}

#[test]
fn nothing_selects_everything() {
    assert!(parse("").unwrap().selects_everything());
    assert!(parse(" \t\r\n\x0c").unwrap().selects_everything());
    assert!(parse("TRUE").unwrap().selects_everything());
    assert!(!parse("false").unwrap().selects_everything());
}

#[test]
fn keywords_have_any_case_and_synonyms_one_meaning() {
    assert_eq!(
        normal("Tag IS Empty OR NOT tag iN [NULL] aNd TRUE"),
        "Tag is null or not tag in [null] and true"
    );
    assert_eq!(normal("name is \"a\""), "name = \"a\"");
    assert_eq!(normal("layer!=empty"), "layer != null");
}

#[test]
fn and_binds_stronger_than_or_and_not_strongest() {
    assert_eq!(normal("a = 1 or (b = 2 and c = 3)"), "a = 1 or b = 2 and c = 3");
    assert_eq!(normal("(a = 1 or b = 2) and c = 3"), "(a = 1 or b = 2) and c = 3");
    assert_eq!(
        normal("not (a = 1) and not not (b = 2 or true)"),
        "not a = 1 and not not (b = 2 or true)"
    );
}

#[test]
fn escapes_are_undone_once_and_written_back_where_needed() {
    assert_eq!(
        normal(r#"a = "\n\t\r\\\"\q\u0041\uD83D\uDE00""#),
        "a = \"\n\t\r\\\\\\\"qA😀\""
    );
    assert_eq!(normal("a = \"две\nстроки\""), "a = \"две\nстроки\"");
}

#[test]
fn numbers_keep_their_spelling() {
    assert_eq!(normal("a in [-1,007,1.,0.50]"), "a in [-1, 007, 1., 0.50]");
    assert_error("a = +1", Code::UnexpectedCharacter, "+", "");
    assert_error("a = .5", Code::UnexpectedCharacter, ".", "0.5");
    assert_error("a = 1e5", Code::InvalidIdentifier, "e5", "");
    assert_error("a = - 1", Code::UnexpectedCharacter, "-", "");
}

#[test]
fn a_function_is_a_name_with_its_parentheses_at_once() {
    assert_eq!(normal("a>now()"), "a > now()");
    assert_error("a > now ()", Code::ExpectedValue, "now", "");
    assert_error("a > now(1)", Code::ExpectedValue, "now", "");
    assert_error("now() > a", Code::ExpectedToken, "now()", "");
}

#[test]
fn characters_without_meaning_are_named() {
    assert_error("tag = 'a'", Code::UnexpectedCharacter, "'", "double quotes");
    assert_error("tag = “a”", Code::UnexpectedCharacter, "“", "double quotes");
    assert_error("tag\u{a0}= \"a\"", Code::UnexpectedCharacter, "\u{a0}", "special space");
    assert_error("a = 1 && b = 2", Code::UnexpectedCharacter, "&", "and, or");
    assert_error("a ! b", Code::UnexpectedCharacter, "!", "operators");
    assert_error("тег = \"a\"", Code::InvalidIdentifier, "тег", "Latin letters");
    assert_error("cf1 = 2", Code::InvalidIdentifier, "cf1", "Latin letters");
}

#[test]
fn broken_texts_are_pointed_at() {
    assert_error("a = \"b", Code::UnterminatedString, "\"", "Close it");
    assert_error("a = \"b\\", Code::UnterminatedString, "\"", "Close it");
    assert_error("a = \"b\\\"", Code::UnterminatedString, "\"", "\\\"");
    assert_error(r#"a = "b\u12x4""#, Code::InvalidUnicodeEscape, "\\u", "written twice");
    assert_error(
        r#"a = "b\uD83Dx""#,
        Code::InvalidUnicodeEscape,
        "\\uD83D",
        "the character itself",
    );
    assert_error(
        r#"a = "b\uDE00""#,
        Code::InvalidUnicodeEscape,
        "\\uDE00",
        "the character itself",
    );
    assert_error(r#"a = "C:\users""#, Code::InvalidUnicodeEscape, "\\u", "written twice");
}

#[test]
fn what_other_languages_allow_is_translated() {
    assert_error("tag not in [\"a\"]", Code::ExpectedOperation, "not", "not tag in");
    assert_error("layer is not null", Code::ExpectedValue, "not", "layer != null");
    assert_error("name like \"a\"", Code::ExpectedOperation, "like", "~=");
    assert_error("a == 1", Code::ExpectedValue, "=", "One =");
    assert_error("a <> 1", Code::ExpectedValue, ">", "!=");
    assert_error("tag = smoke", Code::ExpectedValue, "smoke", "\"smoke\"");
    assert_error("tag = [\"a\"]", Code::ExpectedValue, "[", "tag in");
    assert_error("tag in (\"a\")", Code::ExpectedToken, "(", "square brackets");
    assert_error("tag in [\"a\",]", Code::ExpectedValue, "]", "comma");
    assert_error("\"tag\" = \"a\"", Code::ExpectedToken, "\"tag\"", "without quotes");
    assert_error("a = 1, b = 2", Code::ExpectedToken, ",", "and, or");
}

#[test]
fn what_is_missing_is_pointed_at_behind_the_last_token() {
    assert_error("tag =  \n", Code::ExpectedValue, "", "Values are");
    assert_eq!(error("tag =  \n").at.start, 5);
    assert_error("tag", Code::ExpectedOperation, "", "operators");
    assert_error("a = 1 and ", Code::ExpectedToken, "", "missing");
    assert_error("cf[", Code::ExpectedAccessor, "", "cf[\"…\"]");
    assert_error("cf[\"a\" = 1", Code::ExpectedToken, "=", "");
    assert_error("()", Code::ExpectedToken, ")", "at least one");
    assert_error("(a = 1", Code::ExpectedToken, "", "closed");
    assert_error("a = 1)", Code::ExpectedToken, ")", "never opened");
    assert_error("a in [1", Code::ExpectedToken, "", "closed");
    assert_error("a in [1 2]", Code::ExpectedToken, "2", "commas");
    assert!(error("true and\n  (a = 1").message.contains("line 2, column 3"));
}

#[test]
fn errors_say_line_and_column_and_show_the_place() {
    let text = "tag = \"a\"\n\tand layer = UI";
    let error = error(text);
    let position = error.position(text);
    assert_eq!((position.line, position.column), (2, 14));
    assert_eq!(error.excerpt(text), "    and layer = UI\n                ^");
}

#[test]
fn nesting_is_limited_and_length_is_not_depth() {
    let deep = |depth: usize| format!("{}true{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&deep(MAX_DEPTH)).is_ok());
    assert_eq!(error(&deep(MAX_DEPTH + 1)).code, Some(Code::InvalidInput));
    assert_eq!(error(&"(".repeat(MAX_BYTES)).code, Some(Code::InvalidInput));
    assert_eq!(error(&"not ".repeat(MAX_BYTES / 4)).code, Some(Code::InvalidInput));
    assert!(parse(&format!("{}true", "true and ".repeat(7_000))).is_ok());
    assert!(parse(&format!("{}true", "(true) or not false and ".repeat(2_000))).is_ok());
}

#[test]
fn a_query_that_is_too_long_is_not_read() {
    let text = "я".repeat(MAX_BYTES);
    let error = error(&text);
    assert_eq!(error.code, Some(Code::InvalidInput));
    assert_eq!(error.at.start, MAX_BYTES);
    assert!(parse(&format!("a = \"{}\"", "b".repeat(MAX_BYTES - 6))).is_ok());
}
