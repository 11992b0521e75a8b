//! Which permits are still out, a bit each, so that none counts twice.

/// When so many calls were admitted after one that has not reported, it is forgotten.
pub const MOST_OVERTAKING: u64 = (MOST_WORDS as u64 - 1) * WORD;

/// Calls that share a word.
const WORD: u64 = 64;
/// The most words: 128 kB. It takes a caller that loses permits, or very many calls during one that
/// hangs, to need them.
const MOST_WORDS: usize = 1 << 14;

/// A ring of bits by serial number. A bit is set from before its permit is given until its result
/// is in.
///
/// Words are filled with ones when the first of their serial numbers comes up, so giving a permit
/// costs an addition, and 63 times out of 64 nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Outstanding {
    /// The next serial number.
    next: u64,
    /// The first serial number of this era. A multiple of [`WORD`].
    era: u64,
    /// The first word, counted from serial number 0, that may have an outstanding permit.
    base: u64,
    /// As many words as a power of two.
    words: Vec<u64>,
}

/// Whether a permit may count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settling {
    /// It may: it was outstanding.
    First,
    /// It was settled before.
    Again,
    /// Too many came after it.
    Forgotten,
}

impl Outstanding {
    pub(super) fn new() -> Outstanding {
        Outstanding { next: 0, era: 0, base: 0, words: vec![0] }
    }

    /// Nothing is outstanding any more.
    pub(super) fn begin_era(&mut self) {
        self.base = self.next.div_ceil(WORD);
        self.next = self.base * WORD;
        self.era = self.next;
        self.words.truncate(1);
        self.words[0] = 0;
    }

    /// How many permits were given in this era.
    #[inline]
    pub(super) fn given(&self) -> u64 {
        self.next - self.era
    }

    /// The serial number that is given next.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// A new serial number, outstanding.
    #[inline(always)]
    pub(super) fn give(&mut self) -> u64 {
        let serial = self.next;
        if serial.is_multiple_of(WORD) {
            self.begin_word(serial / WORD);
        }
        self.next = serial + 1;
        serial
    }

    /// Takes a serial number back.
    #[inline(always)]
    pub(super) fn settle(&mut self, serial: u64) -> Settling {
        let first = self.base * WORD;
        // One comparison for both ends; also true of a number that was never given.
        if serial.wrapping_sub(first) >= self.next.wrapping_sub(first) {
            return self.why_unknown(serial);
        }
        let mask = self.words.len() - 1;
        let Some(bits) = self.words.get_mut((serial / WORD) as usize & mask) else {
            return Settling::Again;
        };
        let bit = 1 << (serial % WORD);
        if *bits & bit == 0 {
            return Settling::Again;
        }
        *bits &= !bit;
        Settling::First
    }

    /// How many are outstanding.
    pub(super) fn count(&self) -> u64 {
        let set: u64 = self.words.iter().map(|word| u64::from(word.count_ones())).sum();
        let not_given = self.next.next_multiple_of(WORD) - self.next;
        set.saturating_sub(not_given)
    }

    #[cold]
    fn why_unknown(&self, serial: u64) -> Settling {
        // What lies between the era's beginning and `base` has been settled, or was given up while
        // it was outstanding. Nobody remembers which, and it makes no difference.
        let overtaken = self.next.saturating_sub(serial) > MOST_OVERTAKING;
        if overtaken && serial < self.next { Settling::Forgotten } else { Settling::Again }
    }

    #[cold]
    #[inline(never)]
    fn begin_word(&mut self, word: u64) {
        let mask = self.words.len() - 1;
        while self.base < word && self.words[self.base as usize & mask] == 0 {
            self.base += 1;
        }
        if word - self.base == self.words.len() as u64 {
            self.make_room();
        }
        let mask = self.words.len() - 1;
        self.words[word as usize & mask] = u64::MAX;
    }

    /// Twice the words, or without the oldest.
    fn make_room(&mut self) {
        let old = self.words.len();
        if old == MOST_WORDS {
            self.words[self.base as usize & (old - 1)] = 0;
            self.base += 1;
            return;
        }
        let mut words = vec![0; 2 * old];
        for word in self.base..self.base + old as u64 {
            words[word as usize & (2 * old - 1)] = self.words[word as usize & (old - 1)];
        }
        self.words = words;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::random::Random;

    /// The same as a set of numbers, however many are out and in whatever order they come back.
    #[test]
    fn every_permit_counts_once() {
        let mut random = Random::from_seed(3);
        let (mut outstanding, mut set) = (Outstanding::new(), BTreeSet::new());
        for step in 0..100_000 {
            let in_flight = [3, 70, 2_000][step / 1_000 % 3];
            if random.below(2 * in_flight) > set.len() as u64 {
                assert!(set.insert(outstanding.give()), "no number twice");
            } else {
                let serial = random.below(outstanding.next + 3);
                let back = random.below(2) == 0;
                let serial = if back { *set.first().unwrap_or(&serial) } else { serial };
                let first = outstanding.settle(serial) == Settling::First;
                assert_eq!(first, set.remove(&serial));
            }
            if step % 10_000 == 0 {
                assert_eq!(outstanding.count(), set.len() as u64);
            }
            if step % 30_000 == 29_999 {
                outstanding.begin_era();
                set.clear();
            }
        }
    }

    #[test]
    fn calls_that_come_and_go_take_no_room() {
        let mut outstanding = Outstanding::new();
        for _ in 0..1_000_000 {
            let serial = outstanding.give();
            assert_eq!(outstanding.settle(serial), Settling::First);
        }
        assert!(outstanding.words.len() <= 2);
    }

    #[test]
    fn a_permit_that_is_lost_is_forgotten_in_the_end() {
        let mut outstanding = Outstanding::new();
        let lost = outstanding.give();
        for _ in 0..MOST_OVERTAKING + 2 * WORD {
            let serial = outstanding.give();
            assert_eq!(outstanding.settle(serial), Settling::First);
        }
        assert_eq!(outstanding.words.len(), MOST_WORDS);
        assert_eq!(outstanding.settle(lost), Settling::Forgotten);
        assert_eq!(outstanding.settle(u64::MAX), Settling::Again, "never given");
        assert_eq!(outstanding.count(), 0);
    }

    #[test]
    fn one_that_is_not_overtaken_by_too_many_still_counts() {
        let mut outstanding = Outstanding::new();
        let slow = outstanding.give();
        for _ in 0..MOST_OVERTAKING {
            let serial = outstanding.give();
            assert_eq!(outstanding.settle(serial), Settling::First);
        }
        assert_eq!(outstanding.settle(slow), Settling::First);
    }
}
