//! What each habit does to one trace, and the view as a reader uses it.

use super::replay::Deed;
use super::*;
use crate::circuit_breaker::{Breaker, Outcome, Permit, Reason, State};

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
        let at_us = arrival.at_ms * 1_000;
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
            permits.push((at_us + arrival.takes_ms * 1_000, permit, outcome));
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
        let ends = begins + alone.ends_ms * 1_000;
        let within = genuine.moves.iter().filter(|moved| (begins..ends).contains(&moved.at_us));
        let within: Vec<u64> = within.map(|moved| moved.at_us - begins).collect();
        let expected: Vec<u64> = moves.iter().map(|moved| moved.at_us).collect();
        assert_eq!(within, expected, "{}", chapter.title);
        assert_eq!(state_at(&genuine, ends), State::Closed, "{}", chapter.title);
        begins = ends;
    }
    assert_eq!(begins, whole.ends_ms * 1_000);
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
    assert_eq!(view.chapter, Some(FIRST));
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
    assert_eq!((view.chapter, view.parting), (Some(0), 0));
    view.choose("all");
    assert_eq!(view.chapter, None);
}
