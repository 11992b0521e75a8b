//! The second figure's program: mounts the CAP lab, and nothing else. The page loads it when its
//! place comes near.

use rift::labs::{LabEntry, cap};
use rift::ui::Extras;

/// Smaller by 5 kB, and faster, than the allocator that Rust brings for wasm.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

fn main() {
    rift::ui::install_panic_hook();
    const CAP: &LabEntry = &cap::ENTRY;
    rift::ui::mount(CAP, Extras::NONE.with_dials().with_quiz());
}
