//! What the event store costs in a page: the same work as in `benches/speed.rs`, but asked for by
//! JavaScript, so with everything that crosses the border; and what IndexedDB adds.
//!
//! `cargo xtask bench page` builds the page and runs this in headless Chromium, on the program as
//! it is published.

#[path = "../tests/browser/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the tests need more of it")]
mod support;

use support::{Visit, visit};

/// How often each is measured; the median counts. One more goes before.
const ROUNDS: usize = 5;

/// How each is prepared, and what is timed: a number of units, of which it says how many. There is
/// a store in memory, `kept` in IndexedDB, and `full`, which has a stream `s` of 100,000 events.
const MEASUREMENTS: [(&str, &str, &str); 9] = [
    (
        "append, one at a time, each awaited",
        "",
        "for (let n = 0; n < 20000; n++)
            await store.appendToStream('s', [event(n)], { expectedVersion: BigInt(n) });
        return 20000;",
    ),
    (
        "append, one at a time, by id",
        "",
        "const all = [];
        for (let n = 0; n < 20000; n++) all.push(store.appendToStream('s', [event(n)]));
        await Promise.all(all);
        return 20000;",
    ),
    (
        "append, batches of 100",
        "const batches = [];
        for (let n = 0; n < 200; n++)
            batches.push(Array.from({ length: 100 }, (_, m) => event(100 * n + m)));",
        "for (const batch of batches) await store.appendToStream('s', batch);
        return 20000;",
    ),
    ("read a stream", "", "return (await full.readStream('s')).events.length;"),
    (
        "aggregate a stream",
        "const initialState = () => 0, evolve = (sum, { data }) => sum + data.cents;",
        "return Number((await full.aggregateStream('s', { initialState, evolve })).evolved);",
    ),
    (
        "a subscription catches up",
        "",
        "let seen = 0;
        await new Promise((done) => {
            const reader = full.subscribe(() => {
                if (++seen === 100000) { reader.close(); done(); }
            });
        });
        return seen;",
    ),
    (
        "IndexedDB: append, each awaited",
        "",
        "for (let n = 0; n < 200; n++) await kept.appendToStream('s', [event(fresh++)]);
        return 200;",
    ),
    (
        "IndexedDB: append, 1,000 at once",
        "",
        "for (let round = 0; round < 5; round++)
            await Promise.all(Array.from({ length: 1000 },
                () => kept.appendToStream('s', [event(fresh++)])));
        return 5000;",
    ),
    (
        "IndexedDB: open",
        "",
        "const opened = await EventStore.open('full');
        const events = Number(opened.lastPosition);
        await opened.close();
        return events;",
    ),
];

const BEGIN: &str = "
    const { default: init, EventStore } =
        await import(new URL('event-store.js', document.baseURI).href);
    await init();
    const event = (n) => ({ id: '00000000-0000-4000-8000-' + n.toString(16).padStart(12, '0'),
        type: n % 3 ? 'Deposited' : 'Withdrawn', data: { cents: n & 63 } });
    const fill = async (store) => {
        for (let n = 0; n < 100; n++)
            await store.appendToStream('s', Array.from({ length: 1000 }, (_, m) =>
                event(1000 * n + m)));
        return store;
    };
    const full = await fill(EventStore.inMemory());
    await (await fill(await EventStore.open('full'))).close();
    const kept = await EventStore.open('kept');
    let fresh = 0;
";

fn main() {
    // `cargo bench` and `cargo test --benches` hand on flags of their own; there is nothing to pick.
    visit(Visit { query: "event-store/event-store.js", ..Visit::default() }, async |page| {
        let work: Vec<String> = MEASUREMENTS
            .iter()
            .map(|(_, prepare, work)| {
                format!(
                    "async (store) => {{ {prepare} const from = performance.now();
                    const units = await (async () => {{ {work} }})();
                    return units * 1000 / (performance.now() - from); }}"
                )
            })
            .collect();
        // In parts, for a script has half a minute.
        let begun = format!(
            "return (async () => {{ {BEGIN} window.work = [{}]; window.fresh = EventStore;
                return true; }})()",
            work.join(",")
        );
        let begun: bool = page.eval(&begun).await;
        assert!(begun);
        println!("thousands a second, in Chromium:");
        for (place, (name, _, _)) in MEASUREMENTS.iter().enumerate() {
            let mut rates: Vec<f64> = Vec::new();
            for _ in 0..=ROUNDS {
                let script = format!(
                    "return (async () => {{ const store = window.fresh.inMemory();
                        const rate = await window.work[{place}](store);
                        store.free(); return rate; }})()"
                );
                rates.push(page.eval(&script).await);
            }
            rates.remove(0);
            rates.sort_unstable_by(f64::total_cmp);
            println!("{name:<40} {:>9.1}", rates[ROUNDS / 2] / 1_000.0);
        }
    });
}
