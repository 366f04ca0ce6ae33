use super::{assert_only, field, sound};
use crate::setup::{CLOUD, DC, ExportConfig, Finding, Position, Severity, validate};

const ERROR: Severity = Severity::Error;
const WARNING: Severity = Severity::Warning;

fn with_export(change: impl FnOnce(&mut ExportConfig)) -> Vec<Finding> {
    let (mut settings, secrets) = sound(DC);
    change(settings.export.as_mut().unwrap());
    validate(&settings, &secrets)
}

#[test]
fn the_project_key_has_its_shape() {
    let key = |key: &str| with_export(|export| export.project = key.to_owned());
    for sound in ["CALC", "C1", "A_B"] {
        assert_eq!(key(sound), []);
    }
    assert_only(&key(""), ERROR, "project", "missing");
    assert_only(&key("calc"), ERROR, "project", "Did you mean CALC?");
    assert_only(&key(" CALC"), ERROR, "project", "Did you mean CALC?");
    assert_only(&key("CALC-12"), ERROR, "project", "Did you mean CALC?");
    for strange in ["C", "1A", "_A", "КАЛК", "CALC PROJECT", "CA-LC", "10000"] {
        assert_only(&key(strange), ERROR, "project", "capital letter");
    }
    assert_eq!(key("CAlC")[0].at, Some(Position { line: 1, column: 3 }));
}

#[test]
fn errors_of_both_filters_are_shown_with_line_column_and_caret() {
    let findings = with_export(|export| {
        export.test_case_aql = "tag = \"a\"\n  and layer = UI".to_owned();
        export.launches_aql = "closed = \"yes\"".to_owned();
    });
    let [cases, launches] = findings.as_slice() else {
        panic!("{findings:#?}")
    };
    assert_eq!((cases.severity, cases.field.as_str()), (ERROR, "test-case-aql"));
    assert_eq!(cases.at, Some(Position { line: 2, column: 15 }));
    assert_eq!(cases.excerpt.as_deref(), Some("  and layer = UI\n              ^"));
    assert!(cases.message.ends_with("(EXPECTED_VALUE)"), "{}", cases.message);
    assert_eq!(cases.hint.as_deref(), Some("A text needs double quotes: \"UI\"."));
    assert_eq!((launches.severity, launches.field.as_str()), (ERROR, "launches-aql"));
}

#[test]
fn doubts_about_a_filter_are_warnings() {
    let findings = with_export(|export| export.test_case_aql = "tag != \"draft\"".to_owned());
    assert_only(&findings, WARNING, "test-case-aql", "not tag in [\"draft\"]");
}

#[test]
fn a_filter_full_of_errors_is_shown_in_part() {
    let aql = vec!["id = \"a\""; 100].join(" and ");
    let findings = with_export(|export| export.test_case_aql = aql);
    assert_eq!(findings.len(), 21);
    assert_eq!(
        (findings[20].severity, findings[20].message.as_str()),
        (ERROR, "The filter has 80 more like these.")
    );
}

#[test]
fn an_empty_filter_is_a_warning_unless_everything_is_asked_for() {
    let cases = |aql: &str| with_export(|export| export.test_case_aql = aql.to_owned());
    assert_only(&cases(" \n"), WARNING, "test-case-aql", "all test cases");
    assert_eq!(cases("true"), []);
    let launches = with_export(|export| export.launches_aql.clear());
    assert_only(&launches, WARNING, "launches-aql", "all launches");
}

#[test]
fn switches_that_leave_a_filter_without_effect_are_pointed_at() {
    let findings = with_export(|export| export.disable_launches_sync = true);
    assert_only(&findings, WARNING, "launches-aql", "no effect");
    let findings = with_export(|export| {
        export.disable_launches_sync = true;
        export.launches_aql.clear();
    });
    assert_eq!(findings, []);
}

#[test]
fn without_creation_an_empty_filter_of_test_cases_is_harmless() {
    let findings = with_export(|export| {
        export.disable_test_case_create = true;
        export.test_case_aql.clear();
    });
    assert_eq!(findings, []);
}

#[test]
fn a_disabled_export_says_only_that() {
    let findings = with_export(|export| {
        export.disable_export = true;
        export.disable_launches_sync = true;
        export.test_case_aql.clear();
    });
    assert_only(&findings, WARNING, "disable-export", "nothing is exported");
}

#[test]
fn calls_of_tests_are_for_xray_cloud() {
    for (kind, value, is_taken) in [(DC, "call", false), (DC, "expand", true), (CLOUD, "call", true)] {
        let (mut settings, secrets) = sound(kind);
        let export = settings.export.as_mut().unwrap();
        export.mapping.push(field("shared-steps", value));
        let findings = validate(&settings, &secrets);
        if is_taken {
            assert_eq!(findings, []);
        } else {
            assert_only(&findings, ERROR, "shared-steps", "Xray Data Center has no request");
        }
    }
}

#[test]
fn mapping_options_are_judged_by_name_and_value() {
    let option = |name: &'static str, value: &'static str| {
        move |export: &mut ExportConfig| export.mapping.push(field(name, value))
    };
    assert_only(
        &with_export(option("policy.lables", "own")),
        ERROR,
        "policy.lables",
        "Did you mean policy.labels?",
    );
    assert_only(
        &with_export(option("policy.labels", "theirs")),
        ERROR,
        "policy.labels",
        "seed-once or never",
    );
    assert_eq!(with_export(option("policy.labels", "never")), []);
    let twice = |export: &mut ExportConfig| {
        export
            .mapping
            .extend([field("policy.labels", "own"), field("policy.labels", "own")])
    };
    assert_only(&with_export(twice), ERROR, "policy.labels", "twice");
}
