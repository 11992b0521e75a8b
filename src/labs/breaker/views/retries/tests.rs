//! What jitter is worth, and the view as a reader uses it.

use super::*;

const DESK: Frame = Frame { width: 656.0, height: 432.0 };

fn means(clients: u16) -> [(u64, u64); 5] {
    let view = RetriesView::new();
    Way::ALL.map(|way| {
        let all = (0..6).map(|seed| view.contest(way, clients, seed));
        let sum = all.fold((0, 0), |sum, it| (sum.0 + it.calls(), sum.1 + it.done_us));
        (sum.0 / 6, sum.1 / 6)
    })
}

/// Every client writes exactly once, whatever the way to wait, and each write is made of a version
/// that was read.
#[test]
fn every_client_lands_once() {
    let view = RetriesView::new();
    for way in Way::ALL {
        let contest = view.contest(way, 40, 5);
        let mut landed = [0; 40];
        for write in contest.writes.iter().filter(|write| write.landed) {
            landed[usize::from(write.client)] += 1;
        }
        assert_eq!(landed, [1; 40], "{way:?}");
        assert!(contest.writes.windows(2).all(|pair| pair[0].at_us <= pair[1].at_us));
        assert_eq!(contest, view.contest(way, 40, 5), "the same again");
        assert_ne!(contest, view.contest(way, 40, 6));
    }
}

/// Brooker, 2015: "the solution isn't to remove backoff, it's to add jitter". Without it the
/// clients come back together; with full or decorrelated jitter there are far fewer calls, and full
/// makes fewer than equal.
#[test]
fn jitter_saves_calls() {
    let [fixed, exponential, full, equal, decorrelated] = means(60);
    let saved = fixed.0.saturating_sub(exponential.0);
    assert!(saved * 10 < fixed.0, "waiting longer alone saves few: {exponential:?} {fixed:?}");
    assert!(full.0 * 2 < exponential.0, "{full:?} {exponential:?}");
    assert!(decorrelated.0 * 2 < exponential.0, "{decorrelated:?} {exponential:?}");
    assert!(full.0 < equal.0, "{full:?} {equal:?}");
    for jittered in [full, equal, decorrelated] {
        assert!(jittered.1 < exponential.1, "and all are done sooner: {jittered:?}");
    }
}

/// A fixed wait makes nearly every client lose to one in every round: calls grow with the square of
/// the clients.
#[test]
fn without_growth_calls_grow_with_the_square() {
    let view = RetriesView::new();
    let calls = |clients| view.contest(Way::Fixed, clients, 1).calls();
    let (few, many) = (calls(20), calls(80));
    assert!(many > 8 * few, "four times as many clients: {few} and {many}");
}

#[test]
fn it_is_drawn_in_slices() {
    let mut view = RetriesView::new();
    let first = view.picture(DESK);
    assert!(first.contains("20 clients write to one row") && !view.is_finished());
    assert_eq!(first.matches("class=\"cb-dots\"").count(), 5);
    while !view.is_finished() {
        view.picture(DESK);
    }
    let html = view.picture(DESK);
    for contest in &view.contests {
        assert!(html.contains(&[&*Unit::Count.words(contest.calls()), " calls<"].concat()));
    }
    view.choose("clients=5");
    assert!(view.is_finished(), "the curves stay");
    assert!(view.picture(DESK).contains("80 clients write"));
    view.choose("base=0");
    assert!(!view.is_finished());
    for (what, clients) in [
        ("ArrowLeft", 60),
        ("ArrowRight", 80),
        ("ArrowRight", 80),
        ("clients=99", 80),
        ("clients=x", 80),
        ("", 80),
        ("clients=0", 5),
        ("ArrowLeft", 5),
    ] {
        view.choose(what);
        assert_eq!(view.clients(), clients, "{what}");
    }
    assert!(view.controls().contains("<output>5</output>"));
}
