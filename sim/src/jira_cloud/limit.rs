//! Rate limits: bursts per endpoint and method, writes per issue ("Rate limiting", Jira Cloud platform).

use std::collections::{HashMap, VecDeque};

use axum::http::Method;

use crate::bucket::{Bucket, Filling};
use crate::jira::id::Millis;

use super::state::{Burst, IssueWrites};

/// Why a request has to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wait {
    /// Until when.
    pub until: Millis,
    /// The limit that was hit.
    pub limit: usize,
    /// `RateLimit-Reason`.
    pub reason: &'static str,
}

/// Token buckets by method and route.
#[derive(Debug, Default)]
pub(super) struct Buckets(HashMap<(Method, String), Bucket>);

/// What is left of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Left {
    pub limit: u32,
    pub remaining: u32,
}

impl Burst {
    fn of(self, method: &Method, route: &str) -> u32 {
        match *method {
            Method::PUT => self.put,
            Method::DELETE => self.delete,
            Method::GET if route.ends_with("/issue/{issue}") => self.raised,
            Method::POST if route.ends_with("/approximate-count") => self.raised,
            Method::POST => self.post,
            _ => self.get,
        }
    }
}

impl Buckets {
    /// Takes a token of the route's bucket.
    ///
    /// # Errors
    /// When the bucket is empty.
    pub fn take(&mut self, burst: Burst, method: &Method, route: &str, now: Millis) -> Result<Left, Wait> {
        let limit = burst.of(method, route);
        let filling = Filling {
            capacity: limit,
            tokens: limit,
            interval: 1_000,
            evenly: true,
        };
        let bucket = self.0.entry((method.clone(), route.to_owned()));
        let taken = bucket.or_insert_with(|| Bucket::full(filling, now)).take(filling, now);
        if !taken.passes {
            return Err(Wait {
                until: now + 1_000,
                limit: limit as usize,
                reason: "jira-burst-based",
            });
        }
        Ok(Left {
            limit,
            remaining: taken.remaining,
        })
    }
}

/// Recent writes by issue as its key or id was sent.
#[derive(Debug, Default)]
pub(super) struct Writes(HashMap<String, VecDeque<Millis>>);

const SHORT: Millis = 2_000;
const LONG: Millis = 30_000;

impl Writes {
    /// Counts a write to an issue.
    ///
    /// # Errors
    /// When the issue had too many writes in two or in thirty seconds.
    pub fn count(&mut self, limits: IssueWrites, issue: &str, now: Millis) -> Result<(), Wait> {
        let times = self.0.entry(issue.to_owned()).or_default();
        while times.front().is_some_and(|at| *at <= now - LONG) {
            times.pop_front();
        }
        for (length, limit) in [(SHORT, limits.short), (LONG, limits.long)] {
            let recent = times.iter().filter(|at| **at > now - length);
            if recent.clone().count() >= limit {
                let oldest = recent.min().copied().unwrap_or(now);
                return Err(Wait {
                    until: oldest + length,
                    limit,
                    reason: "jira-per-issue-on-write",
                });
            }
        }
        times.push_back(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jira_cloud::Options;

    #[test]
    fn a_bucket_empties_and_fills_by_the_second() {
        let burst = Options::default().burst.unwrap();
        let mut buckets = Buckets::default();
        let mut take = |now| buckets.take(burst, &Method::PUT, "/issue/{issue}", now);
        assert_eq!((0..60).filter(|_| take(0).is_ok()).count(), 50);
        assert_eq!(take(0).unwrap_err().reason, "jira-burst-based");
        assert!(take(1_000).is_ok());
    }

    #[test]
    fn an_issue_takes_twenty_writes_in_two_seconds_and_a_hundred_in_thirty() {
        let limits = Options::default().issue_writes.unwrap();
        let mut writes = Writes::default();
        assert_eq!((0..21).filter(|_| writes.count(limits, "P-1", 0).is_ok()).count(), 20);
        for round in 1..5 {
            assert_eq!(
                (0..21)
                    .filter(|_| writes.count(limits, "P-1", round * 2_000).is_ok())
                    .count(),
                20
            );
        }
        assert_eq!(writes.count(limits, "P-1", 10_000).unwrap_err().until, 30_000);
        assert!(writes.count(limits, "P-2", 10_000).is_ok());
    }
}
