use super::*;

/// A row with a name, two tags, one custom field value and an empty layer.
struct Sample;

impl Row for Sample {
    fn any<'a>(&'a self, attribute: &Attribute, see: &mut dyn FnMut(Operand<'a>) -> bool) -> bool {
        match attribute.name {
            "id" => see(Operand::Number(7)),
            "name" => see(Operand::Text("Log In")),
            "automation" => see(Operand::Bool(false)),
            "status" => see(Operand::Named(Some(-1), "Draft")),
            "createdDate" => see(Operand::Number(999)),
            "tag" => see(Operand::Named(Some(1), "smoke")) || see(Operand::Named(Some(2), "Web")),
            "cf" if attribute.key.as_ref().is_some_and(|key| key.means(Some(-5), "Suite")) => {
                see(Operand::Named(Some(9), "Accounts"))
            }
            _ => false,
        }
    }
}

fn holds(text: &str) -> bool {
    let clock = Clock::manual(1_000);
    Query::read(text, Entity::Case, &clock, "ann")
        .unwrap_or_else(|refusal| panic!("{text}: {refusal:?}"))
        .matches(&Sample)
}

fn refusal(text: &str) -> String {
    let refusal = Query::read(text, Entity::Case, &Clock::manual(0), "ann").unwrap_err().0;
    refusal.split(':').next().unwrap_or_default().to_owned()
}

#[test]
fn conditions_hold_as_the_language_says() {
    for text in [
        "",
        "true",
        "not false",
        "not not true",
        "id = 7",
        "id >= 7 and id < 8.",
        "id in [1, 7]",
        "name = \"log in\"",
        "name ~= \"G I\"",
        "name IS \"LOG IN\"",
        "tag = \"SMOKE\"",
        "tag = 2",
        "tag in [\"x\", \"web\"]",
        "not tag in [\"x\"]",
        "status in [-1, -2]",
        "status=\"draft\"and automation=false",
        "layer is empty",
        "layer = null",
        "cf[\"suite\"] = \"accounts\"",
        "cf[-5] = 9",
        "cf[\"Other\"] is null",
        "createdDate < now()",
        "false or true and true",
        "(true or false) and not false",
        "name = \"log\\u0020in\"",
    ] {
        assert!(holds(text), "{text}");
    }
}

#[test]
fn an_empty_value_matches_nothing_but_null() {
    for text in [
        "layer != \"a\"",
        "layer = \"a\"",
        "layer in [null]",
        "layer in []",
        "cf[\"Other\"] != \"x\"",
        "layer != null",
    ] {
        assert!(!holds(text), "{text}");
    }
    assert!(holds("createdBy = unknown()") && !holds("createdBy != unknown()"));
}

#[test]
fn bad_queries_are_refused_with_a_code() {
    for (text, code) in [
        ("name = 'a'", "UNEXPECTED_CHARACTER"),
        ("name = \"a", "UNTERMINATED_STRING"),
        ("name = \"\\u12\"", "INVALID_UNICODE_ESCAPE"),
        ("name =", "EXPECTED_VALUE"),
        ("name", "EXPECTED_OPERATION"),
        ("and", "EXPECTED_ACCESSOR"),
        ("(true", "EXPECTED_TOKEN"),
        ("true true", "INVALID_SYNTAX"),
        ("Name = \"a\"", "FORBIDDEN_IDENTIFIER"),
        ("closed = true", "FORBIDDEN_IDENTIFIER"),
        ("cf = \"a\"", "FORBIDDEN_BRACKET_ACCESS"),
        ("tag[\"a\"] = \"b\"", "FORBIDDEN_BRACKET_ACCESS"),
        ("cf[\"a\"] ~= \"b\"", "FORBIDDEN_OPERATION"),
        ("name > \"a\"", "FORBIDDEN_OPERATION"),
        ("automation = \"a\"", "FORBIDDEN_VALUE_TYPE"),
        ("automation in [true]", "FORBIDDEN_ARRAY_OPERATION"),
        ("tag not in [\"a\"]", "EXPECTED_OPERATION"),
    ] {
        assert_eq!(refusal(text), code, "{text}");
    }
    assert_eq!(refusal(&"(".repeat(100_000)), "INVALID_INPUT");
}
