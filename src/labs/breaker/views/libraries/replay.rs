//! One trace, played to a breaker: which calls it lets go, and how it moves.

use super::traces::{Arrival, Ends, Trace};
use crate::circuit_breaker::{Outcome, Permit, Preset, Reason, State, Transition};
use crate::labs::breaker::Door;

/// What a breaker made of a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Played {
    /// For each call of the trace why it was rejected; nothing if it was let go.
    pub(super) rejected: Vec<Option<Reason>>,
    /// How the breaker moved, and when.
    pub(super) moves: Vec<Transition>,
}

/// A moment in which a breaker does something else than it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parting {
    pub(super) at_us: u64,
    pub(super) deed: Deed,
}

/// What it does then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// It lets a call go that should be rejected.
    LetsGo,
    /// It rejects one that should go.
    Rejects,
    /// It moves to this, and should not.
    Moves(State),
    /// It should move to this, and does not.
    Stays(State),
}

/// A call that was let go.
struct UnderWay {
    ends_us: u64,
    permit: Permit,
    outcome: Outcome,
}

impl Played {
    /// Plays a trace to a breaker with the habits of a preset. A result and a call at the same time
    /// come in this order.
    pub(super) fn of(trace: &Trace, preset: &Preset) -> Played {
        let mut played = Played::default();
        let Ok(mut door) = Door::new(trace.config.clone(), preset.quirks) else { return played };
        let mut under_way: Vec<UnderWay> = Vec::new();
        for arrival in &trace.arrivals {
            let at_us = arrival.at_us;
            played.hear(&mut door, &mut under_way, at_us);
            match door.acquire(at_us, true) {
                Ok(permit) => {
                    played.rejected.push(None);
                    under_way.extend(UnderWay::of(arrival, permit));
                }
                Err(rejected) => played.rejected.push(Some(rejected.reason)),
            }
            played.note(&mut door);
        }
        played.hear(&mut door, &mut under_way, trace.ends_us);
        played
    }

    /// What happens up to an instant: results come in, and time passes.
    fn hear(&mut self, door: &mut Door, under_way: &mut Vec<UnderWay>, until_us: u64) {
        loop {
            let mut first: Option<usize> = None;
            for (place, call) in under_way.iter().enumerate() {
                let sooner = first.is_none_or(|first| call.ends_us < under_way[first].ends_us);
                if call.ends_us <= until_us && sooner {
                    first = Some(place);
                }
            }
            let Some(first) = first else { break };
            let UnderWay { ends_us, permit, outcome } = under_way.remove(first);
            door.report(permit, ends_us, outcome);
            self.note(door);
        }
        door.handle_deadline(until_us);
        self.note(door);
    }

    fn note(&mut self, door: &mut Door) {
        self.moves.extend(std::iter::from_fn(|| door.poll_transition()));
    }

    /// How many calls were let go.
    pub(super) fn let_go(&self) -> usize {
        self.rejected.iter().filter(|reason| reason.is_none()).count()
    }

    /// Where it does something else than another one, in the order of time.
    pub(super) fn partings(&self, trace: &Trace, genuine: &Played) -> Vec<Parting> {
        let mut all = Vec::new();
        let calls = self.rejected.iter().zip(&genuine.rejected);
        for ((own, other), arrival) in calls.zip(&trace.arrivals) {
            if own.is_some() != other.is_some() {
                let deed = if own.is_some() { Deed::Rejects } else { Deed::LetsGo };
                all.push(Parting { at_us: arrival.at_us, deed });
            }
        }
        let same = |a: &Transition, b: &Transition| a.at_us == b.at_us && a.to.is_like(b.to);
        for own in &self.moves {
            if !genuine.moves.iter().any(|other| same(own, other)) {
                all.push(Parting { at_us: own.at_us, deed: Deed::Moves(own.to) });
            }
        }
        for other in &genuine.moves {
            if !self.moves.iter().any(|own| same(own, other)) {
                all.push(Parting { at_us: other.at_us, deed: Deed::Stays(other.to) });
            }
        }
        in_order(all)
    }
}

impl UnderWay {
    /// Nothing, if it never reports.
    fn of(arrival: &Arrival, permit: Permit) -> Option<UnderWay> {
        let outcome = match arrival.ends {
            Ends::Well => Outcome::Success,
            Ends::Badly => Outcome::Failure,
            Ends::GivenUp => Outcome::Cancelled,
            Ends::Never => return None,
        };
        let ends_us = arrival.at_us.saturating_add(arrival.takes_us);
        Some(UnderWay { ends_us, permit, outcome })
    }
}

/// By time; what is of the same time stays in its order.
fn in_order(all: Vec<Parting>) -> Vec<Parting> {
    let mut sorted: Vec<Parting> = Vec::new();
    for parting in all {
        let place = sorted.partition_point(|other| other.at_us <= parting.at_us);
        sorted.insert(place, parting);
    }
    sorted
}
