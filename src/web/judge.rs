//! What came back, as far as it decides about a repetition: the product's own answer, or a page of something in between.

use super::control;
use super::describe::{basic_is_disabled, login_refusal, wait_asked};
use super::retry::Outcome;
use crate::error::Side;
use crate::ports::{Identity, Response, SendError};

/// The outcome of an exchange, and the wait in milliseconds that the server asks for.
pub(super) fn judge(sent: &Result<Response, SendError>, side: Side, now: u64) -> (Outcome, Option<u64>) {
    match sent {
        // Jira and Xray say what they do not have; something in between often says nothing.
        Ok(response) if response.status == 404 && is_blank(response) && side != Side::TestOps => {
            (Outcome::Page(404), None)
        }
        // Data Center refuses a log-in with a page, and says in a header or in the page that it is its own refusal.
        Ok(response) if is_page(response) && !refuses_account(response) => {
            (Outcome::Page(response.status), wait_asked(response, now))
        }
        // What refuses access in few words may be a proxy, a gateway or a firewall as well as the product.
        Ok(response) if matches!(response.status, 401 | 403 | 404) && !control::is_own(response, side) => {
            (Outcome::Page(response.status), wait_asked(response, now))
        }
        Ok(response) => (Outcome::Status(response.status), wait_asked(response, now)),
        Err(SendError::NotSent(_)) => (Outcome::NotSent, None),
        Err(_) => (Outcome::Lost, None),
    }
}

/// True where the product itself says that it did not accept the account, whatever the body looks like.
fn refuses_account(response: &Response) -> bool {
    let refuses = || response.identity == Identity::Anonymous || login_refusal(response).is_some();
    matches!(response.status, 401 | 403) && (refuses() || basic_is_disabled(response))
}

fn is_blank(response: &Response) -> bool {
    response.body.iter().all(u8::is_ascii_whitespace)
}

/// True where the body is not the product's own: no JSON where there is a body. Xray's plain-text errors are its own.
fn is_page(response: &Response) -> bool {
    if is_blank(response) {
        return false;
    }
    let content_type = response.header("content-type").unwrap_or_default();
    if content_type.contains("json") {
        return false;
    }
    let plain_error =
        response.status >= 400 && (content_type.starts_with("text/plain") || content_type.contains("xml"));
    !plain_error
}
