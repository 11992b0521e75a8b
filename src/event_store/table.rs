//! A hash index from 32-bit hashes to places in a vector that lives elsewhere.
//!
//! Slots come in groups of eight, and each has a byte of its key's hash, so that one word says
//! which of a group may be meant: about one look in forty is for nothing. Most ids that a store
//! looks for are new, and to know that takes one word, of which there are few enough for a near
//! cache. The group where a key belongs is given by the highest bits of its hash, so a table that
//! grows keeps its order and is copied in one sweep, without looking at a key.
//!
//! Nothing ever iterates a table: what is stored has an order of its own. Hashes are no secret: who
//! chooses keys on purpose can make a table slow, never wrong.

#[derive(Clone, Debug)]
pub(super) struct Table {
    /// A byte a slot, never 0; 0 is a free slot. A power of two of groups.
    groups: Vec<u64>,
    /// A hash in the upper half, a place in the lower.
    slots: Vec<u64>,
    used: usize,
}

/// Slots of a group.
const GROUP: usize = 8;
const FEWEST_GROUPS: usize = 2;
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

impl Table {
    pub(super) fn new() -> Table {
        Table { groups: vec![0; FEWEST_GROUPS], slots: vec![0; FEWEST_GROUPS * GROUP], used: 0 }
    }

    /// The place with this hash that `is` says yes to.
    #[inline]
    pub(super) fn find(&self, hash: u32, mut is: impl FnMut(u32) -> bool) -> Option<u32> {
        let mask = self.groups.len() - 1;
        let mut group = self.home(hash);
        loop {
            let bytes = self.groups[group & mask];
            let mut same = zero_bytes(bytes ^ byte_of(hash).wrapping_mul(ONES));
            while same != 0 {
                let slot = (group & mask) * GROUP + (same.trailing_zeros() / 8) as usize;
                let word = self.slots[slot];
                if (word >> 32) as u32 == hash && is(word as u32) {
                    return Some(word as u32);
                }
                same &= same - 1;
            }
            if zero_bytes(bytes) != 0 {
                return None;
            }
            group += 1;
        }
    }

    /// Adds a place that is not in the table.
    #[inline]
    pub(super) fn insert(&mut self, hash: u32, place: u32) {
        if self.used * 8 >= self.slots.len() * 7 {
            self.grow();
        }
        self.used += 1;
        self.put(u64::from(hash) << 32 | u64::from(place));
    }

    #[inline]
    fn put(&mut self, word: u64) {
        let mask = self.groups.len() - 1;
        let hash = (word >> 32) as u32;
        let mut group = self.home(hash) & mask;
        let mut free = zero_bytes(self.groups[group]);
        while free == 0 {
            group = (group + 1) & mask;
            free = zero_bytes(self.groups[group]);
        }
        let lane = free.trailing_zeros() / 8;
        self.groups[group] |= byte_of(hash) << (lane * 8);
        self.slots[group * GROUP + lane as usize] = word;
    }

    #[cold]
    fn grow(&mut self) {
        let more = self.groups.len() * 2;
        let groups = std::mem::replace(&mut self.groups, vec![0; more]);
        let slots = std::mem::replace(&mut self.slots, vec![0; more * GROUP]);
        for (bytes, slots) in groups.iter().zip(slots.chunks_exact(GROUP)) {
            // The free slots of a group are its last ones.
            let full = GROUP - zero_bytes(*bytes).count_ones() as usize;
            slots[..full].iter().for_each(|word| self.put(*word));
        }
    }

    /// The group where a hash belongs: its share of the whole length.
    #[inline]
    fn home(&self, hash: u32) -> usize {
        ((u64::from(hash) * self.groups.len() as u64) >> 32) as usize
    }
}

/// The byte of a hash that stands for it in its group: of its lower bits, for the higher ones are
/// about the same in all of a group.
#[inline]
fn byte_of(hash: u32) -> u64 {
    u64::from(hash & 0x7F | 0x80)
}

/// The highest bit of each byte that is 0, and of no other: no sum carries from byte to byte.
#[inline]
fn zero_bytes(word: u64) -> u64 {
    let low = (word & !HIGHS) + !HIGHS;
    !(low | word) & HIGHS
}

/// The hash of a text.
#[inline]
pub(super) fn hash_of_text(text: &str) -> u32 {
    let bytes = text.as_bytes();
    let mut hash = bytes.len() as u64;
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        // What is left over after whole words is in the last eight bytes.
        hash = mix(hash ^ u64::from_le_bytes(*first));
        for word in bytes[8..].chunks_exact(8) {
            hash = mix(hash ^ word.iter().rev().fold(0, push_byte));
        }
        hash ^= u64::from_le_bytes(*last);
    } else {
        hash ^= bytes.iter().fold(0, push_byte) << 8;
    }
    (mix(hash) >> 32) as u32
}

#[inline]
fn push_byte(word: u64, byte: &u8) -> u64 {
    word << 8 | u64::from(*byte)
}

/// The hash of an event's id within a stream.
#[inline]
pub(super) fn hash_of_id(stream: u32, id: [u64; 2]) -> u32 {
    let stream = u64::from(stream).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mix(mix(id[0] ^ stream) ^ id[1]) >> 32) as u32
}

#[inline]
fn mix(word: u64) -> u64 {
    let z = (word ^ (word >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    (z ^ (z >> 32)).wrapping_mul(0xC4CE_B9FE_1A85_EC53)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn finds_what_was_put_in_and_nothing_else() {
        let (mut table, mut random) = (Table::new(), Random::from_seed(1));
        let keys: Vec<u64> = (0..5_000).map(|_| random.next_u64()).collect();
        // Few distinct hashes, so that they crowd, at both ends of the table too.
        let hash = |key: u64| ((key % 40) as u32).wrapping_sub(20).wrapping_mul(0x0100_0001);
        for (place, key) in keys.iter().enumerate() {
            assert_eq!(table.find(hash(*key), |at| keys[at as usize] == *key), None);
            table.insert(hash(*key), place as u32);
        }
        for (place, key) in keys.iter().enumerate() {
            let found = table.find(hash(*key), |at| keys[at as usize] == *key);
            assert_eq!(found, Some(place as u32));
        }
        assert_eq!(table.find(hash(7), |_| false), None);
    }

    #[test]
    fn zero_bytes_are_found_exactly() {
        let bytes = [0x00, 0x01, 0x7F, 0x80, 0x81, 0xFF, 0x00, 0x00];
        for turn in 0..8 {
            let word = u64::from_le_bytes(bytes).rotate_left(turn * 8);
            let expected = word.to_le_bytes().map(|byte| if byte == 0 { 0x80 } else { 0 });
            assert_eq!(zero_bytes(word), u64::from_le_bytes(expected));
        }
    }

    #[test]
    fn ids_that_count_up_spread_over_the_table() {
        let mut shares = [0_u32; 16];
        for n in 0..16_000 {
            shares[(hash_of_id(n % 7, [n.into(), 0]) >> 28) as usize] += 1;
        }
        assert!(shares.iter().all(|share| (850..1_150).contains(share)), "{shares:?}");
        assert_ne!(hash_of_id(0, [1, 0]), hash_of_id(0, [0, 1]));
        assert_ne!(hash_of_id(0, [1, 0]), hash_of_id(1, [1, 0]));
        let texts = ["", "a", "ab", "ba", "abcdefgh", "abcdefghi", "bcdefgha", "abcdefgh\0"];
        for (n, text) in texts.iter().enumerate() {
            let hash = hash_of_text(text);
            assert!(texts[..n].iter().all(|other| hash_of_text(other) != hash), "{text}");
        }
    }
}
