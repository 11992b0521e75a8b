//! How the replicated store looks: what a reader sees of sockets, ghosts, siblings, hints, sessions
//! and sides. `UPDATE_EXPECT=1` writes the golden pictures anew.

use expect_test::expect_file;
use rift::export::{View, figure};
use rift::labs::{Ask, Client, Command, LabEntry, LabSettings, Setting, SettingValue};
use rift::scene::{CellLook, ChipState, Frame, NodeView, Pip, Scene, Target};
use rift::sim::{Fault, NodeId, RecordId};
use rift::timeline::Timeline;

use crate::playing::{self, wait};

const S: [NodeId; 5] = [NodeId(0), NodeId(1), NodeId(2), NodeId(3), NodeId(4)];
const DESK: Frame = Frame { width: 860.0, height: 456.0 };
const PHONE: Frame = Frame { width: 372.0, height: 464.0 };

fn cap() -> &'static LabEntry {
    playing::lab("cap")
}

fn store(servers: u8, protocol: &[(&'static str, SettingValue)]) -> Timeline {
    let mut settings = LabSettings::new(servers, 5);
    for (name, value) in protocol {
        settings.tuning.set(Setting { name, value: *value });
    }
    let mut timeline = Timeline::start(cap(), settings);
    wait(&mut timeline, 100);
    timeline
}

const fn word(word: &'static str) -> SettingValue {
    SettingValue::Choice(word)
}

fn act(timeline: &mut Timeline, command: Command) {
    timeline.act(command).expect("it makes sense");
}

fn ask(timeline: &mut Timeline, client: u8, via: NodeId, what: Ask) {
    act(timeline, Command::Ask { client: Client(client), via, what });
}

fn write(timeline: &mut Timeline, client: u8, via: NodeId, value: &str) {
    ask(timeline, client, via, Ask::Write { key: "x".into(), value: value.into() });
}

fn read(timeline: &mut Timeline, client: u8, via: NodeId) {
    ask(timeline, client, via, Ask::Read { key: "x".into() });
}

fn cut(timeline: &mut Timeline, side: &[NodeId]) {
    let others: Vec<NodeId> = S.into_iter().filter(|node| !side.contains(node)).collect();
    act(timeline, Command::Faults(vec![Fault::cut_between(side, &others)]));
}

fn heal(timeline: &mut Timeline) {
    act(timeline, Command::Faults(vec![Fault::HealAll]));
}

fn scene(timeline: &Timeline) -> Scene {
    timeline.lab().scene(DESK, 0)
}

/// What a server shows that it holds, with how it is drawn.
fn cells(view: &NodeView) -> Vec<(&str, CellLook)> {
    view.strip.cells.iter().map(|cell| (cell.text.as_str(), cell.look)).collect()
}

/// Goes on, event by event, until `is_so`, for at most 20 s.
fn until(timeline: &mut Timeline, what: &str, is_so: impl Fn(&Timeline) -> bool) {
    let latest_us = timeline.now_us() + 20_000_000;
    while !is_so(timeline) {
        timeline.step().expect("far from any limit");
        assert!(timeline.now_us() < latest_us, "{what} never came");
    }
}

#[test]
fn acknowledgements_fill_w_sockets_and_a_duplicate_fills_none() {
    let filled = |timeline: &Timeline| {
        let pips = scene(timeline).nodes[0].pips.clone();
        assert_eq!(pips.len(), 3, "W sockets");
        pips.iter().filter(|pip| **pip == Pip::Yes).count()
    };
    let mut timeline = store(5, &[]);
    write(&mut timeline, 1, S[0], "1");
    assert_eq!((filled(&timeline), &*scene(&timeline).nodes[0].word), (0, "x=1: 0 of 3"));
    let mut seen = vec![0];
    while filled(&timeline) < 3 {
        timeline.step().expect("far from any limit");
        seen.push(filled(&timeline));
    }
    seen.dedup();
    assert_eq!(seen, [0, 1, 2, 3], "one after the other");
    assert_eq!(scene(&timeline).clients[0].chips[0].state, ChipState::Done);
    wait(&mut timeline, 500);
    let after = scene(&timeline);
    assert!(after.nodes.iter().all(|node| node.pips.is_empty()));
    assert!(after.nodes.iter().all(|node| cells(node) == [("x=1", CellLook::Solid)]));

    // With S5 alone in reach, its acknowledgement twice is still one.
    cut(&mut timeline, &[S[0], S[4]]);
    write(&mut timeline, 1, S[0], "2");
    let acknowledgement = |timeline: &Timeline| {
        let tokens = scene(timeline).tokens;
        let ack = tokens.iter().find(|token| {
            token.description.starts_with("Acknowledgement") && token.stopped_at.is_none()
        });
        ack.map(|token| RecordId(token.id))
    };
    until(&mut timeline, "an acknowledgement", |timeline| acknowledgement(timeline).is_some());
    let first = acknowledgement(&timeline).expect("it is on its way");
    act(&mut timeline, Command::Faults(vec![Fault::DuplicateMessage(first)]));
    wait(&mut timeline, 150);
    assert_eq!((filled(&timeline), &*scene(&timeline).nodes[0].word), (2, "x=2: 2 of 3"));
    wait(&mut timeline, 100);
    assert_eq!(scene(&timeline).clients[0].chips[0].answer, "unknown, 2 of 3");
}

/// The write that failed to reach a majority does not roll back.
#[test]
fn an_indeterminate_write_leaves_a_ghost_that_spreads_in_the_heal() {
    let mut timeline = store(5, &[]);
    cut(&mut timeline, &[S[0], S[4]]);
    write(&mut timeline, 1, S[0], "1");
    wait(&mut timeline, 250);
    let torn = scene(&timeline);
    assert_eq!(torn.clients[0].chips[0].state, ChipState::Unknown);
    assert_eq!(torn.clients[0].chips[0].answer, "unknown, 2 of 3");
    for (node, holds) in torn.nodes.iter().zip([true, false, false, false, true]) {
        let expected = if holds { vec![("x=1", CellLook::Ghost)] } else { vec![] };
        assert_eq!(cells(node), expected);
        assert_eq!(node.description.contains("unknown to its client"), holds);
    }
    let svg = figure(&timeline, View::Stage, (860, 456)).expect("it fits");
    expect_file!["golden/cap-ghost.svg"].assert_eq(&svg.replace("><", ">\n<"));
    heal(&mut timeline);
    let holders = |timeline: &Timeline| {
        scene(timeline).nodes.iter().filter(|node| !cells(node).is_empty()).count()
    };
    let ghosts = |timeline: &Timeline| {
        let is_ghost = |node: &&NodeView| cells(node) == [("x=1", CellLook::Ghost)];
        scene(timeline).nodes.iter().filter(is_ghost).count()
    };
    assert_eq!((holders(&timeline), ghosts(&timeline)), (2, 2));
    until(&mut timeline, "a third holder", |timeline| holders(timeline) > 2);
    // Now every majority has one who knows it.
    assert_eq!((holders(&timeline), ghosts(&timeline)), (3, 0));
    until(&mut timeline, "everybody", |timeline| holders(timeline) == 5);
}

#[test]
fn a_ghost_is_replaced_by_a_later_write_of_the_other_side() {
    let mut timeline = store(5, &[]);
    cut(&mut timeline, &[S[0], S[4]]);
    write(&mut timeline, 1, S[0], "1");
    wait(&mut timeline, 20);
    write(&mut timeline, 2, S[1], "2");
    wait(&mut timeline, 300);
    assert_eq!(cells(&scene(&timeline).nodes[4]), [("x=1", CellLook::Ghost)]);
    assert_eq!(cells(&scene(&timeline).nodes[1]), [("x=2", CellLook::Solid)]);
    heal(&mut timeline);
    wait(&mut timeline, 5_000);
    for node in scene(&timeline).nodes {
        assert_eq!(cells(&node), [("x=2", CellLook::Solid)]);
    }
}

#[test]
fn in_ap_both_sides_write_and_the_heal_brings_siblings_or_loses_one() {
    for (resolution, left) in [("siblings", 2), ("last-write-wins", 1)] {
        let settings = [("mode", word("ap")), ("resolution", word(resolution))];
        let mut timeline = store(5, &settings);
        cut(&mut timeline, &[S[0], S[4]]);
        wait(&mut timeline, 300);
        write(&mut timeline, 1, S[0], "1");
        wait(&mut timeline, 50);
        write(&mut timeline, 2, S[1], "2");
        wait(&mut timeline, 300);
        heal(&mut timeline);
        wait(&mut timeline, 5_000);
        let healed = scene(&timeline);
        for node in &healed.nodes {
            assert_eq!(node.strip.cells.len(), left, "{resolution}: {}", node.description);
            let side_by_side = node.strip.cells.iter().all(|cell| cell.head.starts_with('∥'));
            assert_eq!(side_by_side, left == 2);
        }
        let first = &healed.clients[0].chips[0];
        let expected = if left == 2 { "ok" } else { "ok, yet lost" };
        assert_eq!((&*first.text, &*first.answer), ("x=1", expected));
        if left == 2 {
            read(&mut timeline, 1, S[0]);
            wait(&mut timeline, 100);
            assert_eq!(scene(&timeline).clients[0].chips[0].answer, "is 1 ∥ 2");
            let svg = figure(&timeline, View::Stage, (860, 456)).expect("it fits");
            expect_file!["golden/cap-siblings.svg"].assert_eq(&svg.replace("><", ">\n<"));
        }
    }
}

#[test]
fn a_delete_leaves_a_tombstone() {
    let mut timeline = store(5, &[]);
    write(&mut timeline, 1, S[0], "1");
    wait(&mut timeline, 100);
    ask(&mut timeline, 1, S[0], Ask::Delete { key: "x".into() });
    wait(&mut timeline, 100);
    for node in scene(&timeline).nodes {
        assert_eq!(cells(&node), [("x †", CellLook::Solid)]);
        assert!(node.description.contains("x deleted"), "{}", node.description);
    }
}

/// Dynamo §4.6.
#[test]
fn a_stand_in_shows_what_it_keeps_for_whom() {
    let three = SettingValue::Count(3);
    let mut timeline = store(5, &[("mode", word("ap-sloppy")), ("n", three)]);
    act(&mut timeline, Command::Faults(vec![Fault::Crash(S[2])]));
    wait(&mut timeline, 400);
    write(&mut timeline, 1, S[0], "1");
    wait(&mut timeline, 100);
    let keeps = |timeline: &Timeline| {
        let nodes = scene(timeline).nodes;
        let kept =
            nodes.iter().flat_map(|node| node.strip.cells.iter().map(move |it| (node.id, it)));
        let kept = kept.filter(|(_, cell)| cell.look == CellLook::Kept);
        kept.map(|(node, cell)| (node, cell.head.clone(), cell.text.clone())).collect::<Vec<_>>()
    };
    assert_eq!(keeps(&timeline), [(S[3], "→ S3".to_owned(), "x=1".to_owned())]);
    assert!(scene(&timeline).nodes[3].description.contains("x=1 kept for S3"));
    act(&mut timeline, Command::Faults(vec![Fault::Restart(S[2])]));
    wait(&mut timeline, 2_000);
    assert!(keeps(&timeline).is_empty(), "it was handed over");
    assert_eq!(cells(&scene(&timeline).nodes[2]), [("x=1", CellLook::Solid)]);
}

fn caption(timeline: &Timeline, links: &[(NodeId, NodeId)]) -> String {
    timeline.lab().stroke_effect(links).caption
}

fn between(side: &[NodeId], others: &[NodeId]) -> Vec<(NodeId, NodeId)> {
    let pair = |a: NodeId, b: NodeId| (a.min(b), a.max(b));
    side.iter().flat_map(|a| others.iter().map(move |b| pair(*a, *b))).collect()
}

#[test]
fn the_caption_of_a_cut_says_who_will_be_served() {
    let two = between(&[S[0], S[4]], &S[1..4]);
    let cp = store(5, &[]);
    let said = "S1 S5 | S2 S3 S4: S1 S5 refuse; S2 S3 S4 read and write";
    assert_eq!(caption(&cp, &two), said);
    let thirds = [two.clone(), between(&[S[1]], &S[2..4])].concat();
    assert!(caption(&cp, &thirds).ends_with("no side has 3 of 5, so everybody refuses"));
    let ap = store(5, &[("mode", word("ap"))]);
    let said = "S1 S5 | S2 S3 S4: both sides read and write, and may part ways";
    assert_eq!(caption(&ap, &two), said);
    let four = SettingValue::Count(4);
    let ap = store(5, &[("mode", word("ap")), ("w", four)]);
    assert!(caption(&ap, &two).ends_with("S1 S5 only read; S2 S3 S4 only read"));
    let even = store(4, &[]);
    let halves = between(&S[..2], &S[2..4]);
    let said = "S1 S2 | S3 S4: no side has 3 of 4, so everybody refuses";
    assert_eq!(caption(&even, &halves), said);
    let raft = store(5, &[("system", word("raft"))]);
    assert!(caption(&raft, &two).ends_with("S2 S3 S4 still have a majority (3 of 5)"));
    let backup = store(5, &[("system", word("primary-backup"))]);
    let said = "S1 S5 | S2 S3 S4: S1 S5 read and write; S2 S3 S4 refuse";
    assert_eq!(caption(&backup, &two), said);
    let one = between(&[S[0]], &[S[1]]);
    assert!(caption(&cp, &one).ends_with("nobody relays; everyone still reads and writes"));
}

#[test]
fn the_headline_says_what_the_quorum_promises() {
    for (settings, ends) in [
        (vec![], "R + W > N: as if on one copy (linearizable), if clocks agree."),
        (
            vec![("read-repair", word("off"))],
            "R + W > N: reads see the last acknowledged write (regular), if clocks agree.",
        ),
        (vec![("mode", word("ap"))], "AP, N 5, R 1, W 1. R + W ≤ N: reads may be stale."),
    ] {
        let headline = scene(&store(5, &settings)).headline;
        assert!(headline.ends_with(ends), "{headline}");
    }
    for (system, begins) in [("raft", "Raft: "), ("primary-backup", "Primary–backup: S1 orders")]
    {
        let headline = scene(&store(5, &[("system", word(system))])).headline;
        assert!(headline.starts_with(begins), "{headline}");
    }
}

/// Terry et al., 1994: the badge breaks where the read comes back, and stays broken.
#[test]
fn a_session_guarantee_breaks_in_the_moment() {
    let mut timeline = store(5, &[("mode", word("ap")), ("read-repair", word("off"))]);
    cut(&mut timeline, &[S[0], S[4]]);
    wait(&mut timeline, 300);
    write(&mut timeline, 1, S[0], "1");
    wait(&mut timeline, 100);
    let broken = |timeline: &Timeline| scene(timeline).clients[0].note.contains("✗ RYW");
    assert!(!broken(&timeline));
    read(&mut timeline, 1, S[2]);
    until(&mut timeline, "the broken badge", broken);
    let moment = timeline.lab().scene(DESK, 1_000);
    assert!(moment.bursts.iter().any(|burst| burst.reason == "own write missed"));
    assert!(moment.clients[0].description.contains("read your writes ✗ once"));
    assert!(moment.clients[1].description.contains("read your writes ✓"));
    wait(&mut timeline, 500);
    assert!(broken(&timeline) && scene(&timeline).bursts.is_empty());
}

/// Both clients are at home on their own sides, whichever split is chosen.
#[test]
fn splits_from_the_menu_part_the_clients() {
    for servers in 3..=7 {
        let timeline = store(servers, &[]);
        let choices = timeline.lab().choices(Target::Stage);
        let splits: Vec<_> =
            choices.iter().filter(|choice| choice.label.starts_with("Split")).collect();
        assert_eq!(splits.len(), if servers % 2 == 0 { 3 } else { 2 });
        for split in splits {
            let mut timeline = store(servers, &[]);
            act(&mut timeline, split.command.clone().expect("it can be chosen"));
            let line = scene(&timeline).network_line.expect("it is torn");
            assert_eq!(line, split.hint);
            let (left, right) = line.split_once(" | ").expect("there are two sides");
            let right = right.split(':').next().expect("it names them");
            assert!(left.starts_with("S1") && right.starts_with("S2"), "{line}");
        }
    }
}

/// In every system, at every step, on a desk and on a phone: there is a picture, all of it inside
/// of its frame, and words for all of it.
#[test]
fn every_moment_has_a_picture() {
    for system in ["quorum", "raft", "primary-backup"] {
        let mut timeline = store(5, &[("system", word(system))]);
        wait(&mut timeline, 400);
        write(&mut timeline, 1, S[0], "1");
        cut(&mut timeline, &[S[0], S[4]]);
        write(&mut timeline, 2, S[1], "2");
        act(&mut timeline, Command::Faults(vec![Fault::Crash(S[3])]));
        let until_us = timeline.now_us() + 900_000;
        while timeline.now_us() < until_us {
            timeline.step().expect("far from any limit");
            for frame in [DESK, PHONE] {
                let scene = timeline.lab().scene(frame, 1_000);
                for node in &scene.nodes {
                    let (width, _) = node.strip.cell_size(frame);
                    let half = width * node.strip.cells.len() as f32 / 2.0;
                    assert!(node.at.x - half >= 0.0 && node.at.x + half <= frame.width);
                    assert!(!node.word.is_empty() && node.description.len() > 8);
                }
                assert!(scene.tokens.iter().all(|token| !token.description.is_empty()));
                assert!(!scene.headline.is_empty());
            }
        }
        assert!(!timeline.lab().legend().is_empty() && !timeline.lab().reading().is_empty());
    }
}
