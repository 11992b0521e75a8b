//! Why? Answers, one step back after the other, and the same run for other programs.

use super::*;
use rift::circuit_breaker::State;
use rift::labs::exported::{Datum, EXPORTED, Part, Told};
use rift::labs::{Explained, Question};
use rift::scene::{Spacing, Target, Window};
use rift::sim::RecordId;

fn failing() -> Stage {
    let mut stage = Stage::open(&[]);
    stage.seconds(2);
    stage.set(choice("health", "errors"));
    stage.until(|cluster| matches!(state(cluster), State::Open { .. }));
    stage.seconds(1);
    stage
}

#[test]
fn from_a_rejection_back_to_what_was_turned() {
    let stage = failing();
    let questions = stage.lab.questions(Target::Node(S1));
    let (first, role) = &questions[0];
    assert_eq!(first, "Why is the breaker of S1 open?");
    let answer = stage.lab.why(role).expect("it is there");
    assert!(answer.text.contains("opens: 5 failures in a row"), "{}", answer.text);
    let rejected = questions.iter().find(|(text, _)| text == "Why was the last call rejected?");
    let mut question = rejected.expect("one was").1;
    let mut texts = Vec::new();
    while let Some(answer) = stage.lab.why(&question) {
        texts.push(answer.text.clone());
        let Some(back) = answer.step_back() else { break };
        question = back;
    }
    let all = texts.join("\n");
    for part in ["5 failures in a row", "has failed", "Answer to call", "Call number"] {
        assert!(all.contains(part), "{part}\n{all}");
    }
}

/// Five failures opened it, so five are offered, and all of them led to it.
#[test]
fn the_opening_names_all_of_its_failures() {
    let stage = failing();
    let records = stage.cluster().world().history().records();
    let is_move = |what: &Happening<BreakerProcess>| {
        matches!(what, Happening::Decided { event: BreakerEvent::Moved { .. }, .. })
    };
    let place = records.iter().position(|record| is_move(&record.what)).expect("it has opened");
    let answer = stage.lab.why(&Question::Record(RecordId(place as u32))).expect("it is known");
    let failures = answer.cone.iter().filter(|id| {
        let what = &records.get(id.0 as usize).expect("it is known").what;
        matches!(what, Happening::Decided { event: BreakerEvent::Ended { .. }, .. })
    });
    assert_eq!(failures.count(), 5);
}

#[test]
fn every_record_has_an_answer_and_every_question_too() {
    for cast in ["one", "fleet", "shards", "network"] {
        let mut stage = Stage::open(&[choice("cast", cast), count("tries", 2)]);
        stage.set(choice("health", "errors"));
        stage.seconds(9);
        stage.fault(Fault::Crash(S2));
        stage.seconds(1);
        let targets = stage.cluster().world().node_ids().map(Target::Node).chain([Target::Stage]);
        for (text, question) in targets.flat_map(|target| stage.lab.questions(target)) {
            let answer = stage.lab.why(&question).unwrap_or_else(|| panic!("{cast}: {text}"));
            assert!(!answer.text.is_empty() && !answer.section.is_empty(), "{cast}: {text}");
        }
        let records = stage.lab.history_len() as u32;
        for id in (0..records).step_by(7).map(RecordId) {
            let answer = stage.lab.why(&Question::Record(id)).expect("it is known");
            assert!(answer.back.is_none_or(|back| back < id), "{cast}: {id:?}");
        }
    }
}

#[test]
fn the_whole_run_is_drawn_in_time_and_as_bands() {
    let mut stage = failing();
    stage.seconds(10);
    let window = Window::new(0, stage.lab.now_us());
    let drawn = stage.lab.space_time(window, Spacing::Time).expect("there is one");
    assert_eq!(drawn.lifelines.len(), 2);
    let labels: Vec<&str> = drawn.lifelines[0].spans.iter().map(|span| &*span.label).collect();
    assert_eq!(&labels[..3], ["closed", "open", "half-open"]);
    assert!(drawn.arrows.len() > 10);
    let bands = stage.lab.lane(window, 100).bands;
    let eras: Vec<u64> = bands.iter().map(|band| band.term).collect();
    assert_eq!(&eras[..3], [0, 1, 2]);
    assert!(stage.lab.table().rows.iter().all(|row| row.len() == 4));
}

/// Everything that is ever told has a name and, if it is a part of a call, its number.
#[test]
fn every_record_is_told_to_other_programs() {
    let entry = EXPORTED.iter().find(|entry| entry.lab == "breaker").expect("it is there");
    let mut names: Vec<String> = Vec::new();
    for cast in ["one", "fleet", "network"] {
        let mut all = LabSettings::new(6, 7);
        for (name, value) in [choice("cast", cast), count("tries", 2), percent("errors", 60)] {
            all.tuning.set(Setting { name, value });
        }
        let mut exported = (entry.open)(&all);
        exported.lab_mut().advance_to(9 * SECOND_US).expect("no limit is near");
        for id in (0..exported.lab().history_len() as u32).map(RecordId) {
            let told: Told = exported.told(id).expect("it is known");
            let field = |name| told.fields.iter().find(|(other, _)| *other == name);
            if told.kind == "decided"
                && let Some((_, Datum::Text(name))) = field("event")
            {
                assert!(!name.is_empty(), "{}", told.words);
                names.push(name.clone());
            }
            if let Part::Sent { .. } = told.part {
                assert!(field("message").is_some(), "{}", told.words);
            }
        }
    }
    names.sort();
    names.dedup();
    for name in ["Admitted", "Began", "Ended", "Moved", "Over", "Rejected", "RetriesAt"] {
        assert!(names.iter().any(|other| other == name), "{name} of {names:?}");
    }
}
