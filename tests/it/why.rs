//! Why? A question for every kind of thing that a reader may wonder about, in a run in which it
//! comes up; and random runs in which everything is asked about.

mod clients;
mod elections;
mod entries;
mod everywhere;
mod hostile;

use expect_test::Expect;
use rift::labs::{Explained, Explanation, Lab, Question, explained};
use rift::scenario::{Player, parse};
use rift::sim::{CONE_RECORDS, NodeId, RecordId};

const S1: NodeId = NodeId(0);
const S2: NodeId = NodeId(1);
const S3: NodeId = NodeId(2);
const S5: NodeId = NodeId(4);

/// A run of these steps, played to their end. `settings` come before them.
fn run(settings: &str, steps: &str) -> Player {
    let script = format!("rift 1\nlab raft\ntitle \"Why\"\n{settings}\n\n{steps}\n");
    let scenario = parse(&script).unwrap_or_else(|e| panic!("{e}\n{script}"));
    let mut player = Player::alone(&scenario).expect("it can be played");
    player.advance_to_end(10_000_000);
    assert!(player.failed().is_none(), "{:?}", player.failed());
    player
}

/// The latest thing told that has these words.
fn told(lab: &dyn Lab, words: &str) -> RecordId {
    let story = lab.story(usize::MAX);
    let line = story.iter().rev().find(|line| line.text.contains(words));
    line.unwrap_or_else(|| panic!("nothing is told of {words:?}: {story:#?}")).record
}

fn look(lab: &dyn Lab) -> &dyn Explained {
    explained(lab).expect("this lab explains")
}

/// Asks, compares, and looks at the cone.
fn why(lab: &dyn Lab, question: Question, expected: Expect) -> Explanation {
    let answer = look(lab).why(&question).expect("there is an answer");
    let mut text = wrap(&format!("{}: {}", answer.section, answer.text));
    for (label, _) in &answer.next {
        text.push_str(&wrap(&format!("- {label}")));
    }
    expected.assert_eq(&text);
    assert!(answer.cone.is_sorted() && answer.cone.len() <= CONE_RECORDS);
    let in_cone = |id: RecordId| answer.cone.binary_search(&id).is_ok();
    assert!(answer.record.is_none_or(in_cone), "what decided it is in the cone");
    answer
}

/// Every step back, in words.
fn walk(lab: &dyn Lab, from: RecordId) -> String {
    let mut steps = String::new();
    let mut question = Some(Question::Record(from));
    while let Some(answer) = question.and_then(|question| look(lab).why(&question)) {
        question = answer.step_back();
        steps.push_str(&wrap(&answer.text));
    }
    steps
}

/// Lines of no more than 80 columns.
fn wrap(text: &str) -> String {
    let (mut lines, mut columns) = (String::new(), 0);
    for word in text.split(' ') {
        let long = word.chars().count() + 1;
        if columns > 0 && columns + long > 80 {
            lines.push_str("\n   ");
            columns = 3;
        }
        if columns > 0 {
            lines.push(' ');
        }
        lines.push_str(word);
        columns += long;
    }
    lines + "\n"
}
