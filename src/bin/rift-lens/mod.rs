//! The second program of the page, for those who look closer: [`rift::lens`] for JavaScript, and
//! the dialog by which runs go out and come in.
//!
//! The page loads it when it is first asked something. Each lab has one, which says at its start
//! that it knows no other (`rift-lens-*.rs`).

mod browser;
mod dialog;
mod markup;

use std::cell::RefCell;

use js_sys::Function;
use rift::lens::challenges::Challenges;
use rift::lens::{Lens, share as sharing};
use rift::timeline::BranchId;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Node;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

thread_local! {
    static LENS: RefCell<Lens> = RefCell::default();
    static CHALLENGES: RefCell<Challenges> = RefCell::default();
}

fn with<T>(look: impl FnOnce(&mut Lens) -> T) -> T {
    LENS.with_borrow_mut(look)
}

/// Takes the run of a link; says what is wrong with it, or nothing.
#[wasm_bindgen]
pub fn open(link: &str) -> String {
    with(|lens| lens.open(link)).err().map(|reason| reason.to_string()).unwrap_or_default()
}

/// Goes to an instant; the hash of the history there, 16 hexadecimal digits.
#[wasm_bindgen]
pub fn at(branch: u16, at_us: f64) -> String {
    let hash = with(|lens| lens.at(BranchId(branch), at_us as u64));
    hash.map(|hash| format!("{hash:016x}")).unwrap_or_default()
}

/// A picture as `<svg>`.
#[wasm_bindgen]
pub fn picture(view: &str, width: f32, height: f32) -> String {
    with(|lens| lens.picture(view, width, height))
}

/// Whether that picture is all there is to show of the instant, so far.
#[wasm_bindgen]
pub fn finished() -> bool {
    with(|lens| lens.is_finished())
}

/// What stands under the picture, as markup.
#[wasm_bindgen]
pub fn controls() -> String {
    with(|lens| lens.controls())
}

/// Moves the picture along with a pointer.
#[wasm_bindgen]
pub fn pan(dx: f32) {
    with(|lens| lens.pan(dx));
}

/// Zooms the picture.
#[wasm_bindgen]
pub fn zoom(x: f32, permille: u32) {
    with(|lens| lens.zoom(x, permille));
}

/// A key or a button. What the cursor is on then, as [`under`].
#[wasm_bindgen]
pub fn press(what: &str) -> String {
    with(|lens| lens.press(what))
}

/// Whether the picture follows the playhead.
#[wasm_bindgen]
pub fn following() -> bool {
    with(|lens| lens.is_following())
}

/// Whether what happens is spaced evenly.
#[wasm_bindgen]
pub fn spaced() -> bool {
    with(|lens| lens.is_spaced_by_events())
}

/// What is at a place of the picture: the thing, its question, its words, a line each.
#[wasm_bindgen]
pub fn under(x: f32, y: f32) -> String {
    with(|lens| lens.under(x, y))
}

/// Lights a thing, or what led to the answer of a question; all that is lit, a line each.
#[wasm_bindgen]
pub fn light(what: &str) -> String {
    with(|lens| lens.light(what))
}

/// Moves the picture to what is lit.
#[wasm_bindgen]
pub fn show() {
    with(Lens::show_lit);
}

/// What there is to ask about a target, as markup.
#[wasm_bindgen]
pub fn questions(target: &str) -> String {
    with(|lens| lens.questions(target))
}

/// The answer to a question, as markup.
#[wasm_bindgen]
pub fn why(question: &str) -> String {
    with(|lens| lens.why(question))
}

/// Reads a script or a link. The link of its run, then what there is to say of it, a line each; the
/// first line is empty if it cannot be played, and the second says why.
#[wasm_bindgen]
pub fn read(text: &str) -> String {
    match sharing::read(text) {
        Ok(opened) => [vec![opened.link], opened.said].concat().join("\n"),
        Err(misread) => ["\n", &misread.why].concat(),
    }
}

/// Reads a script, to be told by a figure: JSON. Else an empty line, and why not.
#[wasm_bindgen]
pub fn tour(script: &str) -> String {
    sharing::tour(script).unwrap_or_else(|misread| ["\n", &misread.why].concat())
}

/// The link of a run after lines of a script were carried out at its instant; else an empty line,
/// and why not.
#[wasm_bindgen]
pub fn command(link: &str, lines: &str) -> String {
    sharing::after(link, lines).unwrap_or_else(|misread| ["\n", &misread.why].concat())
}

/// How far a challenge has come in the run of a link, as JSON: see [`rift::export::graded`].
#[wasm_bindgen]
pub fn grade(challenge: &str, link: &str) -> String {
    CHALLENGES.with_borrow_mut(|challenges| challenges.grade(challenge, link))
}

/// From now on the dialog is put there, and not into the page: a figure in a shadow root has its
/// looks there.
#[wasm_bindgen]
pub fn stay_in(root: Node) {
    dialog::stay_in(root);
}

/// Opens the dialog for the run of an address. `given` is what came in, a string or a file; `null`
/// if something is to come in, `undefined` if something is to go out. What came in and can be
/// opened is told to the page as lines: a link, then what there is to say of it.
#[wasm_bindgen]
pub fn share(address: &str, given: JsValue, tell: Function) {
    dialog::open(address, given, tell);
}
