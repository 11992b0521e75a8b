//! The border to everything outside of Rust: URL parameters and the JS API. Data shapes and their
//! conversion live here, and nothing else.

mod address;
mod js_api;
mod params;

pub use address::address_pairs;
pub use js_api::{JsApi, StateDto};
pub use params::{Params, Theme};
