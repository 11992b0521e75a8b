//! A list that only grows at its end, and whose copies share what they have in common.
//!
//! A run's history has a million records, and the past is kept as copies of the world at many
//! instants. A copy of this list costs a pointer for every `BLOCK` elements, and the elements
//! after the last whole block: so blocks are large where copies are made between them, and small
//! where they are made anywhere. The oldest blocks can be let go; places stay what they were.

use std::sync::Arc;

/// An append-only list with cheap copies. `BLOCK` elements are shared as one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SharedList<T, const BLOCK: usize = 1_024> {
    /// How many blocks were let go.
    gone: usize,
    whole: Vec<Arc<Vec<T>>>,
    last: Vec<T>,
}

impl<T, const BLOCK: usize> Default for SharedList<T, BLOCK> {
    fn default() -> Self {
        SharedList { gone: 0, whole: Vec::new(), last: Vec::new() }
    }
}

impl<T, const BLOCK: usize> SharedList<T, BLOCK> {
    /// How many elements were ever appended.
    pub fn len(&self) -> usize {
        (self.gone + self.whole.len()) * BLOCK + self.last.len()
    }

    /// Whether nothing was ever appended.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first place that is still there.
    pub fn first(&self) -> usize {
        self.gone * BLOCK
    }

    /// The element at `place`, unless there is none or it was let go.
    pub fn get(&self, place: usize) -> Option<&T> {
        let block = (place / BLOCK).checked_sub(self.gone)?;
        let block = self.whole.get(block).map_or(&self.last, |block| &**block);
        // Of the last block, only places of the last block.
        (place < self.len()).then(|| &block[place % BLOCK])
    }

    /// The newest element.
    pub fn last(&self) -> Option<&T> {
        self.get(self.len().checked_sub(1)?)
    }

    /// The elements from `place` on that are still there, oldest first.
    pub fn from(&self, place: usize) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        let from = place.clamp(self.first(), self.len());
        (from..self.len()).map(|place| &self[place])
    }

    /// All elements that are still there, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.from(0)
    }

    /// The first place, of those still there, whose element is not `before`. All elements that are
    /// must come before all that are not.
    pub fn partition_point(&self, mut before: impl FnMut(&T) -> bool) -> usize {
        let (mut low, mut high) = (self.first(), self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if before(&self[middle]) { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// Lets go of whole blocks whose elements all stand before `place`.
    pub fn let_go_before(&mut self, place: usize) {
        let blocks = (place / BLOCK).saturating_sub(self.gone).min(self.whole.len());
        self.whole.drain(..blocks);
        self.gone += blocks;
    }

    /// Appends.
    pub fn push(&mut self, element: T) {
        if self.last.len() == self.last.capacity() {
            // Twice the room, as in any list, but never more than a block has.
            let more = self.last.len().max(4).min(BLOCK - self.last.len());
            self.last.reserve_exact(more);
        }
        self.last.push(element);
        if self.last.len() == BLOCK {
            // At once, so that a copy made now shares it.
            self.whole.push(Arc::new(std::mem::take(&mut self.last)));
        }
    }
}

impl<T: Clone, const BLOCK: usize> SharedList<T, BLOCK> {
    /// The element at `place`, to be changed; copies keep what they have.
    pub fn get_mut(&mut self, place: usize) -> Option<&mut T> {
        if place >= self.len() {
            return None;
        }
        let block = (place / BLOCK).checked_sub(self.gone)?;
        match self.whole.get_mut(block) {
            Some(block) => Arc::make_mut(block).get_mut(place % BLOCK),
            None => self.last.get_mut(place % BLOCK),
        }
    }

    /// Puts an element where it belongs in a list that ascends, after those that are equal. For
    /// what comes almost in order: it moves along from the end.
    pub fn insert_in_order(&mut self, element: T)
    where
        T: Copy + Ord,
    {
        self.push(element);
        let mut place = self.len() - 1;
        while let Some(before) = place.checked_sub(1)
            && let Some(other) = self.get(before).copied().filter(|other| *other > element)
        {
            self.set(place, other);
            self.set(before, element);
            place = before;
        }
    }

    fn set(&mut self, place: usize, element: T) {
        if let Some(found) = self.get_mut(place) {
            *found = element;
        }
    }
}

impl<T, const BLOCK: usize> std::ops::Index<usize> for SharedList<T, BLOCK> {
    type Output = T;

    fn index(&self, place: usize) -> &T {
        match self.get(place) {
            Some(element) => element,
            None => panic!("no element {place}: there are {} to {}", self.first(), self.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: usize = 16;

    fn numbers(count: usize) -> SharedList<usize, BLOCK> {
        let mut list = SharedList::default();
        (0..count).for_each(|number| list.push(number));
        list
    }

    #[test]
    fn it_is_a_list() {
        for count in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 3 * BLOCK + 7] {
            let list = numbers(count);
            assert_eq!((list.len(), list.is_empty()), (count, count == 0));
            assert!(list.iter().copied().eq(0..count));
            assert!(list.iter().rev().copied().eq((0..count).rev()));
            assert!(list.from(count / 2).copied().eq(count / 2..count));
            assert_eq!(list.last().copied(), count.checked_sub(1));
            assert_eq!(list.get(count), None);
            assert_eq!(list.get(count + BLOCK), None);
            for bound in [0, 1, count / 3, count] {
                assert_eq!(list.partition_point(|number| *number < bound), bound.min(count));
            }
        }
    }

    #[test]
    fn copies_share_whole_blocks_and_go_their_own_ways() {
        let mut list = numbers(2 * BLOCK + 1);
        let mut copy = list.clone();
        assert!(Arc::ptr_eq(&list.whole[0], &copy.whole[0]));
        list.push(1);
        copy.push(2);
        *copy.get_mut(3).expect("it is there") = 33;
        assert_eq!((list[3], copy[3]), (3, 33));
        assert_eq!((list.last(), copy.last()), (Some(&1), Some(&2)));
        assert!(Arc::ptr_eq(&list.whole[1], &copy.whole[1]));
    }

    #[test]
    fn a_copy_made_when_a_block_is_full_holds_none_of_its_own() {
        let list = numbers(2 * BLOCK);
        assert_eq!((list.clone().last.capacity(), list.whole.len()), (0, 2));
        // And one that goes on from a copy has no block with room to spare.
        let mut copy = numbers(BLOCK + 3).clone();
        (0..BLOCK).for_each(|number| copy.push(number));
        assert!(copy.whole.iter().all(|block| block.capacity() == BLOCK));
    }

    #[test]
    fn what_comes_almost_in_order_is_put_in_order() {
        let mut random = crate::random::Random::from_seed(3);
        let (mut list, mut sorted) = (numbers(0), Vec::new());
        let mut copies = Vec::new();
        for number in 0..200 {
            let element = number + random.below(40) as usize;
            list.insert_in_order(element);
            sorted.push(element);
            sorted.sort_unstable();
            assert!(list.iter().eq(&sorted));
            copies.push((list.clone(), sorted.clone()));
        }
        assert!(copies.iter().all(|(copy, sorted)| copy.iter().eq(sorted)), "copies stay");
    }

    #[test]
    fn what_is_let_go_is_gone_and_places_stay() {
        let mut list = numbers(3 * BLOCK + 5);
        list.let_go_before(2 * BLOCK - 1);
        assert_eq!((list.first(), list.len()), (BLOCK, 3 * BLOCK + 5));
        assert_eq!((list.get(BLOCK - 1), list.get(BLOCK)), (None, Some(&BLOCK)));
        assert_eq!(list.get_mut(0), None);
        assert!(list.iter().copied().eq(BLOCK..3 * BLOCK + 5));
        assert_eq!(list.partition_point(|number| *number < 2 * BLOCK), 2 * BLOCK);
        list.let_go_before(usize::MAX);
        assert_eq!((list.first(), list.last()), (3 * BLOCK, Some(&(3 * BLOCK + 4))));
        list.push(7);
        assert_eq!(list[3 * BLOCK + 5], 7);
    }
}
