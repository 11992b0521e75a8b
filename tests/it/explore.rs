//! Runs under the nemesis, and what the judges say.

use rift::check::Property;
use rift::explore::{Plan, RaftSubject, Subject, run, run_to, script, shrink, stage_after, sweep};
use rift::labs::raft::{RaftEvent, RaftSetup};
use rift::labs::{Command, SCRIPTED};
use rift::raft::{Effect, Event, ReadGuarantee, StepDown};
use rift::scenario::{parse, play};
use rift::sim::{Fault, Happening};

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
        let (_, cluster) = stage_after(&subject, &subject.plan(seed));
        let world = cluster.world();
        for record in world.history().records() {
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
        let (from, to) = (plan.run.actions.len(), shrunk.plan.run.actions.len());
        println!("{bug:?}: {from} to {to}, {} runs, {:?}", shrunk.runs, start.elapsed());
        assert!(to <= 12, "{bug:?}: {:#?}", shrunk.plan.run.actions);
        assert_eq!(run_to(&subject, &shrunk.plan, property), shrunk.outcome, "it reproduces");
    }
}

#[test]
fn what_does_not_break_cannot_be_shrunk() {
    let subject = RaftSubject::genuine();
    assert!(shrink(&subject, &subject.plan(1), Property::ElectionSafety, 100).is_none());
    let stands = |plan: &Plan| {
        plan.run.actions.iter().any(|action| matches!(action.command, Command::TimeOut(_)))
    };
    assert!((0..20).any(|seed| stands(&subject.plan(seed))));
}

/// Whoever plays the script of what was found breaks the same promise, with the same history.
fn reproduces(subject: &RaftSubject, plan: &Plan, property: Property) {
    let shrunk = shrink(subject, plan, property, 1_000).expect("it breaks");
    let text = script(subject, &shrunk.plan, Some(property)).to_string();
    let report = play(&parse(&text).expect("it parses")).expect("it can be played");
    assert_eq!(report.history_hash, shrunk.outcome.hash);
    assert!(report.failed.is_none() && !report.passed(), "{report}");
    assert!(shrunk.plan.run.actions.len() <= 12, "{text}");
}

/// A log that is full and never becomes shorter stops all progress.
#[test]
fn what_the_liveness_phase_shows_is_reproduced_by_its_script() {
    let settings = "rift 1\nlab raft\nmax-log 8\nsnapshots off\nmembership off\nmembers 0";
    let settings = parse(settings).expect("these are settings").settings;
    let subject = RaftSubject::genuine().always(settings.tuning.protocol);
    let property = Property::Progress;
    let breaks = |seed: &u64| {
        run_to(&subject, &subject.plan(*seed), property).verdicts.of(property).is_some()
    };
    let seed = (0..20).find(breaks).expect("some seed breaks it");
    reproduces(&subject, &subject.plan(seed), property);
}

/// A lease with a clock that does not keep the bound (thesis 6.4.1), which only clients can tell.
#[test]
fn what_clients_saw_is_reproduced_by_its_script() {
    let mut all = SCRIPTED.iter().flat_map(|entry| entry.scenarios);
    let shipped = all.find(|shipped| shipped.name == "stale-lease").expect("it ships");
    let report = play(&parse(shipped.text).expect("it parses")).expect("it can be played");
    let (peace_us, ends_us) = (report.ended_us, report.ended_us);
    let plan = Plan { run: report.run, core: Vec::new(), peace_us, ends_us };
    reproduces(&RaftSubject::genuine(), &plan, Property::Linearizability);
}
