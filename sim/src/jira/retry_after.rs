//! The header that says when to come back.

use axum::http::HeaderValue;

use super::date;
use super::id::Millis;
use crate::answers::{Answers, RetryAfter};

/// `Retry-After` for a wait of whole seconds from now on, in the form that is switched on.
pub(crate) fn retry_after(answers: &Answers, seconds: i64, now: Millis) -> HeaderValue {
    match answers.of() {
        RetryAfter::Seconds => HeaderValue::from(seconds),
        RetryAfter::Date => {
            HeaderValue::from_str(&date::http(now + seconds * 1_000)).unwrap_or_else(|_| HeaderValue::from(seconds))
        }
    }
}
