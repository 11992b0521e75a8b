//! `window.rift`: what other scripts on the page, and the browser's console, can read.

use js_sys::{Object, Reflect};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

use crate::labs::Table;
use crate::session::Session;

/// What `rift.state()` answers with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StateDto {
    /// The lab's name.
    pub lab: &'static str,
    /// The seed, as decimal digits: it may be larger than a JS number can hold.
    pub seed: String,
    /// How many servers there are.
    pub servers: u8,
    /// The present instant, in microseconds since the start of the run.
    pub now_us: u64,
    /// How many things have happened.
    pub history_length: usize,
    /// The history's hash, 16 hexadecimal digits.
    pub history_hash: String,
    /// How many actions the run has.
    pub actions: usize,
    /// The table twin of the picture.
    pub table: TableDto,
    /// The table of the clients.
    pub clients: TableDto,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableDto {
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl From<Table> for TableDto {
    fn from(table: Table) -> TableDto {
        TableDto { head: table.head, rows: table.rows }
    }
}

impl StateDto {
    /// What there is to say about `session`.
    pub fn of(session: &Session) -> StateDto {
        let (run, lab) = (session.run(), session.lab());
        StateDto {
            lab: run.lab,
            seed: run.settings.seed.to_string(),
            servers: run.settings.servers,
            now_us: lab.now_us(),
            history_length: lab.history_len(),
            history_hash: format!("{:016x}", lab.history_hash()),
            actions: run.actions.len(),
            table: lab.table().into(),
            clients: lab.client_table().into(),
        }
    }
}

/// The functions behind `window.rift`. Dropping it takes them away again.
pub struct JsApi {
    _state: Closure<dyn Fn() -> JsValue>,
}

impl JsApi {
    /// Sets `window.rift = { version, state }`.
    pub fn install(state: impl Fn() -> StateDto + 'static) -> JsApi {
        let state = Closure::<dyn Fn() -> JsValue>::new(move || {
            // A `StateDto` holds nothing that JS cannot: the conversion has no way to fail.
            state()
                .serialize(&serde_wasm_bindgen::Serializer::json_compatible())
                .unwrap_or_default()
        });
        let api = Object::new();
        // `set` on a plain object of our own cannot fail either.
        let _ = Reflect::set(&api, &"version".into(), &env!("CARGO_PKG_VERSION").into());
        let _ = Reflect::set(&api, &"state".into(), state.as_ref());
        let _ = Reflect::set(&js_sys::global(), &"rift".into(), &api);
        JsApi { _state: state }
    }
}

impl Drop for JsApi {
    fn drop(&mut self) {
        let _ = Reflect::delete_property(&js_sys::global(), &"rift".into());
    }
}
