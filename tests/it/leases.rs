//! Reads under a lease, by seeds (thesis 6.4.1): never stale while clocks keep the bound that the
//! lease was given, and honestly unsafe beyond it.

use rift::check::Property;
#[cfg(feature = "lessons")]
use rift::explore::run_to;
use rift::explore::{Act, Action, Plan, RaftSubject, Subject, run_through, shrink};
use rift::labs::raft::{RaftEvent, RaftProcess, RaftRequest, RaftSetup};
#[cfg(feature = "lessons")]
use rift::raft::Bug;
use rift::raft::{Config, Event, KeyValueCommand, ReadGuarantee, ReadPolicy, RequestId};
use rift::random::Random;
use rift::sim::{Fault, Happening, NodeId, Process, World};

/// By how much one clock may run faster than another: 2 %.
const DRIFT_PPM: u32 = 20_000;

fn with_leases() -> RaftSubject<RaftProcess, impl Fn(Config) -> RaftSetup + Copy> {
    RaftSubject::with_setup(move |config| {
        let reads = ReadPolicy::Lease { clock_drift_ppm: DRIFT_PPM };
        RaftSetup { config: Config { reads, leader_stickiness: true, ..config } }
    })
}

/// The plan with clocks that run at one of these rates from beginning to end, and with clients who
/// ask every server again and again.
fn with_rates<P>(mut plan: Plan<P>, rates_ppm: [u32; 2]) -> Plan<P>
where
    P: Process<Request = RaftRequest>,
{
    add_clients(&mut plan);
    plan.actions.retain(|action| !matches!(action.act, Act::Fault(Fault::SetClock { .. })));
    let mut random = Random::from_seed(plan.settings.seed);
    let clocks = (0..plan.settings.nodes).map(|node| {
        let rate_ppm = rates_ppm[random.below(2) as usize];
        Action::fault(0, Fault::SetClock { node: NodeId(node), rate_ppm, offset_us: 0 })
    });
    plan.actions.splice(0..0, clocks);
    plan
}

/// The plan with clocks that are set to something else all the time.
fn with_wild_clocks(mut plan: Plan<RaftProcess>) -> Plan<RaftProcess> {
    add_clients(&mut plan);
    let mut random = Random::from_seed(plan.settings.seed);
    for at_us in (200_000..plan.peace_us).step_by(150_000) {
        let node = NodeId(random.below(plan.settings.nodes.into()) as u8);
        let rate_ppm = [200_000, 1_000_000][random.below(2) as usize];
        let offset_us = -(random.below(1_000_000) as i64);
        plan.actions.push(Action::fault(at_us, Fault::SetClock { node, rate_ppm, offset_us }));
    }
    plan.actions.sort_by_key(|action| action.at_us);
    plan
}

fn add_clients<P: Process<Request = RaftRequest>>(plan: &mut Plan<P>) {
    let mut number = 1 << 20;
    for at_us in (300_000..plan.peace_us).step_by(25_000) {
        for node in (0..plan.settings.nodes).map(NodeId) {
            number += 2;
            let command = KeyValueCommand::Put { key: "x".into(), value: number.to_string() };
            let write = RaftRequest::Propose { request: RequestId(number), command };
            let read = RaftRequest::Read { request: RequestId(number + 1), key: "x".into() };
            for request in [write, read] {
                plan.actions.push(Action { at_us, act: Act::Request { node, request } });
            }
        }
    }
    plan.actions.sort_by_key(|action| action.at_us);
}

fn lease_reads(plan: &Plan<RaftProcess>) -> usize {
    let mut world = World::<RaftProcess>::new(plan.settings.clone());
    for action in plan.before_peace() {
        world.advance_to(action.at_us).expect("the history has room");
        let _ = action.act.apply(&mut world);
    }
    let by_lease = |what: &Happening<RaftProcess>| {
        let Happening::Decided { event: RaftEvent::Raft(event), .. } = what else {
            return false;
        };
        matches!(event, Event::ReadReady { by: ReadGuarantee::Lease { .. }, .. })
    };
    world.history().records().iter().filter(|record| by_lease(&record.what)).count()
}

#[test]
fn a_lease_read_is_never_stale_while_clocks_keep_the_bound() {
    let subject = with_leases();
    let mut reads = 0;
    for seed in 0..100 {
        // 1.0099 / 0.9901 is just below 1.02.
        let plan = with_rates(subject.plan(seed), [990_100, 1_009_900]);
        let outcome = run_through(&subject, &plan);
        assert!(outcome.verdicts.all_kept(), "seed {seed}: {:?}", outcome.verdicts);
        reads += lease_reads(&plan);
    }
    assert!(reads >= 200, "{reads}");
}

/// The judge looks as long as clocks keep the bound, and no longer. What claims a lease here and
/// has none reads what is stale in either case.
#[cfg(feature = "lessons")]
#[test]
fn what_has_no_lease_is_caught_within_the_bound_and_excused_beyond() {
    let subject = RaftSubject::<RaftProcess, _>::with_setup(|config| {
        let (reads, planted) =
            (ReadPolicy::Lease { clock_drift_ppm: DRIFT_PPM }, Bug::FollowerReads.into());
        RaftSetup { config: Config { reads, planted, leader_stickiness: true, ..config } }
    });
    let caught = |rates_ppm| {
        let stale = |seed: &u64| {
            let plan = with_rates(subject.plan(*seed), rates_ppm);
            run_to(&subject, &plan, Property::ReadsAreFresh)
                .verdicts
                .of(Property::ReadsAreFresh)
                .is_some()
        };
        (0..10).filter(stale).count()
    };
    assert!(caught([990_100, 1_009_900]) >= 8);
    assert_eq!(caught([980_000, 1_020_000]), 0);
}

/// A leader whose clock is slow, or stands still, trusts its lease when others have long elected
/// another leader. That breaks no promise of Raft's, for it was told of 2 %; but clients see it.
#[test]
fn beyond_the_bound_stale_reads_happen_and_only_clients_complain() {
    let subject = with_leases();
    let mut seen = Vec::new();
    for seed in 0..60 {
        let plan = with_wild_clocks(subject.plan(seed));
        let outcome = run_through(&subject, &plan);
        for violation in outcome.verdicts.violations() {
            assert_eq!(violation.property, Property::Linearizability, "seed {seed}: {violation:?}");
            seen.push(seed);
        }
    }
    assert!(!seen.is_empty());
    let plan = with_wild_clocks(subject.plan(seen[0]));
    let small = shrink(&subject, &plan, Property::Linearizability, 2_000).expect("it breaks");
    let is_clock = |action: &&Action<_>| matches!(action.act, Act::Fault(Fault::SetClock { .. }));
    assert!(small.plan.actions.iter().filter(is_clock).count() >= 1, "{:?}", small.plan.actions);
}
