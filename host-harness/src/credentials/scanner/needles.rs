//! One search for many needles, whose cost hardly depends on how many there are.
//!
//! The first windows of each needle are known, and one window of each stretch of the text is looked up: wherever a needle
//! stands, one of its windows is at a place that is looked at.

use zeroize::Zeroizing;

/// Bytes of a window: as many as fill a word.
const WINDOW: usize = 4;
/// Bytes of the shortest needle that is found.
pub(super) const SHORTEST: usize = 12;
/// How far apart the places in a text are, and how many windows of a needle are known.
const STRIDE: usize = SHORTEST - WINDOW + 1;
/// Bits of the filter for each known window: one of so many other windows passes it.
const SPARSENESS: usize = 64;
/// Spreads windows over the upper bits (Knuth's multiplicative hash: 2^32 divided by the golden ratio).
const SPREAD: u32 = 0x9E37_79B1;

/// A set of needles, each with an owner. Everything that is derived from a needle is wiped when it is dropped.
pub(super) struct Needles {
    /// A bit for the hash of each known window.
    filter: Zeroizing<Vec<u64>>,
    /// Bits of a hash that do not count, because the filter is smaller.
    shift: u32,
    /// Known windows in ascending order, each with the place of its needle and its offset in it.
    windows: Zeroizing<Vec<(u32, usize, usize)>>,
    needles: Vec<(usize, Zeroizing<Vec<u8>>)>,
}

impl Needles {
    /// For needles of [`SHORTEST`] bytes or more, each with its owner.
    pub(super) fn new<'a>(needles: impl Iterator<Item = (usize, &'a [u8])>) -> Self {
        let needles: Vec<_> = needles
            .map(|(owner, needle)| (owner, Zeroizing::new(needle.to_vec())))
            .collect();
        let mut windows = Zeroizing::new(Vec::with_capacity(needles.len() * STRIDE));
        for (place, (_, needle)) in needles.iter().enumerate() {
            let known = needle.array_windows().take(STRIDE).enumerate();
            windows.extend(known.map(|(offset, window)| (u32::from_le_bytes(*window), place, offset)));
        }
        windows.sort_unstable();
        let bits = (windows.len() * SPARSENESS).next_power_of_two().max(64);
        let mut needles = Self {
            filter: Zeroizing::new(vec![0; bits / 64]),
            shift: u32::BITS.saturating_sub(bits.ilog2()),
            windows,
            needles,
        };
        for (window, ..) in needles.windows.iter() {
            let hash = hash(*window, needles.shift);
            if let Some(word) = needles.filter.get_mut(hash / 64) {
                *word |= 1 << (hash % 64);
            }
        }
        needles
    }

    /// Length of the longest needle, in bytes.
    pub(super) fn longest(&self) -> usize {
        self.needles
            .iter()
            .map(|(_, needle)| needle.len())
            .max()
            .unwrap_or_default()
    }

    /// Names the owner of each needle that stands in a text, perhaps more than once.
    pub(super) fn search(&self, text: &[u8], see: &mut dyn FnMut(usize)) {
        if self.needles.is_empty() {
            return;
        }
        let samples = text.array_windows::<WINDOW>().step_by(STRIDE).enumerate();
        for (sample, window) in samples {
            let window = u32::from_le_bytes(*window);
            if self.passes(window) {
                self.compare(text, sample * STRIDE, window, see);
            }
        }
    }

    fn passes(&self, window: u32) -> bool {
        let hash = hash(window, self.shift);
        self.filter
            .get(hash / 64)
            .is_some_and(|word| word >> (hash % 64) & 1 == 1)
    }

    #[cold]
    fn compare(&self, text: &[u8], at: usize, window: u32, see: &mut dyn FnMut(usize)) {
        let first = self.windows.partition_point(|(known, ..)| *known < window);
        let alike = self
            .windows
            .iter()
            .skip(first)
            .take_while(|(known, ..)| *known == window);
        for (_, place, offset) in alike {
            let from = at.checked_sub(*offset).and_then(|start| text.get(start..));
            if let (Some(from), Some((owner, needle))) = (from, self.needles.get(*place))
                && from.starts_with(needle)
            {
                see(*owner);
            }
        }
    }
}

/// The upper bits of the spread window.
fn hash(window: u32, shift: u32) -> usize {
    (window.wrapping_mul(SPREAD) >> shift) as usize
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn searched(needles: &[Vec<u8>], text: &[u8]) -> BTreeSet<usize> {
        let needles = Needles::new(needles.iter().map(Vec::as_slice).enumerate());
        let mut found = BTreeSet::new();
        needles.search(text, &mut |owner| {
            found.insert(owner);
        });
        found
    }

    fn compared(needles: &[Vec<u8>], text: &[u8]) -> BTreeSet<usize> {
        let stands = |needle: &[u8]| text.windows(needle.len()).any(|window| window == needle);
        let places = needles.iter().enumerate().filter(|(_, needle)| stands(needle));
        places.map(|(place, _)| place).collect()
    }

    #[test]
    fn without_needles_nothing_is_found() {
        assert!(searched(&[], b"a text of some length").is_empty());
    }

    proptest! {
        #[test]
        fn a_needle_is_found_at_any_place_of_any_text(
            needles in vec(vec(any::<u8>(), SHORTEST..40), 1..40),
            which in any::<prop::sample::Index>(),
            before in vec(any::<u8>(), 0..40),
            after in vec(any::<u8>(), 0..40),
        ) {
            let place = which.index(needles.len());
            let text = [before, needles[place].clone(), after].concat();
            prop_assert!(searched(&needles, &text).contains(&place));
        }

        /// Of few letters, so that needles overlap and nearly stand everywhere.
        #[test]
        fn what_is_found_is_what_stands_there(
            needles in vec(vec(b'a'..=b'b', SHORTEST..16), 0..20),
            text in vec(b'a'..=b'b', 0..2_000),
        ) {
            prop_assert_eq!(searched(&needles, &text), compared(&needles, &text));
        }
    }
}
