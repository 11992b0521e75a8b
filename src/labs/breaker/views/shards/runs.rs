//! One of four shards fails for a while: the same world without a breaker, with one for all four,
//! and with one for each, request by request.

use crate::circuit_breaker::{
    Config, CountWindow, Guards, Quirks, Rate, Rates, Transition, Trip, Wait,
};
use crate::labs::breaker::{
    BreakerEvent, BreakerPolicy, BreakerProcess, BreakerRequest, BreakerSetup, Cast, End, Health,
    Policy, RequestId,
};
use crate::labs::raft::RaftSetup;
use crate::raft;
use crate::resilience::{Backoff, RetryPolicy};
use crate::sim::{Delay, Happening, LinkSettings, NodeId, World, WorldSettings};
use crate::sorted::SortedMap;

pub(super) const SECOND_US: u64 = 1_000_000;
/// The world ends then; the shard is ill from and until these.
pub(super) const END_US: u64 = 60 * SECOND_US;
pub(super) const ILL_US: (u64, u64) = (15 * SECOND_US, 40 * SECOND_US);
/// Which shard, from 0.
pub(super) const ILL: usize = 1;
pub(super) const SHARDS: usize = 4;
/// Requests a second, of all shards together.
pub(super) const LOAD: u32 = 12;
/// How long a breaker stays open here.
pub(super) const OPEN_US: u64 = 5 * SECOND_US;
/// The window of the rules that go by a rate.
pub(super) const WINDOW: u32 = 12;
const WORK_US: u64 = 100_000;
const PATIENCE_US: u64 = 2 * SECOND_US;
const LINK_US: u64 = 1_000;

/// What stands between the caller and the shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guard {
    Nothing,
    /// One breaker for all shards.
    Global,
    /// One for each.
    PerShard,
    /// One for all, which refuses retries alone.
    RetriesOnly,
}

impl Guard {
    pub(super) const ALL: [Guard; 4] =
        [Guard::Nothing, Guard::Global, Guard::PerShard, Guard::RetriesOnly];
}

/// What opens a breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opens {
    /// This rate of failures among the latest [`WINDOW`].
    Rate(u32),
    /// So many failures in a row.
    InARow(u32),
}

impl Opens {
    pub(super) const ALL: [Opens; 3] = [Opens::Rate(20), Opens::Rate(50), Opens::InARow(5)];

    fn trip(self) -> Trip {
        let none = Trip { consecutive_failures: None, count_window: None, time_window: None };
        match self {
            Opens::InARow(failures) => Trip { consecutive_failures: Some(failures), ..none },
            Opens::Rate(percent) => {
                let rates = Rates::failures(Rate::percent(percent), WINDOW);
                Trip { count_window: Some(CountWindow { calls: WINDOW, rates }), ..none }
            }
        }
    }
}

/// How one request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Served,
    Failed,
    Rejected,
}

/// What came of it all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// For each shard its requests: when each began, and how it ended.
    pub(super) requests: [Vec<(u64, Fate)>; SHARDS],
    /// Moves of breakers, in order, each with the breaker's number.
    pub(super) moves: Vec<(u8, Transition)>,
    /// How many calls reached the shard that is ill, while it was.
    pub(super) calls_in_vain: u64,
}

impl Told {
    /// How many requests of these shards that began while one was ill there were, and how many of
    /// them were served.
    pub(super) fn served_while_ill(&self, shards: impl Fn(usize) -> bool) -> (u64, u64) {
        let (from_us, to_us) = ILL_US;
        let mut counts = (0, 0);
        for (_, requests) in self.requests.iter().enumerate().filter(|(shard, _)| shards(*shard)) {
            for (_, fate) in requests.iter().filter(|(at_us, _)| (from_us..to_us).contains(at_us)) {
                counts.0 += 1;
                counts.1 += u64::from(*fate == Fate::Served);
            }
        }
        counts
    }
}

fn policy(guard: Guard, opens: Opens, tries: u32) -> Policy {
    let guards = if guard == Guard::RetriesOnly { Guards::RetriesOnly } else { Guards::AllCalls };
    let config =
        Config { trip: opens.trip(), wait: Wait::fixed(OPEN_US), guards, ..Config::default() };
    let per_shard = guard == Guard::PerShard;
    let breaker = BreakerPolicy { config, quirks: Quirks::default(), per_shard };
    Policy {
        load_milli: LOAD * 1_000,
        evenly: true,
        breaker: (guard != Guard::Nothing).then_some(breaker),
        timeout_us: PATIENCE_US,
        retry: RetryPolicy { tries, backoff: Backoff::Fixed { wait_us: WORK_US } },
        budget: None,
        bulkhead: None,
        delivers_late: false,
    }
}

fn health(errors_ppm: u32) -> Health {
    Health {
        work: Delay::Uniform { low_us: WORK_US / 2, high_us: WORK_US * 3 / 2 },
        per_other_us: 0,
        errors_ppm,
        hangs_ppm: 0,
        workers: 100,
        queue: 100,
        drops_expired: false,
    }
}

/// Runs the world of a seed. The ill shard answers every call with an error.
pub(super) fn run(guard: Guard, opens: Opens, tries: u32, seed: u64) -> Told {
    let (cast, policy) = (Cast::Shards, policy(guard, opens, tries));
    let raft = RaftSetup { config: raft::Config::of(3) };
    let (well, ill) = (health(0), health(1_000_000));
    let mut world: World<BreakerProcess> = World::new(WorldSettings {
        nodes: cast.nodes(),
        seed,
        links: LinkSettings::with_delay(Delay::Constant { us: LINK_US }),
        sync: Delay::Constant { us: 0 },
        setup: BreakerSetup { cast, policy, health: well, database: well, raft },
    });
    let shard = NodeId(1 + ILL as u8);
    for (at_us, health) in [(ILL_US.0, ill), (ILL_US.1, well)] {
        // No limit of the world is near, and nobody is ever down.
        let _ = world.advance_to(at_us);
        let _ = world.request(shard, BreakerRequest::Do(health));
    }
    let _ = world.advance_to(END_US);
    told(&world, cast)
}

fn told(world: &World<BreakerProcess>, cast: Cast) -> Told {
    let mut told = Told::default();
    let mut under_way: SortedMap<RequestId, u64> = SortedMap::new();
    for record in world.history().records().from(0) {
        let Happening::Decided { event, .. } = &record.what else { continue };
        match *event {
            BreakerEvent::Began { request } => {
                under_way.insert(request, record.at_us);
            }
            BreakerEvent::Admitted { to, .. } => {
                let is_ill = cast.place_of(to) == ILL;
                let while_ill = (ILL_US.0..ILL_US.1).contains(&record.at_us);
                told.calls_in_vain += u64::from(is_ill && while_ill);
            }
            BreakerEvent::Over { request, end, .. } => {
                let Some(begun_us) = under_way.remove(&request) else { continue };
                let fate = match end {
                    End::Served => Fate::Served,
                    End::Rejected => Fate::Rejected,
                    End::Failed(_) => Fate::Failed,
                };
                let shard = cast.place_of(cast.target(request.0));
                if let Some(requests) = told.requests.get_mut(shard) {
                    requests.push((begun_us, fate));
                }
            }
            BreakerEvent::Moved { door, transition } => told.moves.push((door, transition)),
            _ => {}
        }
    }
    told
}
