//! Looking closer: the tabs, the pictures that the lens draws, and the answers that it gives.

use wasm_bindgen::JsValue;
use web_sys::{Element, HtmlElement};
use yew::html::Scope;
use yew::prelude::*;

use super::{Figure, Msg};
use crate::lens::words::{Answer, name, named, read_questions};
use crate::scene::{Point, Target, Thing};
use crate::ui::lens::Program;
use crate::ui::panels::{self, Why};
use crate::ui::views::{self, Look, PaneState, PointerKind, Tab, Wheel};

/// How often the picture is drawn while playing, in milliseconds.
const PICTURE_EVERY_MS: f64 = 60.0;
/// How far a press may wander and still be a tap, in pixels.
const TAP_SLOP: f32 = 8.0;

/// What a figure knows of looking closer.
pub(super) struct Looking {
    program: Program,
    tab: Tab,
    pane: NodeRef,
    wheel: Option<(HtmlElement, Wheel)>,
    by_events: bool,
    following: bool,
    drawn_at_ms: f64,
    /// The picture does not show what it should.
    stale: bool,
    /// The hash of the lens's history, and whether it is the page's.
    hash: (String, bool),
    /// What is lit as long as nothing is pointed at, and what is pointed at.
    lit: [String; 2],
    /// The things that are lit, by their names.
    things: String,
    words: String,
    pointers: Vec<(i32, Point)>,
    /// Where the press began, as long as it may still be a tap.
    tap: Option<Point>,
    why: Option<Why>,
    focus: Option<&'static str>,
}

impl Looking {
    pub(super) fn new() -> Looking {
        Looking {
            program: Program::absent(),
            tab: Tab::Network,
            pane: NodeRef::default(),
            wheel: None,
            by_events: false,
            following: true,
            drawn_at_ms: 0.0,
            stale: false,
            hash: (String::new(), true),
            lit: [String::new(), String::new()],
            things: String::new(),
            words: String::new(),
            pointers: Vec::new(),
            tap: None,
            why: None,
            focus: None,
        }
    }

    pub(super) fn tab(&self) -> Tab {
        self.tab
    }

    /// The picture is drawn anew after the next rendering.
    pub(super) fn is_stale(&mut self) {
        self.stale = true;
    }

    /// Another run: what was asked about is not in it.
    pub(super) fn start_over(&mut self) {
        self.program.forget();
        self.why = None;
        self.lit = Default::default();
        self.things.clear();
        self.words.clear();
    }

    fn is_shown(&self) -> bool {
        self.tab != Tab::Network && self.program.is_ready()
    }
}

impl Figure {
    pub(super) fn look(&mut self, look: Look, scope: &Scope<Figure>) -> bool {
        match look {
            Look::Tab(tab) => {
                self.looking.tab = tab;
                if tab == Tab::Network {
                    self.looking.lit = Default::default();
                    self.light();
                }
                self.load_lens(scope);
            }
            Look::Loaded(module) => self.lens_is_there(module),
            Look::Retry => self.load_lens(scope),
            Look::Ask(question) => self.ask(question, scope),
            Look::CloseWhy => {
                self.looking.why = None;
                self.looking.lit[0].clear();
                self.light();
                self.focus_node();
            }
            Look::ShowCauses => self.show_causes(),
            Look::Follow => {
                self.looking.program.call("follow", &[]);
            }
            Look::Spacing => {
                self.looking.by_events = !self.looking.by_events;
                self.looking.program.call("space", &[self.looking.by_events.into()]);
            }
            Look::Zoom(x, permille) => {
                let x = x.unwrap_or(self.pane_size().0 * 0.5);
                self.looking.program.call("zoom", &[x.into(), permille.into()]);
            }
            Look::Move(permille) => {
                let dx = self.pane_size().0 * permille as f32 / -1_000.0;
                self.looking.program.call("pan", &[dx.into()]);
            }
            Look::Drawn => return true,
            Look::Pointer(kind, id, at) => return self.pointed(kind, id, at),
            Look::Over(thing) => return self.point_at(thing.unwrap_or_default(), String::new()),
        }
        self.looking.stale = true;
        true
    }

    fn load_lens(&mut self, scope: &Scope<Figure>) {
        if self.looking.tab != Tab::Network || self.looking.why.is_some() || self.menu.is_some() {
            let scope = scope.clone();
            let done = move |module| scope.send_message(Msg::Look(Look::Loaded(module)));
            self.looking.program.load(done);
        }
    }

    fn lens_is_there(&mut self, module: Option<JsValue>) {
        self.looking.program.loaded(module);
        self.looking.program.call("space", &[self.looking.by_events.into()]);
        if let Some(why) = self.looking.why.take() {
            self.answer(why.question);
        } else if let Some(target) = self.menu.as_ref().map(|menu| menu.target) {
            let questions = self.questions(target);
            if let Some(menu) = &mut self.menu {
                menu.questions = questions;
            }
            self.looking.focus = Some(".menu .ask");
        }
    }

    /// What there is to ask about a target; `None` if the lens is not there to say.
    pub(super) fn questions(&mut self, target: Target) -> Option<Vec<(String, String)>> {
        if !self.looking.program.is_ready() {
            return None;
        }
        self.take_lens_here();
        Some(read_questions(&self.looking.program.ask("questions", &[name(&target).into()])))
    }

    fn ask(&mut self, question: String, scope: &Scope<Figure>) {
        if !question.is_empty() {
            self.answer(question);
            self.menu = None;
        }
        self.load_lens(scope);
    }

    fn answer(&mut self, question: String) {
        // How it was put: by a menu, or by the last answer.
        let menu = self.menu.iter().filter_map(|menu| menu.questions.as_ref()).flatten();
        let before = self.looking.why.iter().filter_map(|why| why.answer.as_ref());
        let mut asks = menu.chain(before.flat_map(|answer| &answer.next));
        let label = asks.find(|(name, _)| *name == question);
        let label = label.map(|(_, label)| label.clone()).unwrap_or_default();
        let answer = self.looking.program.is_ready().then(|| {
            self.take_lens_here();
            Answer::read(&self.looking.program.ask("why", &[question.as_str().into()]))
        });
        self.looking.lit = [question.clone(), String::new()];
        self.looking.why = Some(Why { question, label, answer: answer.flatten() });
        self.looking.focus = Some(".why");
        self.light();
    }

    fn show_causes(&mut self) {
        self.looking.tab = Tab::SpaceTime;
        self.take_lens_here();
        self.light();
        self.looking.program.call("show", &[]);
        self.looking.focus = Some(".view-pane");
    }

    fn take_lens_here(&mut self) {
        let timeline = self.timeline.borrow();
        let hash = self.looking.program.go(&timeline);
        let ours = format!("{:016x}", timeline.lab().history_hash());
        self.looking.hash = (hash.clone(), hash == ours || !self.looking.program.is_ready());
    }

    fn light(&mut self) {
        let [pinned, over] = &self.looking.lit;
        let what = if over.is_empty() { pinned } else { over };
        let what = JsValue::from_str(what);
        self.looking.things = self.looking.program.ask("light", &[what]);
        self.light_stage();
    }

    /// Lights on the stage what is lit in the picture. Yew knows nothing of this mark.
    fn light_stage(&self) {
        let Some(svg) = self.svg.cast::<Element>() else {
            return;
        };
        if let Ok(lit) = svg.query_selector_all("[data-lit]") {
            for k in 0..lit.length() {
                let element =
                    lit.item(k).and_then(|node| wasm_bindgen::JsCast::dyn_into(node).ok());
                let _ = element.map(|element: Element| element.remove_attribute("data-lit"));
            }
        }
        for thing in self.looking.things.lines() {
            let selector = match named(thing) {
                Some(Thing::Node(node)) => format!("[data-node=\"{}\"]", node.0),
                Some(Thing::Message(id)) => format!("[data-token=\"{}\"]", id.0),
                _ => continue,
            };
            if let Ok(Some(element)) = svg.query_selector(&selector) {
                let _ = element.set_attribute("data-lit", "");
            }
        }
    }

    /// A frame has passed.
    pub(super) fn look_on(&mut self, time_ms: f64) {
        let due = time_ms - self.looking.drawn_at_ms >= PICTURE_EVERY_MS;
        if due && self.looking.is_shown() && self.looking.pointers.is_empty() {
            self.looking.drawn_at_ms = time_ms;
            self.draw();
        }
    }

    fn draw(&mut self) {
        self.looking.stale = false;
        let Some(pane) = self.looking.pane.cast::<HtmlElement>() else {
            return;
        };
        if !self.looking.is_shown() {
            return;
        }
        self.take_lens_here();
        let (width, height) = self.pane_size();
        let arguments = [self.looking.tab.name().into(), width.into(), height.into()];
        let picture = self.looking.program.ask("picture", &arguments);
        pane.set_inner_html(&picture);
        self.looking.following =
            self.looking.program.call("following", &[]).as_bool().unwrap_or(true);
    }

    fn pane_size(&self) -> (f32, f32) {
        let pane = self.looking.pane.cast::<HtmlElement>();
        pane.map_or((0.0, 0.0), |pane| (pane.client_width() as f32, pane.client_height() as f32))
    }

    /// After everything is in its place.
    pub(super) fn after_looking(&mut self, scope: &Scope<Figure>) {
        if let Some(pane) = self.looking.pane.cast::<HtmlElement>() {
            if self.looking.wheel.as_ref().is_none_or(|(listening, _)| *listening != pane) {
                let wheel = views::listen_to_wheel(&pane, scope.callback(Msg::Look));
                self.looking.wheel = Some((pane, wheel));
                self.looking.stale = true;
            }
            if self.looking.stale {
                let before = (self.looking.following, self.looking.program.state());
                self.draw();
                if before != (self.looking.following, self.looking.program.state()) {
                    // What was just rendered does not say so yet.
                    scope.send_message(Msg::Look(Look::Drawn));
                }
            }
        }
        self.light_stage();
        if let Some(selector) = self.looking.focus.take() {
            self.focus_on(selector);
        }
    }

    /// Something is pointed at, in the picture or on the stage. Whether anything changed.
    fn point_at(&mut self, thing: String, words: String) -> bool {
        if thing == self.looking.lit[1] || !self.looking.is_shown() {
            return false;
        }
        (self.looking.lit[1], self.looking.words) = (thing, words);
        self.light();
        self.looking.stale = true;
        true
    }

    fn pointed(&mut self, kind: PointerKind, id: i32, at: Point) -> bool {
        let known = self.looking.pointers.iter().position(|(other, _)| *other == id);
        match (kind, known) {
            (PointerKind::Down, None) => {
                self.looking.tap = self.looking.pointers.is_empty().then_some(at);
                self.looking.pointers.push((id, at));
                self.menu = None;
            }
            (PointerKind::Move, Some(place)) => return self.dragged(place, at),
            (PointerKind::Move, None) => {
                let (thing, _, words) = self.under(at);
                return self.point_at(thing, words);
            }
            (PointerKind::Up, Some(place)) => {
                self.looking.pointers.remove(place);
                if self.looking.tap.take().is_some() {
                    self.tapped(at);
                }
            }
            (PointerKind::Gone, Some(place)) => {
                self.looking.pointers.remove(place);
                self.looking.tap = None;
            }
            (PointerKind::Gone, None) => return self.point_at(String::new(), String::new()),
            (PointerKind::Down, Some(_)) | (PointerKind::Up, None) => {}
        }
        true
    }

    fn dragged(&mut self, place: usize, at: Point) -> bool {
        if self.looking.tap.is_some_and(|start| start.distance(at) <= TAP_SLOP) {
            return false;
        }
        self.looking.tap = None;
        let before = std::mem::replace(&mut self.looking.pointers[place].1, at);
        match self.looking.pointers.iter().enumerate().find(|(other, _)| *other != place) {
            None => {
                let dx = at.x - before.x;
                self.looking.program.call("pan", &[dx.into()]);
            }
            // Two fingers: nearer as they part.
            Some((_, (_, other))) => {
                let (was, is) = (before.distance(*other).max(1.0), at.distance(*other).max(1.0));
                let (x, permille) = ((at.x + other.x) * 0.5, (is / was * 1_000.0) as u32);
                self.looking.program.call("zoom", &[x.into(), permille.into()]);
            }
        }
        self.looking.stale = true;
        true
    }

    /// What is at a place of the picture: the thing, its question, its words.
    fn under(&mut self, at: Point) -> (String, String, String) {
        let found = self.looking.program.ask("under", &[at.x.into(), at.y.into()]);
        let mut lines = found.lines().map(str::to_owned);
        let mut line = || lines.next().unwrap_or_default();
        (line(), line(), line())
    }

    fn tapped(&mut self, at: Point) {
        let (thing, question, words) = self.under(at);
        let target = named::<Thing>(&thing).map(Thing::target).unwrap_or(Target::Stage);
        // As a finger does not hover, a tap also lights.
        self.point_at(thing, words.clone());
        if !question.is_empty() {
            self.answer(question);
            if let Some(why) = &mut self.looking.why {
                why.label = words;
            }
        } else if target != Target::Stage {
            self.open_menu_at(target, Point::new(at.x, self.frame.height * 0.9));
            if let Some(menu) = self.menu.as_mut().filter(|menu| menu.title.is_empty()) {
                menu.title = words;
            }
        }
    }

    pub(super) fn view_pane(&self, scope: &Scope<Figure>) -> Html {
        let looking = &self.looking;
        if looking.tab == Tab::Network {
            return Html::default();
        }
        let state = PaneState {
            tab: looking.tab,
            program: looking.program.state(),
            following: looking.following,
            by_events: looking.by_events,
            words: &looking.words,
            hash: (&looking.hash.0, looking.hash.1),
        };
        views::pane(&state, &looking.pane, &scope.callback(Msg::Look))
    }

    pub(super) fn view_why(&self) -> Html {
        let why = self.looking.why.as_ref();
        why.map_or_else(Html::default, |why| panels::why(why, self.looking.program.state()))
    }
}
