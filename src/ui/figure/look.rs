//! Looking closer: the tabs, the pictures that the lens draws, and the answers that it gives.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element, HtmlElement};
use yew::html::Scope;
use yew::prelude::*;

use super::travel::Travel;
use super::{Figure, Msg};
use crate::labs::{LabEntry, SPACE_TIME};
use crate::lens::words::{name, named};
use crate::scene::{Point, Target, Thing};
use crate::text;
use crate::ui::lens::{Program, Settled, State};
use crate::ui::panels::{self, Why};
use crate::ui::strip::branch_name;
use crate::ui::views::{self, Look, PaneState, PointerKind, Tab, Wheel, tab_name};

/// How often the picture is drawn while playing, in milliseconds.
const PICTURE_EVERY_MS: f64 = 60.0;
/// How far a press may wander and still be a tap, in pixels.
const TAP_SLOP: f32 = 8.0;

/// What a figure knows of looking closer.
pub(super) struct Looking {
    program: Program,
    tab: Tab,
    pane: NodeRef,
    /// What the pane holds now.
    picture: String,
    /// What belongs to the view alone, and what it holds now.
    own: NodeRef,
    own_html: String,
    wheel: Option<(HtmlElement, Wheel)>,
    by_events: bool,
    following: bool,
    drawn_at_ms: f64,
    /// There is more to show of this very instant.
    unfinished: bool,
    /// The picture does not show what it should.
    stale: bool,
    /// The hash of the lens's history, and whether it is the page's.
    hash: (String, bool),
    /// What is pointed at, and so lit.
    over: String,
    /// The things that are lit, by their names.
    things: String,
    words: String,
    pointers: Vec<(i32, Point)>,
    /// Where the press began, as long as it may still be a tap.
    tap: Option<Point>,
    why: Option<Why>,
    focus: Option<&'static str>,
    /// What is to go to the dialog, once somebody is there to open it.
    given: Option<JsValue>,
    tell: Option<Settled>,
    /// What has the focus again when a menu or an answer is closed; empty: the server that had it.
    home: String,
}

impl Looking {
    /// `shown` says whether the figure has tabs.
    pub(super) fn new(entry: &'static LabEntry, shown: bool) -> Looking {
        Looking {
            program: Program::absent(),
            tab: entry.views.first().filter(|_| entry.opens_view && shown),
            pane: NodeRef::default(),
            picture: String::new(),
            own: NodeRef::default(),
            own_html: String::new(),
            wheel: None,
            by_events: false,
            following: true,
            drawn_at_ms: 0.0,
            unfinished: false,
            stale: false,
            hash: (String::new(), true),
            over: String::new(),
            things: String::new(),
            words: String::new(),
            pointers: Vec::new(),
            tap: None,
            why: None,
            focus: None,
            given: None,
            tell: None,
            home: String::new(),
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
        self.over.clear();
        self.things.clear();
        self.words.clear();
    }

    /// Whether a view is open that nobody draws yet.
    pub(super) fn waits(&self) -> bool {
        self.tab.is_some() && self.program.state() == State::Absent
    }

    fn is_shown(&self) -> bool {
        self.tab.is_some() && self.program.is_ready()
    }

    /// The picture is to be drawn again in the next frame, whatever happens.
    pub(super) fn is_unfinished(&self) -> bool {
        self.unfinished && self.is_shown()
    }
}

impl Figure {
    pub(super) fn look(&mut self, look: Look, scope: &Scope<Figure>) -> bool {
        match look {
            Look::Tab(tab) => {
                self.looking.tab = self.entry.views.iter().find(|view| view.name == tab);
                if self.looking.tab.is_none() {
                    self.looking.over.clear();
                    self.light();
                }
                self.load_lens(scope);
            }
            Look::Loaded(module) => {
                self.lens_is_there(module);
                self.share(scope);
            }
            Look::Retry => self.load_lens(scope),
            Look::Ask(question) => self.ask(question, scope),
            Look::CloseWhy => {
                self.close_why();
            }
            Look::ShowCauses => self.show_causes(),
            Look::Press(what) => {
                let found = self.looking.program.ask("press", &[what.as_str().into()]);
                if what == "Enter" {
                    self.choose(&found, self.pane_size().0 * 0.5);
                } else {
                    let [thing, _, words] = lines(&found);
                    self.point_at(thing, words);
                }
            }
            Look::Zoom(x, permille) => {
                self.looking.program.call("zoom", &[x.into(), permille.into()]);
            }
            Look::Pan(dx) => {
                self.looking.program.call("pan", &[dx.into()]);
            }
            Look::Share(given) => {
                self.playback.playing = false;
                self.run_or_rest();
                self.looking.given = Some(given);
                self.load_lens(scope);
                self.share(scope);
            }
            Look::Go(at_us, then) => self.go_and_see(at_us, then),
            Look::Drawn => return true,
            Look::Pointer(kind, id, at) => return self.pointed(kind, id, at),
            Look::Over(thing) => return self.point_at(thing.unwrap_or_default(), String::new()),
        }
        self.looking.stale = true;
        true
    }

    /// Has the lens loaded if there is something for it to do.
    pub(super) fn load_lens(&mut self, scope: &Scope<Figure>) {
        let looking = &self.looking;
        let asks = looking.why.is_some() || self.menu.is_some() || looking.given.is_some();
        if looking.tab.is_some() || asks {
            let scope = scope.clone();
            let done = move |module| scope.send_message(Msg::Look(Look::Loaded(module)));
            self.looking.program.load(|| self.place.load_lens(), done);
        }
    }

    fn lens_is_there(&mut self, module: Option<JsValue>) {
        self.looking.program.loaded(module);
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

    /// Opens the dialog, once the lens is there to do it.
    fn share(&mut self, scope: &Scope<Figure>) {
        let Some(given) = self.looking.given.take() else {
            return;
        };
        if self.looking.program.is_ready() {
            let scope = scope.clone();
            let tell = Settled::new(move |opened: JsValue| {
                let opened = opened.as_string().unwrap_or_default();
                scope.send_message(Msg::Travel(Travel::Pasted(opened)));
            });
            let link = self.link().unwrap_or_default();
            let arguments = [link.into(), given.clone(), tell.as_ref().clone()];
            self.looking.program.call("share", &arguments);
            self.looking.tell = Some(tell);
        }
        self.notices.clear();
        match self.looking.program.state() {
            State::Ready => {}
            State::Loading => {
                self.looking.given = Some(given);
                self.notices.push(text::LENS_LOADING.to_owned());
            }
            State::Absent | State::Failed => self.notices.push(text::LENS_FAILED.to_owned()),
        }
    }

    /// What there is to ask about a target; `None` if the lens is not there to say.
    pub(super) fn questions(&mut self, target: Target) -> Option<String> {
        if !self.looking.program.is_ready() {
            return None;
        }
        self.take_lens_here();
        Some(self.looking.program.ask("questions", &[name(&target).into()]))
    }

    fn ask(&mut self, question: String, scope: &Scope<Figure>) {
        if !question.is_empty() {
            // Asked in the story, one returns there.
            if self.menu.is_none() && self.looking.why.is_none() {
                self.looking.home = format!(".story [data-ask={question}]");
            }
            self.answer(question);
            self.menu = None;
        }
        self.load_lens(scope);
    }

    fn answer(&mut self, question: String) {
        let mut answer = String::new();
        if self.looking.program.is_ready() {
            self.take_lens_here();
            answer = self.looking.program.ask("why", &[question.as_str().into()]);
        }
        self.looking.over.clear();
        self.looking.why = Some(Why { question, answer });
        self.looking.focus = Some(".why");
        self.light();
    }

    /// Closes the answer, if one is shown. Whether one was.
    pub(super) fn close_why(&mut self) -> bool {
        let was = self.looking.why.take().is_some();
        if was {
            self.looking.program.call("why", &["".into()]);
            self.light();
            self.looking.stale = true;
            self.focus_home();
        }
        was
    }

    /// Where the reader was before a menu or an answer was opened.
    pub(super) fn focus_home(&self) {
        if self.looking.home.is_empty() || !self.focus_on(&self.looking.home) {
            self.focus_node();
        }
    }

    /// From now on a menu or an answer returns to the servers when it is closed.
    pub(super) fn home_is_a_server(&mut self) {
        self.looking.home.clear();
    }

    /// A look back: to an instant, with the way back offered, and what can be done there.
    fn go_and_see(&mut self, at_us: u64, then: Option<Target>) {
        let here = (self.timeline.borrow().branch(), self.now_us());
        self.came_from.get_or_insert(here);
        (self.jumped, self.menu, self.playback.playing) = (None, None, false);
        self.set_out(vec![(here.0, at_us)], None);
        self.refresh();
        if let Some(target) = then {
            self.open_menu(target);
        }
    }

    fn show_causes(&mut self) {
        self.looking.tab = self.entry.views.iter().find(|view| view.name == SPACE_TIME.name);
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
        let over = self.looking.over.as_str().into();
        self.looking.things = self.looking.program.ask("light", &[over]);
        self.light_stage();
    }

    /// Lights on the stage and in the story what is lit in the picture. Yew knows nothing of this
    /// mark.
    fn light_stage(&self) {
        let all = ".stage [data-node],.stage [data-token],.story li";
        let Some(figure) = self.figure() else {
            return;
        };
        let Ok(found) = figure.query_selector_all(all) else {
            return;
        };
        for k in 0..found.length() {
            let Some(element) = found.item(k).and_then(|it| it.dyn_into::<Element>().ok()) else {
                continue;
            };
            let number = |letter: &str, attribute: &str, of: &Element| {
                Some([letter, of.get_attribute(attribute)?.trim_start_matches('w')].concat())
            };
            let thing = number("n", "data-node", &element)
                .or_else(|| number("m", "data-token", &element))
                .or_else(|| {
                    let ask = element.query_selector("[data-ask]").ok()??;
                    number("r", "data-ask", &ask)
                });
            let lit = thing.is_some_and(|it| self.looking.things.lines().any(|line| line == it));
            let _ = if lit {
                element.set_attribute("data-lit", "")
            } else {
                element.remove_attribute("data-lit")
            };
        }
    }

    /// A frame has passed.
    pub(super) fn look_on(&mut self, time_ms: f64) {
        let waited = time_ms - self.looking.drawn_at_ms >= PICTURE_EVERY_MS;
        let due = waited || self.looking.is_unfinished();
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
        let arguments = [tab_name(self.looking.tab).into(), width.into(), height.into()];
        let picture = self.looking.program.ask("picture", &arguments);
        // To replace it takes longer than to compare it.
        if picture != self.looking.picture || !pane.has_child_nodes() {
            pane.set_inner_html(&picture);
            self.looking.picture = picture;
        }
        let mut is = |what| self.looking.program.call(what, &[]).as_bool();
        let (following, by_events) = (is("following"), is("spaced"));
        self.looking.following = following.unwrap_or(true);
        self.looking.by_events = by_events.unwrap_or(false);
        let unfinished = is("finished") == Some(false);
        if std::mem::replace(&mut self.looking.unfinished, unfinished) != unfinished {
            self.run_or_rest();
        }
        let own = self.looking.program.ask("controls", &[]);
        self.put_own(own);
    }

    /// What belongs to the view alone is replaced only if it has changed, for the reader may be
    /// about to press it; and what had the focus has it again.
    fn put_own(&mut self, html: String) {
        let Some(own) = self.looking.own.cast::<HtmlElement>() else {
            return;
        };
        if html == self.looking.own_html && own.has_child_nodes() != html.is_empty() {
            return;
        }
        // Nor is it taken from under a finger: then the press would come to nothing. The next
        // drawing has the news.
        if own.query_selector(":active").ok().flatten().is_some() {
            return;
        }
        let focused = own.query_selector(":focus").ok().flatten();
        let again = focused.and_then(|focused| {
            let attribute = ["data-look", "data-go"].into_iter();
            let mut named = attribute.filter_map(|it| Some((it, focused.get_attribute(it)?)));
            named.next().map(|(it, value)| [".view-own [", it, "=\"", &value, "\"]"].concat())
        });
        own.set_inner_html(&html);
        self.looking.own_html = html;
        if let Some(again) = again {
            self.focus_on(&again);
        }
    }

    fn shown_by_buttons(&self) -> (bool, bool, bool) {
        let looking = &self.looking;
        (looking.following, looking.by_events, looking.program.is_ready())
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
                let before = self.shown_by_buttons();
                self.draw();
                if before != self.shown_by_buttons() {
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
        if thing == self.looking.over || !self.looking.program.is_ready() {
            return false;
        }
        (self.looking.over, self.looking.words) = (thing, words);
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
                let [thing, _, words] = lines(&self.under(at));
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

    fn under(&mut self, at: Point) -> String {
        self.looking.program.ask("under", &[at.x.into(), at.y.into()])
    }

    fn tapped(&mut self, at: Point) {
        match self.pressed_in_pane(at) {
            Some(Look::Go(at_us, then)) => return self.go_and_see(at_us, then),
            Some(Look::Press(what)) => {
                self.looking.program.call("press", &[what.as_str().into()]);
                self.looking.stale = true;
                return;
            }
            _ => {}
        }
        let found = self.under(at);
        self.choose(&found, at.x);
    }

    /// What the part of the picture at a place does, if it does something. The pane has captured
    /// the pointer, so no click tells.
    fn pressed_in_pane(&self, at: Point) -> Option<Look> {
        let pane = self.looking.pane.cast::<Element>()?;
        let rect = pane.get_bounding_client_rect();
        let (x, y) = (rect.left() as f32 + at.x, rect.top() as f32 + at.y);
        // The document, or the shadow root that the figure is in: either finds only its own.
        let root: Document = pane.get_root_node().unchecked_into();
        let element = root.element_from_point(x, y)?;
        let part = element.closest("[data-look]").ok()??;
        pane.contains(Some(&part)).then(|| views::clicked(&part))?
    }

    /// Something in the picture was tapped, or chosen with the keyboard: a thing, its question, its
    /// words.
    fn choose(&mut self, found: &str, x: f32) {
        let [thing, question, words] = lines(found);
        let target = named::<Thing>(&thing).map(Thing::target).unwrap_or(Target::Stage);
        // As a finger does not hover, a tap also lights.
        self.point_at(thing, words.clone());
        if !question.is_empty() {
            self.answer(question);
        } else if target != Target::Stage {
            self.open_menu_at(target, Point::new(x, self.frame.height * 0.9));
            if let Some(menu) = self.menu.as_mut().filter(|menu| menu.title.is_empty()) {
                menu.title = words;
            }
        }
        self.looking.home = ".view-pane".to_owned();
    }

    pub(super) fn view_pane(&self, scope: &Scope<Figure>) -> Html {
        let looking = &self.looking;
        let Some(view) = looking.tab else {
            return Html::default();
        };
        let state = PaneState {
            view,
            program: looking.program.state(),
            following: looking.following,
            by_events: looking.by_events,
            words: &looking.words,
            branch: self.branch_in_words(),
            hash: (&looking.hash.0, looking.hash.1),
        };
        views::pane(&state, [&looking.pane, &looking.own], &scope.callback(Msg::Look))
    }

    /// Which branch the picture shows, as soon as that is a question.
    fn branch_in_words(&self) -> Option<String> {
        let timeline = self.timeline.borrow();
        let several = timeline.tree().shown().count() > 1;
        let name = branch_name(&timeline, timeline.branch());
        several.then(|| [text::SHOWS_BRANCH, " ", &name].concat())
    }

    pub(super) fn view_why(&self) -> Html {
        let why = self.looking.why.as_ref();
        why.map_or_else(Html::default, |why| panels::why(why, self.looking.program.state()))
    }
}

/// What the lens says is somewhere: the thing, its question, its words.
fn lines(found: &str) -> [String; 3] {
    let mut lines = found.lines();
    [(); 3].map(|()| lines.next().unwrap_or_default().to_owned())
}
