//! A fleet in an incident, second by second.

use super::super::cells;
use super::incidents::{Act, CALM_S, Incident, LASTS_S, LINK_US, SECOND_US, health};
use super::lines::{Knobs, Lines};
use crate::labs::breaker::{
    BreakerEvent, BreakerProcess, BreakerRequest, BreakerSetup, Cast, End, Role,
};
use crate::labs::raft::RaftSetup;
use crate::raft;
use crate::sim::{Delay, Happening, LinkSettings, NodeId, RecordId, World, WorldSettings};

/// A request that took longer is served to nobody.
pub(super) const PATIENCE_US: u64 = 2 * SECOND_US;
/// How long is judged.
pub(super) const JUDGED_S: u64 = 10;
/// An incident is survived if this share of what can be served is, in percent.
pub(super) const SURVIVED_PERCENT: u64 = 90;

/// A fleet with some lines of policy, and an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Experiment {
    pub(super) lines: Lines,
    pub(super) knobs: Knobs,
    pub(super) incident: Incident,
    /// Requests a second, of all callers together.
    pub(super) load: u32,
    /// How long after the incident all must be well, in seconds.
    pub(super) within_s: u64,
}

impl Experiment {
    /// From which second on it is judged.
    pub(super) fn judged_from_s(&self) -> u64 {
        CALM_S + LASTS_S + self.within_s
    }

    /// How long a world is followed, in seconds.
    pub(super) fn seconds(&self) -> u64 {
        self.judged_from_s() + JUDGED_S
    }
}

/// A second of a world.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Second {
    /// Requests that began.
    pub(super) asked: u16,
    /// Requests that were served in time.
    pub(super) served: u16,
    /// Requests that were served when nobody waited any more.
    pub(super) late: u16,
}

/// A world from its beginning to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) seconds: Vec<Second>,
    pub(super) is_survived: bool,
}

/// A world on its way.
pub(super) struct Running {
    experiment: Experiment,
    world: World<BreakerProcess>,
    acts: std::vec::IntoIter<(u64, Act)>,
    next: Option<(u64, Act)>,
    read: usize,
    seconds: Vec<Second>,
}

impl cells::Experiment for Experiment {
    type Running = Running;
    type Told = Told;

    fn begin(&self, seed: u64) -> Running {
        let cast = self.incident.cast();
        let [service, database] = health(cast);
        let policy = self.lines.policy(&self.knobs, self.load_milli(1));
        let raft = RaftSetup { config: raft::Config::of(3) };
        let world = World::new(WorldSettings {
            nodes: cast.nodes(),
            seed,
            links: LinkSettings::with_delay(Delay::Constant { us: LINK_US }),
            sync: Delay::Constant { us: 0 },
            setup: BreakerSetup { cast, policy, health: service, database, raft },
        });
        let mut acts = self.incident.acts().into_iter();
        let next = acts.next();
        let seconds = vec![Second::default(); self.seconds() as usize];
        Running { experiment: *self, world, acts, next, read: 0, seconds }
    }

    fn go_on(running: &mut Running, records: usize) -> Option<Told> {
        let until = running.world.history().len() + records;
        loop {
            let end_us = running.experiment.seconds() * SECOND_US;
            let at_us = running.next.as_ref().map_or(end_us, |(at_us, _)| *at_us);
            match running.world.advance_within(at_us, until, |_| ()) {
                Ok(true) => match running.next.take() {
                    Some((_, act)) => {
                        running.act(act);
                        running.next = running.acts.next();
                    }
                    None => return Some(running.end()),
                },
                Ok(false) => {
                    running.listen();
                    running.world.let_go_before(RecordId(running.read as u32));
                    return None;
                }
                Err(_) => return Some(running.end()),
            }
        }
    }
}

impl Experiment {
    /// The load of one caller with so many times as many requests, in thousandths.
    fn load_milli(&self, times: u32) -> u32 {
        self.load * times * 1_000 / self.callers().count() as u32
    }

    fn callers(&self) -> impl Iterator<Item = NodeId> + use<> {
        let cast: Cast = self.incident.cast();
        (0..cast.nodes()).map(NodeId).filter(move |node| cast.role(*node) == Role::Caller)
    }
}

impl Running {
    fn act(&mut self, act: Act) {
        // Nothing of this is impossible: see the tests.
        match act {
            Act::Inject(fault) => {
                let _ = self.world.inject(fault);
            }
            Act::Do(node, health) => {
                let _ = self.world.request(node, BreakerRequest::Do(health));
            }
            Act::Load(times) => {
                let Experiment { lines, knobs, .. } = self.experiment;
                let policy = lines.policy(&knobs, self.experiment.load_milli(times));
                for caller in self.experiment.callers() {
                    let request = BreakerRequest::GoBy(Box::new(policy.clone()));
                    let _ = self.world.request(caller, request);
                }
            }
        }
    }

    fn listen(&mut self) {
        let records = self.world.history().records();
        while let Some(record) = records.get(self.read) {
            self.read += 1;
            let Happening::Decided { event, .. } = &record.what else { continue };
            let Some(now) = self.seconds.get_mut((record.at_us / SECOND_US) as usize) else {
                continue;
            };
            match event {
                BreakerEvent::Began { .. } => now.asked += 1,
                BreakerEvent::Over { end: End::Served, took_us, .. } => {
                    let is_in_time = *took_us <= PATIENCE_US;
                    now.served += u16::from(is_in_time);
                    now.late += u16::from(!is_in_time);
                }
                _ => {}
            }
        }
    }

    fn end(&mut self) -> Told {
        self.listen();
        let seconds = std::mem::take(&mut self.seconds);
        let judged = &seconds[self.experiment.judged_from_s() as usize..];
        let sum = |of: fn(&Second) -> u16| judged.iter().map(|it| u64::from(of(it))).sum::<u64>();
        let servable = sum(|second| second.asked) * self.experiment.incident.servable_percent();
        let is_survived = sum(|second| second.served) * 10_000 >= servable * SURVIVED_PERCENT;
        Told { seconds, is_survived }
    }
}
