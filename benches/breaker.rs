//! What a call through a circuit breaker costs, and the same work done by two others.
//!
//! `cargo bench --no-default-features --bench breaker` prints nanoseconds a call: leave asked for,
//! the call, its outcome reported. With valgrind on PATH, the same with `-- --callgrind` counts
//! instructions instead, which is the same number whatever else the machine is doing.
//!
//! Ours is told the time; the others read a clock of their own when they need one, which is while
//! they are open, and for failsafe's window always. So ours is measured with a clock, too.

use std::fmt::Display;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use failsafe::CircuitBreaker;
use rift::circuit_breaker::{
    Breaker, Config, CountWindow, Outcome, Rate, Rates, Reported, State, TimeWindow, Trip,
};

/// Calls of one round: half a millisecond's worth, so that a busy machine leaves most rounds alone.
const CALLS: u64 = 100_000;
/// Rounds; the median counts, and the best is told with it.
const ROUNDS: usize = 101;

/// Makes so many calls.
type Work = fn(u64);

struct Measurement {
    what: &'static str,
    by: &'static str,
    work: Work,
}

const MEASUREMENTS: [Measurement; 17] = [
    Measurement { what: "closed, all succeed", by: "nothing but the call", work: bare },
    Measurement { what: "", by: "rift, five in a row", work: in_a_row },
    Measurement { what: "", by: "rift, window of 100 calls", work: |n| closed(counted(), n, 0) },
    Measurement { what: "", by: "rift, window of 10 × 1 s", work: |n| closed(timed(), n, 0) },
    Measurement { what: "", by: "rift, all three, and slow calls", work: |n| closed(all(), n, 0) },
    Measurement { what: "", by: "rift, 100 calls, reads a clock", work: |n| clocked(n, 0) },
    Measurement { what: "", by: "recloser, ring of 100 calls", work: |n| recloser(n, 0) },
    Measurement { what: "", by: "failsafe, five in a row", work: |n| failsafe_in_a_row(n) },
    Measurement { what: "", by: "failsafe, 10 s", work: |n| failsafe(n, 0) },
    Measurement {
        what: "closed, every eighth fails",
        by: "rift, window of 100 calls",
        work: |n| closed(counted(), n, 8),
    },
    Measurement { what: "", by: "rift, window of 10 × 1 s", work: |n| closed(timed(), n, 8) },
    Measurement { what: "", by: "recloser, ring of 100 calls", work: |n| recloser(n, 8) },
    Measurement { what: "", by: "failsafe, 10 s", work: |n| failsafe(n, 8) },
    Measurement { what: "open, all rejected", by: "rift", work: open },
    Measurement { what: "", by: "rift, reads a clock", work: open_clocked },
    Measurement { what: "", by: "recloser", work: recloser_open },
    Measurement { what: "", by: "failsafe", work: failsafe_open },
];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    match &args[..] {
        [] => print_all(&times()),
        [flag] if flag == "--callgrind" => {
            print_all(&(0..MEASUREMENTS.len()).map(count).collect::<Vec<_>>());
        }
        [flag, which, calls] if flag == "--once" => {
            let which: usize = which.parse().expect("a number");
            (MEASUREMENTS[which].work)(calls.parse().expect("a number"));
        }
        _ => eprintln!("breaker bench: `--callgrind` or nothing"),
    }
}

fn print_all(results: &[String]) {
    for (Measurement { what, by, .. }, result) in MEASUREMENTS.iter().zip(results) {
        println!("{what:<26} {by:<32} {result}");
    }
}

/// Each in turn, and that again and again: whatever else the machine does, it does to all.
fn times() -> Vec<String> {
    let mut rounds = vec![Vec::new(); MEASUREMENTS.len()];
    for _ in 0..ROUNDS {
        for (measurement, rounds) in MEASUREMENTS.iter().zip(&mut rounds) {
            let start = Instant::now();
            (measurement.work)(CALLS);
            rounds.push(start.elapsed().as_nanos() as f64 / CALLS as f64);
        }
    }
    let median_and_best = |mut rounds: Vec<f64>| {
        rounds.sort_unstable_by(f64::total_cmp);
        let [best, median] = [rounds[0], rounds[ROUNDS / 2]].map(tenths);
        format!("{median:>8} ns a call   (best {best})")
    };
    rounds.into_iter().map(median_and_best).collect()
}

fn tenths(ns: f64) -> impl Display {
    format!("{ns:.1}")
}

/// The difference between a long and a short run, so that the start cancels out.
fn count(which: usize) -> String {
    let [short, long] = [CALLS, 2 * CALLS].map(|calls| instructions(which, calls));
    match short.zip(long) {
        Some((short, long)) => {
            let a_call = (long - short) as f64 / CALLS as f64;
            format!("{:>8} instructions a call", tenths(a_call))
        }
        None => "not measured".to_owned(),
    }
}

fn instructions(which: usize, calls: u64) -> Option<u64> {
    let this = std::env::current_exe().ok()?;
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(this);
    valgrind.args(["--once", &which.to_string(), &calls.to_string()]);
    let report = String::from_utf8(valgrind.output().ok()?.stderr).ok()?;
    let line = report.lines().find(|line| line.contains("Collected : "))?;
    line.rsplit(' ').next()?.parse().ok()
}

/// What is called: it costs next to nothing, and the compiler cannot see through it.
#[inline(always)]
fn service(call: u64, fails_every: u64) -> Result<u64, u64> {
    let call = black_box(call);
    // A power of two, so that no division is measured.
    let fails = fails_every > 0 && call & (fails_every - 1) == 0;
    if fails { Err(call) } else { Ok(call) }
}

fn bare(calls: u64) {
    for call in 0..calls {
        let _ = black_box(service(call, 0));
    }
}

const RATES: Rates = Rates::failures(Rate::percent(50), 20);

fn counted() -> Config {
    let count_window = Some(CountWindow { calls: 100, rates: RATES });
    let trip = Trip { consecutive_failures: None, count_window, time_window: None };
    Config { trip, ..Config::default() }
}

fn timed() -> Config {
    let time_window = Some(TimeWindow { buckets: 10, bucket_us: 1_000_000, rates: RATES });
    let trip = Trip { consecutive_failures: None, count_window: None, time_window };
    Config { trip, ..Config::default() }
}

fn all() -> Config {
    let [mut config, timed] = [counted(), timed()];
    config.trip.consecutive_failures = Some(5);
    config.trip.time_window = timed.trip.time_window;
    config.slow_from_us = Some(1_000_000);
    config
}

fn in_a_row(calls: u64) {
    closed(Config::default(), calls, 0);
}

/// Ten microseconds of time go by with each call, so that buckets fill and change.
fn closed(config: Config, calls: u64, fails_every: u64) {
    let mut breaker = Breaker::new(config).expect("a sound configuration");
    for call in 0..calls {
        let now_us = 10 * call;
        let permit = breaker.acquire(now_us).expect("it stays closed");
        let result = service(call, fails_every);
        let outcome = if result.is_ok() { Outcome::Success } else { Outcome::Failure };
        assert_eq!(breaker.report(permit, now_us + 5, outcome), Reported::Counted);
    }
    assert_eq!(breaker.state(), State::Closed);
    assert_eq!(breaker.totals().admitted, calls);
}

/// The clock is read twice a call: before and after.
fn clocked(calls: u64, fails_every: u64) {
    let mut breaker = Breaker::new(counted()).expect("a sound configuration");
    let start = Instant::now();
    let now_us = || start.elapsed().as_micros() as u64;
    for call in 0..calls {
        let _ = black_box(breaker.call(now_us, || service(call, fails_every)));
    }
    assert_eq!(breaker.state(), State::Closed);
}

fn open(calls: u64) {
    let mut breaker = opened();
    for call in 0..calls {
        let _ = black_box(breaker.acquire(black_box(call)).is_ok());
    }
    assert_eq!(breaker.totals().rejected_open, calls);
}

fn open_clocked(calls: u64) {
    let mut breaker = opened();
    let start = Instant::now();
    for call in 0..calls {
        let now_us = || start.elapsed().as_micros() as u64;
        let _ = black_box(breaker.call(now_us, || service(call, 0)));
    }
    assert_eq!(breaker.totals().rejected_open, calls);
}

fn opened() -> Breaker {
    let config = Config { wait: rift::circuit_breaker::Wait::fixed(u64::MAX), ..counted() };
    let mut breaker = Breaker::new(config).expect("a sound configuration");
    breaker.open(0);
    breaker
}

fn recloser_of(calls: usize) -> recloser::Recloser {
    let builder = recloser::Recloser::custom().error_rate(0.5).closed_len(calls);
    builder.open_wait(Duration::from_secs(3_600)).build()
}

fn recloser(calls: u64, fails_every: u64) {
    let breaker = recloser_of(100);
    for call in 0..calls {
        let result = black_box(breaker.call(|| service(call, fails_every)));
        assert!(!matches!(result, Err(recloser::Error::Rejected)), "it stays closed");
    }
}

fn recloser_open(calls: u64) {
    let breaker = recloser_of(10);
    for call in 0..20 {
        let _ = breaker.call(|| Err::<u64, u64>(call));
    }
    for call in 0..calls {
        let result = black_box(breaker.call(|| service(call, 0)));
        assert!(matches!(result, Err(recloser::Error::Rejected)), "it stays open");
    }
}

fn failsafe(calls: u64, fails_every: u64) {
    let wait = failsafe::backoff::constant(Duration::from_secs(3_600));
    let window = Duration::from_secs(10);
    let policy = failsafe::failure_policy::success_rate_over_time_window(0.5, 20, window, wait);
    let breaker = failsafe::Config::new().failure_policy(policy).build();
    for call in 0..calls {
        let result = black_box(breaker.call(|| service(call, fails_every)));
        assert!(!matches!(result, Err(failsafe::Error::Rejected)), "it stays closed");
    }
}

fn failsafe_in_a_row(calls: u64) {
    let wait = failsafe::backoff::constant(Duration::from_secs(3_600));
    let policy = failsafe::failure_policy::consecutive_failures(5, wait);
    let breaker = failsafe::Config::new().failure_policy(policy).build();
    for call in 0..calls {
        let result = black_box(breaker.call(|| service(call, 0)));
        assert!(!matches!(result, Err(failsafe::Error::Rejected)), "it stays closed");
    }
}

fn failsafe_open(calls: u64) {
    let wait = failsafe::backoff::constant(Duration::from_secs(3_600));
    let policy = failsafe::failure_policy::consecutive_failures(5, wait);
    let breaker = failsafe::Config::new().failure_policy(policy).build();
    for call in 0..20 {
        let _ = breaker.call(|| Err::<u64, u64>(call));
    }
    for call in 0..calls {
        let result = black_box(breaker.call(|| service(call, 0)));
        assert!(matches!(result, Err(failsafe::Error::Rejected)), "it stays open");
    }
}
