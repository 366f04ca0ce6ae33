//! Jira Data Center's optional limiter: a token bucket per user.
//!
//! Source: "Improving instance stability with rate limiting" and "Adjusting your code for rate limiting". The session,
//! `serverInfo` and remote-link resources are exempt.

use axum::http::{HeaderMap, HeaderValue};

use crate::answers::Answers;
use crate::bucket::{Bucket, Filling, Taken};
use crate::jira::id::Millis;
use crate::jira::instance::{DataCenter, RateLimit};
use crate::jira::retry_after::retry_after;

/// Whether a request may pass, and what its answer shows of the bucket.
pub(super) enum Verdict {
    Passed(RateLimit, Taken),
    Refused(RateLimit, Taken),
    Exempt,
}

/// Takes a token of the user's bucket.
pub(super) fn take(dc: &DataCenter, rule: RateLimit, user: &str, path: &str, now: Millis) -> Verdict {
    let is_exempt = path.ends_with("/serverInfo") || path.contains("/remotelink") || path.contains("/auth/1/session");
    if is_exempt {
        return Verdict::Exempt;
    }
    let filling = Filling {
        capacity: rule.capacity,
        tokens: rule.fill_rate,
        interval: i64::from(rule.interval_seconds) * 1_000,
        evenly: false,
    };
    let mut buckets = dc.buckets();
    let bucket = buckets
        .entry(user.to_owned())
        .or_insert_with(|| Bucket::full(filling, now));
    let taken = bucket.take(filling, now);
    if taken.passes {
        Verdict::Passed(rule, taken)
    } else {
        Verdict::Refused(rule, taken)
    }
}

impl Verdict {
    pub(super) fn write(&self, headers: &mut HeaderMap, answers: &Answers, now: Millis) {
        let (Self::Passed(rule, taken) | Self::Refused(rule, taken)) = self else {
            return;
        };
        let wait = if taken.remaining == 0 {
            (taken.wait + 999) / 1_000
        } else {
            0
        };
        headers.insert("x-ratelimit-limit", HeaderValue::from(rule.capacity));
        headers.insert("x-ratelimit-remaining", HeaderValue::from(taken.remaining));
        headers.insert("x-ratelimit-fillrate", HeaderValue::from(rule.fill_rate));
        headers.insert("x-ratelimit-interval-seconds", HeaderValue::from(rule.interval_seconds));
        headers.insert("retry-after", retry_after(answers, wait, now));
    }
}
