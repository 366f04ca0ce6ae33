use super::{assert_only, with};
use crate::setup::{CLOUD, DC, Position, Severity};

const ERROR: Severity = Severity::Error;
const WARNING: Severity = Severity::Warning;

#[track_caller]
fn assert_hint(kind: &str, name: &str, value: &str, hint: &str) {
    let findings = with(kind, name, value);
    assert_only(&findings, ERROR, name, "");
    assert_eq!(findings[0].hint.as_deref(), Some(hint), "{findings:#?}");
}

#[test]
fn addresses_of_servers_pass() {
    for (kind, name, value) in [
        (DC, "endpoint", "https://jira.example.com"),
        (DC, "endpoint", "HTTPS://Jira.example.com:8443/context/jira/"),
        (DC, "endpoint", "https://10.0.0.7:8443"),
        (DC, "endpoint", "https://[2001:db8::1]:8443/jira"),
        (DC, "endpoint", "http://localhost:2990/jira"),
        (DC, "endpoint", "http://[::1]:2990"),
        (DC, "endpoint", "https://jira_test"),
        (CLOUD, "endpoint", "https://example.atlassian.net"),
        (CLOUD, "endpoint", "https://example.jira.com/"),
        (
            CLOUD,
            "endpoint",
            "https://api.atlassian.com/ex/jira/1324a887-45db-1bf4-1e99-ef0ff456d421",
        ),
        (CLOUD, "endpoint", "http://127.0.0.1:8082"),
        (CLOUD, "xray-endpoint", "https://eu.xray.cloud.getxray.app/"),
        (CLOUD, "xray-endpoint", "http://127.0.0.1:8083"),
        (CLOUD, "xray-endpoint", ""),
        (DC, "testops-endpoint", "http://localhost:8081/"),
    ] {
        assert_eq!(with(kind, name, value), [], "{value}");
    }
}

#[test]
fn what_is_missing_in_an_address_is_written_out() {
    assert_hint(
        DC,
        "endpoint",
        "jira.example.com/jira",
        "Write https://jira.example.com/jira",
    );
    assert_hint(DC, "endpoint", "//jira.example.com", "Write https://jira.example.com");
    assert_hint(
        DC,
        "endpoint",
        "https:/jira.example.com",
        "Write https://jira.example.com",
    );
    assert_hint(
        DC,
        "endpoint",
        "ftp://jira.example.com",
        "Write https://jira.example.com",
    );
}

#[test]
fn an_address_is_only_scheme_host_port_and_path() {
    for (value, phrase) in [
        ("https://", "no host"),
        ("https:///jira", "no host"),
        ("https://jira.example.com?x=1", "no query"),
        ("https://jira.example.com/#top", "write only that"),
        ("https://jira..example.com", "not a name"),
        ("https://jira.example.com.", "not a name"),
        ("https://-jira.example.com", "not a name"),
        ("https://jira.example.com:", "no port"),
        ("https://jira.example.com:0", "from 1 to 65535"),
        ("https://jira.example.com:65536", "from 1 to 65535"),
        ("https://jira.example.com:80a", "no port"),
        ("https://[::1", "not closed"),
        ("https://[jira]", "no IPv6"),
        ("https://[::1]x", "no port"),
        ("https://jira.example.com//jira", "doubled slash"),
        ("https://jira.example.com/jira//", "doubled slash"),
        ("https://jira.example.com/../x", "relative part"),
        ("https://jira.example.com/%2e%2e/x", "escaped"),
        ("https://jira.example.com/a b", "white space"),
        ("https:\\\\jira.example.com", "lean forward"),
        ("https://джира.рф", "xn--"),
        ("https://jira.example.com/\u{200b}", "address bar"),
    ] {
        assert_only(&with(DC, "endpoint", value), ERROR, "endpoint", phrase);
    }
    let long = format!("https://jira.example.com/{}", "a".repeat(3_000));
    assert_only(&with(DC, "endpoint", &long), ERROR, "endpoint", "longer than");
}

#[test]
fn a_password_in_an_address_is_refused_and_not_repeated() {
    for value in [
        "https://qa:hunter2@jira.example.com",
        "ftp://qa:hunter2@jira.example.com",
        "//qa:hunter2@h",
    ] {
        let findings = with(DC, "endpoint", value);
        assert_only(&findings, ERROR, "endpoint", "");
        assert!(!format!("{findings:?}").contains("hunter2"), "{findings:#?}");
    }
}

#[test]
fn the_address_of_a_page_is_cut_to_that_of_the_server() {
    for page in [
        "browse/CALC-1",
        "secure/Dashboard.jspa",
        "rest/api/2/myself",
        "projects/CALC",
        "login.jsp",
        "plugins/servlet/x",
    ] {
        let value = format!("https://jira.example.com/jira/{page}");
        assert_hint(DC, "endpoint", &value, "Write https://jira.example.com/jira");
        let site = format!("https://example.atlassian.net/{page}");
        assert_hint(CLOUD, "endpoint", &site, "Write https://example.atlassian.net");
    }
    let board = "https://example.atlassian.net/jira/software/projects/CALC/boards/1";
    assert_hint(CLOUD, "endpoint", board, "Write https://example.atlassian.net");
    let project = "https://testops.example.com/project/7/test-cases";
    assert_hint(DC, "testops-endpoint", project, "Write https://testops.example.com");
    let graphql = "https://xray.cloud.getxray.app/api/v2/graphql";
    assert_hint(CLOUD, "xray-endpoint", graphql, "Write https://xray.cloud.getxray.app");
}

#[test]
fn the_place_in_an_address_is_shown() {
    let findings = with(DC, "endpoint", "https://jira.example.com/browse/CALC-1");
    assert_eq!(findings[0].at, Some(Position { line: 1, column: 26 }));
    let excerpt = "https://jira.example.com/browse/CALC-1\n                         ^";
    assert_eq!(findings[0].excerpt.as_deref(), Some(excerpt));
}

#[test]
fn the_deployment_types_are_distinguished() {
    for value in [
        "https://example.atlassian.net",
        "https://Example.Jira.com",
        "https://api.atlassian.com",
    ] {
        assert_only(
            &with(DC, "endpoint", value),
            ERROR,
            "endpoint",
            "Use the integration type xray-cloud.",
        );
    }
    for value in [
        "https://jira.example.com",
        "https://example.atlassian.net.example.com",
        "https://notatlassian.net",
    ] {
        assert_only(
            &with(CLOUD, "endpoint", value),
            WARNING,
            "endpoint",
            "use the integration type xray-dc",
        );
    }
}

#[test]
fn the_gateway_names_the_site() {
    let gateway = "https://api.atlassian.com";
    assert_only(&with(CLOUD, "endpoint", gateway), ERROR, "endpoint", "cloud id");
    assert_only(
        &with(CLOUD, "endpoint", &format!("{gateway}/ex/jira/")),
        ERROR,
        "endpoint",
        "cloud id",
    );
    let hint = format!("Write {gateway}/ex/jira/1");
    assert_hint(CLOUD, "endpoint", &format!("{gateway}/ex/jira/1/rest/api/3"), &hint);
}

#[test]
fn products_are_not_mixed_up() {
    let site = "https://other.atlassian.net";
    assert_only(
        &with(CLOUD, "xray-endpoint", site),
        ERROR,
        "xray-endpoint",
        "one of its own",
    );
    assert_only(
        &with(CLOUD, "testops-endpoint", site),
        ERROR,
        "testops-endpoint",
        "not of Allure TestOps",
    );
    let xray = "https://xray.cloud.getxray.app";
    assert_only(&with(CLOUD, "endpoint", xray), ERROR, "endpoint", "not of a Jira site");
    let retired = "https://xray.cloud.xpand-it.com";
    assert_only(
        &with(CLOUD, "xray-endpoint", retired),
        ERROR,
        "xray-endpoint",
        "no longer answers",
    );
    let proxy = "https://xray.example.com";
    assert_only(
        &with(CLOUD, "xray-endpoint", proxy),
        WARNING,
        "xray-endpoint",
        "not an address of Xray Cloud",
    );
    let testops = "https://TestOps.example.com:443/";
    assert_only(
        &with(DC, "endpoint", testops),
        WARNING,
        "endpoint",
        "same as that of testops-endpoint",
    );
}

#[test]
fn plain_http_is_a_warning_and_for_the_clouds_an_error() {
    assert_only(
        &with(DC, "endpoint", "http://jira.example.com"),
        WARNING,
        "endpoint",
        "Write https://jira.example.com",
    );
    let testops = "http://testops.internal";
    assert_only(
        &with(DC, "testops-endpoint", testops),
        WARNING,
        "testops-endpoint",
        "on the way",
    );
    let site = "http://example.atlassian.net";
    assert_only(&with(CLOUD, "endpoint", site), ERROR, "endpoint", "https only");
    let xray = "http://xray.cloud.getxray.app";
    assert_only(
        &with(CLOUD, "xray-endpoint", xray),
        ERROR,
        "xray-endpoint",
        "https only",
    );
}
