//! Incidents: what happens to a fleet, and when.

use crate::labs::breaker::{Cast, DATABASE, Health};
use crate::sim::{Delay, Fault, LinkSettings, NodeId};

pub(super) const SECOND_US: u64 = 1_000_000;
/// How long all is well first, and how long an incident lasts.
pub(super) const CALM_S: u64 = 10;
pub(super) const LASTS_S: u64 = 10;
/// How long a message travels.
pub(super) const LINK_US: u64 = 1_000;
/// What the database, or all shards together but one, can do in a second.
pub(super) const CAPACITY: u64 = WORKERS as u64 * SECOND_US / WORK_US;
const WORKERS: u32 = 10;
const WORK_US: u64 = 200_000;
/// How long the service itself takes, and how many calls it works on at a time.
const SERVICE_US: u64 = 5_000;
const SERVICE_WORKERS: u32 = 60;
/// How many calls may wait.
const QUEUE: u32 = 300;
/// Parts of all calls, in millionths.
const ERRORS_PPM: u32 = 200_000;
const HANGS_PPM: u32 = 100_000;
const LOSS_PPM: u32 = 80_000;
const ALL_PPM: u32 = 1_000_000;
/// A flapping service is down and up so long each.
const FLAP_US: u64 = 1_500_000;
/// A crashed service is back after so long.
const RESTART_US: u64 = 5 * SECOND_US;

/// An incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Incident {
    Slow,
    Gone,
    Spike,
    Hangs,
    Crash,
    Cut,
    Flapping,
    Errors,
    Loss,
    Shard,
}

/// One thing that is done to the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// A service does like this from now on.
    Do(NodeId, Health),
    Inject(Fault),
    /// From now on so many times as many requests begin.
    Load(u32),
}

impl Incident {
    pub(super) const ALL: [Incident; 10] = [
        Incident::Slow,
        Incident::Gone,
        Incident::Spike,
        Incident::Hangs,
        Incident::Crash,
        Incident::Cut,
        Incident::Flapping,
        Incident::Errors,
        Incident::Loss,
        Incident::Shard,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Incident::Slow => "slow",
            Incident::Gone => "gone",
            Incident::Spike => "spike",
            Incident::Hangs => "hangs",
            Incident::Crash => "crash",
            Incident::Cut => "cut",
            Incident::Flapping => "flapping",
            Incident::Errors => "errors",
            Incident::Loss => "loss",
            Incident::Shard => "one shard",
        }
    }

    /// What happens, in a few words.
    pub(super) fn story(self) -> &'static str {
        match self {
            Incident::Slow => "for ten seconds the database is ten times slower",
            Incident::Gone => "for ten seconds the database is down",
            Incident::Spike => "for ten seconds twice as many requests come",
            Incident::Hangs => "for ten seconds one call in ten hangs, for a minute",
            Incident::Crash => "the service crashes and is back after five seconds",
            Incident::Cut => "for ten seconds callers and service are cut off from each other",
            Incident::Flapping => "for ten seconds the service crashes and comes back in turns",
            Incident::Errors => "from now on one call in five fails",
            Incident::Loss => "from now on eight of a hundred messages are lost",
            Incident::Shard => "from now on all calls to one of four shards hang",
        }
    }

    /// On which stage.
    pub(super) fn cast(self) -> Cast {
        if self == Incident::Shard { Cast::Shards } else { Cast::Fleet }
    }

    /// What can be served while the incident goes on, in percent of the requests; all of them, if
    /// it does not, or if enough tries help.
    pub(super) fn servable_percent(self) -> u64 {
        if self == Incident::Shard { 75 } else { 100 }
    }

    /// What is done, each at its instant.
    pub(super) fn acts(self) -> Vec<(u64, Act)> {
        let (from_us, to_us) = (CALM_S * SECOND_US, (CALM_S + LASTS_S) * SECOND_US);
        let [service, database] = health(self.cast());
        let inject = |fault: Fault| Act::Inject(fault);
        let callers: Vec<NodeId> = (0..SERVICE.0).map(NodeId).collect();
        match self {
            Incident::Slow => {
                let work = Delay::Exponential { mean_us: 10 * WORK_US };
                let slow = Health { work, ..database };
                vec![(from_us, Act::Do(DATABASE, slow)), (to_us, Act::Do(DATABASE, database))]
            }
            Incident::Gone => vec![
                (from_us, inject(Fault::Crash(DATABASE))),
                (to_us, inject(Fault::Restart(DATABASE))),
            ],
            Incident::Spike => vec![(from_us, Act::Load(2)), (to_us, Act::Load(1))],
            Incident::Hangs => {
                let hangs = Health { hangs_ppm: HANGS_PPM, ..service };
                vec![(from_us, Act::Do(SERVICE, hangs)), (to_us, Act::Do(SERVICE, service))]
            }
            Incident::Crash => vec![
                (from_us, inject(Fault::Crash(SERVICE))),
                (from_us + RESTART_US, inject(Fault::Restart(SERVICE))),
            ],
            Incident::Cut => vec![
                (from_us, inject(Fault::cut_between(&callers, &[SERVICE]))),
                (to_us, inject(Fault::HealAll)),
            ],
            Incident::Flapping => {
                let turns = (to_us - from_us) / (2 * FLAP_US);
                let turn = |turn: u64| {
                    let at_us = from_us + turn * 2 * FLAP_US;
                    [
                        (at_us, inject(Fault::Crash(SERVICE))),
                        (at_us + FLAP_US, inject(Fault::Restart(SERVICE))),
                    ]
                };
                (0..turns).flat_map(turn).collect()
            }
            Incident::Errors => {
                let errors = Health { errors_ppm: ERRORS_PPM, ..service };
                vec![(from_us, Act::Do(SERVICE, errors))]
            }
            Incident::Loss => {
                let ways = |caller: &NodeId| [(*caller, SERVICE), (SERVICE, *caller)];
                let links = callers.iter().flat_map(ways).collect();
                vec![(from_us, inject(Fault::SetLinks(links, lossy())))]
            }
            Incident::Shard => {
                let hangs = Health { hangs_ppm: ALL_PPM, ..service };
                vec![(from_us, Act::Do(FIRST_SHARD, hangs))]
            }
        }
    }
}

/// The service of the fleet, and the first of the shards.
const SERVICE: NodeId = NodeId(4);
const FIRST_SHARD: NodeId = NodeId(1);

fn lossy() -> LinkSettings {
    LinkSettings { loss_ppm: LOSS_PPM, ..LinkSettings::with_delay(Delay::Constant { us: LINK_US }) }
}

/// How the service, or each shard, and the database do while all is well.
pub(super) fn health(cast: Cast) -> [Health; 2] {
    let of = |work, workers| Health {
        work,
        per_other_us: 0,
        errors_ppm: 0,
        hangs_ppm: 0,
        workers,
        queue: QUEUE,
        drops_expired: false,
    };
    let database = of(Delay::Exponential { mean_us: WORK_US }, WORKERS);
    let service = match cast {
        Cast::Shards => database,
        _ => of(Delay::Constant { us: SERVICE_US }, SERVICE_WORKERS),
    };
    [service, database]
}
