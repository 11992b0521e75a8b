//! What events carry: JSON, or bytes.

use js_sys::{JSON, Reflect, Symbol, Uint8Array};
use rift::event_store::file::PayloadBytes;
use wasm_bindgen::JsValue;

use crate::refusal::Refusal;

/// The first byte of a payload in the file.
const JSON_TEXT: u8 = 0;
const BYTES: u8 = 1;

/// What an event carries.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Data {
    /// The text of a JSON value; empty for `undefined`.
    Json(String),
    Bytes(Vec<u8>),
}

impl Data {
    pub(crate) fn from_js(value: &JsValue) -> Result<Data, Refusal> {
        if value.is_undefined() {
            return Ok(Data::Json(String::new()));
        }
        if is_bytes(value) {
            return Ok(Data::Bytes(Uint8Array::new(value).to_vec()));
        }
        // A function gives `undefined`, which is no text either.
        let text = JSON::stringify(value).ok().and_then(|text| JsValue::from(text).as_string());
        text.map(Data::Json)
            .ok_or_else(|| Refusal::bad_argument("events", "data is neither JSON nor bytes"))
    }

    pub(crate) fn to_js(&self) -> JsValue {
        match self {
            Data::Json(text) if text.is_empty() => JsValue::UNDEFINED,
            // It is what `JSON.stringify` gave, checked by a checksum since.
            Data::Json(text) => JSON::parse(text).unwrap_or_default(),
            Data::Bytes(bytes) => Uint8Array::from(&bytes[..]).into(),
        }
    }
}

/// By its tag, for what comes from another window (a frame, a worker's clone) is an instance of
/// that window's classes and not of ours.
fn is_bytes(value: &JsValue) -> bool {
    let tag = Reflect::get(value, &Symbol::to_string_tag()).ok().and_then(|tag| tag.as_string());
    matches!(tag.as_deref(), Some("Uint8Array" | "ArrayBuffer"))
}

impl PayloadBytes for Data {
    fn encode(&self, into: &mut Vec<u8>) {
        let (kind, bytes) = match self {
            Data::Json(text) => (JSON_TEXT, text.as_bytes()),
            Data::Bytes(bytes) => (BYTES, &bytes[..]),
        };
        into.push(kind);
        into.extend_from_slice(bytes);
    }

    fn decode(bytes: &[u8]) -> Option<Data> {
        match bytes.split_first()? {
            (&JSON_TEXT, text) => Some(Data::Json(std::str::from_utf8(text).ok()?.to_owned())),
            (&BYTES, bytes) => Some(Data::Bytes(bytes.to_vec())),
            _ => None,
        }
    }
}
