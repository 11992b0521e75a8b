//! What readers are invited to do, and what they have done.

use super::super::Task;
use super::Cluster;
use super::judges::Word;
use super::promises::Kind;
use super::system::{BreakerEvent, BreakerProcess, Cast};
use crate::circuit_breaker::{Cause, Outcome, Reported, State};
use crate::sim::{Happening, NodeId, Record};
use crate::sorted::SortedMap;

/// A step of the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Step {
    Open,
    Close,
    Late,
    Reopen,
    StaleSuccess,
    Storm,
    Recover,
    Remedy,
    AllDown,
    OneDown,
    Minority,
    Healed,
}

/// A step, its title, and how.
type Line = (Step, &'static str, &'static str);

const ONE: &[Line] = &[
    (Step::Open, "Open the breaker", "Press “errors”: five calls fail, and it opens."),
    (
        Step::Reopen,
        "Let a probe fail",
        "Wait until the ring has run down while the service still fails: one call goes as a probe.",
    ),
    (Step::Close, "Let it close", "Press “well”, and wait for the next probe."),
    (
        Step::Late,
        "See a late answer",
        "Press “slow” and give callers a timeout of 5 s, then “errors”: calls of the old era come \
         back to a breaker that has moved on, and fall into the tray.",
    ),
    (
        Step::StaleSuccess,
        "Break it as libraries do",
        "Turn “Generations” off, and do the same again: what is late counts. With 20 calls a \
         second, “rate” and “Open for 1 s” a call from before the opening even closes it.",
    ),
];

const FLEET: &[Line] = &[
    (
        Step::Storm,
        "Start a storm",
        "Turn the breaker off, and the load up to 120 for a few seconds: the queue fills, callers \
         give up and try again.",
    ),
    (
        Step::Recover,
        "Take the trigger away",
        "Turn the load back. The queue stays full: all work is for callers that have given up.",
    ),
    (
        Step::Remedy,
        "Get out of it",
        "Turn the breaker on, or give retries a budget, or leave expired calls undone.",
    ),
];

const SHARDS: &[Line] = &[
    (
        Step::AllDown,
        "Spring the trap",
        "Make one shard fail: one breaker for all of them refuses calls to those that are well.",
    ),
    (Step::OneDown, "Give each its own", "Turn “per shard” on: three of four calls are served."),
];

const NETWORK: &[Line] = &[
    (
        Step::Minority,
        "Cut the caller off with one server",
        "Cut S1 and one server from the rest: nothing commits there, and the breaker opens.",
    ),
    (Step::Healed, "Heal the network", "The next probe finds the leader, and the breaker closes."),
];

/// What was done, and when.
#[derive(Clone, Debug, Default)]
pub(super) struct TaskBoard {
    done: SortedMap<Step, u64>,
    /// When the service was full, and its callers' load since.
    stormy_load: Option<u32>,
    /// In shards: which were refused while all breakers together refused.
    refused: [bool; 4],
}

/// So many calls in the queue of a fleet's service, in hundredths of its places, are a storm.
const STORMY: usize = 90;

impl TaskBoard {
    pub(super) fn tasks(&self, cast: Cast) -> Vec<Task> {
        let path = match cast {
            Cast::One => ONE,
            Cast::Fleet => FLEET,
            Cast::Shards => SHARDS,
            Cast::Network => NETWORK,
        };
        let task = |&(step, title, hint): &Line| {
            let done_us = self.done.get(&step).copied();
            Task { title, hint, done_us }
        };
        path.iter().map(task).collect()
    }

    /// Goes on by a record.
    pub(super) fn read(&mut self, cluster: &Cluster, record: &Record<BreakerProcess>) {
        let Happening::Decided { event, .. } = &record.what else { return };
        let at_us = record.at_us;
        match event {
            BreakerEvent::Moved { transition, .. } => {
                let by_hand = transition.cause == Cause::ByHand;
                let (from, to) = (transition.from, transition.to);
                let opens = matches!(to, State::Open { .. }) && !by_hand;
                self.refused = [false; 4];
                self.tick(Step::Open, at_us, opens && from == State::Closed);
                self.tick(Step::Reopen, at_us, opens && from == State::HalfOpen);
                let closes = to == State::Closed && !by_hand;
                self.tick(Step::Close, at_us, closes);
                self.tick(Step::Minority, at_us, opens && is_cut(cluster));
                let was = self.done.contains_key(&Step::Minority);
                self.tick(Step::Healed, at_us, was && closes && !is_cut(cluster));
            }
            BreakerEvent::Ended { reported: Some(Reported::Late(_)), .. } => {
                self.tick(Step::Late, at_us, true);
            }
            BreakerEvent::Ended { outcome: Outcome::Success, .. }
                if cluster.cast() == Cast::Shards =>
            {
                let breaker = cluster.policy().breaker.as_ref();
                let each = breaker.is_some_and(|breaker| breaker.per_shard);
                self.tick(Step::OneDown, at_us, each && open_doors(cluster) == 1);
            }
            BreakerEvent::Rejected { to, .. } if cluster.cast() == Cast::Shards => {
                let place = cluster.cast().place_of(*to);
                if let Some(refused) = self.refused.get_mut(place) {
                    *refused = true;
                }
                let all = self.refused.iter().all(|refused| *refused);
                self.tick(Step::AllDown, at_us, all && open_doors(cluster) == 1);
            }
            _ => {}
        }
    }

    /// What takes a look at how things stand.
    pub(super) fn look(&mut self, cluster: &Cluster, word: &Word, at_us: u64) {
        let late_moved = word.breach(Kind::LateMovesNothing).is_some();
        self.tick(Step::StaleSuccess, at_us, late_moved);
        if cluster.cast() != Cast::Fleet || self.done.contains_key(&Step::Remedy) {
            return;
        }
        let service = cluster.process(NodeId(4)).and_then(BreakerProcess::service);
        let Some(service) = service else { return };
        let places = service.health().queue as usize;
        let is_stormy = places > 0 && service.waiting() * 100 >= places * STORMY;
        let load = cluster.policy().load_milli;
        if is_stormy {
            self.tick(Step::Storm, at_us, true);
            let highest = self.stormy_load.unwrap_or(0).max(load);
            self.stormy_load = Some(highest);
            self.tick(Step::Recover, at_us, load < highest);
        }
        let recovered = self.done.contains_key(&Step::Recover) && service.waiting() == 0;
        self.tick(Step::Remedy, at_us, recovered && load > 0);
    }

    fn tick(&mut self, step: Step, at_us: u64, done: bool) {
        if done && !self.done.contains_key(&step) {
            self.done.insert(step, at_us);
        }
    }
}

/// Whether anything is cut.
fn is_cut(cluster: &Cluster) -> bool {
    let network = cluster.world().network();
    network.link_ends().any(|(from, to)| network.is_cut(from, to))
}

/// How many breakers of the first caller are open.
fn open_doors(cluster: &Cluster) -> usize {
    let caller = cluster.process(NodeId(0)).and_then(BreakerProcess::caller);
    let is_open = |door: &&super::Door| matches!(door.state(), State::Open { .. });
    caller.map_or(0, |caller| caller.doors().iter().filter(is_open).count())
}
