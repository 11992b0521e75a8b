//! The dialog by which runs leave the page and come into it.
//!
//! There is one a lens, made when it is first opened; one at a time is in the page. It is outside
//! of the figure, so nothing that happens in it is the figure's; the browser's own `<dialog>` keeps
//! the focus in it and gives it back. Buttons carry what they do in `data-do`, and one listener
//! reads it.

use std::cell::{Cell, RefCell};

use js_sys::Function;
use rift::export::limits::IMPORT_BYTES;
use rift::lens::share::{KINDS, Kind, Misread, Sharing, read};
use rift::scenario::parse_time;
use rift::text::share as text;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Blob, ClipboardEvent, DataTransfer, DragEvent, Element, Event, File, HtmlDialogElement,
    HtmlElement, HtmlInputElement, HtmlTextAreaElement, KeyboardEvent, Node,
};

use super::browser::{self, TextUrl, Waiting, copy, document, text_of, wait};
use super::markup;

/// So many characters of a text are shown; all of them only to be copied by hand.
const SHOWN: usize = 60_000;
/// What is longer is opened without being shown: a browser needs long to lay it out.
const SHOWN_GIVEN: usize = 40_000;

thread_local! {
    /// Where it is put instead of the page.
    static ROOT: Cell<Option<Node>> = const { Cell::new(None) };
    static DIALOG: RefCell<Option<Dialog>> = const { RefCell::new(None) };
}

struct Dialog {
    element: HtmlDialogElement,
    _listener: Closure<dyn FnMut(Event)>,
    sharing: Option<Sharing>,
    kind: &'static Kind,
    /// What goes out.
    text: String,
    url: Option<TextUrl>,
    /// What to do with what came in.
    tell: Function,
    waiting: Option<Waiting>,
}

/// What remains to be done when the dialog is not borrowed any more: the page may call back.
type Then = Option<(Function, String)>;

fn with(change: impl FnOnce(&mut Dialog) -> Option<Then>) {
    let then = DIALOG.with_borrow_mut(|dialog| change(dialog.as_mut()?).flatten());
    if let Some((tell, text)) = then {
        let _ = tell.call1(&JsValue::UNDEFINED, &text.into());
    }
}

/// See [`stay_in`](super::stay_in).
pub(crate) fn stay_in(root: Node) {
    ROOT.set(Some(root));
}

/// See [`share`](super::share).
pub(crate) fn open(address: &str, given: JsValue, tell: Function) {
    DIALOG.with_borrow_mut(|dialog| {
        if dialog.is_none() {
            *dialog = Dialog::make(&tell);
        }
    });
    with(|dialog| {
        dialog.tell = tell;
        dialog.sharing = Sharing::open(address).ok();
        dialog.offer();
        dialog.take_the_place();
        let comes_in = !given.is_undefined();
        if !dialog.element.open() {
            let _ = dialog.element.show_modal();
        }
        dialog.turn(if comes_in { "in" } else { "out" });
        match (comes_in, given.is_null()) {
            (false, _) => dialog.choose("link"),
            (true, true) => dialog.say_wrong(None),
            (true, false) => return Some(dialog.take(given)),
        }
        None
    });
}

impl Dialog {
    fn make(tell: &Function) -> Option<Dialog> {
        let document = document()?;
        let element: HtmlDialogElement = document.create_element("dialog").ok()?.unchecked_into();
        element.set_class_name("share");
        let _ = element.set_attribute("aria-labelledby", "share-title");
        element.set_inner_html(&markup::inside());
        let listener = Closure::<dyn FnMut(Event)>::new(|event: Event| {
            with(|dialog| Some(dialog.heard(&event)));
        });
        for kind in ["click", "change", "paste", "dragover", "drop", "keydown"] {
            let callback = listener.as_ref().unchecked_ref();
            let _ = element.add_event_listener_with_callback(kind, callback);
        }
        Some(Dialog {
            element,
            _listener: listener,
            sharing: None,
            kind: Kind::named("link")?,
            text: String::new(),
            url: None,
            tell: tell.clone(),
            waiting: None,
        })
    }

    /// Another lab's lens may have its own in the page.
    fn take_the_place(&self) {
        if self.element.is_connected() {
            return;
        }
        if let Some(root) = ROOT.take() {
            let _ = root.append_child(&self.element);
            return ROOT.set(Some(root));
        }
        let body = document().and_then(|document| Some((document.body()?, document)));
        let Some((body, document)) = body else {
            return;
        };
        if let Ok(Some(other)) = document.query_selector("dialog.share") {
            other.remove();
        }
        let _ = body.append_child(&self.element);
    }

    fn find<T: JsCast>(&self, selector: &str) -> Option<T> {
        self.element.query_selector(selector).ok()?.map(JsCast::unchecked_into)
    }

    fn write(&self, selector: &str, text: &str) {
        if let Some(element) = self.find::<Element>(selector) {
            element.set_text_content(Some(text));
        }
    }

    fn hide(&self, selector: &str, hidden: bool) {
        if let Some(element) = self.find::<Element>(selector) {
            let _ = element.toggle_attribute_with_force("hidden", hidden);
        }
    }

    fn heard(&mut self, event: &Event) -> Then {
        let target = event.target().and_then(|it| it.dyn_into::<Element>().ok())?;
        match event.type_().as_str() {
            "click" => return self.clicked(&target),
            "change" => return self.changed(&target),
            "paste" => {
                let event: &ClipboardEvent = event.dyn_ref()?;
                let data = event.clipboard_data()?;
                let text = data.get_data("text").unwrap_or_default();
                // A short text goes where the reader puts it.
                if text.len() > SHOWN_GIVEN || target.tag_name() != "TEXTAREA" {
                    event.prevent_default();
                    return self.take(brought(&data)?);
                }
            }
            "dragover" => event.prevent_default(),
            "drop" => {
                let event: &DragEvent = event.dyn_ref()?;
                event.prevent_default();
                return self.take(brought(&event.data_transfer()?)?);
            }
            _ => {
                let event: &KeyboardEvent = event.dyn_ref()?;
                let goes = event.key() == "Enter" && (event.ctrl_key() || event.meta_key());
                if goes && target.has_attribute("data-given") {
                    return self.open_given();
                }
            }
        }
        None
    }

    fn clicked(&mut self, target: &Element) -> Then {
        // Beside the sheet is the dialog itself.
        if target.is_same_node(Some(self.element.as_ref())) {
            self.element.close();
            return None;
        }
        let button = target.closest("[data-do]").ok()??;
        match button.get_attribute("data-do")?.as_str() {
            "close" => self.element.close(),
            "copy" => self.copy(),
            "open" => return self.open_given(),
            way => {
                self.turn(way);
                if way == "out" && self.text.is_empty() {
                    self.choose("link");
                }
            }
        }
        None
    }

    fn changed(&mut self, target: &Element) -> Then {
        let field: &HtmlInputElement = target.dyn_ref()?;
        match field.type_().as_str() {
            "radio" => self.choose(&field.value()),
            "file" => {
                let file = field.files().and_then(|files| files.get(0));
                let then = self.take(file?.into());
                // The same file may be chosen again, once it is mended.
                field.set_value("");
                return then;
            }
            _ => self.make_file(),
        }
        None
    }

    /// Shows one of the two ways, `out` or `in`.
    fn turn(&mut self, way: &str) {
        for other in ["out", "in"] {
            self.hide(&["[data-way=", other, "]"].concat(), way != other);
            if let Some(button) = self.find::<Element>(&["[data-do=", other, "]"].concat()) {
                let pressed = if way == other { "true" } else { "false" };
                let _ = button.set_attribute("aria-pressed", pressed);
            }
        }
        let first = if way == "in" { "[data-given]" } else { "[name=share-kind]:checked" };
        if let Some(first) = self.find::<HtmlElement>(first) {
            let _ = first.focus();
        }
    }
}

/// What goes out.
impl Dialog {
    /// Shows the kinds that this run can become, and no others.
    fn offer(&self) {
        for kind in KINDS.iter().flat_map(|(_, kinds)| *kinds) {
            let absent = self.sharing.as_ref().is_some_and(|sharing| !sharing.has(kind));
            self.hide(&["[data-kind=", kind.name, "]"].concat(), absent);
        }
    }

    fn choose(&mut self, name: &str) {
        let Some(kind) = Kind::named(name) else {
            return;
        };
        self.kind = kind;
        if let Some(radio) = self.find::<HtmlInputElement>(&["[value=", name, "]"].concat()) {
            radio.set_checked(true);
            let _ = radio.focus();
        }
        self.write("#share-about", kind.about);
        self.hide(".share-part", !kind.has_part);
        if kind.has_part
            && let Some(sharing) = &mut self.sharing
        {
            let (from_us, to_us) = sharing.usual_part(kind);
            for (which, us) in [("from", from_us), ("to", to_us)] {
                if let Some(field) = self.part(which) {
                    field.set_value(&millis(us));
                }
            }
        }
        self.make_file();
    }

    fn part(&self, which: &str) -> Option<HtmlInputElement> {
        self.find(&["[data-part=", which, "]"].concat())
    }

    /// What the reader wrote as the beginning or the end, in microseconds.
    fn part_us(&self, which: &str) -> Result<u64, String> {
        let written = self.part(which).map(|field| field.value()).unwrap_or_default();
        let written = written.trim();
        let time = parse_time(written).or_else(|| parse_time(&[written, "ms"].concat()));
        time.ok_or_else(|| text::no_time(written))
    }

    fn text_of_file(&mut self) -> Result<String, String> {
        let part = match self.kind.has_part {
            true => (self.part_us("from")?, self.part_us("to")?),
            false => (0, 0),
        };
        let kind = self.kind;
        let sharing = self.sharing.as_mut().ok_or(text::NO_RUN)?;
        sharing.text(kind, part).map_err(text::no_such_file)
    }

    fn make_file(&mut self) {
        let made = self.text_of_file();
        let wrong = made.as_ref().err().cloned().unwrap_or_default();
        self.write("[data-way=out] .share-wrong", &wrong);
        self.text = made.unwrap_or_default();
        let kind = self.kind;
        self.url = TextUrl::of(&self.text, kind.media).filter(|_| wrong.is_empty());
        self.hide(".share-preview", !kind.is_picture() || self.url.is_none());
        if let (Some(image), true) = (self.find::<Element>("img"), kind.is_picture()) {
            let label = text::preview(kind.label);
            let _ = image.set_attribute("alt", &label);
            let address = self.url.as_ref().map_or("", |url| url.0.as_str());
            let _ = image.set_attribute("src", address);
        }
        if let (Some(link), Some(url)) = (self.find::<Element>("a.share-file"), &self.url) {
            let name = self.sharing.as_ref().map(|sharing| sharing.file_name(kind));
            let name = name.unwrap_or_default();
            for (attribute, value) in [("href", &url.0), ("download", &name), ("title", &name)] {
                let _ = link.set_attribute(attribute, value);
            }
        }
        self.hide("a.share-file", self.url.is_none());
        self.hide(".share-hint", !browser::is_walled_off());
        let kilobytes = self.text.len().div_ceil(1_000);
        self.write(".share-text summary", &text::as_text(kilobytes));
        self.hide(".share-text", self.url.is_none());
        if let Some(details) = self.find::<Element>(".share-text") {
            let _ = details.toggle_attribute_with_force("open", !kind.is_picture());
        }
        self.show_text(browser::is_walled_off());
        self.write("[data-way=out] [role=status]", "");
    }

    fn show_text(&self, all: bool) {
        let Some(area) = self.find::<HtmlTextAreaElement>(".share-text textarea") else {
            return;
        };
        let mut end = self.text.len();
        if end > SHOWN && !all {
            end = SHOWN;
            while !self.text.is_char_boundary(end) {
                end -= 1;
            }
        }
        let rest = match end < self.text.len() {
            true => text::ALL_OF_IT,
            false => "",
        };
        area.set_value(&[&self.text[..end], rest].concat());
    }

    fn copy(&mut self) {
        let told = |copied: Option<JsValue>| {
            with(|dialog| {
                dialog.copied(copied.is_some());
                None
            });
        };
        match copy(&self.text) {
            Some(promise) => self.waiting = Some(wait(&promise, told)),
            None => self.copied(false),
        }
    }

    fn copied(&mut self, copied: bool) {
        let said = match copied {
            true => text::COPIED,
            false => text::NOT_COPIED,
        };
        if !copied {
            self.show_text(true);
            if let Some(details) = self.find::<Element>(".share-text") {
                let _ = details.set_attribute("open", "");
            }
            if let Some(area) = self.find::<HtmlTextAreaElement>(".share-text textarea") {
                let _ = area.focus();
                area.select();
            }
        }
        self.write("[data-way=out] [role=status]", said);
    }
}

/// What comes in.
impl Dialog {
    fn open_given(&mut self) -> Then {
        let area = self.find::<HtmlTextAreaElement>("[data-given]")?;
        self.read(&area.value())
    }

    /// Takes a string or a file.
    fn take(&mut self, given: JsValue) -> Then {
        self.turn("in");
        if let Some(text) = given.as_string() {
            return self.read(&text);
        }
        let file: Blob = given.dyn_into().ok()?;
        let bytes = file.size();
        if bytes > IMPORT_BYTES as f64 {
            let kilobytes = (bytes / 1_000.0) as u64;
            let most = IMPORT_BYTES / 1_000;
            let why = text::too_large(kilobytes, most);
            self.say_wrong(Some(&Misread { why, place: None }));
            return None;
        }
        let read = |text: Option<JsValue>| {
            with(|dialog| match text.and_then(|text| text.as_string()) {
                Some(text) => Some(dialog.read(&text)),
                None => {
                    let why = text::UNREADABLE.to_owned();
                    dialog.say_wrong(Some(&Misread { why, place: None }));
                    None
                }
            });
        };
        self.waiting = Some(wait(&text_of(&file)?, read));
        None
    }

    fn read(&mut self, text: &str) -> Then {
        let area = self.find::<HtmlTextAreaElement>("[data-given]")?;
        // As the area would have it, so that places in the one are places in the other.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
        let shown = text.len() <= SHOWN_GIVEN;
        area.set_value(if shown { &text } else { "" });
        match read(&text) {
            Ok(opened) => {
                area.set_value("");
                self.say_wrong(None);
                self.element.close();
                let lines = [vec![opened.link], opened.said].concat();
                return Some((self.tell.clone(), lines.join("\n")));
            }
            Err(misread) => {
                self.say_wrong(Some(&misread));
                let _ = area.focus();
                if let (Some((line, column)), true) = (misread.place, shown) {
                    let at = units_before(&text, line, column);
                    let _ = area.set_selection_range(at, at + 1);
                    self.show_line(&text, line, column);
                }
            }
        }
        None
    }

    fn say_wrong(&self, misread: Option<&Misread>) {
        let said = misread.map(|misread| misread.why.as_str()).unwrap_or_default();
        let end = if said.ends_with('.') { "" } else { "." };
        let whole = text::not_opened(said, end);
        self.write("[data-way=in] .share-wrong", if said.is_empty() { "" } else { &whole });
    }

    /// The line that is wrong, with a mark under the place.
    fn show_line(&self, text: &str, line: u32, column: u32) {
        let Some(wrong) = self.find::<Element>("[data-way=in] .share-wrong") else {
            return;
        };
        let found = text.lines().nth(line.saturating_sub(1) as usize).unwrap_or_default();
        // A long line is shown around the place.
        let column = column as usize;
        let from = column.saturating_sub(40);
        let part: String = found.chars().skip(from).take(80).collect();
        let blanks = " ".repeat(column.saturating_sub(1 + from));
        let shown =
            ["<pre aria-hidden=\"true\">", &markup::escaped(&part), "\n", &blanks, "^</pre>"];
        let _ = wrong.insert_adjacent_html("beforeend", &shown.concat());
    }
}

/// How many UTF-16 units are before a place.
fn units_before(text: &str, line: u32, column: u32) -> u32 {
    let (lines, within) = (line.saturating_sub(1) as usize, column.saturating_sub(1) as usize);
    let before: usize = text.split_inclusive('\n').take(lines).map(str::len).sum();
    let (before, rest) = text.split_at(before);
    let units = before.chars().chain(rest.chars().take(within)).map(char::len_utf16);
    units.sum::<usize>() as u32
}

/// The file that was pasted or dropped, or else the text.
fn brought(data: &DataTransfer) -> Option<JsValue> {
    let file: Option<File> = data.files().and_then(|files| files.get(0));
    let text = || data.get_data("text").ok().filter(|text| !text.is_empty());
    file.map(JsValue::from).or_else(|| text().map(|text| text.into()))
}

/// Milliseconds, exact.
fn millis(us: u64) -> String {
    match us % 1_000 {
        0 => (us / 1_000).to_string(),
        rest => {
            let text = format!("{}.{rest:03}", us / 1_000);
            text.trim_end_matches('0').to_owned()
        }
    }
}
