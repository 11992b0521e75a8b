//! Runs under the nemesis, and what the judges say.

use rift::check::Property;
use rift::explore::{Act, Fate, RaftSubject, Subject, resolved, run, run_through, shrink, sweep};
#[cfg(feature = "lessons")]
use rift::explore::{run_to, shrink_any};
#[cfg(feature = "lessons")]
use rift::labs::raft::RaftSetup;
use rift::labs::raft::{RaftEvent, RaftProcess, RaftRequest};
#[cfg(feature = "lessons")]
use rift::raft::{Bug, Config};
use rift::raft::{Effect, Event, ReadGuarantee, StepDown};
use rift::sim::{Fault, Happening, World};

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
    let mut seen = [0; 21];
    for seed in 0..2_000 {
        if seen.iter().all(|count| *count >= 5) {
            break;
        }
        let plan = subject.plan(seed);
        let mut world = World::<RaftProcess>::new(plan.settings.clone());
        for action in &plan.actions {
            world.advance_to(action.at_us).expect("room");
            let _ = action.act.apply(&mut world);
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
                Happening::Decided { event: RaftEvent::Session { ended, .. }, .. }
                    if ended.iter().any(|session| !session.made_room) =>
                {
                    20
                }
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

/// What is left is few actions, and it still breaks the same promise.
#[cfg(feature = "lessons")]
#[test]
fn what_breaks_is_made_small() {
    let cases = [
        (Bug::VoteForStaleLog, Property::LeaderCompleteness),
        (Bug::ForgottenVote, Property::OneVotePerTerm),
        (Bug::PreviousEntryUnchecked, Property::LogMatching),
        (Bug::EntriesRestamped, Property::LogMatching),
        (Bug::OldTermCommit, Property::CommitsOwnTerm),
        (Bug::StaleVoteCounted, Property::ElectedByMajority),
        (Bug::NeverStands, Property::Progress),
    ];
    for (bug, property) in cases {
        let subject = RaftSubject::<RaftProcess, _>::with_setup(move |mut config: Config| {
            config.planted = bug.into();
            RaftSetup { config }
        });
        let (_, shrunk) = shrink_any(&subject, 0..200, property, (2_000, 12)).expect("it bites");
        assert!(shrunk.plan.actions.len() <= 12, "{bug:?}: {:#?}", shrunk.plan.actions);
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

/// Acts on messages name places, so they outlive shortening; what they came to names records.
#[test]
fn acts_on_messages_come_to_faults_that_replay() {
    let subject = RaftSubject::genuine();
    let (mut acts, mut faults) = ([0; 3], 0);
    for seed in 0..20 {
        let plan = subject.plan(seed);
        let known = resolved(&plan);
        assert_eq!(run_through(&subject, &known).hash, run_through(&subject, &plan).hash);
        for action in &plan.actions {
            match action.act {
                Act::Message { fate: Fate::Drop, .. } => acts[0] += 1,
                Act::Message { fate: Fate::Delay(_), .. } => acts[1] += 1,
                Act::Message { fate: Fate::Duplicate, .. } => acts[2] += 1,
                _ => {}
            }
        }
        for action in &known.actions {
            assert!(!matches!(action.act, Act::Message { .. }));
            faults += usize::from(matches!(
                action.act,
                Act::Fault(
                    Fault::DropMessage(_) | Fault::DelayMessage(..) | Fault::DuplicateMessage(_)
                )
            ));
        }
    }
    assert!(acts.iter().all(|count| *count >= 5), "{acts:?}");
    // Now and then nothing is on its way.
    assert!(faults >= 100, "{faults} of {acts:?}");
}
