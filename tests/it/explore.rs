//! Runs under the nemesis, and what the judges say.

use rift::check::Property;
use rift::explore::{Act, RaftSubject, Subject, run, run_to, shrink, sweep};
use rift::labs::raft::{RaftEvent, RaftProcess, RaftRequest, RaftSetup};
use rift::raft::{Effect, Event, ReadGuarantee, StepDown};
use rift::sim::{Fault, Happening, World};

use crate::tampered::{Bug, Tampered};

#[test]
fn raft_keeps_every_promise_under_the_nemesis() {
    let tally = sweep(&RaftSubject::genuine(), 0..300);
    assert_eq!(tally.broken, []);
    assert_eq!((tally.runs, tally.halted), (300, 0));
    assert!(tally.simulated_us >= 300 * 3_000_000);
}

#[test]
fn the_same_plan_gives_the_same_history() {
    let subject = RaftSubject::genuine();
    let hash = |seed| run(&subject, &subject.plan(seed)).hash;
    assert_eq!(hash(3), hash(3));
    assert_ne!(hash(3), hash(4));
    assert_eq!(sweep(&subject, 5..15).hash, {
        let mut parts = sweep(&subject, 10..15);
        parts.merge(sweep(&subject, 5..10));
        parts.hash
    });
}

/// A search that never gets to where Raft is hard proves nothing.
#[test]
fn the_nemesis_gets_to_where_raft_is_hard() {
    let subject = RaftSubject::genuine();
    let mut seen = [0; 20];
    for seed in 0..300 {
        let plan = subject.plan(seed);
        let mut world = World::<RaftProcess>::new(plan.settings.clone());
        for action in &plan.actions {
            world.advance_to(action.at_us).expect("room");
            let _ = match &action.act {
                Act::Fault(fault) => world.inject(fault.clone()),
                Act::Request { node, request } => world.request(*node, request.clone()),
            };
        }
        for record in world.history().records().iter() {
            let what = match &record.what {
                Happening::Decided { event: RaftEvent::Raft(event), .. } => match event {
                    Event::BecameLeader { .. } => 0,
                    Event::Committed { .. } => 1,
                    Event::ConflictTruncated { .. } => 2,
                    Event::NotCommittedYet { .. } => 3,
                    Event::SnapshotInstalled { .. } => 8,
                    Event::SnapshotChunkTaken { .. } => 9,
                    Event::ConfigurationAdopted { .. } => 10,
                    Event::ConfigurationRolledBack { .. } => 11,
                    Event::LearnerCaughtUp { .. } => 12,
                    Event::ToldToStand { .. } => 13,
                    Event::ReadReady { by: ReadGuarantee::Round { .. }, .. } => 14,
                    Event::ReadReady { by: ReadGuarantee::Lease { .. }, .. } => 15,
                    Event::SteppedDown { reason: StepDown::NoMajority { .. }, .. } => 16,
                    Event::SteppedDown { reason: StepDown::Removed { .. }, .. } => 17,
                    _ => continue,
                },
                Happening::Decided { event: RaftEvent::Session { effect, .. }, .. } => match effect
                {
                    Effect::Repeated { .. } => 18,
                    Effect::SessionExpired => 19,
                    _ => continue,
                },
                Happening::WritesKept { whole, torn, .. } if *torn || *whole > 0 => 4,
                Happening::Duplicated { .. } => 5,
                Happening::Fault(Fault::Resume(_)) => 6,
                Happening::Lost { .. } => 7,
                _ => continue,
            };
            seen[what] += 1;
        }
    }
    assert!(seen.iter().all(|count| *count >= 5), "{seen:?}");
}

/// The first seed that shows the bug.
fn found(bug: Bug, property: Property) -> u64 {
    let subject = RaftSubject::<Tampered, _>::with_setup(move |config| (RaftSetup { config }, bug));
    let shows = |seed: &u64| {
        run_to(&subject, &subject.plan(*seed), property).verdicts.of(property).is_some()
    };
    (0..200).find(shows).expect("it bites")
}

/// What is left is few actions, and it still breaks the same promise.
#[test]
fn what_breaks_is_made_small() {
    let cases = [
        (Bug::SkipsUpToDateCheck, Property::LeaderCompleteness),
        (Bug::ForgetsVote, Property::OneVotePerTerm),
        (Bug::SkipsPreviousCheck, Property::LogMatching),
        (Bug::RestampsEntries, Property::LogMatching),
        (Bug::CommitsOldTerms, Property::CommitsOwnTerm),
        (Bug::CountsVotesTwice, Property::ElectedByMajority),
        (Bug::NeverStands, Property::Progress),
    ];
    for (bug, property) in cases {
        let subject =
            RaftSubject::<Tampered, _>::with_setup(move |config| (RaftSetup { config }, bug));
        let seed = found(bug, property);
        let plan = subject.plan(seed);
        let start = std::time::Instant::now();
        let shrunk = shrink(&subject, &plan, property, 2_000).expect("it breaks");
        let (from, to) = (plan.actions.len(), shrunk.plan.actions.len());
        println!("{bug:?}: {from} to {to}, {} runs, {:?}", shrunk.runs, start.elapsed());
        assert!(to <= 12, "{bug:?}: {:#?}", shrunk.plan.actions);
        assert_eq!(run_to(&subject, &shrunk.plan, property), shrunk.outcome, "it reproduces");
    }
}

#[test]
fn what_does_not_break_cannot_be_shrunk() {
    let subject = RaftSubject::genuine();
    assert!(shrink(&subject, &subject.plan(1), Property::ElectionSafety, 100).is_none());
    let stands = |plan: &rift::explore::Plan<_>| {
        plan.actions.iter().any(|action| {
            matches!(action.act, Act::Request { request: RaftRequest::TimeOutNow, .. })
        })
    };
    assert!((0..20).any(|seed| stands(&subject.plan(seed))));
}
