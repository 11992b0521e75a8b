//! What a search has tried: a hash set that grows, with the same order of everything everywhere.

use std::hash::Hash;

use crate::stable_hash::stable_hash;

#[derive(Clone, Debug)]
pub(in crate::check) struct Memo<S> {
    /// Places in `entries` plus one; 0 is free. A power of two of them, at most half used.
    table: Vec<u32>,
    entries: Vec<(u64, Vec<u64>, S)>,
}

impl<S: Eq + Hash> Memo<S> {
    pub(in crate::check) fn new() -> Memo<S> {
        Memo { table: vec![0; 64], entries: Vec::new() }
    }

    pub(in crate::check) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Notes that these operations lead to this state. `false` if that was known.
    pub(in crate::check) fn insert(&mut self, done: &[u64], state: &S) -> bool
    where
        S: Clone,
    {
        let hash = stable_hash(&(done, state));
        let mask = self.table.len() - 1;
        let mut slot = hash as usize & mask;
        while let Some(place) = self.table[slot].checked_sub(1) {
            let (other, other_done, other_state) = &self.entries[place as usize];
            if *other == hash && other_done == done && other_state == state {
                return false;
            }
            slot = (slot + 1) & mask;
        }
        self.entries.push((hash, done.to_vec(), state.clone()));
        self.table[slot] = self.entries.len() as u32;
        if self.entries.len() * 2 > self.table.len() {
            self.grow();
        }
        true
    }

    fn grow(&mut self) {
        let mask = self.table.len() * 2 - 1;
        self.table = vec![0; mask + 1];
        for (place, (hash, ..)) in self.entries.iter().enumerate() {
            let mut slot = *hash as usize & mask;
            while self.table[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            self.table[slot] = place as u32 + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_everything_once() {
        let mut memo = Memo::new();
        for round in [true, false] {
            for n in 0..5_000_u64 {
                assert_eq!(memo.insert(&[n / 7, n], &(n % 3)), round);
            }
        }
        assert_eq!(memo.len(), 5_000);
        assert!(memo.insert(&[0, 0], &1));
    }
}
