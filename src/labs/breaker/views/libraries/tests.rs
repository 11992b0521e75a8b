//! What each habit does to one trace, and the view as a reader uses it.

use super::replay::Deed;
use super::*;
use crate::circuit_breaker::{Breaker, Outcome, Permit, Reason, State, Transition};
use crate::labs::breaker::{BreakerEvent, ENTRY};
use crate::labs::{Command, Setting, SettingValue};
use crate::sim::Happening;

const DESK: Frame = Frame { width: 656.0, height: 432.0 };

fn place(name: &str) -> usize {
    PRESETS.iter().position(|preset| preset.name == name).expect("there is such a preset")
}

fn chapter(title: &str) -> Trace {
    let place = CHAPTERS.iter().position(|chapter| chapter.title == title);
    Trace::of(Some(place.expect("there is such a chapter")))
}

/// What a breaker is at an instant.
fn state_at(played: &Played, at_us: u64) -> State {
    let before = played.moves.iter().take_while(|moved| moved.at_us <= at_us);
    before.last().map_or(State::Closed, |moved| moved.to)
}

fn first_parting(title: &str, preset: &str) -> Option<(u64, Deed)> {
    let played = play(&chapter(title));
    let parting = played[place(preset)].1.first().copied();
    parting.map(|parting| (parting.at_us / 1_000, parting.deed))
}

/// One trace tells all of them apart from the genuine one, and from each other.
#[test]
fn every_habit_shows_on_the_whole_trace() {
    let played = play(&Trace::of(None));
    assert!(played[0].1.is_empty());
    for (preset, (_, partings)) in PRESETS.iter().zip(&played).skip(1) {
        assert!(!partings.is_empty(), "{}", preset.name);
    }
    for (k, one) in played.iter().enumerate() {
        for (l, other) in played.iter().enumerate().skip(k + 1) {
            assert_ne!(one.0, other.0, "{} and {}", PRESETS[k].name, PRESETS[l].name);
        }
    }
}

/// Each chapter is about one edge: this is where it parts those who decide it differently.
#[test]
fn every_chapter_gives_away_whom_it_is_about() {
    use Deed::{Moves, Rejects, Stays};
    let open = |until_us| State::Open { until_us };
    for (title, preset, parting) in [
        ("five failures", "one-more", (900, Stays(open(5_900_000)))),
        ("five failures", "strict-deadline", (5_900, Rejects)),
        ("late answers", "any-success-closes", (4_000, Moves(State::Closed))),
        ("late answers", "endless-failures", (6_100, Rejects)),
        ("late answers", "stale-success", (7_400, Moves(State::Closed))),
        ("a herd", "herd", (5_900, Stays(State::HalfOpen))),
        ("a probe hangs", "wedged", (8_900, Stays(open(13_900_000)))),
        ("a probe given up", "cancelled-closes", (6_200, Moves(State::Closed))),
        ("a healthy past", "long-memory", (4_000, Stays(open(9_000_000)))),
        ("a success", "success-opens", (1_900, Moves(open(6_900_000)))),
    ] {
        let found = first_parting(title, preset);
        let like = |a: Deed, b: Deed| match (a, b) {
            (Moves(a), Moves(b)) | (Stays(a), Stays(b)) => a == b,
            (a, b) => a == b,
        };
        let found = found.unwrap_or_else(|| panic!("{preset} is the same on {title:?}"));
        assert!(found.0 == parting.0 && like(found.1, parting.1), "{preset}: {found:?}");
    }
    let herd = &play(&chapter("a herd"))[place("herd")].1;
    let too_many = herd.iter().filter(|parting| parting.deed == Deed::LetsGo).count();
    assert_eq!(too_many, 9, "ten probes where there should be one");
    assert_eq!(first_parting("five failures", "wedged"), None);
    assert_eq!(first_parting("a herd", "long-memory"), None);
}

/// The first row is the core's breaker itself, asked call by call.
#[test]
fn the_genuine_row_is_the_core() {
    let trace = chapter("late answers");
    let played = play(&trace);
    let genuine = &played[0].0;
    let mut breaker = Breaker::new(traces::config()).expect("it is well formed");
    let mut permits: Vec<(u64, Permit, Outcome)> = Vec::new();
    for (arrival, rejected) in trace.arrivals.iter().zip(&genuine.rejected) {
        let at_us = arrival.at_us;
        // Results in the order of time, and calls after them.
        loop {
            let due = permits.iter().enumerate().filter(|(_, (ends_us, ..))| *ends_us <= at_us);
            let Some((k, _)) = due.min_by_key(|(k, (ends_us, ..))| (*ends_us, *k)) else { break };
            let (ends_us, permit, outcome) = permits.remove(k);
            breaker.report(permit, ends_us, outcome);
        }
        let asked = breaker.acquire(at_us);
        assert_eq!(asked.err().map(|rejected| rejected.reason), *rejected, "{arrival:?}");
        if let Ok(permit) = asked {
            let well = arrival.ends == traces::Ends::Well;
            let outcome = if well { Outcome::Success } else { Outcome::Failure };
            permits.push((at_us + arrival.takes_us, permit, outcome));
        }
    }
    assert_eq!(breaker.totals().late(), 3, "three answers came late and moved nothing");
    assert!(genuine.rejected.contains(&Some(Reason::ProbesUnderWay)));
    assert_eq!(state_at(genuine, 7_500_000), State::HalfOpen, "after the stale success");
    assert_eq!(state_at(&played[place("stale-success")].0, 7_500_000), State::Closed);
}

/// Every chapter leaves the genuine breaker closed, so that the next one begins afresh.
#[test]
fn chapters_follow_each_other() {
    let mut begins = 0;
    let whole = Trace::of(None);
    let genuine = Played::of(&whole, &PRESETS[0]);
    for (place, chapter) in CHAPTERS.iter().enumerate() {
        let alone = Trace::of(Some(place));
        let moves = Played::of(&alone, &PRESETS[0]).moves;
        let ends = begins + alone.ends_us;
        let within = genuine.moves.iter().filter(|moved| (begins..ends).contains(&moved.at_us));
        let within: Vec<u64> = within.map(|moved| moved.at_us - begins).collect();
        let expected: Vec<u64> = moves.iter().map(|moved| moved.at_us).collect();
        assert_eq!(within, expected, "{}", chapter.title);
        assert_eq!(state_at(&genuine, ends), State::Closed, "{}", chapter.title);
        begins = ends;
    }
    assert_eq!(begins, whole.ends_us);
}

#[test]
fn it_shows_all_of_them_and_where_they_part() {
    let mut view = LibrariesView::new();
    let html = view.picture(DESK);
    assert_eq!(html.matches("class=\"cb-band\"").count(), PRESETS.len());
    for preset in PRESETS {
        assert!(html.contains(&[">", preset.name, "</span>"].concat()), "{}", preset.name);
    }
    assert!(html.contains("“stale-success”") && html.contains("it closes, and should not"));
    // What is flagged in the table of chapters is what parts.
    let flags = view.given_away.iter().flatten().filter(|given| **given).count();
    assert_eq!(html.matches("cb-gives").count(), flags);
    view.choose("chapter=5");
    let html = view.picture(DESK);
    assert!(html.contains("Twenty calls succeed") && html.contains("Nothing in this part"));
    assert!(html.contains("the same here") && html.contains("differs at "));
    let pressed = "data-look=\"chapter=5\" aria-pressed=\"true\"";
    assert!(view.controls().contains(pressed));
}

#[test]
fn keys_taps_and_nonsense() {
    let mut view = LibrariesView::new();
    assert_eq!(view.part, Part::Chapter(FIRST));
    view.choose("all");
    view.choose("breaker=1");
    let last = view.played[1].1.len() - 1;
    assert!(last > 2, "{last}");
    for (what, at) in [
        ("ArrowLeft", (1, 0)),
        ("ArrowRight", (1, 1)),
        ("after", (1, 2)),
        ("before", (1, 1)),
        ("ArrowUp", (0, 0)),
        ("ArrowRight", (0, 0)),
        ("ArrowUp", (0, 0)),
        ("breaker=99", (0, 0)),
        ("chapter=99", (0, 0)),
        ("", (0, 0)),
        ("breaker=10", (10, 0)),
        ("ArrowDown", (10, 0)),
    ] {
        view.choose(what);
        assert_eq!((view.row, view.parting), at, "{what}");
    }
    (0..200).for_each(|_| view.choose("ArrowRight"));
    assert_eq!(view.parting, view.played[10].1.len() - 1);
    view.choose("chapter=0");
    assert_eq!((view.part, view.parting), (Part::Chapter(0), 0));
    view.choose("all");
    assert_eq!(view.part, Part::All);
}

const SECOND_US: u64 = 1_000_000;

/// A run in which the service is slow, then fails, and is well again, with a breaker of a habit.
fn run_with(habit: &'static str) -> BreakerLab {
    let choice = |name, word| Setting { name, value: SettingValue::Choice(word) };
    let mut settings = ENTRY.defaults.clone();
    settings.tuning.set(choice("habit", habit));
    let timeout = SettingValue::Time { us: 20 * SECOND_US };
    settings.tuning.set(Setting { name: "timeout", value: timeout });
    settings.tuning.set(Setting { name: "latency", value: SettingValue::Time { us: SECOND_US } });
    settings.tuning.set(Setting { name: "load", value: SettingValue::Count(8) });
    let mut lab = BreakerLab::new(&settings);
    for (at_s, health) in [(1, "slow"), (3, "errors"), (11, "well"), (20, "hangs"), (24, "well")] {
        lab.advance_to(at_s * SECOND_US).expect("no limit is near");
        lab.act(&Command::Set(choice("health", health))).expect("it can be turned");
    }
    lab.advance_to(45 * SECOND_US).expect("no limit is near");
    lab
}

/// How the breaker in the run moved, and which calls it rejected.
fn what_happened(lab: &BreakerLab) -> (Vec<Transition>, Vec<Option<Reason>>) {
    let (mut moves, mut rejected) = (Vec::new(), Vec::new());
    for record in lab.cluster().world().history().records().from(0) {
        let Happening::Decided { event, .. } = &record.what else { continue };
        match event {
            BreakerEvent::Moved { transition, .. } => moves.push(*transition),
            BreakerEvent::Admitted { .. } => rejected.push(None),
            BreakerEvent::Rejected { reason, .. } => rejected.push(Some(*reason)),
            _ => {}
        }
    }
    (moves, rejected)
}

/// Of the calls of a run a breaker makes here what the figure's own made of them there, whatever
/// its habits: nothing is lost on the way.
#[test]
fn a_run_is_played_as_it_was() {
    for preset in PRESETS {
        let lab = run_with(preset.name);
        let run = Run::of(lab.cluster());
        let played = Played::of(&run.trace, preset);
        let (moves, rejected) = what_happened(&lab);
        assert!(moves.len() > 1 && rejected.len() > 200, "{}: {moves:?}", preset.name);
        assert_eq!(played.moves, moves, "{}", preset.name);
        assert_eq!(played.rejected, rejected, "{}", preset.name);
        assert_eq!(run.own.map(|own| PRESETS[own].name), Some(preset.name));
        let bounced = rejected.iter().flatten().count() as u64;
        assert_eq!((run.guessed(), run.is_cut), (bounced, false), "{}", preset.name);
    }
}

/// A run with late answers gives those away that mind them.
#[test]
fn the_readers_own_run_tells_them_apart() {
    let lab = run_with("genuine");
    let mut view = LibrariesView::new();
    let draw = |view: &mut LibrariesView, lab: &BreakerLab| {
        (0..=DRAWINGS_A_PLAY).map(|_| view.draw(lab, DESK, &Highlight::default())).last()
    };
    view.choose("run");
    let html = draw(&mut view, &lab).expect("it was drawn");
    assert!(view.is_finished());
    assert!(html.contains("This run so far: 360 calls"), "{html}");
    assert!(html.contains("as it should be, this figure’s"), "{html}");
    let parts = |view: &LibrariesView, name: &str| view.played[place(name)].1.clone();
    let closes = Deed::Moves(State::Closed);
    assert_eq!(parts(&view, "stale-success").first().map(|it| it.deed), Some(closes));
    assert!(view.played[0].1.is_empty());
    // While the run goes on it is played now and then, and always in the end.
    let mut on = lab.clone();
    view.draw(&on, DESK, &Highlight::default());
    view.drawings = 0;
    on.advance_to(46 * SECOND_US).expect("no limit is near");
    view.draw(&on, DESK, &Highlight::default());
    assert!(!view.is_finished() && view.trace.ends_us == 45 * SECOND_US);
    draw(&mut view, &on);
    assert!(view.is_finished() && view.trace.ends_us == 46 * SECOND_US);
    // Another instant, another branch: whatever the lab has is what is played.
    let early = BreakerLab::new(&ENTRY.defaults);
    let html = draw(&mut view, &early).expect("it was drawn");
    assert!(html.contains("This run has no calls yet"), "{html}");
}

/// A long run is played from some instant on, and a rejected call goes like its neighbours.
#[test]
fn only_the_latest_calls_are_played() {
    let mut settings = ENTRY.defaults.clone();
    settings.tuning.set(Setting { name: "load", value: SettingValue::Count(50) });
    let mut lab = BreakerLab::new(&settings);
    lab.advance_to(20 * SECOND_US).expect("no limit is near");
    let run = Run::of(lab.cluster());
    assert_eq!((run.trace.arrivals.len(), run.is_cut), (run::MOST, true));
    assert_eq!(run.trace.begins_us, run.trace.arrivals[0].at_us);
    assert!(run.trace.begins_us > 11 * SECOND_US);
    let lab = run_with("genuine");
    let run = Run::of(lab.cluster());
    let guessed = run.trace.arrivals.iter().filter(|arrival| arrival.is_guessed);
    let ends: Vec<traces::Ends> = guessed.map(|arrival| arrival.ends).collect();
    assert!(ends.contains(&traces::Ends::Badly) && ends.contains(&traces::Ends::Well));
}
