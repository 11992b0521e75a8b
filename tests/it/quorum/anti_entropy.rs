//! Dynamo §4.7: replicas compare hash trees and exchange what differs.

use rift::quorum::*;

use super::store::*;

/// Three replicas with `keys` keys, of which S3 has missed the last writes to `behind`.
fn apart(keys: u32, behind: &[u32], settings: Settings) -> Store {
    let mut store = Store::of(settings);
    let key = |number| char::from_u32(0x4e00 + number).expect("a letter");
    let write = |store: &mut Store, number, value| {
        store.now_us += 10;
        store.write_call(S1, ANN, WriteCall::blind(key(number), Some(value)));
        store.deliver_all();
    };
    (0..keys).for_each(|number| write(&mut store, number, 1));
    store.split(&[&[S1, S2], &[S3]]);
    behind.iter().for_each(|number| write(&mut store, *number, 2));
    store.heal();
    store
}

fn are_equal(store: &Store) -> bool {
    let cells = |id| store.server(id).cells().collect::<Vec<_>>();
    cells(S1) == cells(S2) && cells(S2) == cells(S3)
}

/// "Merkle trees help in reducing the amount of data that needs to be transferred": of 200 keys the
/// two that differ are found, and no other cell travels.
#[test]
fn just_the_keys_that_differ_are_sent() {
    let settings = Settings { merkle_depth: 8, ..quiet(3, 3, 2, 2) };
    let mut store = apart(200, &[17, 130], settings);
    assert!(!are_equal(&store));
    store.compare(S3, S1);
    assert!(are_equal(&store));
    let (ours, theirs) = (store.server(S3).comparison_cost(), store.server(S1).comparison_cost());
    // Each differing key goes both ways: nobody knows before merging which side is newer.
    assert_eq!(ours.cells + theirs.cells, 4);
    let hashes = ours.tree_hashes + theirs.tree_hashes;
    assert!(hashes <= 1 + 2 * 2 * 8, "two paths from the root, both children each: {hashes}");
    assert!(ours.key_hashes + theirs.key_hashes < 10, "of 200");
    let events = store.take_events(S3).into_iter().chain(store.take_events(S1));
    let found: Vec<usize> = events
        .filter_map(|event| match event {
            Event::KeysDiffer { differ, .. } => Some(differ),
            _ => None,
        })
        .collect();
    assert_eq!(found, [2]);
}

#[test]
fn equal_replicas_find_out_with_one_hash() {
    let mut store = apart(200, &[], quiet(3, 3, 2, 2));
    store.compare(S3, S1);
    assert_eq!(store.server(S3).tree_with(S1), store.server(S1).tree_with(S3));
    let expected = |rounds, tree_hashes| ComparisonCost {
        rounds,
        messages: 1,
        tree_hashes,
        ..ComparisonCost::default()
    };
    assert_eq!(store.server(S3).comparison_cost(), expected(1, 1));
    assert_eq!(store.server(S1).comparison_cost(), expected(0, 0), "an empty answer");
    assert!(store.take_events(S3).contains(&Event::InSync { with: S1, round: 1 }));
}

/// It works in whatever direction it is begun, for keys that only one side has, and for tombstones.
#[test]
fn differences_of_every_kind_are_settled_from_either_side() {
    for starter in [S1, S3] {
        let mut store = Store::of(quiet(3, 3, 2, 2));
        store.write_through(S1, ANN, 1);
        store.split(&[&[S1, S2], &[S3]]);
        store.delete(S1, ANN);
        store.write_call(S1, ANN, WriteCall::blind('a', Some(2)));
        store.write_call(S3, BOB, WriteCall::blind('b', Some(3)));
        store.deliver_all();
        store.heal();
        store.compare(starter, if starter == S1 { S3 } else { S1 });
        let (one, other) = (store.server(S1), store.server(S3));
        assert_eq!(one.cells().collect::<Vec<_>>(), other.cells().collect::<Vec<_>>());
        assert_eq!(one.cells().count(), 3);
    }
}

/// A conversation that breaks off does no harm, and the next one ends it.
#[test]
fn lost_and_repeated_messages_do_no_harm() {
    let mut store = apart(40, &[3, 5, 8, 13], quiet(3, 3, 2, 2));
    let mut lost_at = 0;
    while !are_equal(&store) {
        // Everything after the first `lost_at` messages is lost, and every fourth comes twice.
        store.handle(S3, Input::Compare { with: S1 });
        for nth in 0..lost_at {
            if store.in_flight.is_empty() {
                break;
            }
            if nth % 4 == 0 {
                let copy = store.in_flight[0].clone();
                store.in_flight.insert(0, copy);
                store.deliver_nth(0);
            }
            store.deliver_nth(0);
        }
        store.drop_all();
        lost_at += 1;
        assert!(lost_at < 200, "it comes to an end");
    }
    assert!(lost_at > 3, "a first message alone settles nothing");
}

/// Each server turns to the others in order, one an interval, so after as many intervals as there
/// are servers everybody has talked with everybody: the bound.
#[test]
fn replicas_converge_within_the_stated_bound() {
    let settings = Settings { anti_entropy_us: Some(100_000), ..quiet(5, 5, 3, 3) };
    let mut store = Store::of(settings);
    store.split(&[&[S1, S2, S3], &[S4], &[S5]]);
    for value in 0..20 {
        let key = char::from(b'a' + value);
        store.write_call(S1, ANN, WriteCall::blind(key, Some(u32::from(value))));
        store.write_call(S5, BOB, WriteCall::blind(key, Some(100 + u32::from(value))));
        store.run(1_000);
    }
    store.run(500_000);
    store.heal();
    store.run(5 * 100_000);
    let cells = |id| store.server(id).cells().collect::<Vec<_>>();
    for id in store.ids() {
        assert_eq!(cells(id), cells(S1), "{id}");
        assert_eq!(cells(id).len(), 20);
    }
}

/// Only what both should hold is compared.
#[test]
fn keys_of_other_replicas_are_not_compared() {
    let settings = Settings { placement: Placement::Ring, ..quiet(5, 2, 1, 1) };
    let mut store = Store::of(settings);
    for key in 'a'..='z' {
        store.write_call(S1, ANN, WriteCall::blind(key, Some(1)));
    }
    // Every replica but S1 has missed everything.
    store.drop_all();
    let held = |store: &Store, id| store.server(id).cells().count();
    let of_s1 = held(&store, S1);
    for other in [S2, S3, S4, S5] {
        store.compare(S1, other);
    }
    assert!(of_s1 > 0);
    let others: usize = [S2, S3, S4, S5].iter().map(|id| held(&store, *id)).sum();
    assert_eq!(others, of_s1, "each key of S1 has one other replica");
}
