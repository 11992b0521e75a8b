//! Desks and customers: the race, the lost reply, and what protects from what.

use super::*;
use rift::labs::events::shop::ShopRefusal;

fn conflict() -> RequestOutcome {
    RequestOutcome::Conflict { expected: 3, actual: 4 }
}

fn is_done(outcome: Option<RequestOutcome>) -> bool {
    matches!(outcome, Some(RequestOutcome::Done { repeated: false, .. }))
}

fn is_repeated(outcome: Option<RequestOutcome>) -> bool {
    matches!(outcome, Some(RequestOutcome::Done { repeated: true, .. }))
}

/// ES-3, ES-10: both read version 3, both append; the second is told.
#[test]
fn of_two_writers_one_is_told_that_somebody_was_quicker() {
    let mut stage = Stage::open(&[]);
    stage.ask(ANN, S1, "take mug");
    stage.ask(BEN, S2, "take mug");
    stage.rest();
    let outcomes = [stage.outcome(ANN), stage.outcome(BEN)];
    assert!(outcomes.contains(&Some(conflict())), "{outcomes:?}");
    assert!(outcomes.into_iter().any(is_done), "{outcomes:?}");
    assert_eq!(left(&stage, Item::Mug), 0);
    // Deciding again finds that there is none left.
    let loser = if is_done(outcomes[0]) { (BEN, S2) } else { (ANN, S1) };
    stage.retry(loser.0, loser.1);
    stage.rest();
    let sold_out = RequestOutcome::Refused(ShopRefusal::SoldOut(Item::Mug));
    assert_eq!(stage.outcome(loser.0), Some(sold_out));
    stage.assert_all_are_right_and_caught_up();
}

#[test]
fn without_the_check_both_get_the_last_mug() {
    let mut stage = Stage::open(&[("check", SettingValue::Switch(false))]);
    stage.ask(ANN, S1, "take mug");
    stage.ask(BEN, S2, "take mug");
    stage.rest();
    assert!(is_done(stage.outcome(ANN)) && is_done(stage.outcome(BEN)));
    assert_eq!(left(&stage, Item::Mug), -1, "an update was lost");
}

#[test]
fn a_desk_can_decide_again_by_itself() {
    let mut stage = Stage::open(&[("decide-again", choice("by-itself"))]);
    stage.ask(ANN, S1, "take tea");
    stage.ask(BEN, S2, "take tea");
    stage.rest();
    assert!(is_done(stage.outcome(ANN)) && is_done(stage.outcome(BEN)));
    assert_eq!(left(&stage, Item::Tea), 2);
    assert_eq!(stage.count(|event| matches!(event, EventsEvent::Conflicted { .. })), 1);
    assert_eq!(stage.count(|event| matches!(event, EventsEvent::Decided { again: true, .. })), 1);
}

/// Ann owes for a tea and pays; the reply dies at a cut.
fn reply_to_payment_is_lost(retry_ids: &'static str) -> Stage {
    let mut stage = Stage::open(&[("retry-ids", choice(retry_ids))]);
    stage.ask(ANN, S1, "take tea");
    stage.rest();
    stage.ask(ANN, S1, "pay");
    stage.until(|cluster| cluster.log().last_position() == 8);
    stage.fault(Fault::cut_between(&[S1], &[KEEPER]));
    stage.rest();
    assert_eq!(stage.outcome(ANN), Some(RequestOutcome::Unknown));
    assert_eq!(payments(&stage, Customer::Ann), 1);
    stage.fault(Fault::HealAll);
    stage.retry(ANN, S1);
    stage.rest();
    stage
}

/// ES-4, `Any`: the repeat is recognised by its id.
#[test]
fn a_retry_with_the_same_id_changes_nothing() {
    let stage = reply_to_payment_is_lost("same");
    assert!(is_repeated(stage.outcome(ANN)));
    assert_eq!(payments(&stage, Customer::Ann), 1);
    assert_eq!(stage.count(|event| matches!(event, EventsEvent::Recognised { .. })), 1);
    stage.assert_all_are_right_and_caught_up();
}

#[test]
fn a_retry_with_a_fresh_id_pays_twice() {
    let stage = reply_to_payment_is_lost("fresh");
    assert!(is_done(stage.outcome(ANN)));
    assert_eq!(payments(&stage, Customer::Ann), 2);
    assert_eq!(stage.shop().account(Customer::Ann).owes_cents(), -450);
}

/// ES-4, `Exact`: the position asked for decides. With a fresh id one is in one's own way.
#[test]
fn of_stock_a_retry_is_recognised_by_its_position() {
    for (retry_ids, recognised) in [("same", true), ("fresh", false)] {
        let mut stage = Stage::open(&[("retry-ids", choice(retry_ids))]);
        stage.ask(ANN, S1, "take mug");
        stage.until(|cluster| cluster.log().last_position() == 7);
        stage.fault(Fault::cut_between(&[S1], &[KEEPER]));
        stage.rest();
        assert_eq!(stage.outcome(ANN), Some(RequestOutcome::Unknown));
        stage.fault(Fault::HealAll);
        stage.retry(ANN, S1);
        stage.rest();
        if recognised {
            assert!(is_repeated(stage.outcome(ANN)));
        } else {
            assert_eq!(stage.outcome(ANN), Some(conflict()));
        }
        assert_eq!(left(&stage, Item::Mug), 0);
    }
}

/// A desk that has forgotten, or another one, finds the command's event in the stream.
#[test]
fn a_retry_at_another_desk_is_recognised_too() {
    let mut stage = Stage::open(&[]);
    stage.ask(ANN, S1, "take mug");
    stage.until(|cluster| cluster.log().last_position() == 7);
    stage.fault(Fault::Crash(S1));
    stage.rest();
    assert_eq!(stage.outcome(ANN), Some(RequestOutcome::Unknown));
    stage.retry(ANN, S2);
    stage.rest();
    assert!(is_repeated(stage.outcome(ANN)));
    stage.fault(Fault::Restart(S1));
    stage.retry(ANN, S1);
    stage.rest();
    assert!(is_repeated(stage.outcome(ANN)));
    assert_eq!(stage.cluster.log().last_position(), 7);
}

#[test]
fn who_is_not_in_the_shop_is_told() {
    let mut stage = Stage::open(&[]);
    let mut refused = |client, via, what: &str| {
        let what = Ask::Do { what: what.to_owned() };
        stage.cluster.act(&Command::Ask { client, via, what }).unwrap_err().to_string()
    };
    assert_eq!(refused(Client(3), S1, "pay"), "the shop has two customers, C1 and C2");
    assert_eq!(refused(ANN, S1, "take hat"), "nobody here can do “take hat”");
    assert_eq!(refused(ANN, KEEPER, "take mug"), "S3 takes no such wishes");
    let nothing = Command::Ask { client: ANN, via: S1, what: Ask::Retry };
    assert!(stage.cluster.act(&nothing).is_err());
    assert!(stage.cluster.acts().is_empty());
}
