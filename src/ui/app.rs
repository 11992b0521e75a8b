//! Mounts figures into a page.

use std::cell::RefCell;

use wasm_bindgen::JsValue;
use web_sys::{Document, Element};
use yew::AppHandle;

use super::figure::{Extras, Figure, FigureProps};
use super::place::Place;
use crate::embed::{Params, Theme, address_pairs};
use crate::labs::{LabEntry, LabSettings};

/// The mark of an address that the page has written, in the browser's history.
const OWN: &str = "own";
/// The parameter that names the lab that the others are about.
const LAB: &str = "lab";

thread_local! {
    /// The figures that this program has mounted, by the number that `mount` answered with.
    static FIGURES: RefCell<Vec<Option<AppHandle<Figure>>>> = RefCell::default();
}

/// Puts a lab's living figure into `element`, in place of what is there; any number of them share
/// the program. Answers with the figure's number.
///
/// With `options`, written as in an address, it is one figure among others: it follows them, and
/// leaves the page's address and storage alone. Without, it is at home: see [`Place::at_home`].
/// `host` is what [`Place`] says.
pub fn mount(
    entry: &'static LabEntry,
    extras: Extras,
    element: Element,
    options: Option<String>,
    host: JsValue,
) -> usize {
    let at_home = options.is_none();
    let pairs = match options {
        Some(options) => pairs_of(&options),
        None => read_address().filter(|pairs| is_meant(pairs, entry)),
    };
    let (params, complaints) = Params::read(&pairs.unwrap_or_default(), entry);
    if at_home {
        set_theme(params.theme);
    }
    element.set_inner_html("");
    let props = FigureProps { entry, extras, place: Place { at_home, host }, params, complaints };
    let handle = yew::Renderer::<Figure>::with_root_and_props(element, props).render();
    FIGURES.with_borrow_mut(|figures| {
        figures.push(Some(handle));
        figures.len() - 1
    })
}

/// Ends a figure, by its number, and takes it out of its place.
pub fn unmount(figure: usize) {
    let handle = FIGURES.with_borrow_mut(|figures| figures.get_mut(figure)?.take());
    if let Some(handle) = handle {
        handle.destroy();
    }
}

/// Answers a question about a figure, or has something done to it, which
/// [`Place::tell`](super::Place) then says: see `Figure::asked` and `Figure::told`.
pub fn ask(figure: usize, what: &str, with: JsValue) -> JsValue {
    FIGURES.with_borrow(|figures| {
        let Some(handle) = figures.get(figure).and_then(Option::as_ref) else {
            return JsValue::UNDEFINED;
        };
        match Figure::told(what, &with) {
            Some(msg) => {
                handle.send_message(msg);
                JsValue::UNDEFINED
            }
            None => handle.get_component().map_or(JsValue::UNDEFINED, |it| it.asked(what, &with)),
        }
    })
}

/// Puts a lab's living figure into `element`, set up as the page's address says.
pub fn mount_lab(element: Element, entry: &'static LabEntry, extras: Extras) {
    mount(entry, extras, element, None, JsValue::UNDEFINED);
}

/// Where the page shows a lab.
pub(crate) fn place_of(lab: &str) -> Option<Element> {
    let document = web_sys::window()?.document()?;
    document.query_selector(&format!("[data-lab=\"{lab}\"]")).ok()?
}

/// Whether an address is about a lab: it names it, or no other and it is the page's first.
fn is_meant(pairs: &[(String, String)], entry: &LabEntry) -> bool {
    let named = pairs.iter().find(|(name, _)| name == LAB);
    named.map_or_else(|| is_first(entry), |(_, lab)| lab == entry.name)
}

fn is_first(entry: &LabEntry) -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    let first = document.and_then(|document| document.query_selector("[data-lab]").ok()?);
    // A place without a name is a test's.
    first.is_none_or(|first| first.get_attribute("data-lab").as_deref() == Some(entry.name))
}

/// The decoded names and values after the `?` of the page's address.
fn read_address() -> Option<Vec<(String, String)>> {
    pairs_of(&web_sys::window()?.location().search().ok()?)
}

/// The decoded names and values of a query.
fn pairs_of(query: &str) -> Option<Vec<(String, String)>> {
    let search = web_sys::UrlSearchParams::new_with_str(query).ok()?;
    let pairs = js_sys::try_iter(&search).ok()??;
    let pair = |pair: JsValue| {
        let pair = js_sys::Array::from(&pair);
        Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
    };
    Some(pairs.filter_map(|item| pair(item.ok()?)).collect())
}

/// Puts a run's seed and settings into the page's address, so that reloading it, or giving it to
/// somebody, starts the same run. Where the browser forbids that, the address stays as it is.
pub(crate) fn note_in_address(entry: &LabEntry, settings: &LabSettings) {
    let Some(window) = web_sys::window() else {
        return;
    };
    // What is said of another lab does not mix with what is said of this one.
    let ours = read_address().is_some_and(|pairs| is_meant(&pairs, entry));
    let old = window.location().search().ok().filter(|_| ours).unwrap_or_default();
    let (Ok(search), Ok(history)) =
        (web_sys::UrlSearchParams::new_with_str(&old), window.history())
    else {
        return;
    };
    if !is_first(entry) {
        search.set(LAB, entry.name);
    }
    for (name, value) in address_pairs(entry, settings) {
        match value {
            Some(value) => search.set(name, &value),
            None => search.delete(name),
        }
    }
    let query = format!("?{}", String::from(search.to_string()));
    let _ = history.replace_state_with_url(&OWN.into(), "", Some(&query));
}

/// Whether the page itself put the run into its address, and nobody who gave it to the reader.
pub(crate) fn address_is_our_own() -> bool {
    let state = web_sys::window().and_then(|window| window.history().ok()?.state().ok());
    state.is_some_and(|state| state == OWN)
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
