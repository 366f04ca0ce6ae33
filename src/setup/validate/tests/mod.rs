mod credentials;
mod endpoints;
mod exports;
mod properties;

use crate::setup::{CLOUD, DC, ExportConfig, Field, Finding, Settings, Severity, validate};

fn field(name: &str, value: &str) -> Field {
    Field {
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

fn names(secrets: &[&str]) -> Vec<String> {
    secrets.iter().map(|name| (*name).to_owned()).collect()
}

/// Settings under which there is nothing to say, with the secrets that go with them.
fn sound(kind: &str) -> (Settings, Vec<String>) {
    let mut fields = vec![
        field("testops-endpoint", "https://testops.example.com"),
        field("testops-project-id", "7"),
    ];
    let secrets = if kind == CLOUD {
        fields.push(field("endpoint", "https://example.atlassian.net/"));
        fields.push(field("username", "qa@example.com"));
        names(&["testops-token", "api-token", "xray-client-id", "xray-client-secret"])
    } else {
        fields.push(field("endpoint", "https://jira.example.com/jira"));
        fields.push(field("username", "qa"));
        names(&["testops-token", "password"])
    };
    let export = ExportConfig {
        name: "main".to_owned(),
        project: "CALC".to_owned(),
        test_case_aql: "tag = \"smoke\"".to_owned(),
        launches_aql: "closed = true".to_owned(),
        ..ExportConfig::default()
    };
    (
        Settings {
            kind: kind.to_owned(),
            fields,
            export: Some(export),
        },
        secrets,
    )
}

/// What is said when one field of sound settings has this value.
fn with(kind: &str, name: &str, value: &str) -> Vec<Finding> {
    let (mut settings, secrets) = sound(kind);
    settings.fields.retain(|field| field.name != name);
    settings.fields.push(field(name, value));
    validate(&settings, &secrets)
}

fn said(finding: &Finding) -> String {
    format!("{} {}", finding.message, finding.hint.as_deref().unwrap_or_default())
}

/// The only finding is of this severity and field and says this phrase.
#[track_caller]
fn assert_only(findings: &[Finding], severity: Severity, field: &str, phrase: &str) {
    let [finding] = findings else { panic!("{findings:#?}") };
    assert_eq!(
        (finding.severity, finding.field.as_str()),
        (severity, field),
        "{finding:#?}"
    );
    assert!(said(finding).contains(phrase), "{finding:#?}");
}

#[test]
fn there_is_nothing_to_say_about_sound_settings() {
    for kind in [CLOUD, DC] {
        let (settings, secrets) = sound(kind);
        assert_eq!(validate(&settings, &secrets), []);
        assert_eq!(
            validate(
                &Settings {
                    export: None,
                    ..settings
                },
                &secrets,
            ),
            []
        );
    }
}

#[test]
fn an_unknown_kind_is_named_with_the_nearest_one() {
    let (mut settings, secrets) = sound(CLOUD);
    settings.kind = "xray_cluod".to_owned();
    assert_only(
        &validate(&settings, &secrets),
        Severity::Error,
        "kind",
        "Did you mean xray-cloud?",
    );
    settings.kind = "zephyr".to_owned();
    assert_only(
        &validate(&settings, &secrets),
        Severity::Error,
        "kind",
        "xray-dc (Xray Test Management for Jira)",
    );
}

#[test]
fn an_unknown_field_is_named_with_the_nearest_one_or_its_owner() {
    assert_only(
        &with(CLOUD, "xray-endpiont", "x"),
        Severity::Error,
        "xray-endpiont",
        "Did you mean xray-endpoint?",
    );
    assert_only(
        &with(DC, "xray-endpoint", "x"),
        Severity::Error,
        "xray-endpoint",
        "Jira Cloud (xray-cloud)",
    );
    assert_only(
        &with(DC, "colour", "x"),
        Severity::Error,
        "colour",
        "There are testops-endpoint",
    );
}

#[test]
fn a_secret_in_the_open_is_refused_and_not_repeated() {
    let (mut settings, secrets) = sound(DC);
    settings.fields.push(field("password", "hunter2"));
    let findings = validate(&settings, &secrets);
    assert_only(&findings, Severity::Error, "password", "store that as a secret");
    assert!(!format!("{findings:?}").contains("hunter2"));
}

#[test]
fn a_field_given_twice_or_with_white_space_around_is_refused() {
    let (mut settings, secrets) = sound(DC);
    settings.fields.push(field("username", "other"));
    assert_only(&validate(&settings, &secrets), Severity::Error, "username", "twice");
    assert_only(
        &with(DC, "username", "qa\n"),
        Severity::Error,
        "username",
        "white space",
    );
}

#[test]
fn a_stored_secret_without_use_is_a_warning() {
    let (settings, mut secrets) = sound(CLOUD);
    secrets.push("xray-client_secrets".to_owned());
    let findings = validate(&settings, &secrets);
    assert_only(
        &findings,
        Severity::Warning,
        "xray-client_secrets",
        "Did you mean xray-client-secret?",
    );
}

#[test]
fn the_project_id_is_a_positive_whole_number() {
    for id in [
        "0",
        "-1",
        "1.5",
        "CALC",
        "99999999999999999999",
        "https://testops.example.com/project/7",
    ] {
        assert_only(
            &with(DC, "testops-project-id", id),
            Severity::Error,
            "testops-project-id",
            "…/project/7",
        );
    }
}

#[test]
fn all_findings_come_at_once_in_the_order_of_the_form() {
    let settings = Settings {
        kind: CLOUD.to_owned(),
        fields: vec![
            field("colour", "red"),
            field("username", "qa"),
            field("testops-project-id", "seven"),
            field("endpoint", "example.atlassian.net"),
        ],
        export: Some(ExportConfig {
            project: "calc".to_owned(),
            test_case_aql: "tag = ".to_owned(),
            launches_aql: "tags = \"a\"".to_owned(),
            ..ExportConfig::default()
        }),
    };
    let findings = validate(&settings, &[]);
    let fields: Vec<_> = findings.iter().map(|finding| finding.field.as_str()).collect();
    let expected = [
        "testops-endpoint",
        "testops-project-id",
        "testops-token",
        "endpoint",
        "username",
        "api-token",
        "xray-client-id",
        "xray-client-secret",
        "colour",
        "project",
        "test-case-aql",
        "launches-aql",
    ];
    assert_eq!(fields, expected);
    assert!(findings.iter().all(|finding| finding.hint.is_some()), "{findings:#?}");
}
