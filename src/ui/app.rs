//! The page around the figure.

use wasm_bindgen::JsValue;
use yew::prelude::*;

use super::figure::Figure;
use crate::embed::{Params, Theme};

/// The whole page.
#[component]
pub fn App() -> Html {
    let (params, complaints) = use_memo((), |()| read_address()).as_ref().clone();
    use_effect_with(params.theme, |theme| set_theme(*theme));
    html! {
        <>
            <header class="masthead">
                <p class="wordmark">{ "Rift" }</p>
                <h1>{ "A cluster you can tear apart" }</h1>
                <p class="lead">
                    { "Five servers keep one log between them by electing a leader. Draw a line \
                       through the network to cut it, and watch which side can go on. What you see \
                       is the Raft algorithm itself at work, message by message." }
                </p>
            </header>
            <Figure {params} {complaints} />
            <footer class="colophon">
                <p>
                    { "The rules are those of Figure 2 in " }
                    <cite>{ "In Search of an Understandable Consensus Algorithm" }</cite>
                    { " by Diego Ongaro and John Ousterhout; § names its sections." }
                </p>
            </footer>
        </>
    }
}

fn read_address() -> (Params, Vec<String>) {
    let servers = crate::labs::LABS[0].servers.clone();
    Params::read(&address_pairs().unwrap_or_default(), servers)
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
    let root = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.document_element());
    if let Some(root) = root {
        let _ = root.set_attribute("data-theme", name);
    }
}
