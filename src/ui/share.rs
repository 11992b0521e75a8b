//! Links that are experiments: out of the page by the clipboard, into it by the address.

use std::slice;

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use super::app::place_of;
use crate::labs::LabEntry;
use crate::link::{BadLink, Link};

/// What is behind the `#` of the page's address.
#[derive(Debug)]
pub(crate) enum InAddress {
    Nothing,
    /// A run of another lab, which has a place of its own on the page.
    NotOurs,
    Run(Result<Link, BadLink>),
}

/// What the page's address has for a lab.
pub(crate) fn run_in_address(entry: &'static LabEntry) -> InAddress {
    let hash = web_sys::window().and_then(|window| window.location().hash().ok());
    let Some(hash) = hash.filter(|hash| hash.starts_with("#run")) else {
        return InAddress::Nothing;
    };
    match Link::parse_of(&hash, slice::from_ref(entry)) {
        Err(BadLink::UnknownLab(name)) if place_of(&name).is_some() => InAddress::NotOurs,
        link => InAddress::Run(link),
    }
}

/// What was put on the clipboard, if the browser lets us: it says so later.
pub(crate) struct Copying {
    _told: [Closure<dyn FnMut(JsValue)>; 2],
}

/// Copies `text`, and tells whether that went well. `None` if it cannot be tried.
pub(crate) fn copy(text: &str, told: impl Fn(bool) + Clone + 'static) -> Option<Copying> {
    // Not by the binding: where the page came by plain HTTP there is no clipboard, and a call of
    // what is not there would be the end of the program.
    let get = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).ok();
    let navigator = get(&js_sys::global(), "navigator")?;
    let clipboard = get(&navigator, "clipboard")?;
    let write: Function = get(&clipboard, "writeText")?.dyn_into().ok()?;
    let promise: Promise = write.call1(&clipboard, &text.into()).ok()?.dyn_into().ok()?;
    let other = told.clone();
    let yes = Closure::new(move |_| told(true));
    let no = Closure::new(move |_| other(false));
    let _ = promise.then2(&yes, &no);
    Some(Copying { _told: [yes, no] })
}

/// Calls back whenever what is behind the `#` of the address changes. Dropping it ends that.
pub(crate) struct HashWatch {
    closure: Closure<dyn Fn()>,
}

impl HashWatch {
    pub(crate) fn start(changed: impl Fn() + 'static) -> HashWatch {
        let closure = Closure::<dyn Fn()>::new(changed);
        if let Some(window) = web_sys::window() {
            let callback = closure.as_ref().unchecked_ref();
            let _ = window.add_event_listener_with_callback("hashchange", callback);
        }
        HashWatch { closure }
    }
}

impl Drop for HashWatch {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            let callback = self.closure.as_ref().unchecked_ref();
            let _ = window.remove_event_listener_with_callback("hashchange", callback);
        }
    }
}
