//! Shops under faults of every kind: what they promise they keep, and what they give up is seen to
//! break. A judge that nothing could convince would be none.

use rift::check::Property;
use rift::explore::{EventsSubject, Subject, Tally, run, script, shrink, sweep};
use rift::labs::Setting;
use rift::scenario::{parse, play};

/// Settings as scripts have them.
fn settings(lines: &str) -> Vec<Setting> {
    let script = parse(&format!("rift 1\nlab events\n{lines}\n")).expect("these are settings");
    script.settings.tuning.protocol
}

fn shop(lines: &str) -> EventsSubject {
    EventsSubject::genuine().always(settings(lines))
}

/// Everything is promised.
const STRICT: &str = "log single\ncheck on\nretry-ids same\nanswer durable\npublish from-log\n\
                      checkpoint together\norder position\n";

#[track_caller]
fn assert_all_kept(subject: &EventsSubject, seeds: u64) -> Tally {
    let tally = sweep(subject, 0..seeds);
    assert_eq!((tally.runs, tally.halted), (seeds, 0));
    assert_eq!(tally.broken, []);
    tally
}

/// Every kind of shop under every kind of fault, while settings are turned and crashes are armed.
#[test]
fn shops_keep_what_their_settings_promise() {
    assert_all_kept(&EventsSubject::genuine(), 25);
}

#[test]
fn a_strict_shop_keeps_everything() {
    for crash_at in ["none", "append", "before-durable", "state"] {
        assert_all_kept(&shop(&format!("{STRICT}crash-at {crash_at}")), 5);
    }
    assert_all_kept(&shop("log raft\nretry-ids same"), 6);
}

/// From a choice to a script of a few lines that shows its price. The judges find nothing to blame
/// in the same run, because it was not promised.
#[track_caller]
fn the_price_of(name: &str, value: &str, property: Property) {
    let line = STRICT.lines().find(|line| line.starts_with(name)).expect("it is set");
    let lines = STRICT.replace(line, &format!("{name} {value}"));
    // It is this choice that costs it.
    let strict = shop(STRICT).demanding(&[property]);
    let genuine = shop(&lines);
    let subject = genuine.clone().demanding(&[property]);
    let is_broken = |seed: &u64| {
        let outcome = run(&subject, &subject.plan(*seed));
        outcome.verdicts.of(property).is_some()
    };
    let seed = (0..60).find(is_broken).expect("some seed shows it");
    assert!(run(&strict, &strict.plan(seed)).verdicts.all_kept(), "otherwise it is kept");
    assert!(run(&genuine, &genuine.plan(seed)).verdicts.all_kept(), "not promised");
    let shrunk = shrink(&subject, &subject.plan(seed), property, 120).expect("it breaks");
    let text = script(&subject, &shrunk.plan, Some(property)).to_string();
    let report = play(&parse(&text).expect("it parses")).expect("it can be played");
    assert_eq!(report.history_hash, shrunk.outcome.hash, "{text}");
    assert!(report.failed.is_none() && !report.passed(), "{report}");
}

#[test]
fn without_the_check_updates_are_lost() {
    the_price_of("check", "off", Property::NoLostUpdate);
    the_price_of("check", "off", Property::StockNeverBelowZero);
}

#[test]
fn with_fresh_ids_a_customer_pays_twice() {
    the_price_of("retry-ids", "fresh", Property::OnceAskedOnceDone);
}

#[test]
fn answers_before_the_disk_is_done_are_taken_back() {
    the_price_of("answer", "at-once", Property::AcknowledgedEventsStay);
}

#[test]
fn what_is_published_once_is_missed() {
    the_price_of("publish", "once", Property::ReadModelsCatchUp);
}

#[test]
fn state_and_position_apart_or_events_in_any_order_make_read_models_wrong() {
    the_price_of("checkpoint", "state-first", Property::ReadModelsAreFolds);
    the_price_of("checkpoint", "position-first", Property::ReadModelsAreFolds);
    the_price_of("order", "arrival", Property::ReadModelsAreFolds);
}
