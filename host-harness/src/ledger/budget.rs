//! How many requests a server still takes from a credential: what was reserved of its rate windows, by any host.

/// Who shares a server's rate windows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BudgetKey {
    /// Scheme, host and port of the server.
    pub origin: String,
    /// Keyed digest of user name and secret, as in [`CredentialKey`](crate::credentials::CredentialKey).
    pub version: String,
}

/// Requests within a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// How many may be sent.
    pub requests: u32,
    /// Within how many milliseconds.
    pub window_ms: u64,
}

/// What came of asking for requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reserved {
    /// So many may be sent, each within [`VALID_MS`] from when it was asked for.
    Granted(u32),
    /// None before so many milliseconds.
    Wait(u64),
}

/// What is left of a credential's budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetLeft {
    /// Whose.
    pub key: BudgetKey,
    /// Requests that could be reserved now.
    pub left: u32,
}

/// How long what was reserved may be used, in milliseconds. It counts for so much longer than its window.
pub const VALID_MS: u64 = 5_000;

/// What was reserved of one budget: a store keeps it as a row, and changes it in a transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Budget {
    /// When, and how many; oldest first.
    taken: Vec<(u64, u32)>,
    /// The server asked for a pause until then.
    paused_until: u64,
}

impl Budget {
    /// Takes up to `wanted` requests where all limits leave room for one.
    pub(super) fn reserve(&mut self, limits: &[RateLimit], wanted: u32, now: u64) -> Reserved {
        self.forget(limits, now);
        if self.paused_until > now {
            return Reserved::Wait(self.paused_until - now);
        }
        match self.left(limits, now).min(wanted) {
            0 => Reserved::Wait(self.wait(limits, now)),
            granted => {
                self.taken.push((now, granted));
                Reserved::Granted(granted)
            }
        }
    }

    /// Nobody takes anything for so long.
    pub(super) fn pause(&mut self, ms: u64, now: u64) {
        self.paused_until = self.paused_until.max(now.saturating_add(ms));
    }

    /// What all limits leave.
    pub(super) fn left(&self, limits: &[RateLimit], now: u64) -> u32 {
        let left = limits.iter().map(|limit| {
            let taken = self.within(*limit, now).map(|(_, requests)| requests);
            limit.requests.saturating_sub(taken.fold(0, u32::saturating_add))
        });
        left.min().unwrap_or(u32::MAX)
    }

    /// Until the oldest of a full window leaves it.
    fn wait(&self, limits: &[RateLimit], now: u64) -> u64 {
        let waits = limits.iter().filter_map(|limit| {
            let is_full = self.left(&[*limit], now) == 0;
            let (oldest, _) = self.within(*limit, now).next().filter(|_| is_full)?;
            Some((oldest + limit.window_ms + VALID_MS).saturating_sub(now))
        });
        waits.max().unwrap_or(VALID_MS).max(1)
    }

    fn within(&self, limit: RateLimit, now: u64) -> impl Iterator<Item = (u64, u32)> {
        let counts = move |at: u64| at + limit.window_ms + VALID_MS > now;
        self.taken.iter().copied().filter(move |(at, _)| counts(*at))
    }

    /// What no window holds any more; and what a clock that was wrong wrote into the future counts as of now.
    fn forget(&mut self, limits: &[RateLimit], now: u64) {
        let longest = limits.iter().map(|limit| limit.window_ms).max().unwrap_or(0);
        for (at, _) in &mut self.taken {
            *at = now.min(*at);
        }
        self.taken.retain(|(at, _)| at + longest + VALID_MS > now);
    }

    /// As stores keep it.
    pub(super) fn columns(&self) -> (String, i64) {
        let taken = self.taken.iter().map(|(at, requests)| format!("{at}:{requests}"));
        (taken.collect::<Vec<_>>().join(","), self.paused_until.cast_signed())
    }

    pub(super) fn of_columns(taken: &str, paused_until: i64) -> Self {
        let one = |text: &str| {
            let (at, requests) = text.split_once(':')?;
            Some((at.parse().ok()?, requests.parse().ok()?))
        };
        Self {
            taken: taken.split(',').filter_map(one).collect(),
            paused_until: paused_until.cast_unsigned(),
        }
    }
}

/// Limits in a column, for whoever asks what is left.
pub(super) fn limits_text(limits: &[RateLimit]) -> String {
    let limits = limits
        .iter()
        .map(|limit| format!("{}:{}", limit.requests, limit.window_ms));
    limits.collect::<Vec<_>>().join(",")
}

pub(super) fn limits_of(text: &str) -> Vec<RateLimit> {
    let one = |text: &str| {
        let (requests, window_ms) = text.split_once(':')?;
        Some(RateLimit {
            requests: requests.parse().ok()?,
            window_ms: window_ms.parse().ok()?,
        })
    };
    text.split(',').filter_map(one).collect()
}
