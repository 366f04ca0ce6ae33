//! Jira Data Center's optional limiter: a token bucket per user.
//!
//! Source: "Improving instance stability with rate limiting" and "Adjusting your code for rate limiting". The session,
//! `serverInfo` and remote-link resources are exempt.

use std::collections::HashMap;

use axum::http::{HeaderMap, HeaderValue};

use crate::jira::id::Millis;

/// The rule for every user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Size of the bucket; a user starts with a full one.
    pub capacity: u32,
    /// Tokens that come back every interval.
    pub fill_rate: u32,
    /// Length of the interval in seconds.
    pub interval_seconds: u32,
}

/// The buckets.
#[derive(Debug, Default)]
pub(super) struct Limiter {
    buckets: HashMap<String, Bucket>,
}

#[derive(Debug)]
struct Bucket {
    tokens: u32,
    filled_at: Millis,
}

/// Whether a request may pass, and what its answer says about the bucket.
pub(super) enum Verdict {
    Passed(State),
    Refused(State),
    Exempt,
}

pub(super) struct State {
    rule: RateLimit,
    remaining: u32,
    retry_after: i64,
}

impl Limiter {
    pub(super) fn take(&mut self, rule: &RateLimit, user: &str, path: &str, now: Millis) -> Verdict {
        let is_exempt =
            path.ends_with("/serverInfo") || path.contains("/remotelink") || path.contains("/auth/1/session");
        if is_exempt {
            return Verdict::Exempt;
        }
        let full = || Bucket {
            tokens: rule.capacity,
            filled_at: now,
        };
        let bucket = self.buckets.entry(user.to_owned()).or_insert_with(full);
        let interval = i64::from(rule.interval_seconds.max(1)) * 1_000;
        let intervals = ((now - bucket.filled_at) / interval).max(0);
        let gained = u32::try_from(intervals)
            .unwrap_or(u32::MAX)
            .saturating_mul(rule.fill_rate);
        bucket.tokens = bucket.tokens.saturating_add(gained).min(rule.capacity);
        bucket.filled_at += intervals * interval;
        let wait = bucket.filled_at + interval - now;
        let passes = bucket.tokens > 0;
        bucket.tokens = bucket.tokens.saturating_sub(1);
        let retry_after = if bucket.tokens == 0 { (wait + 999) / 1_000 } else { 0 };
        let state = State {
            rule: *rule,
            remaining: bucket.tokens,
            retry_after,
        };
        if passes {
            Verdict::Passed(state)
        } else {
            Verdict::Refused(state)
        }
    }
}

impl Verdict {
    pub(super) fn write(&self, headers: &mut HeaderMap) {
        let (Self::Passed(state) | Self::Refused(state)) = self else {
            return;
        };
        headers.insert("x-ratelimit-limit", HeaderValue::from(state.rule.capacity));
        headers.insert("x-ratelimit-remaining", HeaderValue::from(state.remaining));
        headers.insert("x-ratelimit-fillrate", HeaderValue::from(state.rule.fill_rate));
        headers.insert(
            "x-ratelimit-interval-seconds",
            HeaderValue::from(state.rule.interval_seconds),
        );
        headers.insert("retry-after", HeaderValue::from(state.retry_after));
    }
}
