//! What the page shows when a bug of ours stops it: a card, never a dead picture.

use std::cell::Cell;

thread_local! {
    static SEED: Cell<Option<u64>> = const { Cell::new(None) };
}

/// Notes the seed that a crash card should name.
pub(crate) fn note_seed(seed: u64) {
    SEED.set(Some(seed));
}

/// Makes a panic show the card that `index.html` holds ready, and write its message to the console.
///
/// A panic leaves the wasm instance unusable, so the hook touches nothing but the document. It goes
/// through Yew, which would otherwise put a hook of its own in its place.
pub fn install_panic_hook() {
    yew::set_custom_panic_hook(Box::new(|info| {
        let message = info.to_string();
        web_sys::console::error_1(&message.as_str().into());
        show_card(&message);
    }));
}

fn show_card(message: &str) -> Option<()> {
    let document = web_sys::window()?.document()?;
    let card = document.get_element_by_id("crash")?;
    if let Some(place) = document.get_element_by_id("crash-message") {
        place.set_text_content(Some(message));
    }
    if let (Some(place), Some(seed)) = (document.get_element_by_id("crash-seed"), SEED.get()) {
        place.set_text_content(Some(&format!("The seed of this run: {seed}")));
    }
    card.remove_attribute("hidden").ok()
}
