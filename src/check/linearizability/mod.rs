//! Linearizability: could a single copy, doing one thing at a time, have given these answers?
//!
//! Every operation takes effect at one instant between its call and its answer (Herlihy and Wing,
//! "Linearizability: A Correctness Condition for Concurrent Objects", 1990). Whether there are such
//! instants is found by the search of Wing and Gong (1993) with Lowe's memory of what was tried
//! ("Testing for Linearizability", 2017): of all orders, those that have done the same operations
//! and come to the same state need be tried only once.
//!
//! - Operations on different keys are judged apart, because linearizability is local. That makes
//!   the search many times shorter.
//! - An operation whose outcome is unknown stays open to the end: it may have taken effect at any
//!   time after its call, or never. An unanswered read tells nothing and is left out.
//! - The search can be given a budget and gone on with later; keys take turns, so that one hard
//!   key does not keep the others waiting.
//!
//! ```
//! use rift::check::linearizability::{Checker, Operation, Progress, Register, RegisterCall};
//!
//! let write = Operation { called: 0, call: RegisterCall::Write(7), answer: Some((5, None)) };
//! let read = |called, value| {
//!     Operation { called, call: RegisterCall::Read, answer: Some((called + 1, value)) }
//! };
//! // The second read comes after the first, so it may not be older.
//! let history = vec![("x", write), ("x", read(1, Some(7))), ("x", read(3, None))];
//! let mut checker = Checker::new(Register::default(), history);
//! let Progress::Broken(verdict) = checker.step(1_000) else { panic!() };
//! assert_eq!((verdict.key, verdict.longest, verdict.stuck), ("x", vec![0, 1], vec![2]));
//! ```

mod memo;
mod search;

use std::fmt::Debug;
use std::hash::Hash;
use std::marker::PhantomData;

pub(in crate::check) use memo::Memo;
use search::{Search, Step};

/// What a single copy would do.
pub trait Model {
    /// The state of the copy, for one key.
    type State: Clone + Eq + Hash + Debug;
    /// What can be asked.
    type Call: Clone + Debug;
    /// What can be answered.
    type Answer: Clone + Debug;

    /// The state before the first operation.
    fn initial(&self) -> Self::State;

    /// The state after `call` in `state`, or `None` if the copy would not have answered so. No
    /// answer fits every call.
    fn apply(
        &self,
        state: &Self::State,
        call: &Self::Call,
        answer: Option<&Self::Answer>,
    ) -> Option<Self::State>;

    /// Whether the call changes nothing. Without an answer it then tells nothing.
    fn is_read(&self, call: &Self::Call) -> bool;

    /// Leaves out operations on one key, or brings their answers forward, where that changes
    /// nothing about whether there is an order: it only makes the search shorter.
    fn narrow(&self, _operations: &mut PlacedOf<Self::Call, Self::Answer>) {}
}

/// Operations with their places in the whole history.
pub type PlacedOf<C, A> = Vec<(usize, Operation<C, A>)>;

/// One operation, as its client saw it. Times may be any numbers that grow with time; a call and an
/// answer at the same time overlap.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Operation<C, A> {
    /// When it was called.
    pub called: u64,
    /// What was asked.
    pub call: C,
    /// When it was answered, and how; `None` if nobody knows what became of it.
    pub answer: Option<(u64, A)>,
}

/// A register: it can be read and written. A key of a key-value store is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Register<V>(PhantomData<V>);

/// What can be asked of a [`Register`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RegisterCall<V> {
    /// What does it hold?
    Read,
    /// It shall hold this.
    Write(V),
    /// It shall hold nothing.
    Clear,
}

impl<V> RegisterCall<V> {
    /// What the register holds after it; `None` if it only asks.
    fn written(&self) -> Option<Option<&V>> {
        match self {
            RegisterCall::Read => None,
            RegisterCall::Write(value) => Some(Some(value)),
            RegisterCall::Clear => Some(None),
        }
    }
}

impl<V: Clone + Eq + Hash + Debug> Model for Register<V> {
    type State = Option<V>;
    type Call = RegisterCall<V>;
    /// What a read found. Other calls answer `None`.
    type Answer = Option<V>;

    fn initial(&self) -> Option<V> {
        None
    }

    fn apply(
        &self,
        state: &Option<V>,
        call: &RegisterCall<V>,
        answer: Option<&Option<V>>,
    ) -> Option<Option<V>> {
        match call {
            RegisterCall::Write(value) => Some(Some(value.clone())),
            RegisterCall::Clear => Some(None),
            RegisterCall::Read => answer.is_none_or(|found| found == state).then(|| state.clone()),
        }
    }

    fn is_read(&self, call: &RegisterCall<V>) -> bool {
        matches!(call, RegisterCall::Read)
    }

    /// Of a write *w* that has no answer, only what reads found tells anything:
    ///
    /// - If no read that was answered after *w* was called found its value, *w* is left out. An
    ///   order with *w* has no read of that value after *w*: a read answered before *w* was called
    ///   comes before *w*. So right behind *w* comes another write, or only reads without answers;
    ///   without *w* it is an order too. And an order without *w* is one of the whole history.
    /// - If *w* alone writes its value, a read *r* that found it comes after *w*. What was called
    ///   after *r* was answered comes after *r*, and so after *w*: *w* may count as answered when
    ///   *r* was.
    fn narrow(&self, operations: &mut PlacedOf<RegisterCall<V>, Option<V>>) {
        let all = operations.clone();
        operations.retain_mut(|(place, write)| {
            let Some(written) = write.call.written().filter(|_| write.answer.is_none()) else {
                return true;
            };
            let found = |read: &Operation<RegisterCall<V>, Option<V>>| match &read.answer {
                Some((at, found)) if self.is_read(&read.call) && found.as_ref() == written => {
                    Some((*at).max(read.called))
                }
                _ => None,
            };
            let reads = || all.iter().filter_map(|(_, read)| found(read));
            let twin = |(other, operation): &(usize, Operation<RegisterCall<V>, Option<V>>)| {
                other != place && operation.call.written() == Some(written)
            };
            let is_alone = written.is_some() && !all.iter().any(twin);
            let first = reads().min().filter(|first| is_alone && *first >= write.called);
            write.answer = first.map(|at| (at, None));
            reads().any(|at| at >= write.called)
        });
    }
}

/// What clients did, each operation on a key.
pub type Operations<K, M> = Vec<(K, OperationOf<M>)>;

type Placed<M> = PlacedOf<<M as Model>::Call, <M as Model>::Answer>;

type OperationOf<M> = Operation<<M as Model>::Call, <M as Model>::Answer>;

/// How far the search has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress<K> {
    /// The budget was used up before the end.
    Searching,
    /// There is an order.
    Linearizable,
    /// There is none.
    Broken(NoOrder<K>),
    /// Some key took more memory than [`MOST_MEMORIES`], and no other is broken.
    GaveUp,
}

/// Of one key: what could be put in order, and what could not. Operations are named by their place
/// in the history that the checker was given.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NoOrder<K> {
    /// The key.
    pub key: K,
    /// The longest order that was found, first operation first.
    pub longest: Vec<usize>,
    /// Operations that were under way where it ends, none of which can come next. The first is the
    /// one that was answered first.
    pub stuck: Vec<usize>,
}

/// How many pairs of operations done and state a search remembers for a key.
pub const MOST_MEMORIES: usize = 1_000_000;

/// Steps that a key takes before it is the next one's turn.
const TURN: u64 = 1_000;

/// A search that can be gone on with.
#[derive(Clone, Debug)]
pub struct Checker<K, M: Model> {
    model: M,
    keys: Vec<Key<K, M>>,
    gave_up: bool,
}

#[derive(Clone, Debug)]
struct Key<K, M: Model> {
    key: K,
    /// Places in the whole history.
    places: Vec<usize>,
    search: Search<M>,
}

impl<K: Clone + Eq, M: Model> Checker<K, M> {
    /// A checker for a history of operations on keys, in any order.
    pub fn new(model: M, history: Operations<K, M>) -> Checker<K, M> {
        let mut grouped: Vec<(K, Placed<M>)> = Vec::new();
        for (place, (key, operation)) in history.into_iter().enumerate() {
            if operation.answer.is_none() && model.is_read(&operation.call) {
                continue;
            }
            match grouped.iter_mut().find(|(other, _)| *other == key) {
                Some((_, operations)) => operations.push((place, operation)),
                None => grouped.push((key, vec![(place, operation)])),
            }
        }
        let keys = grouped.into_iter().map(|(key, mut operations)| {
            model.narrow(&mut operations);
            let (places, operations) = operations.into_iter().unzip();
            Key { key, places, search: Search::new(&model, operations) }
        });
        Checker { keys: keys.collect(), model, gave_up: false }
    }

    /// Goes on for at most about `budget` steps; a step takes well under a microsecond natively.
    /// After an answer other than [`Progress::Searching`] it is the same for ever.
    pub fn step(&mut self, budget: u64) -> Progress<K> {
        let mut left = budget;
        loop {
            let mut searching = false;
            for Key { key, places, search } in &mut self.keys {
                let turn = left.min(TURN);
                match search.go_on(&self.model, turn) {
                    Step::Searching => searching = true,
                    Step::Found => {}
                    Step::OutOfMemory => self.gave_up = true,
                    Step::Stuck => {
                        let name = |at: &usize| places[*at];
                        let longest = search.longest().iter().map(name).collect();
                        let stuck = search.stuck().iter().map(name).collect();
                        return Progress::Broken(NoOrder { key: key.clone(), longest, stuck });
                    }
                }
                left = left.saturating_sub(turn);
            }
            match (searching, self.gave_up) {
                (true, _) if left == 0 => return Progress::Searching,
                (true, _) => {}
                (false, true) => return Progress::GaveUp,
                (false, false) => return Progress::Linearizable,
            }
        }
    }

    /// Goes on to the end.
    pub fn finish(&mut self) -> Progress<K> {
        loop {
            let progress = self.step(u64::MAX);
            if progress != Progress::Searching {
                return progress;
            }
        }
    }
}
