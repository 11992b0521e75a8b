//! The findings of the storm, and the view as a reader uses it.

use super::*;
use crate::labs::breaker::{BreakerEvent, Cluster, ENTRY, End};
use crate::labs::{Command, LabSettings, Setting, SettingValue};
use crate::sim::Happening;

const DESK: Frame = Frame { width: 656.0, height: 432.0 };
const PHONE: Frame = Frame { width: 358.0, height: 400.0 };

/// The world of a seed, to its end.
fn told(remedy: Remedy, weather: &Weather, seed: u64) -> Told {
    let mut running = Running::new(Experiment::of(remedy, weather, None), seed);
    std::iter::repeat_with(|| running.run(10_000)).flatten().next().expect("it ends")
}

/// A view that knows of all its worlds: each is like the one of `seed`.
fn filled(seed: u64) -> StormView {
    let mut view = StormView::new();
    let weather = view.weather();
    for row in &mut view.rows {
        let like = told(row.remedy, &weather, seed);
        row.worlds.iter_mut().for_each(|world| *world = Some(like.clone()));
    }
    view
}

/// Bronson and others, 2021: the overload outlives its trigger. In an open loop waiting before a
/// retry only postpones it, and so does leaving undone what is too late: what is begun just in time
/// is done just too late. What takes calls away lets the fleet recover.
#[test]
fn what_helps_and_what_does_not() {
    let weather = StormView::new().weather();
    let down = |remedy| (0..5).filter(|seed| told(remedy, &weather, *seed).stays_down()).count();
    assert_eq!(down(Remedy::Nothing), 4, "of five: it is a matter of luck");
    for remedy in [Remedy::Jitter, Remedy::DropExpired] {
        assert!(down(remedy) >= 3, "{remedy:?}");
    }
    for remedy in [
        Remedy::NoRetries,
        Remedy::Budget,
        Remedy::Bulkhead,
        Remedy::BreakerOnRetries,
        Remedy::Breaker,
    ] {
        assert_eq!(down(remedy), 0, "{remedy:?}");
    }
}

/// Well below what the database can do there is room for all retries.
#[test]
fn with_room_to_spare_nothing_stays_down() {
    let weather = Weather { load: LOADS[0], ..StormView::new().weather() };
    assert!((0..3).all(|seed| !told(Remedy::Nothing, &weather, seed).stays_down()));
}

/// What is seen of one world that stays down: served before, everything asked again and again
/// afterwards, and each request as long as its tries take.
#[test]
fn a_world_that_stays_down_works_for_nobody() {
    let weather = StormView::new().weather();
    let told = told(Remedy::Nothing, &weather, 0);
    assert!(told.stays_down());
    let experiment = Experiment::of(Remedy::Nothing, &weather, None);
    assert_eq!(told.seconds.len() as u64, experiment.end_us / SECOND_US);
    let mean = |from: usize, to: usize, of: fn(&worlds::Second) -> u16| {
        let part = &told.seconds[from..to];
        part.iter().map(|second| u64::from(of(second))).sum::<u64>() / part.len() as u64
    };
    assert!((34..46).contains(&mean(2, 10, |second| second.served)));
    assert!((70..90).contains(&mean(10, 16, |second| second.asked)), "twice as many");
    assert!((34..46).contains(&mean(17, 76, |second| second.asked)), "as before");
    assert!(mean(60, 76, |second| second.served) < 5);
    assert!(mean(60, 76, |second| second.sent) > 2 * mean(2, 10, |second| second.sent));
    let last = told.seconds.last().expect("it has seconds");
    assert!(last.most_us > Some(8 * SECOND_US), "three tries of three seconds: {last:?}");
    assert!(last.half_us > Some(2 * SECOND_US), "{last:?}");
    assert!(told.seconds[5].half_us < Some(SECOND_US));
}

fn set(name: &'static str, value: SettingValue) -> Setting {
    Setting { name, value }
}

/// The figure with a fleet on its stage.
fn fleet() -> LabSettings {
    let mut settings = ENTRY.defaults.clone();
    settings.tuning.set(set("cast", SettingValue::Choice("fleet")));
    settings
}

/// A world of “all as set” with the figure's seed is the figure's own, second by second, if the
/// reader turns the load up and down at the same times.
#[test]
fn the_figures_own_fleet_is_the_one_on_the_stage() {
    for breaker in ["on", "off"] {
        let mut settings = fleet();
        settings.tuning.set(set("breaker", SettingValue::Choice(breaker)));
        let mut cluster = Cluster::new(&settings);
        let own = Own::of(&cluster).expect("it is a fleet");
        let weather = Weather { halves: 7, lasts_s: 6, ..StormView::new().weather() };
        let experiment = Experiment::of(Remedy::AsSet, &weather, Some(&own));
        assert_eq!((experiment.load(), experiment.capacity()), (40, 97));
        for (at_us, load) in [(10 * SECOND_US, 140), (16 * SECOND_US, 40)] {
            cluster.advance_to(at_us).expect("no limit is near");
            let load = set("load", SettingValue::Count(load));
            cluster.act(&Command::Set(load)).expect("it can be turned");
        }
        cluster.advance_to(30 * SECOND_US).expect("no limit is near");
        let seed = experiment.first_seed;
        let mut running = Running::new(experiment, seed);
        let told = std::iter::repeat_with(|| running.run(10_000)).flatten().next();
        let told = told.expect("it ends");
        let mut seconds = vec![(0, 0, 0); 30];
        for record in cluster.world().history().records().from(0) {
            let Happening::Decided { event, .. } = &record.what else { continue };
            let Some(now) = seconds.get_mut((record.at_us / SECOND_US) as usize) else { continue };
            match event {
                BreakerEvent::Began { .. } => now.0 += 1,
                BreakerEvent::Admitted { .. } => now.1 += 1,
                BreakerEvent::Over { end: End::Served, .. } => now.2 += 1,
                _ => {}
            }
        }
        let of_view = told.seconds.iter().map(|it| (it.asked, it.sent, it.served));
        assert_eq!(of_view.take(30).collect::<Vec<_>>(), seconds, "breaker {breaker}");
        let served: u16 = seconds[20..].iter().map(|it| it.2).sum();
        assert_eq!(served > 300, breaker == "on", "{served} in ten seconds");
    }
}

/// The findings hold for the figure's fleet, too.
#[test]
fn what_helps_the_figures_fleet() {
    let own = Own::of(&Cluster::new(&fleet()));
    let weather = Weather { halves: 7, lasts_s: 6, ..StormView::new().weather() };
    let down = |remedy| {
        let experiment = Experiment::of(remedy, &weather, own.as_ref());
        let stays_down = |seed| {
            let mut running = Running::new(experiment.clone(), seed);
            let told = std::iter::repeat_with(|| running.run(10_000)).flatten().next();
            told.expect("it ends").stays_down()
        };
        (7..10).filter(|seed| stays_down(*seed)).count()
    };
    assert_eq!(down(Remedy::Nothing), 3);
    assert_eq!(down(Remedy::Jitter), 3, "it only postpones");
    for remedy in [Remedy::NoRetries, Remedy::Budget, Remedy::Breaker, Remedy::AsSet] {
        assert_eq!(down(remedy), 0, "{remedy:?}");
    }
}

/// What a reader sets in the figure, the rows go by; and without a fleet there is the model.
#[test]
fn the_view_follows_the_figure() {
    let mut view = StormView::new();
    view.follow(Own::of(&Cluster::new(&ENTRY.defaults)));
    assert!(view.own().is_none() && !view.controls().contains("fleet="));
    assert_eq!(view.rows.len(), 8);
    let mut cluster = Cluster::new(&fleet());
    view.follow(Own::of(&cluster));
    assert_eq!((view.rows.len(), view.seed(0)), (9, 7));
    assert!(view.controls().contains("data-look=\"fleet=0\" aria-pressed=\"true\""));
    assert!(!view.controls().contains("name=\"tries\""));
    assert!(view.picture(DESK).contains("Seeds 7 to 26 of this figure’s fleet"));
    let known = Told { seconds: Vec::new() };
    view.rows.iter_mut().for_each(|row| row.worlds[0] = Some(known.clone()));
    let budget = set("budget", SettingValue::Share { ppm: 200_000 });
    cluster.act(&Command::Set(budget)).expect("it can be turned");
    view.follow(Own::of(&cluster));
    let begun = |row: &Row| row.worlds[0].is_none();
    let again: Vec<Remedy> =
        view.rows.iter().filter(|row| begun(row)).map(|it| it.remedy).collect();
    assert_eq!(again, [Remedy::Budget, Remedy::AsSet], "only these have to do with it");
    assert!(view.picture(DESK).contains("a retry for 20 % of successes"));
    view.choose("row=8");
    view.choose("fleet=1");
    assert_eq!((view.rows.len(), view.chosen.0, view.weather().halves), (8, 7, 4));
    assert!(view.picture(DESK).contains("Worlds 1 to 20"));
}

/// The same world whatever the slices, and the same seed for every remedy until the trigger.
#[test]
fn slices_change_nothing() {
    let weather = Weather { lasts_s: 2, ..StormView::new().weather() };
    let run = |records: usize| {
        let mut running = Running::new(Experiment::of(Remedy::Breaker, &weather, None), 3);
        std::iter::repeat_with(|| running.run(records)).flatten().next().expect("it ends")
    };
    assert_eq!(run(777), run(usize::MAX / 2));
}

#[test]
fn a_turned_slider_begins_those_rows_again_that_it_concerns() {
    let mut view = filled(0);
    let known = |view: &StormView| view.rows.iter().map(|row| row.down().1).collect::<Vec<_>>();
    view.choose("budget=4");
    let all = SEEDS;
    assert_eq!(known(&view), [all, all, all, all, 0, all, all, all]);
    view.choose("failures=0");
    assert_eq!(known(&view), [all, all, all, all, 0, all, 0, 0]);
    view.choose("load=0");
    assert_eq!(known(&view), [0; 8]);
    assert!(!view.is_finished());
}

#[test]
fn it_is_drawn_in_slices_and_says_what_it_knows() {
    let mut view = StormView::new();
    let first = view.picture(DESK);
    assert!(first.contains("0 of 0 worlds so far") && !view.is_finished(), "{first}");
    while view.looked_at().is_none() {
        view.picture(DESK);
    }
    let one = view.picture(DESK);
    assert!(one.contains("of 1 worlds so far"), "{one}");
    assert_eq!(one.matches("class=\"cb-cell\"").count(), 8 * SEEDS - 1);
    view.choose("row=7");
    assert_eq!(view.next().map(|next| next.0), Some(7), "what is looked at comes first");
    let mut view = filled(0);
    view.choose("row=7");
    assert!(view.is_finished());
    let all = view.picture(PHONE);
    assert_eq!(all.matches("class=\"cb-cell\"").count(), 0);
    assert!(all.contains("A minute later 20 of 20 worlds serve less"), "{all}");
    assert!(all.contains("With a breaker: 0 of 20."), "{all}");
    let down = view.rows.iter().map(|row| row.down().0).sum::<usize>();
    assert_eq!(all.matches("cb-cell down").count(), down);
    assert_eq!(view.picture(PHONE), all);
    // What the plots show stands in tables, too.
    let hidden = all.split("visually-hidden").nth(1).expect("they are there");
    assert!(hidden.contains(">served</th>") && hidden.contains(">p99</th>"), "{hidden}");
}

#[test]
fn keys_taps_and_nonsense() {
    let mut view = StormView::new();
    for (what, chosen) in [
        ("row=4", (4, 0)),
        ("world=67", (3, 7)),
        ("ArrowDown", (4, 7)),
        ("ArrowLeft", (4, 6)),
        ("ArrowRight", (4, 7)),
        ("ArrowUp", (3, 7)),
        ("row=8", (3, 7)),
        ("row=x", (3, 7)),
        ("world=160", (3, 7)),
        ("", (3, 7)),
        ("load=", (3, 7)),
        ("storm=3", (3, 7)),
    ] {
        view.choose(what);
        assert_eq!(view.chosen, chosen, "{what}");
    }
    view.choose("load=99");
    assert_eq!(view.weather().load, 46);
    assert!(view.controls().contains("46 a second"));
    view.choose("seeds");
    assert_eq!(view.seed(0), 20);
    assert!(view.controls().contains("data-look=\"row=3\" aria-pressed=\"true\""));
}
