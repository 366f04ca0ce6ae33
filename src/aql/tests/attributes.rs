use crate::aql::{Code, Entity, review};

/// Code, place and a phrase of the message or hint of the only remark.
#[track_caller]
fn assert_remark(text: &str, entity: Entity, code: Option<Code>, at: &str, phrase: &str) {
    let remarks = review(text, entity);
    let [remark] = remarks.as_slice() else {
        panic!("{remarks:?} for {text}")
    };
    assert_eq!(remark.code, code, "{remark:?}");
    assert_eq!(&text[remark.at.start..remark.at.end], at, "{remark:?}");
    let said = format!("{} {}", remark.message, remark.hint.as_deref().unwrap_or_default());
    assert!(said.contains(phrase), "{said}");
}

#[track_caller]
fn assert_case_error(text: &str, code: Code, at: &str, phrase: &str) {
    assert_remark(text, Entity::TestCase, Some(code), at, phrase);
}

#[track_caller]
fn assert_case_doubt(text: &str, at: &str, phrase: &str) {
    assert_remark(text, Entity::TestCase, None, at, phrase);
}

#[test]
fn documented_queries_of_test_cases_raise_no_remark() {
    for text in [
        "",
        "true",
        "id in [1, 2] or id >= 7",
        "name ~= \"login\" and name != \"x\"",
        "tag in [\"smoke\", \"regress\"] and not tag in [\"draft\"]",
        "tag is null or issue = \"AS-2\" or member = \"ivan\"",
        "role[\"Owner\"] is null and cf[\"Suite\"] = \"Smoke\" and cf[\"Suite\"] in [1, \"b\"] and cfv = \"b\"",
        "layer = 7 and layer != null and status in [-1, -2] and workflow = \"Auto\" and testPlan = 3",
        "automation = false and muted is true and mutedDate != null",
        "createdDate >= 1735689600000 and lastModifiedDate > weekAgo() and lastModifiedBy = \"ivan\"",
    ] {
        assert_eq!(review(text, Entity::TestCase), [], "{text}");
    }
}

#[test]
fn documented_queries_of_launches_raise_no_remark() {
    for text in [
        "id > 5 and name ~= \"nightly\"",
        "closed = true and ev[\"Branch\"] = \"main\" and evv in [\"a\"] and job = \"build\"",
        "tag = \"release\" or not issue is empty",
        "createdBy in [\"a\", \"b\"] and createdDate <= now()",
    ] {
        assert_eq!(review(text, Entity::Launch), [], "{text}");
    }
}

#[test]
fn an_unknown_attribute_is_a_doubt_with_the_nearest_one() {
    assert_case_doubt("tags = \"a\"", "tags", "Did you mean tag?");
    assert_case_doubt("created_date > now()", "created_date", "Did you mean createdDate?");
    assert_case_doubt("Tag = \"a\"", "Tag", "Case matters: write tag.");
    assert_case_doubt("feature = \"a\"", "feature", "cf[\"Name of the field\"]");
    assert_case_doubt("zzzzzz = 1", "zzzzzz", "There are id, name, tag");
}

#[test]
fn deleted_test_cases_can_be_excluded_and_never_asked_for() {
    assert_eq!(review("deleted is false and muted = false", Entity::TestCase), []);
    assert_case_doubt("deleted = true", "true", "never exported");
}

#[test]
fn parts_of_an_attribute_are_an_error_that_shows_how_to_ask() {
    let code = Code::InvalidIdentifier;
    assert_case_error("tag.name = \"x\"", code, "tag.name", "as in tag = \"…\"");
    assert_case_error("cf.Suite = \"x\"", code, "cf.Suite", "cf[\"Name of the field\"]");
    assert_case_error("role.Owner = \"x\"", code, "role.Owner", "role[\"Owner\"]");
    assert_case_error("name.first = \"x\"", code, "name.first", "no parts");
}

#[test]
fn an_attribute_of_another_entity_is_a_doubt() {
    assert_case_doubt("closed = true", "closed", "documented for launches");
    assert_case_doubt("hidden = false", "hidden", "documented for test results");
    assert_remark(
        "automation = true",
        Entity::Launch,
        None,
        "automation",
        "documented for test cases",
    );
}

#[test]
fn brackets_stand_where_they_belong() {
    let code = Code::ForbiddenBracketAccess;
    assert_case_error("cf = \"a\"", code, "cf", "cfv");
    assert_case_error("role = \"a\"", code, "role", "member");
    assert_case_error("tag[\"a\"] = \"b\"", code, "tag", "takes no brackets");
    assert_remark("ev = \"a\"", Entity::Launch, Some(code), "ev", "evv");
}

#[test]
fn operators_that_the_documentation_rules_out_are_errors() {
    let code = Code::ForbiddenOperation;
    assert_case_error("id ~= 1", code, "~=", "= != > >= < <=");
    assert_case_error("name > \"a\"", code, ">", "= != ~=");
    assert_case_error("automation >= true", code, ">=", "= !=");
}

#[test]
fn operators_that_it_leaves_open_are_doubts() {
    assert_case_doubt("cf[\"Suite\"] ~= \"a\"", "~=", "not documented");
    assert_case_doubt("layer > 3", ">", "not documented");
}

#[test]
fn values_of_the_wrong_kind_are_errors() {
    let code = Code::ForbiddenValueType;
    assert_case_error("id = \"1\"", code, "\"1\"", "id = 42");
    assert_case_error("id in [1, \"2\"]", code, "\"2\"", "is a number");
    assert_case_error("automation = \"true\"", code, "\"true\"", "without quotes");
    assert_case_error("muted = 1", code, "1", "true or false");
    assert_case_error("createdDate > \"2025-01-01\"", code, "\"2025-01-01\"", "13 digits");
}

#[test]
fn values_that_hardly_mean_what_they_say_are_doubts() {
    assert_case_doubt("createdDate > 1735689600", "1735689600", "1735689600000");
    assert_case_doubt("createdDate > 20250101", "20250101", "13 digits");
    assert_case_doubt("id = 1.5", "1.5", "whole number");
    assert_case_doubt("name = 5", "5", "\"5\"");
    assert_case_doubt("tag = \"\"", "\"\"", "tag is null");
    assert_case_doubt("tag in []", "in", "selects nothing");
    assert_case_doubt("tag in [\"a\", null]", "null", "tag is null");
    assert_case_doubt("createdDate > null", "null", "is null");
    assert_case_doubt("false", "false", "selects no test cases");
}

#[test]
fn unequal_on_what_may_be_absent_or_several_is_a_doubt() {
    assert_case_doubt("tag != \"draft\"", "!=", "not tag in [\"draft\"]");
    assert_case_doubt("cf[\"Suite\"] != \"a\"", "!=", "not cf[\"Suite\"] in [\"a\"]");
    assert_case_doubt("layer != \"UI\"", "!=", "without any value");
}

#[test]
fn functions_are_known_and_fit_their_attribute() {
    assert_case_doubt("createdDate > nov()", "nov()", "Did you mean now()?");
    assert_case_doubt("createdDate > yesterday()", "yesterday()", "dayStartUtc()");
    assert_case_doubt("name = now()", "now()", "a moment");
    assert_case_doubt("createdBy = currentUser()", "currentUser()", "API token");
}

#[test]
fn a_query_too_long_for_an_address_is_a_doubt() {
    let ids: Vec<_> = (100_000..101_000).map(|id: u32| id.to_string()).collect();
    let text = format!("id in [{}]", ids.join(", "));
    assert_case_doubt(&text, "", "8 KiB");
}

#[test]
fn all_remarks_come_at_once() {
    let remarks = review("tags = \"a\" and (id = \"b\" or not closed = true)", Entity::TestCase);
    assert_eq!(remarks.len(), 3, "{remarks:?}");
}

#[test]
fn messages_repeat_neither_control_characters_nor_novels() {
    let text = format!("tag != \"\u{1b}[2J{}\"", "x".repeat(1_000));
    let remarks = review(&text, Entity::TestCase);
    let said = format!("{:?}", remarks);
    assert!(!said.contains("\\u{1b}") && said.len() < 1_000, "{said}");
}
