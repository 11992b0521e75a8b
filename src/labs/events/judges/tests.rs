//! Promises that no setting gives up: what would break them is planted here.

use std::cell::Cell;

use super::*;
use crate::event_store::{Event, Expected};
use crate::labs::LabSettings;
use crate::labs::events::shop::{Customer, Item};
use crate::labs::{Setting, SettingValue};

const AT: (RecordId, u64) = (RecordId(7), 700);

fn cluster(log: &'static str) -> Cluster {
    let mut settings = LabSettings::new(if log == "raft" { 5 } else { 6 }, 6);
    settings.tuning.set(Setting { name: "log", value: SettingValue::Choice(log) });
    Cluster::new(&settings)
}

fn broken(word: &Word, kind: Kind) -> Option<&str> {
    word.breach(kind).map(|breach| breach.finding.as_str())
}

fn seventh(event: ShopEvent, id: u128) -> Recorded {
    Recorded { position: 7, version: 1, id: EventId(id), recorded_at: 0, event }
}

const TOOK: ShopEvent = ShopEvent::Taken { item: Item::Tea, customer: Customer::Ann };
const PAID: ShopEvent = ShopEvent::Charged { customer: Customer::Ann, cents: 450 };

/// A fold that counts how often it was asked, and lets that into the state.
#[derive(Default)]
struct Impure(Cell<i32>);

impl Evolve for Impure {
    type Payload = ShopEvent;
    type State = Shop;

    fn initial(&self) -> Shop {
        Shop::default()
    }

    fn evolve(&self, shop: &mut Shop, event: &Event<'_, ShopEvent>) {
        shop.apply(*event.payload());
        self.0.set(self.0.get() + 1);
        shop.left[0] += i32::from(self.0.get() == 9);
    }

    fn knows(&self, event_type: &str) -> bool {
        ShopRules.knows(event_type)
    }

    fn schema(&self) -> u64 {
        1
    }
}

#[test]
fn a_fold_that_is_not_pure_is_found() {
    let cluster = cluster("single");
    let mut word = Word::new(&cluster);
    word.judge_replay(&ShopRules, cluster.log(), AT, None);
    assert_eq!(broken(&word, Kind::SameState), None);
    // The ninth event that it sees is the third of the second replay.
    word.judge_replay(&Impure::default(), cluster.log(), AT, None);
    let found = "replayed twice, the log up to 6 comes to two different states";
    assert_eq!(broken(&word, Kind::SameState), Some(found));
}

/// What was told of and what stands in the log are not the same.
#[test]
fn a_log_that_comes_to_something_else_than_was_told_is_found() {
    let cluster = cluster("single");
    let mut word = Word::new(&cluster);
    let mut log = cluster.log().clone();
    let new = crate::event_store::NewEvent::new(EventId(70), "Taken", TOOK);
    log.append("stock-tea", Expected::Any, 0, [new]).expect("it is new");
    word.ledger.append(AT.0, &seventh(PAID, 70), EventId(0), cluster.requests());
    word.judge_replay(&ShopRules, &log, AT, None);
    let found = "replayed, the log up to 7 comes to another state than as it was told";
    assert_eq!(broken(&word, Kind::SameState), Some(found));
}

#[test]
fn a_server_with_another_state_is_found() {
    let cluster = cluster("raft");
    let mut word = Word::new(&cluster);
    let mut shop = word.ledger.shop().clone();
    word.judge_state(NodeId(1), &shop, 6, AT);
    assert_eq!(broken(&word, Kind::SameState), None);
    shop.apply(TOOK);
    word.judge_state(NodeId(1), &shop, 6, AT);
    let found = "S2 has another state at 6 than was told of before";
    assert_eq!(broken(&word, Kind::SameState), Some(found));
}

/// A Raft that commits what a majority does not have would do this.
#[test]
fn servers_whose_logs_differ_are_found() {
    let cluster = cluster("raft");
    let mut word = Word::new(&cluster);
    word.take_append(&cluster, AT, NodeId(0), &seventh(TOOK, 70), EventId(1));
    word.take_append(&cluster, AT, NodeId(1), &seventh(TOOK, 70), EventId(1));
    assert_eq!(broken(&word, Kind::OneLog), None);
    word.told.push(Told { position: 7, root: RequestId(1) });
    word.take_append(&cluster, AT, NodeId(2), &seventh(PAID, 71), EventId(2));
    let found = "at position 7 S3 has “Ann paid 4.50 €”, and “Ann took a tea” was told of before";
    assert_eq!(broken(&word, Kind::OneLog), Some(found));
    let found =
        "a customer was told of “Ann took a tea” at position 7, where S3 has “Ann paid 4.50 €”";
    assert_eq!(broken(&word, Kind::AcknowledgedStays), Some(found));
}

/// A read model of a log that was cut behind its back.
#[test]
fn what_a_read_model_must_be_is_known_at_every_position() {
    let cluster = cluster("single");
    let mut word = Word::new(&cluster);
    let followed = &mut word.models[1];
    for through in [6, 2, 4, 0, 6] {
        let mut shop = Shop::default();
        for position in 1..=through {
            let event = *cluster.log().event(position).expect("it is there").payload();
            followed.kind.apply(&mut shop, crate::labs::events::shop::upcast(event));
        }
        let due = due(&mut followed.due, followed.kind, cluster.log(), through);
        assert_eq!(due, Some(&shop), "up to {through}");
    }
    assert_eq!(due(&mut followed.due, followed.kind, cluster.log(), 7), None, "it ends at 6");
}
