//! What clients saw, and the strongest promise that it has not broken.
//!
//! A [`Watch`] is told of every call and every answer. The four session guarantees are judged on
//! the spot, so that a figure can show one break at the moment it does. [`Watch::judge`] looks at
//! all that happened and says of every [`Model`] whether it holds, with the operations that show
//! that it does not. [`IMPLIES`] is the map of models as data.
//!
//! - A client's operations are its session. One comes before another if it was answered before the
//!   other was called; a client may have several under way.
//! - A write without an answer, or with [`Outcome::Unknown`], may have taken effect at any time
//!   after its call, or never. If somebody found its value it has; if not, it is left out. It comes
//!   before nothing in its session. A failed one has not happened.
//! - Where a read found its value from is known if one write alone wrote that. If several did, or
//!   nothing was found on a key that was cleared, it is a matter of *readings*. A model is broken
//!   only if it is under every reading, and holds if it does under one. Too many readings, or a
//!   search that takes too long, leave it undecided; so nothing is ever called broken that some
//!   reading explains.
//! - No model lets a read find what is written only after its answer, or what nobody wrote
//!   ([`Anomaly::NeverWritten`]): that breaks all of them.
//! - Only what clients saw counts: a history can hold more than its system promises.
//!
//! ```
//! use rift::check::consistency::{Anomaly, Model, Outcome, Verdict, Watch};
//! use rift::check::linearizability::RegisterCall::{Read, Write};
//!
//! let done = |found| Outcome::Done { found };
//! let mut watch = Watch::default();
//! let write = watch.call(0, 7, Write(1)); // client 0, key 7
//! watch.answer(write, done(None));
//! let slow = watch.call(0, 7, Write(2));
//! let new = watch.call(1, 7, Read);
//! watch.answer(new, done(Some(2)));
//! let old = watch.call(2, 7, Read);
//! watch.answer(old, done(Some(1)));
//! watch.answer(slow, done(None));
//!
//! // The second reader was later and found less: not linearizable, and nothing worse.
//! let report = watch.judge(10_000);
//! let Verdict::Broken(witness) = report.of(Model::Linearizable) else { panic!() };
//! assert_eq!(witness.anomaly, Anomaly::NewOldInversion);
//! assert_eq!(witness.operations, [write, slow, new, old]);
//! assert_eq!(report.strongest(), [Model::Sequential, Model::Eventual]);
//! ```

mod bits;
mod causal;
mod eventual;
mod facts;
mod history;
mod linear;
mod live;
mod readings;
mod sequential;
mod sessions;

use crate::check::linearizability::RegisterCall;

pub use history::{ClientOperation, History, MOST_JUDGED, MOST_OPERATIONS, Outcome};
pub use live::{Live, Standing};
pub use readings::MOST_READINGS;

use history::Source;
use sessions::Sessions;

/// What a store may promise its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Model {
    /// One copy, in real time: every operation takes effect between its call and its answer.
    Linearizable,
    /// One order of everything for all, which keeps each session's order, but not real time.
    Sequential,
    /// Causal memory: each client has an order of its own, with causes before effects.
    Causal,
    /// Causal convergence: causes before effects, and one order of writes for all.
    CausalConvergence,
    /// A client sees what it has written.
    ReadYourWrites,
    /// A client's reads never go back.
    MonotonicReads,
    /// Who sees a write sees what its client had written before.
    MonotonicWrites,
    /// Who sees a write sees what its client had read before.
    WritesFollowReads,
    /// Once it is quiet, everybody reads the same.
    Eventual,
}

/// Every model, each before those that it implies.
pub const MODELS: [Model; 9] = [
    Model::Linearizable,
    Model::Sequential,
    Model::Causal,
    Model::CausalConvergence,
    Model::ReadYourWrites,
    Model::MonotonicReads,
    Model::MonotonicWrites,
    Model::WritesFollowReads,
    Model::Eventual,
];

/// Which model implies which at once; the rest follows step by step. Eventual consistency hangs on
/// linearizability alone: whoever reads the past for ever is sequentially consistent.
pub const IMPLIES: [(Model, Model); 12] = [
    (Model::Linearizable, Model::Sequential),
    (Model::Linearizable, Model::Eventual),
    (Model::Sequential, Model::Causal),
    (Model::Sequential, Model::CausalConvergence),
    (Model::Causal, Model::ReadYourWrites),
    (Model::Causal, Model::MonotonicReads),
    (Model::Causal, Model::MonotonicWrites),
    (Model::Causal, Model::WritesFollowReads),
    (Model::CausalConvergence, Model::ReadYourWrites),
    (Model::CausalConvergence, Model::MonotonicReads),
    (Model::CausalConvergence, Model::MonotonicWrites),
    (Model::CausalConvergence, Model::WritesFollowReads),
];

impl Model {
    /// Whether what holds this holds `other`, too. A model implies itself.
    pub fn implies(self, other: Model) -> bool {
        let next = |(from, to): &(Model, Model)| *from == self && to.implies(other);
        self == other || IMPLIES.iter().any(next)
    }
}

/// What was seen that a model does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Anomaly {
    /// A read found what nobody wrote, or what was refused, or what was written only later.
    NeverWritten,
    /// A read found what a write had replaced that was answered before the read was called.
    StaleRead,
    /// A read found several values at once: one copy has one.
    SeveralValues,
    /// A read found the new version, and a later one the old.
    NewOldInversion,
    /// Operations that no order for all explains; without any one of them there is one.
    NoCommonOrder,
    /// A read found nothing, though a write was among its causes.
    ForgottenPast,
    /// Reads found what writes among their causes had replaced, as far as one order can have it.
    OverwrittenPast,
    /// A client did not see what it had written itself.
    OwnWriteMissed,
    /// A client's reads went back.
    WentBack,
    /// A client saw a write, but not what the writer had written before.
    WritesOutOfOrder,
    /// A client saw a write, but not what the writer had read before.
    EffectWithoutCause,
    /// After everything was delivered, nothing was found where an answered write should be.
    LostWrite,
    /// After everything was delivered, two reads found different things.
    Disagreement,
}

impl Anomaly {
    /// Those of the session guarantees, in the order of [`MODELS`].
    const SESSIONS: [Anomaly; 4] = [
        Anomaly::OwnWriteMissed,
        Anomaly::WentBack,
        Anomaly::WritesOutOfOrder,
        Anomaly::EffectWithoutCause,
    ];

    /// How a session guarantee breaks.
    fn of_session(model: Model) -> Option<Anomaly> {
        let place = (model as usize).checked_sub(Model::ReadYourWrites as usize)?;
        Anomaly::SESSIONS.get(place).copied()
    }
}

/// What can be said of a model.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// All that clients saw is allowed.
    Held,
    /// It is not, under any reading.
    Broken(Witness),
    /// The budget was too small, the history too long, or the readings too many.
    Undecided,
}

/// Operations that a model does not allow, by their places in the history, lowest first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Witness {
    /// What is wrong with them.
    pub anomaly: Anomaly,
    /// The operations: few, but not always the fewest. Where reads can be read in several ways,
    /// what is wrong under the likeliest reading, or where an order must end.
    pub operations: Vec<usize>,
}

/// A session guarantee broke.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Breach {
    /// How; each guarantee has a way of its own.
    pub anomaly: Anomaly,
    /// Whose session it was.
    pub client: u64,
    /// The operations that show it, lowest place first.
    pub operations: Vec<usize>,
}

/// What became of every model.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Report {
    /// In the order of [`MODELS`].
    pub verdicts: [Verdict; MODELS.len()],
}

impl Report {
    /// What became of one model.
    pub fn of(&self, model: Model) -> &Verdict {
        // Both are in the same order.
        &self.verdicts[model as usize]
    }

    /// The models that hold and that no other one implies that holds.
    pub fn strongest(&self) -> Vec<Model> {
        let holds = |model: &Model| *self.of(*model) == Verdict::Held;
        let is_covered = |model: Model| {
            MODELS.into_iter().filter(holds).any(|other| other != model && other.implies(model))
        };
        MODELS.into_iter().filter(|model| holds(model) && !is_covered(*model)).collect()
    }
}

/// Watches clients: a history, and what it has broken so far.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    history: History,
    sessions: Sessions,
    /// A read that found what nobody wrote.
    never_written: Option<Witness>,
    /// By place: where a read has what it found from, if that is known.
    sources: Vec<Option<Source>>,
}

impl Watch {
    /// A client calls. The place of the operation, by which it is answered; [`MOST_OPERATIONS`] if
    /// there is no room for it.
    pub fn call(&mut self, client: u64, key: u64, call: RegisterCall<u64>) -> usize {
        let place = self.history.call(client, key, call);
        if let Some(operation) = self.history.operations().get(place) {
            self.sessions.call(operation);
            self.sources.push(None);
        }
        place
    }

    /// An operation comes to an end, and with it perhaps a session guarantee: what broke now.
    /// Whatever is answered twice, or never was called, changes nothing.
    pub fn answer(&mut self, place: usize, outcome: Outcome) -> &[Breach] {
        let breaches = self.sessions.breaches().len();
        if self.history.answer(place, outcome) {
            self.take_in(place);
        }
        &self.sessions.breaches()[breaches..]
    }

    /// As [`answer`](Watch::answer), of a read that found several values, this one among them. No
    /// single copy answers so, whatever the order: that breaks what is about one copy. What is left
    /// is judged by the value that is named.
    pub fn answer_one_of_several(&mut self, place: usize, outcome: Outcome) -> &[Breach] {
        self.history.note_several(place);
        self.answer(place, outcome)
    }

    fn take_in(&mut self, place: usize) {
        let operation = &self.history.operations()[place];
        match operation.outcome {
            Outcome::Failed => {
                // What has never happened was found nevertheless.
                let found = Some(Source::Write(place));
                if let Some(read) = self.sources.iter().position(|source| *source == found) {
                    self.note_never_written(vec![place, read]);
                }
            }
            Outcome::Done { .. } if operation.found().is_some() => {
                match self.history.sources(place)[..] {
                    [] => self.note_never_written(vec![place]),
                    [source] => self.sources[place] = Some(source),
                    _ => {}
                }
                self.sessions.found(&self.history, place, self.sources[place]);
            }
            Outcome::Done { .. } if operation.written().is_some() => self.sessions.written(place),
            _ => {}
        }
    }

    fn note_never_written(&mut self, operations: Vec<usize>) {
        let operations = bits::in_order(operations);
        let witness = Witness { anomaly: Anomaly::NeverWritten, operations };
        self.never_written.get_or_insert(witness);
    }

    /// From now until the next write of a key everything that was written to it has reached every
    /// replica. Only a world can know.
    pub fn fall_quiet(&mut self) {
        self.history.fall_quiet();
    }

    /// What had been watched after so many calls and answers.
    pub fn first(&self, events: u64) -> Watch {
        let mut watch = Watch::default();
        let operations = self.history.operations();
        let of = |operation: &ClientOperation| [Some(operation.called), operation.ended];
        let mut quiet = self.history.quiet().iter().copied().peekable();
        for place in self.history.by_event(0..operations.len(), of) {
            let ClientOperation { client, key, call, outcome, several, .. } = &operations[place];
            let so_far = watch.history.events();
            if so_far == events {
                break;
            }
            if quiet.next_if_eq(&so_far).is_some() {
                watch.fall_quiet();
            }
            match watch.history.operations().get(place) {
                None => _ = watch.call(*client, *key, call.clone()),
                Some(_) if *several => _ = watch.answer_one_of_several(place, *outcome),
                Some(_) => _ = watch.answer(place, *outcome),
            }
        }
        if quiet.next_if_eq(&watch.history.events()).is_some() {
            watch.fall_quiet();
        }
        watch
    }

    /// What was watched.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Every breach of a session guarantee, in the order in which they showed. A reading is not
    /// chosen for it: a read that may have found one of several writes tells nothing here.
    pub fn breaches(&self) -> &[Breach] {
        self.sessions.breaches()
    }

    /// Whether a read found what nobody wrote. That breaks every model.
    pub fn never_written(&self) -> Option<&Witness> {
        self.never_written.as_ref()
    }

    /// What became of every model. Each may take about `budget` steps of a search.
    pub fn judge(&self, budget: u64) -> Report {
        Report { verdicts: MODELS.map(|model| self.judge_model(model, budget)) }
    }

    /// What became of one model.
    pub fn judge_model(&self, model: Model, budget: u64) -> Verdict {
        if let Some(witness) = &self.never_written {
            return Verdict::Broken(witness.clone());
        }
        if let (Model::Linearizable | Model::Sequential, Some(read)) =
            (model, self.history.several())
        {
            let operations = vec![read];
            return Verdict::Broken(Witness { anomaly: Anomaly::SeveralValues, operations });
        }
        match readings::judge(self, model, budget) {
            Verdict::Held if self.history.is_full() => Verdict::Undecided,
            verdict => verdict,
        }
    }
}
