//! How far a run is, by the requests that its plan or the plugin expects it to take.

use std::time::Duration;

use crate::render::text::duration;

/// Below this share, in percent, the pace says nothing yet.
const TOO_EARLY: u64 = 5;

/// Requests that were expected and that were sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Estimate {
    expected: u64,
    /// In percent, at most 99: it only grows.
    share: u64,
}

impl Estimate {
    /// Of a plan that expects so many requests; none for a plan that expects none.
    pub fn of(expected: u64) -> Option<Self> {
        (expected > 0).then_some(Self { expected, share: 0 })
    }

    /// So many were sent until now.
    pub fn sent(&mut self, requests: u64) {
        self.reached(requests, self.expected);
    }

    /// So many were sent of those that are expected by now.
    pub fn reached(&mut self, requests: u64, expected: u64) {
        self.expected = expected;
        let share = requests.saturating_mul(100).checked_div(expected).unwrap_or_default();
        self.share = self.share.max(share.min(99));
    }

    /// For example `about 40 %, 2 min 05 s left`.
    pub fn text(&self, elapsed: Duration) -> String {
        let share = self.share;
        if share < TOO_EARLY {
            return format!("about {share} %");
        }
        let elapsed = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        // What was waited for servers is part of the pace.
        let left = elapsed.saturating_mul(100 - share) / share;
        format!(
            "about {share} %, {} left",
            duration(left.div_ceil(1_000).saturating_mul(1_000))
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_with_the_requests_and_never_ends_before_the_run() {
        let mut estimate = Estimate::of(200).unwrap();
        let mut shown = Vec::new();
        for (second, sent) in [(1, 4), (10, 40), (20, 100), (21, 60), (60, 900)] {
            estimate.sent(sent);
            shown.push(estimate.text(Duration::from_secs(second)));
        }
        assert_eq!(
            shown,
            [
                "about 2 %",
                "about 20 %, 40.0 s left",
                "about 50 %, 20.0 s left",
                "about 50 %, 21.0 s left",
                "about 99 %, 1.0 s left"
            ]
        );
        assert_eq!(Estimate::of(0), None);
    }

    #[test]
    fn a_corrected_number_never_takes_back_what_was_shown() {
        let mut estimate = Estimate::default();
        let mut shown = Vec::new();
        for (second, sent, expected) in [
            (1, 4, 0),
            (2, 10, 100),
            (10, 50, 1_000),
            (20, 400, 1_000),
            (30, 700, 700),
        ] {
            estimate.reached(sent, expected);
            shown.push(estimate.text(Duration::from_secs(second)));
        }
        assert_eq!(
            shown,
            [
                "about 0 %",
                "about 10 %, 18.0 s left",
                "about 10 %, 1 min 30 s left",
                "about 40 %, 30.0 s left",
                "about 99 %, 1.0 s left"
            ]
        );
    }
}
