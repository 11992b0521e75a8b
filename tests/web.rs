//! What only a browser can tell, run by wasm-bindgen-test in headless Chromium:
//! `cargo xtask test wasm`.
#![cfg(target_arch = "wasm32")]

use rift::stable_hash::stable_hash;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn a_browser_runs_this() {
    let document = web_sys::window().and_then(|window| window.document());
    assert!(document.is_some_and(|document| document.body().is_some()));
}

/// A pointer is 32 bits wide here and 64 natively, and no link to a run may notice.
#[wasm_bindgen_test]
fn hashes_do_not_depend_on_the_width_of_a_pointer() {
    assert_eq!(stable_hash(&(7_usize, Some(-1_isize))), 0x56AC_F446_C6B0_6D99);
    assert_eq!(stable_hash("rift"), 0xE2C3_0385_76B3_54CD);
}

#[path = "shared/hashes.rs"]
mod shared;

/// The native tests expect the same file.
#[wasm_bindgen_test]
fn every_run_has_the_history_it_has_natively() {
    assert_eq!(shared::history_hashes(), include_str!("it/golden/history_hashes.txt"));
}

#[path = "shared/broken.rs"]
mod broken;
