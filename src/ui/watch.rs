//! What the browser tells of a figure: its size, whether it can be seen, what the reader prefers.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{
    Element, EventTarget, IntersectionObserver, IntersectionObserverEntry, ResizeObserver,
};

/// Tells when a figure's size changes, when it comes into view or leaves it, and when its tab is
/// hidden. Dropping it ends all of that.
pub(crate) struct Watch {
    resize: Option<ResizeObserver>,
    intersection: Option<IntersectionObserver>,
    document: Option<EventTarget>,
    _on_resize: Closure<dyn Fn()>,
    _on_intersection: Closure<dyn Fn(js_sys::Array)>,
    on_visibility: Closure<dyn Fn()>,
}

impl Watch {
    /// Watches the size of `element`, and whether the figure around it is in view: its controls and
    /// pictures work while it is itself scrolled away, or hidden behind another picture.
    pub(crate) fn start(
        element: &Element,
        resized: impl Fn() + 'static,
        seen: impl Fn(bool) + 'static,
        tab_changed: impl Fn() + 'static,
    ) -> Watch {
        let on_resize = Closure::<dyn Fn()>::new(resized);
        let on_intersection =
            Closure::<dyn Fn(js_sys::Array)>::new(move |entries: js_sys::Array| {
                let last = entries.at(-1).dyn_into::<IntersectionObserverEntry>();
                seen(last.is_ok_and(|entry| entry.is_intersecting()));
            });
        let on_visibility = Closure::<dyn Fn()>::new(tab_changed);
        let resize = ResizeObserver::new(on_resize.as_ref().unchecked_ref()).ok();
        if let Some(observer) = &resize {
            observer.observe(element);
        }
        let intersection = IntersectionObserver::new(on_intersection.as_ref().unchecked_ref()).ok();
        let around = element.closest(".figure-main").ok().flatten();
        if let Some(observer) = &intersection {
            observer.observe(around.as_ref().unwrap_or(element));
        }
        let document = element.owner_document().map(EventTarget::from);
        if let Some(document) = &document {
            let _ = document.add_event_listener_with_callback(
                "visibilitychange",
                on_visibility.as_ref().unchecked_ref(),
            );
        }
        Watch {
            resize,
            intersection,
            document,
            _on_resize: on_resize,
            _on_intersection: on_intersection,
            on_visibility,
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(observer) = &self.resize {
            observer.disconnect();
        }
        if let Some(observer) = &self.intersection {
            observer.disconnect();
        }
        if let Some(document) = &self.document {
            let _ = document.remove_event_listener_with_callback(
                "visibilitychange",
                self.on_visibility.as_ref().unchecked_ref(),
            );
        }
    }
}

/// Whether the reader's system asks for less motion.
pub(crate) fn prefers_reduced_motion() -> bool {
    matches("(prefers-reduced-motion: reduce)")
}

/// Whether the window is so narrow that cards and settings are sheets; as the stylesheet has it.
pub(crate) fn is_narrow() -> bool {
    matches("(max-width: 40rem)")
}

fn matches(query: &str) -> bool {
    let matched = web_sys::window().and_then(|window| window.match_media(query).ok().flatten());
    matched.is_some_and(|list| list.matches())
}

/// Whether the tab is hidden.
pub(crate) fn tab_is_hidden() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    document.is_some_and(|document| document.hidden())
}
