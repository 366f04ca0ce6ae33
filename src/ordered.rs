//! Tables and sets in the order of their keys: sorted lists.
//!
//! What `BTreeMap` does for any size costs ten kilobytes of a component's code for every type of key and value. These are
//! for what a batch holds, some thousand rows: a row that does not come in order moves those behind it. Larger ones are
//! merged of such.

use std::borrow::Borrow;
use std::cmp::Ordering;

use crate::json::{Shape, Slot};
use serde::ser::{Serialize, Serializer};

/// Values by key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table<K, V> {
    rows: Vec<(K, V)>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self { rows: Vec::new() }
    }
}

impl<K: Ord, V> Table<K, V> {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        // Rows mostly come in order.
        match self.rows.last() {
            Some((last, _)) if last.borrow() < key => Err(self.rows.len()),
            _ => self.rows.binary_search_by(|(other, _)| other.borrow().cmp(key)),
        }
    }

    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let place = self.place(key).ok()?;
        self.rows.get(place).map(|(_, value)| value)
    }

    /// The place of a key among the keys, and its value.
    pub fn find<Q: Ord + ?Sized>(&self, key: &Q) -> Option<(usize, &V)>
    where
        K: Borrow<Q>,
    {
        let place = self.place(key).ok()?;
        self.rows.get(place).map(|(_, value)| (place, value))
    }

    /// The value of a key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let place = self.place(key).ok()?;
        self.rows.get_mut(place).map(|(_, value)| value)
    }

    /// Whether there is a value.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.place(key).is_ok()
    }

    /// Puts a value in, and gives back the one before it.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.place(&key) {
            Ok(place) => {
                let row = self.rows.get_mut(place)?;
                Some(std::mem::replace(&mut row.1, value))
            }
            Err(place) => {
                self.rows.insert(place, (key, value));
                None
            }
        }
    }

    /// Takes a value out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let place = self.place(key).ok()?;
        Some(self.rows.remove(place).1)
    }
}

impl<K: Ord, V> Table<K, V> {
    /// Takes in another table, row after row in one pass; two rows of a key become one.
    pub fn merge(&mut self, other: Self, both: impl Fn(&mut V, V)) {
        let ours = std::mem::take(&mut self.rows);
        self.rows.reserve(ours.len() + other.rows.len());
        let (mut ours, mut theirs) = (ours.into_iter().peekable(), other.rows.into_iter().peekable());
        loop {
            let order = match (ours.peek(), theirs.peek()) {
                (Some((one, _)), Some((other, _))) => one.cmp(other),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => return,
            };
            if order == Ordering::Greater {
                self.rows.extend(theirs.next());
                continue;
            }
            self.rows.extend(ours.next());
            if order == Ordering::Equal
                && let (Some((_, value)), Some((_, more))) = (self.rows.last_mut(), theirs.next())
            {
                both(value, more);
            }
        }
    }

    /// Leaves only the rows that are wanted.
    pub fn retain(&mut self, mut wanted: impl FnMut(&mut V) -> bool) {
        self.rows.retain_mut(|(_, value)| wanted(value));
    }
}

impl<K: Ord, V: Default> Table<K, V> {
    /// The value of a key, which is made where there is none.
    pub fn at(&mut self, key: K) -> &mut V {
        let place = match self.place(&key) {
            Ok(place) => place,
            Err(place) => {
                self.rows.insert(place, (key, V::default()));
                place
            }
        };
        #[expect(clippy::indexing_slicing, reason = "the place was found, or made, a line above")]
        &mut self.rows[place].1
    }
}

impl<K, V> Table<K, V> {
    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Takes all rows out.
    pub fn clear(&mut self) {
        self.rows.clear();
    }

    /// Rows in the order of their keys.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> + ExactSizeIterator {
        self.rows.iter().map(|(key, value)| (key, value))
    }

    /// Keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator {
        self.rows.iter().map(|(key, _)| key)
    }

    /// Values in the order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator {
        self.rows.iter().map(|(_, value)| value)
    }

    /// Keys in order, taken out.
    pub fn into_keys(self) -> impl DoubleEndedIterator<Item = K> {
        self.rows.into_iter().map(|(key, _)| key)
    }

    /// Values in the order of their keys, taken out.
    pub fn into_values(self) -> impl DoubleEndedIterator<Item = V> {
        self.rows.into_iter().map(|(_, value)| value)
    }
}

impl<K: Ord, V> Extend<(K, V)> for Table<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, rows: I) {
        for (key, value) in rows {
            self.insert(key, value);
        }
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for Table<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(rows: I) -> Self {
        let mut table = Self::new();
        table.extend(rows);
        table
    }
}

impl<K: Ord, V, const N: usize> From<[(K, V); N]> for Table<K, V> {
    fn from(rows: [(K, V); N]) -> Self {
        rows.into_iter().collect()
    }
}

impl<K, V> IntoIterator for Table<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.into_iter()
    }
}

impl<'a, K, V> IntoIterator for &'a Table<K, V> {
    type Item = &'a (K, V);
    type IntoIter = std::slice::Iter<'a, (K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.rows.iter()
    }
}

/// A JSON object.
impl<V: Serialize> Serialize for Table<String, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<V: Slot + Default> Slot for Table<String, V> {
    fn expects(&self) -> &'static str {
        "an object"
    }

    fn begin(&mut self, shape: Shape) -> bool {
        self.clear();
        shape == Shape::Object
    }

    fn member(&mut self, name: &str) -> Option<&mut dyn Slot> {
        Some(self.at(name.to_owned()))
    }
}

/// A list in order, of equal elements one.
pub fn sorted<T: Ord>(elements: impl IntoIterator<Item = T>) -> Vec<T> {
    Set::from_iter(elements).into_iter().collect()
}

/// Elements, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set<T> {
    elements: Table<T, ()>,
}

impl<T> Default for Set<T> {
    fn default() -> Self {
        Self {
            elements: Table::default(),
        }
    }
}

impl<T: Ord> Set<T> {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts an element in; false where it was there.
    pub fn insert(&mut self, element: T) -> bool {
        self.elements.insert(element, ()).is_none()
    }

    /// Whether it is there.
    pub fn contains<Q: Ord + ?Sized>(&self, element: &Q) -> bool
    where
        T: Borrow<Q>,
    {
        self.elements.contains_key(element)
    }
}

impl<T> Set<T> {
    /// How many elements it has.
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// Elements in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.elements.keys()
    }
}

impl<T: Ord> Extend<T> for Set<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, elements: I) {
        self.elements.extend(elements.into_iter().map(|element| (element, ())));
    }
}

impl<T: Ord> FromIterator<T> for Set<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let mut set = Self::new();
        set.extend(elements);
        set
    }
}

impl<T> IntoIterator for Set<T> {
    type Item = T;
    type IntoIter = std::iter::Map<std::vec::IntoIter<(T, ())>, fn((T, ())) -> T>;

    fn into_iter(self) -> Self::IntoIter {
        self.elements.into_iter().map(|(element, ())| element)
    }
}

#[cfg(test)]
mod tests {
    use super::{Set, Table};
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_table_does_what_a_tree_does(steps in proptest::collection::vec((0..30_u8, 0..3_u8), 0..200)) {
            let (mut table, mut tree) = (Table::new(), BTreeMap::new());
            for (number, (key, what)) in steps.into_iter().enumerate() {
                match what {
                    0 => prop_assert_eq!(table.remove(&key), tree.remove(&key)),
                    1 => prop_assert_eq!(*table.at(key), *tree.entry(key).or_default()),
                    _ => prop_assert_eq!(table.insert(key, number), tree.insert(key, number)),
                }
                prop_assert_eq!(table.get(&key), tree.get(&key));
            }
            prop_assert!(table.iter().eq(tree.iter()));
        }
    }

    proptest! {
        #[test]
        fn merged_tables_have_the_rows_of_both(
            one in proptest::collection::btree_map(0..40_u8, 0..9_u32, 0..30),
            other in proptest::collection::btree_map(0..40_u8, 0..9_u32, 0..30),
        ) {
            let mut tree = one.clone();
            other.iter().for_each(|(key, value)| *tree.entry(*key).or_default() += value);
            let mut table = Table::from_iter(one);
            table.merge(Table::from_iter(other), |value, more| *value += more);
            prop_assert!(table.iter().eq(tree.iter()));
        }
    }

    #[test]
    fn a_table_is_a_json_object_and_a_set_has_each_element_once() {
        let table: Table<String, u32> = crate::json::read(br#"{"b": 1, "a": 2, "b": 3}"#).unwrap();
        assert_eq!(serde_json::to_string(&table).unwrap(), r#"{"a":2,"b":3}"#);
        let set: Set<u8> = [3, 1, 3].into_iter().collect();
        assert_eq!(set.into_iter().collect::<Vec<_>>(), [1, 3]);
    }
}
