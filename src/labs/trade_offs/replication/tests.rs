//! What an early answer is worth, measured.

use super::super::cells::Experiment as _;
use super::worlds::Told;
use super::*;

const DESK: Frame = Frame { width: 900.0, height: 600.0 };
const PHONE: Frame = Frame { width: 358.0, height: 600.0 };

fn told(way: Way, delay_us: u64, successor: Successor, seed: u64) -> Told {
    let experiment = Experiment { way, delay_us, load: 50, successor };
    let mut running = experiment.begin(seed);
    Experiment::go_on(&mut running, usize::MAX / 2).expect("it ends")
}

fn lost(way: Way, successor: Successor) -> u64 {
    let worlds = (0..4).map(|seed| told(way, 50_000, successor, seed));
    worlds
        .map(|told| {
            assert!(told.is_judged && told.acknowledged > 200, "{way:?}: {told:?}");
            told.lost
        })
        .sum()
}

/// Alsberg and Day, 1976: what a backup has survives if that backup takes over. What only the
/// primary has is gone with it: at 50 writes a second and 50 ms to the nearer backup about two and
/// a half a death.
#[test]
fn what_is_answered_early_is_lost() {
    let found = lost(Way::Asynchronous, Successor::WhoHasMost);
    assert!((4..18).contains(&found), "{found} in four deaths");
    assert!(lost(Way::Asynchronous, Successor::TheFarther) > found, "three times as far");
}

/// One copy is enough if the right backup is promoted, and not if the other one is; all copies, or
/// a majority that elects for itself, are always enough.
#[test]
fn a_copy_helps_if_its_holder_takes_over() {
    assert_eq!(lost(Way::SemiSynchronous, Successor::WhoHasMost), 0);
    assert!(lost(Way::SemiSynchronous, Successor::TheFarther) > 0);
    for successor in [Successor::WhoHasMost, Successor::TheFarther] {
        assert_eq!(lost(Way::Synchronous, successor), 0);
        assert_eq!(lost(Way::Majority, successor), 0);
    }
}

/// The price: no round trip, one to the nearer backup, one to the farther. A majority waits for the
/// nearer, like one backup, and need not wait for the leader's own disk first (thesis, 10.2.1).
#[test]
fn answers_take_the_round_trips_that_they_wait_for() {
    let half = |way| {
        let told = told(way, 20_000, Successor::WhoHasMost, 0);
        told.took.at_share(500_000).unwrap_or(0) / 1_000
    };
    let found = Way::ALL.map(half);
    for (found, (least, most)) in found.into_iter().zip([(1, 2), (41, 44), (120, 125), (40, 43)]) {
        assert!((least..=most).contains(&found), "{found} ms, not {least} to {most}");
    }
}

/// Who waits for all backups stops with any of them; nobody else does.
#[test]
fn who_waits_for_all_stops_with_one() {
    for way in Way::ALL {
        let told = told(way, 5_000, Successor::WhoHasMost, 1);
        assert!(told.asked_down > 20, "{told:?}");
        let wanted = if way == Way::Synchronous { 0 } else { told.asked_down };
        assert_eq!(told.answered_down, wanted, "{way:?}");
    }
}

#[test]
fn slices_change_nothing() {
    let experiment = Experiment {
        way: Way::Majority,
        delay_us: 10_000,
        load: 100,
        successor: Successor::WhoHasMost,
    };
    let run = |records: usize| {
        let mut running = experiment.begin(5);
        std::iter::repeat_with(|| Experiment::go_on(&mut running, records)).flatten().next()
    };
    assert_eq!(run(333), run(usize::MAX / 2));
}

#[test]
fn it_is_drawn_as_far_as_it_is_known_and_keeps_what_stays_true() {
    let mut study = Replication::new();
    assert!(study.draw(DESK).contains("0 of 280 worlds"));
    study.press("delay=0");
    while study.progress().0 < Way::ALL.len() {
        study.run();
    }
    for frame in [DESK, PHONE] {
        let html = study.draw(frame);
        assert!(
            html.contains("backups 1 ms away the asynchronous primary answers after"),
            "{html}"
        );
        assert!(html.contains("<th scope=\"row\">all backups</th>"));
        let hidden = html.split("visually-hidden").nth(1).expect("the plots as tables");
        assert!(hidden.contains(">majority (Raft)</th>") && hidden.contains("100 ms"));
    }
    study.press("successor=1");
    assert_eq!(study.progress().0, 1, "Raft's stays: nobody promotes there");
    study.press("successor=7");
    study.press("load=");
    assert_eq!(study.progress().0, 1);
    study.press("seeds");
    assert_eq!(study.progress().0, 0);
}
