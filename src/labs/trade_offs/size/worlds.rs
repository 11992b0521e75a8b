//! A cluster that is first measured and then taken apart, server by server.

use super::super::cells;
use super::super::servers::{MS, Next, SECOND_US, Servers};
use crate::pbs::Histogram;
use crate::raft::Config;
use crate::random::Random;
use crate::sim::{Delay, Fault, NodeId};

/// So many writes are measured in a world, one at a time.
pub(super) const WRITES: u64 = 250;
/// So long the client rests between two writes.
const REST_US: u64 = 60 * MS;
/// After a crash, a write is asked for again and again, this far apart, for so long.
const RETRY_US: u64 = 250 * MS;
pub(super) const PATIENCE_US: u64 = 15 * SECOND_US;
/// How long a disk needs for a sync.
pub(super) const SYNC_US: u64 = MS;
/// When the first leader is there for certain, or the next write waits for it.
const START_US: u64 = 2 * SECOND_US;
/// The purpose of the generator that draws who crashes.
const CRASHES: u64 = 1;

/// A cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Experiment {
    pub(super) servers: u8,
    /// Half of the messages take at most so long.
    pub(super) median_us: u64,
    /// How long the tail of their delays is, see [`Delay::LogNormal`].
    pub(super) sigma_ppm: u32,
}

/// What was measured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// How long writes took, from the leader's taking them to its answer.
    pub(super) took: Histogram,
    /// Messages about them.
    pub(super) messages: u64,
    /// How many servers could be down and writes still went through.
    pub(super) survived: u8,
}

/// A world on its way.
pub(super) struct Running {
    experiment: Experiment,
    servers: Servers,
    crashes: Random,
    crashed: u8,
    number: u64,
    step: Step,
    told: Told,
}

#[derive(Clone, Copy)]
enum Step {
    /// Nothing is asked until then.
    Rest { until_us: u64 },
    /// A write that began then, with this number or a later one, is waited for.
    Wait { begun_us: u64, first: u64, asked_us: u64 },
}

impl cells::Experiment for Experiment {
    type Running = Running;
    type Told = Told;

    fn begin(&self, seed: u64) -> Running {
        let link = Delay::LogNormal { median_us: self.median_us, sigma_ppm: self.sigma_ppm };
        let delays = (link, Delay::Constant { us: SYNC_US });
        // Far longer than nearly all messages take: here nobody is deposed for a slow message.
        let config = Config {
            election_timeout_low_us: SECOND_US,
            election_timeout_high_us: 2 * SECOND_US,
            heartbeat_interval_us: SECOND_US / 5,
            ..Config::of(self.servers)
        };
        Running {
            experiment: *self,
            servers: Servers::raft(config, seed, delays),
            crashes: Random::for_purpose(seed, CRASHES),
            crashed: 0,
            number: 0,
            step: Step::Rest { until_us: START_US },
            told: Told::default(),
        }
    }

    fn go_on(running: &mut Running, records: usize) -> Option<Told> {
        let records = running.servers.records() + records;
        loop {
            let over = match running.step {
                Step::Rest { until_us } => match running.servers.next(until_us, records) {
                    // Of a write that was asked for once more.
                    Next::Answer(_) => false,
                    Next::Pause => return None,
                    Next::Time => {
                        running.begin_write();
                        false
                    }
                    Next::End => true,
                },
                Step::Wait { asked_us, .. } => {
                    match running.servers.next(asked_us + RETRY_US, records) {
                        Next::Answer(answer) => {
                            running.heard(answer.number, answer.is_written, answer.at_us)
                        }
                        Next::Pause => return None,
                        Next::Time => running.ask_again(),
                        Next::End => true,
                    }
                }
            };
            if over {
                return Some(std::mem::take(&mut running.told));
            }
        }
    }
}

impl Running {
    fn begin_write(&mut self) {
        let begun_us = self.servers.now_us();
        self.step = Step::Wait { begun_us, first: self.number + 1, asked_us: begun_us };
        self.ask();
    }

    /// Asks whoever leads, if somebody does.
    fn ask(&mut self) {
        if let Some(leader) = self.servers.leader() {
            self.number += 1;
            self.servers.write(leader, self.number, "x".to_owned());
        }
    }

    /// Nobody has answered for a while. Whether all is over.
    fn ask_again(&mut self) -> bool {
        let now_us = self.servers.now_us();
        let Step::Wait { begun_us, first, .. } = self.step else { return false };
        if now_us - begun_us >= PATIENCE_US {
            return true;
        }
        self.step = Step::Wait { begun_us, first, asked_us: now_us };
        self.ask();
        false
    }

    /// An answer has come. Whether all is over.
    fn heard(&mut self, number: u64, is_written: bool, at_us: u64) -> bool {
        let Step::Wait { begun_us, first, .. } = self.step else { return false };
        if number < first || !is_written {
            return false;
        }
        if self.told.took.total() < WRITES {
            self.told.took.add(at_us - begun_us);
        }
        self.step = Step::Rest { until_us: at_us + REST_US };
        if self.told.took.total() < WRITES {
            return false;
        }
        if self.crashed == 0 {
            self.told.messages = self.servers.messages();
        }
        self.told.survived = self.crashed;
        self.crash_one()
    }

    /// Crashes one of those that run, drawn by lot. Whether none is left.
    fn crash_one(&mut self) -> bool {
        let up: Vec<NodeId> =
            self.servers.nodes().filter(|node| self.servers.is_up(*node)).collect();
        let chosen = self.crashes.below(up.len() as u64) as usize;
        if let Some(node) = up.get(chosen) {
            self.servers.inject(Fault::Crash(*node));
            self.crashed += 1;
        }
        self.crashed >= self.experiment.servers
    }
}
