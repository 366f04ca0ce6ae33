//! Files that are not there yet: what they are, why, and when they are tried again.

use crate::json::is_default;
use serde::{Deserialize, Serialize};

/// Files that are named: a row has room for 4 KiB in all.
const NAMED: usize = 3;
/// Bytes of a name with its reason.
const NAME: usize = 160;
/// Pauses before tries, in milliseconds: the first one, and the longest; each is twice the one before.
const FIRST_PAUSE: u64 = 10 * 60_000;
const LONGEST_PAUSE: u64 = 24 * 60 * 60_000;

/// Files that are owed to an issue or to the runs of a launch.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Owed {
    /// Some of them, with why they are not there.
    #[serde(rename = "n", skip_serializing_if = "Vec::is_empty")]
    named: Vec<String>,
    /// How many more there are.
    #[serde(rename = "m", skip_serializing_if = "is_default")]
    more: u64,
    /// Tries so far.
    #[serde(rename = "t", skip_serializing_if = "is_default")]
    tries: u32,
    /// When they are tried again, in milliseconds since the epoch.
    #[serde(rename = "a", skip_serializing_if = "is_default")]
    again: u64,
    /// Digest of all files at the last try.
    #[serde(rename = "s", skip_serializing_if = "is_default")]
    stamp: String,
}

impl Owed {
    /// True where something is owed.
    pub fn is_some(&self) -> bool {
        !self.named.is_empty()
    }

    /// True where nothing is owed, or it may be tried.
    pub fn is_due(&self, now: u64) -> bool {
        now >= self.again
    }

    /// The same where these may be other files than those of the last try.
    pub fn is_due_for(&self, stamp: &str, now: u64) -> bool {
        self.is_due(now) || self.stamp != stamp
    }

    /// Takes note of a try that left these files, each with why. Without any, nothing is owed any more.
    pub fn tried(&mut self, left: &[String], stamp: &str, now: u64) {
        if left.is_empty() {
            *self = Owed::default();
            return;
        }
        let start = |text: &String| {
            let end = text.floor_char_boundary(NAME);
            text.get(..end).unwrap_or(text).to_owned()
        };
        let pause = FIRST_PAUSE.saturating_mul(1 << self.tries.min(20)).min(LONGEST_PAUSE);
        *self = Owed {
            named: left.iter().take(NAMED).map(start).collect(),
            more: left.len().saturating_sub(NAMED) as u64,
            tries: self.tries + 1,
            again: now + pause,
            stamp: stamp.to_owned(),
        };
    }

    /// What is owed, for a verdict.
    pub fn notes(&self) -> impl Iterator<Item = String> {
        let more = (self.more > 0).then(|| format!("{} more files are left out, and tried again", self.more));
        self.named.iter().cloned().chain(more)
    }
}

#[cfg(test)]
mod tests {
    use super::{FIRST_PAUSE, LONGEST_PAUSE, Owed};

    #[test]
    fn tries_are_further_and_further_apart_until_nothing_is_owed() {
        let (mut owed, mut now, mut pauses) = (Owed::default(), 1_000, Vec::new());
        let left = ["a", "b", "c", "d", "e"].map(|name| format!("{name}: full"));
        for _ in 0..12 {
            assert!(owed.is_due(now));
            owed.tried(&left, "stamp", now);
            assert!(!owed.is_due(now + FIRST_PAUSE - 1));
            pauses.push(owed.again - now);
            now = owed.again;
        }
        assert_eq!(
            (pauses[0], pauses[1], pauses[11]),
            (FIRST_PAUSE, 2 * FIRST_PAUSE, LONGEST_PAUSE)
        );
        assert_eq!(
            owed.notes().last().as_deref(),
            Some("2 more files are left out, and tried again")
        );
        assert!(owed.is_due_for("other files", 0) && !owed.is_due_for("stamp", now - 1));
        owed.tried(&[], "stamp", now);
        assert_eq!(owed, Owed::default());
    }

    #[test]
    fn what_is_owed_has_room_in_a_row() {
        let mut owed = Owed::default();
        owed.tried(&vec!["я".repeat(5_000); 100], "0123456789abcdef", u64::MAX / 2);
        assert!(serde_json::to_string(&owed).unwrap().len() < 700);
    }
}
