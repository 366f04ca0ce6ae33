//! What a refusal of access means: a bad credential, a locked account, a permission, or nothing at all.

use crate::error::{Error, Kind, Side};
use crate::ports::{Identity, Response};
use crate::web::{basic_is_disabled, describe, login_refusal};

/// What a token with scopes needs: the classic ones, which cover every request of an export and of `undo`.
const SCOPES: &str = "read:jira-work, write:jira-work and read:jira-user";

/// The error of an answer that Jira gave to an anonymous or refused account.
pub fn explain(response: &Response) -> Error {
    let message = describe(response);
    let denied = response.header("x-authentication-denied-reason").unwrap_or_default();
    let (kind, what, hint) = if basic_is_disabled(response) {
        let what =
            "this Jira takes no user names and passwords (Basic Authentication has been disabled on this instance)";
        let hint =
            "make a personal access token in the Jira profile, store it as `token`, and remove user name and password";
        (Kind::Configuration, what.to_owned(), hint.to_owned())
    } else if denied.contains("CAPTCHA") {
        let what = "Jira has locked this account's password log-in (CAPTCHA)";
        let hint = "log in once by browser with this account, or use a personal access token";
        (Kind::Locked, what.to_owned(), hint.to_owned())
    } else if response.gateway && message.contains("scope does not match") {
        let what = format!("the token lacks a scope for this ({message}); it needs {SCOPES}");
        (
            Kind::Permission,
            what,
            format!("make a token with the scopes {SCOPES}, and store it"),
        )
    } else if login_refusal(response).is_some() || response.status == 401 || response.identity == Identity::Anonymous {
        let what = format!("Jira does not accept the credential ({message})");
        let hint = "the token or password is wrong, expired or revoked: make a new one and store it";
        (Kind::Credential, what, hint.to_owned())
    } else {
        let hint = "check the account's permissions in the destination project";
        (
            Kind::Permission,
            format!("Jira does not allow this ({message})"),
            hint.to_owned(),
        )
    };
    Error::new(kind, Side::Jira, what).hint(hint).status(response.status)
}
