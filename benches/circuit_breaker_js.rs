//! What a call through the circuit breaker costs in a page: asked for by JavaScript, so with all
//! that crosses the border.
//!
//! `cargo xtask bench page` builds the page and runs this in headless Chromium, on the program as
//! it is published.
//!
//! Rejections are not here: rounds of them did not end within minutes in a browser that is driven
//! by another program.

#[path = "../tests/browser/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the tests need more of it")]
mod support;

use support::{Visit, visit};

/// How often each is measured, all in turn; the median counts, and the best is told with it. Three
/// more go before.
const ROUNDS: usize = 21;
/// Calls in each round.
const CALLS: u64 = 20_000;

/// What is timed, with a breaker at hand: `n` calls, each awaited before the next but where it says
/// otherwise. The first two have no breaker, to compare with.
const MEASUREMENTS: [(&str, &str); 9] = [
    ("a promise, awaited", "for (let i = 0; i < n; i++) await work();"),
    ("the same through an async function", "for (let i = 0; i < n; i++) await through(work);"),
    ("five in a row", "for (let i = 0; i < n; i++) await usual.call(work);"),
    ("window of 100 calls", "for (let i = 0; i < n; i++) await counting.call(work);"),
    ("window of 10 × 1 s", "for (let i = 0; i < n; i++) await timed.call(work);"),
    ("five in a row, with a listener", "for (let i = 0; i < n; i++) await heard.call(work);"),
    (
        "five in a row, 100 at once",
        "const all = new Array(100);
        for (let i = 0; i < n; i += 100) {
            for (let j = 0; j < 100; j++) all[j] = usual.call(work);
            await Promise.all(all);
        }",
    ),
    (
        "100 promises at once, no breaker",
        "const all = new Array(100);
        for (let i = 0; i < n; i += 100) {
            for (let j = 0; j < 100; j++) all[j] = through(work);
            await Promise.all(all);
        }",
    ),
    ("the clock, read once", "for (let i = 0; i < n; i++) performance.now();"),
];

const BEGIN: &str = "
    const { default: init, CircuitBreaker } =
        await import(new URL('circuit-breaker.js', document.baseURI).href);
    await init();
    const done = Promise.resolve(7);
    const work = () => done, through = async (fn) => await fn();
    const rates = { minimumCalls: 10, failureRate: 0.5 };
    const usual = new CircuitBreaker();
    const counting = new CircuitBreaker({ trip: { countWindow: { calls: 100, ...rates } } });
    const timed = new CircuitBreaker(
        { trip: { timeWindow: { buckets: 10, bucketMs: 1000, ...rates } } });
    const heard = new CircuitBreaker();
    heard.onTransition(() => {});
";

fn main() {
    // What `cargo bench` and `cargo test --benches` hand on makes no difference.
    let bare = "circuit-breaker/circuit-breaker.js";
    visit(Visit { query: bare, ..Visit::default() }, async |page| {
        let work = MEASUREMENTS.map(|(_, work)| format!("async (n) => {{ {work} }}"));
        let begun = format!(
            "return (async () => {{ {BEGIN} window.work = [{}]; return true; }})()",
            work.join(",")
        );
        let begun: bool = page.eval(&begun).await;
        assert!(begun);
        let mut rounds = vec![Vec::new(); MEASUREMENTS.len()];
        for round in 0..ROUNDS + 3 {
            for (place, taken) in rounds.iter_mut().enumerate() {
                let script = format!(
                    "return (async () => {{ const from = performance.now();
                        await window.work[{place}]({CALLS});
                        return (performance.now() - from) * 1e6 / {CALLS}; }})()"
                );
                let ns: f64 = page.eval(&script).await;
                if round >= 3 {
                    taken.push(ns);
                }
            }
        }
        println!("nanoseconds a call, in Chromium:{:>24} {:>9}", "median", "best");
        for ((name, _), taken) in MEASUREMENTS.iter().zip(&mut rounds) {
            taken.sort_unstable_by(f64::total_cmp);
            println!("{name:<46} {:>9.1} {:>9.1}", taken[ROUNDS / 2], taken[0]);
        }
    });
}
