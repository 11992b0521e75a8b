//! Calls to be played to breakers: when each comes, how long it takes, and how it ends. What they
//! are about is how the edges of the pattern are decided.

use crate::circuit_breaker::{
    Config, CountWindow, Guards, HalfOpen, Rate, Rates, Trip, Verdict, Wait,
};

/// How a call ends, if it is let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    Well,
    Badly,
    /// Its caller gives it up.
    GivenUp,
    /// It never reports.
    Never,
}

/// A call, in microseconds since the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Arrival {
    pub(super) at_us: u64,
    pub(super) takes_us: u64,
    pub(super) ends: Ends,
    /// Whether nobody knows how it would have ended: it was never made.
    pub(super) is_guessed: bool,
}

/// A trace, as a reader chooses it.
pub(super) struct Chapter {
    pub(super) title: &'static str,
    /// What happens in it.
    pub(super) what: &'static str,
    write: fn(&mut Trace),
}

/// The chapters; a breaker that is as it should be is closed at the end of each.
pub(super) const CHAPTERS: [Chapter; 7] = [
    Chapter {
        title: "five failures",
        what: "Five calls in a row fail, and a call comes at exactly the deadline.",
        write: five_failures,
    },
    Chapter {
        title: "late answers",
        what: "Three slow calls were let go before it opened, and answer while it is open or \
            half-open.",
        write: late_answers,
    },
    Chapter { title: "a herd", what: "Ten calls come at once when the wait is over.", write: herd },
    Chapter {
        title: "a probe hangs",
        what: "The first probe never comes back. Its lease ends after 3 s.",
        write: hanging_probe,
    },
    Chapter {
        title: "a probe given up",
        what: "The caller of the first probe gives up, and the service is still ill.",
        write: cancelled_probe,
    },
    Chapter {
        title: "a healthy past",
        what: "Twenty calls succeed, and then three of four fail.",
        write: healthy_past,
    },
    Chapter {
        title: "a success",
        what: "Seven of nine calls fail, and the tenth makes the volume full: it succeeds.",
        write: full_by_a_success,
    },
];

/// Milliseconds that a quick call takes.
const QUICK: u64 = 100;
/// The wait, and the lease of a probe, in milliseconds.
const WAIT: u64 = 5_000;
const LEASE: u64 = 3_000;

/// What all breakers here are built from: five failures in a row open, and six of ten.
pub(super) fn config() -> Config {
    let rates = Rates::failures(Rate::percent(60), 10);
    let count_window = Some(CountWindow { calls: 10, rates });
    Config {
        trip: Trip { consecutive_failures: Some(5), count_window, time_window: None },
        slow_from_us: None,
        wait: Wait::fixed(WAIT * 1_000),
        half_open: HalfOpen { probes: 1, verdict: Verdict::Successes(1), lease_us: LEASE * 1_000 },
        guards: Guards::AllCalls,
    }
}

/// Calls, in the order in which they come, and what breakers are built from that get them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Trace {
    pub(super) arrivals: Vec<Arrival>,
    /// When it begins and ends, in microseconds.
    pub(super) begins_us: u64,
    pub(super) ends_us: u64,
    pub(super) config: Config,
    /// When the chapter began that is being written, in milliseconds.
    base_ms: u64,
}

impl Trace {
    /// One chapter, or all of them one after the other.
    pub(super) fn of(chapter: Option<usize>) -> Trace {
        let mut trace = Trace { config: config(), ..Trace::default() };
        for (place, written) in CHAPTERS.iter().enumerate() {
            if chapter.is_none_or(|chapter| chapter == place) {
                (written.write)(&mut trace);
                trace.base_ms = trace.ends_us / 1_000;
            }
        }
        trace
    }

    /// Calls that were made, from when to when.
    pub(super) fn of_calls(arrivals: Vec<Arrival>, span_us: (u64, u64), config: Config) -> Trace {
        let (begins_us, ends_us) = span_us;
        Trace { arrivals, begins_us, ends_us, config, base_ms: 0 }
    }

    fn call(&mut self, at_ms: u64, takes_ms: u64, ends: Ends) {
        let (at_us, takes_us) = ((self.base_ms + at_ms) * 1_000, takes_ms * 1_000);
        let arrival = Arrival { at_us, takes_us, ends, is_guessed: false };
        let place = self.arrivals.partition_point(|other| other.at_us <= at_us);
        self.arrivals.insert(place, arrival);
    }

    fn quick(&mut self, at_ms: u64, ends: Ends) {
        self.call(at_ms, QUICK, ends);
    }

    /// Five failures in a row. When the breaker that opens by them may be called again.
    fn opens(&mut self, at_ms: u64) -> u64 {
        (0..5).for_each(|k| self.quick(at_ms + 200 * k, Ends::Badly));
        at_ms + 800 + QUICK + WAIT
    }

    fn end(&mut self, at_ms: u64) {
        self.ends_us = (self.base_ms + at_ms) * 1_000;
    }
}

fn five_failures(trace: &mut Trace) {
    let again = trace.opens(0);
    [1_500, 2_500, 3_500, 4_500].into_iter().for_each(|at_ms| trace.quick(at_ms, Ends::Badly));
    trace.quick(again, Ends::Well);
    [7_000, 7_400, 7_800].into_iter().for_each(|at_ms| trace.quick(at_ms, Ends::Well));
    trace.end(8_500);
}

fn late_answers(trace: &mut Trace) {
    trace.call(0, 7_400, Ends::Well);
    trace.call(50, 3_950, Ends::Well);
    trace.call(100, 4_500, Ends::Badly);
    let again = trace.opens(200);
    [2_000, 3_000, 4_200, 5_000].into_iter().for_each(|at_ms| trace.quick(at_ms, Ends::Badly));
    // The probe is slow, so that the oldest call answers before it does.
    trace.call(again, 2_000, Ends::Badly);
    trace.quick(7_600, Ends::Badly);
    trace.quick(again + 2_000 + WAIT, Ends::Well);
    trace.end(again + 2_000 + WAIT + 1_200);
}

fn herd(trace: &mut Trace) {
    let again = trace.opens(0);
    (0..10).for_each(|k| trace.call(again + 50 + 40 * k, 1_000, Ends::Well));
    trace.end(8_000);
}

fn hanging_probe(trace: &mut Trace) {
    let again = trace.opens(0);
    trace.call(again, LEASE, Ends::Never);
    trace.quick(again + 1_000, Ends::Badly);
    let once_more = again + LEASE + WAIT;
    trace.quick(once_more - 2_500, Ends::Badly);
    [0, 500, 1_000].into_iter().for_each(|later| trace.quick(once_more + later, Ends::Well));
    trace.end(once_more + 1_700);
}

fn cancelled_probe(trace: &mut Trace) {
    let again = trace.opens(0);
    trace.call(again, 300, Ends::GivenUp);
    trace.call(again + 600, 400, Ends::Badly);
    trace.call(again + 700, 400, Ends::Badly);
    let once_more = again + 1_000 + WAIT;
    trace.quick(once_more - 2_000, Ends::Badly);
    trace.quick(once_more, Ends::Well);
    trace.end(once_more + 800);
}

fn healthy_past(trace: &mut Trace) {
    (0..20).for_each(|k| trace.quick(150 * k, Ends::Well));
    let pattern = [Ends::Badly, Ends::Badly, Ends::Badly, Ends::Well];
    (0..16).for_each(|k| trace.quick(3_000 + 150 * k, pattern[k as usize % 4]));
    [7_000, 8_000].into_iter().for_each(|at_ms| trace.quick(at_ms, Ends::Badly));
    trace.quick(9_700, Ends::Well);
    trace.end(10_500);
}

fn full_by_a_success(trace: &mut Trace) {
    let pattern = [Ends::Badly, Ends::Badly, Ends::Badly, Ends::Well];
    (0..9).for_each(|k| trace.quick(200 * k, pattern[k as usize % 4]));
    (9..16).for_each(|k| trace.quick(200 * k, Ends::Well));
    trace.end(4_500);
}
