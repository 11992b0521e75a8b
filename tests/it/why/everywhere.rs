//! In random runs: everything that happened is asked about.

use rift::explore::{NemesisSettings, Rest, schedule};
use rift::labs::raft::RaftLab;
use rift::labs::{
    Ask, Client, Command, Explained, Lab, LabSettings, Question, Setting, SettingValue,
};
use rift::random::Random;
use rift::scene::Target;
use rift::sim::{
    Budget, CONE_RECORDS, Delay, Fault, Happening, LinkSettings, LossReason, NodeId, RecordId,
};

use super::told;

/// A lab under the faults of `seed`, with clients, and the settings that its bits say.
fn hostile(seed: u64) -> RaftLab {
    let calm_links = LinkSettings::with_delay(Delay::Uniform { low_us: 2_000, high_us: 12_000 });
    let nemesis = NemesisSettings {
        nodes: 5,
        safety_us: 900_000,
        calm_links,
        calm_sync: Delay::Uniform { low_us: 200, high_us: 2_000 },
        rest: Rest::Broken,
        rest_until_us: 1_200_000,
    };
    let mut settings = LabSettings::new(5, seed);
    let switches = ["pre-vote", "check-quorum", "sticky-leader", "pipeline", "noop", "snapshots"];
    for (bit, name) in switches.into_iter().enumerate() {
        let value = SettingValue::Switch(seed >> bit & 1 == 1);
        settings.tuning.set(Setting { name, value });
    }
    let mut lab = RaftLab::new(&settings);
    let mut random = Random::from_seed(seed);
    let mut faults = schedule(seed, &nemesis).faults.into_iter().peekable();
    for slice in 1..=45_u64 {
        let until_us = slice * 20_000;
        while let Some((at_us, fault)) = faults.next_if(|(at_us, _)| *at_us <= until_us) {
            lab.advance_to(at_us).expect("far from any limit");
            let _ = lab.act(&Command::Faults(vec![fault]));
        }
        lab.advance_to(until_us).expect("far from any limit");
        let via = NodeId(random.below(5) as u8);
        let client = Client(1 + random.below(3) as u8);
        let what = match random.below(4) {
            0 => Ask::Read { key: "x".into() },
            1 => Ask::OpenSession,
            2 => Ask::Retry,
            _ => Ask::Write { key: "x".into(), value: slice.to_string() },
        };
        // What cannot be asked now is refused.
        let _ = lab.act(&Command::Ask { client, via, what });
    }
    lab
}

/// Of everything that happened one can ask why, and every step back leads to something earlier
/// until it comes to what was done from outside or to the first boot.
#[test]
fn everything_in_hostile_runs_has_a_reason() {
    let (mut kinds, mut longest) = (0, 0);
    for seed in 0..12 {
        let lab = hostile(seed);
        let history = lab.world().history();
        for line in lab.story(usize::MAX) {
            let answer = lab.why(&Question::Record(line.record)).expect("what is told has a why");
            assert!(answer.text.starts_with(&line.text) && answer.record == Some(line.record));
        }
        for at in 0..history.len() {
            let id = RecordId(at as u32);
            let answer = lab.why(&Question::Record(id)).expect("it happened");
            assert!(!answer.text.is_empty() && !answer.section.is_empty());
            assert!(!answer.text.contains(" decides."), "{:?} has words", history[id]);
            assert!(answer.back.is_none_or(|back| back < id));
            let from_outside = history[id].cause.is_none();
            assert_eq!(answer.back.is_none(), from_outside, "{seed}: {:?}", history[id]);
            assert_eq!(answer.cone.last(), Some(&id));
            assert!(answer.cone.is_sorted());
            let whole = answer.cone.len() < CONE_RECORDS;
            let cause_is_there = history[id].cause.is_none_or(|c| answer.cone.contains(&c));
            assert!(cause_is_there || !whole);
            longest = longest.max(answer.cone.len());
            kinds += usize::from(matches!(history[id].what, Happening::Lost { .. }));
        }
        let targets = (0..5).map(|node| Target::Node(NodeId(node)));
        let links = (0..5).map(|node| Target::Link(NodeId(node), NodeId((node + 1) % 5)));
        for target in targets.chain(links).chain([Target::Stage]) {
            for (label, question) in lab.questions(target) {
                let answer = lab.why(&question);
                assert!(answer.is_some(), "{seed}: {label} has an answer");
            }
        }
        for index in 0..12 {
            for node in 0..5 {
                assert!(lab.why(&Question::Entry { node: NodeId(node), index }).is_some());
            }
        }
    }
    assert!(kinds > 100, "messages died");
    assert!(longest > 100, "no cone is wide: {longest}");
}

/// A message that a cut took names the cut, whatever else happened.
#[test]
fn every_death_at_a_cut_names_who_cut() {
    let mut deaths = 0;
    for seed in 20..26 {
        let lab = hostile(seed);
        let history = lab.world().history();
        for at in 0..history.len() {
            let id = RecordId(at as u32);
            let Happening::Lost { message, reason: LossReason::Cut } = history[id].what else {
                continue;
            };
            let (from, to, _) = history.message(message).expect("it was sent");
            let back = lab.why(&Question::Record(id)).and_then(|answer| answer.back);
            let back = back.map(|back| &history[back].what);
            let Some(Happening::Fault(Fault::Cut(links))) = back else {
                panic!("{seed}: {back:?}");
            };
            assert!(links.contains(&(from, to)));
            deaths += 1;
        }
    }
    assert!(deaths > 20, "{deaths}");
}

/// Cones are bounded, in the order of time, and the two directions agree.
#[test]
fn cones_reach_back_and_forth() {
    let lab = hostile(3);
    let history = lab.world().history();
    let end = history.len() as u32;
    for id in (0..end).step_by(37).map(RecordId) {
        let future = history.future(&Budget::default(), id);
        assert!(future.records.is_sorted() && future.records.first() == Some(&id));
        for follower in future.records.iter().skip(1) {
            assert!(history.path_back(*follower).any(|earlier| earlier == id));
        }
        let path: Vec<RecordId> = history.path_back(id).collect();
        assert!(path.is_sorted_by(|a, b| a > b) && path.iter().all(|earlier| *earlier < id));
        let past = history.past(&Budget::default(), id);
        assert!(past.records.is_sorted() && past.records.last() == Some(&id));
        assert!(past.records.len() <= CONE_RECORDS && future.records.len() <= CONE_RECORDS);
        let first = past.records[0];
        let in_past = |earlier: &RecordId| past.records.contains(earlier);
        assert!(path.iter().filter(|earlier| **earlier >= first).all(in_past));
        assert_eq!(past.whole, past.records.len() < CONE_RECORDS);
    }
    // All that followed from what a leader has done for seconds is more than a cone holds.
    let mut lab = RaftLab::new(&LabSettings::new(5, 5));
    lab.advance_to(5_000_000).expect("far from any limit");
    let won = told(&lab, "a majority");
    let deadline = lab.world().history().path_back(won).last().expect("the first boot");
    let future = lab.world().history().future(&Budget::default(), deadline);
    assert!(!future.whole && future.records.len() == CONE_RECORDS);
    let history = lab.world().history();
    let last = RecordId(history.len() as u32 - 1);
    let all =
        history.gather(&[last], &mut |id| id.0.checked_sub(1).map(RecordId).into_iter().collect());
    let latest: Vec<RecordId> = (last.0 + 1 - CONE_RECORDS as u32..=last.0).map(RecordId).collect();
    assert!(!all.whole && all.records == latest, "those farthest away are left out");
    let nothing = RecordId(u32::MAX);
    assert!(history.past(&Budget::default(), nothing).records.is_empty());
    assert!(history.future(&Budget::default(), nothing).records.is_empty());
}
