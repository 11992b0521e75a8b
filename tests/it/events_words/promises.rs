//! What is promised, and each promise broken by what gives it up.

use rift::labs::events::{EventsEvent, KEEPER};
use rift::labs::{Promise, Setting};
use rift::sim::Fault;

use super::play::{CARTS, Play, S1, S2, STOCK, choice, switch};

fn promise(play: &Play, name: &str) -> Promise {
    let promises = play.lab.promises();
    promises.into_iter().find(|promise| promise.name == name).expect("it is promised")
}

/// What was found when a promise broke; it is marked on the timeline, too.
#[track_caller]
fn finding(play: &Play, name: &str) -> String {
    let breach = promise(play, name).broken;
    let breach = breach.unwrap_or_else(|| panic!("{name} is kept: {}", play.story()));
    assert_eq!(play.lab.next_mark_us(breach.at_us - 1, false), Some(breach.at_us));
    assert!(play.lab.record(breach.record).is_some());
    breach.finding
}

#[track_caller]
fn assert_kept(play: &Play, name: &str) {
    assert_eq!(promise(play, name).broken, None, "{}", play.story());
}

#[track_caller]
fn assert_all_kept(play: &Play) {
    for promise in play.lab.promises() {
        assert_eq!(promise.broken, None, "{}: {}", promise.name, play.story());
    }
}

/// Names of what the settings of the moment keep.
fn kept_by_settings(play: &Play) -> Vec<&'static str> {
    let promises = play.lab.promises();
    promises.iter().filter(|promise| promise.is_main).map(|promise| promise.name).collect()
}

const STALE: &str = "No lost update";
const STOCK_LEFT: &str = "Stock never below zero";
const ONCE: &str = "Once asked, once done";
const STAYS: &str = "Acknowledged events stay";
const FOLDS: &str = "Read models are folds of the log";
const CATCH_UP: &str = "Read models catch up";
const SAME: &str = "Same log, same state";

#[test]
fn settings_say_which_promises_they_give_up() {
    let all = [STALE, STOCK_LEFT, ONCE, STAYS, FOLDS, CATCH_UP, SAME];
    assert_eq!(kept_by_settings(&Play::new(&[])), all);
    let gives_up: [(Setting, &[&str]); 7] = [
        (switch("check", false), &[STALE, STOCK_LEFT]),
        (choice("retry-ids", "fresh"), &[ONCE]),
        (choice("answer", "at-once"), &[STAYS]),
        (choice("publish", "once"), &[CATCH_UP]),
        (choice("checkpoint", "state-first"), &[FOLDS]),
        (choice("checkpoint", "position-first"), &[FOLDS]),
        (choice("order", "arrival"), &[FOLDS]),
    ];
    for (setting, given_up) in gives_up {
        let play = Play::new(&[setting]);
        let promises = play.lab.promises();
        let of = |promise: &&Promise| promise.says.contains("Given up");
        let names: Vec<&str> = promises.iter().filter(of).map(|promise| promise.name).collect();
        assert_eq!((names, promises.len()), (given_up.to_vec(), all.len()), "{setting:?}");
        assert!(promises.iter().all(|promise| promise.is_main != of(&promise)));
    }
}

/// Races, retries, lost answers, crashes of all parts and a cut: with the settings as they are,
/// everything is kept.
#[test]
fn all_is_kept_through_a_bad_day() {
    let mut play = Play::new(&[]);
    play.ask(1, S1, "take mug");
    play.ask(2, S2, "take mug");
    play.wait(300);
    play.retry(2, S2);
    play.wait(300);
    play.ask(1, S1, "pay");
    play.lose_the_answer(S1);
    play.retry(1, S2);
    play.wait(300);
    for node in [S1, KEEPER, CARTS, STOCK] {
        play.ask(1, S1, "take tea");
        play.ask(2, S2, "restock mug");
        play.wait(12);
        play.fault(Fault::Crash(node));
        play.wait(300);
        play.fault(Fault::Restart(node));
        play.wait(300);
    }
    play.fault(Fault::Cut(vec![(KEEPER, STOCK)]));
    play.ask(2, S1, "take mug");
    play.wait(8_000);
    assert_all_kept(&play);
    play.fault(Fault::HealAll);
    play.wait(8_000);
    assert_all_kept(&play);
    assert!(play.says("All read models have all up to event"), "{}", play.story());
}

fn both_take_the_mug(settings: &[Setting]) -> Play {
    let mut play = Play::new(settings);
    play.ask(1, S1, "take mug");
    play.ask(2, S2, "take mug");
    play.wait(300);
    play
}

#[test]
fn without_the_check_a_decision_is_stale_and_the_stock_negative() {
    let kept = both_take_the_mug(&[]);
    assert_kept(&kept, STALE);
    assert_kept(&kept, STOCK_LEFT);
    let play = both_take_the_mug(&[switch("check", false)]);
    let stale = finding(&play, STALE);
    assert!(
        stale.ends_with(
            "took a mug” was decided at version 3 of stock-mug, and is version 5: the decision did \
         not know of an event"
        ),
        "{stale}"
    );
    assert_eq!(finding(&play, STOCK_LEFT), "after event 8 the stock of mug is −1");
    assert!(
        play.says("the decision did not know of an event. After event 8 the stock of mug is −1.")
    );
}

/// Two at once, and there is enough for both: nothing is negative, and yet one decision was stale.
#[test]
fn a_stale_decision_is_found_where_it_does_no_harm() {
    let mut play = Play::new(&[switch("check", false)]);
    play.ask(1, S1, "take tea");
    play.ask(2, S2, "take tea");
    play.wait(300);
    assert!(finding(&play, STALE).contains("decided at version 2 of stock-tea, and is version 4"));
    assert_kept(&play, STOCK_LEFT);
}

/// The answer is lost, and she asks once more.
fn ann_pays_and_retries(settings: &[Setting]) -> Play {
    let mut play = Play::new(settings);
    play.ask(1, S1, "take tea");
    play.wait(300);
    play.ask(1, S1, "pay");
    play.lose_the_answer(S1);
    play.retry(1, S1);
    play.wait(300);
    play
}

#[test]
fn a_retry_with_a_fresh_id_pays_twice() {
    assert_kept(&ann_pays_and_retries(&[]), ONCE);
    let play = ann_pays_and_retries(&[choice("retry-ids", "fresh")]);
    let twice = "Ann asked once to pay, and it happened twice: events 8 and 9";
    assert_eq!(finding(&play, ONCE), twice);
}

/// To want something a second time is not to retry.
#[test]
fn who_wants_two_gets_two() {
    let mut play = Play::new(&[choice("retry-ids", "fresh")]);
    for _ in 0..2 {
        play.ask(1, S1, "take tea");
        play.wait(300);
    }
    assert_kept(&play, ONCE);
    assert_eq!(play.cluster().log().last_position(), 8);
}

/// The keeper answers, and the power goes before its disk has what it answered of.
fn answered_and_lost(answer: &'static str) -> Play {
    let mut play = Play::new(&[choice("answer", answer), choice("crash-at", "before-durable")]);
    play.ask(1, S1, "take tea");
    play.wait(300);
    assert_eq!(play.restart(), KEEPER);
    play.wait(300);
    play
}

#[test]
fn who_answers_before_the_disk_loses_what_was_acknowledged() {
    let kept = answered_and_lost("durable");
    assert_eq!(kept.cluster().log().last_position(), 6, "the event is lost");
    assert_kept(&kept, STAYS);
    let play = answered_and_lost("at-once");
    let lost = "Ann was told that “take tea” is done, and by now it is not in the log";
    let never = "Ann was told that “take tea” is event 7, and in the log it is not";
    let found = finding(&play, STAYS);
    assert!(found == lost || found == never, "{found}");
}

/// The answer is on its way when the log forgets: another event has its position by then.
#[test]
fn another_event_in_the_place_of_an_acknowledged_one_is_found() {
    let mut play = answered_and_lost("at-once");
    play.ask(2, S2, "take mug");
    play.wait(300);
    assert!(promise(&play, STAYS).broken.is_some());
    assert_eq!(play.cluster().log().last_position(), 7);
}

/// The power goes between the two writes of a read model, and it starts again.
fn between_state_and_position(checkpoint: &'static str) -> Play {
    let mut play = Play::new(&[choice("checkpoint", checkpoint)]);
    play.set(choice("crash-at", "state"));
    play.ask(1, S1, "take tea");
    play.wait(300);
    play.restart();
    play.wait(500);
    play
}

#[test]
fn state_and_position_apart_are_not_what_the_log_comes_to() {
    let first = between_state_and_position("state-first");
    let found = finding(&first, FOLDS);
    assert!(
        found.contains("is not what the log comes to up to 6: event 7 is in it, too"),
        "{found}"
    );
    assert!(first.says("counts twice there now"), "{}", first.story());
    let second = between_state_and_position("position-first");
    let found = finding(&second, FOLDS);
    assert!(
        found.contains("is not what the log comes to up to 7: event 7 is not in it"),
        "{found}"
    );
}

#[test]
fn in_one_write_a_crash_at_any_moment_does_no_harm() {
    for ms in (0..60).step_by(3) {
        for node in [CARTS, STOCK] {
            let mut play = Play::new(&[]);
            play.ask(1, S1, "take tea");
            play.wait(ms);
            play.fault(Fault::Crash(node));
            play.wait(200);
            play.fault(Fault::Restart(node));
            play.wait(500);
            assert_kept(&play, FOLDS);
        }
    }
}

/// An event that is doubled on its way and taken in as it arrives counts twice.
#[test]
fn what_arrives_twice_counts_twice_without_positions() {
    for order in ["position", "arrival"] {
        let mut play = Play::new(&[choice("order", order)]);
        play.ask(1, S1, "take tea");
        play.until(|_, event| matches!(event, EventsEvent::Published { .. }));
        let network = play.cluster().world().network();
        let flight = network.in_flight().find(|flight| flight.to == STOCK).expect("it is sent");
        let id = flight.id;
        play.fault(Fault::DuplicateMessage(id));
        play.wait(300);
        match order {
            "position" => assert_kept(&play, FOLDS),
            _ => assert_eq!(
                finding(&play, FOLDS),
                "S5 is not what the log comes to up to 7: event 7 is in it 2 times"
            ),
        }
    }
}

/// An event that is published once and lost on the way.
fn published_and_lost(publish: &'static str) -> Play {
    let mut play = Play::new(&[choice("publish", publish)]);
    play.ask(1, S1, "take tea");
    play.until(|_, event| matches!(event, EventsEvent::Published { .. }));
    let network = play.cluster().world().network();
    let flight = network.in_flight().find(|flight| flight.to == STOCK).expect("it is sent");
    let id = flight.id;
    play.fault(Fault::DropMessage(id));
    play
}

#[test]
fn what_is_published_once_and_lost_is_missed_for_ever() {
    let mut kept = published_and_lost("from-log");
    kept.wait(20_000);
    assert_kept(&kept, CATCH_UP);
    let mut play = published_and_lost("once");
    play.wait(4_000);
    assert_kept(&play, CATCH_UP);
    play.wait(2_000);
    let found = finding(&play, CATCH_UP);
    assert_eq!(found, "S5 has stood at position 6 of 7 for 5000 ms, and nothing is in its way");
    // It is not wrong, only late.
    assert_kept(&play, FOLDS);
}

/// Who is down, paused or cut off need not catch up.
#[test]
fn who_cannot_hear_breaks_no_promise() {
    for fault in [Fault::Crash(STOCK), Fault::Pause(STOCK), Fault::Cut(vec![(KEEPER, STOCK)])] {
        let mut play = Play::new(&[choice("publish", "once")]);
        play.fault(fault);
        play.ask(1, S1, "take tea");
        play.wait(20_000);
        assert_kept(&play, CATCH_UP);
    }
}
