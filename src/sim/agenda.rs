//! What is due when.

/// When a thing is due, in microseconds, and its place among those due at the same instant.
pub(super) type Slot = (u64, u64);

/// Things to come, ordered by `(time, sequence)`: what was scheduled first happens first.
///
/// Kept as a vector with the next thing last. A run has a few dozen things to come at once, and for
/// so few that beats a heap, which could not take anything out of its middle either.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Agenda<T> {
    latest_first: Vec<(Slot, T)>,
    next_sequence: u64,
}

impl<T> Agenda<T> {
    pub(super) fn new() -> Agenda<T> {
        Agenda { latest_first: Vec::new(), next_sequence: 0 }
    }

    /// When the next thing is due.
    pub(super) fn next_due_us(&self) -> Option<u64> {
        self.latest_first.last().map(|((due_us, _), _)| *due_us)
    }

    /// Everything to come, in no order that counts.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.latest_first.iter().map(|(_, thing)| thing)
    }

    /// Whether everything to come is of this kind.
    pub(super) fn all(&self, is_it: impl Fn(&T) -> bool) -> bool {
        self.latest_first.iter().all(|(_, thing)| is_it(thing))
    }

    /// Notes `thing` for `due_us`, after everything noted for the same instant before.
    pub(super) fn add(&mut self, due_us: u64, thing: T) -> Slot {
        let slot = (due_us, self.next_sequence);
        self.next_sequence += 1;
        let place = self.latest_first.partition_point(|(other, _)| *other > slot);
        self.latest_first.insert(place, (slot, thing));
        slot
    }

    /// Takes the next thing out.
    pub(super) fn pop(&mut self) -> Option<(u64, T)> {
        self.latest_first.pop().map(|((due_us, _), thing)| (due_us, thing))
    }

    /// Takes the thing at `slot` out, if it is still to come.
    pub(super) fn cancel(&mut self, slot: Slot) -> Option<T> {
        let place = self.latest_first.partition_point(|(other, _)| *other > slot);
        let found = self.latest_first.get(place).is_some_and(|(other, _)| *other == slot);
        found.then(|| self.latest_first.remove(place).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_comes_first_and_ties_keep_their_order() {
        let mut agenda = Agenda::new();
        for (due_us, name) in [(30, "d"), (10, "a"), (20, "b"), (20, "c")] {
            agenda.add(due_us, name);
        }
        let names: Vec<_> = std::iter::from_fn(|| agenda.pop()).collect();
        assert_eq!(names, [(10, "a"), (20, "b"), (20, "c"), (30, "d")]);
    }

    #[test]
    fn what_is_cancelled_does_not_come() {
        let mut agenda = Agenda::new();
        let first = agenda.add(10, "a");
        agenda.add(10, "b");
        agenda.cancel(first);
        agenda.cancel(first);
        assert_eq!(
            (agenda.next_due_us(), agenda.pop(), agenda.pop()),
            (Some(10), Some((10, "b")), None)
        );
    }
}
