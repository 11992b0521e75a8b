//! The browser's entry: mounts the figure, and nothing else.

fn main() {
    rift::ui::install_panic_hook();
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(place) = document.and_then(|document| document.get_element_by_id("app")) {
        rift::ui::mount(place);
    }
}
