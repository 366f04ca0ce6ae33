//! The positive control: a refusal of access counts only with a sign that the product itself speaks. Gateways and
//! firewalls answer 401, 403 and 404 too, with nothing, with a word, or with JSON of their own.

use super::describe::{basic_is_disabled, login_refusal};
use crate::error::Side;
use crate::ports::{Identity, Response};
use serde_json::Value;

/// True where an answer of 401, 403 or 404 carries the product's own signs.
pub(super) fn is_own(response: &Response, side: Side) -> bool {
    let denied = response.header("x-authentication-denied-reason").is_some();
    // A server that says whom it took the request for is the product.
    if response.identity != Identity::Unknown || denied || login_refusal(response).is_some() {
        return true;
    }
    if side == Side::Jira && basic_is_disabled(response) {
        return true;
    }
    match serde_json::from_slice::<Value>(&response.body) {
        // The platform's own gateway refuses in a shape that other gateways use too.
        Ok(body) if response.gateway && body.get("code").is_some() && body.get("message").is_some() => true,
        Ok(body) => has_shape(&body, side),
        Err(_) => says(&String::from_utf8_lossy(&response.body), side),
    }
}

/// The error bodies of the vendors' documentation: Jira `errorMessages`, or `message` with `status-code`; Xray `error`;
/// TestOps (Spring) `message` or `error` with `timestamp` or `status`.
fn has_shape(body: &Value, side: Side) -> bool {
    let has = |name: &str| body.get(name).is_some();
    match side {
        Side::Jira => has("errorMessages") || (has("message") && has("status-code")),
        Side::Xray => has("error") || has("errors"),
        Side::TestOps => (has("message") || has("error")) && (has("timestamp") || has("status")),
        Side::Settings | Side::Host => false,
    }
}

/// Plain texts that the products are known for: Jira Cloud's 401, and Xray's licence (its 401 is text by the vendor's
/// documentation of the import endpoints).
fn says(text: &str, side: Side) -> bool {
    let text = text.trim_start();
    if text.starts_with('<') {
        return false;
    }
    let lower = text.to_ascii_lowercase();
    let known: &[&str] = match side {
        Side::Jira => &["client must be authenticated", "basic auth"],
        Side::Xray => &["xray", "licen", "jwt", "authentication data"],
        Side::TestOps | Side::Settings | Side::Host => &[],
    };
    known.iter().any(|message| lower.contains(message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(kind: &str, body: &str) -> Response {
        Response {
            status: 401,
            headers: vec![("content-type".to_owned(), kind.to_owned())],
            body: body.as_bytes().to_vec(),
            identity: Identity::Unknown,
            gateway: false,
        }
    }

    #[test]
    fn the_products_own_refusals_are_known() {
        let json = "application/json";
        for (side, kind, body) in [
            (
                Side::Jira,
                json,
                r#"{"errorMessages":["You do not have permission"],"errors":{}}"#,
            ),
            (
                Side::Jira,
                json,
                r#"{"message":"Client must be authenticated","status-code":401}"#,
            ),
            (
                Side::Jira,
                "text/plain",
                "Client must be authenticated to access this resource.",
            ),
            (
                Side::Xray,
                json,
                r#"{"error":"Invalid JWT: TokenExpiredError: jwt expired"}"#,
            ),
            (Side::Xray, "text/plain", "The Xray license is not valid"),
            (
                Side::TestOps,
                json,
                r#"{"message":"Access is denied","timestamp":1,"status":403}"#,
            ),
        ] {
            assert!(is_own(&answer(kind, body), side), "{side} {body}");
        }
    }

    #[test]
    fn what_stands_in_between_is_not_believed() {
        for side in [Side::Jira, Side::Xray, Side::TestOps] {
            for (kind, body) in [
                (
                    "text/html",
                    "<html><title>401 Authorization Required</title> license xray</html>",
                ),
                ("application/json", ""),
                ("application/json", "{}"),
                ("application/json", r#"{"message":"Unauthorized"}"#),
                ("application/json", r#"{"message":"Forbidden","request_id":"5e"}"#),
                ("text/plain", "blocked by policy"),
                ("text/plain", "no healthy upstream"),
            ] {
                assert!(!is_own(&answer(kind, body), side), "{side} {body}");
            }
        }
    }
}
