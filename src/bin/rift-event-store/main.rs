//! The event store for JavaScript: [`rift::event_store`] in memory or in IndexedDB.
//!
//! A program of its own, for pages of other people; Rift's page does not load it. What it looks
//! like from there is in `event-store.d.ts` and `docs/event-store-js.md`.
//!
//! Calls take effect at once and in the order in which they are made. Their answers come as
//! promises, when everything they rest on is durable ([`kept`]): nobody is ever told of an event
//! that a crash can still undo, be it by a result, a refusal or a subscription.

mod arguments;
mod data;
mod indexed_db;
#[path = "../javascript/mod.rs"]
mod javascript;
mod kept;
mod lock;
mod refusal;
mod results;
mod subscribing;

use std::rc::Rc;

use js_sys::{Array, Function, Promise};
use rift::event_store::{Event, NewEvent, Read};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::future_to_promise;

use arguments::{Aggregate, Append, NewEventIn, read};
use data::Data;
use kept::Kept;
use refusal::Refusal;
use subscribing::Subscription;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Aggregating goes through a stream in parts of so many events. Between them the store is free,
/// so that what is called for each event may itself use it.
const PART: u64 = 256;

fn main() {}

/// A store, until it is closed.
#[wasm_bindgen]
pub struct EventStore {
    kept: Rc<Kept>,
}

#[wasm_bindgen]
impl EventStore {
    /// A store that is gone with the page.
    #[wasm_bindgen(js_name = inMemory)]
    pub fn in_memory() -> EventStore {
        EventStore { kept: Kept::in_memory() }
    }

    /// The store of this name in IndexedDB. Only one page or worker at a time has it open.
    pub async fn open(name: String) -> Result<EventStore, JsValue> {
        let kept = Kept::open(&name).await.map_err(Refusal::into_js)?;
        Ok(EventStore { kept })
    }

    /// Appends a batch to a stream: all of it, or nothing.
    #[wasm_bindgen(js_name = appendToStream)]
    pub fn append_to_stream(&self, stream: JsValue, events: JsValue, options: JsValue) -> Promise {
        let said = arguments::append(&stream, events, &options);
        self.kept.answer(said, |journal, Append { stream, events, expected, recorded_at }| {
            let batch: Vec<NewEvent<'_, Data>> = events.iter().map(NewEventIn::as_new).collect();
            Ok(results::appended(&journal.append(&stream, expected, recorded_at, batch)?))
        })
    }

    /// Reads events of a stream. One that is not there is an error, not the same as none.
    #[wasm_bindgen(js_name = readStream)]
    pub fn read_stream(&self, stream: JsValue, options: JsValue) -> Promise {
        let said = arguments::stream(&stream).and_then(|name| Ok((name, read(&options)?)));
        self.kept.answer(said, |journal, (stream, read)| {
            let slice = journal.store().read_stream(&stream, read)?;
            let events: Array = slice.iter().map(|event| results::event(&event)).collect();
            Ok(results::slice(events, slice.stream_version(), slice.first_available()))
        })
    }

    /// Reads events of all streams, in the order in which they were appended.
    #[wasm_bindgen(js_name = readAll)]
    pub fn read_all(&self, options: JsValue) -> Promise {
        self.kept.answer(read(&options), |journal, read| {
            let events = journal.store().read_all(read)?;
            let events: Array = events.map(|event| results::event(&event)).collect();
            Ok(results::all(events, journal.store().last_position()))
        })
    }

    /// Folds a stream into a state. What `evolve` throws comes back as it is, and no state with it.
    #[wasm_bindgen(js_name = aggregateStream)]
    pub fn aggregate_stream(&self, stream: JsValue, options: JsValue) -> Promise {
        let folded = self.fold(&stream, &options);
        self.kept.answer_with(folded)
    }

    /// What a stream is: missing, deleted or there, and its version.
    #[wasm_bindgen(js_name = streamState)]
    pub fn stream_state(&self, stream: JsValue) -> Promise {
        let said = arguments::stream(&stream);
        self.kept
            .answer(said, |journal, stream| Ok(results::state(journal.store().stream(&stream))))
    }

    /// Removes the events of a stream before the one with this number; says how many.
    #[wasm_bindgen(js_name = truncateStream)]
    pub fn truncate_stream(&self, stream: JsValue, first_kept: JsValue) -> Promise {
        let first_kept = arguments::required_number("firstKept", &first_kept);
        let said = arguments::stream(&stream).and_then(|stream| Ok((stream, first_kept?)));
        self.kept.answer(said, |journal, (stream, first_kept)| {
            Ok(journal.truncate(&stream, first_kept)?.into())
        })
    }

    /// Deletes a stream; says how many events are gone. Numbers go on if it begins anew.
    #[wasm_bindgen(js_name = deleteStream)]
    pub fn delete_stream(&self, stream: JsValue, options: JsValue) -> Promise {
        let said = arguments::stream(&stream);
        let said = said.and_then(|stream| Ok((stream, arguments::delete(&options)?)));
        self.kept.answer(said, |journal, (stream, expected)| {
            Ok(journal.delete(&stream, expected)?.into())
        })
    }

    /// Hands events to a function, one after the other: those that are there, then those that come.
    pub fn subscribe(&self, handler: Function, options: JsValue) -> Result<Subscription, JsValue> {
        let options = arguments::subscribe(&options).map_err(Refusal::into_js)?;
        Ok(Subscription::start(&self.kept, handler, options))
    }

    /// The position of the last event; 0 if there never was one.
    #[wasm_bindgen(getter, js_name = lastPosition)]
    pub fn last_position(&self) -> u64 {
        self.kept.look(|journal| journal.store().last_position())
    }

    /// Closes the store when everything is durable. Subscriptions end; whatever is called later is
    /// refused.
    pub fn close(&self) -> Promise {
        let kept = Rc::clone(&self.kept);
        future_to_promise(async move {
            kept.close().await.map_err(Refusal::into_js)?;
            Ok(JsValue::UNDEFINED)
        })
    }
}

impl EventStore {
    fn fold(&self, stream: &JsValue, options: &JsValue) -> Result<JsValue, JsValue> {
        let stream = &arguments::stream(stream).map_err(Refusal::into_js)?;
        let said = arguments::aggregate(options).map_err(Refusal::into_js)?;
        let Aggregate { initial_state, evolve, to, at } = said;
        let end = self.kept.look(|journal| {
            let store = journal.store();
            let at = at.map(|time| store.version_at(stream, time));
            let end = to.or(at).unwrap_or_else(|| store.stream(stream).version());
            // The present is always there to be seen, even if a part of what led to it is gone.
            if to.or(at).is_some() {
                store.check_version(stream, end)?;
            }
            Ok::<_, Refusal>(end)
        });
        let end = end.map_err(Refusal::into_js)?;
        let mut state = initial_state.call0(&JsValue::UNDEFINED)?;
        let (mut version, mut evolved) = (0, 0);
        while version < end {
            let last = end.min(version.saturating_add(PART));
            let part = self.kept.look(|journal| {
                let read = Read::forwards().from(version + 1).to(last);
                // Missing or deleted: then there is nothing to fold.
                let slice = journal.store().read_stream(stream, read).ok();
                let events = slice.into_iter().flat_map(|slice| slice.iter());
                events.map(|event| results::event(&event)).collect::<Vec<JsValue>>()
            });
            for event in &part {
                state = evolve.call2(&JsValue::UNDEFINED, &state, event)?;
                evolved += 1;
            }
            version = last;
        }
        let exists = self.kept.look(|journal| journal.store().stream(stream).exists());
        Ok(results::folded(state, end, evolved, exists))
    }
}

/// A promise that is kept already. It is not worth a task.
fn settled(answer: Result<JsValue, JsValue>) -> Promise {
    match answer {
        Ok(value) => Promise::resolve(&value),
        Err(error) => Promise::reject(&error),
    }
}

/// An event as its handler sees it, with where it stands.
fn placed(event: &Event<'_, Data>) -> (JsValue, u64) {
    (results::event(event), event.position())
}
