//! A 64-bit hash that is the same on every target.
//!
//! The hash of a run's history is the proof that two machines saw the same run, so it may not
//! depend on the width of a pointer. `std`'s default hasher does. This one feeds every integer as
//! a 64-bit word (a `usize` counts as 64 bits) into FNV-1a's xor-multiply step, with a final
//! avalanche. Slices of integers come as bytes in the order of the machine, which is the same,
//! little-endian, wherever this runs.
//!
//! It is no defence against people who look for collisions on purpose.

use std::hash::{Hash, Hasher};

const OFFSET: u64 = 0xCBF2_9CE4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01B3;

/// Hashes any value made of integers, strings, enums and collections of them.
pub fn stable_hash<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = StableHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The [`Hasher`] behind [`stable_hash`]; also used on its own to hash a history as it grows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StableHasher {
    state: u64,
}

impl Default for StableHasher {
    fn default() -> StableHasher {
        StableHasher { state: OFFSET }
    }
}

impl StableHasher {
    fn word(&mut self, word: u64) {
        // The rotation carries high bits down, which xor-multiply alone never does.
        self.state = (self.state.rotate_left(23) ^ word).wrapping_mul(PRIME | (PRIME << 33));
    }
}

impl Hasher for StableHasher {
    fn finish(&self) -> u64 {
        let mut z = self.state;
        z = (z ^ (z >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
        z = (z ^ (z >> 33)).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
        z ^ (z >> 33)
    }

    fn write(&mut self, bytes: &[u8]) {
        // With its length, or "ab" and "ab\0" would be the same.
        self.word(bytes.len() as u64);
        for chunk in bytes.chunks(8) {
            let mut padded = [0; 8];
            padded[..chunk.len()].copy_from_slice(chunk);
            self.word(u64::from_le_bytes(padded));
        }
    }

    fn write_u8(&mut self, n: u8) {
        self.word(u64::from(n));
    }
    fn write_u16(&mut self, n: u16) {
        self.word(u64::from(n));
    }
    fn write_u32(&mut self, n: u32) {
        self.word(u64::from(n));
    }
    fn write_u64(&mut self, n: u64) {
        self.word(n);
    }
    fn write_u128(&mut self, n: u128) {
        self.word(n as u64);
        self.word((n >> 64) as u64);
    }
    fn write_usize(&mut self, n: usize) {
        self.word(n as u64);
    }
    fn write_i8(&mut self, n: i8) {
        self.word(n as i64 as u64);
    }
    fn write_i16(&mut self, n: i16) {
        self.word(n as i64 as u64);
    }
    fn write_i32(&mut self, n: i32) {
        self.word(n as i64 as u64);
    }
    fn write_i64(&mut self, n: i64) {
        self.word(n as u64);
    }
    fn write_i128(&mut self, n: i128) {
        self.write_u128(n as u128);
    }
    // `derive(Hash)` writes an enum's variant as an `isize`: 32 bits in wasm, 64 natively.
    fn write_isize(&mut self, n: isize) {
        self.word(n as i64 as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Hash)]
    enum Sample {
        Unit,
        Fields { n: u32, list: Vec<u64>, text: String },
    }

    /// The wasm build expects the same number: see `tests/web.rs`.
    #[test]
    fn values_are_pinned() {
        assert_eq!(stable_hash(&(7_usize, Some(-1_isize))), 0x56AC_F446_C6B0_6D99);
        assert_eq!(stable_hash("rift"), 0xE2C3_0385_76B3_54CD);
    }

    #[test]
    fn different_values_differ() {
        let sample = Sample::Fields { n: 7, list: vec![1, 2, 3], text: "rift".into() };
        assert_eq!(stable_hash(&sample), stable_hash(&sample));
        assert_ne!(stable_hash("ab"), stable_hash("ab\0"));
        assert_ne!(stable_hash(&Sample::Unit), stable_hash(&sample));
        assert_ne!(stable_hash(&[1_u64, 2]), stable_hash(&[2_u64, 1]));
        assert_ne!(stable_hash("ab"), stable_hash("ba"));
    }
}
