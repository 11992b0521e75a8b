//! The fleet in a storm: worlds of this lab, told second by second.
//!
//! Four callers send requests to a service that asks a database for each. For a few seconds more
//! requests come. What then goes on though its cause is gone is a metastable failure (Bronson and
//! others, "Metastable Failures in Distributed Systems", HotOS 2021).

use super::experiment::{CALLERS, Experiment, SECOND_US};
use crate::labs::breaker::{BreakerEvent, BreakerProcess, BreakerRequest, BreakerSetup, Cast, End};
use crate::labs::raft::RaftSetup;
use crate::pbs::Histogram;
use crate::raft;
use crate::sim::{Delay, Happening, NodeId, RecordId, World, WorldSettings};

/// Whether a world stays down is judged by so many seconds at its end.
pub(super) const JUDGED_S: usize = 15;

/// A second of a world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Second {
    /// Requests that began.
    pub(super) asked: u16,
    /// Calls that were made for them.
    pub(super) sent: u16,
    /// Requests that were served.
    pub(super) served: u16,
    /// How long requests took that ended then, rejected ones aside: half of them at most so long.
    pub(super) half_us: Option<u64>,
    /// And 99 of 100.
    pub(super) most_us: Option<u64>,
}

/// A world from its beginning to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) seconds: Vec<Second>,
}

impl Told {
    /// Whether at the end less than half of the requests are served.
    pub(super) fn stays_down(&self) -> bool {
        let last = &self.seconds[self.seconds.len().saturating_sub(JUDGED_S)..];
        let sum = |of: fn(&Second) -> u16| last.iter().map(|it| u64::from(of(it))).sum::<u64>();
        2 * sum(|second| second.served) < sum(|second| second.asked)
    }
}

/// A world on its way.
pub(super) struct Running {
    experiment: Experiment,
    world: World<BreakerProcess>,
    /// How many records have been read.
    read: usize,
    told: Told,
    /// How long requests took that ended in the second that is being told.
    took: Histogram,
}

impl Running {
    pub(super) fn new(experiment: Experiment, seed: u64) -> Running {
        let (health, database) = experiment.health;
        let raft = RaftSetup { config: raft::Config::of(3) };
        let (cast, policy) = (Cast::Fleet, experiment.policy.clone());
        let world = World::new(WorldSettings {
            nodes: cast.nodes(),
            seed,
            links: experiment.links,
            sync: Delay::Constant { us: 0 },
            setup: BreakerSetup { cast, policy, health, database, raft },
        });
        let told = Told { seconds: vec![Second::default()] };
        Running { experiment, world, read: 0, told, took: Histogram::default() }
    }

    /// Goes on for about so many records. What there is to tell once the end has come, or a limit
    /// of the world.
    pub(super) fn run(&mut self, records: usize) -> Option<Told> {
        let until = self.world.history().len() + records;
        let (from_us, to_us) = self.experiment.trigger_us;
        loop {
            let now_us = self.world.now_us();
            let turns =
                [(from_us, self.experiment.halves), (to_us, 2), (self.experiment.end_us, 2)];
            let next = turns.into_iter().find(|(at_us, _)| *at_us > now_us);
            let Some((at_us, halves)) = next else { return Some(self.end()) };
            match self.world.advance_within(at_us, until, |_| ()) {
                Ok(true) => self.turn(halves),
                Ok(false) => {
                    self.listen();
                    self.world.let_go_before(RecordId(self.read as u32));
                    return None;
                }
                Err(_) => return Some(self.end()),
            }
        }
    }

    /// From now on so many halves as many requests begin as usual.
    fn turn(&mut self, halves: u32) {
        let mut policy = self.experiment.policy.clone();
        policy.load_milli = policy.load_milli.saturating_mul(halves) / 2;
        for caller in 0..CALLERS as u8 {
            let request = BreakerRequest::GoBy(Box::new(policy.clone()));
            // Nobody is ever down here.
            let _ = self.world.request(NodeId(caller), request);
        }
    }

    fn end(&mut self) -> Told {
        self.listen();
        self.close_second();
        self.told.seconds.resize((self.experiment.end_us / SECOND_US) as usize, Second::default());
        self.told.clone()
    }

    fn listen(&mut self) {
        let history_len = self.world.history().len();
        while self.read < history_len {
            let record = self.world.history().records().get(self.read);
            self.read += 1;
            let Some(record) = record else { continue };
            let Happening::Decided { event, .. } = &record.what else { continue };
            let (second, event) = ((record.at_us / SECOND_US) as usize, event.clone());
            while self.told.seconds.len() <= second {
                self.close_second();
                self.told.seconds.push(Second::default());
            }
            let Some(now) = self.told.seconds.last_mut() else { return };
            match event {
                BreakerEvent::Began { .. } => now.asked += 1,
                BreakerEvent::Admitted { .. } => now.sent += 1,
                BreakerEvent::Over { end, took_us, .. } => {
                    now.served += u16::from(end == End::Served);
                    if end != End::Rejected {
                        self.took.add(took_us);
                    }
                }
                _ => {}
            }
        }
    }

    fn close_second(&mut self) {
        let took = std::mem::take(&mut self.took);
        if let Some(now) = self.told.seconds.last_mut() {
            now.half_us = took.at_share(500_000);
            now.most_us = took.at_share(990_000);
        }
    }
}
