use super::{assert_only, names, sound, with};
use crate::setup::{CLOUD, DC, Severity, validate};

/// What is said with this user name, if any, and these secrets beside the token of TestOps.
fn dc(username: Option<&str>, secrets: &[&str]) -> Vec<crate::setup::Finding> {
    let (mut settings, _) = sound(DC);
    settings.fields.retain(|field| field.name != "username");
    settings
        .fields
        .extend(username.map(|name| super::field("username", name)));
    let mut secrets = names(secrets);
    secrets.push("testops-token".to_owned());
    validate(&settings, &secrets)
}

#[test]
fn data_center_takes_username_and_password_or_a_token() {
    assert_eq!(dc(Some("qa"), &["password"]), []);
    assert_eq!(dc(None, &["token"]), []);
}

#[test]
fn data_center_does_not_take_both() {
    for (username, secrets) in [
        (Some("qa"), &["password", "token"][..]),
        (Some("qa"), &["token"][..]),
        (None, &["password", "token"][..]),
    ] {
        let findings = dc(username, secrets);
        assert_only(
            &findings,
            Severity::Error,
            "token",
            "Keep either username and password, or token.",
        );
    }
}

#[test]
fn data_center_names_the_missing_half() {
    assert_only(
        &dc(Some("qa"), &[]),
        Severity::Error,
        "password",
        "Password is not stored.",
    );
    assert_only(
        &dc(None, &["password"]),
        Severity::Error,
        "username",
        "Username is missing.",
    );
    assert_only(
        &dc(Some("  "), &["password"]),
        Severity::Error,
        "username",
        "Username is missing.",
    );
    assert_only(
        &dc(None, &[]),
        Severity::Error,
        "username",
        "Fill in username and password, or token.",
    );
}

#[test]
fn cloud_names_each_missing_credential() {
    for (missing, phrase) in [
        ("testops-token", "API tokens"),
        ("api-token", "id.atlassian.com"),
        ("xray-client-id", "API Keys"),
        ("xray-client-secret", "not stored"),
    ] {
        let (settings, mut secrets) = sound(CLOUD);
        secrets.retain(|name| name != missing);
        assert_only(&validate(&settings, &secrets), Severity::Error, missing, phrase);
    }
}

/// What is said with these fields and secrets for Jira beside everything else.
fn cloud(fields: &[(&str, &str)], secrets: &[&str]) -> Vec<crate::setup::Finding> {
    let (mut settings, mut stored) = sound(CLOUD);
    settings.fields.retain(|field| field.name != "username");
    settings
        .fields
        .extend(fields.iter().map(|(name, value)| super::field(name, value)));
    stored.retain(|name| name != "api-token");
    stored.extend(names(secrets));
    validate(&settings, &stored)
}

#[test]
fn cloud_takes_a_token_with_or_without_an_address_or_an_oauth_client() {
    let client = ("oauth-client-id", "Kx3");
    assert_eq!(cloud(&[("username", "qa@example.com")], &["api-token"]), []);
    assert_eq!(cloud(&[], &["api-token"]), []);
    assert_eq!(cloud(&[client], &["oauth-client-secret"]), []);
    let elsewhere = ("sign-in-endpoint", "https://sign-in.example.com");
    assert_eq!(cloud(&[client, elsewhere], &["oauth-client-secret"]), []);
    assert_only(
        &cloud(
            &[client, ("username", "qa@example.com")],
            &["api-token", "oauth-client-secret"],
        ),
        Severity::Error,
        "oauth-client-id",
        "Keep either username and api-token, or oauth-client-id and oauth-client-secret.",
    );
    assert_only(
        &cloud(&[client], &[]),
        Severity::Error,
        "oauth-client-secret",
        "not stored",
    );
}

#[test]
fn cloud_knows_accounts_by_e_mail() {
    for name in [
        "qa",
        "@example.com",
        "qa@",
        "qa@example",
        "qa@example.",
        "q a@example.com",
        "qa@a@example.com",
    ] {
        assert_only(&with(CLOUD, "username", name), Severity::Error, "username", "e-mail");
    }
    assert_eq!(with(CLOUD, "username", "qa+export@sub.example.com"), []);
    assert_eq!(with(DC, "username", "qa"), []);
}

#[test]
fn a_username_cannot_break_the_authorization_header() {
    let findings = with(DC, "username", "qa:hunter2");
    assert_only(&findings, Severity::Error, "username", "colon");
    assert!(!format!("{findings:?}").contains("hunter2"));
    assert_only(
        &with(DC, "username", "q\na"),
        Severity::Error,
        "username",
        "control character",
    );
}
