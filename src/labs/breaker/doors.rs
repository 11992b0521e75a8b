//! Breakers as a judge sees them: everything is worked out anew from what callers tell, without the
//! core, and in the simplest way there is.

use std::collections::VecDeque;

use super::policy::BreakerPolicy;
use super::promises::Kind;
use super::system::{BreakerEvent, CallId, Cast};
use super::{Door, words};
use crate::circuit_breaker::{
    Cause, Config, Generation, Guards, Late, Outcome, Rates, Reason, Reported, State, Transition,
};

/// What is wrong: the promise, and a finding in words without a full stop.
pub(in crate::labs) type Remark = (Kind, String);

/// The breakers of a caller.
#[derive(Clone, Debug)]
pub(in crate::labs) struct Doors {
    cast: Cast,
    all: Vec<Watch>,
}

/// A breaker.
#[derive(Clone, Debug)]
struct Watch {
    config: Config,
    state: State,
    era: Generation,
    /// Probes under way, and since when, oldest first.
    probes: Vec<(CallId, u64)>,
    /// Failures since the last success.
    row: u32,
    /// What was counted since it closed, oldest first: as much of it as any rule looks at.
    results: VecDeque<Counted>,
    /// By its rule it should have opened, for this reason, and has not told so yet.
    owes: Option<String>,
    /// Whether what its windows hold may have changed since the last look.
    is_dirty: bool,
}

/// A result that counts.
#[derive(Clone, Copy, Debug)]
struct Counted {
    at_us: u64,
    failed: bool,
    slow: bool,
}

impl Doors {
    /// Of a caller that has none.
    pub(in crate::labs) fn none(cast: Cast) -> Doors {
        Doors { cast, all: Vec::new() }
    }

    /// New ones, closed and empty.
    pub(in crate::labs) fn build(&mut self, policy: Option<&BreakerPolicy>) {
        self.all = policy.map_or(Vec::new(), |policy| {
            let count = if policy.per_shard { self.cast.targets() } else { 1 };
            vec![Watch::new(&policy.config); count]
        });
    }

    /// Goes on by what the caller has told at `now_us` on its own clock.
    pub(in crate::labs) fn take(&mut self, event: &BreakerEvent, now_us: u64) -> Vec<Remark> {
        let mut remarks = Vec::new();
        let door = match event {
            BreakerEvent::Admitted { door, .. } | BreakerEvent::Ended { door, .. } => *door,
            BreakerEvent::Rejected { door, .. }
            | BreakerEvent::Moved { door, .. }
            | BreakerEvent::Forgot { door, .. } => Some(*door),
            _ => None,
        };
        let watch = door.and_then(|door| self.all.get_mut(usize::from(door)));
        let Some(watch) = watch else { return remarks };
        match *event {
            BreakerEvent::Moved { ref transition, .. } => watch.move_on(transition, &mut remarks),
            BreakerEvent::Forgot { era, .. } => watch.begin(State::Closed, era),
            _ => watch.settle(&mut remarks),
        }
        match *event {
            BreakerEvent::Admitted { call, is_probe, attempt, .. } => {
                watch.admit(call, is_probe, attempt, now_us, &mut remarks);
            }
            BreakerEvent::Rejected { reason, .. } => watch.reject(reason, now_us, &mut remarks),
            BreakerEvent::Ended {
                call, era, outcome, reported: Some(reported), took_us, ..
            } => {
                let result = (era, outcome, reported);
                watch.hear(call, result, took_us, now_us, &mut remarks);
            }
            _ => {}
        }
        remarks
    }

    /// Holds them beside the breakers that the caller has, when it is `now_us` on its clock.
    pub(in crate::labs) fn look(&mut self, doors: &[Door], now_us: u64) -> Vec<Remark> {
        let mut remarks = Vec::new();
        for (watch, door) in self.all.iter_mut().zip(doors) {
            remarks.extend(watch.wedged(now_us));
            remarks.extend(watch.compare(door));
        }
        remarks
    }
}

impl Watch {
    fn new(config: &Config) -> Watch {
        Watch {
            config: config.clone(),
            state: State::Closed,
            era: Generation(0),
            probes: Vec::new(),
            row: 0,
            results: VecDeque::new(),
            owes: None,
            is_dirty: false,
        }
    }

    /// An era begins.
    fn begin(&mut self, state: State, era: Generation) {
        (self.state, self.era, self.owes) = (state, era, None);
        self.probes.clear();
        if matches!(state, State::Closed | State::MetricsOnly) {
            self.row = 0;
            self.results.clear();
            self.is_dirty = true;
        }
    }

    /// It should have opened before anything else was told.
    fn settle(&mut self, remarks: &mut Vec<Remark>) {
        if let Some(why) = self.owes.take() {
            remarks.push((Kind::OpensByItsRule, format!("{why}, and the breaker stays closed")));
        }
    }

    fn move_on(&mut self, transition: &Transition, remarks: &mut Vec<Remark>) {
        let Transition { at_us, to, generation, cause, .. } = *transition;
        let by_hand = cause == Cause::ByHand;
        match (self.state, to) {
            _ if by_hand => {}
            (State::Closed, State::Open { .. }) if self.owes.is_none() => {
                let text = "the breaker opens, and by its rule it should not".to_owned();
                remarks.push((Kind::OpensByItsRule, text));
            }
            (State::Open { until_us }, State::HalfOpen) if at_us != until_us => {
                let text = format!(
                    "the wait was over at {}, and the breaker lets probes go from {} on",
                    words::time(until_us),
                    words::time(at_us)
                );
                remarks.push((Kind::OpenUntilItsDeadline, text));
            }
            (State::Open { until_us }, State::Closed) => {
                let text = format!(
                    "the breaker closes at {}, and was to be open until {}",
                    words::time(at_us),
                    words::time(until_us)
                );
                remarks.push((Kind::OpenUntilItsDeadline, text));
            }
            _ => {}
        }
        self.begin(to, generation);
    }

    fn admit(
        &mut self,
        call: CallId,
        is_probe: bool,
        attempt: u32,
        now_us: u64,
        remarks: &mut Vec<Remark>,
    ) {
        let is_free = self.config.guards == Guards::RetriesOnly && attempt == 1;
        match self.state {
            State::Open { until_us } if !is_free => {
                let left = words::seconds(until_us.saturating_sub(now_us));
                let text = format!("call {} goes through, {left} before time", call.number);
                remarks.push((Kind::OpenUntilItsDeadline, text));
            }
            State::ForcedOpen if !is_free => {
                let text = format!("call {} goes through a breaker held open", call.number);
                remarks.push((Kind::OpenUntilItsDeadline, text));
            }
            State::HalfOpen if is_probe || !is_free => {
                self.probes.push((call, now_us));
                let (under_way, most) = (self.probes.len(), self.config.half_open.probes);
                if under_way > most as usize {
                    let text = format!("{under_way} probes are under way, and {most} may be");
                    remarks.push((Kind::WithinSockets, text));
                }
            }
            _ => {}
        }
    }

    fn reject(&mut self, reason: Reason, now_us: u64, remarks: &mut Vec<Remark>) {
        self.is_dirty = true;
        match (self.state, reason) {
            (State::Open { until_us }, Reason::Open) if now_us >= until_us => {
                let late = words::seconds(now_us - until_us);
                let text = format!("a call is rejected {late} after the wait was over");
                remarks.push((Kind::OpenUntilItsDeadline, text));
            }
            (State::HalfOpen, Reason::ProbesUnderWay)
                if self.probes.len() < self.config.half_open.probes as usize =>
            {
                let text = "a probe is rejected, and a socket is free".to_owned();
                remarks.push((Kind::NeverWedges, text));
            }
            _ => {}
        }
    }

    fn hear(
        &mut self,
        call: CallId,
        (era, outcome, reported): (Generation, Outcome, Reported),
        took_us: u64,
        now_us: u64,
        remarks: &mut Vec<Remark>,
    ) {
        self.probes.retain(|(probe, _)| *probe != call);
        let number = call.number;
        let counts = reported == Reported::Counted;
        if era != self.era && !matches!(reported, Reported::Late(_)) {
            let text = format!(
                "call {number} was admitted in era {} and counts in era {}",
                era.0, self.era.0
            );
            remarks.push((Kind::LateMovesNothing, text));
        } else if era == self.era && reported == Reported::Late(Late::OtherGeneration) {
            let text = format!("call {number} is of this era, and is called late");
            remarks.push((Kind::LateMovesNothing, text));
        }
        if outcome.is_neutral() && counts {
            let text = format!("the end of call {number} says nothing, and counts");
            remarks.push((Kind::NeutralMovesNothing, text));
        }
        if !counts || !matches!(self.state, State::Closed | State::MetricsOnly) {
            return;
        }
        let failed = outcome == Outcome::Failure;
        let slow = self.config.slow_from_us.is_some_and(|from_us| took_us >= from_us);
        let result = Counted { at_us: now_us, failed, slow };
        self.row = if failed { self.row.saturating_add(1) } else { 0 };
        self.results.push_back(result);
        self.forget(now_us);
        self.is_dirty = true;
        if self.state == State::Closed {
            self.owes = self.rule_fulfilled_by(result);
        }
    }

    /// Forgets results at which no rule looks any more.
    fn forget(&mut self, now_us: u64) {
        let trip = &self.config.trip;
        let kept = trip.count_window.map_or(0, |window| window.calls as usize);
        let span_us = trip
            .time_window
            .map_or(0, |window| window.bucket_us.saturating_mul(u64::from(window.buckets) + 1));
        let is_old = |result: &mut Counted| result.at_us.saturating_add(span_us) <= now_us;
        while self.results.len() > kept && self.results.pop_front_if(is_old).is_some() {}
    }

    /// By which rule a result opens, in words.
    fn rule_fulfilled_by(&self, latest: Counted) -> Option<String> {
        let trip = &self.config.trip;
        let row = trip.consecutive_failures.filter(|most| latest.failed && self.row >= *most);
        if row.is_some() {
            return Some(format!("{} failures in a row", self.row));
        }
        let count = trip.count_window.and_then(|window| {
            let held = self.results.iter().rev().take(window.calls as usize);
            reached(held, window.rates, latest)
        });
        count.or_else(|| {
            let window = trip.time_window?;
            let bucket = |at_us: u64| at_us / window.bucket_us.max(1);
            let oldest = (bucket(latest.at_us) + 1).saturating_sub(window.buckets.into());
            let held = self.results.iter().rev();
            let held = held.take_while(|result| bucket(result.at_us) >= oldest);
            reached(held, window.rates, latest)
        })
    }

    /// A probe under way for longer than its lease, although it should count as failed.
    fn wedged(&self, now_us: u64) -> Option<Remark> {
        let (call, since_us) = *self.probes.first()?;
        let lease_us = self.config.half_open.lease_us;
        let over = self.state == State::HalfOpen && now_us > since_us.saturating_add(lease_us);
        let text = || {
            let (lease, since) = (words::seconds(lease_us), words::seconds(now_us - since_us));
            let number = call.number;
            format!("probe {number} has a lease of {lease}, and keeps its socket for {since}")
        };
        over.then(|| (Kind::NeverWedges, text()))
    }

    /// Whether the window over calls holds what was told.
    fn compare(&mut self, door: &Door) -> Option<Remark> {
        if !std::mem::take(&mut self.is_dirty) {
            return None;
        }
        let window = self.config.trip.count_window?;
        let held = door.cells();
        let due = self.results.len().min(window.calls as usize);
        let told = self.results.iter().skip(self.results.len() - due);
        let same = held.len() == due
            && told
                .zip(&held)
                .all(|(one, cell)| (one.failed, one.slow) == (cell.failed, cell.slow));
        let text = || {
            let count = held.len();
            format!("the window holds {count} calls, and they are not the {due} that were told")
        };
        (!same).then(|| (Kind::RejectionsEnterNoWindow, text()))
    }
}

/// Whether a rate is reached by what a window holds, at a result that is a part of it.
fn reached<'a>(
    held: impl Iterator<Item = &'a Counted>,
    rates: Rates,
    latest: Counted,
) -> Option<String> {
    let (mut calls, mut failures, mut slow) = (0, 0, 0);
    for result in held {
        calls += 1;
        failures += u64::from(result.failed);
        slow += u64::from(result.slow);
    }
    if calls < u64::from(rates.minimum_calls) {
        return None;
    }
    let by = |rate: Option<crate::rate::Rate>, part| {
        rate.is_some_and(|rate| rate.is_reached_by(part, calls))
    };
    if latest.failed && by(rates.failures, failures) {
        Some(format!("{failures} of {calls} calls failed"))
    } else if latest.slow && by(rates.slow, slow) {
        Some(format!("{slow} of {calls} calls were slow"))
    } else {
        None
    }
}
