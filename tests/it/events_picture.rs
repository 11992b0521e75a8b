//! How the shop looks: what a reader sees of desks, log, read models and customers, and what there
//! is to press. `UPDATE_EXPECT=1` writes the golden picture anew.

use expect_test::expect_file;
use rift::export::{View, figure};
use rift::labs::events::{EventLab, KEEPER};
use rift::labs::{Ask, Client, Command, LabEntry, LabSettings, Setting, SettingValue, WriteFate};
use rift::scene::{CellLook, ChipState, Frame, NodeView, Pip, Scene, Target, Token, Tone};
use rift::sim::{Fault, NodeId};
use rift::timeline::Timeline;

use crate::playing::{self, all_offered_can_be_done, dial, press, wait};

const S1: NodeId = NodeId(0);
const S2: NodeId = NodeId(1);
const DESK: Frame = Frame { width: 650.0, height: 464.0 };
const PHONE: Frame = Frame { width: 372.0, height: 416.0 };

fn events() -> &'static LabEntry {
    playing::lab("events")
}

/// A shop with these settings, in which nothing is on its way.
fn shop(settings: &[(&'static str, &'static str)]) -> Timeline {
    let mut all = LabSettings::new(6, 6);
    for (name, word) in settings {
        all.tuning.set(Setting { name, value: SettingValue::Choice(word) });
    }
    let mut timeline = Timeline::start(events(), all);
    wait(&mut timeline, 400);
    timeline
}

fn scene(timeline: &Timeline) -> Scene {
    timeline.lab().scene(DESK, 0)
}

fn node(timeline: &Timeline, id: NodeId) -> NodeView {
    scene(timeline).node(id).expect("it is there").clone()
}

fn chosen(timeline: &Timeline, label: &str) -> String {
    let options = dial(timeline, label).options.into_iter();
    options.filter(|option| option.chosen).map(|option| option.label).collect()
}

/// The latest request of a customer and its answer, as the chip has it.
fn chip(timeline: &Timeline, customer: usize) -> (String, String, ChipState) {
    let chip = scene(timeline).clients[customer].chips[0].clone();
    (chip.text, chip.answer, chip.state)
}

/// Goes on, event by event, until `is_so`, for at most 2 s.
fn until(timeline: &mut Timeline, what: &str, is_so: impl Fn(&Timeline) -> bool) {
    let latest_us = timeline.now_us() + 2_000_000;
    while !is_so(timeline) {
        timeline.step().expect("far from any limit");
        assert!(timeline.now_us() < latest_us, "{what} never came");
    }
}

fn token(timeline: &Timeline, label: &str) -> Option<Token> {
    scene(timeline).tokens.into_iter().find(|token| token.label == label)
}

fn text(view: &NodeView) -> Vec<&str> {
    view.strip.cells.iter().map(|cell| cell.text.as_str()).collect()
}

#[test]
fn two_writers_race_for_the_last_mug_and_a_reader_sees_who_was_quicker() {
    let mut timeline = shop(&[]);
    assert_eq!(scene(&timeline).headline, "6 events: 4 tea and 1 mug left, 24 € paid.");
    press(&mut timeline, "Ann", "take mug");
    press(&mut timeline, "Ben", "take mug");
    until(&mut timeline, "two appends on the same version", |timeline| {
        [S1, S2].iter().all(|desk| node(timeline, *desk).detail == "on v3")
    });
    until(&mut timeline, "the refusal", |timeline| token(timeline, "is v4").is_some());
    let no = token(&timeline, "is v4").expect("it is on its way");
    assert_eq!(no.tone, Tone::Bad);
    assert!(no.description.contains("expected version 3, actual version 4"), "{}", no.description);
    let log = node(&timeline, KEEPER);
    let last = log.strip.cells.last().expect("it has events");
    assert_eq!(last.head, "7 · v4");
    let svg = figure(&timeline, View::Stage, (650, 464)).expect("it fits");
    expect_file!["golden/events-race.svg"].assert_eq(&svg.replace("><", ">\n<"));
    wait(&mut timeline, 300);
    let loser = if chip(&timeline, 0).1 == "conflict" { 0 } else { 1 };
    let (name, other) = [("Ann", "Ben"), ("Ben", "Ann")][loser];
    assert_eq!(chip(&timeline, loser), chip_of("take mug", "conflict", ChipState::Refused));
    assert_eq!(chip(&timeline, 1 - loser), chip_of("take mug", "ok", ChipState::Done));
    assert_eq!(scene(&timeline).headline, "7 events: 4 tea and no mugs left, 24 € paid.");
    press(&mut timeline, name, "retry");
    wait(&mut timeline, 300);
    assert_eq!(chip(&timeline, loser), chip_of("mug again", "sold out", ChipState::Refused));
    let note = &scene(&timeline).clients[1 - loser].note;
    assert!(note.contains("owes"), "{other}: {note}");
}

fn chip_of(text: &str, answer: &str, state: ChipState) -> (String, String, ChipState) {
    (text.to_owned(), answer.to_owned(), state)
}

#[test]
fn without_the_check_a_mug_is_sold_twice_and_the_headline_says_so() {
    let mut timeline = shop(&[]);
    press(&mut timeline, "Version check", "off");
    assert!(scene(&timeline).headline.ends_with("so the last writer wins."));
    press(&mut timeline, "Ann", "take mug");
    press(&mut timeline, "Ben", "take mug");
    wait(&mut timeline, 300);
    assert!(scene(&timeline).headline.contains("−1 mugs left"), "{}", scene(&timeline).headline);
    assert_eq!(text(&node(&timeline, NodeId(4))), ["4", "−1"]);
    for customer in [0, 1] {
        assert_eq!(chip(&timeline, customer), chip_of("take mug", "ok", ChipState::Done));
    }
}

#[test]
fn a_lost_reply_leaves_a_customer_who_does_not_know_and_a_retry_is_recognised() {
    let mut timeline = shop(&[]);
    press(&mut timeline, "Ben", "pay");
    until(&mut timeline, "the append", |timeline| token(timeline, "Ben 4.50 €").is_some());
    let cut = timeline.lab().choices(Target::Stage).into_iter().find(|choice| {
        choice.label == "Cut S2 from the log" && choice.hint == "S2 cannot reach the log"
    });
    // The append is through, its answer is not.
    until(&mut timeline, "it is there", |timeline| node(timeline, KEEPER).detail == "7 events");
    timeline.act(cut.and_then(|choice| choice.command).expect("it can be chosen")).expect("it can");
    assert_eq!(scene(&timeline).network_line.as_deref(), Some("S2 cannot reach the log"));
    wait(&mut timeline, 400);
    assert_eq!(chip(&timeline, 1), chip_of("pay", "unknown", ChipState::Unknown));
    let fates = timeline.lab().outcome().writes;
    assert_eq!(fates, [("Ben: pay".to_owned(), WriteFate::Ghost)]);
    timeline.act(Command::Faults(vec![Fault::HealAll])).expect("something is cut");
    press(&mut timeline, "Ben", "retry");
    wait(&mut timeline, 300);
    assert_eq!(chip(&timeline, 1), chip_of("pay again", "was done", ChipState::Done));
    assert_eq!(node(&timeline, KEEPER).detail, "7 events", "nothing happened twice");
    press(&mut timeline, "Retry", "fresh id");
    press(&mut timeline, "Ben", "retry");
    wait(&mut timeline, 300);
    assert_eq!(chip(&timeline, 1), chip_of("pay again", "ok", ChipState::Done));
    let ben = &scene(&timeline).clients[1];
    assert_eq!(ben.note, "paid 4.50 € too much");
}

#[test]
fn an_event_that_is_not_durable_is_loose_and_one_that_was_lost_is_told() {
    let mut timeline = shop(&[("answer", "at-once")]);
    press(&mut timeline, "Crash", "before durable");
    press(&mut timeline, "Ann", "take tea");
    until(&mut timeline, "the crash", |timeline| node(timeline, KEEPER).word == "down");
    assert_eq!(chosen(&timeline, "Crash"), "never", "it comes once");
    wait(&mut timeline, 300);
    let headline = scene(&timeline).headline;
    assert!(headline.starts_with("The log’s server is down"), "{headline}");
    let restart = timeline.lab().choices(Target::Node(KEEPER)).swap_remove(0);
    timeline.act(restart.command.expect("it can be chosen")).expect("it is down");
    wait(&mut timeline, 300);
    assert_eq!(node(&timeline, KEEPER).detail, "6 events");

    let mut timeline = shop(&[]);
    press(&mut timeline, "Ann", "take tea");
    until(&mut timeline, "an append", |timeline| node(timeline, KEEPER).detail == "7 events");
    let log = node(&timeline, KEEPER);
    assert_eq!(log.word, "log, 1 not durable");
    let looks: Vec<CellLook> = log.strip.cells.iter().map(|cell| cell.look).collect();
    assert_eq!(looks, [CellLook::Solid, CellLook::Solid, CellLook::Loose]);
    until(&mut timeline, "it is durable", |timeline| node(timeline, KEEPER).word == "log");
}

#[test]
fn a_read_model_shows_how_far_it_is_behind_and_what_is_in_it_twice() {
    let mut timeline = shop(&[]);
    timeline
        .act(Command::Faults(vec![Fault::cut_between(&[KEEPER], &[NodeId(3)])]))
        .expect("it is");
    assert_eq!(scene(&timeline).network_line.as_deref(), Some("S4 hears of nothing new"));
    press(&mut timeline, "Ann", "take tea");
    wait(&mut timeline, 100);
    press(&mut timeline, "Ann", "take tea");
    wait(&mut timeline, 100);
    let carts = node(&timeline, NodeId(3));
    assert_eq!((&*carts.word, &*carts.detail), ("carts, 2 behind", "at 6"));
    assert_eq!(carts.pips, [Pip::Open, Pip::Open]);
    assert_eq!(node(&timeline, NodeId(4)).word, "stock");
    timeline.act(Command::Faults(vec![Fault::HealAll])).expect("something is cut");
    wait(&mut timeline, 2_000);
    assert_eq!(text(&node(&timeline, NodeId(3))), ["tea 2", "tea 1", "mug 2"]);

    press(&mut timeline, "Checkpoint", "state first");
    press(&mut timeline, "Crash", "between writes");
    press(&mut timeline, "Ann", "take tea");
    let down = |timeline: &Timeline| {
        scene(timeline).nodes.into_iter().find(|node| node.hatched).map(|node| node.id)
    };
    until(&mut timeline, "the crash", |timeline| down(timeline).is_some());
    let model = down(&timeline).expect("one is down");
    assert_eq!(node(&timeline, model).word, "down, has 9", "the state is ahead of its position");
    timeline.act(Command::Faults(vec![Fault::Restart(model)])).expect("it is down");
    wait(&mut timeline, 1_000);
    let twice = node(&timeline, model);
    assert!(twice.word.ends_with(", 9 twice") && twice.tone == Tone::Bad, "{}", twice.word);
    let rebuild = timeline.lab().choices(Target::Node(model)).swap_remove(0);
    assert_eq!(rebuild.label, "Rebuild");
    timeline.act(rebuild.command.expect("it can be chosen")).expect("it is up");
    wait(&mut timeline, 1_000);
    assert_eq!(node(&timeline, model).tone, Tone::Calm);
}

/// Desks speak to the log, the log to read models, and nobody else to anybody.
#[test]
fn only_links_that_anything_is_sent_on_are_drawn_and_can_be_torn() {
    let timeline = shop(&[]);
    for frame in [DESK, PHONE] {
        let scene = timeline.lab().scene(frame, 0);
        assert_eq!(scene.links.len(), 5);
        let is_used = |(a, b)| a == KEEPER || b == KEEPER;
        assert!(scene.links.iter().all(|link| is_used(link.ends)));
    }
    let scene = scene(&timeline);
    let link = &scene.links[0];
    let across = link.from.direction(link.to).right();
    let middle = link.from.towards(link.to, 0.5);
    let stroke = [middle.moved(across, -20.0), middle.moved(across, 20.0)];
    let crossed = scene.links_crossed(&stroke);
    assert_eq!(crossed, [(S1, KEEPER)]);
    assert_eq!(timeline.lab().stroke_effect(&crossed).caption, "S1 cannot reach the log");
    let links = timeline.lab().choices(Target::More(S2, 1));
    assert_eq!(links.len(), 2, "its link, and the way back");
}

/// What the cut of one direction means depends on which.
#[test]
fn a_lost_direction_is_told_from_a_lost_link() {
    for (from, to, said) in [
        (S1, KEEPER, "S1 is not heard by the log"),
        (KEEPER, S1, "S1 is heard by the log and does not hear its answers"),
        (KEEPER, NodeId(5), "S6 hears of nothing new"),
        (NodeId(5), KEEPER, "S6 hears and cannot say so"),
    ] {
        let mut timeline = shop(&[]);
        timeline.act(Command::Faults(vec![Fault::Cut(vec![(from, to)])])).expect("it is a link");
        assert_eq!(scene(&timeline).network_line.as_deref(), Some(said));
    }
}

#[test]
fn customers_have_a_row_of_acts_each_and_what_cannot_be_pressed_says_why() {
    let mut timeline = shop(&[]);
    let labels: Vec<&str> = timeline.lab().dials().iter().map(|dial| dial.label).collect();
    assert_eq!(labels, ["Ann", "Ben", "Version check", "Retry", "Checkpoint", "Crash"]);
    let retry = dial(&timeline, "Ann").options.pop().expect("there are acts");
    assert_eq!((&*retry.label, retry.possible), ("retry", false));
    assert_eq!(retry.hint, "Nothing was asked for yet");
    press(&mut timeline, "Ann", "take tea");
    wait(&mut timeline, 200);
    assert!(dial(&timeline, "Ann").options.iter().all(|act| act.possible && !act.chosen));
    timeline.act(Command::Faults(vec![Fault::Crash(S1)])).expect("it is up");
    assert!(dial(&timeline, "Ann").options.iter().all(|act| !act.possible));
    assert!(dial(&timeline, "Ben").options[0].possible);
    let ask = Command::Ask { client: Client(2), via: S2, what: Ask::Retry };
    assert!(timeline.act(ask).is_err(), "Ben has asked for nothing");
}

/// Whatever a menu or a dial offers is taken by the shop, at every step of a run in which much goes
/// wrong, on one log and on a cluster.
#[test]
fn whatever_is_offered_can_be_done() {
    for settings in [vec![], vec![("log", "raft")]] {
        let mut timeline = shop(&settings);
        let nodes = scene(&timeline).nodes.len() as u8;
        let mut targets: Vec<Target> = vec![Target::Stage];
        for node in (0..nodes).map(NodeId) {
            targets.extend([Target::Node(node), Target::More(node, 1)]);
            targets.extend([1, 2].map(|client| Target::Client(client, Some(node))));
        }
        targets.extend([Target::Client(1, None), Target::Client(2, None)]);
        for step in 0..10 {
            let of = format!("{settings:?}");
            all_offered_can_be_done(&of, timeline.lab(), &scene(&timeline), &targets);
            if step % 3 == 0 {
                press(&mut timeline, ["Ann", "Ben"][step % 2], "take tea");
            }
            let node = NodeId(step as u8 % nodes);
            let up = EventLab::of(timeline.lab()).expect("it is the shop").cluster().process(node);
            let fault = if up.is_some() { Fault::Crash(node) } else { Fault::Restart(node) };
            wait(&mut timeline, 35);
            timeline.act(Command::Faults(vec![fault])).expect("it can");
            wait(&mut timeline, 35);
            timeline.act(Command::Faults(vec![Fault::Restart(node)])).expect("it is down");
        }
    }
}

#[test]
fn on_a_cluster_every_server_stands_with_the_events_that_it_has_made() {
    let mut timeline = shop(&[("log", "raft")]);
    wait(&mut timeline, 1_000);
    let crowns = |timeline: &Timeline| {
        let nodes = scene(timeline).nodes;
        nodes.iter().filter(|node| node.crown).count()
    };
    assert_eq!(crowns(&timeline), 1);
    let labels: Vec<&str> = timeline.lab().dials().iter().map(|dial| dial.label).collect();
    assert_eq!(labels, ["Ann", "Ben", "Retry"]);
    assert_eq!(scene(&timeline).links.len(), 10, "all speak to all");
    press(&mut timeline, "Ann", "take mug");
    wait(&mut timeline, 500);
    assert_eq!(chip(&timeline, 0), chip_of("take mug", "ok", ChipState::Done));
    for node in scene(&timeline).nodes {
        assert_eq!(node.detail, "7 events");
        assert_eq!(node.strip.cells.last().map(|cell| cell.text.as_str()), Some("Ann +mug"));
    }
    assert!(scene(&timeline).headline.ends_with("7 events: 4 tea and no mugs left, 24 € paid."));
}

/// Nobody who only hears the page misses anything: every part says what it shows.
#[test]
fn everything_is_said_in_words_too() {
    let mut timeline = shop(&[]);
    press(&mut timeline, "Ann", "take mug");
    wait(&mut timeline, 300);
    let scene = scene(&timeline);
    let said = |id: u8| scene.nodes[usize::from(id)].description.as_str();
    assert_eq!(said(0), "S1 desk: nobody waits");
    assert!(said(2).starts_with("S3 log 7 events: 3 earlier; 4 Cleo took a mug;"), "{}", said(2));
    assert_eq!(said(3), "S4 carts at 7: Ann has 1 mug, Ben has 1 tea, Cleo has 2 mugs");
    assert_eq!(said(4), "S5 stock at 7: 4 tea left, no mugs left");
    assert_eq!(said(5), "S6 payments at 7: Ann paid 0 €, Ben paid 0 €, Cleo paid 24 €");
    let ann = &scene.clients[0].description;
    assert_eq!(ann, "Ann, a customer, asks S1, owes 12 €. take mug: ok");
    let table = timeline.lab().table();
    assert_eq!(table.rows.len(), 6);
    assert!(table.rows.iter().all(|row| row.len() == table.head.len()));
    assert_eq!(table.rows[3][1..], ["carts", "up", "7", &said(3)["S4 carts at 7: ".len()..]]);
    let customers = timeline.lab().client_table();
    assert_eq!(
        customers.rows[0].last().map(String::as_str),
        Some("take mug via S1: ok, at position 7")
    );
}
