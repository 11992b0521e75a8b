//! One living figure: a run with its past, how it is played, and everything the reader can do to
//! it.

mod acts;
mod arrive;
mod asked;
mod beside;
mod dials;
mod extras;
mod foretell;
mod look;
mod play;
mod tour;
mod travel;
mod view;

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use web_sys::Element;
use yew::html::Scope;
use yew::prelude::*;

use self::arrive::{Arrival, Journey, arrival};
use self::beside::Beside;
pub use self::extras::Extras;
use self::look::Looking;
use self::travel::{Scrub, Travel, changed, dropped, pasted};
use self::view::{clicked, key_pressed, pointed_over, render_panels, slid};
use crate::embed::{Controls, JsApi, Panel, Panels, Params, StateDto};
use crate::labs::{Breach, LabEntry, LabSettings, Quiz};
use crate::scene::{Frame, Gesture, GestureInput, Scene, Target};
use crate::session::Action;
use crate::sim::NodeId;
use crate::text;
use crate::timeline::{BranchId, Timeline};
use crate::tour::Tour;
use crate::ui::announce::Announcer;
use crate::ui::app::place_of;
use crate::ui::controls::{Control, controls};
use crate::ui::frame_loop::FrameLoop;
use crate::ui::keep::Keeper;
use crate::ui::menu::{MenuAction, OpenMenu};
use crate::ui::motion::Motion;
use crate::ui::place::Place;
use crate::ui::playback::Playback;
use crate::ui::share::{Copying, HashWatch, InAddress};
use crate::ui::stage::Preview;
use crate::ui::strip::Strip;
use crate::ui::views::{self, Look};
use crate::ui::watch::{Watch, prefers_reduced_motion};
use crate::ui::{panels, share};

/// Properties of [`Figure`].
#[derive(Properties)]
pub(crate) struct FigureProps {
    pub(crate) entry: &'static LabEntry,
    pub(crate) extras: Extras,
    pub(crate) place: Place,
    pub(crate) params: Params,
    /// What of the parameters had to be ignored.
    pub(crate) complaints: Vec<String>,
}

impl PartialEq for FigureProps {
    fn eq(&self, other: &FigureProps) -> bool {
        std::ptr::eq(self.entry, other.entry)
            && self.place == other.place
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
    Travel(Travel),
    Focus(i32),
    Escape,
    Dismiss,
    Speak,
    Look(Look),
    /// A button of the bar of dials, by its name.
    Turn(String),
    /// A button of the panel that asks first, by its name.
    Foretell(String),
}

/// A guided run.
struct Touring {
    tour: Tour,
    /// Its run, as a link has it.
    run: Option<String>,
    /// The settings of its run.
    settings: LabSettings,
    /// What the script did.
    script: Vec<Action>,
    /// The reader has left it for a run without a script.
    alone: bool,
}

/// The panels as rendered; kept, because while playing they are renewed less often than the stage.
struct Around {
    side: Html,
    below: Html,
}

pub(crate) struct Figure {
    entry: &'static LabEntry,
    extras: Extras,
    place: Place,
    controls: Controls,
    shown: Panels,
    timeline: Rc<RefCell<Timeline>>,
    playback: Playback,
    frame_loop: FrameLoop,
    watch: Option<Watch>,
    _api: Option<JsApi>,
    stage: NodeRef,
    svg: NodeRef,
    frame: Frame,
    /// The frame is new: what is shown next is put in its place at once.
    jumps: bool,
    scene: Rc<Scene>,
    motion: Option<Motion>,
    around: Around,
    announcer: Announcer,
    panels_at_ms: f64,
    seen_records: usize,
    scene_at_ms: f64,
    gesture: Gesture,
    preview: Preview,
    menu: Option<OpenMenu>,
    menu_just_opened: bool,
    focus: NodeId,
    notices: Vec<String>,
    /// How much quiet time was skipped last, while playing.
    skipped_us: Option<u64>,
    /// The place of the setting that was asked for what cannot work, and why it cannot.
    refused: Option<(usize, String)>,
    /// The refusal that is among the notices: it goes with the next act.
    said_no: Option<String>,
    /// The broken promise whose instant is shown, by the promise's name.
    jumped: Option<(&'static str, Breach)>,
    /// The branch and the instant from which the reader jumped.
    came_from: Option<(BranchId, u64)>,
    /// The painted timeline, and the pointer on it.
    strip: Strip,
    scrub: Option<Scrub>,
    /// What is only read is left as it is for this frame, and was for some.
    hurries: bool,
    late: bool,
    /// A long way that is not over yet.
    journey: Option<Journey>,
    /// Another branch, side by side with this one, and what that shows.
    beside: Option<Beside>,
    verdict: Html,
    /// The present branch is being named.
    renaming: bool,
    /// What is to have the focus, with all text in it selected, once it is there.
    focus_due: Option<&'static str>,
    keeper: Keeper,
    copying: Option<Copying>,
    copied: bool,
    /// The link that the browser would not copy.
    link_text: Option<String>,
    link_to_self: Scope<Figure>,
    _hash_watch: Option<HashWatch>,
    in_view: bool,
    still: bool,
    looking: Looking,
    /// Who asks first, if the lab does.
    quiz: Option<Box<dyn Quiz>>,
    touring: Option<Touring>,
}

impl Component for Figure {
    type Message = Msg;
    type Properties = FigureProps;

    fn create(ctx: &Context<Self>) -> Figure {
        let FigureProps { entry, extras, place, params, complaints } = ctx.props();
        let (entry, extras, place) = (*entry, *extras, place.clone());
        let Arrival { timeline, journey, waits, notices: more } = arrival(entry, &place, params);
        let mut notices = complaints.clone();
        notices.extend(more);
        let touring = place.tour().map(|(tour, run)| Touring::new(tour, run, &timeline));
        let timeline = Rc::new(RefCell::new(timeline));
        let still = prefers_reduced_motion();
        let mut playback = Playback::new();
        playback.skips_quiet = touring.is_some();
        // What moves by itself must be possible to stop (WCAG 2.2, 2.2.2).
        let can_stop = params.controls != Controls::None;
        // At home the reader asks for it, elsewhere the author does, for runs that are given, too.
        let autoplay = match place.at_home {
            true => params.autoplay.unwrap_or(!still) && !waits,
            false => params.autoplay == Some(true) && !still,
        };
        playback.playing = autoplay && can_stop;
        if let Some(speed_ppm) = params.speed_ppm.or(entry.speed_ppm) {
            playback.set_speed_ppm(speed_ppm);
        }
        let frame = Frame { width: 760.0, height: 520.0 };
        let link = ctx.link().clone();
        let api = place.at_home.then(|| {
            let timeline = Rc::clone(&timeline);
            JsApi::install(place_of(entry.name).map(JsValue::from), move || {
                StateDto::of(&timeline.borrow())
            })
        });
        let hash_watch = place.at_home.then(|| {
            let link = link.clone();
            HashWatch::start(move || link.send_message(Msg::Travel(Travel::AddressChanged)))
        });
        let scene = Rc::new(timeline.borrow().lab().scene(frame, 0));
        let (timed, guide) = (timeline.borrow(), touring.as_ref());
        let around = render_panels(entry, params.panels, guide, &timed, None, None);
        drop(timed);
        Figure {
            entry,
            extras,
            place,
            controls: params.controls,
            shown: params.panels,
            timeline,
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
            around,
            announcer: Announcer::default(),
            panels_at_ms: 0.0,
            seen_records: 0,
            scene_at_ms: 0.0,
            gesture: Gesture::default(),
            preview: Preview::default(),
            menu: None,
            menu_just_opened: false,
            focus: NodeId(0),
            notices,
            skipped_us: None,
            refused: None,
            said_no: None,
            jumped: None,
            came_from: None,
            strip: Strip::new(),
            scrub: None,
            hurries: false,
            late: false,
            journey,
            beside: None,
            verdict: Html::default(),
            renaming: false,
            focus_due: None,
            keeper: Keeper::default(),
            copying: None,
            copied: false,
            link_text: None,
            link_to_self: ctx.link().clone(),
            _hash_watch: hash_watch,
            in_view: true,
            still,
            looking: Looking::new(entry, params.panels.has(Panel::Views)),
            quiz: extras.quiz.and(entry.quiz).map(|quiz| quiz()),
            touring,
        }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Frame(time_ms) => return self.next_frame(time_ms),
            Msg::Resized => return self.measure(),
            Msg::InView(in_view) => {
                self.in_view = in_view;
                self.run_or_rest();
                // A view that is open from the start waits until it is seen.
                let waits = in_view && self.looking.waits();
                if waits {
                    self.load_lens(ctx.link());
                }
                return waits;
            }
            Msg::TabChanged => {
                self.run_or_rest();
                return false;
            }
            Msg::Control(control) => self.control(control),
            Msg::Travel(travel) => self.travel(&ctx.props().params, travel),
            Msg::Gesture(input) => return self.gesture(input),
            Msg::Heal(tear) => self.heal(tear),
            Msg::Setting(place, up) => self.change_setting(place, up),
            Msg::JumpToBreach(place) => self.jump_to_breach(place),
            Msg::Lesson(place) => self.teach(place),
            Msg::OpenMenu(target) => self.open_menu(target),
            Msg::Menu(action) => self.menu_action(action),
            Msg::Focus(step) => self.move_focus(step),
            Msg::Escape if self.menu.is_none() && self.close_why() => {}
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
            Msg::Turn(what) => {
                if let Some(bar) = self.extras.dials {
                    (bar.turn)(self, &what);
                }
            }
            Msg::Foretell(what) => {
                if let Some(panel) = self.extras.quiz {
                    (panel.press)(self, &what);
                }
            }
            Msg::Speak => self.announcer.say(&self.digest()),
        }
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let link = ctx.link();
        let timeline = self.timeline.borrow();
        let lab = timeline.lab();
        html! {
            <figure class="figure" aria-label={text::FIGURE_LABEL} tabindex="-1"
                onkeydown={link.batch_callback(key_pressed)}
                onclick={link.batch_callback(clicked)}
                oninput={link.batch_callback(slid)}
                onchange={link.batch_callback(changed)}
                onpaste={link.batch_callback(pasted)}
                ondrop={link.batch_callback(dropped)}
                ondragover={|event: DragEvent| event.prevent_default()}
                onpointerover={link.batch_callback(pointed_over)}>
                <div class="figure-main" data-view={views::tab_name(self.looking.tab())}>
                    { self.headline() }
                    { panels::left_out(self.entry, &timeline.settings().tuning) }
                    { self.view_tabs() }
                    <div class="stages" data-beside={self.beside.as_ref().map(|_| "")}>
                        <section class="stage-cell">
                            { self.own_stage_name() }
                            { self.view_stage(ctx) }
                        </section>
                        { self.view_beside() }
                    </div>
                    { self.view_pane(link) }
                    { self.verdict.clone() }
                    { self.view_strip(ctx) }
                    if self.controls == Controls::Full && self.touring.is_none() {
                        { controls(&self.controls_state()) }
                    }
                    if self.touring.is_none() {
                        { self.extras.quiz.map(|panel| (panel.view)(self)).unwrap_or_default() }
                    }
                    { self.view_why() }
                    if self.shown.has(Panel::Legend) {
                        { panels::legend(&lab.legend(), lab.reading()) }
                    }
                </div>
                { self.around.side.clone() }
                { self.around.below.clone() }
                { self.foot() }
            </figure>
        }
    }

    fn rendered(&mut self, ctx: &Context<Self>, first_render: bool) {
        self.after_rendering(ctx);
        if !first_render {
            return;
        }
        if self.place.at_home && matches!(share::run_in_address(self.entry), InAddress::Run(_)) {
            self.show_figure();
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
        self.go_on();
        self.run_or_rest();
    }
}
