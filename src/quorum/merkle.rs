//! Hash trees: two servers find the keys in which they differ without naming those in which they
//! agree (Merkle, "A Digital Signature Based on a Conventional Encryption Function", 1987;
//! Dynamo §4.7).

use std::hash::Hash;

use crate::sorted::SortedMap;
use crate::stable_hash::stable_hash;

/// A binary tree over keys. A key belongs to the leaf that the highest bits of its hash name. What
/// holds nothing hashes to 0 and takes no memory.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MerkleTree {
    /// From the root, which is level 0, to the leaves: what is not 0.
    levels: Vec<SortedMap<u32, u64>>,
}

impl MerkleTree {
    /// A tree with 2 to the power of `depth` leaves over keys and what is held of them, in the
    /// order of the keys. `depth` is taken to be at most 16.
    pub fn of<'a, K: Hash + 'a, C: Hash + 'a>(
        depth: u8,
        entries: impl Iterator<Item = (&'a K, &'a C)>,
    ) -> MerkleTree {
        let depth = depth.min(16);
        let mut leaves: SortedMap<u32, u64> = SortedMap::new();
        for (key, cell) in entries {
            let leaf = leaf_of(depth, key);
            let before = leaves.get(&leaf).copied().unwrap_or(0);
            leaves.insert(leaf, stable_hash(&(before, stable_hash(key), stable_hash(cell))));
        }
        let mut levels = vec![leaves];
        for _ in 0..depth {
            let below = &levels[levels.len() - 1];
            let mut level = SortedMap::new();
            for (place, hash) in below.iter() {
                let parent = place / 2;
                let before = level.get(&parent).copied().unwrap_or(0);
                level.insert(parent, stable_hash(&(before, *place, *hash)));
            }
            levels.push(level);
        }
        levels.reverse();
        MerkleTree { levels }
    }

    /// The level of the leaves.
    pub fn depth(&self) -> u8 {
        // At most 16, see `of`.
        (self.levels.len() - 1) as u8
    }

    /// The hash of everything.
    pub fn root(&self) -> u64 {
        self.node(0, 0)
    }

    /// The hash at a place of a level; 0 if nothing is held there, or there is no such place.
    pub fn node(&self, level: u8, place: u32) -> u64 {
        let level = self.levels.get(usize::from(level));
        level.and_then(|level| level.get(&place)).copied().unwrap_or(0)
    }
}

/// The leaf of a key in a tree of this depth, at most 16.
pub fn leaf_of<K: Hash + ?Sized>(depth: u8, key: &K) -> u32 {
    let depth = u32::from(depth.min(16));
    // Twice, because a shift by 64 is none.
    ((stable_hash(key) >> 1) >> (63 - depth)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(depth: u8, entries: &[(u32, u32)]) -> MerkleTree {
        MerkleTree::of(depth, entries.iter().map(|(key, cell)| (key, cell)))
    }

    #[test]
    fn one_change_shows_on_the_path_to_its_leaf_and_nowhere_else() {
        let mut entries: Vec<(u32, u32)> = (0..50).map(|key| (key, key)).collect();
        let before = tree(5, &entries);
        entries[17].1 += 1;
        let after = tree(5, &entries);
        assert_ne!(before.root(), after.root());
        let leaf = leaf_of(5, &17_u32);
        for level in 0..=5 {
            for place in 0..1 << level {
                let same = before.node(level, place) == after.node(level, place);
                assert_eq!(same, place != leaf >> (5 - level), "level {level}, place {place}");
            }
        }
    }

    #[test]
    fn leaves_are_within_the_tree_and_nothing_is_0() {
        for depth in [0, 1, 7, 16, 200] {
            let held = tree(depth, &[(3, 1)]);
            let leaf = leaf_of(depth, &3_u32);
            assert!(leaf < 1 << held.depth());
            assert_ne!(held.node(held.depth(), leaf), 0);
            assert_eq!(tree(depth, &[]).root(), 0);
        }
        assert_eq!(tree(3, &[(1, 1)]).node(9, 9), 0);
    }
}
