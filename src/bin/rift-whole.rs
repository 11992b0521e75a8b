//! The fifth figure's program: mounts figures of the whole-system lab, and nothing else. The
//! page loads it when its place comes near.

use rift::labs::{LabEntry, whole};
use rift::ui::Extras;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Element;

/// Smaller by 5 kB, and faster, than the allocator that Rust brings for wasm.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

fn main() {
    rift::ui::install_panic_hook();
}

/// Puts a figure into an element: see [`rift::ui::mount`].
#[wasm_bindgen]
pub fn mount(element: Element, options: Option<String>, host: JsValue) -> usize {
    const WHOLE: &LabEntry = &whole::ENTRY;
    rift::ui::mount(WHOLE, Extras::NONE.with_dials(), element, options, host)
}

/// Ends a figure, by the number that `mount` answered with.
#[wasm_bindgen]
pub fn unmount(figure: usize) {
    rift::ui::unmount(figure);
}

/// Asks a figure for something, or has it do something: see [`rift::ui::ask`].
#[wasm_bindgen]
pub fn ask(figure: usize, what: &str, with: JsValue) -> JsValue {
    rift::ui::ask(figure, what, with)
}
