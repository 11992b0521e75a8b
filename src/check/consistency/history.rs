//! What clients did, call by call and answer by answer.

use crate::check::linearizability::RegisterCall;

/// The most operations that a history takes. Later ones are left out, and what is not broken by
/// then is undecided.
pub const MOST_OPERATIONS: usize = 2_048;

/// How many operations, the first ones, are looked at for the models whose cost grows with the
/// third power: sequential and both kinds of causal consistency. What these do not break is
/// undecided where there are more.
pub const MOST_JUDGED: usize = 512;

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// No answer yet. It may have taken effect since its call, may do so later, or never.
    Open,
    /// It took effect. A read found a value, or nothing; writes find nothing.
    Done { found: Option<u64> },
    /// Its client gave up and cannot know: for ever as good as open. A quorum write with too few
    /// acknowledgements ends so; it stays on a minority, may be read, vanish and come back.
    Unknown,
    /// It has not happened and never will: refused before anything was sent.
    Failed,
}

/// One operation, as its client saw it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientOperation {
    /// Whose it is. A client's operations make up its session.
    pub client: u64,
    /// What it is about.
    pub key: u64,
    /// What was asked.
    pub call: RegisterCall<u64>,
    /// Which event of the history the call is, from 1.
    pub called: u64,
    /// Which event the answer is, if its outcome is [`Outcome::Done`].
    pub answered: Option<u64>,
    /// Which event its end is, if it has one: the answer, or that there will be none.
    pub ended: Option<u64>,
    /// What became of it.
    pub outcome: Outcome,
    /// Whether it is a read that found further values, concurrent with the one in its outcome.
    pub several: bool,
}

impl ClientOperation {
    /// What it wrote, where `Some(None)` is a key that was cleared. `None` if it is a read.
    pub(super) fn written(&self) -> Option<Option<u64>> {
        match self.call {
            RegisterCall::Read => None,
            RegisterCall::Write(value) => Some(Some(value)),
            RegisterCall::Clear => Some(None),
        }
    }

    /// What it found, if it is a read that was answered.
    pub(super) fn found(&self) -> Option<Option<u64>> {
        match (&self.call, self.outcome) {
            (RegisterCall::Read, Outcome::Done { found }) => Some(found),
            _ => None,
        }
    }
}

/// Where what a read found came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Source {
    /// Nobody had written.
    Nothing,
    /// The write at this place.
    Write(usize),
}

/// Calls and answers in the order in which they happened. Operations are named by their places in
/// the order of calls, from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct History {
    operations: Vec<ClientOperation>,
    /// How many calls and answers there were.
    events: u64,
    /// After which events everything had been delivered everywhere.
    quiet: Vec<u64>,
    is_full: bool,
}

impl History {
    /// A client asks something. Its place; [`MOST_OPERATIONS`] if the history is full.
    pub(super) fn call(&mut self, client: u64, key: u64, call: RegisterCall<u64>) -> usize {
        let place = self.operations.len();
        if place == MOST_OPERATIONS {
            self.is_full = true;
            return place;
        }
        self.events += 1;
        let (called, answered, ended, outcome) = (self.events, None, None, Outcome::Open);
        let several = false;
        let operation =
            ClientOperation { client, key, call, called, answered, ended, outcome, several };
        self.operations.push(operation);
        place
    }

    /// An operation comes to an end. `false` if it is not there or had one: the first one counts.
    pub(super) fn answer(&mut self, place: usize, outcome: Outcome) -> bool {
        let Some(operation) = self.operations.get_mut(place) else { return false };
        if operation.outcome != Outcome::Open || outcome == Outcome::Open {
            return false;
        }
        self.events += 1;
        operation.outcome = outcome;
        operation.ended = Some(self.events);
        operation.answered = matches!(outcome, Outcome::Done { .. }).then_some(self.events);
        true
    }

    /// What the operation is about to be answered is one of several values.
    pub(super) fn note_several(&mut self, place: usize) {
        let open = |operation: &&mut ClientOperation| operation.outcome == Outcome::Open;
        if let Some(operation) = self.operations.get_mut(place).filter(open) {
            operation.several = true;
        }
    }

    /// The first answer, in the order of calls, that was several values.
    pub(super) fn several(&self) -> Option<usize> {
        self.operations
            .iter()
            .position(|operation| operation.several && operation.found().is_some())
    }

    /// Everything that was written so far has reached every replica.
    pub(super) fn fall_quiet(&mut self) {
        if self.quiet.last() != Some(&self.events) {
            self.quiet.push(self.events);
        }
    }

    /// The operations, in the order of their calls.
    pub fn operations(&self) -> &[ClientOperation] {
        &self.operations
    }

    /// Whether operations had to be left out.
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// How many calls and answers there were.
    pub fn events(&self) -> u64 {
        self.events
    }

    /// How many calls and answers this and `other` have in common from the first on.
    pub(super) fn in_common(&self, other: &History) -> u64 {
        let mut common = self.events.min(other.events);
        for (one, two) in self.operations.iter().zip(&other.operations) {
            if one == two {
                continue;
            }
            let is_same_call = (one.client, one.key, &one.call, one.called)
                == (two.client, two.key, &two.call, two.called);
            let apart = match (one.ended, two.ended) {
                _ if !is_same_call => one.called.min(two.called),
                (Some(one), Some(two)) => one.min(two),
                (Some(end), None) | (None, Some(end)) => end,
                (None, None) => u64::MAX,
            };
            common = common.min(apart - 1);
        }
        // Quiet comes between two events; what is judged by it comes after.
        let quiet = self.quiet.iter().zip(&other.quiet).find(|(one, two)| one != two);
        let alike = self.quiet.len().min(other.quiet.len());
        let longer = [self, other].into_iter().find_map(|it| it.quiet.get(alike));
        let apart = quiet.map(|(one, two)| one.min(two)).into_iter().chain(longer).min();
        apart.map_or(common, |at| common.min(*at))
    }

    pub(super) fn quiet(&self) -> &[u64] {
        &self.quiet
    }

    /// Operations in the order of some of their events; those that have two come twice.
    pub(super) fn by_event(
        &self,
        places: impl Iterator<Item = usize>,
        events: fn(&ClientOperation) -> [Option<u64>; 2],
    ) -> Vec<usize> {
        let mut by_event = vec![None; self.events as usize + 1];
        for place in places {
            for event in events(&self.operations[place]).into_iter().flatten() {
                by_event[event as usize] = Some(place);
            }
        }
        by_event.into_iter().flatten().collect()
    }

    /// Whether `earlier` comes before `later` in the session of their client: it was answered
    /// before the other was called. What has no answer comes before nothing.
    pub(super) fn in_session(&self, earlier: usize, later: usize) -> bool {
        let [earlier, later] = [earlier, later].map(|place| &self.operations[place]);
        let answered = earlier.answered.unwrap_or(u64::MAX);
        earlier.client == later.client && answered < later.called
    }

    /// Where what the read at `place` found may have come from, the latest first: nobody reads
    /// what is written only after the answer. None at all if nobody wrote it.
    pub(super) fn sources(&self, place: usize) -> Vec<Source> {
        let read = &self.operations[place];
        let (Some(found), Some(answered)) = (read.found(), read.answered) else {
            return Vec::new();
        };
        let mut sources: Vec<Source> = Vec::new();
        for (place, write) in self.operations.iter().enumerate().rev() {
            let fits = write.key == read.key && write.written() == Some(found);
            if fits && write.called < answered && write.outcome != Outcome::Failed {
                sources.push(Source::Write(place));
            }
        }
        if found.is_none() {
            sources.push(Source::Nothing);
        }
        sources
    }
}
