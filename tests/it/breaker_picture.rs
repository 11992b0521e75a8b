//! How a breaker looks: the ring, the window, eras and the tray, and what there is to press.
//! `UPDATE_EXPECT=1` writes the golden picture anew.

use expect_test::expect_file;
use rift::export::{View, figure};
use rift::labs::{Command, LabEntry, LabSettings, Setting, SettingValue};
use rift::scene::{
    CellLook, Frame, Lever, NodeView, Pip, Point, Scene, Switch, Target, Tone, Window, svg,
};
use rift::sim::{Fault, NodeId};
use rift::timeline::Timeline;

use crate::playing::{self, all_offered_can_be_done, press, wait};

const S1: NodeId = NodeId(0);
const S2: NodeId = NodeId(1);
const DESK: Frame = Frame { width: 650.0, height: 464.0 };
const PHONE: Frame = Frame { width: 372.0, height: 416.0 };
const CASTS: [&str; 4] = ["one", "fleet", "shards", "network"];

fn breaker() -> &'static LabEntry {
    playing::lab("breaker")
}

fn stage(settings: &[(&'static str, SettingValue)]) -> Timeline {
    let mut all = LabSettings::new(6, 7);
    settings.iter().for_each(|(name, value)| all.tuning.set(Setting { name, value: *value }));
    Timeline::start(breaker(), all)
}

fn cast(word: &'static str) -> Timeline {
    stage(&[("cast", SettingValue::Choice(word))])
}

fn scene(timeline: &Timeline) -> Scene {
    timeline.lab().scene(DESK, 300_000)
}

fn node(timeline: &Timeline, id: NodeId) -> NodeView {
    scene(timeline).node(id).expect("it is there").clone()
}

/// Goes on, event by event, until S1 has this word.
fn until(timeline: &mut Timeline, word: &str) {
    let latest_us = timeline.now_us() + 20_000_000;
    while node(timeline, S1).word != word {
        timeline.step().expect("far from any limit");
        assert!(timeline.now_us() < latest_us, "{word} never came");
    }
}

/// Goes on until a message is on its way, and tells the tint of the first.
fn next_tint(timeline: &mut Timeline) -> u8 {
    for _ in 0..100 {
        if let Some(tint) = scene(timeline).tokens.iter().find_map(|token| token.tint) {
            return tint;
        }
        timeline.step().expect("far from any limit");
    }
    panic!("nobody calls any more");
}

/// What a person sees who presses “errors”, and ten seconds later “well”.
#[test]
fn five_failures_shut_the_door_and_one_probe_opens_it_again() {
    let mut timeline = stage(&[]);
    wait(&mut timeline, 2_000);
    let well = node(&timeline, S1);
    assert_eq!((well.word.as_str(), well.detail.as_str()), ("closed", "0 of 5"));
    assert_eq!(well.strip.cells.len(), 5);
    assert!(well.strip.cells.iter().all(|cell| cell.look == CellLook::Loose));
    let closed_era = next_tint(&mut timeline);
    press(&mut timeline, "Service", "errors");
    until(&mut timeline, "open");
    let open = node(&timeline, S1);
    assert!(open.strip.cells.iter().all(|cell| cell.look == CellLook::Bad), "all five failed");
    let ring = open.countdown.expect("it runs down");
    assert_eq!(ring.deadline_us - ring.started_us, 5_000_000);
    assert_eq!((open.tone, open.detail.as_str()), (Tone::Bad, "5 s"));
    // Calls of the closed era are still on their way: they keep its tint, and come late.
    assert_eq!(next_tint(&mut timeline), closed_era);
    wait(&mut timeline, 1_000);
    let picture = scene(&timeline);
    assert!(picture.bursts.iter().any(|burst| burst.reason == "rejected"));
    let tray = node(&timeline, S1).tray.expect("it has one");
    assert!(!tray.items.is_empty() && tray.word != "0 late", "{}", tray.word);
    assert!(tray.items.iter().all(|(tint, _)| *tint == closed_era));
    press(&mut timeline, "Service", "well");
    until(&mut timeline, "half-open");
    assert_eq!(node(&timeline, S1).pips, [Pip::Open], "a socket, and nobody in it yet");
    while node(&timeline, S1).pips == [Pip::Open] {
        timeline.step().expect("far from any limit");
    }
    let probing = node(&timeline, S1);
    assert_eq!((&probing.pips[..], probing.detail.as_str()), (&[Pip::Yes][..], "1 probe"));
    let lease = probing.countdown.expect("its lease burns");
    assert_eq!(lease.deadline_us - lease.started_us, 5_000_000);
    let svg = figure(&timeline, View::Stage, (650, 464)).expect("it fits");
    expect_file!["golden/breaker-probe.svg"].assert_eq(&svg.replace("><", ">\n<"));
    until(&mut timeline, "closed");
    assert_eq!(node(&timeline, S1).detail, "0 of 5");
    assert_ne!(next_tint(&mut timeline), closed_era, "a new era has a new tint");
}

#[test]
fn a_rate_is_not_known_before_there_are_enough_calls() {
    let mut timeline = stage(&[("trip", SettingValue::Choice("rate"))]);
    wait(&mut timeline, 1_000);
    let first = node(&timeline, S1);
    assert_eq!(first.detail, "– of 50 %");
    assert_eq!(first.strip.cells.len(), 10, "room for the whole window");
    assert!(first.strip.cells.iter().any(|cell| cell.look == CellLook::Loose));
    wait(&mut timeline, 4_000);
    let later = node(&timeline, S1);
    assert_eq!(later.detail, "0 of 50 %");
    assert!(later.strip.cells.iter().all(|cell| cell.head == "✓"));
}

/// The bar has the rate, and a line where it opens; without enough calls there is no level.
#[test]
fn the_gauge_has_the_rate_and_the_line() {
    let mut timeline = stage(&[("trip", SettingValue::Choice("rate"))]);
    wait(&mut timeline, 1_000);
    let first = node(&timeline, S1).gauge.expect("it has one");
    assert_eq!((first.level, first.line), (None, Some(500)));
    assert_eq!(first.words, "– until 5 calls, opens at 50 %");
    press(&mut timeline, "Service", "errors");
    let mut before = 0;
    while node(&timeline, S1).word == "closed" {
        let gauge = node(&timeline, S1).gauge.expect("it has one");
        before = gauge.level.unwrap_or(0);
        assert!(before < 500, "it is still closed");
        timeline.step().expect("far from any limit");
    }
    let open = node(&timeline, S1).gauge.expect("it keeps it");
    assert!(before >= 400 && open.level >= Some(500), "{before} {open:?}");
}

/// What is late is on its way first, and then in the tray.
#[test]
fn a_late_result_falls_into_the_tray() {
    let mut timeline = stage(&[]);
    wait(&mut timeline, 2_000);
    press(&mut timeline, "Service", "errors");
    until(&mut timeline, "open");
    let falling = |timeline: &Timeline| {
        let all = scene(timeline).tokens;
        all.into_iter().find(|token| token.label == "late")
    };
    while falling(&timeline).is_none() {
        timeline.step().expect("far from any limit");
    }
    let token = falling(&timeline).expect("it falls");
    let caller = node(&timeline, S1);
    let tray = caller.tray.expect("it has one");
    assert!(tray.items.is_empty() && tray.word == "1 late", "{tray:?}");
    let (start, end) = (token.position(token.sent_us), token.position(token.arrives_us));
    assert!(end.y > start.y + 100.0, "it falls: {start:?} {end:?}");
    let inside = Point::new(caller.at.x + tray.at.x, caller.at.y + tray.at.y);
    assert!((end.x - inside.x).abs() < 50.0 && (end.y - inside.y).abs() < 18.0, "into the tray");
    wait(&mut timeline, 400);
    assert_eq!(node(&timeline, S1).tray.expect("it has one").items.len(), 1);
}

/// Every probe has a socket with a lease of its own, and the switch is ajar.
#[test]
fn every_socket_burns_by_itself() {
    let (probes, slow) = (SettingValue::Count(3), SettingValue::Time { us: 900_000 });
    let mut timeline = stage(&[("probes", probes), ("latency", slow)]);
    press(&mut timeline, "Timeout", "5 s");
    press(&mut timeline, "By hand", "open");
    let lever = |timeline: &Timeline| {
        scene(timeline).links.iter().find_map(|link| Some(link.switch?.lever))
    };
    assert_eq!(lever(&timeline), Some(Lever::Open));
    until(&mut timeline, "half-open");
    while node(&timeline, S1).burning.len() < 3 {
        timeline.step().expect("far from any limit");
    }
    let caller = node(&timeline, S1);
    assert_eq!(caller.pips, [Pip::Yes; 3]);
    assert!(caller.burning.windows(2).all(|two| two[0].started_us < two[1].started_us));
    assert_eq!(lever(&timeline), Some(Lever::Ajar));
    until(&mut timeline, "closed");
    assert_eq!(lever(&timeline), Some(Lever::Closed));
}

#[test]
fn each_shard_can_have_a_door_of_its_own() {
    let mut timeline = cast("shards");
    press(&mut timeline, "Per shard", "on");
    press(&mut timeline, "One shard", "errors");
    wait(&mut timeline, 4_500);
    let caller = node(&timeline, S1);
    assert_eq!(caller.word, "1 of 4 shut");
    let words: Vec<&str> = caller.strip.cells.iter().map(|cell| cell.text.as_str()).collect();
    assert_eq!(words, ["open", "closed", "closed", "closed"]);
    assert_eq!(node(&timeline, S2).word, "every call fails");
}

/// Every node with all that hangs below it is inside the frame, and no two bodies touch.
#[test]
fn everything_fits_on_desks_and_phones() {
    for word in CASTS {
        let mut timeline = cast(word);
        wait(&mut timeline, 2_000);
        for frame in [DESK, PHONE, Frame { width: 860.0, height: 464.0 }] {
            let nodes = timeline.lab().scene(frame, 0).nodes;
            let radius = frame.node_radius();
            for (k, node) in nodes.iter().enumerate() {
                let half = node.strip.cell_size(frame).0 * node.strip.cells.len() as f32 / 2.0;
                let aside = half.max(radius);
                let row = if node.strip.cells.is_empty() { 0.0 } else { frame.cell_size().1 + 4.0 };
                let bottom = node.at.y + radius + 20.0 + row;
                let label = format!("{word} {frame:?} {}", node.name);
                assert!(node.at.x - aside >= 0.0 && node.at.x + aside <= frame.width, "{label}");
                assert!(node.at.y - radius - 8.0 >= 0.0 && bottom <= frame.height, "{label}");
                if let Some(tray) = &node.tray {
                    let place = Point::new(node.at.x + tray.at.x, node.at.y + tray.at.y);
                    assert!(place.x + 50.0 <= frame.width && place.y + 16.0 <= frame.height);
                }
                for other in &nodes[k + 1..] {
                    assert!(node.at.distance(other.at) > 2.0 * radius + 20.0, "{label}");
                }
            }
        }
    }
}

/// A thousand calls under way: all their messages are drawn, as a few marks.
#[test]
fn a_crowd_is_a_few_marks() {
    let (load, workers) = (SettingValue::Count(2_000), SettingValue::Count(4_000));
    let mut timeline = stage(&[("load", load), ("workers", workers)]);
    wait(&mut timeline, 2_000);
    let scene = scene(&timeline);
    assert!(scene.is_crowded() && scene.tokens.len() > 500, "{}", scene.tokens.len());
    assert_eq!(scene.network_line, None, "none is left out");
    let mut looks: Vec<u32> = scene.tokens.iter().map(svg::crowd).collect();
    looks.sort_unstable();
    looks.dedup();
    assert_eq!(looks.len(), 2, "calls and answers of one era");
}

/// Whatever is offered can be done, also while nodes are down.
#[test]
fn whatever_is_offered_can_be_done() {
    for word in CASTS {
        let mut timeline = cast(word);
        let nodes = scene(&timeline).nodes.len() as u8;
        let mut targets = vec![Target::Stage];
        for node in (0..nodes).map(NodeId) {
            targets.extend([Target::Node(node), Target::More(node, 1)]);
        }
        for step in 0..6 {
            all_offered_can_be_done(word, timeline.lab(), &scene(&timeline), &targets);
            wait(&mut timeline, 400);
            // Down for every second look.
            let id = NodeId(step / 2 % nodes);
            let fault = if step % 2 == 0 { Fault::Crash(id) } else { Fault::Restart(id) };
            timeline.act(Command::Faults(vec![fault])).expect("it can");
            assert_eq!(node(&timeline, id).word == "down", step % 2 == 0);
        }
    }
}

/// Whatever it stands on: the switches of a caller are beside what hangs below it, or under that.
#[test]
fn no_switch_crosses_the_words_under_a_strip() {
    for (cast, trip) in CASTS.into_iter().flat_map(|cast| [(cast, "failures"), (cast, "rate")]) {
        for frame in [DESK, PHONE, Frame { width: 302.0, height: 416.0 }] {
            let choice = SettingValue::Choice;
            let mut timeline = match trip {
                "failures" => stage(&[("cast", choice(cast))]),
                _ => stage(&[("cast", choice(cast)), ("trip", choice(trip))]),
            };
            wait(&mut timeline, 1_500);
            let scene = timeline.lab().scene(frame, 300_000);
            for link in &scene.links {
                let Some(switch) = &link.switch else { continue };
                let caller = scene.node(link.ends.0).expect("a link begins at a node");
                let Some(gauge) = &caller.gauge else { continue };
                let top = frame.node_radius() + frame.skirt();
                let baseline = top + if gauge.line.is_some() { 22.0 } else { 13.0 };
                let half = gauge.words.chars().count() as f32 * 2.9;
                let middle = link.from.towards(link.to, switch.at);
                let along = link.from.direction(link.to);
                for part in [-1.0, -0.5, 0.0, 0.5, 1.0] {
                    let x = middle.x + along.x * Switch::REACH * part - caller.at.x;
                    let y = middle.y + along.y * Switch::REACH * part - caller.at.y;
                    let crosses = x.abs() < half && y > top && y < baseline + 2.0;
                    assert!(!crosses, "{cast}, {trip}, {frame:?}: {:?} at {x}, {y}", link.ends);
                }
            }
        }
    }
}

/// The painted timeline shows eras of a breaker only while there is one.
#[test]
fn without_a_breaker_there_are_no_eras() {
    let bands = |timeline: &Timeline| {
        let window = Window { from_us: 0, to_us: timeline.now_us() };
        timeline.lab().lane(window, 100).bands
    };
    let off = ("breaker", SettingValue::Choice("off"));
    let mut never = stage(&[("cast", SettingValue::Choice("fleet")), off]);
    wait(&mut never, 2_000);
    assert!(bands(&never).is_empty(), "there never was one");

    let mut later = cast("fleet");
    wait(&mut later, 2_000);
    press(&mut later, "Breaker", "off");
    let taken_away_us = later.now_us();
    wait(&mut later, 2_000);
    let ended = bands(&later);
    assert_eq!(ended.len(), 1);
    assert!(ended[0].to_us <= taken_away_us + 1_000, "{} {taken_away_us}", ended[0].to_us);
    press(&mut later, "Breaker", "on");
    wait(&mut later, 1_000);
    assert_eq!(bands(&later).len(), 2, "a new one begins anew");
}
