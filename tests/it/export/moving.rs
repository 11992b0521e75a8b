//! The animated picture, held against the run itself.

use expect_test::expect_file;
use rift::export::{Animation, ExportError, animated};
use rift::labs::{LABS, LabSettings};
use rift::scene::{Frame, Point};
use rift::session::Run;
use rift::timeline::{BranchId, Timeline};

use super::{assert_stands_alone, lines, shipped, timeline, troubled};

const SIZE: (u32, u32) = (860, 540);
/// The stage in it.
const FRAME: Frame = Frame { width: 860.0, height: 460.0 };

fn of(run: &Run, from_us: u64, to_us: u64, plays_ms: u32) -> String {
    let mut timeline = timeline(run, to_us);
    let (branch, plays_ms) = (BranchId::FIRST, Some(plays_ms));
    let wanted = Animation { branch, from_us, to_us, plays_ms, size: SIZE };
    animated(&mut timeline, &wanted).expect("it fits")
}

#[test]
fn an_election_moves() {
    let (run, _) = shipped("minority-writes");
    let svg = of(&run, 99_000, 112_000, 4_000);
    assert_stands_alone(&svg);
    expect_file!["../golden/animated.svg"].assert_eq(&lines(&svg));
}

/// The attribute of a tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split_once(&format!(" {name}=\"")).map(|(_, rest)| rest.split('"').next().unwrap_or(""))
}

/// The steps of an `animate`: parts of the loop, and values.
fn steps(tag: &str) -> Vec<(f32, &str)> {
    let times = attribute(tag, "keyTimes").expect("it has times").split(';');
    let values = attribute(tag, "values").expect("it has values").split(';');
    let times: Vec<f32> = times.map(|time| time.parse().expect("a number")).collect();
    let values: Vec<&str> = values.collect();
    assert_eq!(times.len(), values.len(), "{tag}");
    assert!(times[0] == 0.0 && times.is_sorted() && times[times.len() - 1] <= 1.0, "{tag}");
    if !tag.contains("discrete") {
        assert_eq!(times[times.len() - 1], 1.0, "{tag}");
    }
    times.into_iter().zip(values).collect()
}

fn point(value: &str) -> Point {
    let (x, y) = value.split_once(' ').expect("two numbers");
    Point::new(x.parse().expect("a number"), y.parse().expect("a number"))
}

/// Where the messages are that can be seen in this part of the loop.
fn seen_at(svg: &str, part: f32) -> Vec<Point> {
    let mut seen = Vec::new();
    let moving = svg.split_once("class=\"still\"").expect("it ends with a still").0;
    for group in moving.split("class=\"tokens\">").skip(1) {
        let mut tags = group.split('<').skip(1);
        let first = tags.next().expect("something is in it");
        let (shown, mover) = match first.starts_with("animate ") {
            true => (steps(first), tags.nth(1)),
            false => (vec![(0.0, "visible")], tags.next()),
        };
        let is_seen = shown.iter().rev().find(|(time, _)| *time <= part).expect("from 0 on").1;
        if is_seen == "hidden" {
            continue;
        }
        let way =
            steps(mover.filter(|tag| tag.starts_with("animateTransform ")).expect("it moves"));
        let before = way.iter().rev().find(|(time, _)| *time <= part).expect("from 0 on");
        let after = way.iter().find(|(time, _)| *time > part).unwrap_or(before);
        let gone = (part - before.0) / (after.0 - before.0).max(1e-6);
        seen.push(point(before.1).towards(point(after.1), gone.clamp(0.0, 1.0)));
    }
    seen
}

/// At any instant the same messages are in the same places as in the scene of that instant.
#[test]
fn what_moves_is_the_run() {
    let (minority, _) = shipped("minority-writes");
    let (other, ended_us) = troubled();
    for (run, from_us, to_us) in
        [(minority, 90_000, 200_000), (other, ended_us - 150_000, ended_us)]
    {
        let plays_ms = 10_000;
        let svg = of(&run, from_us, to_us, plays_ms);
        assert_stands_alone(&svg);
        let mut seen_in_all = 0;
        for at_us in (from_us + 333..to_us).step_by(1_777) {
            let lab = timeline(&run, at_us);
            // Where something begins or ends within the rounding, either is right.
            let due_us = lab.lab().next_due_us().expect("timers run");
            let scene = lab.lab().scene(FRAME, 0);
            let fresh = scene.tokens.iter().any(|token| at_us - token.sent_us < 5);
            if due_us - at_us < 5 || fresh {
                continue;
            }
            let share = (at_us - from_us) as f32 / (to_us - from_us) as f32;
            let seen = seen_at(&svg, share * plays_ms as f32 / (plays_ms + 2_500) as f32);
            assert_eq!(seen.len(), scene.tokens.len(), "at {at_us}");
            for token in &scene.tokens {
                let at = token.position(at_us);
                let near = seen.iter().map(|place| place.distance(at)).fold(f32::MAX, f32::min);
                assert!(near < 1.5, "{} is {near} away at {at_us}", token.description);
            }
            seen_in_all += seen.len();
        }
        assert!(seen_in_all > 100, "{seen_in_all}");
    }
}

/// Headlines, roles, tears and losses come when they come in the run.
#[test]
fn what_changes_is_shown_at_its_time() {
    let (run, _) = shipped("minority-writes");
    let svg = of(&run, 90_000, 200_000, 10_000);
    let shown = |words: &str, part: f32| {
        let groups = svg.split("<g visibility=").skip(1).filter(|group| group.contains(words));
        let mut visible = groups.map(|group| {
            let tag = group.split('<').nth(1).expect("it comes and goes");
            let steps = steps(tag);
            steps.iter().rev().find(|(time, _)| *time <= part).expect("from 0 on").1 == "visible"
        });
        visible.any(|visible| visible)
    };
    let part = |at_us: u64| (at_us - 90_000) as f32 / 110_000.0 * 10_000.0 / 12_500.0;
    assert!(!shown("S1 leads term 1.", part(118_000)) && shown("S1 leads term 1.", part(118_100)));
    assert!(shown("S1 leads term 1.", 0.99), "it stands still at the end");
    assert!(!shown("class=\"tear-line\"", part(118_000)));
    assert!(shown("class=\"tear-line\"", part(118_100)));
    let burst = svg.split("class=\"burst\"").count() - 1;
    assert!(burst > 5, "{burst} messages died at the tear");
}

/// A message before a cut waits there until it would have arrived.
#[test]
fn limits_are_stated() {
    let (run, ended_us) = shipped("minority-writes");
    let mut here = timeline(&run, ended_us);
    let branch = BranchId::FIRST;
    let good = Animation { branch, from_us: 0, to_us: 100_000, plays_ms: None, size: SIZE };
    let mut refused = |wanted| animated(&mut here, &wanted).expect_err("it does not fit");
    let back = Animation { from_us: 5_000, to_us: 5_000, ..good };
    assert_eq!(refused(back), ExportError::EndsBefore { from_us: 5_000, to_us: 5_000 });
    assert_eq!(refused(Animation { plays_ms: Some(999), ..good }), ExportError::Plays(999));
    assert_eq!(refused(Animation { size: (100, 540), ..good }), ExportError::Size("width", 100));
    let long = Animation { to_us: 60_000_000, ..good };
    assert!(matches!(refused(long), ExportError::TooMuch("messages" | "instants", _)));
    let nowhere = Animation { branch: BranchId(9), ..good };
    assert!(matches!(refused(nowhere), ExportError::Branch(_)));
}

/// The playhead stays where the reader left it.
#[test]
fn the_timeline_is_left_alone() {
    let mut timeline = Timeline::start(&LABS[0], LabSettings::new(5, 5));
    timeline.advance_to(150_000).expect("far from any limit");
    timeline.seek(42_000).expect("it was there");
    let branch = timeline.branch();
    let wanted =
        Animation { branch, from_us: 90_000, to_us: 120_000, plays_ms: None, size: (390, 520) };
    let phone = animated(&mut timeline, &wanted).expect("it fits");
    assert_stands_alone(&phone);
    assert_eq!((timeline.now_us(), timeline.branch()), (42_000, branch));
}
