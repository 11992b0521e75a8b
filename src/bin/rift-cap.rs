//! The second figure's program: mounts figures of the CAP lab, and nothing else. The page loads it
//! when its place comes near.

use rift::labs::{LabEntry, cap};
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
    const CAP: &LabEntry = &cap::ENTRY;
    rift::ui::mount(CAP, Extras::NONE.with_dials().with_quiz(), element, options, host)
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
