//! However a run is played, what is said of it is the same: straight on, in small steps, on a fork,
//! by seeking, and after the oldest part was let go. And of everything that is told, and of much
//! that is not, one can ask why.

use rift::explore::{NemesisSettings, Rest, schedule};
use rift::labs::{Ask, Client, Command, Lab, LabSettings, Question};
use rift::random::Random;
use rift::scene::{Spacing, Target, Window};
use rift::sim::{CONE_RECORDS, Delay, Fault, LinkSettings, NodeId, RecordId, TRUE_RATE_PPM};
use rift::timeline::{Timeline, Tree};

use super::play::{choice, count, entry, settings, switch};
use crate::playing::{Drawn, look, said};

const ENDS_US: u64 = 1_800_000;

fn drawn(seed: u64) -> Drawn {
    let systems = ["quorum", "quorum", "quorum", "quorum", "raft", "primary-backup"];
    let modes = ["cp", "ap", "ap-sloppy"];
    let mut random = Random::for_purpose(seed, 21);
    let mut pick = |words: &[&'static str]| words[random.below(words.len() as u64) as usize];
    let system = pick(&systems);
    let mut settings = settings(&[
        choice("system", system),
        choice("mode", pick(&modes)),
        choice("resolution", pick(&["last-write-wins", "siblings"])),
        choice("read-repair", pick(&["off", "async", "blocking"])),
        choice("access", pick(&["sticky", "roaming"])),
        switch("collect-tombstones", seed.is_multiple_of(3)),
        switch("ack-before-sync", seed % 4 == 1),
        switch("read-your-writes", seed % 5 == 2),
        switch("synchronous", seed.is_multiple_of(2)),
    ]);
    settings.seed = seed;
    let acts = acts(seed, &settings, system == "quorum");
    Drawn { settings, acts }
}

fn acts(seed: u64, settings: &LabSettings, turns: bool) -> Vec<(u64, Command)> {
    let nemesis = NemesisSettings {
        nodes: 5,
        safety_us: ENDS_US * 3 / 4,
        calm_links: LinkSettings::with_delay(Delay::Uniform { low_us: 6_000, high_us: 12_000 }),
        calm_sync: Delay::Uniform { low_us: 200, high_us: 500 },
        rest: Rest::Healed,
        rest_until_us: ENDS_US,
    };
    let mut random = Random::for_purpose(seed, 22);
    let mut lab = (entry().open)(settings);
    let mut faults = schedule(seed, &nemesis).faults.into_iter().peekable();
    let mut acts = Vec::new();
    let mut act = |lab: &mut dyn Lab, command: Command| {
        if lab.act(&command).is_ok() {
            acts.push((lab.now_us(), command));
        }
    };
    for slice in 1..ENDS_US / 30_000 {
        let until_us = slice * 30_000;
        while let Some((at_us, fault)) = faults.next_if(|(at_us, _)| *at_us <= until_us) {
            lab.advance_to(at_us).expect("far from any limit");
            act(lab.as_mut(), Command::Faults(vec![fault]));
        }
        lab.advance_to(until_us).expect("far from any limit");
        let via = NodeId(random.below(5) as u8);
        let client = Client(1 + random.below(3) as u8);
        let key = ["x", "y"][random.below(2) as usize].to_owned();
        let what = match random.below(8) {
            0..=2 => Ask::Read { key },
            3 => Ask::Delete { key },
            4 => Ask::Retry,
            _ => Ask::Write { key, value: slice.to_string() },
        };
        act(lab.as_mut(), Command::Ask { client, via, what });
        match random.below(12) {
            0 if turns => {
                let mode = ["cp", "ap", "ap-sloppy"][random.below(3) as usize];
                act(lab.as_mut(), Command::Set(choice("mode", mode)));
            }
            1 if turns => act(lab.as_mut(), Command::Set(count("r", 1 + random.below(5)))),
            2 => {
                let offset_us = random.below(400_000) as i64 - 200_000;
                let node = NodeId(random.below(5) as u8);
                let rate_ppm = TRUE_RATE_PPM;
                let fault = Fault::SetClock { node, rate_ppm, offset_us };
                act(lab.as_mut(), Command::Faults(vec![fault]));
            }
            _ => {}
        }
    }
    acts
}

/// Plays a run, in steps of so many microseconds.
fn played(drawn: &Drawn, step_us: u64, after: impl FnMut(&mut Box<dyn Lab>)) -> Box<dyn Lab> {
    drawn.played(entry(), ENDS_US, step_us, after)
}

#[test]
fn small_steps_and_forks_change_nothing() {
    let (mut lines, mut broken) = (0, 0);
    for seed in 0..24 {
        let drawn = drawn(seed);
        let straight = played(&drawn, u64::MAX, |_| {});
        let forked = played(&drawn, 3_700, |lab| *lab = lab.fork());
        assert_eq!(said(straight.as_ref()), said(forked.as_ref()), "seed {seed}");
        lines += straight.story(usize::MAX).len();
        broken += straight.promises().iter().filter(|promise| promise.broken.is_some()).count();
    }
    assert!(lines > 2_000 && broken > 0, "{lines} lines, {broken} broken promises");
}

#[test]
fn to_seek_is_to_play() {
    for seed in 30..38 {
        let drawn = drawn(seed);
        let mut timeline =
            Timeline::of_tree(entry(), drawn.settings.clone(), Tree::of_actions(Vec::new()));
        for (at_us, command) in &drawn.acts {
            timeline.advance_to(*at_us).expect("far from any limit");
            timeline.act(command.clone()).expect("it made sense");
        }
        timeline.advance_to(ENDS_US).expect("far from any limit");
        let end = said(timeline.lab());
        let mut random = Random::for_purpose(seed, 23);
        for _ in 0..4 {
            let at_us = random.below(ENDS_US);
            timeline.seek(at_us).expect("it was there");
            let here = Drawn {
                settings: drawn.settings.clone(),
                acts: drawn.acts.iter().filter(|(act_us, _)| *act_us <= at_us).cloned().collect(),
            };
            let mut alone = (entry().open)(&here.settings);
            for (act_us, command) in &here.acts {
                alone.advance_to(*act_us).expect("far from any limit");
                alone.act(command).expect("it made sense");
            }
            alone.advance_to(at_us).expect("far from any limit");
            assert_eq!(said(timeline.lab()), said(alone.as_ref()), "seed {seed} at {at_us}");
        }
        timeline.seek(ENDS_US).expect("it was there");
        assert_eq!(end, said(timeline.lab()), "seed {seed}");
    }
}

/// What is left says what it said before.
#[test]
fn what_was_let_go_changes_nothing_of_the_rest() {
    let mut let_go = 0;
    for seed in 40..64 {
        let drawn = drawn(seed);
        let whole = played(&drawn, u64::MAX, |_| {});
        let short = played(&drawn, 50_000, |lab| {
            let half = RecordId((lab.history_len() / 3) as u32);
            lab.let_go_before(half);
        });
        assert_eq!(short.history_hash(), whole.history_hash(), "seed {seed}");
        let first = short.history_first();
        let_go += usize::from(first > 0);
        let mut all = whole.story(usize::MAX);
        all.retain(|line| line.record.0 as usize >= first);
        let rest = short.story(usize::MAX);
        let apart = all.iter().zip(&rest).find(|(one, other)| one != other);
        assert_eq!((apart, all.len()), (None, rest.len()), "seed {seed}");
        let judged = |lab: &dyn Lab| (lab.promises(), lab.tasks(), lab.outcome(), lab.table());
        assert_eq!(judged(whole.as_ref()), judged(short.as_ref()), "seed {seed}");
        let from_us = short.record(RecordId(first as u32)).map_or(0, |(at_us, _)| at_us + 1);
        let window = Window::new(from_us, ENDS_US);
        assert_eq!(whole.lane(window, 300), short.lane(window, 300), "seed {seed}");
        let picture =
            |lab: &dyn Lab| look(lab).space_time(window, Spacing::Time).map(|it| it.lifelines);
        assert_eq!(picture(whole.as_ref()), picture(short.as_ref()), "seed {seed}");
    }
    // Only whole blocks of the history go, and some runs are too short for that.
    assert!(let_go >= 8, "{let_go}");
}

/// Every step back leads to something earlier, until it comes to what was done from outside.
#[test]
fn everything_in_hostile_runs_has_a_reason() {
    for seed in 60..66 {
        let drawn = drawn(seed);
        let lab = played(&drawn, u64::MAX, |_| {});
        let lab = look(lab.as_ref());
        for line in lab.story(usize::MAX) {
            let answer = lab.why(&Question::Record(line.record)).expect("what is told has a why");
            assert!(answer.text.starts_with(&line.text), "{}", answer.text);
        }
        for at in (0..lab.history_len()).step_by(5) {
            let id = RecordId(at as u32);
            let answer = lab.why(&Question::Record(id)).expect("it happened");
            assert!(!answer.text.is_empty() && !answer.section.is_empty());
            assert!(answer.back.is_none_or(|back| back < id));
            assert_eq!(answer.cone.last(), Some(&id));
            assert!(answer.cone.is_sorted() && answer.cone.len() <= CONE_RECORDS);
        }
        let targets = (0..5).map(|node| Target::Node(NodeId(node)));
        let clients = (1..=3).map(|client| Target::Client(client, None));
        let link = Target::Link(NodeId(0), NodeId(1));
        for target in targets.chain(clients).chain([Target::Stage, link]) {
            for (text, question) in lab.questions(target) {
                let answer = lab.why(&question).expect("what is offered has an answer");
                assert!(text.ends_with('?') && !answer.text.is_empty());
                for (_, next) in answer.next {
                    assert!(lab.why(&next).is_some(), "{next:?}");
                }
            }
        }
        for number in 1..=60 {
            let Some(answer) = lab.why(&Question::Request(number)) else { break };
            assert!(answer.text.contains(" asked S"), "{}", answer.text);
            let in_cone = |id: RecordId| answer.cone.binary_search(&id).is_ok();
            assert!(answer.record.is_none_or(in_cone), "what decided it is in the cone");
        }
    }
}
