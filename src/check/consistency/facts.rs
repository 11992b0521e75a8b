//! One reading of a history: what took effect, and where every read has what it found from.

use super::bits::Bits;
use super::history::{ClientOperation, History, Outcome, Source};

/// Operations that took effect, in an order in which everything comes before what depends on it.
#[derive(Clone, Debug)]
pub(super) struct Facts<'a> {
    pub(super) history: &'a History,
    /// Places in the history: answered writes, writes that were found though they have no answer,
    /// and reads whose source is known.
    pub(super) places: Vec<usize>,
    /// By place in the history.
    pub(super) sources: &'a [Option<Source>],
}

impl<'a> Facts<'a> {
    /// What there would be if only these operations had been. What a history without them cannot
    /// explain, the whole one cannot either.
    pub(super) fn among(
        history: &'a History,
        sources: &'a [Option<Source>],
        chosen: &[usize],
    ) -> Facts<'a> {
        let operations = history.operations();
        let is_in: Bits = chosen.iter().copied().collect();
        let is_known = |place: usize| match sources[place] {
            Some(Source::Write(write)) => is_in.contains(write),
            Some(Source::Nothing) => true,
            None => false,
        };
        let mut found = Bits::default();
        for place in chosen.iter().filter(|place| is_known(**place)) {
            if let Some(Source::Write(write)) = sources[*place] {
                found.insert(write);
            }
        }
        let took_effect = |place: &usize| match operations[*place].written() {
            None => is_known(*place),
            Some(_) => match operations[*place].outcome {
                Outcome::Done { .. } => true,
                Outcome::Open | Outcome::Unknown => found.contains(*place),
                Outcome::Failed => false,
            },
        };
        // A write counts from its call on, a read from its answer.
        let places =
            history.by_event(
                chosen.iter().copied().filter(took_effect),
                |operation| match operation.written() {
                    Some(_) => [Some(operation.called), None],
                    None => [operation.answered, None],
                },
            );
        Facts { history, places, sources }
    }

    pub(super) fn operation(&self, place: usize) -> &'a ClientOperation {
        &self.history.operations()[place]
    }

    /// Every read, with its source.
    pub(super) fn reads(&self) -> impl Iterator<Item = (usize, Source)> {
        let read = |place: &usize| match self.operation(*place).written() {
            None => self.sources[*place].map(|source| (*place, source)),
            Some(_) => None,
        };
        self.places.iter().filter_map(read)
    }

    /// The writes to a key.
    pub(super) fn writes_to(&self, key: u64) -> impl Iterator<Item = usize> {
        let is_write = move |place: &usize| {
            self.operation(*place).key == key && self.operation(*place).written().is_some()
        };
        self.places.iter().copied().filter(is_write)
    }

    /// What must come before what: the transitive closure of session order and reads-from ("causal
    /// order"). It has no cycles, for nothing is read before it was called.
    pub(super) fn causal_order(&self) -> Order {
        let mut order = Order { before: vec![Bits::default(); self.sources.len()] };
        for (at, place) in self.places.iter().enumerate() {
            let mut before = Bits::default();
            for earlier in &self.places[..at] {
                let is_source = self.sources[*place] == Some(Source::Write(*earlier));
                let is_known = before.contains(*earlier);
                if !is_known && (is_source || self.history.in_session(*earlier, *place)) {
                    before.unite(&order.before[*earlier]);
                    before.insert(*earlier);
                }
            }
            order.before[*place] = before;
        }
        order
    }
}

/// A transitive order of operations, by their places in the history.
#[derive(Clone, Debug)]
pub(super) struct Order {
    before: Vec<Bits>,
}

impl Order {
    pub(super) fn is_before(&self, earlier: usize, later: usize) -> bool {
        self.before[later].contains(earlier)
    }

    /// All that comes before.
    pub(super) fn before(&self, place: usize) -> &Bits {
        &self.before[place]
    }

    /// Puts one operation before another, and whatever follows from that. `false`, and nothing
    /// done, if that makes a circle.
    pub(super) fn put(&mut self, earlier: usize, later: usize) -> bool {
        if earlier == later || self.is_before(later, earlier) {
            return false;
        }
        if !self.is_before(earlier, later) {
            let mut more = self.before[earlier].clone();
            more.insert(earlier);
            for (place, before) in self.before.iter_mut().enumerate() {
                if place == later || before.contains(later) {
                    before.unite(&more);
                }
            }
        }
        true
    }
}
