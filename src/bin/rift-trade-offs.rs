//! The program of the studies of trade-offs, and nothing else. The page loads it when its place
//! comes near.

use rift::labs::trade_offs::{STUDIES, StudyEntry};
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Element;

/// Smaller by 5 kB, and faster, than the allocator that Rust brings for wasm.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

fn main() {
    rift::ui::install_panic_hook();
}

/// Puts the studies into an element.
#[wasm_bindgen]
pub fn mount(element: Element) {
    const ALL: &[StudyEntry] = STUDIES;
    rift::ui::mount_studies(element, ALL);
}
