//! What the page shows when a bug of ours stops it: a card, never a dead picture.

/// Notes the seed that the card names. At once, because a trap gives no second chance.
pub(crate) fn note_seed(seed: u64) {
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(place) = document.and_then(|document| document.get_element_by_id("crash-seed")) {
        place.set_text_content(Some(&seed.to_string()));
    }
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
    card.remove_attribute("hidden").ok()
}
