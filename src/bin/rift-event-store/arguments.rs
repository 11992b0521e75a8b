//! What comes in. Numbers of 64 bits are a BigInt or decimal digits, never one of JavaScript's
//! numbers, which cannot hold them all; and an option that does not exist is an error, for a
//! mistyped `expectedVersion` would be no check at all.

use js_sys::{Array, Function};
use rift::event_store::{EventId, Expected, Metadata, NewEvent, Read, Source};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};

use crate::data::Data;
use crate::javascript::{self, check_names, function, property};
use crate::refusal::Refusal;

/// What to append.
pub(crate) struct Append {
    pub(crate) stream: String,
    pub(crate) events: Vec<NewEventIn>,
    pub(crate) expected: Expected,
    pub(crate) recorded_at: u64,
}

pub(crate) fn append(
    stream: &JsValue,
    events: JsValue,
    options: &JsValue,
) -> Result<Append, Refusal> {
    check_names(options, &["expectedVersion", "recordedAt"])?;
    let stream = self::stream(stream)?;
    let events = events.dyn_into::<Array>();
    let events = events.map_err(|_| Refusal::bad_argument("events", "it is not an array"))?;
    let events = events.iter().map(NewEventIn::from_js).collect::<Result<_, _>>()?;
    let now = || js_sys::Date::now() as u64;
    let recorded_at = number("recordedAt", options)?.unwrap_or_else(now);
    Ok(Append { stream, events, expected: expected(options)?, recorded_at })
}

/// An event to be appended.
pub(crate) struct NewEventIn {
    id: EventId,
    event_type: String,
    data: Data,
    metadata: Metadata,
}

#[derive(Deserialize)]
struct EventSaid {
    id: String,
    #[serde(rename = "type")]
    event_type: String,
    #[serde(default)]
    metadata: Option<MetadataSaid>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MetadataSaid {
    correlation_id: Option<String>,
    causation_id: Option<String>,
}

impl NewEventIn {
    fn from_js(event: JsValue) -> Result<NewEventIn, Refusal> {
        let data = Data::from_js(&property(&event, "data"))?;
        let EventSaid { id, event_type, metadata } = javascript::said("events", &event)?;
        let (correlation, causation) = match metadata {
            Some(MetadataSaid { correlation_id, causation_id }) => (correlation_id, causation_id),
            None => (None, None),
        };
        let other = |other: Option<String>| other.map(|other| self::id(&other)).transpose();
        let metadata = Metadata { correlation: other(correlation)?, causation: other(causation)? };
        Ok(NewEventIn { id: self::id(&id)?, event_type, data, metadata })
    }

    pub(crate) fn as_new(&self) -> NewEvent<'_, Data> {
        let NewEventIn { id, event_type, data, metadata } = self;
        NewEvent { id: *id, event_type, payload: data.clone(), metadata: *metadata }
    }
}

/// An id: a UUID as text, or its 32 hexadecimal digits.
fn id(text: &str) -> Result<EventId, Refusal> {
    let bad = || Refusal::bad_argument("events", &format!("`{text}` is no UUID"));
    let dashes_fit = match text.len() {
        32 => !text.contains('-'),
        36 => text.match_indices('-').map(|(at, _)| at).eq([8, 13, 18, 23]),
        _ => false,
    };
    let digits = text.chars().filter(|digit| *digit != '-');
    let fold = |number: u128, digit: char| Some(number << 4 | u128::from(digit.to_digit(16)?));
    let number = digits.into_iter().try_fold(0, fold);
    number.filter(|_| dashes_fit).map(EventId).ok_or_else(bad)
}

/// The name of a stream.
pub(crate) fn stream(stream: &JsValue) -> Result<String, Refusal> {
    stream.as_string().ok_or_else(|| Refusal::bad_argument("stream", "it is no string"))
}

/// What a deletion expects.
pub(crate) fn delete(options: &JsValue) -> Result<Expected, Refusal> {
    check_names(options, &["expectedVersion"])?;
    expected(options)
}

/// How to fold.
pub(crate) struct Aggregate {
    pub(crate) initial_state: Function,
    pub(crate) evolve: Function,
    pub(crate) to: Option<u64>,
    pub(crate) at: Option<u64>,
}

pub(crate) fn aggregate(options: &JsValue) -> Result<Aggregate, Refusal> {
    check_names(options, &["initialState", "evolve", "to", "at"])?;
    let required = |name| {
        function(options, name).ok_or_else(|| Refusal::bad_argument(name, "it is no function"))
    };
    let (to, at) = (number("to", options)?, number("at", options)?);
    if to.is_some() && at.is_some() {
        return Err(Refusal::bad_argument("at", "there is a version, `to`, already"));
    }
    let (initial_state, evolve) = (required("initialState")?, required("evolve")?);
    Ok(Aggregate { initial_state, evolve, to, at })
}

/// What to hand over.
pub(crate) struct Subscribe {
    pub(crate) source: Source,
    pub(crate) after: u64,
    pub(crate) on_error: Option<Function>,
}

#[derive(Default, Deserialize)]
struct SubscribeSaid {
    stream: Option<String>,
}

pub(crate) fn subscribe(options: &JsValue) -> Result<Subscribe, Refusal> {
    check_names(options, &["stream", "after", "onError"])?;
    let SubscribeSaid { stream } = said(options)?;
    Ok(Subscribe {
        source: stream.map_or(Source::All, Source::Stream),
        after: number("after", options)?.unwrap_or(0),
        on_error: function(options, "onError"),
    })
}

#[derive(Default, Deserialize)]
struct ReadSaid {
    #[serde(default)]
    direction: Direction,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Direction {
    #[default]
    Forwards,
    Backwards,
}

/// What to read.
pub(crate) fn read(options: &JsValue) -> Result<Read, Refusal> {
    check_names(options, &["direction", "from", "to", "limit"])?;
    let mut read = match said::<ReadSaid>(options)?.direction {
        Direction::Forwards => Read::forwards(),
        Direction::Backwards => Read::backwards(),
    };
    let Read { from, to, limit, .. } = &mut read;
    for (name, place) in [("from", from), ("to", to), ("limit", limit)] {
        if let Some(said) = number(name, options)? {
            *place = said;
        }
    }
    Ok(read)
}

fn said<T: Default + DeserializeOwned>(options: &JsValue) -> Result<T, Refusal> {
    if options.is_undefined() {
        return Ok(T::default());
    }
    Ok(javascript::said("options", options)?)
}

fn expected(options: &JsValue) -> Result<Expected, Refusal> {
    let value = property(options, "expectedVersion");
    match value.as_string().as_deref() {
        Some("any") => Ok(Expected::Any),
        Some("no-stream") => Ok(Expected::NoStream),
        Some("exists") => Ok(Expected::Exists),
        _ => Ok(number("expectedVersion", options)?.map_or(Expected::Any, Expected::Exact)),
    }
}

/// A number among options.
fn number(name: &str, options: &JsValue) -> Result<Option<u64>, Refusal> {
    match property(options, name) {
        value if value.is_undefined() => Ok(None),
        value => required_number(name, &value).map(Some),
    }
}

/// A number: a BigInt, or decimal digits.
pub(crate) fn required_number(name: &str, value: &JsValue) -> Result<u64, Refusal> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let number = match value.as_string() {
        Some(text) if digits(&text) => text.parse().ok(),
        Some(_) => None,
        None if value.is_bigint() => u64::try_from(value.clone()).ok(),
        None => None,
    };
    number.ok_or_else(|| {
        let is = match value.as_f64() {
            Some(number) => format!("it is a number; say {number}n or \"{number}\""),
            None => "it is neither a BigInt of 64 bits without a sign nor its digits".to_owned(),
        };
        Refusal::bad_argument(name, &is)
    })
}
