//! Form fields of the integration kinds.

use crate::setup::{FormField, ValueType};

/// Global entry point of Xray Cloud; routes to the customer's region.
pub(super) const XRAY_CLOUD_BASE: &str = "https://xray.cloud.getxray.app";

/// Atlassian's authorization server.
pub(super) const SIGN_IN_BASE: &str = "https://auth.atlassian.com";

const TESTOPS_ENDPOINT: FormField = FormField {
    name: "testops-endpoint",
    label: "TestOps endpoint",
    help: "Address of Allure TestOps, for example https://testops.example.com.",
    value_type: ValueType::Url,
    required: true,
    secret: false,
    tab: None,
    default: None,
};

const TESTOPS_PROJECT: FormField = FormField {
    name: "testops-project-id",
    label: "TestOps project id",
    help: "Number of the TestOps project: the 7 in https://testops.example.com/project/7.",
    value_type: ValueType::Integer(1, i64::MAX),
    ..TESTOPS_ENDPOINT
};

const TESTOPS_TOKEN: FormField = FormField {
    name: "testops-token",
    label: "TestOps API token",
    help: "Made in the TestOps profile under API tokens. Its owner needs to read the project.",
    value_type: ValueType::Text,
    secret: true,
    ..TESTOPS_ENDPOINT
};

const JIRA_ENDPOINT: FormField = FormField {
    name: "endpoint",
    label: "Endpoint",
    help: "Address of Jira, with the context path where it has one, for example https://jira.example.com/jira.",
    ..TESTOPS_ENDPOINT
};

/// Fields of `xray-dc`.
pub(super) const DC: &[FormField] = &[
    TESTOPS_ENDPOINT,
    TESTOPS_PROJECT,
    TESTOPS_TOKEN,
    JIRA_ENDPOINT,
    FormField {
        name: "username",
        label: "Username",
        help: "Name of the Jira account that owns the exported issues.",
        value_type: ValueType::Text,
        tab: Some("basic"),
        ..TESTOPS_ENDPOINT
    },
    FormField {
        name: "password",
        label: "Password",
        help: "Password of that account. Several wrong ones in a row make Jira lock it; a token cannot be locked.",
        value_type: ValueType::Text,
        secret: true,
        tab: Some("basic"),
        ..TESTOPS_ENDPOINT
    },
    FormField {
        name: "token",
        label: "Personal access token",
        help: "Made in the Jira profile under Personal Access Tokens (Jira 8.14 and later).",
        value_type: ValueType::Text,
        secret: true,
        tab: Some("token"),
        ..TESTOPS_ENDPOINT
    },
];

/// Fields of `xray-cloud`.
pub(super) const CLOUD: &[FormField] = &[
    TESTOPS_ENDPOINT,
    TESTOPS_PROJECT,
    TESTOPS_TOKEN,
    FormField {
        help: "Address of the Jira site, for example https://example.atlassian.net.",
        ..JIRA_ENDPOINT
    },
    FormField {
        name: "xray-endpoint",
        label: "Xray endpoint",
        help: "Address of Xray Cloud. Change it if your Xray data resides in a region of its own.",
        required: false,
        default: Some(XRAY_CLOUD_BASE),
        ..TESTOPS_ENDPOINT
    },
    FormField {
        name: "username",
        label: "E-mail",
        help: "E-mail address of the Atlassian account that owns the API token. Leave it empty for the token of a service \
               account that Jira accepts without one (Bearer).",
        value_type: ValueType::Text,
        required: false,
        tab: Some("token"),
        ..TESTOPS_ENDPOINT
    },
    FormField {
        name: "api-token",
        label: "Jira API token",
        help: "Made at id.atlassian.com under Security, API tokens; a service account's at admin.atlassian.com. With scopes it \
               needs read:jira-work, write:jira-work and read:jira-user. It expires after a year at the latest.",
        value_type: ValueType::Text,
        secret: true,
        tab: Some("token"),
        ..TESTOPS_ENDPOINT
    },
    FormField {
        name: "oauth-client-id",
        label: "OAuth client id",
        help: "Of the OAuth 2.0 credential of a service account: admin.atlassian.com, Directory, Service accounts.",
        value_type: ValueType::Text,
        tab: Some("OAuth"),
        ..TESTOPS_ENDPOINT
    },
    FormField {
        name: "oauth-client-secret",
        label: "OAuth client secret",
        help: "The other half of that credential. It needs the scopes read:jira-work, write:jira-work and read:jira-user.",
        value_type: ValueType::Text,
        secret: true,
        tab: Some("OAuth"),
        ..TESTOPS_ENDPOINT
    },
    FormField {
        name: "sign-in-endpoint",
        label: "Sign-in endpoint",
        help: "Address of Atlassian's authorization server, which gives access tokens for the OAuth client.",
        required: false,
        tab: Some("OAuth"),
        default: Some(SIGN_IN_BASE),
        ..TESTOPS_ENDPOINT
    },
    FormField {
        name: "xray-client-id",
        label: "Xray client id",
        help: "Made by a Jira administrator in the Xray settings under API Keys. Everything in Xray is done as its owner.",
        value_type: ValueType::Text,
        secret: true,
        ..TESTOPS_ENDPOINT
    },
    FormField {
        name: "xray-client-secret",
        label: "Xray client secret",
        help: "The other half of the Xray API key.",
        value_type: ValueType::Text,
        secret: true,
        ..TESTOPS_ENDPOINT
    },
];
