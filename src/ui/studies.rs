//! The studies of trade-offs on the page: tabs, controls, progress, and the picture of one of them.
//!
//! Nothing here is kept by Yew: a study says all of its controls and its picture as markup. Work is
//! done in animation frames, a few milliseconds each, while the place is in view and its tab is
//! visible; what is known already stays. Whoever wants the page to stand still can stop it.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Document, Element, Event, HtmlElement, HtmlInputElement, NodeList, UrlSearchParams};

use super::frame_loop::FrameLoop;
use super::watch::{Watch, prefers_reduced_motion, tab_is_hidden};
use crate::labs::trade_offs::{Study, StudyEntry};
use crate::scene::Frame;
use crate::text;

/// The address's parameter that names a study.
const STUDY: &str = "study";
/// So much of a frame goes into work, in milliseconds: less than half of what there is of it.
const WORK_MS: f64 = 7.0;
/// While there is more to come the picture is drawn this often; for those who want less motion,
/// this often.
const DRAWN_EVERY_MS: f64 = 300.0;
const DRAWN_SELDOM_MS: f64 = 3_000.0;

/// Puts the studies into `place`.
pub fn mount_studies(place: Element, entries: &'static [StudyEntry]) {
    let Ok(place) = place.dyn_into::<HtmlElement>() else { return };
    let Some(host) = Host::new(&place, entries) else { return };
    let host = Rc::new(RefCell::new(host));
    listen(&place, &host);
    let with = |act: fn(&mut Host)| {
        let host = host.clone();
        move || act(&mut host.borrow_mut())
    };
    let on_frame = {
        let host = host.clone();
        FrameLoop::new(move |time_ms| host.borrow_mut().frame(time_ms))
    };
    let seen = {
        let host = host.clone();
        move |is_seen| {
            let mut host = host.borrow_mut();
            host.is_seen = is_seen;
            host.run_or_rest();
        }
    };
    let watch = Watch::start(&place, with(Host::is_stale), seen, with(Host::run_or_rest));
    let mut mounted = host.borrow_mut();
    mounted.frames = Some(on_frame);
    mounted.watch = Some(watch);
    mounted.show(asked_for(entries));
}

/// The study that the page's address names, or the first.
fn asked_for(entries: &[StudyEntry]) -> usize {
    let search = web_sys::window().and_then(|window| window.location().search().ok());
    let search = search.and_then(|search| UrlSearchParams::new_with_str(&search).ok());
    let name = search.and_then(|search| search.get(STUDY));
    let named = entries.iter().position(|entry| Some(entry.name) == name.as_deref());
    named.unwrap_or(0)
}

/// Clicks on what can be pressed, and sliders.
fn listen(place: &HtmlElement, host: &Rc<RefCell<Host>>) {
    for (kind, act) in [("click", Host::clicked as fn(&mut Host, &Element)), ("input", Host::slid)]
    {
        let host = host.clone();
        let listener = Closure::<dyn Fn(Event)>::new(move |event: Event| {
            let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            if let Some(target) = target {
                act(&mut host.borrow_mut(), &target);
            }
        });
        let callback = listener.as_ref().unchecked_ref();
        let _ = place.add_event_listener_with_callback(kind, callback);
        // As long as the page.
        listener.forget();
    }
}

struct Host {
    entries: &'static [StudyEntry],
    /// Those that were looked at, with all they know.
    studies: Vec<Option<Box<dyn Study>>>,
    shown: usize,
    document: Document,
    tabs: Element,
    question: Element,
    controls: Element,
    bar: Element,
    count: Element,
    hold: Element,
    spoken: Element,
    picture: HtmlElement,
    frames: Option<FrameLoop>,
    watch: Option<Watch>,
    is_seen: bool,
    /// The reader wants it to stand still.
    is_held: bool,
    /// The picture does not show what it should.
    stale: bool,
    drawn_at_ms: f64,
}

impl Host {
    /// Makes the elements.
    fn new(place: &HtmlElement, entries: &'static [StudyEntry]) -> Option<Host> {
        let document = place.owner_document()?;
        place.set_inner_html("");
        let add = |to: &Element, name: &str, class: &str| {
            let element = document.create_element(name).ok()?;
            element.set_class_name(class);
            to.append_child(&element).ok()?;
            Some(element)
        };
        let class = "to-main figure-main";
        let main = add(place, "div", class)?;
        let tabs = add(&main, "div", "tabs")?;
        let _ = tabs.set_attribute("role", "group");
        let _ = tabs.set_attribute("aria-label", text::STUDIES);
        for entry in entries {
            let tab = add(&tabs, "button", "")?;
            let _ = tab.set_attribute("data-study", entry.name);
            tab.set_text_content(Some(entry.title));
        }
        let question = add(&main, "p", "to-question")?;
        let controls = add(&main, "div", "to-controls")?;
        let progress = add(&main, "div", "to-progress")?;
        let bar = add(&progress, "progress", "")?;
        let _ = bar.set_attribute("aria-label", text::WORLDS_DONE);
        let count = add(&progress, "span", "")?;
        let hold = add(&progress, "button", "toggle")?;
        let _ = hold.set_attribute("data-hold", "");
        let picture = add(&main, "div", "to-picture")?.dyn_into().ok()?;
        let spoken = add(&main, "p", "visually-hidden")?;
        let _ = spoken.set_attribute("role", "status");
        Some(Host {
            entries,
            studies: entries.iter().map(|_| None).collect(),
            shown: 0,
            document,
            tabs,
            question,
            controls,
            bar,
            count,
            hold,
            spoken,
            picture,
            frames: None,
            watch: None,
            is_seen: false,
            is_held: false,
            stale: true,
            drawn_at_ms: 0.0,
        })
    }

    fn study(&mut self) -> &mut dyn Study {
        let open = self.entries[self.shown].open;
        self.studies[self.shown].get_or_insert_with(open).as_mut()
    }

    /// Shows a study.
    fn show(&mut self, place: usize) {
        self.shown = place;
        let name = self.entries[place].name;
        for tab in elements(&self.tabs, "button") {
            let is_it = tab.get_attribute("data-study").as_deref() == Some(name);
            let _ = tab.set_attribute("aria-pressed", if is_it { "true" } else { "false" });
        }
        self.question.set_text_content(Some(self.entries[place].question));
        let _ = self.picture.set_attribute("data-shows", name);
        self.controls.set_inner_html("");
        self.put_controls();
        self.draw();
        self.run_or_rest();
    }

    fn clicked(&mut self, target: &Element) {
        let closest = |css: &str| target.closest(css).ok().flatten();
        if let Some(tab) = closest("[data-study]") {
            let name = tab.get_attribute("data-study");
            let named = self.entries.iter().position(|entry| Some(entry.name) == name.as_deref());
            self.show(named.unwrap_or(self.shown));
        } else if closest("[data-hold]").is_some() {
            self.is_held = !self.is_held;
            self.show_progress();
            self.run_or_rest();
        } else if let Some(pressed) = closest("[data-look]")
            && pressed.dyn_ref::<HtmlInputElement>().is_none()
        {
            self.press(&pressed.get_attribute("data-look").unwrap_or_default());
        }
    }

    fn slid(&mut self, target: &Element) {
        let slider = target.dyn_ref::<HtmlInputElement>();
        let Some((slider, name)) = slider.zip(target.get_attribute("data-look")) else { return };
        let value = slider.value();
        self.press(&[&name, "=", &value].concat());
    }

    fn press(&mut self, what: &str) {
        self.study().press(what);
        self.put_controls();
        self.is_stale();
    }

    /// The picture is to be drawn in the next frame.
    fn is_stale(&mut self) {
        self.stale = true;
        self.run_or_rest();
    }

    /// Works while there is something to do and somebody to see it.
    fn run_or_rest(&mut self) {
        let is_finished = self.study().is_finished();
        let works = !is_finished && !self.is_held;
        let runs = self.is_seen && !tab_is_hidden() && (works || self.stale);
        if let Some(frames) = &self.frames {
            frames.set_running(runs);
        }
    }

    fn frame(&mut self, time_ms: f64) {
        let was_finished = self.study().is_finished();
        if !self.is_held {
            self.work();
        }
        let ends = !was_finished && self.study().is_finished();
        let every_ms = if prefers_reduced_motion() { DRAWN_SELDOM_MS } else { DRAWN_EVERY_MS };
        let is_due = !was_finished && time_ms - self.drawn_at_ms >= every_ms;
        if self.stale || ends || is_due {
            self.drawn_at_ms = time_ms;
            self.draw();
            if ends {
                self.speak();
            }
            self.run_or_rest();
        }
    }

    /// A few milliseconds of it.
    fn work(&mut self) {
        let performance = web_sys::window().and_then(|window| window.performance());
        let now_ms = || performance.as_ref().map(|clock| clock.now());
        let began_ms = now_ms();
        let study = self.study();
        while !study.is_finished() {
            study.run();
            let passed_ms = now_ms().zip(began_ms).map(|(now_ms, began_ms)| now_ms - began_ms);
            // Without a clock a slice a frame.
            if passed_ms.is_none_or(|passed_ms| passed_ms >= WORK_MS) {
                return;
            }
        }
    }

    fn draw(&mut self) {
        self.stale = false;
        let (width, height) = (self.picture.client_width(), self.picture.client_height());
        let frame = Frame { width: width as f32, height: height as f32 };
        let html = self.study().draw(frame);
        // Where a table was scrolled to, it stays; and the one that had the focus has it again.
        let before: Vec<(i32, bool)> = elements(&self.picture, ".to-scroll")
            .map(|element| (element.scroll_left(), element.matches(":focus").unwrap_or(false)))
            .collect();
        self.picture.set_inner_html(&html);
        for (element, (left, has_focus)) in elements(&self.picture, ".to-scroll").zip(before) {
            if let Some(element) = element.dyn_ref::<HtmlElement>().filter(|_| has_focus) {
                let _ = element.focus();
            }
            element.set_scroll_left(left);
        }
        self.show_progress();
    }

    fn show_progress(&mut self) {
        let (known, all) = self.study().progress();
        let _ = self.bar.set_attribute("max", &all.to_string());
        let _ = self.bar.set_attribute("value", &known.to_string());
        let words = [&*known.to_string(), text::OF, &*all.to_string(), text::WORLDS].concat();
        self.count.set_text_content(Some(&words));
        self.hold.set_text_content(Some(if self.is_held { text::GO_ON } else { text::HOLD }));
        let _ = match known == all {
            true => self.hold.set_attribute("disabled", ""),
            false => self.hold.remove_attribute("disabled"),
        };
    }

    /// Says to those who hear the page what came out.
    fn speak(&self) {
        let said = self.picture.query_selector(".to-said").ok().flatten();
        self.spoken.set_text_content(said.and_then(|said| said.text_content()).as_deref());
    }

    /// Controls stay the same elements as long as they can: a reader may be holding one.
    fn put_controls(&mut self) {
        let html = self.study().controls();
        let Ok(fresh) = self.document.create_element("div") else { return };
        fresh.set_inner_html(&html);
        let of = |element: &Element| elements(element, CONTROLS).collect::<Vec<_>>();
        let (olds, news) = (of(&self.controls), of(&fresh));
        let same = olds.len() == news.len()
            && olds.iter().zip(&news).all(|(old, new)| look(old) == look(new));
        if same {
            olds.iter().zip(&news).for_each(|(old, new)| renew(old, new));
            return;
        }
        let focused =
            self.controls.query_selector(":focus").ok().flatten().and_then(|it| look(&it));
        self.controls.set_inner_html(&html);
        let again = focused.and_then(|focused| {
            let css = ["[data-look=\"", &focused, "\"]"].concat();
            self.controls.query_selector(&css).ok()?
        });
        if let Some(again) = again.and_then(|again| again.dyn_into::<HtmlElement>().ok()) {
            let _ = again.focus();
        }
    }
}

/// What changes about controls.
const CONTROLS: &str = "[data-look], output";

fn look(element: &Element) -> Option<String> {
    element.get_attribute("data-look")
}

/// An element says and stands as a fresh one does.
fn renew(old: &Element, new: &Element) {
    for name in ["aria-pressed", "aria-valuetext"] {
        if let Some(value) = new.get_attribute(name) {
            let _ = old.set_attribute(name, &value);
        }
    }
    if let (Some(old), Some(new)) =
        (old.dyn_ref::<HtmlInputElement>(), new.dyn_ref::<HtmlInputElement>())
    {
        if old.value() != new.value() {
            old.set_value(&new.value());
        }
    } else {
        old.set_text_content(new.text_content().as_deref());
    }
}

/// The elements within one that a selector finds.
fn elements(within: &Element, css: &str) -> impl Iterator<Item = Element> + use<> {
    let found: Option<NodeList> = within.query_selector_all(css).ok();
    let length = found.as_ref().map_or(0, NodeList::length);
    (0..length).filter_map(move |k| found.as_ref()?.item(k)?.dyn_into().ok())
}
