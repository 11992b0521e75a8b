//! Mounts the figure into the page.

use wasm_bindgen::JsValue;
use web_sys::{Document, Element};

use super::figure::{Figure, FigureProps};
use crate::embed::{Params, Theme};

/// Puts a living figure into `place`, set up as the page's address says.
pub fn mount(place: Element) {
    let servers = crate::labs::LABS[0].servers.clone();
    let pairs = address_pairs().unwrap_or_default();
    let (params, complaints) = Params::read(&pairs, servers);
    set_theme(params.theme);
    place.set_inner_html("");
    yew::Renderer::<Figure>::with_root_and_props(place, FigureProps { params, complaints })
        .render();
}

/// The decoded names and values after the `?` of the page's address.
fn address_pairs() -> Option<Vec<(String, String)>> {
    let query = web_sys::window()?.location().search().ok()?;
    let search = web_sys::UrlSearchParams::new_with_str(&query).ok()?;
    let pairs = js_sys::try_iter(&search).ok()??;
    let pair = |pair: JsValue| {
        let pair = js_sys::Array::from(&pair);
        Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
    };
    Some(pairs.filter_map(|item| pair(item.ok()?)).collect())
}

fn set_theme(theme: Theme) {
    let name = match theme {
        Theme::Auto => return,
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(root) = document.as_ref().and_then(Document::document_element) {
        let _ = root.set_attribute("data-theme", name);
    }
}
