//! The third figure's program: mounts the event sourcing lab, and nothing else. The page loads it
//! when its place comes near.

use rift::labs::{LabEntry, events};
use rift::ui::Extras;

/// Smaller by 5 kB, and faster, than the allocator that Rust brings for wasm.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

fn main() {
    rift::ui::install_panic_hook();
    const EVENTS: &LabEntry = &events::ENTRY;
    rift::ui::mount(EVENTS, Extras::NONE.with_dials());
}
