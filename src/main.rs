//! The browser's entry: mounts the figure, and nothing else.

/// Smaller by 5 kB, and faster, than the allocator that Rust brings for wasm.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

fn main() {
    rift::ui::install_panic_hook();
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(place) = document.and_then(|document| document.get_element_by_id("app")) {
        rift::ui::mount(place);
    }
}
