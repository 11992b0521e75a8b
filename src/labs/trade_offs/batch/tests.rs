//! What batches and pipelining buy, and Little's law, measured.

use super::super::cells::Experiment as _;
use super::*;

const DESK: Frame = Frame { width: 900.0, height: 600.0 };
const PHONE: Frame = Frame { width: 358.0, height: 600.0 };

fn told(batch: usize, in_flight: usize, load: u64) -> Told {
    let experiment = Experiment { batch, in_flight, one_way_us: 5_000, sync_us: 1_000, load };
    let mut running = experiment.begin(load);
    Experiment::go_on(&mut running, usize::MAX / 2).expect("it ends")
}

/// Figure 2's procedure call: an entry a round trip of 11 ms is 90 a second and no more. Thesis,
/// 10.2.1 and 10.2.2: entries that wait go together, and several messages may be under way.
#[test]
fn what_a_leader_can_answer_is_what_it_has_under_way_in_a_round_trip() {
    let near = |batch, in_flight, wanted: u64| {
        let found = told(batch, in_flight, 2_000).goodput();
        assert!(found.abs_diff(wanted) * 12 < wanted, "{batch} × {in_flight}: {found} {wanted}");
    };
    near(1, 1, 1_000_000 / 11_000);
    near(1, 4, 4 * 1_000_000 / 11_000);
    near(8, 1, 8 * 1_000_000 / 11_000);
    near(8, 4, 2_000);
}

/// A quiet cluster answers within a round trip, however it sends. At nine tenths of what it can do
/// the same cluster takes several times as long.
#[test]
fn the_knee_is_before_the_limit() {
    for (batch, in_flight) in [(1, 1), (8, 4)] {
        let quiet = told(batch, in_flight, 10).took.at_share(500_000);
        assert!(quiet.is_some_and(|us| (10_900..13_000).contains(&us)), "{quiet:?}");
    }
    let p99 = |load| told(1, 1, load).took.at_share(990_000).unwrap_or(0);
    let (calm, near) = (p99(20), p99(82));
    assert!(near > 3 * calm, "{calm} {near}");
}

/// Little, 1961: in balance L = λ·W, here to a few percent, the edges of what was measured. Under a
/// load that cannot be borne there is no balance, and the difference shows it.
#[test]
fn littles_law_holds_in_balance_and_only_there() {
    let off_permille = |told: &Told| {
        let (counted, foretold) = (told.in_system_milli(), told.foretold_milli());
        assert!(counted > 0 && foretold > 0, "{told:?}");
        counted.abs_diff(foretold) * 1_000 / counted
    };
    for (batch, in_flight, load) in [(1, 1, 40), (1, 4, 250), (8, 1, 350), (8, 4, 1_000)] {
        let told = told(batch, in_flight, load);
        assert!(off_permille(&told) < 40, "{load}: {}", off_permille(&told));
        // What is counted at every instant is worked out otherwise than from the stays.
        let stays_us = told.took.mean().unwrap_or(0) * told.took.total();
        assert_ne!(told.in_system_us, stays_us);
    }
    assert!(off_permille(&told(1, 1, 500)) > 300);
}

/// A batch is one message for many; who sends one by one sends as many as there are writes.
#[test]
fn batches_save_messages() {
    let messages = |batch| told(batch, 1, 350).messages_milli().unwrap_or(0);
    let (alone, together) = (messages(1), messages(8));
    // Two followers, each asked and answering.
    assert!((3_900..4_300).contains(&alone), "{alone}");
    assert!(together < alone / 2, "{together} {alone}");
}

#[test]
fn slices_change_nothing() {
    let experiment = Batch::new().experiment(Way::Both, 700);
    let run = |records: usize| {
        let mut running = experiment.begin(3);
        std::iter::repeat_with(|| Experiment::go_on(&mut running, records)).flatten().next()
    };
    assert_eq!(run(777), run(usize::MAX / 2));
}

#[test]
fn a_turned_slider_begins_only_those_worlds_again_that_it_concerns() {
    let mut study = Batch::new();
    let all = SEEDS * LOADS.len() * WAYS.len();
    assert_eq!(study.progress(), (0, all));
    // The lightest load, each of the four ways.
    while study.progress().0 < WAYS.len() {
        study.run();
    }
    study.press("load=9");
    assert_eq!((study.load(), study.progress().0), (350, 4), "where one looks changes no world");
    study.press("batch=5");
    assert_eq!(study.progress().0, 2, "two ways know no batches");
    study.press("flight=0");
    assert_eq!(study.progress().0, 1);
    study.press("nonsense=1");
    study.press("batch=");
    study.press("");
    assert_eq!(study.progress().0, 1);
    study.press("seeds");
    assert_eq!(study.progress().0, 0);
    assert!(!study.is_finished());
}

#[test]
fn it_is_drawn_as_far_as_it_is_known() {
    let mut study = Batch::new();
    let first = study.draw(DESK);
    assert!(
        first.contains("How many can a leader") && first.contains("0 of 192 worlds"),
        "{first}"
    );
    study.press("load=0");
    while study.progress().0 < WAYS.len() {
        study.run();
    }
    for frame in [DESK, PHONE] {
        let html = study.draw(frame);
        assert!(html.contains("4 of 192 worlds"), "{html}");
        assert!(html.contains("<th scope=\"row\">pipelined</th><td>10</td>"), "{html}");
        // What the plots show stands in tables, too.
        let hidden = html.split("visually-hidden").nth(1).expect("they are there");
        assert!(hidden.contains(">one by one</th>") && hidden.contains("<td>10</td>"), "{hidden}");
    }
    assert!(study.controls().contains("aria-valuetext=\"10 writes a second\""));
    study.press("show=0");
    assert!(study.draw(DESK).contains("half of the writes are answered"));
}
