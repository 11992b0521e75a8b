//! One living figure: a session, how it is played, and everything the reader can do to it.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::announce::Announcer;
use super::controls::{Control, ControlsState, controls};
use super::crash;
use super::frame_loop::FrameLoop;
use super::menu::{MenuAction, OpenMenu, menu};
use super::motion::Motion;
use super::panels;
use super::playback::Playback;
use super::stage::{Preview, stage};
use super::text;
use super::watch::{Watch, prefers_reduced_motion, tab_is_hidden};
use crate::embed::{JsApi, Params, StateDto};
use crate::labs::{Command, LabEntry, LabSettings, Partition};
use crate::scene::{Frame, Gesture, GestureInput, Intent, Landing, Point, Scene, Target, tenths};
use crate::session::Session;
use crate::sim::{Fault, NodeId};

/// How many lines of the story are shown.
const STORY_LINES: usize = 9;
/// How often the panels are rendered while playing, in milliseconds.
const PANELS_EVERY_MS: f64 = 100.0;
/// How long a dead message is shown, in milliseconds of real time.
const BURST_MS: f64 = 700.0;

/// Properties of [`Figure`].
#[derive(PartialEq, Properties)]
pub(crate) struct FigureProps {
    pub(crate) params: Params,
    /// What of the page's address had to be ignored.
    pub(crate) complaints: Vec<String>,
}

/// Everything that can happen to a figure.
pub(crate) enum Msg {
    Frame(f64),
    Resized,
    InView(bool),
    TabChanged,
    Control(Control),
    Gesture(GestureInput),
    Command(Command),
    OpenMenu(Target),
    Menu(MenuAction),
    Focus(i32),
    Escape,
    Dismiss,
    Speak,
}

/// The panels as rendered; kept, because while playing they are renewed less often than the stage.
struct Panels {
    side: Html,
    table: Html,
}

pub(crate) struct Figure {
    entry: &'static LabEntry,
    session: Rc<RefCell<Session>>,
    playback: Playback,
    frame_loop: FrameLoop,
    watch: Option<Watch>,
    _api: JsApi,
    stage: NodeRef,
    svg: NodeRef,
    frame: Frame,
    scene: Rc<Scene>,
    motion: Option<Motion>,
    panels: Panels,
    announcer: Announcer,
    panels_at_ms: f64,
    seen_records: usize,
    gesture: Gesture,
    preview: Preview,
    menu: Option<OpenMenu>,
    menu_just_opened: bool,
    focus: NodeId,
    notices: Vec<String>,
    in_view: bool,
    still: bool,
}

impl Component for Figure {
    type Message = Msg;
    type Properties = FigureProps;

    fn create(ctx: &Context<Self>) -> Figure {
        let params = &ctx.props().params;
        let entry = &crate::labs::LABS[0];
        let settings = LabSettings {
            servers: params.servers.unwrap_or(entry.defaults.servers),
            seed: params.seed.unwrap_or(entry.defaults.seed),
        };
        let session = Rc::new(RefCell::new(open(entry, settings)));
        let still = prefers_reduced_motion();
        let mut playback = Playback::new();
        playback.playing = params.autoplay.unwrap_or(!still);
        if let Some(speed_ppm) = params.speed_ppm {
            playback.set_speed_ppm(speed_ppm);
        }
        let frame = Frame { width: 760.0, height: 520.0 };
        let api = JsApi::install({
            let session = Rc::clone(&session);
            move || StateDto::of(&session.borrow())
        });
        let link = ctx.link().clone();
        let scene = Rc::new(session.borrow().lab().scene(frame, 0));
        let panels = render_panels(&session.borrow());
        Figure {
            entry,
            session,
            playback,
            frame_loop: FrameLoop::new(move |time_ms| link.send_message(Msg::Frame(time_ms))),
            watch: None,
            _api: api,
            stage: NodeRef::default(),
            svg: NodeRef::default(),
            frame,
            scene,
            motion: None,
            panels,
            announcer: Announcer::default(),
            panels_at_ms: 0.0,
            seen_records: 0,
            gesture: Gesture::default(),
            preview: Preview::default(),
            menu: None,
            menu_just_opened: false,
            focus: NodeId(0),
            notices: ctx.props().complaints.clone(),
            in_view: true,
            still,
        }
    }

    fn update(&mut self, _: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Frame(time_ms) => return self.next_frame(time_ms),
            Msg::Resized => return self.measure(),
            Msg::InView(in_view) => {
                self.in_view = in_view;
                self.run_or_rest();
                return false;
            }
            Msg::TabChanged => {
                self.run_or_rest();
                return false;
            }
            Msg::Control(control) => self.control(control),
            Msg::Gesture(input) => return self.gesture(input),
            Msg::Command(command) => {
                self.menu = None;
                self.act(command);
            }
            Msg::OpenMenu(target) => self.open_menu(target),
            Msg::Menu(action) => self.menu_action(action),
            Msg::Focus(step) => self.move_focus(step),
            Msg::Escape => {
                self.gesture.handle(GestureInput::Cancel);
                self.gesture.arm(false);
                self.preview = Preview::default();
                self.close_menu();
            }
            Msg::Dismiss => self.notices.clear(),
            Msg::Speak => self.announcer.say(&self.scene.headline),
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let link = ctx.link();
        let session = self.session.borrow();
        let run = session.run();
        html! {
            <figure class="figure" aria-label={text::FIGURE_LABEL} tabindex="-1"
                onkeydown={link.batch_callback(key_pressed)}>
                <div class="figure-main">
                    <p class="headline">
                        <span>{ self.scene.headline.clone() }</span>
                        <time>{ panels::milliseconds(self.now_us()) }</time>
                    </p>
                    { self.view_stage(ctx) }
                    { controls(&self.controls_state(), &link.callback(Msg::Control)) }
                    { panels::legend(&session.lab().legend()) }
                </div>
                { self.panels.side.clone() }
                { self.panels.table.clone() }
                <p class="truth">
                    { text::REALLY }{ " " }
                    <span class="run-id">
                        { format!("Seed {} · history ", run.settings.seed) }
                        <code data-history-hash="">
                            { format!("{:016x}", session.lab().history_hash()) }
                        </code>
                    </span>
                </p>
                <p class="visually-hidden" role="status" aria-live="polite">
                    { self.announcer.spoken().to_owned() }
                </p>
            </figure>
        }
    }

    fn rendered(&mut self, ctx: &Context<Self>, first_render: bool) {
        self.after_rendering(ctx);
        if !first_render {
            return;
        }
        if let Some(element) = self.stage.cast::<Element>() {
            let link = ctx.link();
            let (resized, seen, tab) = (link.clone(), link.clone(), link.clone());
            self.watch = Some(Watch::start(
                &element,
                move || resized.send_message(Msg::Resized),
                move |in_view| seen.send_message(Msg::InView(in_view)),
                move || tab.send_message(Msg::TabChanged),
            ));
        }
        self.run_or_rest();
    }
}

impl Figure {
    fn view_stage(&self, ctx: &Context<Self>) -> Html {
        let link = ctx.link();
        let caption = self.preview.effect.as_ref().map(|effect| effect.caption.clone());
        let caption =
            caption.or_else(|| self.gesture.is_armed().then(|| text::CUT_ARMED.to_owned()));
        html! {
            <div class="stage" ref={self.stage.clone()}>
                { stage(
                    &self.scene,
                    &self.preview,
                    self.gesture.is_armed(),
                    self.focus,
                    &self.svg,
                    &link.callback(Msg::Gesture),
                ) }
                for tear in &self.scene.tears {
                    { heal_button(tear, self.frame, link) }
                }
                if let Some(caption) = caption {
                    <p class="stage-caption" role="status">{ caption }</p>
                }
                if let Some(open) = &self.menu {
                    { menu(open, self.frame, &link.callback(Msg::Menu)) }
                }
                if !self.notices.is_empty() {
                    <div class="notice" role="status">
                        for notice in &self.notices { <p>{ notice.clone() }</p> }
                        <button onclick={link.callback(|_| Msg::Dismiss)}>{ text::DISMISS }</button>
                    </div>
                }
            </div>
        }
    }

    fn controls_state(&self) -> ControlsState {
        ControlsState {
            playing: self.playback.playing,
            speed_step: self.playback.speed_step(),
            speed_label: self.playback.speed_label(),
            cut_armed: self.gesture.is_armed(),
            torn: self.is_torn(),
        }
    }

    /// Finds what moves in what was just rendered, and puts it where it belongs.
    fn after_rendering(&mut self, ctx: &Context<Self>) {
        if self.motion.is_none()
            && let Some(svg) = self.svg.cast::<Element>()
        {
            let motion = Motion::find(&svg, &self.scene);
            motion.apply(self.now_us(), self.still);
            self.motion = Some(motion);
        }
        if std::mem::take(&mut self.menu_just_opened) {
            self.focus_on(".menu .choice:not(:disabled)");
        }
        let link = ctx.link().clone();
        self.announcer.notice(&self.scene.headline, move || link.send_message(Msg::Speak));
    }

    fn now_us(&self) -> u64 {
        self.session.borrow().lab().now_us()
    }

    fn is_torn(&self) -> bool {
        self.scene.links.iter().any(|link| link.is_cut())
    }

    fn run_or_rest(&mut self) {
        let runs = self.playback.playing && self.in_view && !tab_is_hidden();
        self.playback.rest();
        self.frame_loop.set_running(runs);
    }

    fn next_frame(&mut self, time_ms: f64) -> bool {
        let until_us = self.now_us() + self.playback.frame(time_ms);
        let advanced = self.session.borrow_mut().advance_to(until_us);
        if let Err(halted) = advanced {
            self.halt(halted.to_string());
        }
        let happened = self.session.borrow().lab().history_len() != self.seen_records;
        let panels_due = time_ms - self.panels_at_ms >= PANELS_EVERY_MS;
        if happened {
            self.refresh_scene();
        }
        if panels_due {
            self.panels_at_ms = time_ms;
            self.panels = render_panels(&self.session.borrow());
        }
        if let Some(motion) = &self.motion {
            motion.apply(self.now_us(), self.still);
        }
        happened || panels_due
    }

    fn halt(&mut self, why: String) {
        self.playback.playing = false;
        self.run_or_rest();
        if !self.notices.contains(&why) {
            self.notices.push(why);
        }
    }

    fn refresh_scene(&mut self) {
        let session = self.session.borrow();
        let linger_us = self.playback.virtual_us(BURST_MS) as u64;
        self.seen_records = session.lab().history_len();
        self.scene = Rc::new(session.lab().scene(self.frame, linger_us));
        self.motion = None;
    }

    /// After an act or a step: everything is shown as it is now.
    fn refresh(&mut self) {
        self.refresh_scene();
        self.panels = render_panels(&self.session.borrow());
    }

    fn measure(&mut self) -> bool {
        let Some(element) = self.stage.cast::<HtmlElement>() else {
            return false;
        };
        let (width, height) = (element.client_width() as f32, element.client_height() as f32);
        let frame = Frame { width: width.max(240.0), height: height.max(240.0) };
        if frame == self.frame {
            return false;
        }
        self.frame = frame;
        self.menu = None;
        self.refresh_scene();
        true
    }

    fn control(&mut self, control: Control) {
        match control {
            Control::TogglePlay => {
                self.playback.playing = !self.playback.playing;
                self.refresh();
                self.run_or_rest();
            }
            Control::Step => {
                self.playback.playing = false;
                let stepped = self.session.borrow_mut().step();
                if let Err(halted) = stepped {
                    self.halt(halted.to_string());
                }
                self.refresh();
                self.run_or_rest();
            }
            Control::Speed(step) => self.playback.set_speed_step(step),
            Control::ToggleCut => {
                self.gesture.arm(!self.gesture.is_armed());
                self.preview = Preview::default();
            }
            Control::OpenNetwork => self.open_menu(Target::Stage),
            Control::HealAll => self.act(Command::Faults(vec![Fault::HealAll])),
            Control::StartOver => {
                let settings = self.session.borrow().run().settings.clone();
                self.start(settings);
            }
            Control::NewSeed => {
                let seed = (js_sys::Math::random() * 1_000_000.0) as u64;
                let servers = self.session.borrow().run().settings.servers;
                self.start(LabSettings { servers, seed });
            }
        }
    }

    fn start(&mut self, settings: LabSettings) {
        *self.session.borrow_mut() = open(self.entry, settings);
        self.gesture = Gesture::default();
        self.preview = Preview::default();
        self.menu = None;
        self.notices.clear();
        self.refresh();
        self.run_or_rest();
    }

    fn act(&mut self, command: Command) {
        let acted = self.session.borrow_mut().act(command);
        if let Err(refused) = acted {
            self.notices = vec![refused.to_string()];
        }
        self.refresh();
    }

    fn menu_action(&mut self, action: MenuAction) {
        match action {
            MenuAction::Choose(command) => {
                self.close_menu();
                self.act(command);
            }
            MenuAction::ToggleSide(node) => {
                let side = self.menu.iter_mut().flat_map(|menu| &mut menu.side);
                for (other, chosen) in side {
                    *chosen ^= *other == node;
                }
            }
            MenuAction::CutOffSide => {
                let side = self.menu.take().map_or_else(Vec::new, |menu| menu.side);
                let part = |wanted| {
                    let nodes = side.iter().filter(move |(_, chosen)| *chosen == wanted);
                    nodes.map(|(node, _)| *node).collect::<Vec<_>>()
                };
                let cut = Fault::cut_between(&part(true), &part(false));
                self.act(Command::Faults(vec![Fault::HealAll, cut]));
                self.focus_node();
            }
            MenuAction::Close => self.close_menu(),
        }
    }

    fn gesture(&mut self, input: GestureInput) -> bool {
        if matches!(input, GestureInput::Down(..)) && self.menu.is_some() {
            self.menu = None;
        }
        let was_idle = self.gesture.is_idle();
        match self.gesture.handle(input) {
            Intent::None => {
                let changed = self.preview != Preview::default();
                self.preview =
                    Preview { stroke: self.gesture.stroke().to_vec(), ..Preview::default() };
                return changed || !was_idle && matches!(input, GestureInput::Up(_));
            }
            Intent::Preview => {
                let mut stroke = self.gesture.stroke().to_vec();
                if let (1, GestureInput::Move(at)) = (stroke.len(), input) {
                    stroke.push(at);
                }
                let effect = self.stroke_effect(&stroke);
                self.preview = Preview { effect, stroke, dragged: None };
            }
            Intent::Cut(stroke) => {
                self.preview = Preview::default();
                self.gesture.arm(false);
                self.carry_out(self.stroke_effect(&stroke));
            }
            Intent::PreviewDrag(node, at) => {
                let effect = self.landing_effect(node, at);
                self.preview = Preview { effect, stroke: Vec::new(), dragged: Some((node, at)) };
            }
            Intent::Drop(node, at) => {
                self.preview = Preview::default();
                self.carry_out(self.landing_effect(node, at));
            }
            Intent::Tap(Target::Stage, _) => self.preview = Preview::default(),
            Intent::Tap(target, at) => {
                self.preview = Preview::default();
                if let Target::Node(node) = target {
                    self.focus = node;
                }
                self.open_menu_at(target, at);
            }
        }
        true
    }

    fn stroke_effect(&self, stroke: &[Point]) -> Option<Partition> {
        let crossed = self.scene.links_crossed(stroke);
        (stroke.len() > 1).then(|| self.session.borrow().lab().stroke_effect(&crossed))
    }

    fn landing_effect(&self, node: NodeId, at: Point) -> Option<Partition> {
        let joins = match self.scene.landing(node, at) {
            Landing::Home => return None,
            Landing::Alone => None,
            Landing::With(other) => Some(other),
        };
        Some(self.session.borrow().lab().drop_effect(node, joins))
    }

    fn carry_out(&mut self, effect: Option<Partition>) {
        if let Some(command) = effect.and_then(|effect| effect.command()) {
            self.act(command);
        }
    }

    fn open_menu(&mut self, target: Target) {
        let at = match target {
            Target::Stage => Point::new(self.frame.width / 2.0 - 146.0, self.frame.height * 0.9),
            Target::Node(node) => self.scene.node(node).map_or(Point::default(), |view| view.at),
            Target::Link(a, b) => {
                let link = self.scene.links.iter().find(|link| link.ends == (a, b));
                link.map_or(Point::default(), |link| link.cut_point())
            }
        };
        self.open_menu_at(target, at);
    }

    fn open_menu_at(&mut self, target: Target, at: Point) {
        let title = match target {
            Target::Stage => text::NETWORK.to_owned(),
            Target::Node(node) => self
                .scene
                .node(node)
                .map_or_else(String::new, |view| format!("{} · {}", view.name, view.word)),
            Target::Link(a, b) => format!("{a} – {b}"),
        };
        let choices = self.session.borrow().lab().choices(target);
        let side = match target {
            Target::Stage => self.scene.nodes.iter().map(|node| (node.id, false)).collect(),
            Target::Node(_) | Target::Link(..) => Vec::new(),
        };
        self.menu = Some(OpenMenu { target, title, choices, at, side });
        self.menu_just_opened = true;
    }

    fn close_menu(&mut self) {
        if self.menu.take().is_some() {
            self.focus_node();
        }
    }

    fn move_focus(&mut self, step: i32) {
        let count = self.scene.nodes.len().max(1) as i32;
        let next = (i32::from(self.focus.0) + step).rem_euclid(count);
        self.focus = NodeId(u8::try_from(next).unwrap_or(0));
        self.focus_node();
    }

    fn focus_node(&self) {
        self.focus_on(&format!("[data-node=\"{}\"]", self.focus.0));
    }

    fn focus_on(&self, selector: &str) {
        let stage = self.stage.cast::<Element>();
        let found = stage.and_then(|stage| stage.query_selector(selector).ok().flatten());
        // `focus` belongs to HTML and SVG elements alike; the binding for either calls it by name.
        if let Some(element) = found {
            let _ = element.unchecked_into::<HtmlElement>().focus();
        }
    }
}

fn open(entry: &'static LabEntry, settings: LabSettings) -> Session {
    crash::note_seed(settings.seed);
    let mut session = Session::start(entry, settings);
    let opening_us = session.lab().opening_us();
    // A run that halts before it opens shows what it has; the first frame reports the halt.
    let _ = session.advance_to(opening_us);
    session
}

fn render_panels(session: &Session) -> Panels {
    let lab = session.lab();
    Panels {
        side: html! {
            <aside class="figure-side">
                { panels::tasks(&lab.tasks()) }
                { panels::story(&lab.story(STORY_LINES)) }
            </aside>
        },
        table: panels::table(&lab.table()),
    }
}

fn heal_button(tear: &crate::scene::Tear, frame: Frame, link: &yew::html::Scope<Figure>) -> Html {
    let at = tear.handle;
    let (x, y) = (at.x.min(frame.width - 18.0).max(18.0), at.y.min(frame.height - 18.0).max(18.0));
    let heal = Fault::heal_between(&tear.group, &tear.others);
    let onclick = link.callback(move |_| Msg::Command(Command::Faults(vec![heal.clone()])));
    let label = format!("{} {}", text::HEAL, tear.name());
    html! {
        <button key={tear.name()} class="heal" title={label.clone()} aria-label={label}
            style={format!("left:{}px;top:{}px", tenths(x), tenths(y))} {onclick}>{ "×" }</button>
    }
}

/// The keys of the figure. They work only while the focus is in it.
fn key_pressed(event: KeyboardEvent) -> Option<Msg> {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return None;
    }
    let element = event.target_dyn_into::<Element>()?;
    let in_control = element.closest("button,input,summary").ok().flatten().is_some();
    let node = super::stage::target_at(&element);
    let msg = match (event.key().as_str(), node) {
        ("Escape", _) => Msg::Escape,
        ("Enter" | " ", Some(target)) => Msg::OpenMenu(target),
        (" ", None) if !in_control => Msg::Control(Control::TogglePlay),
        ("ArrowRight" | "ArrowDown", Some(_)) => Msg::Focus(1),
        ("ArrowLeft" | "ArrowUp", Some(_)) => Msg::Focus(-1),
        (".", _) => Msg::Control(Control::Step),
        ("p" | "P", _) => Msg::OpenMenu(Target::Stage),
        ("h" | "H", _) => Msg::Control(Control::HealAll),
        ("c" | "C", _) => Msg::Control(Control::ToggleCut),
        _ => return None,
    };
    event.prevent_default();
    Some(msg)
}
