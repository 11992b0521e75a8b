//! The three pictures of a run and its painted timeline, from real runs, as golden SVG.
//!
//! `UPDATE_EXPECT=1` writes the golden files anew. `RIFT_PICTURES=<folder>` writes pages to look
//! at.

use std::path::Path;

use expect_test::expect_file;
use rift::labs::{
    Command, Explained, LABS, Lab, LabSettings, SCRIPTED, Setting, SettingValue, explained,
};
use rift::scenario::{parse, play};
use rift::scene::log_matrix::{self, LogWindow};
use rift::scene::space_time::{self, ArrowFate, LeftOut, SpanLook};
use rift::scene::time_strip;
use rift::scene::{Frame, Highlight, MarkKind, Spacing, Thing, Window};
use rift::session::{Run, Session};
use rift::sim::{Fault, NodeId};
use rift::timeline::{Timeline, Tree};

const DESK: Frame = Frame { width: 1_100.0, height: 420.0 };
const PHONE: Frame = Frame { width: 390.0, height: 430.0 };

fn shipped(name: &str) -> (Run, u64) {
    let mut all = SCRIPTED.iter().flat_map(|entry| entry.scenarios);
    let shipped = all.find(|shipped| shipped.name == name).expect("it ships");
    let report = play(&parse(shipped.text).expect("it parses")).expect("it can be played");
    (report.run, report.ended_us)
}

fn at(name: &str, at_us: u64) -> Session {
    let (run, _) = shipped(name);
    Session::replay(&LABS[0], &run, at_us).expect("far from any limit")
}

fn look(lab: &dyn Lab) -> &dyn Explained {
    explained(lab).expect("this lab explains")
}

/// A picture: what is drawn, and what is lit above it.
fn svg(frame: Frame, base: &str, lit: &str, ahead: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"view-svg\" data-lit=\"{}\" \
         width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\">\
         <defs><pattern id=\"hatch\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" \
         patternTransform=\"rotate(45)\"><path d=\"M0 0V7\" class=\"hatch-line\"/></pattern></defs>\
         <g class=\"view-base\">{base}</g>{lit}{ahead}</svg>\n",
        !lit.is_empty(),
        w = frame.width as u32,
        h = frame.height as u32,
    )
}

fn space_time_svg(
    lab: &dyn Lab,
    window: Window,
    spacing: Spacing,
    frame: Frame,
    highlight: &Highlight,
) -> String {
    let picture = look(lab).space_time(window, spacing).expect("Raft has one");
    let layout = space_time::Layout::new(&picture, frame);
    svg(
        frame,
        &space_time::svg::base(&picture, &layout),
        &space_time::svg::lit(&picture, &layout, highlight),
        &space_time::svg::playhead(&layout, picture.now_us),
    )
}

fn log_svg(lab: &dyn Lab, frame: Frame, highlight: &Highlight) -> String {
    let layout = log_matrix::Layout::new(5, frame);
    let window = LogWindow::at_end(look(lab).last_log_index(), layout.columns());
    let matrix = look(lab).log_matrix(window).expect("Raft has one");
    let lit = log_matrix::svg::lit(&matrix, &layout, highlight);
    svg(frame, &log_matrix::svg::base(&matrix, &layout), &lit, "")
}

fn strip_svg(timeline: &Timeline, window: Window, width: f32) -> String {
    let lanes = timeline.tree().shown().count();
    let layout = time_strip::Layout::new(window, lanes, width);
    let strip = timeline.strip(window, layout.buckets());
    let heads = time_strip::svg::playheads(&strip, &layout);
    svg(layout.frame, &time_strip::svg::base(&strip, &layout), "", &heads)
}

/// One element a line, so that a change is a change of few lines.
fn lines(svg: &str) -> String {
    svg.replace("><", ">\n<")
}

/// A run with a branch: cut the leader off, and what if not.
fn branched() -> Timeline {
    let (run, ended_us) = shipped("minority-writes");
    let tree = Tree::of_actions(run.actions.clone());
    let mut timeline = Timeline::of_tree(&LABS[0], run.settings, tree);
    timeline.seek(ended_us).expect("far from any limit");
    timeline.seek(ended_us / 3).expect("it was there");
    timeline.act(Command::Faults(vec![Fault::Crash(NodeId(2))])).expect("it runs");
    timeline.advance_to(ended_us * 4 / 5).expect("far from any limit");
    timeline.seek(ended_us * 2 / 3).expect("it was there");
    timeline
}

/// The instant at which a picture of repair is worth most: entries are in conflict.
fn in_conflict() -> Session {
    let (_, ended_us) = shipped("log-repair");
    let mut instants = (0..ended_us).step_by(2_000).map(|at_us| at("log-repair", at_us));
    let conflicts = |session: &Session| {
        let matrix = look(session.lab())
            .log_matrix(LogWindow { first: 1, columns: 9 })
            .expect("Raft has one");
        let cells = matrix.rows.iter().flat_map(|row| &row.cells);
        let apart = cells.filter(|cell| cell.conflicts).count();
        apart >= 2 && matrix.rows.iter().any(|row| row.cells.iter().any(|cell| !cell.durable))
    };
    instants.find(conflicts).expect("the logs went apart")
}

/// A crash, a pause, a slow message, and a log whose beginning is a snapshot.
fn troubled() -> Session {
    let mut settings = LabSettings::new(5, 5);
    for entry in LABS[0].settings {
        if let SettingValue::Switch(_) = entry.default {
            settings.tuning.set(Setting { name: entry.name, value: SettingValue::Switch(true) });
        }
    }
    let mut session = Session::start(&LABS[0], settings);
    session.advance_to(300_000).expect("far from any limit");
    let lane = session.lab().lane(Window::new(0, 300_000), 100);
    let leader = lane.bands.iter().find_map(|band| band.leader.clone()).expect("one leads").0;
    let other = |by: u8| NodeId((leader.0 + by) % 5);
    let mut act = |at_us, command| {
        session.advance_to(at_us).expect("far from any limit");
        session.act(command).expect("it makes sense");
    };
    act(305_000, Command::Faults(vec![Fault::Crash(other(1))]));
    act(315_000, Command::Faults(vec![Fault::Pause(other(2))]));
    for number in 0..7_u32 {
        act(320_000 + u64::from(number) * 6_000, Command::write(leader, "x", number.to_string()));
    }
    act(370_000, Command::Faults(vec![Fault::Resume(other(2))]));
    act(375_000, Command::Faults(vec![Fault::Restart(other(1))]));
    session.advance_to(387_000).expect("far from any limit");
    session
}

/// What a snapshot stands for is one block; a server that is down keeps what its disk holds.
#[test]
fn lives_and_logs_of_a_troubled_cluster() {
    let session = troubled();
    let none = Highlight::default();
    let window = Window::new(295_000, 390_000);
    let lives = space_time_svg(session.lab(), window, Spacing::Time, DESK, &none);
    assert!(lives.contains("life gap") && lives.contains("life paused"));
    // What comes for a paused server arrives, and waits at its door until it goes on.
    let picture = look(session.lab()).space_time(window, Spacing::Time).expect("Raft has one");
    let paused =
        |line: &&space_time::Lifeline| line.spans.iter().any(|span| span.look == SpanLook::Paused);
    let sleeper = picture.lifelines.iter().find(paused).expect("one is paused").node;
    let waited = picture.arrows.iter().filter(|arrow| match arrow.fate {
        ArrowFate::Arrived(record) if arrow.to == sleeper => {
            session.lab().record(record).is_some_and(|(at_us, _)| at_us > arrow.ends_us)
        }
        _ => false,
    });
    assert!(waited.count() >= 5);
    let logs = log_svg(session.lab(), DESK, &none);
    assert!(logs.contains("log-snapshot") && logs.contains("snapshot 1…"), "{logs}");
    let window = LogWindow { first: 1, columns: 12 };
    let covered =
        look(session.lab()).log_matrix(window).expect("Raft has one").rows.into_iter().map(|row| {
            let first = row.cells.first().map_or(u64::MAX, |cell| cell.name.index);
            row.snapshot_through < first
        });
    assert!(covered.into_iter().all(|apart| apart), "no cell lies under a snapshot");
}

/// `UPDATE_EXPECT=1` writes these files anew.
#[test]
fn space_time_of_a_minority() {
    let (_, ended_us) = shipped("minority-writes");
    let session = at("minority-writes", ended_us);
    let window = Window::new(280_000, 320_000);
    let none = Highlight::default();
    let by_time = space_time_svg(session.lab(), window, Spacing::Time, DESK, &none);
    expect_file!["golden/space-time.svg"].assert_eq(&lines(&by_time));
    let by_events = space_time_svg(session.lab(), window, Spacing::Events, PHONE, &none);
    expect_file!["golden/space-time-events-phone.svg"].assert_eq(&lines(&by_events));
}

#[test]
fn logs_that_went_apart() {
    let session = in_conflict();
    let none = Highlight::default();
    expect_file!["golden/logs.svg"].assert_eq(&lines(&log_svg(session.lab(), DESK, &none)));
    expect_file!["golden/logs-phone.svg"].assert_eq(&lines(&log_svg(session.lab(), PHONE, &none)));
}

#[test]
fn a_painted_timeline_with_a_branch() {
    let (_, ended_us) = shipped("minority-writes");
    let svg = strip_svg(&branched(), Window::new(0, ended_us), DESK.width);
    expect_file!["golden/timeline.svg"].assert_eq(&lines(&svg));
}

/// Every message of the window is there once, from its sender to its receiver, and ends as the
/// history says.
#[test]
fn the_diagram_tells_what_happened_to_every_message() {
    let (_, ended_us) = shipped("minority-writes");
    let session = at("minority-writes", ended_us);
    let window = Window::new(100_000, 300_000);
    let picture = look(session.lab()).space_time(window, Spacing::Time).expect("Raft has one");
    assert_eq!(picture.left_out, LeftOut::Nothing);
    let (mut cut, mut arrived) = (0, 0);
    for arrow in &picture.arrows {
        assert!(arrow.sent_us <= window.to_us && arrow.ends_us >= arrow.sent_us);
        match arrow.fate {
            ArrowFate::Arrived(record) => {
                let (at_us, _) = session.lab().record(record).expect("it is in the history");
                assert_eq!(at_us, arrow.ends_us);
                arrived += 1;
            }
            ArrowFate::Lost { permille, reason: "cut", .. } => {
                // The tear is between S2 and S3; the message ends halfway between them.
                let (from, to) = (i32::from(arrow.from.0), i32::from(arrow.to.0));
                let row = from * 1_000 + (to - from) * i32::from(permille);
                assert!((row - 1_500).abs() <= 5, "{arrow:?}");
                cut += 1;
            }
            fate => panic!("nothing else happens here: {fate:?}"),
        }
    }
    assert!(arrived > 20 && cut > 10, "{arrived} {cut}");
    assert_eq!(picture.cuts.len(), 1);
    assert_eq!(picture.cuts[0].label, "S1 S2 | S3 S4 S5");
    let leads = |node: usize| {
        let spans = &picture.lifelines[node].spans;
        spans.iter().any(|span| span.look == SpanLook::Bar)
    };
    assert!(leads(0) && !leads(1));
}

/// A zoomed-in window shows the same messages as the part of a wide one.
#[test]
fn a_narrow_window_shows_what_passes_through_it() {
    let (_, ended_us) = shipped("minority-writes");
    let session = at("minority-writes", ended_us);
    let all = look(session.lab())
        .space_time(Window::new(0, ended_us), Spacing::Time)
        .expect("Raft has one")
        .arrows;
    for from_us in (100_000..ended_us).step_by(7_003) {
        let window = Window::new(from_us, from_us + 3_000);
        let narrow =
            look(session.lab()).space_time(window, Spacing::Time).expect("Raft has one").arrows;
        let passes =
            |a: &&space_time::Arrow| a.sent_us <= window.to_us && a.ends_us >= window.from_us;
        for arrow in all.iter().filter(passes) {
            assert!(narrow.contains(arrow), "{arrow:?} passes through {window:?}");
        }
    }
}

/// A crash is a gap, a pause is hollow, and each begins at its own record.
#[test]
fn lives_have_gaps() {
    let mut session = Session::start(&LABS[0], LabSettings::new(3, 5));
    let mut act = |at_us, fault| {
        session.advance_to(at_us).expect("far from any limit");
        session.act(Command::Faults(vec![fault])).expect("it makes sense");
    };
    act(200_000, Fault::Crash(NodeId(1)));
    act(250_000, Fault::Pause(NodeId(2)));
    act(300_000, Fault::Restart(NodeId(1)));
    act(350_000, Fault::Resume(NodeId(2)));
    session.advance_to(400_000).expect("far from any limit");
    let picture = look(session.lab())
        .space_time(Window::new(150_000, 400_000), Spacing::Time)
        .expect("Raft has one");
    let stretch = |node: usize, look: SpanLook| {
        let mut spans = picture.lifelines[node].spans.iter().filter(|span| span.look == look);
        spans.next().map(|span| (span.from_us, span.to_us))
    };
    assert_eq!(stretch(1, SpanLook::Gap), Some((200_000, 300_000)));
    assert_eq!(stretch(2, SpanLook::Paused), Some((250_000, 350_000)));
    for line in &picture.lifelines {
        let joined = line.spans.windows(2).all(|pair| pair[0].to_us == pair[1].from_us);
        assert!(joined, "a life has no holes: {line:?}");
    }
    let faults = picture.flags.iter().filter(|flag| flag.mark.kind == MarkKind::Fault);
    assert_eq!(faults.count(), 4);
    assert_eq!(session.lab().next_mark_us(200_000, false), Some(250_000));
    assert_eq!(session.lab().next_mark_us(250_000, true), Some(200_000));
}

/// Ten thousand entries, and only what is seen is made.
#[test]
fn a_long_log_costs_what_is_seen_of_it() {
    let mut session = Session::start(&LABS[0], LabSettings::new(3, 5));
    session.advance_to(300_000).expect("far from any limit");
    let lane = session.lab().lane(Window::new(0, 300_000), 100);
    let leader = lane.bands.iter().find_map(|band| band.leader.clone()).expect("one leads").0;
    for number in 0..10_000_u32 {
        session.act(Command::write(leader, "x", number.to_string())).expect("it leads");
        if number % 200 == 199 {
            let now_us = session.lab().now_us();
            session.advance_to(now_us + 40_000).expect("far from any limit");
        }
    }
    let last_index = look(session.lab()).last_log_index();
    assert!(last_index >= 10_000, "{last_index}");
    for first in [1, 5_000, last_index - 10] {
        let matrix =
            look(session.lab()).log_matrix(LogWindow { first, columns: 12 }).expect("Raft has one");
        assert!(matrix.rows.iter().all(|row| row.cells.len() <= 12));
        assert_eq!(matrix.rows[leader.index()].cells[0].name.index, first);
        assert_eq!(matrix.last_index, last_index);
    }
    // The timeline's marks become one where they fall together, and none is lost by it.
    let now_us = session.lab().now_us();
    let lane = session.lab().lane(Window::new(0, now_us), 50);
    let of = |kind| lane.marks.iter().filter(move |mark| mark.kind == kind);
    assert!(of(MarkKind::Write).count() <= 51);
    assert_eq!(of(MarkKind::Write).map(|mark| mark.count).sum::<usize>(), 10_000);
    // Too much for messages; zoomed in, they are there.
    let far = look(session.lab())
        .space_time(Window::new(0, now_us), Spacing::Time)
        .expect("Raft has one");
    assert!(matches!(far.left_out, LeftOut::AllMessages(_)) && far.arrows.is_empty());
    let near = look(session.lab())
        .space_time(Window::new(now_us - 3_000, now_us), Spacing::Time)
        .expect("Raft has one");
    assert!(!near.arrows.is_empty() && near.arrows.len() <= space_time::MOST_ARROWS);
}

/// The painted timeline shows a branch to its end wherever the playhead is.
#[test]
fn a_lane_knows_the_future_of_its_branch() {
    let mut timeline = branched();
    let (_, ended_us) = shipped("minority-writes");
    let window = Window::new(0, ended_us);
    let before = timeline.strip(window, 400);
    assert_eq!(before.lanes.len(), 2);
    assert_eq!(before.lanes[0].reach_us, ended_us);
    assert_eq!(before.lanes[1].fork, Some((0, ended_us / 3)));
    assert_eq!(before.lanes[1].reach_us, ended_us * 4 / 5);
    assert_eq!(before.playheads[0].lane, 1);
    let crash = |mark: &&rift::scene::TimeMark| mark.node == Some(NodeId(2));
    let faults = |lane: &time_strip::Lane| {
        let of = lane.content.marks.iter().filter(|mark| mark.kind == MarkKind::Fault);
        of.filter(crash).count()
    };
    assert_eq!((faults(&before.lanes[0]), faults(&before.lanes[1])), (0, 1));
    timeline.seek(10_000).expect("it was there");
    assert_eq!(timeline.strip(window, 400).lanes, before.lanes, "scrubbing changes no lane");
}

/// A run so long that its beginning was let go still has its lives and terms.
#[test]
fn what_holds_outlives_what_was_let_go() {
    let mut session = Session::start(&LABS[0], LabSettings::new(3, 5));
    session.advance_to(40_000_000).expect("far from any limit");
    let mut lab = session.lab().fork();
    let window = Window::new(39_900_000, 40_000_000);
    let before = look(&*lab).space_time(window, Spacing::Time).expect("Raft has one");
    let half = rift::sim::RecordId(lab.history_len() as u32 / 2);
    lab.let_go_before(half);
    assert!(lab.history_first() > 0, "something was let go");
    assert_eq!(look(&*lab).space_time(window, Spacing::Time).expect("Raft has one"), before);
    assert!(before.lifelines.iter().all(|line| !line.spans.is_empty()));
    assert_eq!(lab.lane(window, 10).bands.len(), 1);
}

#[test]
fn pictures_to_look_at() {
    let Ok(folder) = std::env::var("RIFT_PICTURES") else {
        return;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).expect("it is there");
    let sheets = ["rift", "views", "plots", "lens"];
    let style = sheets.map(|sheet| read(&format!("static/{sheet}.css"))).concat();
    let none = Highlight::default();
    let (_, ended_us) = shipped("minority-writes");
    let minority = at("minority-writes", ended_us);
    let repair = in_conflict();
    let timeline = branched();
    let election = Window::new(275_000, 345_000);
    for (name, frame) in [("desk", DESK), ("phone", PHONE)] {
        for theme in ["light", "dark"] {
            let mut body = String::new();
            let span = if name == "desk" { 70_000 } else { 30_000 };
            let near = Window::new(election.from_us, election.from_us + span);
            for (window, spacing) in [
                (near, Spacing::Time),
                (near, Spacing::Events),
                (Window::new(0, ended_us + 40_000), Spacing::Time),
            ] {
                body += &space_time_svg(minority.lab(), window, spacing, frame, &none);
            }
            let picture =
                look(minority.lab()).space_time(near, Spacing::Time).expect("Raft has one");
            let strong = picture.arrows.iter().find(|arrow| !arrow.entries.is_empty());
            let strong = strong.or(picture.arrows.first()).expect("there are messages");
            let lit = look(minority.lab()).highlight(Thing::Message(strong.id));
            body += &space_time_svg(minority.lab(), near, Spacing::Time, frame, &lit);
            let logs = Frame { height: 330.0, ..frame };
            body += &log_svg(repair.lab(), logs, &none);
            body += &log_svg(repair.lab(), logs, &Highlight::of(Thing::Node(NodeId(1))));
            let troubled = troubled();
            let window = Window::new(295_000, 390_000);
            body += &space_time_svg(troubled.lab(), window, Spacing::Time, frame, &none);
            body += &log_svg(troubled.lab(), logs, &none);
            body += &strip_svg(&timeline, Window::new(0, ended_us), frame.width);
            let page = format!(
                "<!doctype html><html data-theme=\"{theme}\"><style>{style} body {{ margin: 0; \
                 background: var(--card) }} svg {{ margin-bottom: 14px }} .view-svg {{ width: \
                 auto }}</style>{body}"
            );
            let file = Path::new(&folder).join(format!("{name}-{theme}.html"));
            std::fs::write(file, page).expect("the folder is there");
        }
    }
}
