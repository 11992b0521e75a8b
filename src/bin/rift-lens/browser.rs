//! What the dialog needs of the browser, where the bindings do not say it in a line.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, Document, Url};

pub(crate) fn document() -> Option<Document> {
    web_sys::window()?.document()
}

/// Whether the page is in a frame that is walled off: then it is unlikely that it may download.
pub(crate) fn is_walled_off() -> bool {
    let origin = Reflect::get(&js_sys::global(), &"origin".into());
    origin.is_ok_and(|origin| origin.as_string().as_deref() == Some("null"))
}

/// An address of a text, as long as it is wanted.
pub(crate) struct TextUrl(pub(crate) String);

impl TextUrl {
    pub(crate) fn of(text: &str, media: &str) -> Option<TextUrl> {
        let parts = Array::of1(&text.into());
        let options = BlobPropertyBag::new();
        options.set_type(media);
        let blob = Blob::new_with_str_sequence_and_options(&parts, &options).ok()?;
        Url::create_object_url_with_blob(&blob).ok().map(TextUrl)
    }
}

impl Drop for TextUrl {
    fn drop(&mut self) {
        let _ = Url::revoke_object_url(&self.0);
    }
}

/// Waits for a promise. Dropping it ends that.
pub(crate) struct Waiting {
    _settled: [Closure<dyn FnMut(JsValue)>; 2],
}

/// Calls `then` with what a promise gives, or with nothing.
pub(crate) fn wait(promise: &Promise, then: impl Fn(Option<JsValue>) + Clone + 'static) -> Waiting {
    let other = then.clone();
    let kept = Closure::new(move |value| then(Some(value)));
    let broken = Closure::new(move |_| other(None));
    let _ = promise.then2(&kept, &broken);
    Waiting { _settled: [kept, broken] }
}

/// Puts a text on the clipboard, where the browser has one for us.
pub(crate) fn copy(text: &str) -> Option<Promise> {
    let get = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).ok();
    let clipboard = get(&get(&js_sys::global(), "navigator")?, "clipboard")?;
    let write: Function = get(&clipboard, "writeText")?.dyn_into().ok()?;
    write.call1(&clipboard, &text.into()).ok()?.dyn_into().ok()
}

/// The text of a file.
pub(crate) fn text_of(file: &Blob) -> Option<Promise> {
    // Not by the binding: a browser without it would be the end of the program.
    let text: Function = Reflect::get(file, &"text".into()).ok()?.dyn_into().ok()?;
    text.call0(file).ok()?.dyn_into().ok()
}
