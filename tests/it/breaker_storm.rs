//! The storm of the breaker lab's world: a trigger of six seconds, and an overload that outlives
//! it.
//!
//! The model is Marc Brooker's ("simple_collapse_sim", after "Metastable Failures in Distributed
//! Systems", HotOS 2021): 40 requests a second, 80 for six seconds; a call takes a second and ten
//! milliseconds more for each other call under way; callers wait for three seconds and try three
//! times. Whether it collapses is a matter of luck.

use rift::circuit_breaker::{Config, Quirks, Rate, Wait};
use rift::labs::breaker::{
    BreakerEvent, BreakerPolicy, BreakerProcess, BreakerRequest, BreakerSetup, Cast, End, Health,
    Policy,
};
use rift::labs::raft::RaftSetup;
use rift::resilience::{Backoff, BudgetConfig, Deposit, Jitter, RetryPolicy};
use rift::sim::{Delay, Happening, LinkSettings, NodeId, World, WorldSettings};

const SECOND_US: u64 = 1_000_000;
const SEEDS: u64 = 20;

fn health() -> Health {
    Health {
        work: Delay::Constant { us: SECOND_US },
        per_other_us: 10_000,
        errors_ppm: 0,
        hangs_ppm: 0,
        workers: 1_000_000,
        queue: 0,
        drops_expired: false,
    }
}

fn policy() -> Policy {
    Policy {
        load_milli: 40_000,
        evenly: false,
        breaker: None,
        timeout_us: 3 * SECOND_US,
        retry: RetryPolicy { tries: 3, backoff: Backoff::Fixed { wait_us: 0 } },
        budget: None,
        bulkhead: None,
        delivers_late: false,
    }
}

/// How many requests were served in the last twenty seconds of two minutes, of about 800.
fn served_in_the_end(policy: &Policy, seed: u64) -> usize {
    let raft = RaftSetup { config: rift::raft::Config::of(3) };
    let (cast, health) = (Cast::One, health());
    let setup = BreakerSetup { cast, policy: policy.clone(), health, database: health, raft };
    let mut world: World<BreakerProcess> = World::new(WorldSettings {
        nodes: cast.nodes(),
        seed,
        links: LinkSettings::with_delay(Delay::Constant { us: 1_000 }),
        sync: Delay::Constant { us: 0 },
        setup,
    });
    let turn = |world: &mut World<BreakerProcess>, load_milli: u32| {
        let policy = Policy { load_milli, ..policy.clone() };
        world.request(NodeId(0), BreakerRequest::GoBy(Box::new(policy))).expect("it is up");
    };
    world.advance_to(10 * SECOND_US).expect("no limit is near");
    turn(&mut world, 80_000);
    world.advance_to(16 * SECOND_US).expect("no limit is near");
    turn(&mut world, 40_000);
    world.advance_to(120 * SECOND_US).expect("no limit is near");
    let served = |what: &Happening<BreakerProcess>| match what {
        Happening::Decided { event: BreakerEvent::Over { end, .. }, .. } => *end == End::Served,
        _ => false,
    };
    let late = world.history().since(100 * SECOND_US);
    late.filter(|record| served(&record.what)).count()
}

fn collapses(policy: &Policy) -> usize {
    (0..SEEDS).filter(|seed| served_in_the_end(policy, *seed) < 400).count()
}

#[test]
fn without_a_remedy_the_overload_outlives_its_trigger_for_some_seeds() {
    let collapsed = collapses(&policy());
    assert!((3..SEEDS as usize).contains(&collapsed), "{collapsed} of {SEEDS}");
}

#[test]
fn without_retries_there_is_no_storm() {
    let retry = RetryPolicy { tries: 1, ..policy().retry };
    assert_eq!(collapses(&Policy { retry, ..policy() }), 0);
}

/// Requests come whether or not earlier ones are answered, so to wait only postpones: in the long
/// run there are as many tries as without waiting. What helps is fewer of them.
#[test]
fn backoff_with_jitter_alone_is_no_remedy_where_requests_keep_coming() {
    let backoff =
        Backoff::Exponential { base_us: SECOND_US, cap_us: 20 * SECOND_US, jitter: Jitter::Full };
    let retry = RetryPolicy { tries: 3, backoff };
    let (with, without) = (collapses(&Policy { retry, ..policy() }), collapses(&policy()));
    assert!(with > 0 && with.abs_diff(without) <= 3, "{with} and {without} of {SEEDS}");
}

#[test]
fn a_retry_budget_lets_it_recover() {
    let budget = BudgetConfig {
        fill: Rate::percent(10),
        deposit: Deposit::OnSuccess,
        capacity: 10,
        one_free_every_us: None,
    };
    assert_eq!(collapses(&Policy { budget: Some(budget), ..policy() }), 0);
}

#[test]
fn a_breaker_lets_it_recover() {
    let config = Config { wait: Wait::fixed(5 * SECOND_US), ..Config::default() };
    let breaker = BreakerPolicy { config, quirks: Quirks::default(), per_shard: false };
    assert_eq!(collapses(&Policy { breaker: Some(breaker), ..policy() }), 0);
}
