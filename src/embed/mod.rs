//! The border to everything outside of Rust: URL parameters and the JS API. Data shapes and their
//! conversion live here, and nothing else.

mod address;
mod js_api;
mod params;
mod shown;

pub use address::address_pairs;
pub use js_api::{JsApi, StateDto, promises_to_js, story_to_js, tasks_to_js};
pub use params::{Params, Theme};
pub use shown::{Controls, Panel, Panels};
