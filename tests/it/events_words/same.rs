//! However a run is played, what is said of it is the same: straight on, in small steps, on a fork,
//! by seeking, and after the oldest part was let go. Of everything that is told, and of much that
//! is not, one can ask why. And whatever happens, a promise that the settings keep is kept.

use rift::explore::{NemesisSettings, Rest, schedule};
use rift::labs::{Ask, Client, Command, Lab, LabSettings, Question};
use rift::random::Random;
use rift::scene::{Spacing, Target, Thing, Window};
use rift::sim::{CONE_RECORDS, Delay, LinkSettings, NodeId, RecordId};
use rift::timeline::{Timeline, Tree};

use super::play::{choice, entry, settings, switch};
use crate::playing::{Drawn, look, said};

const ENDS_US: u64 = 2_400_000;

/// Which settings a run has, and whether they are turned.
#[derive(Clone, Copy, PartialEq)]
enum Draw {
    /// As they are by themselves, and so they stay.
    Strict,
    /// Any, and they are turned.
    Loose,
    /// The log is on a cluster.
    Cluster,
}

fn drawn(seed: u64, draw: Draw) -> Drawn {
    let mut random = Random::for_purpose(seed, 31);
    let mut pick = |words: &[&'static str]| words[random.below(words.len() as u64) as usize];
    let mut settings = match draw {
        Draw::Strict => settings(&[choice("decide-again", pick(&["by-hand", "by-itself"]))]),
        Draw::Cluster => settings(&[choice("log", "raft")]),
        Draw::Loose => settings(&[
            choice("retry-ids", pick(&["same", "fresh"])),
            choice("decide-again", pick(&["by-hand", "by-itself"])),
            choice("answer", pick(&["durable", "at-once"])),
            choice("publish", pick(&["from-log", "once"])),
            choice("checkpoint", pick(&["together", "state-first", "position-first"])),
            choice("order", pick(&["position", "arrival"])),
            switch("check", seed.is_multiple_of(2)),
        ]),
    };
    if draw == Draw::Cluster {
        settings.servers = 5;
    }
    settings.seed = seed;
    let acts = acts(seed, &settings, draw);
    Drawn { settings, acts }
}

fn acts(seed: u64, settings: &LabSettings, draw: Draw) -> Vec<(u64, Command)> {
    let nodes = if draw == Draw::Cluster { 5 } else { 6 };
    let nemesis = NemesisSettings {
        nodes,
        safety_us: ENDS_US * 3 / 4,
        calm_links: LinkSettings::with_delay(Delay::Uniform { low_us: 6_000, high_us: 12_000 }),
        calm_sync: Delay::Uniform { low_us: 200, high_us: 500 },
        rest: Rest::Healed,
        rest_until_us: ENDS_US,
    };
    let mut random = Random::for_purpose(seed, 32);
    let mut lab = (entry().open)(settings);
    let mut faults = schedule(seed, &nemesis).faults.into_iter().peekable();
    let mut acts = Vec::new();
    let mut act = |lab: &mut dyn Lab, command: Command| {
        if lab.act(&command).is_ok() {
            acts.push((lab.now_us(), command));
        }
    };
    for slice in 1..ENDS_US / 40_000 {
        let until_us = slice * 40_000;
        while let Some((at_us, fault)) = faults.next_if(|(at_us, _)| *at_us <= until_us) {
            lab.advance_to(at_us).expect("far from any limit");
            act(lab.as_mut(), Command::Faults(vec![fault]));
        }
        lab.advance_to(until_us).expect("far from any limit");
        let via = NodeId(random.below(nodes.into()) as u8);
        let client = Client(1 + random.below(2) as u8);
        let words = ["take tea", "take mug", "put back mug", "pay", "restock mug", "rebuild"];
        let what = match random.below(8) as usize {
            place if place < words.len() => Ask::Do { what: words[place].to_owned() },
            _ => Ask::Retry,
        };
        act(lab.as_mut(), Command::Ask { client, via, what });
        if draw == Draw::Loose {
            let turned = match random.below(16) {
                0 => switch("check", random.below(2) == 0),
                1 => choice("retry-ids", ["same", "fresh"][random.below(2) as usize]),
                2 => choice(
                    "crash-at",
                    ["append", "before-durable", "state"][random.below(3) as usize],
                ),
                3 => choice("publish", ["from-log", "once"][random.below(2) as usize]),
                _ => continue,
            };
            act(lab.as_mut(), Command::Set(turned));
        }
    }
    acts
}

/// Plays a run, in steps of so many microseconds, and lets it come to rest.
fn played(drawn: &Drawn, step_us: u64, after: impl FnMut(&mut Box<dyn Lab>)) -> Box<dyn Lab> {
    // Of a shop that falls quiet, time for what breaks by nothing happening.
    let on_cluster = drawn.settings.servers == 5;
    let ends_us = ENDS_US + if on_cluster { 1_000_000 } else { 14_000_000 };
    drawn.played(entry(), ends_us, step_us, after)
}

fn broken(lab: &dyn Lab) -> Vec<(&'static str, String)> {
    let promises = lab.promises().into_iter();
    promises.filter_map(|it| Some((it.name, it.broken?.finding))).collect()
}

/// Crashes, torn writes, cuts, losses, delays, pauses and clocks: what is promised is kept.
#[test]
fn what_the_settings_keep_is_kept_whatever_happens() {
    let mut lines = 0;
    for draw in [Draw::Strict, Draw::Cluster] {
        for seed in 0..60 {
            let lab = played(&drawn(seed, draw), u64::MAX, |_| {});
            assert_eq!(broken(lab.as_ref()), [], "seed {seed}");
            lines += lab.story(usize::MAX).len();
        }
    }
    assert!(lines > 8_000, "{lines}");
}

/// And with other settings every promise that they give up is broken in some run, and no other.
#[test]
fn what_the_settings_give_up_is_broken_now_and_then() {
    let mut names = std::collections::BTreeSet::new();
    for seed in 100..180 {
        let lab = played(&drawn(seed, Draw::Loose), u64::MAX, |_| {});
        names.extend(broken(lab.as_ref()).into_iter().map(|(name, _)| name));
    }
    let given_up = [
        "Acknowledged events stay",
        "No lost update",
        "Once asked, once done",
        "Read models are folds of the log",
        "Read models catch up",
        "Stock never below zero",
    ];
    assert!(names.iter().eq(&given_up), "{names:?}");
}

#[test]
fn small_steps_and_forks_change_nothing() {
    let (mut lines, mut found) = (0, 0);
    for seed in 0..16 {
        let draw = if seed % 4 == 3 { Draw::Cluster } else { Draw::Loose };
        let drawn = drawn(seed, draw);
        let straight = played(&drawn, u64::MAX, |_| {});
        let forked = played(&drawn, 7_700, |lab| *lab = lab.fork());
        assert_eq!(said(straight.as_ref()), said(forked.as_ref()), "seed {seed}");
        lines += straight.story(usize::MAX).len();
        found += broken(straight.as_ref()).len();
    }
    assert!(lines > 1_000 && found > 0, "{lines} lines, {found} broken promises");
}

#[test]
fn to_seek_is_to_play() {
    for seed in 30..36 {
        let drawn = drawn(seed, if seed == 35 { Draw::Cluster } else { Draw::Loose });
        let mut timeline =
            Timeline::of_tree(entry(), drawn.settings.clone(), Tree::of_actions(Vec::new()));
        for (at_us, command) in &drawn.acts {
            timeline.advance_to(*at_us).expect("far from any limit");
            timeline.act(command.clone()).expect("it made sense");
        }
        timeline.advance_to(ENDS_US).expect("far from any limit");
        let end = said(timeline.lab());
        let mut random = Random::for_purpose(seed, 33);
        for _ in 0..4 {
            let at_us = random.below(ENDS_US);
            timeline.seek(at_us).expect("it was there");
            let mut alone = (entry().open)(&drawn.settings);
            for (act_us, command) in drawn.acts.iter().filter(|(act_us, _)| *act_us <= at_us) {
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
    for seed in 40..52 {
        let drawn = drawn(seed, if seed % 3 == 0 { Draw::Cluster } else { Draw::Loose });
        let whole = played(&drawn, u64::MAX, |_| {});
        let short = played(&drawn, 50_000, |lab| {
            let part = RecordId((lab.history_len() * 2 / 3) as u32);
            lab.let_go_before(part);
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
        let picture =
            |lab: &dyn Lab| look(lab).space_time(window, Spacing::Time).map(|it| it.lifelines);
        assert_eq!(picture(whole.as_ref()), picture(short.as_ref()), "seed {seed}");
    }
    // Only whole blocks of the history go, and some runs are too short for that.
    assert!(let_go >= 4, "{let_go}");
}

/// Every step back leads to something earlier, until it comes to what was done from outside.
#[test]
fn everything_in_hostile_runs_has_a_reason() {
    for seed in 60..68 {
        let draw = if seed >= 66 { Draw::Cluster } else { Draw::Loose };
        let lab = played(&drawn(seed, draw), u64::MAX, |_| {});
        let lab = look(lab.as_ref());
        for line in lab.story(usize::MAX) {
            let answer = lab.why(&Question::Record(line.record)).expect("what is told has a why");
            assert!(answer.text.starts_with(&line.text), "{}", answer.text);
        }
        for at in (0..lab.history_len()).step_by(7) {
            let id = RecordId(at as u32);
            let answer = lab.why(&Question::Record(id)).expect("it happened");
            assert!(!answer.text.is_empty(), "{at}");
            assert!(answer.back.is_none_or(|back| back < id));
            assert_eq!(answer.cone.last(), Some(&id));
            assert!(answer.cone.is_sorted() && answer.cone.len() <= CONE_RECORDS);
            assert!(lab.highlight(Thing::Record(id)).things.contains(&Thing::Record(id)));
        }
        let nodes = if draw == Draw::Cluster { 5 } else { 6 };
        let targets = (0..nodes).map(|node| Target::Node(NodeId(node)));
        let clients = (1..=2).map(|client| Target::Client(client, None));
        let link = Target::Link(NodeId(0), NodeId(2));
        for target in targets.chain(clients).chain([Target::Stage, link]) {
            for (text, question) in lab.questions(target) {
                let answer = lab.why(&question).expect("what is offered has an answer");
                assert!(text.ends_with('?') && !answer.text.is_empty());
                for (_, next) in answer.next {
                    assert!(lab.why(&next).is_some(), "{next:?}");
                }
            }
        }
        for number in 1..=80 {
            let Some(answer) = lab.why(&Question::Request(number)) else { break };
            assert!(answer.text.contains(" asked S"), "{}", answer.text);
            let in_cone = |id: RecordId| answer.cone.binary_search(&id).is_ok();
            assert!(answer.record.is_none_or(in_cone), "what decided it is in the cone");
        }
    }
}
