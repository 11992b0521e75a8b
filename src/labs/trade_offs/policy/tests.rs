//! What each line buys and brings, measured.

use super::super::cells::Experiment as _;
use super::*;

const DESK: Frame = Frame { width: 900.0, height: 600.0 };
const PHONE: Frame = Frame { width: 358.0, height: 600.0 };

fn experiment(lines: &[Line], incident: Incident) -> Experiment {
    let lines = lines.iter().copied().fold(Lines::default(), Lines::with);
    let knobs = PolicyStudy::new().knobs();
    Experiment { lines, knobs, incident, load: 40, within_s: 10 }
}

fn survives(lines: &[Line], incident: Incident) -> bool {
    let mut running = experiment(lines, incident).begin(0);
    Experiment::go_on(&mut running, usize::MAX / 2).expect("it ends").is_survived
}

/// What fails now and then, for good, is borne by those who try again, and by nobody else.
#[test]
fn retries_bear_what_fails_now_and_then() {
    for incident in [Incident::Errors, Incident::Loss] {
        assert!(!survives(&[Line::Timeout], incident), "{incident:?}");
        assert!(survives(&[Line::Timeout, Line::Retries], incident), "{incident:?}");
    }
}

/// Bronson and others, 2021: retries keep an overload alive when its cause is gone. What takes
/// calls away ends it.
#[test]
fn an_overload_outlives_its_cause_unless_calls_are_taken_away() {
    let retries = [Line::Timeout, Line::Retries];
    assert!(!survives(&retries, Incident::Spike));
    assert!(!survives(&retries, Incident::Slow));
    assert!(survives(&Line::ALL, Incident::Spike));
    assert!(survives(&Line::ALL, Incident::Slow));
}

/// What simply ends, and leaves no queue behind, needs no policy.
#[test]
fn a_cut_or_a_crash_needs_no_policy() {
    for incident in [Incident::Cut, Incident::Crash, Incident::Shard] {
        assert!(survives(&[], incident), "{incident:?}");
    }
}

/// Every incident is one: fewer are served in time while it lasts than before. And nothing of it is
/// refused by the world.
#[test]
fn every_incident_hurts() {
    for incident in Incident::ALL {
        let experiment = experiment(&[], incident);
        let mut running = experiment.begin(1);
        let told = Experiment::go_on(&mut running, usize::MAX / 2).expect("it ends");
        let share = |from: usize, to: usize| {
            let part = &told.seconds[from..to];
            let sum = |of: fn(&worlds::Second) -> u16| {
                part.iter().map(|second| u64::from(of(second))).sum::<u64>()
            };
            100 * sum(|second| second.served) / sum(|second| second.asked)
        };
        let (before, during) = (share(3, 10), share(11, 20));
        assert!(before >= 90 && during < before - 8, "{incident:?}: {before} {during}");
        let last_us = incident.acts().last().map_or(0, |(at_us, _)| *at_us);
        assert!(last_us <= 20_000_000, "{incident:?} is over in time, or goes on");
    }
}

/// Literal lines are what callers go by.
#[test]
fn a_line_is_what_it_says() {
    let knobs = PolicyStudy::new().knobs();
    let said: Vec<String> = Line::ALL.iter().map(|line| line.literal(&knobs)).collect();
    assert_eq!(
        said,
        [
            "timeout 1000ms",
            "tries 3",
            "backoff full, base 100ms",
            "budget 20%",
            "breaker on, failures 5, wait 5000ms, per-shard",
            "bulkhead 20"
        ]
    );
    let bare = Lines::default().policy(&knobs, 1_000);
    assert_eq!((bare.retry.tries, bare.breaker, bare.budget, bare.bulkhead), (1, None, None, None));
    let all = Line::ALL.into_iter().fold(Lines::default(), Lines::with).policy(&knobs, 1_000);
    assert_eq!((all.retry.tries, all.timeout_us), (3, 1_000_000));
    assert!(all.breaker.is_some() && all.budget.is_some() && all.bulkhead.is_some());
}

/// A request that is served when its patience is over counts for nobody: a queue as long as that
/// keeps all workers busy, and nobody is served.
#[test]
fn late_answers_do_not_count() {
    let mut running = experiment(&[], Incident::Spike).begin(2);
    let told = Experiment::go_on(&mut running, usize::MAX / 2).expect("it ends");
    let sum = |of: fn(&worlds::Second) -> u16| {
        told.seconds[20..30].iter().map(|second| u64::from(of(second))).sum::<u64>()
    };
    let (served, late) = (sum(|second| second.served), sum(|second| second.late));
    assert!(late > 300 && served < 50, "{served} in time, {late} late");
    assert!(!told.is_survived);
}

#[test]
fn slices_change_nothing() {
    let run = |records: usize| {
        let mut running = experiment(&Line::ALL, Incident::Slow).begin(3);
        std::iter::repeat_with(|| Experiment::go_on(&mut running, records)).flatten().next()
    };
    assert_eq!(run(777), run(usize::MAX / 2));
}

#[test]
fn rows_are_the_lines_in_use() {
    let mut study = PolicyStudy::new();
    assert_eq!((study.rows().len(), study.progress().1), (7, 210));
    study.press("cell=69");
    assert_eq!(study.chosen, (6, 9));
    study.press("line=0");
    assert_eq!((study.rows().len(), study.progress().1), (6, 180));
    assert_eq!(study.chosen, (5, 9), "there is no such row any more");
    assert!(study.controls().contains("data-look=\"line=0\" aria-pressed=\"false\""));
    for nonsense in ["line=6", "row=6", "incident=10", "cell=60", "cell=", "load=", "", "x=1"] {
        study.press(nonsense);
    }
    assert_eq!((study.rows().len(), study.chosen), (6, (5, 9)));
    study.press("row=1");
    study.press("incident=0");
    assert_eq!(study.chosen, (1, 0));
}

#[test]
fn it_is_drawn_as_far_as_it_is_known() {
    let mut study = PolicyStudy::new();
    let first = study.draw(DESK);
    assert!(first.contains("Every line is there for an incident") && first.contains("0 of 210"));
    assert_eq!(first.matches(">…</td>").count(), 77);
    // A row of the matrix.
    while study.progress().0 < Incident::ALL.len() {
        study.run();
    }
    assert!(study.score(0).is_some() && study.score(1).is_none());
    study.press("cell=2");
    assert_eq!(study.progress().0, Incident::ALL.len(), "to look changes nothing");
    for frame in [DESK, PHONE] {
        let html = study.draw(frame);
        assert_eq!(html.matches(">…</td>").count(), 66);
        assert!(html.contains("for ten seconds twice as many requests come"));
        assert!(html.contains("<code>bulkhead 20</code>"));
        let hidden = html.split("visually-hidden").nth(1).expect("the plots as tables");
        assert!(hidden.contains("lines of policy"));
    }
    let score = study.score(0);
    study.press("load=0");
    assert_eq!(study.progress().0, 0, "{score:?}");
}
