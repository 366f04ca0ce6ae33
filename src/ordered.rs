//! Ordered maps and sets, filled one by one.
//!
//! `collect` sorts before it builds, which costs five kilobytes of a component's code for every type of element.

use std::collections::{BTreeMap, BTreeSet};

/// A map of pairs; of equal keys the last counts.
pub fn map<K: Ord, V>(pairs: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    map.extend(pairs);
    map
}

/// A set of elements.
pub fn set<T: Ord>(elements: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    set.extend(elements);
    set
}
