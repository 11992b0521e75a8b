//! Sequential consistency: one order for all, which keeps every session's order.
//!
//! Lamport, "How to Make a Multiprocessor Computer That Correctly Executes Multiprocess Programs"
//! (1979). To decide it is NP-complete (Gibbons and Korach, "Testing Shared Memories", 1997), with
//! values that are written once, too. So first everything is put in order that follows from what is
//! known; where that makes a circle, there is no order. What is left open is searched, with a
//! memory of what was tried.

use crate::check::linearizability::Memo;

use super::bits::Bits;
use super::facts::{Facts, Order};
use super::history::Source;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Order,
    NoOrder,
    OutOfBudget,
}

/// Looks for an order, and takes steps off the budget.
pub(super) fn sequential(facts: &Facts<'_>, budget: &mut u64) -> Found {
    match follow(facts) {
        Some(order) => Search::new(facts, order).run(budget),
        None => Found::NoOrder,
    }
}

/// What must come before what in any order; `None` if that is impossible. A write that comes before
/// a read of the same key comes before what was found; one that comes after what was found comes
/// after the read.
fn follow(facts: &Facts<'_>) -> Option<Order> {
    let mut order = facts.causal_order();
    let mut has_changed = true;
    while has_changed {
        has_changed = false;
        for (read, source) in facts.reads() {
            for other in facts.writes_to(facts.operation(read).key) {
                let (earlier, later) = match source {
                    Source::Write(source) if source == other => continue,
                    Source::Write(source) if order.is_before(other, read) => (other, source),
                    Source::Write(source) if !order.is_before(source, other) => continue,
                    _ => (read, other),
                };
                has_changed |= !order.is_before(earlier, later);
                if !order.put(earlier, later) {
                    return None;
                }
            }
        }
    }
    Some(order)
}

/// Places one write after another; a read is placed as soon as it can be, for it changes nothing.
struct Search<'a> {
    facts: &'a Facts<'a>,
    order: Order,
    /// By number of a key: the key.
    keys: Vec<u64>,
    /// By place in the history: the number of its key.
    key_of: Vec<usize>,
    writes: Vec<usize>,
    reads: Vec<(usize, Source)>,
}

/// How far an order has come.
#[derive(Clone)]
struct State {
    done: Bits,
    /// By number of a key: the last write, plus one; 0 before the first.
    last: Vec<usize>,
}

impl<'a> Search<'a> {
    fn new(facts: &'a Facts<'a>, order: Order) -> Search<'a> {
        let mut keys: Vec<u64> = Vec::new();
        let mut key_of = vec![0; facts.sources.len()];
        for place in &facts.places {
            let key = facts.operation(*place).key;
            key_of[*place] = keys.iter().position(|other| *other == key).unwrap_or(keys.len());
            if key_of[*place] == keys.len() {
                keys.push(key);
            }
        }
        let is_write = |place: &usize| facts.operation(*place).written().is_some();
        let writes = facts.places.iter().copied().filter(is_write).collect();
        Search { facts, order, keys, key_of, writes, reads: facts.reads().collect() }
    }

    fn run(&self, budget: &mut u64) -> Found {
        let mut done = Bits::default();
        // As many words as there will ever be, so that equal sets look equal.
        done.insert(self.facts.sources.len());
        let mut state = State { done, last: vec![0; self.keys.len()] };
        self.place_reads(&mut state);
        let mut memo = Memo::new();
        // States on the way, each with the number of the write to be tried next.
        let mut tried = vec![(state, 0)];
        while let Some((state, next)) = tried.last_mut() {
            if self.writes.iter().all(|write| state.done.contains(*write))
                && self.reads.iter().all(|(read, _)| state.done.contains(*read))
            {
                return Found::Order;
            }
            let Some(left) = budget.checked_sub(1) else { return Found::OutOfBudget };
            *budget = left;
            let Some(write) = self.writes.get(*next) else {
                tried.pop();
                continue;
            };
            *next += 1;
            if !self.may_follow(state, *write) {
                continue;
            }
            let mut state = state.clone();
            state.done.insert(*write);
            state.last[self.key_of[*write]] = *write + 1;
            self.place_reads(&mut state);
            if memo.insert(state.done.words(), &state.last) {
                tried.push((state, 0));
            }
        }
        Found::NoOrder
    }

    /// Whether a write can be placed: all that must be before it is, and nothing has still to read
    /// what it overwrites.
    fn may_follow(&self, state: &State, write: usize) -> bool {
        let last = state.last[self.key_of[write]];
        let waits = |(read, source): &(usize, Source)| {
            self.key_of[*read] == self.key_of[write]
                && !state.done.contains(*read)
                && number(*source) == last
        };
        !state.done.contains(write)
            && self.order.before(write).is_within(&state.done)
            && !self.reads.iter().any(waits)
    }

    fn place_reads(&self, state: &mut State) {
        let mut has_changed = true;
        while has_changed {
            has_changed = false;
            for (read, source) in &self.reads {
                if !state.done.contains(*read)
                    && state.last[self.key_of[*read]] == number(*source)
                    && self.order.before(*read).is_within(&state.done)
                {
                    state.done.insert(*read);
                    has_changed = true;
                }
            }
        }
    }
}

fn number(source: Source) -> usize {
    match source {
        Source::Nothing => 0,
        Source::Write(write) => write + 1,
    }
}
