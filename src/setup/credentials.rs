//! Are the credentials complete, of one tab, and of the right shape. Values of secrets are never seen here.

use super::{CLOUD, Finding, FormField, IntegrationKind, Settings};

/// What is to be said about fields that a kind requires, and about tabs that exclude each other.
pub(super) fn check(kind: &IntegrationKind, settings: &Settings, secrets: &[String]) -> Vec<Finding> {
    let filled = |field: &FormField| is_filled(field, settings, secrets);
    let mut findings = Vec::new();
    for field in kind.fields.iter().filter(|field| field.tab.is_none() && field.required) {
        if !filled(field) {
            findings.push(missing(field));
        }
    }
    findings.extend(of_tabs(kind, filled));
    findings.extend(
        settings
            .value("username")
            .and_then(|name| account(&settings.kind, name)),
    );
    findings
}

fn is_filled(field: &FormField, settings: &Settings, secrets: &[String]) -> bool {
    if field.secret {
        secrets.iter().any(|name| name == field.name)
    } else {
        settings.value(field.name).is_some()
    }
}

fn missing(field: &FormField) -> Finding {
    let state = if field.secret { "is not stored" } else { "is missing" };
    Finding::error(field.name, format!("{} {state}.", field.label)).hint(field.help)
}

/// One tab is filled in, and that one completely.
fn of_tabs(kind: &IntegrationKind, filled: impl Fn(&FormField) -> bool) -> Vec<Finding> {
    let mut tabs: Vec<&str> = kind.fields.iter().filter_map(|field| field.tab).collect();
    tabs.dedup();
    let of = |tab: &str| -> Vec<&FormField> { kind.fields.iter().filter(|field| field.tab == Some(tab)).collect() };
    let used: Vec<&str> = tabs
        .iter()
        .copied()
        .filter(|tab| {
            of(tab)
                .into_iter()
                .any(|field| field.default.is_none() && filled(field))
        })
        .collect();
    let choices = || {
        let asked = |tab: &&str| of(tab).into_iter().filter(|field| field.default.is_none());
        let names = |tab: &&str| asked(tab).map(|field| field.name).collect::<Vec<_>>().join(" and ");
        tabs.iter().map(names).collect::<Vec<_>>().join(", or ")
    };
    match used.as_slice() {
        [] => tabs
            .first()
            .and_then(|tab| of(tab).first().copied())
            .map(|field| {
                Finding::error(field.name, "There are no credentials for Jira.").hint(format!("Fill in {}.", choices()))
            })
            .into_iter()
            .collect(),
        [tab] => of(tab)
            .into_iter()
            .filter(|field| field.required && !filled(field))
            .map(missing)
            .collect(),
        [_, others @ ..] => others
            .iter()
            .filter_map(|tab| {
                of(tab)
                    .into_iter()
                    .find(|field| field.default.is_none() && filled(field))
            })
            .map(|field| {
                Finding::error(
                    field.name,
                    format!("{} excludes the other credentials given.", field.label),
                )
                .hint(format!("Keep either {}.", choices()))
            })
            .collect(),
    }
}

fn account(kind: &str, name: &str) -> Option<Finding> {
    let wrong = |message: &str| Finding::error("username", message);
    if name.contains(':') {
        // RFC 7617: the colon ends the user name of Basic credentials. What follows may be a password: not shown.
        return Some(
            wrong("The name of an account cannot hold a colon.").hint("Leave it out with all that follows it."),
        );
    }
    if let Some((at, _)) = name.char_indices().find(|(_, c)| c.is_control()) {
        return Some(
            wrong("The name of the account holds a control character.")
                .hint("Type the name anew.")
                .at(name, at),
        );
    }
    (kind == CLOUD && !is_email(name)).then(|| {
        wrong("Jira Cloud knows an account by its e-mail address.")
            .hint("Write the e-mail address of the Atlassian account that made the API token.")
            .at(name, 0)
    })
}

fn is_email(name: &str) -> bool {
    name.split_once('@').is_some_and(|(local, domain)| {
        let parts: Vec<_> = domain.split('.').collect();
        !local.is_empty()
            && !name.contains(char::is_whitespace)
            && !domain.contains('@')
            && parts.len() > 1
            && parts.iter().all(|part| !part.is_empty())
    })
}
