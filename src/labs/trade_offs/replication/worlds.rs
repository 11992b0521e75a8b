//! Three servers: a quiet while, a backup that is down for some seconds, and the day on which the
//! primary is gone.

use super::super::cells;
use super::super::servers::{Answer, MS, Next, SECOND_US, Servers};
use crate::pbs::Histogram;
use crate::primary_backup as backup;
use crate::raft;
use crate::random::Random;
use crate::sim::{Delay, Fault, LinkSettings, NodeId};
use crate::sorted::SortedMap;

/// How long a disk needs for a sync.
pub(super) const SYNC_US: u64 = MS;
/// The farther backup is so many times as far: farther than to the nearer one and back, so that it
/// may lack what the nearer one has acknowledged.
const FARTHER_TIMES: u64 = 3;
const NEARER: NodeId = NodeId(1);
const FARTHER: NodeId = NodeId(2);
/// Latency is measured for so long.
const QUIET_US: u64 = 2 * SECOND_US;
/// Then a backup is down for so long, and writes of the first half of it are waited for that long.
const DOWN_US: u64 = 2 * SECOND_US;
/// Then it catches up, before the primary dies at an instant that is drawn from a second.
const CATCH_UP_US: u64 = 2 * SECOND_US;
/// After so long somebody has noticed, and a backup is promoted.
pub(super) const NOTICED_US: u64 = SECOND_US;
/// When all is judged, if somebody serves then; else later.
const SETTLED_US: u64 = 4 * SECOND_US;
const LATEST_US: u64 = 30 * SECOND_US;
/// Purposes of generators.
const ARRIVALS: u64 = 1;
const DEATHS: u64 = 2;

/// When a write is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Once it is on the primary's disk.
    Asynchronous,
    /// Once one backup has it, too.
    SemiSynchronous,
    /// Once all have it.
    Synchronous,
    /// Once a majority has it: Raft.
    Majority,
}

impl Way {
    pub(super) const ALL: [Way; 4] =
        [Way::Asynchronous, Way::SemiSynchronous, Way::Synchronous, Way::Majority];
}

/// Which backup is promoted. Raft elects by itself, and pays no heed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Successor {
    /// The one with the longer log.
    WhoHasMost,
    /// The farther one, whatever it has.
    TheFarther,
}

/// One such day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Experiment {
    pub(super) way: Way,
    /// How long a message travels to the nearer backup.
    pub(super) delay_us: u64,
    /// Writes a second.
    pub(super) load: u64,
    pub(super) successor: Successor,
}

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// How long writes took while all was well.
    pub(super) took: Histogram,
    /// Writes that came while a backup was down, and how many of them were answered meanwhile.
    pub(super) asked_down: u64,
    pub(super) answered_down: u64,
    /// Writes that clients had been told are written when the primary died.
    pub(super) acknowledged: u64,
    /// How many of them its successor does not have.
    pub(super) lost: u64,
    /// Whether there was a successor to be asked.
    pub(super) is_judged: bool,
}

/// A world on its way.
pub(super) struct Running {
    experiment: Experiment,
    servers: Servers,
    arrivals: Random,
    /// When the next write comes; none do any more once the primary is gone.
    next_us: Option<u64>,
    number: u64,
    /// Writes that are not answered, and when they came.
    waiting: SortedMap<u64, u64>,
    acknowledged: Vec<u64>,
    start_us: u64,
    dies_us: u64,
    /// What comes next of the day's course, and when.
    step: (Step, u64),
    told: Told,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// A backup crashes.
    BackupDown,
    /// It comes back.
    BackupUp,
    /// The primary dies.
    PrimaryDies,
    /// Somebody has noticed.
    Noticed,
    /// What is left is looked at.
    Judge,
}

impl cells::Experiment for Experiment {
    type Running = Running;
    type Told = Told;

    fn begin(&self, seed: u64) -> Running {
        let servers = self.servers(seed);
        // An election takes a few round trips.
        let start_us = SECOND_US + 10 * self.delay_us;
        let back_us = start_us + QUIET_US + DOWN_US;
        let mut deaths = Random::for_purpose(seed, DEATHS);
        let dies_us = back_us + CATCH_UP_US + 20 * self.delay_us + deaths.below(SECOND_US);
        let mut running = Running {
            experiment: *self,
            servers,
            arrivals: Random::for_purpose(seed, ARRIVALS),
            next_us: Some(start_us),
            number: 0,
            waiting: SortedMap::new(),
            acknowledged: Vec::new(),
            start_us,
            dies_us,
            step: (Step::BackupDown, start_us + QUIET_US),
            told: Told::default(),
        };
        running.schedule();
        running
    }

    fn go_on(running: &mut Running, records: usize) -> Option<Told> {
        let records = running.servers.records() + records;
        loop {
            let until_us = running.next_us.map_or(running.step.1, |at| at.min(running.step.1));
            match running.servers.next(until_us, records) {
                Next::Answer(answer) => running.answered(answer),
                Next::Pause => return None,
                Next::Time if running.next_us == Some(until_us) => running.arrive(),
                Next::Time if running.go_through_step() => {}
                Next::Time | Next::End => return Some(std::mem::take(&mut running.told)),
            }
        }
    }
}

impl Experiment {
    fn servers(&self, seed: u64) -> Servers {
        let far_us = self.delay_us * FARTHER_TIMES;
        let delays = (Delay::Constant { us: self.delay_us }, Delay::Constant { us: SYNC_US });
        // Whoever waits so long for an answer sends again.
        let patience_us = (8 * self.delay_us).max(50 * MS);
        let acks = match self.way {
            Way::Asynchronous => Some(0),
            Way::SemiSynchronous => Some(1),
            Way::Synchronous => Some(2),
            Way::Majority => None,
        };
        let mut servers = match acks {
            Some(acks) => {
                let (resend_us, timeout_us) = (patience_us, 60 * SECOND_US);
                let config =
                    backup::Config { acks, resend_us, timeout_us, ..backup::Config::of(3) };
                Servers::backup(config, seed, delays)
            }
            None => {
                let config = raft::Config {
                    election_timeout_low_us: 3 * patience_us,
                    election_timeout_high_us: 6 * patience_us,
                    heartbeat_interval_us: patience_us,
                    max_in_flight_appends: 64,
                    fast_back_up: true,
                    ..raft::Config::of(3)
                };
                Servers::raft(config, seed, delays)
            }
        };
        let far = [NodeId(0), NEARER].into_iter();
        let links = far.flat_map(|near| [(near, FARTHER), (FARTHER, near)]).collect();
        let slow = LinkSettings::with_delay(Delay::Constant { us: far_us });
        servers.inject(Fault::SetLinks(links, slow));
        servers
    }
}

impl Running {
    fn schedule(&mut self) {
        let gap = Delay::Exponential { mean_us: SECOND_US / self.experiment.load };
        let gap_us = gap.draw_us(&mut self.arrivals).max(1);
        self.next_us = self.next_us.map(|at_us| at_us + gap_us).filter(|at| *at < self.dies_us);
    }

    fn arrive(&mut self) {
        self.number += 1;
        let now_us = self.servers.now_us();
        self.told.asked_down += u64::from(self.is_while_down(now_us));
        self.waiting.insert(self.number, now_us);
        self.servers.write(NodeId(0), self.number, key(self.number));
        self.schedule();
    }

    fn answered(&mut self, answer: Answer) {
        let Some(came_us) = self.waiting.remove(&answer.number) else { return };
        if !answer.is_written {
            return;
        }
        self.acknowledged.push(answer.number);
        let took_us = answer.at_us - came_us;
        if came_us < self.start_us + QUIET_US / 2 {
            self.told.took.add(took_us);
        }
        if self.is_while_down(came_us) && answer.at_us < self.start_us + QUIET_US + DOWN_US {
            self.told.answered_down += 1;
        }
    }

    /// Whether a backup is down then, and stays so for long enough to wait for an answer.
    fn is_while_down(&self, at_us: u64) -> bool {
        let from_us = self.start_us + QUIET_US;
        (from_us..from_us + DOWN_US / 2).contains(&at_us)
    }

    /// What the day brings now. Whether it goes on after that.
    fn go_through_step(&mut self) -> bool {
        let (step, at_us) = self.step;
        let (then, in_us) = match step {
            Step::BackupDown => {
                self.servers.inject(Fault::Crash(FARTHER));
                (Step::BackupUp, DOWN_US)
            }
            Step::BackupUp => {
                self.servers.inject(Fault::Restart(FARTHER));
                (Step::PrimaryDies, self.dies_us - at_us)
            }
            Step::PrimaryDies => {
                self.primary_dies();
                (Step::Noticed, NOTICED_US)
            }
            Step::Noticed => {
                self.promote();
                (Step::Judge, SETTLED_US + 20 * self.experiment.delay_us)
            }
            Step::Judge => match self.successor() {
                Some(successor) => {
                    self.judge(successor);
                    return false;
                }
                None if at_us > self.dies_us + LATEST_US => return false,
                None => (Step::Judge, SECOND_US),
            },
        };
        self.step = (then, at_us + in_us);
        true
    }

    /// Its place goes dark: what is on the way from there is gone, too.
    fn primary_dies(&mut self) {
        let primary = NodeId(0);
        self.servers.inject(Fault::cut_between(&[primary], &[NEARER, FARTHER]));
        self.servers.inject(Fault::Crash(primary));
        self.told.acknowledged = self.acknowledged.len() as u64;
    }

    fn promote(&mut self) {
        let longest = |node: &NodeId| (self.servers.log_len(*node), u8::MAX - node.0);
        let chosen = match self.experiment.successor {
            Successor::TheFarther => Some(FARTHER),
            Successor::WhoHasMost => [NEARER, FARTHER].into_iter().max_by_key(longest),
        };
        if let Some(node) = chosen {
            self.servers.promote(node);
        }
    }

    fn successor(&self) -> Option<NodeId> {
        let leader = self.servers.leader()?;
        (leader != NodeId(0) && self.servers.serves(leader)).then_some(leader)
    }

    fn judge(&mut self, successor: NodeId) {
        let lost = |number: &&u64| !self.servers.holds(successor, &key(**number));
        self.told.lost = self.acknowledged.iter().filter(lost).count() as u64;
        self.told.is_judged = true;
    }
}

/// Every write has a key of its own, so that it can be looked for.
fn key(number: u64) -> String {
    (100_000 + number).to_string()
}
