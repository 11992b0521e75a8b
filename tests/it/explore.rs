//! Runs under the nemesis, and what the judges say.

use rift::check::Property;
#[cfg(feature = "lessons")]
use rift::explore::shrink_any;
use rift::explore::{
    Act, Fate, Plan, RaftSubject, Subject, as_it_went, run, run_through, run_to, script, shrink,
    stage_after, sweep,
};
use rift::labs::raft::RaftEvent;
use rift::labs::{Command, SCRIPTED, Setting};
use rift::raft::{Effect, Event, ReadGuarantee, StepDown};
#[cfg(feature = "lessons")]
use rift::scenario::promise_name;
use rift::scenario::{parse, play};
use rift::sim::{Fault, Happening};

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
        let (_, cluster) = stage_after(&subject, &subject.plan(seed));
        let world = cluster.world();
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
        ("vote-for-stale-log", Property::LeaderCompleteness),
        ("forgotten-vote", Property::OneVotePerTerm),
        ("previous-entry-unchecked", Property::LogMatching),
        ("entries-restamped", Property::LogMatching),
        ("old-term-commit", Property::CommitsOwnTerm),
        ("stale-vote-counted", Property::ElectedByMajority),
        ("never-stands", Property::Progress),
    ];
    for (bug, property) in cases {
        let subject = RaftSubject::genuine().always(settings(&format!("break {bug}")));
        let (_, shrunk) = shrink_any(&subject, 0..200, property, (2_000, 12)).expect("it bites");
        let actions = &shrunk.plan.actions;
        assert!(actions.len() <= 12, "{bug}: {actions:#?}");
        assert_eq!(run_to(&subject, &shrunk.plan, property), shrunk.outcome, "it reproduces");
    }
}

#[test]
fn what_does_not_break_cannot_be_shrunk() {
    let subject = RaftSubject::genuine();
    assert!(shrink(&subject, &subject.plan(1), Property::ElectionSafety, 100).is_none());
    let stands = |plan: &Plan| {
        plan.actions.iter().any(|action| matches!(action.act, Act::Do(Command::TimeOut(_))))
    };
    assert!((0..20).any(|seed| stands(&subject.plan(seed))));
}

/// Settings as scripts have them.
fn settings(lines: &str) -> Vec<Setting> {
    let script = parse(&format!("rift 1\nlab raft\n{lines}")).expect("these are settings");
    script.settings.tuning.protocol
}

/// From a bug to a script of a few lines that shows it, as `rift explore raft --set` does.
#[cfg(feature = "lessons")]
#[test]
fn a_planted_bug_comes_out_as_a_script_that_breaks_the_same_promise() {
    let cases = [
        ("forgotten-vote", Property::OneVotePerTerm),
        ("old-term-commit", Property::CommitsOwnTerm),
        ("vote-for-stale-log", Property::LeaderCompleteness),
        ("commit-beyond-log", Property::IndicesInOrder),
    ];
    for (bug, property) in cases {
        let subject = RaftSubject::genuine().always(settings(&format!("break {bug}")));
        let (_, shrunk) = shrink_any(&subject, 0..200, property, (2_000, 12)).expect("it bites");
        let text = script(&subject, &shrunk.plan, Some(property)).to_string();
        assert!(text.contains(&format!("break {bug}\n")), "{text}");
        assert!(shrunk.plan.actions.len() <= 12, "{text}");
        let report = play(&parse(&text).expect("it parses")).expect("it can be played");
        assert_eq!(report.history_hash, shrunk.outcome.hash);
        assert!(report.failed.is_none() && !report.passed(), "{report}");
        let expected = format!("expect broken {}", promise_name(property));
        let claims = text.lines().last().expect("a claim");
        let broken = parse(&text.replace(claims, &expected)).expect("it parses");
        assert!(play(&broken).expect("it can be played").passed(), "{text}");
    }
}

/// Whoever plays the script of what was found breaks the same promise, with the same history.
fn reproduces(subject: &RaftSubject, plan: &Plan, property: Property) {
    let shrunk = shrink(subject, plan, property, 1_000).expect("it breaks");
    let text = script(subject, &shrunk.plan, Some(property)).to_string();
    let report = play(&parse(&text).expect("it parses")).expect("it can be played");
    assert_eq!(report.history_hash, shrunk.outcome.hash);
    assert!(report.failed.is_none() && !report.passed(), "{report}");
    let verdict = report.verdicts.last().expect("the script ends with a claim");
    assert!(verdict.broken.is_some(), "{report}");
    assert!(shrunk.plan.actions.len() <= 12, "{text}");
}

/// A log that is full and never becomes shorter stops all progress.
#[test]
fn what_the_liveness_phase_shows_is_reproduced_by_its_script() {
    let few = settings("max-log 8\nsnapshots off\nmembership off\nmembers 0");
    let subject = RaftSubject::genuine().always(few);
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
    let plan = Plan::of_run(&report.run, report.ended_us);
    reproduces(&RaftSubject::genuine(), &plan, Property::Linearizability);
}

/// Acts on messages name places, so they outlive shortening; what they came to names records.
#[test]
fn acts_on_messages_come_to_faults_that_replay() {
    let subject = RaftSubject::genuine();
    let (mut acts, mut faults) = ([0; 3], 0);
    for seed in 0..20 {
        let plan = subject.plan(seed);
        let (known, outcome) = as_it_went(&subject, &plan, None);
        assert_eq!(run_through(&subject, &known).hash, outcome.hash);
        assert_eq!(run_through(&subject, &plan).hash, outcome.hash);
        for action in &plan.actions {
            match action.act {
                Act::Message { fate: Fate::Drop, .. } => acts[0] += 1,
                Act::Message { fate: Fate::Delay(_), .. } => acts[1] += 1,
                Act::Message { fate: Fate::Duplicate, .. } => acts[2] += 1,
                Act::Do(_) => {}
            }
        }
        for action in &known.actions {
            assert!(!matches!(action.act, Act::Message { .. }));
            let of_message = |fault: &Fault| {
                matches!(
                    fault,
                    Fault::DropMessage(_) | Fault::DelayMessage(..) | Fault::DuplicateMessage(_)
                )
            };
            faults += usize::from(action.faults().iter().any(of_message));
        }
    }
    assert!(acts.iter().all(|count| *count >= 5), "{acts:?}");
    // Now and then nothing is on its way.
    assert!(faults >= 100, "{faults} of {acts:?}");
}
