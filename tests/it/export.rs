//! Runs and pictures as files. `UPDATE_EXPECT=1` writes the golden files anew.

mod cap;
mod events;
mod moving;
mod records;

use std::fmt::Write;

use expect_test::expect_file;
use rift::export::{
    ExportError, ImportError, Imported, Recording, View, figure, import, limits, link, mermaid,
    script,
};
use rift::labs::{Command, LABS, LabSettings, SCRIPTED};
use rift::link::{BadLink, Link};
use rift::scenario::{parse, play};
use rift::scene::Window;
use rift::session::{Run, Session};
use rift::sim::{Fault, NodeId};
use rift::timeline::{Timeline, Tree};

/// A scenario that ships, played to its end.
fn shipped(name: &str) -> (Run, u64) {
    let mut all = SCRIPTED.iter().flat_map(|entry| entry.scenarios);
    let shipped = all.find(|shipped| shipped.name == name).expect("it ships");
    let report = play(&parse(shipped.text).expect("it parses")).expect("it can be played");
    (report.run, report.ended_us)
}

fn timeline(run: &Run, at_us: u64) -> Timeline {
    let tree = Tree::of_actions(run.actions.clone());
    let entry = LABS.iter().find(|entry| entry.name == run.lab).expect("it is a lab");
    let mut timeline = Timeline::of_tree(entry, run.settings.clone(), tree);
    timeline.seek(at_us).expect("far from any limit");
    timeline
}

/// Faults of all sorts, copies, held-back messages, and words that no format likes.
fn troubled() -> (Run, u64) {
    let mut session = Session::start(&LABS[0], LabSettings::new(3, 5));
    session.advance_to(200_000).expect("far from any limit");
    let lane = session.lab().lane(Window::new(0, 200_000), 100);
    let leader = lane.bands.iter().find_map(|band| band.leader.clone()).expect("one leads").0;
    let other = |by: u8| NodeId((leader.0 + by) % 3);
    let mut act = |at_us, command| {
        session.advance_to(at_us).expect("far from any limit");
        session.act(command).expect("it makes sense");
    };
    act(205_000, Command::write(leader, NASTY, "\u{2028}\0;#%%<br/>"));
    act(206_000, Command::Faults(vec![Fault::Pause(other(1))]));
    act(210_000, Command::Faults(vec![Fault::Cut(vec![(leader, other(2))])]));
    act(230_000, Command::Faults(vec![Fault::Resume(other(1))]));
    act(240_000, Command::Faults(vec![Fault::HealAll]));
    act(250_000, Command::Faults(vec![Fault::Crash(other(2))]));
    act(270_000, Command::Faults(vec![Fault::Restart(other(2))]));
    session.advance_to(280_000).expect("far from any limit");
    loop {
        let due_us = session.lab().next_due_us().expect("timers run");
        session.advance_to(due_us).expect("far from any limit");
        let scene = session.lab().scene(FRAME, 0);
        if let Some(token) = scene.tokens.last() {
            let message = rift::sim::RecordId(token.id);
            let acts = [Fault::DuplicateMessage(message), Fault::DelayMessage(message, 7_000)];
            for fault in acts {
                session.act(Command::Faults(vec![fault])).expect("it is on its way");
            }
            break;
        }
    }
    let ended_us = session.lab().now_us() + 60_000;
    session.advance_to(ended_us).expect("far from any limit");
    (session.run().clone(), ended_us)
}

const NASTY: &str = "\"k\\e\ny\t{}: -->>S9";
const FRAME: rift::scene::Frame = rift::scene::Frame { width: 860.0, height: 456.0 };

/// Whether every element is closed in its turn, and text and attributes are what XML takes.
fn assert_well_formed(svg: &str) {
    let (mut open, mut rest) = (Vec::new(), svg);
    while let Some(at) = rest.find('<') {
        let text = &rest[..at];
        let odd = |letter: char| letter.is_control() && letter != '\n';
        assert!(!text.contains(odd), "XML has no such letter: {text:?}");
        for entity in text.split('&').skip(1) {
            assert!(["amp;", "lt;", "gt;", "quot;"].iter().any(|known| entity.starts_with(known)));
        }
        rest = &rest[at + 1..];
        let end = rest.find('>').expect("a tag ends");
        let tag = &rest[..end];
        rest = &rest[end + 1..];
        assert!(tag.matches('"').count() % 2 == 0 && !tag.contains('<'), "{tag}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "before {}", &rest[..rest.len().min(80)]);
        } else if !tag.ends_with('/') {
            open.push(tag.split(' ').next().expect("it has a name"));
        }
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?} {rest}");
}

/// No script, nothing from elsewhere, both colour schemes, and words for those who see nothing.
fn assert_stands_alone(svg: &str) {
    assert_well_formed(svg);
    assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" "));
    for absent in ["<script", "href", "url(http", "@import", "light-dark", " on", "-reach\""] {
        let inside = svg.split_once("<defs>").expect("it has definitions").1;
        assert!(absent == " on" || !svg.contains(absent), "{absent}");
        assert!(!inside.contains("onload=") && !inside.contains("onclick="));
    }
    for present in
        ["prefers-color-scheme:dark", "<title id=\"title\">", "<desc id=\"description\">"]
    {
        assert!(svg.contains(present), "{present}");
    }
    // Every named colour that is used is there.
    for name in svg.split("var(").skip(1) {
        let name = name.split(')').next().expect("it is closed");
        assert!(svg.contains(&format!("{name}:")), "{name}");
    }
}

/// One element a line, so that a change is a change of few lines.
fn lines(svg: &str) -> String {
    svg.replace("><", ">\n<")
}

#[test]
fn the_stage_as_a_still_picture() {
    let (run, ended_us) = shipped("minority-writes");
    let timeline = timeline(&run, 140_000);
    let svg = figure(&timeline, View::Stage, (860, 456)).expect("it fits");
    assert!(svg.contains("At 140.000 ms. S1 leads term 1."), "{svg}");
    assert!(svg.contains("class=\"tear-line\"") && svg.contains("class=\"crown\""));
    expect_file!["golden/stage.svg"].assert_eq(&lines(&svg));
    let window = Window::new(0, ended_us);
    for view in [View::Stage, View::SpaceTime(window), View::Logs, View::Timeline(window)] {
        for size in [(860, 456), (390, 430)] {
            assert_stands_alone(&figure(&timeline, view, size).expect("it fits"));
        }
    }
    // Marks without their rules would be black, or not there at all.
    let part = |view| figure(&timeline, view, (860, 456)).expect("it fits");
    for rule in [".arrow-line{", ".life-line{fill:none", ".view-svg .life-name{"] {
        assert!(part(View::SpaceTime(window)).contains(rule), "{rule}");
    }
    for rule in [".log-cell rect{", ".view-svg .log-name{"] {
        assert!(part(View::Logs).contains(rule), "{rule}");
    }
    for (size, what) in [((199, 456), "width"), ((860, 4_001), "height")] {
        let refused = figure(&timeline, View::Stage, size);
        assert!(matches!(refused, Err(ExportError::Size(which, _)) if which == what));
    }
}

#[test]
fn a_sequence_diagram() {
    let (run, ended_us) = shipped("minority-writes");
    let recording = Recording::of_run(&run, ended_us).expect("it is short");
    let window = Window::new(95_000, 140_000);
    expect_file!["golden/sequence.mmd"].assert_eq(&mermaid(&recording, window));
}

fn assert_mermaid_reads(text: &str) {
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("sequenceDiagram"));
    for line in lines {
        let line = line.strip_prefix("    ").expect("it is indented");
        let is_note = line.starts_with("Note over S") && line.contains(": ");
        let arrows = ["-->>S", "->>S", "--xS", "-xS", "--)S", "-)S"];
        let is_message = arrows.iter().any(|arrow| line[2..].starts_with(arrow));
        assert!(is_note || is_message || line.starts_with("participant S"), "{line}");
        let plain = line.replace("<br/>", "").replace("-->>", "").replace("->>", "");
        // `#60;` is a letter by its number; nothing else may have these signs.
        let mut parts = plain.split('#');
        assert!(!parts.next().expect("the first").contains([';', '<', '>', '%']), "{line}");
        for part in parts {
            let (number, rest) = part.split_once(';').expect("it is closed");
            assert!(number.bytes().all(|digit| digit.is_ascii_digit()), "{line}");
            assert!(!rest.contains([';', '<', '>', '%']), "{line}");
        }
    }
}

/// Whatever a run holds, every line is one that Mermaid reads, and lost messages look lost.
#[test]
fn a_sequence_diagram_of_a_troubled_run() {
    let (run, ended_us) = troubled();
    let recording = Recording::of_run(&run, ended_us).expect("it is short");
    let text = mermaid(&recording, Window::new(200_000, ended_us));
    assert_mermaid_reads(&text);
    for part in ["-x", "(cut)", "(copy)", "is paused", "crashes", "starts again", "heal"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

/// A long run is bounded, and says what is not there; heartbeats go first.
#[test]
fn a_sequence_diagram_says_what_it_leaves_out() {
    let mut session = Session::start(&LABS[0], LabSettings::new(5, 5));
    session.advance_to(20_000_000).expect("far from any limit");
    let recording = Recording::of_run(session.run(), 20_000_000).expect("it fits");
    let text = mermaid(&recording, Window::new(0, 20_000_000));
    let messages = text.lines().filter(|line| !line.contains("Note") && line.contains(": "));
    assert!(messages.count() <= limits::MERMAID_MESSAGES);
    assert!(text.contains("messages are left out") && !text.contains("heartbeat"), "{text}");
    assert!(text.contains("RequestVote, term 1") && text.len() < 50_000);
}

/// A script and a link lead back to the same history.
#[test]
fn what_is_written_can_be_imported() {
    for (run, ended_us) in [shipped("minority-writes"), shipped("log-repair"), troubled()] {
        let here = timeline(&run, ended_us);
        let hash = here.lab().history_hash();
        let Ok(Imported::Script(scenario)) = import(&script(&run, ended_us)) else {
            panic!("it is a script");
        };
        let report = play(&scenario).expect("it can be played");
        assert_eq!((report.history_hash, report.ended_us), (hash, ended_us));
        for around in [link(&here), format!("  https://example.org/a?b=c#{}\n", link(&here))] {
            let Ok(Imported::Link(found)) = import(&around) else {
                panic!("it is a link");
            };
            assert_eq!(*found, Link::of_timeline(&here, None));
        }
    }
    let (run, _) = shipped("minority-writes");
    let early = script(&run, 200_000);
    assert!(early.contains("write x=1") && !early.contains("write x=2"), "{early}");
    assert!(early.ends_with("at 200ms\n"), "{early}");
}

/// Each refusal says what is wrong, and where.
#[test]
fn what_cannot_be_imported_says_why() {
    let mut told = String::new();
    for text in [
        "",
        " \n\t\n",
        "hello",
        "# only a comment\n",
        "rift 1\nlab raft\n\nuntil laeder\n",
        "\u{feff}# with a comment first\nrift 2\nlab raft\n",
        "rift 1\nlab raft\nwrite \"x",
        "run=1.AAAA",
        "https://example.org/#run=7.AAAA",
        "https://example.org/#run=1.B!",
        "https://example.org/#run=",
        "see https://example.org/ please\n",
        "{\"id\":0}",
        "<svg/>",
    ] {
        let error = import(text).expect_err("it cannot be imported");
        writeln!(told, "{text:?}\n    {error}").expect("it is a string");
    }
    expect_file!["golden/import.txt"].assert_eq(&told);
}

/// A megabyte of anything is refused, and takes no more than reading it.
#[test]
fn a_megabyte_of_rubbish_is_refused() {
    let most = limits::IMPORT_BYTES;
    assert_eq!(import(&"a".repeat(most + 1)), Err(ImportError::TooLong(most + 1)));
    assert_eq!(import(&"a".repeat(most)), Err(ImportError::Neither));
    assert_eq!(import(&"\n#".repeat(most / 2)), Err(ImportError::Neither));
    assert_eq!(import(&"\u{1F980}".repeat(most / 4)), Err(ImportError::Neither));
    let long = |start: &str, more: &str| start.to_owned() + &more.repeat((most - 40) / more.len());
    assert_eq!(import(&long("run=1.", "A")), Err(ImportError::Link(BadLink::TooLong)));
    for (start, more) in [
        ("rift 1\nlab raft\n", "x"),
        ("rift 1\nlab raft\n", "heal\n"),
        ("rift 1\nlab raft\n", "\"\\u{"),
        ("rift 1\nlab raft\ncut S1 |", " S2"),
        ("rift ", "1 "),
    ] {
        let refused = import(&long(start, more));
        let is_told = matches!(&refused, Err(ImportError::Script(error)) if error.line > 0);
        assert!(is_told || refused.is_ok() && more == " S2", "{start} {more}");
    }
}
