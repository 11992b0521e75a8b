//! The fleet in a storm: worlds of this lab, each with one remedy or none, told second by second.
//!
//! Four callers send requests to a service that asks a database for each; the database does
//! [`CAPACITY`] a second. For a few seconds twice as many requests come. What then goes on though
//! its cause is gone is a metastable failure (Bronson and others, HotOS 2021); the experiment is
//! after Marc Brooker's "simple_collapse_sim".

use crate::circuit_breaker::{Config, Guards, Quirks, Rate, Wait};
use crate::labs::breaker::{
    BreakerEvent, BreakerPolicy, BreakerProcess, BreakerRequest, BreakerSetup, Cast, End, Health,
    Policy,
};
use crate::labs::raft::RaftSetup;
use crate::pbs::Histogram;
use crate::raft;
use crate::resilience::{Backoff, BudgetConfig, BulkheadConfig, Deposit, Jitter, RetryPolicy};
use crate::sim::{Delay, Happening, LinkSettings, NodeId, RecordId, World, WorldSettings};

pub(super) const SECOND_US: u64 = 1_000_000;
/// How many calls the database does in a second: ten workers, a fifth of a second each.
pub(super) const CAPACITY: u64 = WORKERS as u64 * SECOND_US / WORK_US;
const WORKERS: u32 = 10;
const WORK_US: u64 = 200_000;
/// How long the service itself takes for a call.
const SERVICE_US: u64 = 5_000;
/// How long each message travels.
const LINK_US: u64 = 1_000;
const CALLERS: u32 = 4;
/// When the trigger begins, and how long the world is followed after it.
pub(super) const CALM_S: u64 = 10;
pub(super) const AFTER_S: u64 = 60;
/// Whether a world stays down is judged by so many seconds at its end.
pub(super) const JUDGED_S: usize = 15;
/// How long callers wait for an answer.
pub(super) const PATIENCE_US: u64 = 3 * SECOND_US;
/// How many calls of a caller may be under way with a bulkhead.
pub(super) const SLOTS: u32 = 20;
/// How long a breaker stays open here.
pub(super) const OPEN_US: u64 = 5 * SECOND_US;

/// What a reader can turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Weather {
    /// Requests a second, of all callers together; twice as many during the trigger.
    pub(super) load: u32,
    /// How long the trigger lasts, in seconds.
    pub(super) lasts_s: u64,
    /// How often a request is tried.
    pub(super) tries: u32,
    /// The first wait of the backoff.
    pub(super) base_us: u64,
    /// How many retries a success pays for.
    pub(super) budget: Rate,
    /// How many failures in a row open a breaker.
    pub(super) failures: u32,
}

impl Weather {
    /// How long a world is followed, in seconds.
    pub(super) fn seconds(&self) -> u64 {
        CALM_S + self.lasts_s + AFTER_S
    }

    /// The trigger, from when to when.
    pub(super) fn trigger_us(&self) -> (u64, u64) {
        (CALM_S * SECOND_US, (CALM_S + self.lasts_s) * SECOND_US)
    }
}

/// What is done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    Nothing,
    Jitter,
    DropExpired,
    NoRetries,
    Budget,
    Bulkhead,
    BreakerOnRetries,
    Breaker,
}

impl Remedy {
    pub(super) const ALL: [Remedy; 8] = [
        Remedy::Nothing,
        Remedy::Jitter,
        Remedy::DropExpired,
        Remedy::NoRetries,
        Remedy::Budget,
        Remedy::Bulkhead,
        Remedy::BreakerOnRetries,
        Remedy::Breaker,
    ];

    fn policy(self, weather: &Weather) -> Policy {
        let tries = if self == Remedy::NoRetries { 1 } else { weather.tries };
        let base_us = weather.base_us;
        let backoff = match self {
            Remedy::Jitter => {
                Backoff::Exponential { base_us, cap_us: 20 * base_us, jitter: Jitter::Full }
            }
            _ => Backoff::Fixed { wait_us: 0 },
        };
        let budget = BudgetConfig {
            fill: weather.budget,
            deposit: Deposit::OnSuccess,
            capacity: 10,
            one_free_every_us: None,
        };
        let bulkhead = BulkheadConfig { slots: SLOTS, queue: 0, longest_wait_us: 1 };
        let guards = match self {
            Remedy::Breaker => Some(Guards::AllCalls),
            Remedy::BreakerOnRetries => Some(Guards::RetriesOnly),
            _ => None,
        };
        let breaker = guards.map(|guards| {
            let mut config = Config { wait: Wait::fixed(OPEN_US), guards, ..Config::default() };
            config.trip.consecutive_failures = Some(weather.failures);
            BreakerPolicy { config, quirks: Quirks::default(), per_shard: false }
        });
        Policy {
            load_milli: weather.load * 1_000 / CALLERS,
            evenly: false,
            breaker,
            timeout_us: PATIENCE_US,
            retry: RetryPolicy { tries, backoff },
            budget: (self == Remedy::Budget).then_some(budget),
            bulkhead: (self == Remedy::Bulkhead).then_some(bulkhead),
            delivers_late: false,
        }
    }

    /// How service and database do.
    fn health(self) -> (Health, Health) {
        let drops_expired = self == Remedy::DropExpired;
        let of = |work, workers| Health {
            work,
            per_other_us: 0,
            errors_ppm: 0,
            hangs_ppm: 0,
            workers,
            queue: 1_000,
            drops_expired,
        };
        let service = of(Delay::Constant { us: SERVICE_US }, 10_000);
        (service, of(Delay::Exponential { mean_us: WORK_US }, WORKERS))
    }
}

/// What makes one row of worlds: all that is the same for all seeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Experiment {
    policy: Policy,
    health: (Health, Health),
    trigger_us: (u64, u64),
    end_us: u64,
}

impl Experiment {
    pub(super) fn of(remedy: Remedy, weather: &Weather) -> Experiment {
        Experiment {
            policy: remedy.policy(weather),
            health: remedy.health(),
            trigger_us: weather.trigger_us(),
            end_us: weather.seconds() * SECOND_US,
        }
    }
}

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
            links: LinkSettings::with_delay(Delay::Constant { us: LINK_US }),
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
            let turns = [(from_us, 2), (to_us, 1), (self.experiment.end_us, 1)];
            let next = turns.into_iter().find(|(at_us, _)| *at_us > now_us);
            let Some((at_us, times)) = next else { return Some(self.end()) };
            match self.world.advance_within(at_us, until, |_| ()) {
                Ok(true) => self.turn(times),
                Ok(false) => {
                    self.listen();
                    self.world.let_go_before(RecordId(self.read as u32));
                    return None;
                }
                Err(_) => return Some(self.end()),
            }
        }
    }

    /// From now on so many times as many requests begin.
    fn turn(&mut self, times: u32) {
        let mut policy = self.experiment.policy.clone();
        policy.load_milli *= times;
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
