//! The sharded trap, and the view as a reader uses it.

use super::runs::{Fate, ILL};
use super::*;
use crate::circuit_breaker::State;

const DESK: Frame = Frame { width: 656.0, height: 432.0 };

/// What the three shards that are well served of a hundred requests, while the fourth was ill.
fn others(told: &Told) -> u64 {
    let (asked, served) = told.served_while_ill(|shard| shard != ILL);
    assert!(asked > 200, "{asked}");
    served * 100 / asked
}

/// Brooker, 2022: a breaker in front of all turns a failure of one into one of all.
#[test]
fn one_breaker_for_all_takes_the_others_down() {
    for tries in [1, 2] {
        let told = |guard| run(guard, Opens::Rate(20), tries, 1);
        let (global, each) = (told(Guard::Global), told(Guard::PerShard));
        assert!(others(&global) < 50, "{} with {tries} tries", others(&global));
        assert_eq!(others(&each), 100, "with {tries} tries");
        assert_eq!(others(&told(Guard::Nothing)), 100, "nobody is turned away");
        // And it spares the one that is ill.
        let in_vain = [&told(Guard::Nothing), &each].map(|told| told.calls_in_vain);
        assert!(in_vain[1] * 4 < in_vain[0], "{in_vain:?}");
    }
}

/// Its probes mostly meet those that are well, so it goes to and fro.
#[test]
fn one_breaker_for_all_opens_again_and_again() {
    let told = run(Guard::Global, Opens::Rate(20), 1, 1);
    let closings = told.moves.iter().filter(|(_, moved)| moved.to == State::Closed).count();
    assert!(closings >= 2, "{:?}", told.moves);
    let each = run(Guard::PerShard, Opens::Rate(20), 1, 1);
    let closings = each.moves.iter().filter(|(_, moved)| moved.to == State::Closed).count();
    assert!(each.moves.iter().all(|(door, _)| usize::from(*door) == ILL));
    assert_eq!(closings, 1, "that of the ill shard stays open until it is well");
}

/// With three of four well there is no row of five failures, and never half of them: such a breaker
/// is of no use in front of all.
#[test]
fn or_it_never_opens_at_all() {
    for opens in [Opens::Rate(50), Opens::InARow(5)] {
        let global = run(Guard::Global, opens, 1, 1);
        assert!(global.moves.is_empty() && others(&global) == 100, "{opens:?}");
        let each = run(Guard::PerShard, opens, 1, 1);
        assert!(!each.moves.is_empty() && others(&each) == 100, "{opens:?}");
        assert!(each.calls_in_vain * 3 < global.calls_in_vain, "{opens:?}");
    }
}

/// A breaker that refuses retries alone lets all first tries of those that are well be served.
#[test]
fn for_retries_alone_one_is_enough() {
    let told = run(Guard::RetriesOnly, Opens::Rate(20), 3, 1);
    assert!(!told.moves.is_empty());
    assert_eq!(others(&told), 100);
    let without = run(Guard::Nothing, Opens::Rate(20), 3, 1);
    assert!(told.calls_in_vain * 3 < without.calls_in_vain * 2, "and most retries are spared");
}

/// Every request ends once, in every world, and the shards take turns.
#[test]
fn all_requests_are_told() {
    for guard in Guard::ALL {
        let told = run(guard, Opens::Rate(20), 2, 9);
        let counts = told.requests.each_ref().map(Vec::len);
        assert!(counts.iter().all(|count| (175..=180).contains(count)), "{guard:?}: {counts:?}");
        let rejected = told.requests.iter().flatten().any(|(_, fate)| *fate == Fate::Rejected);
        assert_eq!(rejected, guard != Guard::Nothing, "{guard:?}");
    }
}

#[test]
fn it_is_drawn_world_by_world_and_says_what_it_found() {
    let mut view = ShardsView::new();
    let first = view.picture(DESK);
    assert!(first.contains("Shard S3 fails for 25 s") && !view.is_finished());
    while !view.is_finished() {
        view.picture(DESK);
    }
    let html = view.picture(DESK);
    assert!(
        html.contains("With one breaker in front of all they serve ") && html.contains("100 %")
    );
    assert_eq!(html.matches("cb-number bad").count(), 1, "one of four worlds is in trouble");
    for (what, says) in [("opens=2", "never opens by this rule"), ("opens=0", "they serve ")] {
        view.choose(what);
        while !view.is_finished() {
            view.picture(DESK);
        }
        assert!(view.picture(DESK).contains(says), "{what}");
    }
    for nonsense in ["opens=3", "tries=", "tries=9", "", "ArrowLeft"] {
        view.choose(nonsense);
        assert!(view.is_finished(), "{nonsense}");
    }
    assert!(view.controls().contains("data-look=\"tries=1\" aria-pressed=\"true\""));
}
