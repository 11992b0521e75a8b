//! Sets of operations, by their places: one bit each.

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Bits {
    words: Vec<u64>,
}

impl Bits {
    pub(super) fn insert(&mut self, place: usize) {
        if place / 64 >= self.words.len() {
            self.words.resize(place / 64 + 1, 0);
        }
        self.words[place / 64] |= 1 << (place % 64);
    }

    pub(super) fn contains(&self, place: usize) -> bool {
        self.words.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }

    pub(super) fn unite(&mut self, other: &Bits) {
        if other.words.len() > self.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// Whether everything in here is in `other`, too.
    pub(super) fn is_within(&self, other: &Bits) -> bool {
        let others = other.words.iter().copied().chain(std::iter::repeat(0));
        self.words.iter().zip(others).all(|(word, other)| word & !other == 0)
    }

    /// The places, lowest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        self.words.iter().enumerate().flat_map(|(at, word)| {
            let next = |left: &u64| Some(left & (left - 1)).filter(|left| *left != 0);
            let first = Some(*word).filter(|word| *word != 0);
            std::iter::successors(first, next)
                .map(move |left| at * 64 + left.trailing_zeros() as usize)
        })
    }

    /// For hashing and comparing sets that have as many words.
    pub(super) fn words(&self) -> &[u64] {
        &self.words
    }
}

impl FromIterator<usize> for Bits {
    fn from_iter<I: IntoIterator<Item = usize>>(places: I) -> Bits {
        let mut bits = Bits::default();
        places.into_iter().for_each(|place| bits.insert(place));
        bits
    }
}

/// The same places, each once, lowest first.
pub(super) fn in_order(places: impl IntoIterator<Item = usize>) -> Vec<usize> {
    Bits::from_iter(places).iter().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::random::Random;

    #[test]
    fn behaves_like_a_set() {
        let mut random = Random::from_seed(1);
        let (mut bits, mut set) = (Bits::default(), BTreeSet::new());
        let (mut more, mut more_set) = (Bits::default(), BTreeSet::new());
        for _ in 0..500 {
            let place = random.below(200) as usize;
            bits.insert(place);
            set.insert(place);
            let other = random.below(300) as usize;
            more.insert(other);
            more_set.insert(other);
            assert!(bits.iter().eq(set.iter().copied()));
            assert_eq!(bits.contains(other), set.contains(&other));
            assert_eq!(bits.is_within(&more), set.is_subset(&more_set));
        }
        bits.unite(&more);
        set.extend(more_set);
        assert!(bits.iter().eq(set.iter().copied()) && more.is_within(&bits));
    }
}
