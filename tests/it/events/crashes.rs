//! Crashes between steps that belong together, and what read models make of them.

use super::*;

fn is_crash(stage: &Stage, node: NodeId) -> bool {
    stage.cluster.process(node).is_none()
}

/// The keeper crashes between append and publishing; then it comes back.
fn crash_before_publishing(publish: &'static str) -> Stage {
    let mut stage = Stage::open(&[("publish", choice(publish)), ("crash-at", choice("append"))]);
    stage.ask(ANN, S1, "take tea");
    stage.rest();
    assert!(is_crash(&stage, KEEPER));
    assert_eq!(stage.cluster.armed(), None, "once");
    assert_eq!(stage.cluster.log().last_position(), 7, "it is in the file");
    assert_eq!(stage.model(STOCK).through(), 6);
    stage.fault(Fault::Restart(KEEPER));
    stage.rest();
    stage
}

#[test]
fn what_was_not_published_before_a_crash_is_published_after_it_from_the_log() {
    let stage = crash_before_publishing("from-log");
    stage.assert_all_are_right_and_caught_up();
}

#[test]
fn what_is_published_once_is_missed_for_ever() {
    let mut stage = crash_before_publishing("once");
    assert_eq!(stage.model(STOCK).through(), 6, "nobody has told it");
    // What comes next shows the gap, and it waits.
    stage.ask(BEN, S2, "take tea");
    stage.rest();
    assert_eq!(stage.model(STOCK).through(), 6);
    let waits = |event: &EventsEvent| {
        matches!(event, EventsEvent::PassedOver { position: 8, waits_for: 7 })
    };
    assert_eq!(stage.count(waits), 3);
    for node in MODELS {
        stage.ask(ANN, node, "rebuild");
    }
    stage.rest();
    stage.assert_all_are_right_and_caught_up();
}

#[test]
fn who_takes_events_as_they_arrive_does_not_notice_what_is_missing() {
    let mut stage = crash_before_publishing("once");
    stage.set("order", choice("arrival"));
    stage.ask(BEN, S2, "take tea");
    stage.rest();
    assert_eq!(stage.model(STOCK).through(), 8);
    assert!(!stage.is_right(STOCK), "the seventh is not in it");
}

/// The power goes while an append is on its way to the disk.
fn crash_before_durable(answer: &'static str) -> Stage {
    let mut stage =
        Stage::open(&[("answer", choice(answer)), ("crash-at", choice("before-durable"))]);
    stage.ask(ANN, S1, "take tea");
    stage.rest();
    assert!(is_crash(&stage, KEEPER));
    assert_eq!(stage.cluster.log().last_position(), 6, "it is lost");
    stage.fault(Fault::Restart(KEEPER));
    stage.rest();
    stage.assert_all_are_right_and_caught_up();
    stage
}

#[test]
fn what_is_lost_was_not_acknowledged_and_a_retry_brings_it() {
    let mut stage = crash_before_durable("durable");
    assert_eq!(stage.outcome(ANN), Some(RequestOutcome::Unknown));
    stage.retry(ANN, S1);
    stage.rest();
    assert_eq!(
        stage.outcome(ANN),
        Some(RequestOutcome::Done { position: 7, repeated: false }),
        "it had not happened"
    );
}

#[test]
fn an_answer_before_the_disk_is_done_may_be_no_truth() {
    let stage = crash_before_durable("at-once");
    assert!(matches!(stage.outcome(ANN), Some(RequestOutcome::Done { position: 7, .. })));
}

/// A read model crashes between its two writes; then it comes back.
fn crash_between_state_and_position(checkpoint: &'static str) -> (Stage, NodeId) {
    let mut stage = Stage::open(&[("checkpoint", choice(checkpoint))]);
    stage.set("crash-at", choice("state"));
    stage.ask(ANN, S1, "take tea");
    stage.rest();
    let down = MODELS.into_iter().find(|node| is_crash(&stage, *node)).expect("one is down");
    assert!([CARTS, STOCK].contains(&down), "tea is no matter of payments");
    stage.fault(Fault::Restart(down));
    stage.rest();
    (stage, down)
}

/// ES-21: kept apart, the position moves without the state, or the other way round.
#[test]
fn state_first_applies_twice_and_position_first_leaves_out() {
    let (stage, node) = crash_between_state_and_position("state-first");
    assert_eq!((stage.model(node).through(), stage.model(node).state().times(7)), (7, 2));
    assert!(!stage.is_right(node));
    assert_eq!(stage.count(|event| matches!(event, EventsEvent::TookIn { twice: true, .. })), 1);
    let (mut stage, node) = crash_between_state_and_position("position-first");
    assert_eq!((stage.model(node).through(), stage.model(node).state().times(7)), (7, 0));
    assert!(!stage.is_right(node));
    // Only the log can mend it.
    stage.ask(ANN, node, "rebuild");
    stage.rest();
    stage.assert_all_are_right_and_caught_up();
}

#[test]
fn together_there_is_nothing_between() {
    let mut stage =
        Stage::open(&[("checkpoint", choice("together")), ("crash-at", choice("state"))]);
    stage.ask(ANN, S1, "take tea");
    stage.rest();
    assert!(stage.cluster.armed().is_some(), "it never came to that");
    stage.fault(Fault::Crash(STOCK));
    stage.fault(Fault::Restart(STOCK));
    stage.rest();
    stage.assert_all_are_right_and_caught_up();
}

/// A file is torn in the middle of a record: what was acknowledged is there, the rest is cut off.
#[test]
fn a_torn_file_is_cut_back_and_goes_on() {
    for part_ppm in [1, 300_000, 600_000, 999_999] {
        let mut stage = Stage::open(&[]);
        stage.ask(ANN, S1, "take tea");
        stage.until(|cluster| cluster.log().last_position() == 7);
        stage.fault(Fault::CrashTorn { node: KEEPER, whole: 0, part_ppm });
        stage.rest();
        stage.fault(Fault::Restart(KEEPER));
        stage.rest();
        let torn = |event: &EventsEvent| match event {
            EventsEvent::Recovered { events: 6, torn_bytes } => *torn_bytes > 0,
            _ => false,
        };
        assert_eq!(stage.count(torn), usize::from(part_ppm > 1), "{part_ppm}");
        stage.retry(ANN, S1);
        stage.rest();
        assert_eq!(stage.cluster.log().last_position(), 7);
        stage.fault(Fault::Crash(KEEPER));
        assert_eq!(stage.cluster.log().last_position(), 7, "the file goes on");
    }
}

/// The question of a read model that rebuilds is lost, and something else reaches it: that is no
/// answer, so it goes on asking.
#[test]
fn who_rebuilds_asks_until_it_is_answered() {
    let mut stage = Stage::open(&[]);
    stage.fault(Fault::Cut(vec![(STOCK, KEEPER)]));
    stage.ask(ANN, STOCK, "rebuild");
    stage.ask(ANN, S1, "take tea");
    stage.until(|cluster| cluster.durable_through() == 7);
    stage.wait(40_000);
    stage.fault(Fault::HealAll);
    stage.rest();
    stage.assert_all_are_right_and_caught_up();
}
