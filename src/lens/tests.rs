//! The lens knows what the page knows, to the last bit.

use super::*;
use crate::labs::{Ask, Client, Command, LABS, LabEntry, LabSettings, Setting, SettingValue};
use crate::link::Link;
use crate::scene::Frame;
use crate::session::Session;
use crate::sim::{Fault, NodeId};
use crate::timeline::Tree;

fn session() -> Session {
    Session::start(&LABS[0], LabSettings::new(5, 11))
}

/// The run as the page tells it.
fn link(session: &Session) -> String {
    let run = session.run().clone();
    let (settings, tree) = (run.settings, Tree::of_actions(run.actions));
    Link { lab: run.lab, settings, tree, branch: BranchId::FIRST, at_us: 0, beside: None }.to_text()
}

fn play(session: &mut Session, at_us: u64) {
    session.advance_to(at_us).expect("far from any limit");
}

fn agree(lens: &mut Lens, session: &Session) {
    lens.open(&link(session)).expect("the link is good");
    let hash = lens.at(BranchId::FIRST, session.lab().now_us());
    assert_eq!(hash, Some(session.lab().history_hash()), "at {} µs", session.lab().now_us());
}

/// A cluster cut in two, with a write that cannot commit.
fn torn() -> Session {
    let mut session = session();
    play(&mut session, 600_000);
    let leader = (0..5).map(NodeId).find(|node| {
        session.lab().scene(Frame { width: 700.0, height: 500.0 }, 0).nodes[node.index()].word
            == "leader"
    });
    let leader = leader.expect("somebody leads");
    let others: Vec<NodeId> = (0..5).map(NodeId).filter(|node| *node != leader).collect();
    session.act(Command::Faults(vec![Fault::cut_between(&[leader], &others)])).expect("it is up");
    session.act(Command::write(leader, "x", "1")).expect("it runs");
    play(&mut session, 700_000);
    session
}

#[test]
fn it_goes_along_with_what_is_done_back_and_forth() {
    let (mut lens, mut session) = (Lens::default(), session());
    play(&mut session, 300_000);
    agree(&mut lens, &session);
    session.act(Command::write(NodeId(1), "x", "1")).expect("it runs");
    agree(&mut lens, &session);
    play(&mut session, 900_000);
    session.act(Command::Faults(vec![Fault::Crash(NodeId(2))])).expect("it runs");
    play(&mut session, 1_500_000);
    agree(&mut lens, &session);
    // A look back, and then the present again.
    let early = Session::replay(&LABS[0], session.run(), 500_000).expect("far from any limit");
    assert_eq!(lens.at(BranchId::FIRST, 500_000), Some(early.lab().history_hash()));
    agree(&mut lens, &session);
    // Another run altogether.
    agree(&mut lens, &torn());
}

#[test]
fn what_was_done_in_another_past_is_played_anew() {
    let (mut lens, mut session) = (Lens::default(), session());
    play(&mut session, 900_000);
    session.act(Command::write(NodeId(1), "x", "1")).expect("it runs");
    play(&mut session, 1_500_000);
    agree(&mut lens, &session);
    let mut other = Session::replay(&LABS[0], session.run(), 400_000).expect("far from any limit");
    other.act(Command::Faults(vec![Fault::Crash(NodeId(0))])).expect("it runs");
    play(&mut other, 1_200_000);
    agree(&mut lens, &other);
    agree(&mut lens, &session);
}

#[test]
fn branches_are_gone_to() {
    let mut timeline = Timeline::start(&LABS[0], LabSettings::new(5, 11));
    timeline.advance_to(900_000).expect("far from any limit");
    timeline.seek(300_000).expect("it was there");
    timeline.act(Command::Faults(vec![Fault::Crash(NodeId(0))])).expect("it runs");
    timeline.advance_to(800_000).expect("far from any limit");
    let mut lens = Lens::default();
    lens.open(&Link::of_timeline(&timeline, None).to_text()).expect("the link is good");
    assert_eq!(lens.at(BranchId(1), 800_000), Some(timeline.lab().history_hash()));
    timeline.select(BranchId::FIRST).expect("it is there");
    assert_eq!(lens.at(BranchId::FIRST, 800_000), Some(timeline.lab().history_hash()));
    assert_eq!(lens.at(BranchId(2), 1), None, "there is no such branch");
}

/// A link has no deleted branches and numbers the others anew; the log keeps everybody's number.
#[test]
fn branches_after_one_that_was_deleted_are_gone_to() {
    let timeline = with_branches();
    let mut lens = Lens::default();
    lens.open(&DeedLog::text_of(&timeline)).expect("the log is good");
    assert_eq!(timeline.branch(), BranchId(2));
    let hash = lens.at(timeline.branch(), timeline.now_us());
    assert_eq!(hash, Some(timeline.lab().history_hash()));
}

/// Three branches; the second got a name and was deleted.
fn with_branches() -> Timeline {
    let mut timeline = Timeline::start(&LABS[0], LabSettings::new(5, 11));
    timeline.advance_to(900_000).expect("far from any limit");
    timeline.act(Command::write(NodeId(1), "x", "1")).expect("it runs");
    for (server, at_us) in [(0, 300_000), (3, 600_000)] {
        timeline.select(BranchId::FIRST).expect("it is there");
        timeline.seek(at_us).expect("it was there");
        timeline.act(Command::Faults(vec![Fault::Crash(NodeId(server))])).expect("it runs");
    }
    timeline.name(BranchId(1), "without S1".to_owned()).expect("it is there");
    timeline.delete(BranchId(1)).expect("there are others");
    timeline
}

#[test]
fn behind_the_curtain_every_deed_is_an_event_and_the_branches_are_their_fold() {
    let (mut lens, timeline) = (Lens::default(), with_branches());
    let text = DeedLog::text_of(&timeline);
    for _ in 0..2 {
        lens.open(&text).expect("the log is good");
        lens.at(timeline.branch(), timeline.now_us());
        let picture = lens.picture("curtain", 900.0, 500.0);
        assert_eq!(picture.matches("<li ").count(), 8, "once each, and the beginning");
        for words in [
            "crash S4",
            "it was called “without S1”",
            "branch “2” was deleted",
            "Acted · branch-2 · version 1 · 600ms",
            "Forked · run · version 2",
            "“without S1”, deleted",
        ] {
            assert!(picture.contains(words), "{words} is not in:\n{picture}");
        }
        assert!(picture.contains("✓") && !picture.contains("✗"), "replayed twice, identical");
    }
    assert!(lens.controls().contains("7 events in 4 streams"), "{}", lens.controls());
    // Back to the third event: the deleted branch is there again, under the name it had.
    assert!(lens.is_following());
    lens.press("at=3");
    assert!(!lens.is_following());
    let picture = lens.picture("curtain", 900.0, 500.0);
    assert!(!picture.contains("deleted</th>") && !picture.contains("branch-2</code>"), "{picture}");
    assert!(lens.press("ArrowDown").contains("Forked · run · version 2"), "one event on");
    lens.press("End");
    assert!(lens.is_following());
    // A run of the same kind that somebody began anew is another log.
    let fresh = Timeline::start(&LABS[0], LabSettings::new(5, 11));
    lens.open(&DeedLog::text_of(&fresh)).expect("the log is good");
    lens.at(fresh.branch(), 0);
    let picture = lens.picture("curtain", 900.0, 500.0);
    assert_eq!(picture.matches("<li ").count(), 1, "{picture}");
    assert!(lens.controls().contains("Nothing was done yet"), "{}", lens.controls());
}

#[test]
fn it_draws_and_says_what_is_where() {
    let (mut lens, session) = (Lens::default(), torn());
    assert_eq!(lens.picture("logs", 700.0, 400.0), "", "there is no run yet");
    agree(&mut lens, &session);
    let diagram = lens.picture("space-time", 700.0, 400.0);
    assert!(diagram.starts_with("<svg") && diagram.contains("arrow-line"), "{diagram}");
    let places = (0..70).flat_map(|x| (0..40).map(move |y| (10.0 * x as f32, 10.0 * y as f32)));
    let found: Vec<String> = places.map(|(x, y)| lens.under(x, y)).collect();
    let message = found.iter().find(|found| found.starts_with('m')).expect("messages are drawn");
    assert_eq!(message.lines().count(), 3);
    let thing = message.lines().next().expect("three lines");
    assert!(lens.light(thing).lines().any(|lit| lit == thing));
    assert!(lens.picture("space-time", 700.0, 400.0).contains("data-lit=\"true\""));
    lens.light("");
    let logs = lens.picture("logs", 700.0, 400.0);
    assert!(logs.contains("log-cell") && logs.contains("data-lit=\"false\""));
    assert_eq!(lens.picture("nonsense", 700.0, 400.0), "");
}

/// Both at once: what is above is the diagram's, what is below the logs', and a thing that is lit
/// is lit in both.
#[test]
fn the_diagram_and_the_logs_are_shown_together() {
    let (mut lens, session) = (Lens::default(), torn());
    agree(&mut lens, &session);
    let both = lens.picture("together", 700.0, 600.0);
    assert_eq!(both.matches("<svg").count(), 2);
    let place = |down: std::ops::Range<u16>| {
        down.flat_map(|y| (0..70_u16).map(move |x| (10.0 * f32::from(x), 10.0 * f32::from(y))))
    };
    let mut found = |down, sign| {
        let names = place(down).map(|(x, y)| lens.under(x, y));
        names.filter(|found| found.starts_with(sign)).collect::<Vec<_>>()
    };
    let (messages, entries) = (found(0..33, 'm'), found(33..60, 'e'));
    assert!(!messages.is_empty() && !entries.is_empty());
    assert!(found(33..60, 'm').is_empty() && found(0..33, 'e').is_empty());
    // A message that carries entries lights it and them.
    let lit = messages.iter().map(|found| found.lines().next().expect("its name").to_owned());
    let dimmed = |lens: &mut Lens, thing: &str| {
        lens.light(thing);
        lens.picture("together", 700.0, 600.0).matches("data-lit=\"true\"").count()
    };
    let most = lit.map(|thing| dimmed(&mut lens, &thing)).max();
    assert_eq!(most, Some(2));
    // The diagram moves, the logs stay.
    lens.light("");
    let before = lens.picture("together", 700.0, 600.0);
    lens.pan(300.0);
    let after = lens.picture("together", 700.0, 600.0);
    let logs = |both: &str| both.rsplit("<svg").next().map(str::to_owned);
    assert_ne!(before, after);
    assert_eq!(logs(&before), logs(&after));
}

#[test]
fn it_can_be_panned_zoomed_and_follows_again() {
    let (mut lens, session) = (Lens::default(), torn());
    agree(&mut lens, &session);
    let following = lens.picture("space-time", 700.0, 400.0);
    lens.pan(300.0);
    assert!(!lens.is_following());
    let earlier = lens.picture("space-time", 700.0, 400.0);
    assert_ne!(earlier, following);
    lens.zoom(350.0, 2_000);
    assert_ne!(lens.picture("space-time", 700.0, 400.0), earlier);
    lens.zoom(350.0, 500);
    lens.press("follow");
    lens.picture("space-time", 700.0, 400.0);
    assert!(lens.is_following());
    lens.press("spacing");
    assert!(lens.is_spaced_by_events());
    assert_ne!(lens.picture("space-time", 700.0, 400.0), following);
}

/// The first attribute `name="…"` in a text.
fn attribute<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    let rest = html.split(&format!(" {name}=\"")).nth(1)?;
    rest.split('"').next()
}

fn step_back(html: &str) -> Option<&str> {
    attribute(html.split("step-back").nth(1)?, "data-ask")
}

#[test]
fn it_answers_and_shows_what_led_to_the_answer() {
    let (mut lens, session) = (Lens::default(), torn());
    agree(&mut lens, &session);
    let questions = lens.questions("s");
    assert!(attribute(&questions, "data-ask").is_some(), "{questions}");
    let last = session.lab().story(1).pop().expect("something was told");
    let name = words::name(&Question::Record(last.record));
    let answer = lens.why(&name);
    assert!(answer.contains("class=\"because\"") && answer.contains("data-look=\"causes\""));
    assert!(!answer.contains(RETURN), "there is nowhere to return to: {answer}");
    let decided_us = attribute(&answer, "data-go").expect("one can go there");
    assert_eq!(decided_us.parse(), Ok(last.at_us));
    assert!(lens.light("").lines().count() > 1, "what led to it is lit");
    lens.show_lit();
    assert!(lens.picture("space-time", 700.0, 400.0).contains("data-lit=\"true\""));
    assert!(!lens.is_following());
    for nonsense in ["w", "w4294967295", "l9", "∞"] {
        assert!(lens.why(nonsense).contains("nothing is known"), "{nonsense}");
    }
    assert_eq!(lens.why(""), "");
    assert_eq!(lens.light(""), "", "nothing is asked any more");
}

/// Every step back, and the whole way back to where the reader was; from another instant, too.
#[test]
fn who_walks_back_also_returns() {
    let (mut lens, session) = (Lens::default(), torn());
    agree(&mut lens, &session);
    let told = session.lab().story(100);
    let leads = told.iter().find(|line| line.text.contains("it leads term")).expect("one leads");
    let mut answers = vec![lens.why(&words::name(&Question::Record(leads.record)))];
    while let Some(back) = answers.last().and_then(|answer| step_back(answer)) {
        let back = back.to_owned();
        answers.push(lens.why(&back));
    }
    assert!(answers.len() > 3, "{answers:?}");
    lens.at(BranchId::FIRST, 1_000);
    for before in answers.iter().rev().skip(1) {
        assert_eq!(lens.why(RETURN), *before);
    }
    assert_eq!(lens.why(RETURN), answers[0], "there is nothing before the first");
}

/// What is not on its way can be gone to, and what is can be acted on.
#[test]
fn a_message_of_the_past_can_be_gone_to() {
    let (mut lens, session) = (Lens::default(), torn());
    agree(&mut lens, &session);
    lens.picture("space-time", 700.0, 400.0);
    let mut things = (0..20).map(|_| lens.press("ArrowUp"));
    let message = things.find(|thing| thing.starts_with('m')).expect("there are messages");
    let message = message.lines().next().expect("three lines").to_owned();
    let (mut at_us, mut gone) = (700_000, lens.questions(&message));
    while attribute(&gone, "data-go").is_none() {
        at_us += 20_000;
        let mut later = Session::replay(&LABS[0], session.run(), at_us).expect("it goes on");
        later.advance_to(at_us).expect("far from any limit");
        agree(&mut lens, &later);
        gone = lens.questions(&message);
    }
    let went_us: u64 = attribute(&gone, "data-go").expect("it is there").parse().expect("a number");
    assert_eq!(attribute(&gone, "data-then"), Some(message.as_str()));
    lens.at(BranchId::FIRST, went_us);
    assert!(!lens.questions(&message).contains("data-go"), "there it is on its way");
}

/// Keys go from thing to thing in the order of time, beyond the edges, and from cell to cell.
#[test]
fn a_cursor_goes_through_the_pictures() {
    let (mut lens, session) = (Lens::default(), torn());
    agree(&mut lens, &session);
    lens.picture("space-time", 700.0, 400.0);
    let last = lens.press("ArrowUp");
    let mut seen = vec![last.clone()];
    for _ in 0..80 {
        let found = lens.press("ArrowUp");
        assert_eq!(found.lines().count(), 3, "{found}");
        let picture = lens.picture("space-time", 700.0, 400.0);
        assert!(picture.contains("view-cursor"), "the cursor is in sight: {found}");
        seen.push(found);
    }
    assert!(!lens.is_following(), "it has left what was drawn at first");
    for before in seen.iter().rev().skip(1) {
        assert_eq!(lens.press("ArrowDown"), *before);
    }
    assert_eq!(lens.press("Enter"), last);
    lens.picture("logs", 700.0, 400.0);
    let first = lens.press("ArrowRight");
    let below = lens.press("ArrowDown");
    assert!(first.contains("S1") && below.contains("S2"), "{first} {below}");
    assert!(lens.picture("logs", 700.0, 400.0).contains("view-cursor"));
    assert_eq!(lens.press("ArrowUp"), first);
}

#[test]
fn a_broken_link_is_told_and_nothing_changes() {
    let (mut lens, session) = (Lens::default(), torn());
    assert_eq!(lens.at(BranchId::FIRST, 1), None);
    agree(&mut lens, &session);
    assert_eq!(lens.open("run=1.AAAA"), Err(BadLink::UnknownLab(String::new())));
    assert_eq!(lens.at(BranchId::FIRST, 700_000), Some(session.lab().history_hash()));
}

/// A store whose clients saw something that one copy could not have shown.
fn inconsistent() -> Session {
    let entry = LABS.iter().find(|entry| entry.name == "cap").expect("it is registered");
    let mut settings = LabSettings::new(5, 5);
    settings.tuning.set(Setting { name: "mode", value: SettingValue::Choice("ap") });
    let mut session = Session::start(entry, settings);
    let ask = |session: &mut Session, client: u8, via: u8, what: Ask| {
        let command = Command::Ask { client: Client(client), via: NodeId(via), what };
        session.act(command).expect("the server runs");
        let until_us = session.lab().now_us() + 250_000;
        play(session, until_us);
    };
    let write = |value: &str| Ask::Write { key: "x".into(), value: value.into() };
    play(&mut session, 100_000);
    ask(&mut session, 1, 0, write("1"));
    let others: Vec<NodeId> = (2..5).map(NodeId).collect();
    let cut = Fault::cut_between(&[NodeId(0), NodeId(1)], &others);
    session.act(Command::Faults(vec![cut])).expect("all links are there");
    play(&mut session, 650_000);
    ask(&mut session, 1, 0, write("2"));
    ask(&mut session, 2, 4, Ask::Read { key: "x".into() });
    session
}

/// The history lane comes from the lab; the lens hands on what is pressed, pointed at and lit.
#[test]
fn a_history_is_drawn_judged_and_asked_about() {
    let (mut lens, session) = (Lens::default(), inconsistent());
    agree(&mut lens, &session);
    let draw = |lens: &mut Lens| {
        for _ in 0..500 {
            let svg = lens.picture("history", 900.0, 272.0);
            if lens.is_finished() {
                return (svg, lens.controls());
            }
        }
        panic!("it comes to an end");
    };
    let (svg, controls) = draw(&mut lens);
    assert!(controls.contains("data-verdict=\"broken\""), "{controls}");
    assert_eq!(svg.matches("hl-ring").count(), 3, "{svg}");
    // From here to where it broke, and the verdict goes along.
    let since_us: u64 =
        attribute(&controls, "data-go").expect("it is there").parse().expect("a number");
    lens.at(BranchId::FIRST, since_us - 1);
    assert!(draw(&mut lens).1.contains("data-verdict=\"held\""));
    lens.at(BranchId::FIRST, since_us);
    assert!(draw(&mut lens).1.contains("data-verdict=\"broken\""));
    // An operation is found by keys, lights up, and lights its server and messages elsewhere.
    let found = lens.press("ArrowUp");
    let lines: Vec<&str> = found.lines().collect();
    assert_eq!(lines[..2], ["q3", "q3"], "the thing and its question: {found}");
    assert!(lines[2].starts_with("C2 reads x through S5: found 1"), "{found}");
    let lit = lens.light("q3");
    assert!(lit.lines().any(|line| line == "n4") && lit.lines().any(|line| line == "q3"), "{lit}");
    let (svg, _) = draw(&mut lens);
    assert!(svg.contains("data-lit=\"true\"") && svg.contains("hl-lit"), "{svg}");
    assert!(svg.contains("view-cursor"));
    lens.light("");
    // Even steps are the lens's word for every picture.
    let by_time = draw(&mut lens).0;
    lens.press("spacing");
    assert_ne!(draw(&mut lens).0, by_time);
    lens.press("spacing");
    lens.pan(200.0);
    assert!(!lens.is_following());
    lens.press("follow");
    assert!(lens.is_following());
    let number = crate::check::consistency::Model::ReadYourWrites as usize;
    lens.press(&format!("model={number}"));
    assert!(draw(&mut lens).1.contains("These operations show it"), "only what is broken");
}

/// A lab's lens is a line in three places, and nothing but this would miss one of them.
#[test]
fn every_lab_has_a_lens_of_its_own() {
    let page = include_str!("../../index.html");
    let programs = include_str!("../../xtask/src/programs.rs");
    let manifest = include_str!("../../Cargo.toml");
    for LabEntry { name, .. } in LABS {
        assert!(page.contains(&format!("id=\"rift-lens-{name}\"")), "{name} in index.html");
        assert!(programs.contains(&format!("lens(\"rift-lens-{name}\"")), "{name} in programs.rs");
        assert!(manifest.contains(&format!("name = \"rift-lens-{name}\"")), "{name} in Cargo.toml");
    }
}
