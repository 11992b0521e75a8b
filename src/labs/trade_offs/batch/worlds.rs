//! A cluster under open-loop load, and what its clients measure.

use std::collections::VecDeque;

use super::super::cells;
use super::super::servers::{Answer, MS, Next, SECOND_US, Servers};
use crate::pbs::Histogram;
use crate::raft::Config;
use crate::random::Random;
use crate::sim::{Delay, NodeId};

/// How many servers the cluster has.
pub(super) const SERVERS: u8 = 3;
/// About how many writes are measured in a world, in no less and no more time than this.
const WRITES: u64 = 400;
const SHORTEST_US: u64 = SECOND_US;
const LONGEST_US: u64 = 20 * SECOND_US;
/// Before that so much time passes under the same load, in parts of the time that is measured.
const WARM_UP: u64 = 4;
/// The purpose of the generator that draws when writes arrive.
const ARRIVALS: u64 = 1;

/// How the leader sends, and under which load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Experiment {
    /// The most entries of one AppendEntries.
    pub(super) batch: usize,
    /// How many AppendEntries may be under way to a follower.
    pub(super) in_flight: usize,
    /// How long a message travels.
    pub(super) one_way_us: u64,
    /// How long a disk needs for a sync.
    pub(super) sync_us: u64,
    /// Writes a second.
    pub(super) load: u64,
}

/// What was measured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// For so long, in microseconds.
    pub(super) window_us: u64,
    /// How many writes came.
    pub(super) asked: u64,
    /// How long those took that were answered.
    pub(super) took: Histogram,
    /// How many the leader did not take: too many waited already.
    pub(super) refused: u64,
    /// The number of writes in the system, integrated over the time: writes times microseconds.
    pub(super) in_system_us: u64,
    /// Messages about writes.
    pub(super) messages: u64,
}

impl Told {
    /// Both together, as if one had been measured after the other.
    pub(super) fn join(&mut self, other: &Told) {
        self.window_us += other.window_us;
        self.asked += other.asked;
        self.took.join(&other.took);
        self.refused += other.refused;
        self.in_system_us += other.in_system_us;
        self.messages += other.messages;
    }

    fn a_second(&self, count: u64) -> u64 {
        (count * SECOND_US + self.window_us / 2).checked_div(self.window_us).unwrap_or(0)
    }

    /// Writes that were answered, a second.
    pub(super) fn goodput(&self) -> u64 {
        self.a_second(self.took.total())
    }

    /// L: how many writes were in the system on average, in thousandths.
    pub(super) fn in_system_milli(&self) -> u64 {
        (self.in_system_us * 1_000).checked_div(self.window_us).unwrap_or(0)
    }

    /// λ·W: how many went through in a microsecond, times how long one stayed; in thousandths.
    /// While the queue only grows, more come than go through, and this is not L.
    pub(super) fn foretold_milli(&self) -> u64 {
        let stayed_us = self.took.mean().unwrap_or(0);
        let product = u128::from(self.took.total()) * u128::from(stayed_us) * 1_000;
        product.checked_div(self.window_us.into()).unwrap_or(0) as u64
    }

    /// Messages for each answered write, in thousandths.
    pub(super) fn messages_milli(&self) -> Option<u64> {
        (self.messages * 1_000).checked_div(self.took.total())
    }
}

/// A world on its way.
pub(super) struct Running {
    servers: Servers,
    arrivals: Random,
    gap: Delay,
    next_us: u64,
    /// What is measured, from when to when.
    window: (u64, u64),
    number: u64,
    /// Writes that are not answered, oldest first, with when they came.
    waiting: VecDeque<(u64, u64)>,
    /// Until when their number was integrated.
    counted_us: u64,
    messages_before: Option<u64>,
    told: Told,
}

impl cells::Experiment for Experiment {
    type Running = Running;
    type Told = Told;

    fn begin(&self, seed: u64) -> Running {
        let delays =
            (Delay::Constant { us: self.one_way_us }, Delay::Constant { us: self.sync_us });
        let round_us = 2 * self.one_way_us + self.sync_us;
        let servers = Servers::raft(self.config(round_us), seed, delays);
        let window_us = (WRITES * SECOND_US / self.load).clamp(SHORTEST_US, LONGEST_US);
        // An election takes a round trip, and its first entry another.
        let start_us = 10 * round_us;
        let from_us = start_us + window_us / WARM_UP;
        let mut running = Running {
            servers,
            arrivals: Random::for_purpose(seed, ARRIVALS),
            gap: Delay::Exponential { mean_us: SECOND_US / self.load },
            next_us: start_us,
            window: (from_us, from_us + window_us),
            number: 0,
            waiting: VecDeque::new(),
            counted_us: 0,
            messages_before: None,
            told: Told { window_us, ..Told::default() },
        };
        running.schedule();
        running
    }

    fn go_on(running: &mut Running, records: usize) -> Option<Told> {
        running.go_on(records)
    }
}

impl Experiment {
    fn config(&self, round_us: u64) -> Config {
        let low_us = (20 * round_us).max(150 * MS);
        Config {
            max_entries_per_append: self.batch,
            max_in_flight_appends: self.in_flight,
            election_timeout_low_us: low_us,
            election_timeout_high_us: 2 * low_us,
            // Longer than an answer takes, or it would send everything again.
            heartbeat_interval_us: low_us / 3,
            ..Config::of(SERVERS)
        }
    }
}

impl Running {
    fn go_on(&mut self, records: usize) -> Option<Told> {
        let records = self.servers.records() + records;
        loop {
            let end_us = self.window.1;
            match self.servers.next(self.next_us.min(end_us), records) {
                Next::Answer(answer) => self.answered(answer),
                Next::Pause => return None,
                Next::Time if self.servers.now_us() < end_us => self.arrive(),
                Next::Time | Next::End => return Some(self.end()),
            }
        }
    }

    /// Draws when the next write comes.
    fn schedule(&mut self) {
        self.next_us += self.gap.draw_us(&mut self.arrivals).max(1);
    }

    fn arrive(&mut self) {
        let now_us = self.servers.now_us();
        self.count(now_us);
        self.number += 1;
        self.waiting.push_back((self.number, now_us));
        self.told.asked += u64::from(self.is_measured(now_us));
        self.servers.write(NodeId(0), self.number, "x".to_owned());
        self.schedule();
    }

    fn answered(&mut self, answer: Answer) {
        self.count(answer.at_us);
        let place = self.waiting.iter().position(|(number, _)| *number == answer.number);
        let Some((_, came_us)) = place.and_then(|place| self.waiting.remove(place)) else { return };
        if !self.is_measured(answer.at_us) {
            return;
        }
        if answer.is_written {
            self.told.took.add(answer.at_us - came_us);
        } else {
            self.told.refused += 1;
        }
    }

    fn is_measured(&self, at_us: u64) -> bool {
        (self.window.0..self.window.1).contains(&at_us)
    }

    /// So many writes were in the system up to now.
    fn count(&mut self, at_us: u64) {
        let (from_us, to_us) = self.window;
        let within = |at_us: u64| at_us.clamp(from_us, to_us);
        let passed_us = within(at_us) - within(self.counted_us);
        self.told.in_system_us += self.waiting.len() as u64 * passed_us;
        self.counted_us = self.counted_us.max(at_us);
        if at_us >= from_us && self.messages_before.is_none() {
            self.messages_before = Some(self.servers.messages());
        }
    }

    fn end(&mut self) -> Told {
        self.count(self.window.1);
        let before = self.messages_before.unwrap_or(0);
        self.told.messages = self.servers.messages() - before;
        std::mem::take(&mut self.told)
    }
}
