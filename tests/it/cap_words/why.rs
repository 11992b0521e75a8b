//! Why? The answers to what a reader wonders about, in runs in which it comes up.

use rift::labs::{Explanation, Question};
use rift::scene::{Highlight, MarkKind, Spacing, Target, Thing, Window};
use rift::sim::{Fault, RecordId, TRUE_RATE_PPM};

use super::play::{Play, S, choice, count};

/// The first question about a target that has these words, answered.
fn ask(play: &Play, target: Target, words: &str) -> Explanation {
    let questions = play.look().questions(target);
    let found = questions.iter().find(|(text, _)| text.contains(words));
    let (_, question) = found.unwrap_or_else(|| panic!("{words:?} is not in {questions:?}"));
    let answer = play.look().why(question).expect("there is an answer");
    let in_cone = |id: RecordId| answer.cone.binary_search(&id).is_ok();
    assert!(answer.record.is_none_or(in_cone), "what decided it is in the cone");
    answer
}

/// Whether an act that is told so is among what led to it.
fn led_by(play: &Play, answer: &Explanation, words: &str) -> bool {
    let story = play.lab.story(usize::MAX);
    let mut lines = story.iter().filter(|line| line.text.contains(words));
    lines.any(|line| answer.cone.binary_search(&line.record).is_ok())
}

fn has(answer: &Explanation, words: &[&str]) {
    for words in words {
        assert!(answer.text.contains(words), "{words:?} is not in: {}", answer.text);
    }
}

#[test]
fn an_unknown_write_names_who_never_got_it_and_the_cut() {
    let mut play = Play::new(&[]);
    play.cut();
    play.write(1, 1, "1");
    let answer = ask(&play, Target::Stage, "Why does nobody know of C1’s write of x=1?");
    has(&answer, &["3 had to answer, and S1 and S2 did", "nobody rolls it back"]);
    has(
        &answer,
        &["S3 never got it: it died at a cut", "S5 never got it", "By now S1 and S2 hold it."],
    );
    assert_eq!(answer.section, "Dynamo §4.5");
    assert!(led_by(&play, &answer, "You cut"), "{}", answer.text);
    // Step by step back to what was done from outside.
    let (mut question, mut steps) = (answer.step_back(), 0);
    while let Some(answer) = question.and_then(|question| play.look().why(&question)) {
        (question, steps) = (answer.step_back(), steps + 1);
    }
    assert!(steps >= 3, "{steps}");
}

#[test]
fn an_acknowledgement_that_died_is_told_from_a_write_that_did() {
    let mut play = Play::new(&[]);
    // One way: writes arrive, and acknowledgements do not.
    let one_way = S[2..].iter().flat_map(|from| [(*from, S[0])]).collect();
    play.fault(Fault::Cut(one_way));
    play.write(1, 1, "1");
    let answer = ask(&play, Target::Client(1, None), "Why does nobody know");
    has(&answer, &["S3 has it, and its answer died: it died at a cut"]);
    has(&answer, &["By now S1, S2, S3, S4 and S5 hold it."]);
}

#[test]
fn a_refusal_names_who_is_taken_for_down_and_why() {
    let mut play = Play::new(&[]);
    play.cut();
    play.wait(400);
    play.write(1, 1, "1");
    let answer = ask(&play, Target::Stage, "Why was C1’s write of x=1 refused?");
    has(&answer, &["2 replicas seem to be up, 3 are needed. Nothing was sent"]);
    has(&answer, &["It had taken S3, S4 and S5 for down since", "is cut since 100 ms"]);
    assert!(led_by(&play, &answer, "You cut"), "{}", answer.text);
    let now = ask(&play, Target::Node(S[0]), "Why does S1 refuse?");
    has(&now, &["S1 refuses: it takes 2 replicas to be up, and an operation needs 3"]);
    has(&now, &["It takes S3, S4 and S5 for down. In fact, the link S1 → S3 is cut since 100 ms"]);
    assert_eq!(now.section, "Gilbert & Lynch 2002, §3");
    assert!(led_by(&play, &now, "You cut"));
    play.heal();
    play.wait(300);
    let now = ask(&play, Target::Node(S[0]), "serve");
    has(&now, &["S1 serves: it takes 5 replicas to be up"]);
}

#[test]
fn a_stale_read_names_the_replicas_that_had_the_write() {
    let mut play = Play::new(&[choice("mode", "ap")]);
    play.write(1, 1, "1");
    play.cut();
    play.write(2, 5, "2");
    play.read(1, 1);
    let answer = ask(&play, Target::Stage, "Why is C1’s read of x stale?");
    has(&answer, &["x=2 was on S3, S4 and S5 by then", "None of those was among the answers: S1."]);
    has(&answer, &["R + W = 2 is not more than N = 5: nothing makes a read meet a write."]);
    let highlight: Highlight =
        play.look().highlight(Thing::Record(answer.record.expect("it is one")));
    assert!(highlight.has_node(S[0]));
}

#[test]
fn a_lost_write_names_the_stamp_and_the_clock() {
    let mut play = Play::new(&[]);
    let ahead = Fault::SetClock { node: S[0], rate_ppm: TRUE_RATE_PPM, offset_us: 900_000 };
    play.fault(ahead);
    play.write(1, 1, "first");
    play.write(2, 5, "second");
    let answer = ask(&play, Target::Stage, "Why is C2’s write of x=second lost?");
    has(&answer, &["x=second is lost", "S1’s clock was 900 ms ahead", "You set S1’s clock."]);
    assert!(led_by(&play, &answer, "You set S1’s clock"), "{}", answer.text);
    assert_eq!(answer.section, "Dynamo §6");
}

#[test]
fn a_replica_says_how_it_came_to_hold_what_it_holds() {
    let mut play = Play::new(&[choice("mode", "ap"), choice("resolution", "siblings")]);
    play.cut();
    play.wait(300);
    play.write(1, 1, "left");
    play.write(2, 5, "right");
    let own = ask(&play, Target::Node(S[1]), "Why is x left at S2?");
    has(&own, &["x=left was written by C1", "from S1, which coordinated the write."]);
    has(&own, &["S3, S4 and S5 hold something else."]);
    play.heal();
    play.wait(3_000);
    let both = ask(&play, Target::Node(S[1]), "Why are there siblings of x at S2?");
    has(&both, &["x=left was written by C1", "x=right was written by C2"]);
    has(&both, &["they compared what they hold", "None of these clients had seen the other’s"]);
    assert_eq!(both.section, "Dynamo §4.4");
    assert!(led_by(&play, &both, "C2 writes x=right"), "{}", both.text);
    play.fault(Fault::Crash(S[1]));
    let down = ask(&play, Target::Node(S[1]), "Why is S2 down?");
    has(&down, &["S2 is down since", "it serves nobody"]);
    assert_eq!(play.look().why(&Question::Cell { node: S[0], key: 77 }), None);
}

#[test]
fn a_request_without_an_answer_says_who_is_waited_for() {
    let mut play = Play::new(&[count("w", 5)]);
    play.cut();
    let what = rift::labs::Ask::Write { key: "x".into(), value: "1".into() };
    play.ask(1, 1, what);
    play.wait(50);
    let answer = ask(&play, Target::Stage, "Why has C1’s write of x=1 no answer yet?");
    has(&answer, &["There is no answer yet.", "S3 never got it"]);
}

#[test]
fn the_diagram_shows_who_saw_too_few_and_what_died() {
    let mut play = Play::new(&[]);
    play.cut();
    play.write(1, 1, "1");
    let window = Window::new(0, play.lab.now_us());
    let picture = play.look().space_time(window, Spacing::Time).expect("there is one");
    assert_eq!(picture.cuts.len(), 1);
    assert_eq!(picture.cuts[0].label, "S1 S2 | S3 S4 S5");
    let blind = |line: usize| {
        let mut spans = picture.lifelines[line].spans.iter();
        spans.any(|span| span.label == "sees too few")
    };
    assert_eq!([blind(0), blind(1), blind(2), blind(4)], [true, true, false, false]);
    let writes: Vec<_> = picture.arrows.iter().filter(|arrow| arrow.label == "x=1").collect();
    assert_eq!(writes.len(), 4, "to all others");
    let lost = writes.iter().filter(|arrow| {
        matches!(arrow.fate, rift::scene::space_time::ArrowFate::Lost { reason: "cut", .. })
    });
    assert_eq!(lost.count(), 3);
    let unknown = picture.flags.iter().find(|flag| flag.mark.kind == MarkKind::Unknown);
    assert!(unknown.is_some_and(|flag| flag.text.contains("Nobody knows")));
    let lane = play.lab.lane(window, 500);
    let kinds: Vec<MarkKind> = lane.marks.iter().map(|mark| mark.kind).collect();
    assert_eq!(kinds, [MarkKind::Write, MarkKind::Unknown, MarkKind::Fault]);
    assert!(lane.bands.is_empty());
    let at_us = lane.marks[1].at_us;
    assert_eq!(play.lab.next_mark_us(at_us - 1, false), Some(at_us));
    assert_eq!(play.lab.next_mark_us(u64::MAX, true), Some(at_us));
}

#[test]
fn a_message_lights_up_its_kin() {
    let mut play = Play::new(&[]);
    let what = rift::labs::Ask::Write { key: "x".into(), value: "1".into() };
    play.ask(1, 1, what);
    play.wait(4);
    let window = Window::new(0, play.lab.now_us());
    let picture = play.look().space_time(window, Spacing::Time).expect("there is one");
    let writes: Vec<_> = picture.arrows.iter().filter(|arrow| arrow.label == "x=1").collect();
    assert_eq!(writes.len(), 4);
    let highlight = play.look().highlight(Thing::Message(writes[0].id));
    assert!(writes.iter().all(|arrow| highlight.has_message(arrow.id)), "{highlight:?}");
}
