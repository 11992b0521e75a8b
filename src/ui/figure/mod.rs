//! One living figure: a session, how it is played, and everything the reader can do to it.

mod acts;
mod look;
mod play;
mod view;

use std::cell::RefCell;
use std::rc::Rc;

use web_sys::Element;
use yew::prelude::*;

use self::look::Looking;
use self::play::open;
use self::view::{clicked, key_pressed, pointed_over, render_panels, slid};
use crate::embed::{JsApi, Params, StateDto};
use crate::labs::{Breach, LabEntry, LabSettings, Tuning};
use crate::scene::{Frame, Gesture, GestureInput, Scene, Target};
use crate::session::{Run, Session};
use crate::sim::NodeId;
use crate::ui::announce::Announcer;
use crate::ui::controls::{Control, controls};
use crate::ui::frame_loop::FrameLoop;
use crate::ui::menu::{MenuAction, OpenMenu};
use crate::ui::motion::Motion;
use crate::ui::playback::Playback;
use crate::ui::stage::Preview;
use crate::ui::views::{self, Look};
use crate::ui::watch::{Watch, prefers_reduced_motion};
use crate::ui::{panels, text};

/// Properties of [`Figure`].
#[derive(Properties)]
pub(crate) struct FigureProps {
    pub(crate) entry: &'static LabEntry,
    pub(crate) params: Params,
    /// What of the page's address had to be ignored.
    pub(crate) complaints: Vec<String>,
}

impl PartialEq for FigureProps {
    fn eq(&self, other: &FigureProps) -> bool {
        std::ptr::eq(self.entry, other.entry)
            && self.params == other.params
            && self.complaints == other.complaints
    }
}

/// Everything that can happen to a figure.
pub(crate) enum Msg {
    Frame(f64),
    Resized,
    InView(bool),
    TabChanged,
    Control(Control),
    Gesture(GestureInput),
    Heal(usize),
    /// Which, and whether it goes up.
    Setting(usize, bool),
    JumpToBreach(usize),
    /// The rule at this place is left out, or put back if it was; `None` puts back any.
    Lesson(Option<usize>),
    OpenMenu(Target),
    Menu(MenuAction),
    Focus(i32),
    Escape,
    Dismiss,
    Speak,
    Look(Look),
}

/// The panels as rendered; kept, because while playing they are renewed less often than the stage.
struct Panels {
    side: Html,
    below: Html,
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
    /// The frame is new: what is shown next is put in its place at once.
    jumps: bool,
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
    /// The place of the setting that was asked for what cannot work, and why it cannot.
    refused: Option<(usize, String)>,
    /// The broken promise whose instant is shown, by the promise's name.
    jumped: Option<(&'static str, Breach)>,
    /// The run, and the instant, from which the reader jumped.
    came_from: Option<(Run, u64)>,
    in_view: bool,
    still: bool,
    looking: Looking,
}

impl Component for Figure {
    type Message = Msg;
    type Properties = FigureProps;

    fn create(ctx: &Context<Self>) -> Figure {
        let params = &ctx.props().params;
        let entry = ctx.props().entry;
        let mut settings = LabSettings::new(
            params.servers.unwrap_or(entry.defaults.servers),
            params.seed.unwrap_or(entry.defaults.seed),
        );
        let mut notices = ctx.props().complaints.clone();
        settings.tuning.protocol = params.protocol.clone();
        if let Err(why) = (entry.check)(&settings) {
            notices.push(format!("{}: {why}.", text::CANNOT_WORK));
            settings.tuning = Tuning::NONE;
        }
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
        let panels = render_panels(entry, &session.borrow(), None, None);
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
            jumps: false,
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
            notices,
            refused: None,
            jumped: None,
            came_from: None,
            in_view: true,
            still,
            looking: Looking::new(),
        }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
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
            Msg::Heal(tear) => self.heal(tear),
            Msg::Setting(place, up) => self.change_setting(place, up),
            Msg::JumpToBreach(place) => self.jump_to_breach(place),
            Msg::Lesson(place) => self.teach(place),
            Msg::OpenMenu(target) => self.open_menu(target),
            Msg::Menu(action) => self.menu_action(action),
            Msg::Focus(step) => self.move_focus(step),
            Msg::Escape => {
                self.gesture.handle(GestureInput::Cancel);
                self.gesture.arm(false);
                self.preview = Preview::default();
                self.close_menu();
                if self.fold_sheet() {
                    self.focus_on("[data-control=settings]");
                }
            }
            Msg::Dismiss => {
                self.notices.clear();
                self.focus_node();
            }
            Msg::Look(look) => return self.look(look, ctx.link()),
            Msg::Speak => self.announcer.say(&self.digest()),
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let link = ctx.link();
        let session = self.session.borrow();
        html! {
            <figure class="figure" aria-label={text::FIGURE_LABEL} tabindex="-1"
                onkeydown={link.batch_callback(key_pressed)}
                onclick={link.batch_callback(clicked)}
                oninput={link.batch_callback(slid)}
                onpointerover={link.batch_callback(pointed_over)}>
                <div class="figure-main" data-view={self.looking.tab().name()}>
                    { self.headline() }
                    { panels::left_out(self.entry, &session.run().settings.tuning) }
                    { views::tabs(self.looking.tab()) }
                    { self.view_stage(ctx) }
                    { self.view_pane(link) }
                    { controls(&self.controls_state()) }
                    { self.view_why() }
                    { panels::legend(&session.lab().legend(), session.lab().reading()) }
                </div>
                { self.panels.side.clone() }
                { self.panels.below.clone() }
                { self.foot() }
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
