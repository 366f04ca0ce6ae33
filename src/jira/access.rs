//! What a refusal of access means: a bad credential, a locked account, a permission, or nothing at all.

use crate::error::{Error, Kind, Side};
use crate::ports::{Identity, Response};
use crate::web::{login_refusal, words};

/// The error of an answer that Jira gave to an anonymous or refused account.
pub fn explain(response: &Response) -> Error {
    let words = words(response);
    let denied = response.header("x-authentication-denied-reason").unwrap_or_default();
    let login = login_refusal(response);
    if denied.contains("CAPTCHA") || login == Some("AUTHENTICATION_DENIED") {
        return Error::new(
            Kind::Locked,
            Side::Jira,
            "Jira has locked this account's password log-in (CAPTCHA)",
        )
        .hint("log in once by browser with this account, or use a personal access token")
        .status(response.status);
    }
    if login.is_some() || response.status == 401 || response.identity == Identity::Anonymous {
        return Error::new(
            Kind::Credential,
            Side::Jira,
            format!("Jira does not accept the credential ({words})"),
        )
        .hint("the token or password is wrong, expired or revoked: make a new one and store it")
        .status(response.status);
    }
    if words.contains("Basic Authentication has been disabled") {
        return Error::new(
            Kind::Credential,
            Side::Jira,
            "this Jira has basic authentication switched off",
        )
        .hint("use a personal access token instead of user name and password")
        .status(response.status);
    }
    Error::new(
        Kind::Permission,
        Side::Jira,
        format!("Jira does not allow this ({words})"),
    )
    .hint("check the account's permissions in the destination project")
    .status(response.status)
}
