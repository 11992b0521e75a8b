//! The power goes at every single instant of a day in the shop, at each of the parts that matter:
//! whatever is lost, what was promised is kept, and once customers have asked again, everything has
//! happened once.

use super::*;
use rift::labs::Lab;
use rift::labs::events::EventLab;

/// What customers want, and when, in microseconds.
const DAY: [(u64, Client, NodeId, &str); 4] = [
    (30_000, ANN, S1, "take mug"),
    (31_000, BEN, S2, "take mug"),
    (110_000, ANN, S1, "take tea"),
    (190_000, ANN, S1, "pay"),
];

/// A shop that everything is promised of.
fn shop() -> EventLab {
    EventLab::new(&LabSettings::new(6, 6))
}

/// Lives through the day, with a fault once so much has happened. Whether it came to that.
fn live(lab: &mut EventLab, records: usize, fault: &Fault) -> bool {
    let mut is_due = true;
    let day = DAY.iter().map(|(at_us, ..)| *at_us).chain([400_000]).enumerate();
    for (place, at_us) in day {
        let limit = if is_due { records } else { usize::MAX };
        if !lab.advance_within(at_us, limit).expect("far from any limit") {
            lab.act(&Command::Faults(vec![fault.clone()])).expect("all are up");
            is_due = false;
            lab.advance_to(at_us).expect("far from any limit");
        }
        if let Some((_, client, via, what)) = DAY.get(place) {
            let what = Ask::Do { what: (*what).to_owned() };
            // A desk that is down takes no wishes.
            let _ = lab.act(&Command::Ask { client: *client, via: *via, what });
        }
    }
    !is_due
}

#[track_caller]
fn assert_all_is_well(lab: &mut EventLab, node: NodeId, when: &str) {
    let _ = lab.act(&Command::Faults(vec![Fault::Restart(node)]));
    lab.advance_to(2_000_000).expect("far from any limit");
    for (turn, (client, via)) in (1..).zip([(ANN, S1), (BEN, S2)]) {
        let _ = lab.act(&Command::Ask { client, via, what: Ask::Retry });
        lab.advance_to(2_000_000 + turn * 1_000_000).expect("far from any limit");
    }
    for promise in lab.promises() {
        assert_eq!(promise.broken, None, "{when}: {}", promise.name);
    }
    let stage = Stage { cluster: lab.cluster().clone() };
    stage.assert_all_are_right_and_caught_up();
    for asked in stage.cluster.requests().asked().iter() {
        assert!(asked.outcome.is_some(), "{when}: nobody waits for ever");
    }
    let latest = [ANN, BEN].map(|client| stage.outcome(client));
    let unclear = [RequestOutcome::Unknown, RequestOutcome::Unreachable].map(Some);
    assert!(!latest.iter().any(|outcome| unclear.contains(outcome)), "{when}: {latest:?}");
    let shop = stage.shop();
    assert!(shop.left(Item::Mug) >= 0 && shop.account(Customer::Ann).payments <= 1, "{when}");
}

fn crash_at_every_instant(node: NodeId, fault: &Fault) {
    for records in 0.. {
        let mut lab = shop();
        if !live(&mut lab, records, fault) {
            assert!(records > 150, "a day has more than that: {records}");
            return;
        }
        assert_all_is_well(&mut lab, node, &format!("{node} after {records} records"));
    }
}

#[test]
fn of_the_keeper() {
    crash_at_every_instant(KEEPER, &Fault::Crash(KEEPER));
}

#[test]
fn of_the_keeper_with_a_torn_file() {
    let torn = Fault::CrashTorn { node: KEEPER, whole: 0, part_ppm: 500_000 };
    crash_at_every_instant(KEEPER, &torn);
}

#[test]
fn of_a_desk() {
    crash_at_every_instant(S1, &Fault::Crash(S1));
}

#[test]
fn of_a_read_model() {
    crash_at_every_instant(STOCK, &Fault::Crash(STOCK));
}

/// These tests can fail: of a shop that answers too early, some instant is too early.
#[test]
fn who_answers_before_the_disk_is_done_is_found_out_at_some_instant() {
    let mut settings = LabSettings::new(6, 6);
    settings.tuning.set(Setting { name: "answer", value: choice("at-once") });
    let breaks = |records: usize| {
        let mut lab = EventLab::new(&settings);
        live(&mut lab, records, &Fault::Crash(KEEPER));
        let _ = lab.act(&Command::Faults(vec![Fault::Restart(KEEPER)]));
        lab.advance_to(1_000_000).expect("far from any limit");
        lab.promises()
            .iter()
            .any(|promise| promise.name == "Acknowledged events stay" && promise.broken.is_some())
    };
    assert!((0..150).any(breaks));
}
