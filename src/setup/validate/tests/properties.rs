use proptest::prelude::*;

use super::{sound, with};
use crate::setup::{CLOUD, DC, Severity, validate};
use crate::text::Position;

fn address() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "https",
        "http",
        ":",
        "/",
        "//",
        "://",
        "@",
        "?",
        "#",
        "[",
        "]",
        "::1",
        ".",
        "..",
        "%2e",
        "\\",
        "a",
        "8080",
        "atlassian.net",
        "getxray.app",
        "api.atlassian.com",
        "ex",
        "jira",
        "browse",
        "ю",
        "\n",
        " ",
    ]);
    prop_oneof![
        any::<String>(),
        prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
    ]
}

proptest! {
    #[test]
    fn any_address_is_answered_with_places_inside_it(text in address()) {
        for (kind, name) in [(CLOUD, "endpoint"), (DC, "endpoint"), (CLOUD, "xray-endpoint"), (DC, "testops-endpoint")] {
            for finding in with(kind, name, &text) {
                let Some(Position { line, column }) = finding.at else { continue };
                let line = text.trim().split('\n').nth(line as usize - 1).unwrap();
                prop_assert!(column as usize <= line.chars().count() + 1);
            }
        }
    }

    #[test]
    fn what_a_hint_says_to_write_is_accepted(text in address()) {
        let findings = with(DC, "endpoint", &text);
        let hints = findings.iter().filter_map(|finding| finding.hint.as_deref()?.strip_prefix("Write https://"));
        for rest in hints.filter(|rest| !rest.contains("xn--")) {
            let better = format!("https://{rest}");
            let again = with(DC, "endpoint", &better);
            let same = again.iter().any(|finding| finding.hint.as_deref() == Some(&format!("Write {better}")));
            prop_assert!(!same, "{} for {}: {:?}", better, text, again);
        }
    }

    #[test]
    fn any_project_key_and_filter_is_answered(key in any::<String>(), aql in any::<String>()) {
        let (mut settings, secrets) = sound(CLOUD);
        let export = settings.export.as_mut().unwrap();
        (export.project, export.test_case_aql) = (key.clone(), aql);
        let findings = validate(&settings, &secrets);
        let refused = findings.iter().any(|finding| finding.field == "project" && finding.severity == Severity::Error);
        let has_shape = key.len() > 1
            && key.starts_with(|c: char| c.is_ascii_uppercase())
            && key.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
        prop_assert_eq!(refused, !has_shape);
    }
}
