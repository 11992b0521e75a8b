//! What makes one row of worlds: a fleet, one remedy or none, and a trigger of a few seconds.
//!
//! There are two fleets. The model is after Marc Brooker's "simple_collapse_sim": requests ask a
//! database that does fifty calls a second. The other is the figure's own, with all
//! of its settings as they are now.

use crate::circuit_breaker::{Config, Guards, Quirks, Rate, Wait};
use crate::labs::breaker::{
    BreakerPolicy, Cast, Cluster, DATABASE, Health, LINKS, Policy, settings,
};
use crate::labs::{Setting, SettingValue};
use crate::resilience::{Backoff, BudgetConfig, BulkheadConfig, Deposit, Jitter, RetryPolicy};
use crate::sim::{Delay, LinkSettings, NodeId};

pub(super) const SECOND_US: u64 = 1_000_000;
/// How many callers a fleet has.
pub(super) const CALLERS: u32 = 4;
/// When the trigger begins, and how long the world is followed after it.
pub(super) const CALM_S: u64 = 10;
pub(super) const AFTER_S: u64 = 60;

/// The model's database: fifty calls a second.
const MODEL_WORKERS: u32 = 10;
const MODEL_WORK_US: u64 = 200_000;
/// How long the model's service itself takes for a call.
const MODEL_SERVICE_US: u64 = 5_000;
/// How long each message travels in the model.
const MODEL_LINK_US: u64 = 1_000;
/// How long its callers wait for an answer.
const MODEL_PATIENCE_US: u64 = 3 * SECOND_US;
/// How long a breaker stays open there.
const MODEL_OPEN_US: u64 = 5 * SECOND_US;
/// How many calls of a caller may be under way with a bulkhead, if nothing else is set.
const SLOTS: u32 = 20;
/// How many retries can be saved up, and how many a success pays for if nothing else is set.
const SAVED: u32 = 10;
const FILL: Rate = Rate::percent(10);

/// What a reader can turn of the model. Of the figure's fleet only the trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Weather {
    /// Requests a second, of all callers together.
    pub(super) load: u32,
    /// How many times as many come during the trigger, in halves.
    pub(super) halves: u32,
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
    /// All that is set in the figure, together.
    AsSet,
}

impl Remedy {
    /// Those of the model.
    pub(super) const OF_MODEL: [Remedy; 8] = [
        Remedy::Nothing,
        Remedy::Jitter,
        Remedy::DropExpired,
        Remedy::NoRetries,
        Remedy::Budget,
        Remedy::Bulkhead,
        Remedy::BreakerOnRetries,
        Remedy::Breaker,
    ];

    /// Those of a fleet, that is, all that there are if it is the figure's.
    pub(super) fn of(own: Option<&Own>) -> Vec<Remedy> {
        let mut all = Remedy::OF_MODEL.to_vec();
        all.extend(own.map(|_| Remedy::AsSet));
        all
    }
}

/// The figure's own fleet, as it is set now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Own {
    policy: Policy,
    /// Its breaker, also while it is switched off.
    breaker: Option<BreakerPolicy>,
    /// Of the service, and of the database.
    health: (Health, Health),
    links: LinkSettings,
    /// The first wait of its backoff, also while it has none.
    base_us: u64,
    seed: u64,
}

impl Own {
    /// Nothing if something else than a fleet stands on the stage.
    pub(super) fn of(cluster: &Cluster) -> Option<Own> {
        if cluster.cast() != Cast::Fleet {
            return None;
        }
        let set = cluster.settings();
        let mut guarded = set.clone();
        let on = Setting { name: "breaker", value: SettingValue::Choice("on") };
        guarded.tuning.set(on);
        let health = |node| settings::health(set, node).ok();
        Some(Own {
            policy: cluster.policy().clone(),
            breaker: settings::policy(&guarded).ok().and_then(|policy| policy.breaker),
            health: (health(NodeId(CALLERS as u8))?, health(DATABASE)?),
            links: set.tuning.links.unwrap_or(LINKS),
            base_us: settings::duration(set, "base").ok()?,
            seed: set.seed,
        })
    }
}

/// All that is the same for all seeds of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Experiment {
    pub(super) policy: Policy,
    /// Of the service, and of the database.
    pub(super) health: (Health, Health),
    pub(super) links: LinkSettings,
    /// How many times as many requests come during the trigger, in halves.
    pub(super) halves: u32,
    /// The trigger, from when to when, and when the world ends.
    pub(super) trigger_us: (u64, u64),
    pub(super) end_us: u64,
    /// The number of the first world of a row.
    pub(super) first_seed: u64,
}

impl Experiment {
    pub(super) fn of(remedy: Remedy, weather: &Weather, own: Option<&Own>) -> Experiment {
        let bare = own.map_or_else(|| model(weather), |own| figure(own, remedy == Remedy::AsSet));
        let until_us = (CALM_S + weather.lasts_s) * SECOND_US;
        let mut experiment = Experiment {
            halves: weather.halves,
            trigger_us: (CALM_S * SECOND_US, until_us),
            end_us: until_us + AFTER_S * SECOND_US,
            ..bare
        };
        experiment.apply(remedy, weather, own);
        experiment
    }

    fn apply(&mut self, remedy: Remedy, weather: &Weather, own: Option<&Own>) {
        let policy = &mut self.policy;
        match remedy {
            Remedy::Nothing | Remedy::AsSet => {}
            Remedy::NoRetries => policy.retry.tries = 1,
            Remedy::Jitter => {
                let base_us = own.map_or(weather.base_us, |own| own.base_us);
                let cap_us = base_us.saturating_mul(own.map_or(20, |_| settings::CAP));
                policy.retry.backoff =
                    Backoff::Exponential { base_us, cap_us, jitter: Jitter::Full };
            }
            Remedy::DropExpired => {
                self.health.0.drops_expired = true;
                self.health.1.drops_expired = true;
            }
            Remedy::Budget => {
                let fill = own.map_or(weather.budget, |_| FILL);
                let (deposit, capacity) = (Deposit::OnSuccess, SAVED);
                let usual = BudgetConfig { fill, deposit, capacity, one_free_every_us: None };
                policy.budget = own.and_then(|own| own.policy.budget).or(Some(usual));
            }
            Remedy::Bulkhead => {
                let usual = BulkheadConfig { slots: SLOTS, queue: 0, longest_wait_us: 1 };
                policy.bulkhead = own.and_then(|own| own.policy.bulkhead).or(Some(usual));
            }
            Remedy::BreakerOnRetries | Remedy::Breaker => {
                let mut breaker = match own {
                    Some(own) => own.breaker.clone(),
                    None => Some(model_breaker(weather)),
                };
                if let Some(breaker) = &mut breaker {
                    breaker.config.guards = match remedy {
                        Remedy::Breaker => Guards::AllCalls,
                        // One with habits knows no other guards.
                        _ => {
                            breaker.quirks = Quirks::default();
                            Guards::RetriesOnly
                        }
                    };
                }
                policy.breaker = breaker;
            }
        }
    }

    /// Requests a second of all callers together, outside of the trigger.
    pub(super) fn load(&self) -> u64 {
        u64::from(self.policy.load_milli) * u64::from(CALLERS) / 1_000
    }

    /// How many calls a second are served at most: all workers of the service, or of the database,
    /// busy all the time.
    pub(super) fn capacity(&self) -> u64 {
        let (service, database) = &self.health;
        let asks_us = mean_us(self.links.delay) * 2 + mean_us(database.work);
        let of = |workers: u32, us: u64| u64::from(workers) * SECOND_US / us.max(1);
        let service = of(service.workers, mean_us(service.work) + asks_us);
        service.min(of(database.workers, mean_us(database.work)))
    }
}

/// Its service has workers enough: what it can do is what the database can.
fn model(weather: &Weather) -> Experiment {
    let health = |work, workers| Health {
        work,
        per_other_us: 0,
        errors_ppm: 0,
        hangs_ppm: 0,
        workers,
        queue: 1_000,
        drops_expired: false,
    };
    let policy = Policy {
        load_milli: weather.load * 1_000 / CALLERS,
        evenly: false,
        breaker: None,
        timeout_us: MODEL_PATIENCE_US,
        retry: RetryPolicy { tries: weather.tries, backoff: Backoff::Fixed { wait_us: 0 } },
        budget: None,
        bulkhead: None,
        delivers_late: false,
    };
    let service = health(Delay::Constant { us: MODEL_SERVICE_US }, 10_000);
    let database = health(Delay::Exponential { mean_us: MODEL_WORK_US }, MODEL_WORKERS);
    let links = LinkSettings::with_delay(Delay::Constant { us: MODEL_LINK_US });
    begun(policy, (service, database), links, 0)
}

fn model_breaker(weather: &Weather) -> BreakerPolicy {
    let mut config = Config { wait: Wait::fixed(MODEL_OPEN_US), ..Config::default() };
    config.trip.consecutive_failures = Some(weather.failures);
    BreakerPolicy { config, quirks: Quirks::default(), per_shard: false }
}

/// The figure's fleet as it is set, or without anything that helps.
fn figure(own: &Own, as_set: bool) -> Experiment {
    let mut bare = begun(own.policy.clone(), own.health, own.links, own.seed);
    if !as_set {
        bare.policy.breaker = None;
        bare.policy.budget = None;
        bare.policy.bulkhead = None;
        bare.policy.retry.backoff = Backoff::Fixed { wait_us: 0 };
        bare.health.0.drops_expired = false;
        bare.health.1.drops_expired = false;
    }
    bare
}

fn begun(
    policy: Policy,
    health: (Health, Health),
    links: LinkSettings,
    first_seed: u64,
) -> Experiment {
    let (halves, trigger_us, end_us) = (2, (0, 0), 0);
    Experiment { policy, health, links, halves, trigger_us, end_us, first_seed }
}

/// What it is on average, or as a rule if that has no end, in microseconds.
fn mean_us(delay: Delay) -> u64 {
    match delay {
        Delay::Constant { us } => us,
        Delay::Uniform { low_us, high_us } => low_us + (high_us.saturating_sub(low_us)) / 2,
        Delay::Exponential { mean_us } => mean_us,
        Delay::LogNormal { median_us, .. } => median_us,
        Delay::Pareto { low_us, .. } => low_us,
    }
}
