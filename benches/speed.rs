//! How fast the whole thing goes: one list of measurements, taken natively and in a browser.
//!
//! `cargo xtask bench` takes both; `cargo bench --no-default-features --bench speed` the native
//! ones alone. For the browser this file is compiled and shrunk exactly as the page is.
//!
//! A new measurement is a line of [`MEASUREMENTS`] and a function that prepares its work. What is
//! no rate is in [`past`].

mod bare;
#[path = "../tests/shared/histories.rs"]
mod histories;
mod ledger;
mod past;

use rift::check::consistency::{Model, Verdict, Watch};
use rift::check::linearizability::{Checker, Progress, Register};
use rift::check::raft::RaftJudges;
use rift::explore::{RaftSubject, Subject};
use rift::labs::LABS;
use rift::labs::cap::staleness::{Experiment, Measured};
use rift::lens::Lens;
use rift::link::Link;
use rift::pbs::{Fit, Forecast};
use rift::random::Random;
use rift::sim::Delay;
use rift::timeline::Timeline;

use bare::Bare;

/// Some work, ready to be done again and again. Answers how many units it did.
type Work = Box<dyn FnMut() -> u64>;

struct Measurement {
    name: &'static str,
    unit: &'static str,
    prepare: fn() -> Work,
}

const MEASUREMENTS: [Measurement; 9] = [
    Measurement { name: "5 Raft servers, history", unit: "events", prepare: bare_worlds },
    Measurement { name: "5 Raft servers, history, judges", unit: "events", prepare: judged_worlds },
    Measurement { name: "100 clients’ operations judged", unit: "histories", prepare: clients },
    Measurement { name: "60 operations judged by 9 models", unit: "histories", prepare: models },
    Measurement { name: "Staleness of 3 replicas foretold", unit: "trials", prepare: forecasts },
    Measurement { name: "Staleness of 3 replicas measured", unit: "reads", prepare: staleness },
    Measurement { name: "event store, append with ids", unit: "events", prepare: appends },
    Measurement { name: "event store, replay", unit: "events", prepare: replays },
    Measurement { name: "slider over 10⁵ events", unit: "pictures", prepare: slider },
];

/// How often a work is done; the median counts. One more goes before, for browsers compile what
/// runs often a second time.
const ROUNDS: usize = 5;

/// How many runs make up one round of a world's work.
const PLANS: usize = 100;

fn bare_worlds() -> Work {
    let runs = runs();
    Box::new(move || runs.iter().map(|run| run.play(|_| {}) as u64).sum())
}

fn judged_worlds() -> Work {
    let runs = runs();
    let judged = |run: &Bare| {
        let mut judges = RaftJudges::new(run.settings.nodes);
        let events = run.play(|world| judges.observe(world));
        assert!(judges.verdicts().all_kept(), "Raft keeps its promises");
        events as u64
    };
    Box::new(move || runs.iter().map(judged).sum())
}

/// Ten new stores, each filled with 10^5 events, one at a time.
fn appends() -> Work {
    let ids = ledger::ids(100_000);
    Box::new(move || (0..10).map(|_| ledger::append(&ids, 1).last_position()).sum())
}

/// A stream of 10^5 events, as under a slider: again from the beginning each time.
fn replays() -> Work {
    let store = ledger::append(&ledger::ids(100_000), 1);
    Box::new(move || (0..200).map(|_| ledger::fold(&store)).sum())
}

/// The slider of the view that is about snapshots, moved: each time the stream is folded again
/// from its first event, and all that is shown is written.
fn slider() -> Work {
    let entry = LABS.iter().find(|lab| lab.name == "events").expect("the lab is there");
    let timeline = Timeline::start(entry, entry.defaults.clone());
    let mut lens = Lens::default();
    lens.open(&Link::of_timeline(&timeline, None).to_text()).expect("it is a good link");
    lens.at(timeline.branch(), 0).expect("the branch is there");
    let mut shown = String::new();
    while shown.is_empty() || !lens.is_finished() {
        shown = lens.picture("snapshots", 656.0, 432.0);
    }
    Box::new(move || {
        let moved = (0..100).map(|step: u64| {
            lens.press(&format!("version={}", 100_000 - step));
            let picture = lens.picture("snapshots", 656.0, 432.0);
            assert!(picture != shown, "another version is shown");
            shown = picture;
            1
        });
        moved.sum()
    })
}

/// Half of the histories have an order, half have not.
fn clients() -> Work {
    let mut random = Random::from_seed(9);
    let mut all = Vec::new();
    for _ in 0..100 {
        let mut history = histories::true_history(&mut random, 100, 10);
        all.push((history.clone(), true));
        histories::make_stale(&mut history);
        all.push((history, false));
    }
    let judged = |(history, has_order): &(Vec<(u64, histories::Op)>, bool)| {
        let verdict = Checker::new(Register::default(), history.clone()).finish();
        assert_eq!(verdict == Progress::Linearizable, *has_order);
        1
    };
    Box::new(move || all.iter().map(judged).sum())
}

/// What clients of a true store see, and of one that answers from the past.
fn models() -> Work {
    let mut random = Random::from_seed(11);
    let mut all = Vec::new();
    for _ in 0..50 {
        let mut history = histories::true_history(&mut random, 60, 5);
        all.push((histories::watched(&history), true));
        histories::make_stale(&mut history);
        all.push((histories::watched(&history), false));
    }
    let judged = |(watch, is_true): &(Watch, bool)| {
        let report = watch.judge(100_000);
        assert_eq!(*report.of(Model::Linearizable) == Verdict::Held, *is_true);
        1
    };
    Box::new(move || all.iter().map(judged).sum())
}

/// All that the page draws: every R and W for the slowest of the fits.
fn forecasts() -> Work {
    let wars = Fit::Wan.wars(3);
    Box::new(move || {
        let mut forecast = Forecast::new(&wars, 1).expect("a fit is possible");
        forecast.run(100_000);
        assert_eq!(forecast.grid().len(), 9);
        forecast.trials()
    })
}

/// What the page measures beside that, a slice a frame: real servers, 16 reads after each write.
fn staleness() -> Work {
    let link = Delay::Uniform { low_us: 6_000, high_us: 12_000 };
    let sync = Delay::Uniform { low_us: 200, high_us: 500 };
    let experiment = Experiment { n: 3, r: 1, w: 1, link, sync, ack_before_sync: false, seed: 1 };
    let after_us: Vec<u64> = (0..16).map(|ms| ms * 1_000).collect();
    Box::new(move || {
        let mut measured = Measured::new(experiment, &after_us).expect("such a store can be");
        measured.run(1_000);
        assert_eq!(measured.unanswered(), 0);
        measured.trials() * after_us.len() as u64
    })
}

/// Runs of five servers under the nemesis, with clients.
fn runs() -> Vec<Bare> {
    let subject = RaftSubject::genuine();
    let plans = (0..).map(|seed| subject.plan(seed));
    let plans = plans.filter(|plan| plan.settings.servers == 5).take(PLANS);
    plans.map(|plan| Bare::of(&subject, &plan)).collect()
}

/// A line a measurement: its name, the median, and between what bounds all rounds were.
fn table() -> String {
    // First, for a browser's program never gives memory back.
    let mut table = past::table(now_ms, memory);
    for Measurement { name, unit, prepare } in MEASUREMENTS {
        let mut work = prepare();
        work();
        let mut rates: Vec<u64> = (0..ROUNDS).map(|_| rate(&mut work)).collect();
        rates.sort_unstable();
        let [low, median, high] = [0, ROUNDS / 2, ROUNDS - 1].map(|at| thousands(rates[at]));
        table += &format!("{name:<40} {median:>9} k {unit}/s   ({low} to {high})\n");
    }
    table
}

/// Units a second.
fn rate(work: &mut Work) -> u64 {
    let start = now_ms();
    let units = work();
    (units as f64 * 1_000.0 / (now_ms() - start)) as u64
}

fn thousands(rate: u64) -> String {
    match rate / 1_000 {
        0 => format!("{}.{:03}", rate / 1_000, rate % 1_000),
        thousands => thousands.to_string(),
    }
}

#[cfg(not(target_arch = "wasm32"))]
fn now_ms() -> f64 {
    use std::sync::LazyLock;
    use std::time::Instant;
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_secs_f64() * 1_000.0
}

/// What the process holds, in bytes; 0 where the system does not tell.
#[cfg(not(target_arch = "wasm32"))]
fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = status.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok());
    pages.unwrap_or(0) * 4_096
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    print!("{}", table());
}

/// As in the page.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[cfg(target_arch = "wasm32")]
fn now_ms() -> f64 {
    let performance = web_sys::window().and_then(|window| window.performance());
    performance.expect("every browser has a clock").now()
}

#[cfg(target_arch = "wasm32")]
fn memory() -> usize {
    core::arch::wasm32::memory_size::<0>() * 65_536
}

/// The page around it sends on what it finds in the body.
#[cfg(target_arch = "wasm32")]
fn main() {
    let document = web_sys::window().and_then(|window| window.document());
    let body = document.and_then(|document| document.body()).expect("a page has a body");
    body.set_text_content(Some(&table()));
}
