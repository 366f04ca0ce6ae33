//! Whose steps stand on a Test: those that an export wrote, as they were or edited, and those that somebody added.

use super::step::StepText;
use crate::digest;

/// Steps of a Test that are remembered. Nobody adds steps by hand to longer ones and expects them to be distinguished.
pub const REMEMBERED: usize = 400;

impl StepText {
    /// A short digest, to recognise the step in a list.
    pub fn digest(&self) -> String {
        digest::short(self.line().as_bytes()).chars().take(8).collect()
    }
}

/// Positions of steps that somebody added, from the digests of the written ones and of those that stand. Between two steps
/// that are still there, new ones take the place of missing ones first: they were edited.
pub fn added(written: &[String], there: &[String]) -> Vec<usize> {
    let mut added = Vec::new();
    let (mut from, mut at) = (0, 0);
    let pairs = common(written, there);
    let still: Vec<usize> = pairs.iter().map(|(from, _)| *from).collect();
    let missing = written.iter().enumerate().filter(|(from, _)| !still.contains(from));
    let mut moved: Vec<&String> = missing.map(|(_, digest)| digest).collect();
    let ends = std::iter::once((written.len(), there.len()));
    for (next_from, next_at) in pairs.into_iter().chain(ends) {
        let edited = next_from - from;
        added.extend((at + edited.min(next_at - at))..next_at);
        (from, at) = (next_from + 1, next_at + 1);
    }
    // What is missing at its place and stands at another was moved.
    added.retain(
        |at| match moved.iter().position(|digest| there.get(*at) == Some(*digest)) {
            Some(found) => {
                moved.remove(found);
                false
            }
            None => true,
        },
    );
    added
}

/// A longest common subsequence, as pairs of positions.
fn common(one: &[String], other: &[String]) -> Vec<(usize, usize)> {
    if one.len() > REMEMBERED || other.len() > REMEMBERED {
        return Vec::new();
    }
    let equal = |from: usize, to: usize| one.get(from) == other.get(to);
    let width = other.len() + 1;
    let mut lengths = vec![0_u16; (one.len() + 1) * width];
    let length = |lengths: &[u16], from: usize, to: usize| lengths.get(from * width + to).copied().unwrap_or(0);
    for from in (0..one.len()).rev() {
        for to in (0..other.len()).rev() {
            let best = match equal(from, to) {
                true => length(&lengths, from + 1, to + 1) + 1,
                false => length(&lengths, from + 1, to).max(length(&lengths, from, to + 1)),
            };
            if let Some(cell) = lengths.get_mut(from * width + to) {
                *cell = best;
            }
        }
    }
    let (mut pairs, mut from, mut to) = (Vec::new(), 0, 0);
    while from < one.len() && to < other.len() {
        if equal(from, to) {
            pairs.push((from, to));
            (from, to) = (from + 1, to + 1);
        } else if length(&lengths, from + 1, to) >= length(&lengths, from, to + 1) {
            from += 1;
        } else {
            to += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::added;

    #[test]
    fn edited_steps_are_distinguished_from_added_ones() {
        let list = |words: &str| words.chars().map(String::from).collect::<Vec<_>>();
        for (written, there, expected) in [
            ("abc", "abc", vec![]),
            ("abc", "abcx", vec![3]),
            ("abc", "xabc", vec![0]),
            ("abc", "axbc", vec![1]),
            ("abc", "axc", vec![]),
            ("abc", "axyc", vec![2]),
            ("abc", "ac", vec![]),
            ("abc", "xyz", vec![]),
            ("", "xy", vec![0, 1]),
            ("ab", "ba", vec![]),
            ("ab", "bab", vec![0]),
            ("ab", "bxa", vec![1]),
        ] {
            assert_eq!(added(&list(written), &list(there)), expected, "{written} → {there}");
        }
    }
}
