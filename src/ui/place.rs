//! Where a figure stands: on a page of ours, in an article, or on somebody else's page.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::tour::{Caption, Tour};

/// Where a figure stands, and what the script does for it that put it there.
///
/// `host` is that script's object, or `undefined`. Each of its parts may be missing:
/// - `lens()`: a promise of the program that looks closer, of which this figure has the only use;
/// - `page`: the address of the page that links to a run lead to; else it is the present one;
/// - `scenario`: what a script came to, as `rift publish` writes it; the run is `link`, too;
/// - `tell()`: called after every rendering.
#[derive(Clone, PartialEq)]
pub struct Place {
    /// It is the one figure of its lab that the page is about: it begins as the page's address
    /// says, or as the reader left it, and keeps there what the reader does. Others leave both
    /// alone, for there is one address and one storage for all figures.
    pub at_home: bool,
    /// See above.
    pub host: JsValue,
}

impl Place {
    /// The address of a page with a run behind its `#`, and nothing of another run.
    pub(crate) fn address_with(&self, run: &str) -> String {
        let page = self.part("page").and_then(|page| page.as_string());
        let here = || web_sys::window().and_then(|window| window.location().href().ok());
        let address = page.or_else(here).unwrap_or_default();
        [address.split(['?', '#']).next().unwrap_or_default(), "#", run].concat()
    }

    /// Begins to load the program that looks closer.
    pub(crate) fn load_lens(&self) -> Option<Promise> {
        self.call("lens")?.dyn_into().ok()
    }

    /// Says that something may have changed.
    pub(crate) fn tell(&self) {
        self.call("tell");
    }

    /// What the figure tells along its run, and the run itself as a link has it.
    pub(crate) fn tour(&self) -> Option<(Tour, Option<String>)> {
        let scenario = self.part("scenario").filter(JsValue::is_object)?;
        let get = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).unwrap_or_default();
        let text = |of: &JsValue, name: &str| get(of, name).as_string().unwrap_or_default();
        let us = |of: &JsValue, name: &str| get(of, name).as_f64().unwrap_or_default() as u64;
        let list = |name: &str| Array::from(&get(&scenario, name)).into_iter();
        let caption = |caption: JsValue| Caption {
            at_us: us(&caption, "atUs"),
            stops: get(&caption, "stops").is_truthy(),
            text: text(&caption, "text"),
        };
        let tour = Tour {
            title: text(&scenario, "title"),
            captions: list("captions").map(caption).collect(),
            ends_us: us(&scenario, "endsUs"),
            tasks: list("tasks").filter_map(|name| name.as_string()).collect(),
        };
        Some((tour, get(&scenario, "run").as_string()))
    }

    fn part(&self, name: &str) -> Option<JsValue> {
        // Of `undefined` nothing can be asked.
        Reflect::get(&self.host, &name.into()).ok()
    }

    fn call(&self, name: &str) -> Option<JsValue> {
        self.part(name)?.dyn_into::<Function>().ok()?.call0(&self.host).ok()
    }
}
