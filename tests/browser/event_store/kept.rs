//! In IndexedDB: what was acknowledged is there, whatever became of the page; and what is damaged
//! is said to be, and left alone.

use serde_json::{Value, json};

use super::{bare, run};
use crate::support::{Page, visit};

/// The database behind a store, opened by hand. `pieces(change)` runs in a transaction.
const DATABASE: &str = "
    const asked = (request) => new Promise((done, failed) => {
        request.onsuccess = () => done(request.result);
        request.onerror = () => failed(request.error);
    });
    const pieces = async (name, change) => {
        const database = await asked(indexedDB.open(`rift-event-store:${name}`));
        const transaction = database.transaction('pieces', 'readwrite');
        const result = await change(transaction.objectStore('pieces'));
        database.close();
        return result;
    };
    const content = (name) => pieces(name, async (store) => {
        const both = [asked(store.getAllKeys()), asked(store.getAll())];
        const [places, values] = await Promise.all(both);
        return places.map((place, index) => [place, [...values[index]]]);
    });
";

async fn reload(page: &Page) {
    page.driver.refresh().await.expect("the page can be loaded again");
}

async fn with_database(page: &Page, script: &str) -> Value {
    run(page, &format!("{DATABASE} {script}")).await
}

#[test]
fn what_was_acknowledged_is_there_after_a_reload_and_still_known_by_its_ids() {
    visit(bare(), async |page| {
        let before: Value = run(
            page,
            "const store = await EventStore.open('shop');
            await store.appendToStream('cart', [event(1, 'Added', { item: 'tea' }), event(2)],
                { expectedVersion: 'no-stream', recordedAt: 5n });
            await store.appendToStream('gone', [event(3, 'Bytes', Uint8Array.of(1, 2))]);
            await store.appendToStream('cart', [event(4)], { expectedVersion: 2n, recordedAt: 4n });
            await store.deleteStream('gone');
            await store.truncateStream('cart', 2n);
            return plain([await store.readAll(), await store.streamState('gone')]);",
        )
        .await;
        reload(page).await;
        let after: Value = run(
            page,
            "const store = await EventStore.open('shop');
            const add = (event) => store.appendToStream('cart', [event], { expectedVersion: 2n });
            return plain([await store.readAll(), await store.streamState('gone'),
                await add(event(4)), (await refused(add(event(5)))).code]);",
        )
        .await;
        assert_eq!((&after[0], &after[1]), (&before[0], &before[1]));
        assert_eq!(after[0]["events"].as_array().map(Vec::len), Some(2));
        assert_eq!(after[2]["effect"], "repeated");
        assert_eq!(after[3], "conflict");
        page.assert_quiet().await;
    });
}

#[test]
fn a_store_is_open_once_and_free_again_when_it_is_closed() {
    visit(bare(), async |page| {
        let said: Value = run(
            page,
            "const store = await EventStore.open('one');
            const second = await refused(EventStore.open('one'));
            const other = await EventStore.open('another');
            const written = store.appendToStream('s', [event(1)]);
            await store.close();
            await written;
            const again = await EventStore.open('one');
            const there = ids(await again.readAll());
            again.free();
            return { second, there, freed: ids(await (await EventStore.open('one')).readAll()),
                other: plain(other.lastPosition) };",
        )
        .await;
        let in_use = json!({ "code": "in-use", "store": "one", "name": "EventStoreError",
            "message": "the store `one` is open elsewhere" });
        assert_eq!(said, json!({ "second": in_use, "there": [1], "freed": [1], "other": "0n" }));
    });
}

/// Batches of three, as fast as they go, and what was acknowledged of them in the session's own
/// storage; then the page is loaded anew in the middle of it.
#[test]
fn a_page_that_goes_away_while_it_writes_loses_nothing_that_was_acknowledged() {
    visit(bare(), async |page| {
        let mut first = 1;
        for round in 0..8 {
            let write = format!(
                "const store = await EventStore.open('busy');
                globalThis.store = store;
                let next = {first};
                sessionStorage.begun = sessionStorage.acknowledged = next - 1;
                (async () => {{
                    for (;;) {{
                        const batch = [event(next), event(next + 1), event(next + 2)];
                        const answers = [store.appendToStream('s', batch)];
                        if (next % 2) answers.push(store.appendToStream('t', [event(next)]));
                        sessionStorage.begun = next += 3;
                        await Promise.all(answers);
                        sessionStorage.acknowledged = next - 1;
                    }}
                }})();
                await until(() => sessionStorage.acknowledged > {first} + 30 * {round});"
            );
            let _: Value = run(page, &write).await;
            reload(page).await;
            let read = "const store = await EventStore.open('busy');
                const { events } = await store.readStream('s');
                await store.close();
                return [events.map(({ id }) => parseInt(id.slice(-12), 16)),
                    Number(sessionStorage.acknowledged), Number(sessionStorage.begun)];";
            let (there, acknowledged, begun): (Vec<u64>, u64, u64) = run(page, read).await;
            assert_eq!(there, (1..=there.len() as u64).collect::<Vec<_>>(), "round {round}");
            assert_eq!(there.len() % 3, 0, "round {round}: a batch is whole or not there");
            let last = there.len() as u64;
            assert!((acknowledged..=begun).contains(&last), "{acknowledged} {last} {begun}");
            first = last + 1;
        }
    });
}

#[test]
fn nobody_is_told_of_an_event_before_it_is_in_the_database() {
    visit(bare(), async |page| {
        let said = with_database(
            page,
            "const store = await EventStore.open('told');
            const told = [];
            store.subscribe(({ data }) => { told.push(data); });
            const first = store.appendToStream('s', [event(1)], { expectedVersion: 0n });
            const read = store.readStream('s').then(ids);
            const second = refused(store.appendToStream('s', [event(2)], { expectedVersion: 0n }));
            const early = await Promise.race([first, read, second, Promise.resolve('not yet')]);
            const heard = [...told];
            const settled = await Promise.all([first, read, second]);
            await until(() => told.length === 1);
            const size = (await content('told')).length;
            return [early, heard, settled[1], settled[2].code, told, size];",
        )
        .await;
        assert_eq!(
            said,
            json!(["not yet", [], [1], "conflict", [1], 2]),
            "the header, and a piece"
        );
    });
}

#[test]
fn calls_of_one_moment_are_written_in_one_piece() {
    visit(bare(), async |page| {
        let said = with_database(
            page,
            "const store = await EventStore.open('many');
            const answers = [];
            for (let n = 1; n <= 200; n++) answers.push(store.appendToStream('s', [event(n)]));
            await Promise.all(answers);
            return [(await content('many')).length, ids(await store.readAll()).length];",
        )
        .await;
        assert_eq!(said, json!([2, 200]));
    });
}

/// Everything that can happen to bytes at rest: a bit, a piece missing in the middle, at the front
/// and replaced; each is told, with the byte, and nothing is changed by looking.
#[test]
fn damage_is_told_and_left_alone() {
    visit(bare(), async |page| {
        let said = with_database(
            page,
            "const damage = async (name, harm) => {
                const store = await EventStore.open(name);
                for (let n = 1; n <= 4; n++) await store.appendToStream('s', [event(n)]);
                await store.close();
                const places = await pieces(name, (store) => asked(store.getAllKeys()));
                await pieces(name, (store) => harm(store, places));
                const before = JSON.stringify(await content(name));
                const { code, at } = await refused(EventStore.open(name));
                const again = await refused(EventStore.open(name));
                const left = JSON.stringify(await content(name)) === before;
                return [code, at, again.code, left, places.map((place) => `${place}n`)];
            };
            const flip = (which) => async (store, places) => {
                const bytes = await asked(store.get(places[which]));
                bytes[bytes.length >> 1] ^= 1;
                await asked(store.put(bytes, places[which]));
            };
            return [
                await damage('bit', flip(2)),
                await damage('last-bit', flip(4)),
                await damage('header', flip(0)),
                await damage('hole', (store, places) => asked(store.delete(places[2]))),
                await damage('no-header', (store, places) => asked(store.delete(places[0]))),
                await damage('text', (store, places) => asked(store.put('text', places[3]))),
                await damage('short', async (store, places) => {
                    const bytes = await asked(store.get(places[4]));
                    await asked(store.put(bytes.slice(0, 20), places[4]));
                }),
            ];",
        )
        .await;
        let cases = said.as_array().expect("a list");
        for (case, piece) in cases.iter().zip([2, 4, 0, 2, 0, 3, 4]) {
            assert_eq!(case[0], "damaged", "{case}");
            assert_eq!(case[1], case[4][piece], "{case}");
            assert_eq!(case[2], "damaged", "the lock was given back: {case}");
            assert_eq!(case[3], true, "{case}");
        }
        assert_eq!(cases.len(), 7);
    });
}

/// Two writers without a lock: what a browser without Web Locks comes to. The second finds the
/// place taken and says so; from then on it answers nothing, and what the first wrote is whole.
#[test]
fn a_writer_that_was_overtaken_fails_and_harms_nothing() {
    visit(bare(), async |page| {
        let said = with_database(
            page,
            "Object.defineProperty(navigator, 'locks', { value: undefined, configurable: true });
            const [one, two] = [await EventStore.open('both'), await EventStore.open('both')];
            await one.appendToStream('s', [event(1)]);
            const told = [];
            const onError = (error) => told.push(error.code);
            const reader =
                two.subscribe(() => { throw new Error('must not be told'); }, { onError });
            const overtaken = await refused(two.appendToStream('s', [event(2)]));
            const later = await refused(two.readAll());
            await one.appendToStream('s', [event(3)]);
            await one.close();
            const again = await EventStore.open('both');
            return [overtaken.code, overtaken.message, later.code, reader.status,
                ids(await again.readAll()), told];",
        )
        .await;
        assert_eq!(said[0], "failed");
        let message = said[1].as_str().unwrap_or_default();
        assert!(message.contains("ConstraintError"), "{message}");
        assert_eq!(
            (&said[2], &said[3], &said[4], &said[5]),
            (&json!("failed"), &json!("closed"), &json!([1, 3]), &json!(["failed"]))
        );
    });
}
