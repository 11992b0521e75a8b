//! The browser's entry: mounts the page, and nothing else.

fn main() {
    rift::ui::install_panic_hook();
    let place = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id("app"));
    if let Some(place) = place {
        place.set_inner_html("");
        yew::Renderer::<rift::ui::App>::with_root(place).render();
    }
}
