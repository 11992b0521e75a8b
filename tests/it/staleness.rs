//! How stale reads are: what a forecast says of a store against real servers in a world.

use rift::labs::cap::staleness::figure::{FORETOLD, Look, MEASURED, Network};
use rift::labs::cap::staleness::{Experiment, Measured, Staleness, picture};
use rift::pbs::{Fit, Forecast, Leg, Origin, Wars, margin_ppm};
use rift::sim::Delay;

const TRIALS: u32 = 4_000;
/// Quick against all links below, as disks are in the labs.
const SYNC: Delay = Delay::Uniform { low_us: 200, high_us: 500 };
const LAB: Delay = Delay::Uniform { low_us: 6_000, high_us: 12_000 };

fn experiment((n, r, w): (u8, u8, u8), link: Delay) -> Experiment {
    Experiment { n, r, w, link, sync: SYNC, ack_before_sync: false, seed: 11 }
}

fn measured(experiment: Experiment, after_us: &[u64]) -> Measured {
    let mut measured = Measured::new(experiment, after_us).expect("such a store can be");
    measured.run(TRIALS);
    assert_eq!((measured.trials(), measured.unanswered()), (u64::from(TRIALS), 0));
    measured
}

fn forecast(wars: &Wars) -> Forecast {
    let mut forecast = Forecast::new(wars, 5).expect("possible");
    forecast.run(FORETOLD);
    forecast
}

/// How far what was measured is from what is foretold, in the deviations that chance explains:
/// the worst of all instants. A few millionths more are allowed, for the buckets of the forecast.
fn deviations(measured: &Measured, forecast: &Forecast) -> u32 {
    let Experiment { r, w, .. } = *measured.experiment();
    let off = measured.reads().iter().map(|(after_us, fresh)| {
        let wanted = forecast.consistent_ppm(r, w, *after_us).expect("there are trials");
        let found = (fresh * 1_000_000 / measured.trials()) as u32;
        let both = margin_ppm(wanted, measured.trials()) + margin_ppm(wanted, FORETOLD.into());
        // A margin is 1.96 deviations.
        found.abs_diff(wanted).saturating_sub(1_500) * 196 / (both + 1) / 100
    });
    off.max().expect("there are instants")
}

/// Where the model knows all that there is, the world does what it says: at every instant, for
/// quorums that overlap and quorums that do not.
fn the_world_does_what_is_foretold(link: Delay) {
    for (n, quorums) in [(3, &[(1, 1), (1, 2), (2, 1)][..]), (5, &[(2, 2), (2, 4)])] {
        let forecast = forecast(&experiment((n, 1, 1), link).wars().unwrap());
        for (r, w) in quorums {
            let after_us = [0, 1_000, 3_000, 6_000, 9_000, 15_000, 40_000];
            let experiment = experiment((n, *r, *w), link);
            let mut measured = Measured::new(experiment, &after_us).expect("such a store can be");
            measured.run(TRIALS / 2);
            let off = deviations(&measured, &forecast);
            assert!(off <= 3, "{experiment:?}: {off} deviations, {:?}", measured.reads());
        }
    }
}

#[test]
fn foretold_with_the_delays_of_the_lab() {
    the_world_does_what_is_foretold(LAB);
}

#[test]
fn foretold_with_exponential_delays() {
    the_world_does_what_is_foretold(Delay::Exponential { mean_us: 8_000 });
}

#[test]
fn foretold_with_log_normal_delays() {
    the_world_does_what_is_foretold(Delay::LogNormal { median_us: 8_000, sigma_ppm: 1_000_000 });
}

#[test]
fn foretold_with_pareto_delays() {
    the_world_does_what_is_foretold(Delay::Pareto { low_us: 4_000, shape_ppm: 1_500_000 });
}

/// As long do operations take, too: half of them, and one in a hundred.
#[test]
fn operations_take_as_long_as_foretold() {
    for quorum in [(3, 2, 1), (3, 2, 2), (5, 3, 3)] {
        let experiment = experiment(quorum, LAB);
        let (_, r, w) = quorum;
        let measured = measured(experiment, &[0, 20_000]);
        let forecast = forecast(&experiment.wars().unwrap());
        for share in [500_000, 990_000] {
            for (found, wanted) in [
                (measured.read_times().at_share(share), forecast.read_us(r, share)),
                (measured.write_times().at_share(share), forecast.write_us(w, share)),
            ] {
                let (found, wanted) = (found.unwrap(), wanted.unwrap());
                assert!(found.abs_diff(wanted) * 30 <= wanted, "{quorum:?}: {found} {wanted}");
            }
        }
    }
}

/// Forecasts that are wrong in one thing are found out: the comparison can fail.
#[test]
fn a_forecast_that_forgets_something_is_found_out() {
    let sync = Delay::Uniform { low_us: 1_500, high_us: 3_000 };
    let link = Delay::Exponential { mean_us: 20_000 };
    let experiment = Experiment { sync, ..experiment((3, 1, 1), link) };
    let measured = measured(experiment, &[1_000, 3_000, 6_000, 9_000]);
    let genuine = experiment.wars().unwrap();
    assert!(deviations(&measured, &forecast(&genuine)) <= 3);
    let ack = Leg::from(link);
    let forgets_sync = Wars { ack, ..genuine.clone() };
    let outside = Wars { origin: Origin::Outside, ..genuine.clone() };
    let quicker = Wars { write: Delay::Exponential { mean_us: 15_000 }.into(), ..genuine };
    for wrong in [forgets_sync, outside, quicker] {
        let off = deviations(&measured, &forecast(&wrong));
        assert!(off > 5, "{wrong:?}: {off} deviations");
    }
}

/// What the model does not know: a replica that holds a write on its way to the disk answers reads
/// only after it is there. With disks almost as slow as the network the fresh ones are late, and so
/// reads are staler than foretold.
#[test]
fn slow_disks_make_reads_staler_than_the_model_knows() {
    let link = Delay::Exponential { mean_us: 5_000 };
    let sync = Delay::Constant { us: 4_000 };
    let experiment = Experiment { sync, ..experiment((5, 1, 1), link) };
    let mut measured = measured(experiment, &[0, 1_000]);
    measured.run(4 * TRIALS);
    let forecast = forecast(&experiment.wars().unwrap());
    for (after_us, fresh) in measured.reads() {
        let found = (fresh * 1_000_000 / measured.trials()) as u32;
        let foretold = forecast.consistent_ppm(1, 1, *after_us).unwrap();
        let margin = margin_ppm(foretold, measured.trials());
        assert!(found + 2 * margin < foretold, "{after_us}: {found} {foretold}");
    }
    // Where nobody waits for disks, they make no difference.
    let hasty = Experiment { ack_before_sync: true, ..experiment };
    let forecast = self::forecast(&hasty.wars().unwrap());
    let measured = self::measured(hasty, &[0, 1_000, 4_000]);
    assert!(deviations(&measured, &forecast) <= 3);
}

/// Slices and instants: what a seed measures is the same however it is cut.
#[test]
fn slices_change_nothing() {
    let experiment = experiment((3, 1, 1), LAB);
    let whole = measured(experiment, &[9_000, 0, 9_000, 4_000]);
    let mut sliced = Measured::new(experiment, &[0, 4_000, 9_000]).unwrap();
    for slice in [1, 31, 0, 968, 3_000] {
        sliced.run(slice);
    }
    assert_eq!(sliced.reads(), whole.reads());
    assert_eq!(sliced.write_times().mean(), whole.write_times().mean());
    let other = measured(Experiment { seed: 12, ..experiment }, &[0, 4_000, 9_000]);
    assert_ne!(other.reads(), whole.reads());
    let told: Vec<_> = whole.reads().iter().map(|(_, fresh)| *fresh).collect();
    assert_eq!(told, PINNED, "links name seeds");
}

const PINNED: [u64; 3] = [1_357, 1_341, 2_861];

#[test]
fn no_such_store_is_refused() {
    for quorum in [(0, 1, 1), (3, 0, 1), (3, 4, 1), (3, 1, 4)] {
        assert!(Measured::new(experiment(quorum, LAB), &[0]).is_err(), "{quorum:?}");
    }
    let flat = Delay::Pareto { low_us: 1, shape_ppm: 0 };
    assert!(experiment((3, 1, 1), flat).wars().is_err());
}

fn finished(look: Option<Look>) -> Staleness {
    let mut staleness = Staleness::new(experiment((3, 2, 1), LAB));
    if let Some(look) = look {
        staleness.choose(look);
    }
    for _ in 0..1_000 {
        if staleness.is_finished() {
            return staleness;
        }
        staleness.run();
    }
    panic!("there is an end to it");
}

/// The figure shows the same place on both curves, every R and W, and says what it did.
#[test]
fn the_figure_says_what_it_found() {
    let mut staleness = finished(None);
    let curves = picture::curves(&staleness).unwrap();
    let [foretold, measured, quickest] = &curves.curves[..] else { panic!("three curves") };
    assert!(quickest.points.iter().zip(&foretold.points).all(|(quick, own)| quick.1 <= own.1));
    assert!(picture::comparison(&staleness).contains("With R = W = 1 it would be "));
    for after_us in staleness.instants() {
        let (foretold, (low, high)) =
            (foretold.at(*after_us).unwrap(), measured.bounds_at(*after_us).unwrap());
        assert!((low.saturating_sub(8_000)..=high + 8_000).contains(&foretold), "{after_us}");
    }
    let plane = picture::plane(&staleness).unwrap();
    assert_eq!(plane.dots.len(), 9);
    assert!(plane.dots.iter().all(|dot| !dot.label.contains("figure")), "the ring says it");
    assert_eq!(picture::latencies(&staleness).unwrap().rows.len(), 4);
    while staleness.guide() > 0 {
        staleness.move_guide(-1);
    }
    let said = picture::sentence(&staleness);
    assert!(said.starts_with("A read right after a write is up to date in 8"), "{said}");
    assert!(said.contains("(foretold 8"), "{said}");
    let truth = picture::truth(&staleness);
    assert!(truth.contains("10,000 writes to 3 servers") && truth.contains("seed 11"), "{truth}");
    assert!(truth.contains("Foretold: 100,000 trials"), "{truth}");
    assert_eq!(staleness.measured().unwrap().trials(), u64::from(MEASURED));
}

#[test]
fn other_quorums_share_a_forecast_and_other_networks_are_only_foretold() {
    let look = |n, r, w, network| Look { n, r, w, network };
    let mut staleness = finished(Some(look(3, 2, 2, Network::Own)));
    assert!(picture::reason(&staleness).starts_with("R + W = 4 is more than N = 3"));
    let curves = picture::curves(&staleness).unwrap();
    let [own @ .., quickest] = &curves.curves[..] else { panic!("the quickest beside it") };
    assert!(own.iter().all(|curve| curve.points.iter().all(|(_, y)| *y == 1_000_000)));
    assert!(quickest.points[0].1 < 1_000_000);
    let own: Vec<_> = picture::plane(&staleness).unwrap().dots;
    assert_eq!(own.iter().filter(|dot| dot.label == "R2 W1 (figure)").count(), 1);
    staleness.choose(look(3, 1, 1, Network::Own));
    assert_eq!(picture::comparison(&staleness), "", "it is what others are held against");
    assert!(!staleness.is_finished() && staleness.measured().is_none());
    assert_eq!(staleness.forecast().unwrap().trials(), u64::from(FORETOLD));

    let fitted = finished(Some(look(9, 9, 9, Network::Fitted(Fit::Yammer))));
    assert_eq!(fitted.look(), look(7, 7, 7, Network::Fitted(Fit::Yammer)), "made to fit");
    let mut fitted = finished(Some(look(3, 1, 1, Network::Fitted(Fit::Yammer))));
    assert!(fitted.measured().is_none());
    assert!(picture::truth(&fitted).starts_with("Foretold only"));
    assert!(picture::sentence(&fitted).contains("is foretold"));
    let seed = fitted.experiment().seed;
    fitted.start_over();
    assert_eq!(fitted.look(), look(3, 2, 1, Network::Own));
    assert_eq!((fitted.experiment().seed, fitted.is_finished()), (seed + 1, false));
}

/// What is turned in the lab is followed, as long as the reader has chosen nothing else.
#[test]
fn the_figure_follows_the_lab() {
    let own = experiment((3, 2, 1), LAB);
    let mut staleness = Staleness::new(own);
    (0..6).for_each(|_| staleness.run());
    assert!(staleness.measured().is_some());
    staleness.follow(own);
    assert!(staleness.measured().is_some(), "nothing has changed");
    staleness.follow(Experiment { r: 1, ..own });
    assert_eq!((staleness.look().r, staleness.measured().is_none()), (1, true));
    let chosen = Look { n: 3, r: 3, w: 1, network: Network::Own };
    staleness.choose(chosen);
    staleness.follow(Experiment { sync: Delay::Constant { us: 0 }, ..own });
    assert_eq!((staleness.look(), staleness.own_quorum()), (chosen, Some((2, 1))));
    assert!(staleness.forecast().is_none(), "the disks are others");
}
