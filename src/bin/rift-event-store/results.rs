//! What goes out. Numbers of 64 bits are BigInts, always.

use js_sys::Array;
use rift::event_store::{Appended, Effect, Event, EventId, Expected, Place, StreamState};
use serde::Serialize;
use serde_wasm_bindgen::{Serializer, preserve};
use wasm_bindgen::JsValue;

use crate::data::Data;

/// Plain data as a JavaScript object.
pub(crate) fn to_js<T: Serialize>(data: &T) -> JsValue {
    const SERIALIZER: Serializer = Serializer::new().serialize_large_number_types_as_bigints(true);
    data.serialize(&SERIALIZER).unwrap_or_else(|error| error.into())
}

/// An id, as a UUID.
pub(crate) fn id(id: EventId) -> String {
    let digits = id.to_string();
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventOut<'a> {
    id: String,
    #[serde(rename = "type")]
    event_type: &'a str,
    #[serde(with = "preserve")]
    data: JsValue,
    stream: &'a str,
    version: u64,
    position: u64,
    recorded_at: u64,
    metadata: MetadataOut,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MetadataOut {
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    causation_id: Option<String>,
}

pub(crate) fn event(event: &Event<'_, Data>) -> JsValue {
    let metadata = event.metadata();
    to_js(&EventOut {
        id: id(event.id()),
        event_type: event.event_type(),
        data: event.payload().to_js(),
        stream: event.stream(),
        version: event.version(),
        position: event.position(),
        recorded_at: event.recorded_at(),
        metadata: MetadataOut {
            correlation_id: metadata.correlation.map(id),
            causation_id: metadata.causation.map(id),
        },
    })
}

#[derive(Serialize)]
struct AppendedOut {
    effect: &'static str,
    version: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<PlaceOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<PlaceOut>,
}

#[derive(Serialize)]
struct PlaceOut {
    version: u64,
    position: u64,
}

pub(crate) fn appended(appended: &Appended) -> JsValue {
    let place = |Place { version, position }| PlaceOut { version, position };
    let effect = match appended.effect {
        Effect::Written => "written",
        Effect::Repeated => "repeated",
        Effect::Checked => "checked",
    };
    let (first, last) = (appended.first.map(place), appended.last.map(place));
    to_js(&AppendedOut { effect, version: appended.version, first, last })
}

#[derive(Serialize)]
struct SliceOut {
    #[serde(with = "preserve")]
    events: Array,
    version: u64,
    first: u64,
}

pub(crate) fn slice(events: Array, version: u64, first: u64) -> JsValue {
    to_js(&SliceOut { events, version, first })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AllOut {
    #[serde(with = "preserve")]
    events: Array,
    last_position: u64,
}

pub(crate) fn all(events: Array, last_position: u64) -> JsValue {
    to_js(&AllOut { events, last_position })
}

#[derive(Serialize)]
struct FoldedOut {
    #[serde(with = "preserve")]
    state: JsValue,
    version: u64,
    evolved: u64,
    exists: bool,
}

pub(crate) fn folded(state: JsValue, version: u64, evolved: u64, exists: bool) -> JsValue {
    to_js(&FoldedOut { state, version, evolved, exists })
}

/// What a stream is.
#[derive(Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub(crate) enum StateOut {
    Missing { version: u64 },
    Deleted { version: u64 },
    Exists { version: u64, first: u64 },
}

impl From<StreamState> for StateOut {
    fn from(state: StreamState) -> StateOut {
        match state {
            StreamState::Missing => StateOut::Missing { version: 0 },
            StreamState::Deleted { version } => StateOut::Deleted { version },
            StreamState::Exists { version, first } => StateOut::Exists { version, first },
        }
    }
}

pub(crate) fn state(state: StreamState) -> JsValue {
    to_js(&StateOut::from(state))
}

/// What was expected, in the words in which it is said.
pub(crate) fn expected(expected: Expected) -> JsValue {
    match expected {
        Expected::Any => "any".into(),
        Expected::NoStream => "no-stream".into(),
        Expected::Exists => "exists".into(),
        Expected::Exact(version) => version.into(),
    }
}
