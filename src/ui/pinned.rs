//! Puts HTML that lies over the stage where it belongs.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// Moves every element in `stage` that has a `data-place`, such as `left:12;top:7`, in pixels.
///
/// Through the object model, because a strict content security policy forbids `style` attributes
/// in markup, and this page is to work under one.
pub(crate) fn put_in_place(stage: &Element) {
    let Ok(found) = stage.query_selector_all("[data-place]") else {
        return;
    };
    for k in 0..found.length() {
        let element = found.item(k).and_then(|node| node.dyn_into::<HtmlElement>().ok());
        let Some(element) = element else {
            continue;
        };
        let place = element.get_attribute("data-place").unwrap_or_default();
        let style = element.style();
        for edge in ["left", "right", "top", "bottom"] {
            let length = place.split(';').find_map(|part| {
                part.split_once(':').filter(|(name, _)| *name == edge).map(|(_, length)| length)
            });
            let length = length.map_or_else(|| "auto".to_owned(), |length| format!("{length}px"));
            let _ = style.set_property(edge, &length);
        }
    }
}
