//! Why? The answers to what a reader wonders about, in runs in which it comes up.

use rift::labs::events::{EventsEvent, KEEPER};
use rift::labs::{Explanation, Question};
use rift::scene::{EntryName, Highlight, MarkKind, Spacing, Target, Thing, Window};
use rift::sim::{Fault, RecordId};

use super::play::{CARTS, Play, S1, S2, STOCK, choice, switch};

/// The first question about a target that has these words, answered.
#[track_caller]
fn ask(play: &Play, target: Target, words: &str) -> Explanation {
    let questions = play.look().questions(target);
    let found = questions.iter().find(|(text, _)| text.contains(words));
    let (_, question) = found.unwrap_or_else(|| panic!("{words:?} is not in {questions:?}"));
    let answer = play.look().why(question).expect("there is an answer");
    let in_cone = |id: RecordId| answer.cone.binary_search(&id).is_ok();
    assert!(answer.record.is_none_or(in_cone), "what decided it is in the cone");
    answer
}

/// Whether something that is told so is among what led to it.
fn led_by(play: &Play, answer: &Explanation, words: &str) -> bool {
    let story = play.lab.story(usize::MAX);
    let mut lines = story.iter().filter(|line| line.text.contains(words));
    lines.any(|line| answer.cone.binary_search(&line.record).is_ok())
}

#[track_caller]
fn has(answer: &Explanation, words: &[&str]) {
    for words in words {
        assert!(answer.text.contains(words), "{words:?} is not in: {}", answer.text);
    }
}

#[test]
fn a_conflict_names_who_was_quicker() {
    let mut play = Play::new(&[]);
    play.ask(1, S1, "take mug");
    play.ask(2, S2, "take mug");
    play.wait(300);
    let answer = ask(&play, Target::Stage, "Who was quicker than");
    has(&answer, &["asked S", "It was decided at version 3, and by now there is 4"]);
    has(&answer, &["Version 4 of stock-mug was appended at", "took a mug, event 7."]);
    assert_eq!(answer.section, "Kung & Robinson 1981");
    assert!(led_by(&play, &answer, "S3 appends"), "the quicker append: {}", answer.text);
    let loser = answer.text.contains("Ben asked");
    let (client, desk) = if loser { (2, S2) } else { (1, S1) };
    // Step by step back to what was done from outside.
    let (mut question, mut steps) = (answer.step_back(), 0);
    while let Some(answer) = question.and_then(|question| play.look().why(&question)) {
        (question, steps) = (answer.step_back(), steps + 1);
    }
    assert!(steps >= 3, "{steps}");
    play.retry(client, desk);
    play.wait(300);
    let answer = ask(&play, Target::Client(client, None), "refused?");
    has(&answer, &["no mug is left.", "That follows from event 7 at", "took a mug."]);
}

#[test]
fn who_knows_nothing_learns_that_it_happened() {
    let mut play = Play::new(&[]);
    play.ask(2, S2, "pay");
    play.lose_the_answer(S2);
    let answer = ask(&play, Target::Client(2, None), "Why does nobody know of Ben’s “pay”?");
    has(&answer, &["the answer died from S3 to S2: its link was cut"]);
    has(&answer, &["In fact it happened: it is event 7, since"]);
    assert!(led_by(&play, &answer, "You cut the link S3 → S2"), "{}", answer.text);
    play.retry(2, S2);
    play.wait(300);
    let answer = ask(&play, Target::Client(2, None), "What became of Ben’s “pay”?");
    has(&answer, &["it had happened already, as event 7"]);
    assert!(led_by(&play, &answer, "S3 appends “Ben paid 4.50 €”"));
}

#[test]
fn an_append_that_never_arrived_is_told_from_an_answer_that_did_not() {
    let mut play = Play::new(&[]);
    play.ask(1, S1, "take tea");
    play.until(|node, event| node == S1 && matches!(event, EventsEvent::Decided { .. }));
    play.fault(Fault::Cut(vec![(S1, KEEPER)]));
    play.wait(400);
    let answer = ask(&play, Target::Client(1, None), "Why does nobody know");
    has(&answer, &["the append died from S1 to S3", "By now it is not in the log."]);
}

#[test]
fn who_pays_twice_is_told_why() {
    let mut play = Play::new(&[choice("retry-ids", "fresh")]);
    play.ask(2, S2, "pay");
    play.wait(300);
    play.retry(2, S2);
    play.wait(300);
    let answer = ask(&play, Target::Client(2, None), "What became of");
    has(&answer, &["It is in the log twice, as events 7 and 8: the retry had a fresh id"]);
    assert_eq!(answer.section, "Helland 2007");
}

#[test]
fn a_stale_decision_is_traced_to_the_check() {
    let mut play = Play::new(&[switch("check", false)]);
    play.ask(1, S1, "take mug");
    play.ask(2, S2, "take mug");
    play.wait(300);
    let one = ask(&play, Target::Client(1, None), "What became of");
    let other = ask(&play, Target::Client(2, None), "What became of");
    let stale = if one.text.contains("version 5") { one } else { other };
    has(&stale, &["decided on stock-mug at version 3, and is version 5", "the check was off"]);
    assert_eq!(stale.section, "Berenson et al. 1995, P4");
}

#[test]
fn an_acknowledged_event_that_is_gone_is_traced_to_the_crash() {
    let mut play = Play::new(&[choice("answer", "at-once"), choice("crash-at", "before-durable")]);
    play.ask(1, S1, "take tea");
    play.wait(300);
    play.restart();
    play.wait(300);
    let answer = ask(&play, Target::Client(1, None), "Why is Ann’s “take tea” lost?");
    has(&answer, &["done, it is event 7", "By now it is not in the log"]);
    assert!(led_by(&play, &answer, "The power goes at S3"), "{}", answer.text);
}

#[test]
fn a_read_model_says_why_it_is_behind() {
    let mut play = Play::new(&[]);
    play.fault(Fault::cut_between(&[STOCK], &[KEEPER]));
    play.ask(1, S1, "take tea");
    play.wait(300);
    let answer = ask(&play, Target::Node(STOCK), "How far is S5, and why?");
    has(&answer, &["taken in what happened up to 6 of 7", "the link S5 → S3 is cut since 100 ms"]);
    assert!(led_by(&play, &answer, "You cut"), "{}", answer.text);
    let keeper = ask(&play, Target::Node(KEEPER), "How far is S3?");
    has(&keeper, &["S3 has 7 events in its log.", "S5 has not said", "it sends again until"]);

    let mut play = Play::new(&[choice("publish", "once")]);
    play.set(choice("crash-at", "append"));
    play.ask(1, S1, "take tea");
    play.wait(300);
    play.restart();
    play.wait(300);
    let answer = ask(&play, Target::Node(STOCK), "How far is S5, and why?");
    has(&answer, &["Event 7 was never told: the power went between append and publish"]);
}

#[test]
fn a_read_model_that_counts_twice_knows_since_when() {
    let mut play = Play::new(&[choice("checkpoint", "state-first")]);
    play.set(choice("crash-at", "state"));
    play.ask(1, S1, "take tea");
    play.wait(300);
    let model = play.restart();
    play.wait(300);
    let answer = ask(&play, Target::Node(model), "wrong?");
    has(&answer, &["event 7 is in its state 2 times", "But its state has 7 in it"]);
    has(&answer, &["To rebuild it makes it right"]);
    assert!(led_by(&play, &answer, "The power goes at"), "{}", answer.text);
    play.ask(1, model, "rebuild");
    play.wait(300);
    let answer = ask(&play, Target::Node(model), "How far is");
    has(&answer, &["up to 7 of 7. That is all of it."]);
}

#[test]
fn an_event_says_where_it_comes_from_and_who_has_it() {
    let mut play = Play::new(&[]);
    play.ask(1, S1, "take tea");
    play.until(|_, event| matches!(event, EventsEvent::Appended { .. }));
    let answer = ask(&play, Target::Node(KEEPER), "Where does event 7 come from?");
    has(&answer, &["Event 7 is “Ann took a tea”, version 3 of stock-tea."]);
    has(&answer, &["It came of Ann’s “take tea”, at 100 ms. The decision rested on stock-tea at"]);
    has(&answer, &["It is not on the disk yet"]);
    play.wait(300);
    let answer = ask(&play, Target::Node(CARTS), "Where does event 7 come from?");
    has(&answer, &["All read models have taken it in."]);
    let before = play.look().why(&Question::Entry { node: KEEPER, index: 2 });
    has(&before.expect("it is there"), &["It had happened before the run."]);
    assert_eq!(play.look().why(&Question::Entry { node: KEEPER, index: 9 }), None);
}

#[test]
fn on_a_cluster_one_asks_who_leads() {
    let mut play = Play::on_raft();
    play.ask(1, S1, "take tea");
    play.wait(600);
    let answer = ask(&play, Target::Stage, "What became of");
    has(&answer, &["Ann asked S1: take tea.", "done, it is event 7"]);
    let node = Target::Node(S1);
    let answer = ask(&play, node, "Does S1 lead, and how far is it?");
    has(&answer, &["It has carried out all commands: its log has 7 events."]);
    let event = ask(&play, node, "Where does event 7 come from?");
    has(&event, &["S1, S2, S3, S4 and S5 carried it out so far."]);
    for node in play.cluster().world().node_ids().take(3).collect::<Vec<_>>() {
        play.fault(Fault::Crash(node));
    }
    play.wait(2_000);
    let answer = play.look().why(&Question::NoLeader).expect("there is an answer");
    has(&answer, &["Nobody leads: no server that runs has heard of a majority"]);
}

/// What is pointed at in one picture lights up in the others.
#[test]
fn a_request_lights_its_event_and_the_event_its_request() {
    let mut play = Play::new(&[]);
    play.ask(1, S1, "take tea");
    play.until(|_, event| matches!(event, EventsEvent::Published { .. }));
    let event = Thing::Entry(EntryName { index: 7, term: 0 });
    let request = Thing::Request(1);
    let lit: Highlight = play.look().highlight(request);
    assert!(lit.things.contains(&event), "{lit:?}");
    assert!(lit.servers.contains(&KEEPER) && lit.things.contains(&Thing::Node(S1)));
    let lit = play.look().highlight(event);
    assert!(lit.things.contains(&request), "{lit:?}");
    let on_their_way: Vec<Thing> =
        lit.things.iter().copied().filter(|it| matches!(it, Thing::Message(_))).collect();
    assert_eq!(on_their_way.len(), 4, "to three read models, and the answer: {lit:?}");
    for message in on_their_way {
        let lit = play.look().highlight(message);
        assert!(lit.things.contains(&event) && lit.things.contains(&request), "{lit:?}");
    }
}

/// A line for each part, with the position of each read model; what broke is flagged.
#[test]
fn the_space_time_diagram_shows_positions_and_what_broke() {
    let mut play = Play::new(&[switch("check", false)]);
    play.ask(1, S1, "take mug");
    play.ask(2, S2, "take mug");
    play.wait(300);
    let window = Window::new(0, play.lab.now_us());
    let diagram = play.look().space_time(window, Spacing::Time).expect("there is one");
    assert_eq!(diagram.lifelines.len(), 6);
    let carts = &diagram.lifelines[CARTS.index()];
    let labels: Vec<&str> = carts.spans.iter().map(|span| span.label.as_str()).collect();
    let positions = ["at 0", "at 6", "at 7", "at 8"];
    assert!(positions.iter().all(|at| labels.contains(at)), "{labels:?}");
    let behind = carts.spans.iter().any(|span| span.description.contains("behind the log"));
    assert!(behind, "its lag is to be seen");
    let flag = diagram.flags.iter().find(|flag| flag.mark.kind == MarkKind::Violation);
    assert!(flag.is_some_and(|flag| flag.text.contains("was decided at version 3")), "{flag:?}");
    assert!(diagram.arrows.iter().any(|arrow| arrow.label == "v3"), "the stream as it was read");
}
