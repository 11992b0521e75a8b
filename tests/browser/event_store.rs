//! The event store as other pages use it: imported from its folder, in a real browser, with a real
//! database.

mod kept;
mod model;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::support::{Page, Visit, visit};

/// The script as a page: of the same origin, with nothing of ours running in it.
const BARE: &str = "event-store/event-store.js";

/// Big integers come out as `3n`. What is refused comes out with all of its properties.
const PRELUDE: &str = "
    const { default: init, EventStore } =
        await import(new URL('event-store.js', document.baseURI).href);
    await init();
    const id = (n) => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
    const event = (n, type = 'Added', data = n) => ({ id: id(n), type, data });
    const plain = (value) => JSON.parse(JSON.stringify(value ?? null,
        (_, value) => typeof value === 'bigint' ? `${value}n` : value));
    const refused = (promise) => promise.then(
        (value) => ({ kept: plain(value) }),
        (error) => plain({ ...error, name: error.name, message: error.message }));
    const ids = ({ events }) => events.map(({ id }) => parseInt(id.slice(-12), 16));
    const until = async (met) => {
        while (!met()) await new Promise((go) => setTimeout(go, 2));
    };
";

fn bare() -> Visit {
    Visit { query: BARE, ..Visit::default() }
}

/// Runs a script that has a store's program; what it returns.
async fn run<T: DeserializeOwned>(page: &Page, script: &str) -> T {
    page.eval(&format!("return (async () => {{ {PRELUDE} {script} }})()")).await
}

/// The same, in a store in memory.
async fn in_memory(page: &Page, script: &str) -> Value {
    run(page, &format!("const store = EventStore.inMemory(); {script}")).await
}

/// What a frame or another window made is an instance of other classes, and bytes all the same.
#[test]
fn bytes_of_another_window_are_bytes() {
    visit(bare(), async |page| {
        let said = in_memory(
            page,
            "const frame = document.body.appendChild(document.createElement('iframe'));
            const { Uint8Array: Theirs } = frame.contentWindow;
            const bytes = Theirs.of(1, 2, 255);
            await store.appendToStream('a', [event(1, 'Array', bytes),
                event(2, 'Buffer', bytes.buffer), event(3, 'Tagged', { bytes: 'no' })]);
            const { events } = await store.readStream('a');
            return [bytes instanceof Uint8Array,
                ...events.map(({ data }) => data instanceof Uint8Array ? [...data] : data)]",
        )
        .await;
        assert_eq!(said, json!([false, [1, 2, 255], [1, 2, 255], { "bytes": "no" }]));
        page.assert_quiet().await;
    });
}

#[test]
fn appending_answers_with_places_and_refuses_with_what_is_there() {
    visit(bare(), async |page| {
        let said = in_memory(
            page,
            "const add = (events, expectedVersion) =>
                refused(store.appendToStream('cart', events, { expectedVersion }));
            return [
                await add([event(1), event(2)], 'no-stream'),
                await add([event(3)], 2n),
                await add([event(4)], 2n),
                await add([event(3)], 2n),
                await add([event(3), event(9)], '2'),
                await add([], 3n),
                await add([event(5), event(5)], 'any'),
                await add([event(5, '')], 'exists'),
            ];",
        )
        .await;
        let place =
            |version: &str, position: &str| json!({ "version": version, "position": position });
        let id = |n: u32| format!("00000000-0000-4000-8000-{n:012x}");
        let actual = json!({ "state": "exists", "version": "3n", "first": "1n" });
        let expected = [
            json!({ "kept": { "effect": "written", "version": "2n",
                "first": place("1n", "1n"), "last": place("2n", "2n") } }),
            json!({ "kept": { "effect": "written", "version": "3n",
                "first": place("3n", "3n"), "last": place("3n", "3n") } }),
            json!({ "code": "conflict", "stream": "cart", "expected": "2n", "actual": actual,
                "name": "EventStoreError",
                "message": "stream `cart`: expected version 2, actual version 3" }),
            json!({ "kept": { "effect": "repeated", "version": "3n",
                "first": place("3n", "3n"), "last": place("3n", "3n") } }),
            json!({ "code": "partly-there", "stream": "cart", "expected": "2n",
                "there": id(3), "notThere": id(9), "name": "EventStoreError",
                "message": "stream `cart`, expected version 2: event \
                    00000000000040008000000000000003 is there, but event \
                    00000000000040008000000000000009 is not where a repeat would have it" }),
            json!({ "kept": { "effect": "checked", "version": "3n" } }),
            json!({ "code": "twice-in-batch", "id": id(5), "first": 0, "second": 1,
                "name": "EventStoreError", "message": "events 0 and 1 of the batch have the \
                    same id 00000000000040008000000000000005" }),
            json!({ "code": "bad-name", "bytes": 0, "event": 0, "name": "EventStoreError",
                "message": "the type of event 0 of the batch has a name of 0 bytes; 1 to 1024 \
                    are possible" }),
        ];
        for (said, expected) in said.as_array().expect("a list").iter().zip(&expected) {
            assert_eq!(said, expected);
        }
        assert_eq!(said.as_array().map(Vec::len), Some(expected.len()));
        page.assert_quiet().await;
    });
}

#[test]
fn what_was_appended_is_read_in_every_way_as_it_was() {
    visit(bare(), async |page| {
        let said = in_memory(
            page,
            "const metadata = { correlationId: id(77), causationId: id(78) };
            const data = { name: 'tea ☕', nested: [1.5, null, { deep: true }] };
            await store.appendToStream('a', [{ ...event(1, 'Named', data), metadata }],
                { recordedAt: 9007199254740993n });
            await store.appendToStream('b', [event(2, 'Bytes', Uint8Array.of(0, 255, 7))]);
            await store.appendToStream('a', [{ id: id(3), type: 'Nothing' }]);
            await store.appendToStream('a', [event(4), event(5)]);
            const named = (await store.readStream('a', { limit: 1n })).events[0];
            const bytes = (await store.readStream('b')).events[0].data;
            const second = (await store.readStream('a', { from: 2n, to: 2n })).events[0];
            return plain({
                named,
                isBytes: bytes instanceof Uint8Array, bytes: [...bytes],
                nothing: second.data === undefined,
                all: ids(await store.readAll()),
                backwards: ids(await store.readAll({ direction: 'backwards', limit: '2' })),
                part: ids(await store.readStream('a', { from: '2', to: 3n })),
                last: ids(await store.readStream('a', { direction: 'backwards', limit: 1n })),
                beyond: await store.readStream('a', { from: 9n }),
                missing: await refused(store.readStream('c')),
                zero: (await refused(store.readStream('a', { from: 0n }))).code,
                none: (await refused(store.readAll({ limit: 0n }))).code,
                state: await store.streamState('a'),
                lastPosition: store.lastPosition,
            });",
        )
        .await;
        let id = |n: u32| format!("00000000-0000-4000-8000-{n:012x}");
        let named = json!({ "id": id(1), "type": "Named", "stream": "a", "version": "1n",
            "position": "1n", "recordedAt": "9007199254740993n",
            "data": { "name": "tea ☕", "nested": [1.5, null, { "deep": true }] },
            "metadata": { "correlationId": id(77), "causationId": id(78) } });
        let missing = json!({ "code": "no-stream", "stream": "c",
            "actual": { "state": "missing", "version": "0n" }, "name": "EventStoreError",
            "message": "stream `c`: no stream" });
        let expected = json!({
            "named": named, "isBytes": true, "bytes": [0, 255, 7], "nothing": true,
            "all": [1, 2, 3, 4, 5], "backwards": [5, 4], "part": [3, 4], "last": [5],
            "beyond": { "events": [], "version": "4n", "first": "1n" },
            "missing": missing, "zero": "starts-at-zero", "none": "limit-is-zero",
            "state": { "state": "exists", "version": "4n", "first": "1n" },
            "lastPosition": "5n",
        });
        assert_eq!(said, expected);
    });
}

#[test]
fn a_number_that_could_be_lossy_and_an_option_that_does_not_exist_are_refused() {
    visit(bare(), async |page| {
        let said = in_memory(
            page,
            "const append = (options, events = [event(1)], stream = 's') =>
                refused(store.appendToStream(stream, events, options));
            const refusals = [
                await append({ expectedVersion: 0 }),
                await append({ expectedVersion: -1n }),
                await append({ expectedVersion: '-1' }),
                await append({ expectedVersion: 2n ** 64n }),
                await append({ expectedVerison: 0n }),
                await append({ recordedAt: 1.5 }),
                await append('no-stream'),
                await append({}, event(1)),
                await append({}, [{ ...event(1), id: 'one' }]),
                await append({}, [{ ...event(1), id: undefined }]),
                await append({}, [{ ...event(1), metadata: { causationId: '7' } }]),
                await append({}, [event(1, 'Big', 1n)]),
                await append({}, [event(1)], 5),
                await refused(store.readStream('s', { limit: 10 })),
                await refused(store.readAll({ direction: 'sideways' })),
                await refused(store.aggregateStream('s', { initialState: () => 0 })),
                await refused(store.truncateStream('s', 1)),
            ];
            return [refusals.map(({ code, argument }) => `${code} ${argument}`),
                refusals[0].message, plain(store.lastPosition)];",
        )
        .await;
        let arguments = [
            "expectedVersion",
            "expectedVersion",
            "expectedVersion",
            "expectedVersion",
            "expectedVerison",
            "recordedAt",
            "options",
            "events",
            "events",
            "events",
            "events",
            "events",
            "stream",
            "limit",
            "options",
            "evolve",
            "firstKept",
        ];
        let expected = arguments.map(|argument| format!("bad-argument {argument}"));
        assert_eq!(said[0], json!(expected));
        assert_eq!(said[1], "expectedVersion: it is a number; say 0n or \"0\"");
        assert_eq!(said[2], "0n", "nothing was written");
    });
}

#[test]
fn a_stream_is_folded_to_now_to_a_version_and_to_a_time() {
    visit(bare(), async |page| {
        let said = in_memory(
            page,
            "for (let n = 1; n <= 600; n++)
                await store.appendToStream('sum', [event(n)], { recordedAt: BigInt(n) * 10n });
            await store.appendToStream('other', [event(1000)]);
            const initialState = () => [], evolve = (state, { data }) => [...state, data];
            const fold = (more) => store.aggregateStream('sum', { initialState, evolve, ...more });
            const sum = ({ state, ...more }) =>
                ({ ...more, sum: state.reduce((a, b) => a + b, 0), inOrder:
                    state.every((n, index) => n === index + 1) });
            await store.truncateStream('cut', 1n).catch(() => {});
            await store.appendToStream('cut', [event(2000), event(2001), event(2002)]);
            await store.truncateStream('cut', 3n);
            return plain([
                sum(await fold()), sum(await fold({ to: 3n })), sum(await fold({ at: 45n })),
                sum(await fold({ at: 10n ** 10n })), await fold({ to: 0n }),
                await refused(fold({ to: 601n })),
                await store.aggregateStream('nobody', { initialState, evolve }),
                await store.aggregateStream('cut', { initialState, evolve }),
                await refused(store.aggregateStream('cut', { initialState, evolve, to: 1n })),
            ]);",
        )
        .await;
        let folded = |sum: u64, version: &str| {
            json!({ "sum": sum, "inOrder": true, "version": version, "evolved": version,
                "exists": true })
        };
        let empty =
            |is: bool| json!({ "state": [], "version": "0n", "evolved": "0n", "exists": is });
        let refusal = |code: &str, more: Value, message: &str| {
            let mut refusal =
                json!({ "code": code, "name": "EventStoreError", "message": message });
            let into = refusal.as_object_mut().expect("an object");
            into.extend(more.as_object().expect("an object").clone());
            refusal
        };
        let beyond = json!({ "asked": "601n", "end": "600n" });
        let gone = json!({ "asked": "1n", "first": "2n" });
        let expected = json!([
            folded(180_300, "600n"),
            folded(6, "3n"),
            folded(10, "4n"),
            folded(180_300, "600n"),
            empty(true),
            refusal("beyond-end", beyond, "601 is beyond the end, which is 600"),
            empty(false),
            { "state": [2002], "version": "3n", "evolved": "1n", "exists": true },
            refusal("gone", gone, "events were removed: 1 cannot be seen any more, 2 can"),
        ]);
        assert_eq!(said, expected);
    });
}

#[test]
fn a_fold_that_throws_leaves_nothing_and_one_that_writes_disturbs_nothing() {
    visit(bare(), async |page| {
        let said = in_memory(
            page,
            "await store.appendToStream('s', [event(1), event(2), event(3)]);
            const fold = (evolve) => store.aggregateStream('s', { initialState: () => 0, evolve });
            const mine = new RangeError('mine');
            const thrown = await fold((sum, { data }) => { if (data === 2) throw mine; return sum })
                .catch((error) => error === mine);
            const written = [];
            const { state, version } = await fold((sum, { data }) => {
                written.push(store.appendToStream('s', [event(data + 10)]));
                return sum + data;
            });
            await Promise.all(written);
            const careless = store.appendToStream('t', [{ ...event(50),
                data: { toJSON: () => (store.appendToStream('t', [event(51)]), 'inner first') } }]);
            await careless;
            return plain({ thrown, state, version, after: ids(await store.readStream('s')),
                careless: ids(await store.readStream('t')) });",
        )
        .await;
        let expected = json!({ "thrown": true, "state": 6, "version": "3n",
            "after": [1, 2, 3, 11, 12, 13], "careless": [51, 50] });
        assert_eq!(said, expected);
        page.assert_quiet().await;
    });
}

#[test]
fn a_subscription_goes_from_what_is_there_to_what_comes_without_gap_or_repeat() {
    visit(bare(), async |page| {
        let said = in_memory(
            page,
            "const all = [], some = [], slow = [];
            let busy = 0;
            for (let n = 1; n <= 50; n++) await store.appendToStream(`s${n % 3}`, [event(n)]);
            store.subscribe(({ position }) => { all.push(Number(position)); });
            store.subscribe(({ data }) => { some.push(data); }, { stream: 's1', after: '40' });
            const patient = store.subscribe(async ({ data }) => {
                if (++busy > 1) throw new Error('two at a time');
                await new Promise((go) => setTimeout(go));
                busy--;
                slow.push(data);
            }, { after: 30n });
            const before = [all.length, patient.status];
            for (let n = 51; n <= 60; n++) {
                store.appendToStream(`s${n % 3}`, [event(n)]);
                if (n % 4 === 0) await new Promise((go) => setTimeout(go));
            }
            await until(() => slow.length === 30 && all.length === 60);
            const after = [plain(patient.position), patient.status, plain(patient.lag)];
            patient.close();
            await store.appendToStream('s0', [event(61)]);
            await until(() => all.length === 61);
            return { before, all, some, slow, after, closed: patient.status };",
        )
        .await;
        let numbers = |from: u32, to: u32| (from..=to).collect::<Vec<_>>();
        let expected = json!({
            "before": [0, "catching-up"],
            "all": numbers(1, 61),
            "some": [43, 46, 49, 52, 55, 58],
            "slow": numbers(31, 60),
            "after": ["60n", "live", "0n"],
            "closed": "closed",
        });
        assert_eq!(said, expected);
        page.assert_quiet().await;
    });
}

#[test]
fn a_handler_that_fails_stops_its_subscription_with_the_position_kept() {
    visit(bare(), async |page| {
        let said = in_memory(
            page,
            "const seen = [], told = [];
            let broken = true;
            for (let n = 1; n <= 6; n++) await store.appendToStream('s', [event(n)]);
            const reader = store.subscribe(async ({ data }) => {
                if (data === 3 && broken) throw new Error('broken');
                if (data === 5) throw new Error('never');
                seen.push(data);
            }, { onError: (error, event) => told.push(`${error.message} at ${event.position}`) });
            const now = () => [reader.status, plain(reader.position), [...seen]];
            await until(() => told.length === 1);
            const stopped = now();
            await store.appendToStream('s', [event(7)]);
            const still = now();
            broken = false;
            reader.resume();
            await until(() => told.length === 2);
            const resumed = now();
            reader.skip();
            await until(() => seen.length === 6 - 1 + 1);
            await until(() => reader.status === 'live');
            const ahead = await new Promise((onError) =>
                store.subscribe(() => {}, { after: 99n, onError }));
            return { stopped, still, resumed, skipped: now(), told, ahead: plain(ahead) };",
        )
        .await;
        let expected = json!({
            "stopped": ["stopped", "2n", [1, 2]],
            "still": ["stopped", "2n", [1, 2]],
            "resumed": ["stopped", "4n", [1, 2, 3, 4]],
            "skipped": ["live", "7n", [1, 2, 3, 4, 6, 7]],
            "told": ["broken at 3", "never at 5"],
            "ahead": { "code": "ahead-of-log", "position": "99n", "log": "7n",
                "name": "EventStoreError" },
        });
        assert_eq!(said, expected);
    });
}

#[test]
fn removing_keeps_the_numbering_and_closing_ends_everything() {
    visit(bare(), async |page| {
        let said = in_memory(
            page,
            "await store.appendToStream('s', [event(1), event(2), event(3)]);
            const removed = await store.truncateStream('s', '3');
            const left = await store.readStream('s');
            const wrong = await refused(store.deleteStream('s', { expectedVersion: 9n }));
            const deleted = await store.deleteStream('s', { expectedVersion: 3n });
            const state = await store.streamState('s');
            const again =
                await store.appendToStream('s', [event(4)], { expectedVersion: 'no-stream' });
            const reader = store.subscribe(() => {});
            await store.close();
            const { code, message } = await refused(store.readAll());
            return plain({ removed, left: [left.first, ids(left)], wrong: wrong.code, deleted,
                state, again: again.version, reader: reader.status, closed: [code, message],
                twice: await refused(store.close()) });",
        )
        .await;
        let expected = json!({
            "removed": "2n", "left": ["3n", [3]], "wrong": "conflict", "deleted": "1n",
            "state": { "state": "deleted", "version": "3n" }, "again": "4n", "reader": "closed",
            "closed": ["closed", "the store is closed"], "twice": { "kept": null },
        });
        assert_eq!(said, expected);
    });
}

#[test]
fn the_declarations_name_what_is_there_and_nothing_else() {
    visit(bare(), async |page| {
        let script =
            "const module = await import(new URL('event-store.js', document.baseURI).href);
            const names = (type) => [...Object.getOwnPropertyNames(type.prototype),
                ...Object.getOwnPropertyNames(type).filter((name) => type.hasOwnProperty(name)
                    && !['length', 'name', 'prototype', '__wrap', '__unwrap'].includes(name))]
                .filter((name) => !name.startsWith('__')).sort();
            const { EventStore: store, Subscription: subscription } = module;
            return { EventStore: names(store), Subscription: names(subscription) };";
        let there: Value = run(page, script).await;
        let declarations = include_str!("../../src/bin/rift-event-store/event-store.d.ts");
        for class in ["EventStore", "Subscription"] {
            let (_, body) = declarations
                .split_once(&format!("export class {class} {{"))
                .expect("the class is declared");
            let (body, _) = body.split_once("\n}").expect("it ends");
            let members = body.lines().filter(|line| {
                line.starts_with("  ") && line.as_bytes().get(2).is_some_and(u8::is_ascii_lowercase)
            });
            let mut members: Vec<&str> = members
                .map(|line| {
                    let line = line.trim().trim_start_matches("private ");
                    let line = line.trim_start_matches("static ").trim_start_matches("readonly ");
                    line.split(['(', '<', ':']).next().unwrap_or_default()
                })
                .collect();
            members.sort_unstable();
            assert_eq!(there[class], json!(members), "{class}");
        }
    });
}
