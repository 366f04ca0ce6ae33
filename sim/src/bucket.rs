//! The token bucket behind every rate limit: Jira Data Center's per user, Jira Cloud's per endpoint, Xray Cloud's window.

use crate::jira::id::Millis;

/// How a bucket fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Filling {
    /// Size of the bucket, which starts full.
    pub capacity: u32,
    /// Tokens that come back per interval.
    pub tokens: u32,
    /// Length of an interval; at least one millisecond.
    pub interval: Millis,
    /// Whether the tokens come back evenly during the interval instead of all at its end.
    pub evenly: bool,
}

/// A bucket of tokens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    /// Thousandths of tokens.
    level: i64,
    /// Until when the level counts what came back.
    filled: Millis,
}

/// What became of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Whether there was a token.
    pub passes: bool,
    /// Whole tokens that are left.
    pub remaining: u32,
    /// Milliseconds until a token comes back.
    pub wait: Millis,
}

const TOKEN: i64 = 1_000;

impl Bucket {
    /// A full bucket.
    pub fn full(filling: Filling, now: Millis) -> Self {
        Self {
            level: i64::from(filling.capacity) * TOKEN,
            filled: now,
        }
    }

    /// Takes a token if there is one.
    pub fn take(&mut self, filling: Filling, now: Millis) -> Taken {
        self.fill(filling, now);
        let passes = self.level >= TOKEN;
        if passes {
            self.level -= TOKEN;
        }
        Taken {
            passes,
            remaining: u32::try_from(self.level / TOKEN).unwrap_or(0),
            wait: self.filled + filling.interval.max(1) - now,
        }
    }

    /// An interval begins when the first token leaves a full bucket.
    fn fill(&mut self, filling: Filling, now: Millis) {
        let interval = filling.interval.max(1);
        let elapsed = (now - self.filled).max(0);
        let (gained, until) = if filling.evenly {
            (
                elapsed.saturating_mul(i64::from(filling.tokens)).saturating_mul(TOKEN) / interval,
                now,
            )
        } else {
            let intervals = elapsed / interval;
            let gained = intervals
                .saturating_mul(i64::from(filling.tokens))
                .saturating_mul(TOKEN);
            (gained, self.filled + intervals * interval)
        };
        let capacity = i64::from(filling.capacity) * TOKEN;
        self.level = self.level.saturating_add(gained).min(capacity);
        self.filled = if self.level == capacity { now } else { until };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(bucket: &mut Bucket, filling: Filling, now: Millis, requests: u32) -> usize {
        (0..requests).filter(|_| bucket.take(filling, now).passes).count()
    }

    #[test]
    fn a_bucket_that_fills_in_steps_is_a_window_of_so_many() {
        let window = Filling {
            capacity: 3,
            tokens: 3,
            interval: 300_000,
            evenly: false,
        };
        let mut bucket = Bucket::full(window, 0);
        assert_eq!(passed(&mut bucket, window, 1_000, 5), 3);
        assert_eq!(bucket.take(window, 11_000).wait, 290_000);
        assert_eq!(passed(&mut bucket, window, 301_000, 5), 3);
    }

    #[test]
    fn a_bucket_that_fills_evenly_gives_back_a_part_of_its_tokens_early() {
        let burst = Filling {
            capacity: 50,
            tokens: 50,
            interval: 1_000,
            evenly: true,
        };
        let mut bucket = Bucket::full(burst, 0);
        assert_eq!(passed(&mut bucket, burst, 0, 60), 50);
        assert_eq!(passed(&mut bucket, burst, 100, 60), 5);
    }
}
