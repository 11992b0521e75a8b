//! What sizes buy and cost, measured.

use super::super::cells::Experiment as _;
use super::*;

const DESK: Frame = Frame { width: 900.0, height: 600.0 };
const PHONE: Frame = Frame { width: 358.0, height: 600.0 };

fn told(servers: u8, sigma_ppm: u32, seed: u64) -> Told {
    let experiment = Experiment { servers, median_us: 5_000, sigma_ppm };
    let mut running = experiment.begin(seed);
    Experiment::go_on(&mut running, usize::MAX / 2).expect("it ends")
}

/// Raft, §1: fully functional as long as any majority of the servers is operational. So n servers
/// survive (n - 1) / 2 failures, in whatever order they come, and a single server none.
#[test]
fn a_cluster_survives_the_loss_of_any_minority() {
    for (servers, wanted) in [(1, 0), (2, 0), (3, 1), (4, 1), (5, 2), (9, 4)] {
        for seed in 0..2 {
            assert_eq!(told(servers, 600_000, seed).survived, wanted, "{servers} {seed}");
        }
    }
}

/// Each follower is asked and answers: 2 (n - 1) messages a write.
#[test]
fn messages_grow_with_the_cluster() {
    for servers in [1, 3, 9] {
        let told = told(servers, 300_000, 1);
        let (wanted, found) = (2 * (u64::from(servers) - 1) * worlds::WRITES, told.messages);
        assert!(found.abs_diff(wanted) * 20 <= wanted.max(100), "{servers}: {found} {wanted}");
    }
}

/// With a long tail the slowest write of nine servers is quicker than that of three; without one
/// more servers only cost.
#[test]
fn a_majority_of_many_cuts_the_tail() {
    let of = |servers, sigma| {
        let mut took = told(servers, sigma, 0).took;
        (1..3).for_each(|seed| took.join(&told(servers, sigma, seed).took));
        (took.at_share(500_000).unwrap_or(0), took.at_share(990_000).unwrap_or(0))
    };
    let ((half3, most3), (half9, most9)) = (of(3, 1_200_000), of(9, 1_200_000));
    assert!(half9 > half3 && most9 * 10 < most3 * 9, "{half3} {half9} {most3} {most9}");
    let ((half3, most3), (half9, most9)) = (of(3, 50_000), of(9, 50_000));
    assert!(half9 >= half3 && most9 * 10 > most3 * 9, "{half3} {half9} {most3} {most9}");
    // A server that is alone waits for its disk and nobody else.
    let alone = told(1, 1_200_000, 0).took;
    assert_eq!((alone.mean(), alone.total()), (Some(worlds::SYNC_US), worlds::WRITES));
}

#[test]
fn slices_change_nothing() {
    let run = |records: usize| {
        let mut running = Size::new().experiment(5).begin(3);
        std::iter::repeat_with(|| Experiment::go_on(&mut running, records)).flatten().next()
    };
    assert_eq!(run(501), run(usize::MAX / 2));
}

#[test]
fn it_is_drawn_as_far_as_it_is_known() {
    let mut study = Size::new();
    let first = study.draw(DESK);
    assert!(first.contains("What do more servers cost") && first.contains("0 of 40 worlds"));
    while study.progress().0 < SIZES.len() {
        study.run();
    }
    for frame in [DESK, PHONE] {
        let html = study.draw(frame);
        assert!(html.contains("Three servers survive 1 failure, nine survive 4 failures."));
        assert_eq!(html.matches("class=\"to-server down\"").count(), 1 + 2 + 3 + 4);
        assert_eq!(html.matches("class=\"to-server\"").count(), 1 + 2 + 3 + 4 + 5);
        let hidden = html.split("visually-hidden").nth(1).expect("the plots as tables");
        assert!(hidden.contains(">9 servers</th>") && hidden.contains("failures survived"));
    }
    study.press("tail=5");
    assert_eq!(study.progress(), (0, 40), "every world has other delays now");
    assert!(study.controls().contains("aria-valuetext=\"terrible\""));
    study.press("tail=x");
    study.press("size=3");
    assert_eq!(study.turns, 0);
    study.press("seeds");
    assert!(study.draw(PHONE).contains("seeds 9 to 16"));
}
