//! Ordered maps and sets for a handful of elements, kept as sorted vectors.
//!
//! A cluster has a few servers, a leader a few followers, a network a few dozen messages. For so
//! few, a sorted vector is as fast as a tree. It is also a tenth of the code: each kind of
//! `BTreeMap` adds about 5 kB to the wasm that every reader loads, each kind of [`SortedMap`] a few
//! hundred bytes. Iteration is in the order of keys, always.

use std::borrow::Borrow;

/// A map whose iteration is in the order of its keys. Insertion and removal cost O(n).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SortedMap<K, V> {
    entries: Vec<(K, V)>,
}

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> SortedMap<K, V> {
        SortedMap { entries: Vec::new() }
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    /// A map of nothing.
    pub const fn new() -> SortedMap<K, V> {
        SortedMap { entries: Vec::new() }
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of `key`.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.place(key).ok().map(|place| &self.entries[place].1)
    }

    /// The value of `key`, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.place(key).ok().map(|place| &mut self.entries[place].1)
    }

    /// Whether `key` has a value.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.place(key).is_ok()
    }

    /// Gives `key` a value and returns the one it had.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.place(&key) {
            Ok(place) => Some(std::mem::replace(&mut self.entries[place].1, value)),
            Err(place) => {
                self.entries.insert(place, (key, value));
                None
            }
        }
    }

    /// Takes `key` out and returns its value.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.place(key).ok().map(|place| self.entries.remove(place).1)
    }

    /// Keeps the keys that `keep` says yes to.
    pub fn retain(&mut self, mut keep: impl FnMut(&K) -> bool) {
        self.entries.retain(|(key, _)| keep(key));
    }

    /// Takes the lowest key out.
    pub fn pop_first(&mut self) -> Option<(K, V)> {
        (!self.entries.is_empty()).then(|| self.entries.remove(0))
    }

    /// Takes the lowest `count` keys out, or all if there are fewer.
    pub fn remove_first(&mut self, count: usize) {
        self.entries.drain(..count.min(self.entries.len()));
    }

    /// A key and its value by its place in the order, from 0.
    pub fn nth(&self, place: usize) -> Option<(&K, &V)> {
        self.entries.get(place).map(|(key, value)| (key, value))
    }

    /// The lowest key and its value.
    pub fn first_key_value(&self) -> Option<(&K, &V)> {
        self.entries.first().map(|(key, value)| (key, value))
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// The keys, lowest first.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> {
        self.entries.iter().map(|(key, _)| key)
    }

    /// The values, in the order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.entries.iter().map(|(_, value)| value)
    }

    /// The values, to be changed.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut V> {
        self.entries.iter_mut().map(|(_, value)| value)
    }

    /// The values themselves, in the order of their keys.
    pub fn into_values(self) -> impl DoubleEndedIterator<Item = V> {
        self.entries.into_iter().map(|(_, value)| value)
    }

    /// Keys and values, in the order of the keys.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        match self.entries.last() {
            // What comes in order goes to the end without a search.
            Some((last, _)) if last.borrow() < key => Err(self.entries.len()),
            _ => self.entries.binary_search_by(|(other, _)| other.borrow().cmp(key)),
        }
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for SortedMap<K, V> {
    /// Of a key that comes twice the last value counts.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> SortedMap<K, V> {
        let mut map = SortedMap::new();
        for (key, value) in entries {
            map.insert(key, value);
        }
        map
    }
}

/// A set whose iteration is in the order of its elements. Insertion and removal cost O(n).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SortedSet<T> {
    elements: Vec<T>,
}

impl<T> Default for SortedSet<T> {
    fn default() -> SortedSet<T> {
        SortedSet { elements: Vec::new() }
    }
}

impl<T: Ord> SortedSet<T> {
    /// The empty set.
    pub const fn new() -> SortedSet<T> {
        SortedSet { elements: Vec::new() }
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// Whether `element` is in the set.
    pub fn contains(&self, element: &T) -> bool {
        self.elements.binary_search(element).is_ok()
    }

    /// Puts `element` in. `false` if it was in already.
    pub fn insert(&mut self, element: T) -> bool {
        match self.elements.binary_search(&element) {
            Ok(_) => false,
            Err(place) => {
                self.elements.insert(place, element);
                true
            }
        }
    }

    /// Takes `element` out. `false` if it was not in.
    pub fn remove(&mut self, element: &T) -> bool {
        let place = self.elements.binary_search(element);
        place.map(|place| self.elements.remove(place)).is_ok()
    }

    /// Keeps what `keep` says yes to.
    pub fn retain(&mut self, keep: impl FnMut(&T) -> bool) {
        self.elements.retain(keep);
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        self.elements.clear();
    }

    /// The elements as a vector, lowest first.
    pub fn into_vec(self) -> Vec<T> {
        self.elements
    }

    /// The elements, lowest first.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.elements.iter()
    }
}

impl<T: Ord> FromIterator<T> for SortedSet<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> SortedSet<T> {
        let mut set = SortedSet::new();
        for element in elements {
            set.insert(element);
        }
        set
    }
}

impl<T: Ord, const N: usize> From<[T; N]> for SortedSet<T> {
    fn from(elements: [T; N]) -> SortedSet<T> {
        elements.into_iter().collect()
    }
}

impl<'a, T: Ord> IntoIterator for &'a SortedSet<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> std::slice::Iter<'a, T> {
        self.elements.iter()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::random::Random;

    /// A thousand random operations leave the same as in the standard library's trees.
    #[test]
    fn behaves_like_the_trees_it_stands_for() {
        let mut random = Random::from_seed(1);
        let (mut map, mut tree) = (SortedMap::new(), BTreeMap::new());
        let (mut set, mut tree_set) = (SortedSet::new(), BTreeSet::new());
        for value in 0..1_000 {
            let key = random.below(40);
            if random.below(3) == 0 {
                assert_eq!(map.remove(&key), tree.remove(&key));
                assert_eq!(set.remove(&key), tree_set.remove(&key));
            } else {
                assert_eq!(map.insert(key, value), tree.insert(key, value));
                assert_eq!(set.insert(key), tree_set.insert(key));
            }
            assert!(map.iter().eq(tree.iter()) && set.iter().eq(tree_set.iter()));
            assert_eq!((map.get(&7), set.contains(&7)), (tree.get(&7), tree_set.contains(&7)));
        }
        let second = tree.iter().nth(1).map(|(key, value)| (*key, *value));
        assert_eq!(map.nth(1).map(|(key, value)| (*key, *value)), second);
        map.remove_first(2);
        tree.pop_first();
        tree.pop_first();
        assert!(map.iter().eq(tree.iter()));
        while let Some(first) = map.pop_first() {
            assert_eq!(Some(first), tree.pop_first());
        }
        assert!(tree.is_empty());
        map.remove_first(1);
        assert_eq!(map.nth(0), None);
    }
}
