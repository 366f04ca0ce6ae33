//! What an answer shows about the credential it was asked with, by signs that the host itself can read. What it means is
//! for the plugin to judge; this decides only whether the next request may go.

use super::version::CredentialInUse;
use crate::contract::imports::http::{Identity, Response, SendError};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AuthSignal {
    /// Taken; and whether the server named the account.
    Accepted { named: bool },
    /// Refused; and whether the server counts it as a failed log-in.
    Refused { counted: bool },
    /// An answer of something in between, or one that anybody gets.
    Nothing,
}

/// Of a credential that a token stands in for, only the exchange shows it.
pub(super) fn signal(answer: Result<&Response, &SendError>, used: &CredentialInUse) -> AuthSignal {
    match answer {
        Err(SendError::NoToken(fault)) if fault.from_product && matches!(fault.status, Some(400 | 401 | 403 | 404)) => {
            AuthSignal::Refused { counted: true }
        }
        Err(_) => AuthSignal::Nothing,
        Ok(response) if used.is_exchanged => match response.status {
            200..300 if response.identity != Identity::Anonymous => AuthSignal::Accepted { named: true },
            _ => AuthSignal::Nothing,
        },
        Ok(response) => direct(response, used.is_named),
    }
}

fn direct(response: &Response, is_named: bool) -> AuthSignal {
    let header = |name: &str| response.headers.iter().find(|header| header.name == name);
    let login = header("x-seraph-loginreason")
        .map(|header| header.value.as_str())
        .unwrap_or_default();
    // The password was not even looked at: the account is locked, or this Jira takes none at all.
    if contains(response, "basic authentication has been disabled")
        || header("x-authentication-denied-reason").is_some()
        || login.contains("AUTHENTICATION_DENIED")
    {
        return AuthSignal::Refused { counted: false };
    }
    let is_json = header("content-type").is_some_and(|header| header.value.contains("json"));
    match (response.identity, response.status) {
        (Identity::Authenticated, _) => AuthSignal::Accepted { named: true },
        _ if login.contains("AUTHENTICATED_FAILED") => AuthSignal::Refused {
            counted: response.status >= 400,
        },
        (Identity::Anonymous, 401 | 403) => AuthSignal::Refused { counted: true },
        // The gateway names no account where it refuses. A scope that is missing is not the token's fault.
        (_, 401) if response.gateway && is_json => match contains(response, "scope does not match") {
            true => AuthSignal::Nothing,
            false => AuthSignal::Refused { counted: true },
        },
        // A server that names the account wherever it knows it, and does not, is perhaps not the server.
        (Identity::Unknown, 401) if is_json && !is_named => AuthSignal::Refused { counted: true },
        (Identity::Unknown, 200..300) if is_json => AuthSignal::Accepted { named: !is_named },
        _ => AuthSignal::Nothing,
    }
}

/// Whether a refusal has this text, in lower case.
fn contains(response: &Response, text: &str) -> bool {
    matches!(response.status, 401 | 403)
        && String::from_utf8_lossy(&response.body)
            .to_ascii_lowercase()
            .contains(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::imports::http::Header;

    fn answer(status: u16, body: &str, gateway: bool, identity: Identity) -> Response {
        Response {
            status,
            headers: vec![Header {
                name: "content-type".into(),
                value: "application/json".into(),
            }],
            body: body.as_bytes().to_vec(),
            identity,
            gateway,
        }
    }

    #[test]
    fn the_gateway_refuses_a_token_but_not_for_a_scope() {
        let refusal = r#"{"code":401,"message":"Unauthorized"}"#;
        let scope = r#"{"code":401,"message":"Unauthorized; scope does not match"}"#;
        let judged = |body, gateway| direct(&answer(401, body, gateway, Identity::Unknown), true);
        assert_eq!(judged(refusal, true), AuthSignal::Refused { counted: true });
        assert_eq!(judged(scope, true), AuthSignal::Nothing);
        assert_eq!(judged(refusal, false), AuthSignal::Nothing, "some other gateway");
    }

    #[test]
    fn a_jira_that_takes_no_passwords_refused_none() {
        let body = r#"{"message":"Basic Authentication has been disabled on this instance."}"#;
        for identity in [Identity::Unknown, Identity::Anonymous] {
            let judged = direct(&answer(403, body, false, identity), true);
            assert_eq!(judged, AuthSignal::Refused { counted: false }, "{identity:?}");
        }
    }
}
