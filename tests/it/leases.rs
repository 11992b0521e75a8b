//! Reads under a lease, by seeds (thesis 6.4.1): never stale while clocks keep the bound that the
//! lease was given, and honestly unsafe beyond it.

use rift::check::Property;
#[cfg(feature = "lessons")]
use rift::explore::run_to;
use rift::explore::{
    Action, Plan, RaftSubject, SAFETY_US, Subject, run_through, shrink, stage_after,
};
use rift::labs::raft::RaftEvent;
use rift::labs::{Ask, Client, Command};
use rift::raft::{Event, ReadGuarantee};
use rift::random::Random;
use rift::scenario::parse;
use rift::sim::{Fault, Happening, NodeId};

/// Clocks may run faster than one another by 2 %.
fn with_leases(more: &str) -> RaftSubject {
    let settings =
        format!("rift 1\nlab raft\nreads lease\ndrift-bound 2%\nsticky-leader on\n{more}");
    let script = parse(&settings).expect("these are settings");
    RaftSubject::genuine().always(script.settings.tuning.protocol)
}

/// The plan with clocks that run at one of these rates from beginning to end, and with clients who
/// ask every server again and again.
fn with_rates(mut plan: Plan, rates_ppm: [u32; 2]) -> Plan {
    add_clients(&mut plan, 25_000);
    let sets = |fault: &Fault| matches!(fault, Fault::SetClock { .. });
    plan.actions.retain(|action| !action.faults().iter().any(sets));
    let mut random = Random::from_seed(plan.settings.seed);
    let clocks = (0..plan.settings.servers).map(|node| {
        let rate_ppm = rates_ppm[random.below(2) as usize];
        Action::fault(0, Fault::SetClock { node: NodeId(node), rate_ppm, offset_us: 0 })
    });
    plan.actions.splice(0..0, clocks);
    plan
}

/// The plan with clocks that are set to something else all the time, and servers that hear nobody
/// for longer than a lease lasts by a true clock.
fn with_wild_clocks(mut plan: Plan) -> Plan {
    // Many that nobody answers are more than the search for an order can bear.
    plan.actions.retain(|action| !action.faults().is_empty());
    add_clients(&mut plan, 60_000);
    let mut random = Random::from_seed(plan.settings.seed);
    for at_us in (300_000..SAFETY_US).step_by(500_000) {
        let node = NodeId(random.below(plan.settings.servers.into()) as u8);
        let rate_ppm = [200_000, 1_000_000][random.below(2) as usize];
        let offset_us = -(random.below(1_000_000) as i64);
        let others: Vec<NodeId> =
            (0..plan.settings.servers).map(NodeId).filter(|other| *other != node).collect();
        let faults = [
            (at_us, Fault::SetClock { node, rate_ppm, offset_us }),
            (at_us, Fault::cut_between(&[node], &others)),
            (at_us + 450_000, Fault::heal_between(&[node], &others)),
        ];
        plan.actions.extend(faults.map(|(at_us, fault)| Action::fault(at_us, fault)));
    }
    plan.actions.sort_by_key(|action| action.at_us);
    plan
}

fn add_clients(plan: &mut Plan, pause_us: usize) {
    let mut number = 1 << 20;
    for at_us in (300_000..SAFETY_US).step_by(pause_us) {
        for via in (0..plan.settings.servers).map(NodeId) {
            number += 1;
            let key = "x".to_owned();
            let write = Ask::Write { key: key.clone(), value: number.to_string() };
            for what in [write, Ask::Read { key }] {
                let ask = Command::Ask { client: Client(1), via, what };
                plan.actions.push(Action::of(at_us, ask));
            }
        }
    }
    plan.actions.sort_by_key(|action| action.at_us);
}

fn lease_reads(plan: &Plan) -> usize {
    let (_, cluster) = stage_after(&with_leases(""), plan);
    let by_lease = |what: &Happening<_>| {
        let Happening::Decided { event: RaftEvent::Raft(event), .. } = what else {
            return false;
        };
        matches!(event, Event::ReadReady { by: ReadGuarantee::Lease { .. }, .. })
    };
    let records = cluster.world().history().records().iter();
    records.filter(|record| by_lease(&record.what)).count()
}

#[test]
fn a_lease_read_is_never_stale_while_clocks_keep_the_bound() {
    let subject = with_leases("");
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
    let subject = with_leases("break follower-reads");
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
    let subject = with_leases("");
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
    let sets = |fault: &Fault| matches!(fault, Fault::SetClock { .. });
    let is_clock = |action: &&Action| action.faults().iter().any(sets);
    assert!(small.plan.actions.iter().filter(is_clock).count() >= 1, "{:?}", small.plan.actions);
}
