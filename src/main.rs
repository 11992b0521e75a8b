//! The browser's entry: mounts the Raft lab, and nothing else.

use rift::labs::{LabEntry, raft};
use rift::ui::Extras;

/// Smaller by 5 kB, and faster, than the allocator that Rust brings for wasm.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

fn main() {
    rift::ui::install_panic_hook();
    const RAFT: &LabEntry = &raft::ENTRY;
    rift::ui::mount(RAFT, Extras::NONE);
}
