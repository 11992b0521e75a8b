//! The reader's way through time: the strip, the steps, the branches, and links to where they are.

use std::slice;

use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, DataTransfer, DragEvent, Element, HtmlInputElement};
use yew::prelude::*;

use super::arrive::{self, Arrival, Journey, arrival, bad_link};
use super::{Figure, Msg};
use crate::embed::{Controls, Panel, Params};
use crate::link::{Link, PREFIX};
use crate::scene::{Gesture, Point};
use crate::sim::Halted;
use crate::small_text::number;
use crate::text;
use crate::timeline::{BranchId, Timeline};
use crate::ui::controls::Control;
use crate::ui::share;
use crate::ui::share::InAddress;
use crate::ui::stage::{Preview, place_on};
use crate::ui::strip::{BarState, bar, branch_name, mini_bar};
use crate::ui::views::Look;

/// Everything that is done with the strip, the branches and links.
pub(crate) enum Travel {
    /// A mouse goes there at once; a finger may be about to scroll the page.
    Press(Point, bool),
    Drag(Point),
    Release,
    /// The finger scrolls the page.
    Cancel,
    /// By so many hundredths of what the strip shows.
    Nudge(i32),
    /// To a branch so many lanes below.
    Lane(i32),
    Select(BranchId),
    Beside(BranchId),
    Rename,
    Named(BranchId, String),
    Delete(BranchId),
    Copied(bool),
    Pasted(String),
    AddressChanged,
    Keep,
    /// Plays from now on, or does not.
    Play(bool),
    /// To an instant of the present branch, whether or not it is known yet.
    Seek(u64),
}

/// A pointer is on the strip.
pub(super) struct Scrub {
    lane: usize,
    /// A finger was put down here, and may still be about to scroll the page.
    rests_at: Option<Point>,
    /// Where it was moved to since the last frame.
    pub(super) to: Option<(BranchId, u64)>,
    /// It would go there if it were lifted without having moved.
    tap: Option<(BranchId, u64)>,
}

impl Figure {
    /// Carries out a control that is about time. Whether it is one.
    pub(super) fn time_control(&mut self, control: Control) -> bool {
        let moved = |moved: Result<bool, Halted>| moved.map(|_| ());
        let mut timeline = self.timeline.borrow_mut();
        let went = match control {
            Control::Step => moved(timeline.step()),
            Control::StepBack => moved(timeline.step_back()),
            Control::Before => moved(timeline.step_to_change(true)),
            Control::After => timeline.step_to_change(false).map(|found| {
                if !found {
                    self.notices = vec![text::NO_CHANGE.to_owned()];
                }
            }),
            Control::TaskBefore | Control::TaskAfter => {
                timeline.step_to_task(control == Control::TaskBefore).map(|found| {
                    if !found {
                        self.notices = vec![text::NO_TASK.to_owned()];
                    }
                })
            }
            Control::Undo => timeline.undo().map(|_| ()).or_else(|refused| {
                self.notices = vec![format!("{refused}.")];
                Ok(())
            }),
            Control::Redo => {
                timeline.redo();
                Ok(())
            }
            Control::Beginning | Control::Live | Control::Parting => {
                let branch = timeline.branch();
                let at_us = match control {
                    Control::Beginning => timeline.first_us(),
                    Control::Live => timeline.end_us(branch),
                    _ => self.beside.as_ref().and_then(|it| it.parted).map_or(0, |it| it.at_us),
                };
                drop(timeline);
                self.playback.playing = false;
                self.set_out(vec![(branch, at_us)], None);
                return true;
            }
            Control::CopyLink => {
                drop(timeline);
                self.copy_link();
                return true;
            }
            Control::Stop => {
                self.journey = None;
                Ok(())
            }
            _ => return false,
        };
        drop(timeline);
        self.playback.playing = false;
        if let Err(halted) = went {
            self.halt(halted.to_string());
        }
        self.moved();
        true
    }

    /// The reader is somewhere else now.
    fn moved(&mut self) {
        self.jumped = None;
        self.refresh();
        self.run_or_rest();
    }

    /// Goes somewhere, the last stop first: at once if it is near, else in parts.
    pub(super) fn set_out(&mut self, stops: Vec<(BranchId, u64)>, beside: Option<BranchId>) {
        let beside = beside.or(self.beside.as_ref().map(|beside| beside.head.branch()));
        self.beside = self.beside.take().filter(|it| Some(it.head.branch()) == beside);
        self.journey = Some(Journey { stops, beside });
        self.go_on();
        self.run_or_rest();
    }

    /// Goes a part of the way.
    pub(super) fn go_on(&mut self) {
        let Some(mut journey) = self.journey.take() else {
            return;
        };
        let gone = journey.go_on(&mut self.timeline.borrow_mut());
        match gone {
            Ok(false) => {
                self.journey = Some(journey);
                return self.refresh_scene();
            }
            Ok(true) => {}
            Err(halted) => self.halt(halted.to_string()),
        }
        if self.beside.is_none() && journey.beside.is_some() {
            self.set_beside(journey.beside);
        }
        self.refresh();
        self.run_or_rest();
    }

    /// As far as the branch is known.
    pub(super) fn scrub_to(&mut self, branch: BranchId, at_us: u64) {
        self.playback.playing = false;
        self.menu = None;
        self.jumped = None;
        let end_us = self.timeline.borrow().end_us(branch);
        self.set_out(vec![(branch, at_us.min(end_us))], None);
    }

    pub(super) fn travel(&mut self, params: &Params, travel: Travel) {
        if !matches!(travel, Travel::Keep | Travel::Drag(_)) {
            self.has_been_said();
        }
        match travel {
            Travel::Press(at, finger) => {
                if let Some((lane, branch, at_us)) = self.strip.scrubbed(at, None) {
                    let (tap, rests_at) = (Some((branch, at_us)), finger.then_some(at));
                    self.scrub = Some(Scrub { lane, rests_at, to: None, tap });
                    if !finger {
                        self.scrub_to(branch, at_us);
                    }
                }
                self.run_or_rest();
            }
            Travel::Drag(at) => {
                let scrolls = |scrub: &Scrub| {
                    let from = scrub.rests_at;
                    from.is_some_and(|from| (at.x - from.x).abs() <= (at.y - from.y).abs())
                };
                if let Some(scrub) = self.scrub.as_mut().filter(|scrub| !scrolls(scrub)) {
                    scrub.rests_at = None;
                    let meant = self.strip.scrubbed(at, Some(scrub.lane));
                    scrub.to = meant.map(|(_, branch, at_us)| (branch, at_us));
                    scrub.tap = None;
                }
            }
            Travel::Release => {
                if let Some((branch, at_us)) = self.scrub.take().and_then(|it| it.to.or(it.tap)) {
                    self.scrub_to(branch, at_us);
                }
                self.catch_up();
                self.run_or_rest();
            }
            Travel::Cancel => {
                self.scrub = None;
                self.catch_up();
                self.run_or_rest();
            }
            Travel::Nudge(hundredths) => {
                let by_us = self.strip.hundredths_us(hundredths.unsigned_abs().into());
                let now_us = self.now_us();
                let to_us =
                    if hundredths < 0 { now_us.saturating_sub(by_us) } else { now_us + by_us };
                let branch = self.timeline.borrow().branch();
                self.scrub_to(branch, to_us);
            }
            Travel::Lane(step) => {
                if let Some(branch) = self.strip.lane_below(step) {
                    self.select(branch);
                }
            }
            Travel::Select(branch) => self.select(branch),
            Travel::Beside(branch) => {
                let shown = self.beside.as_ref().map(|beside| beside.head.branch());
                self.set_beside((shown != Some(branch)).then_some(branch));
            }
            Travel::Rename => {
                self.renaming = true;
                self.focus_due = Some("[data-name-of]");
            }
            Travel::Named(branch, name) => {
                self.renaming = false;
                self.keeper.touched = true;
                let named = self.timeline.borrow_mut().name(branch, name.trim().to_owned());
                if let Err(refused) = named {
                    self.notices = vec![format!("{refused}.")];
                }
                self.moved();
                self.focus_due = Some(".branches [aria-pressed=true]");
            }
            Travel::Delete(branch) => {
                self.keeper.touched = true;
                let deleted = self.timeline.borrow_mut().delete(branch);
                if let Err(refused) = deleted {
                    self.notices = vec![format!("{refused}.")];
                }
                self.moved();
                self.focus_on(".time-strip");
            }
            Travel::Copied(copied) => {
                self.copied = copied;
                self.link_text = (!copied).then(|| self.link()).flatten();
                self.focus_due = self.link_text.as_ref().map(|_| "[data-link-text]");
            }
            Travel::Pasted(link) => self.open_link(&link),
            Travel::Play(playing) => {
                self.playback.playing = playing;
                self.refresh();
                self.run_or_rest();
            }
            Travel::Seek(at_us) => {
                let branch = self.timeline.borrow().branch();
                (self.playback.playing, self.menu, self.jumped) = (false, None, None);
                self.set_out(vec![(branch, at_us)], None);
            }
            Travel::AddressChanged => {
                if let InAddress::NotOurs = share::run_in_address(self.entry) {
                    return;
                }
                let arrival = arrival(self.entry, &self.place, params);
                self.begin(arrival);
                self.show_figure();
            }
            Travel::Keep => {
                let beside = self.beside.as_ref().map(|beside| beside.head.branch());
                if !self.keeper.keep(&self.timeline.borrow(), beside) {
                    self.notices.push(text::NOT_KEPT.to_owned());
                }
            }
        }
    }

    fn select(&mut self, branch: BranchId) {
        let (now_us, end_us) = (self.now_us(), self.timeline.borrow().end_us(branch));
        self.playback.playing = false;
        self.jumped = None;
        self.renaming = false;
        self.set_out(vec![(branch, now_us.min(end_us))], None);
    }

    /// A link, and on lines of their own what there is to say of its run.
    fn open_link(&mut self, text: &str) {
        let (link, said) = text.trim().split_once('\n').unwrap_or((text, ""));
        let arrival =
            Link::parse_of(link, slice::from_ref(self.entry)).map_err(|why| why.to_string());
        match arrival.and_then(|link| arrive::of_link(self.entry, link)) {
            Ok(mut arrival) => {
                arrival.notices.extend(said.lines().map(str::to_owned));
                self.touring = self.touring.take().filter(|it| it.is_about(&arrival.timeline));
                self.begin(arrival);
                // It is nowhere else: not in the address, and perhaps in no link.
                self.keeper.touched = true;
            }
            Err(why) => {
                // What is there stays.
                let said = bad_link(&why);
                let said = said.strip_suffix(text::BAD_LINK_INSTEAD).unwrap_or(&said);
                self.notices = vec![said.trim().to_owned()];
            }
        }
    }

    /// Another run takes the place of this one.
    pub(super) fn begin(&mut self, arrival: Arrival) {
        let Arrival { timeline, journey, waits, notices } = arrival;
        *self.timeline.borrow_mut() = timeline;
        self.gesture = Gesture::default();
        self.preview = Preview::default();
        self.menu = None;
        self.notices = notices;
        self.refused = None;
        self.looking.start_over();
        if let Some(quiz) = &mut self.quiz {
            quiz.start_over();
        }
        (self.jumped, self.came_from, self.beside, self.scrub) = (None, None, None, None);
        (self.renaming, self.copied, self.link_text) = (false, false, None);
        self.keeper.rest();
        self.playback.playing &= !waits;
        self.journey = journey;
        self.go_on();
        self.refresh();
        self.run_or_rest();
    }

    pub(super) fn link(&self) -> Option<String> {
        let beside = self.beside.as_ref().map(|beside| beside.head.branch());
        let text = Link::of_timeline(&self.timeline.borrow(), beside).to_text();
        Some(self.place.address_with(&text))
    }

    fn copy_link(&mut self) {
        let Some(link) = self.link() else {
            return;
        };
        let told = self.link_to_self.clone();
        let told = move |copied| told.send_message(Msg::Travel(Travel::Copied(copied)));
        self.copying = share::copy(&link, told);
        if self.copying.is_none() {
            self.link_text = Some(link);
            self.focus_due = Some("[data-link-text]");
        }
    }

    /// The strip, and the bar that belongs to it.
    pub(super) fn view_strip(&self, ctx: &Context<Self>) -> Html {
        let link = ctx.link();
        let timeline = self.timeline.borrow();
        let element = self.strip.element.clone();
        let press = link.batch_callback(move |event: PointerEvent| {
            let strip = element.cast::<Element>().filter(|_| event.button() == 0)?;
            // So that it goes on when the pointer leaves the strip.
            let _ = strip.set_pointer_capture(event.pointer_id());
            let finger = event.pointer_type() == "touch";
            Some(Msg::Travel(Travel::Press(place_on(&event, &strip, None), finger)))
        });
        let element = self.strip.element.clone();
        let drag = link.batch_callback(move |event: PointerEvent| {
            let strip = element.cast::<Element>()?;
            Some(Msg::Travel(Travel::Drag(place_on(&event, &strip, None))))
        });
        let drag = self.scrub.is_some().then_some(drag);
        let release = link.callback(|_: PointerEvent| Msg::Travel(Travel::Release));
        let cancel = link.callback(|_: PointerEvent| Msg::Travel(Travel::Cancel));
        let now_us = timeline.now_us();
        let said = text::place_in_time(now_us, &branch_name(&timeline, timeline.branch()));
        let state = BarState {
            playing: self.playback.playing,
            skips: self.playback.skips_quiet,
            beside: self.beside.as_ref().map(|beside| beside.head.branch()),
            renaming: self.renaming,
            copied: self.copied,
            link: self.link_text.as_deref(),
        };
        let strip = self.shown.has(Panel::Timeline);
        let bar = match self.controls {
            _ if self.touring.is_some() => self.view_tour(),
            Controls::Full => bar(&timeline, &state),
            Controls::Mini => mini_bar(state.playing),
            Controls::None if !strip => return Html::default(),
            Controls::None => Html::default(),
        };
        html! {
            <div class="time">
                if strip {
                    <div ref={self.strip.element.clone()} class="time-strip" role="slider"
                        tabindex="0" aria-label={text::TIMELINE} aria-valuetext={said}
                        aria-valuemin={ms(timeline.first_us())}
                        aria-valuemax={ms(timeline.end_us(timeline.branch()).max(now_us))}
                        aria-valuenow={ms(now_us)}
                        onpointerdown={press} onpointermove={drag}
                        onpointerup={release} onpointercancel={cancel}>
                        <svg viewBox={self.strip.view_box()} aria-hidden="true">
                            <g ref={self.strip.base.clone()} />
                            <g ref={self.strip.heads.clone()} />
                        </svg>
                    </div>
                }
                { bar }
            </div>
        }
    }

    /// What is to be said about a long way.
    pub(super) fn progress(&self) -> Option<String> {
        let (_, at_us) = self.journey.as_ref()?.stops.last()?;
        Some(text::on_the_way(*at_us, self.now_us()))
    }
}

fn ms(at_us: u64) -> String {
    (at_us / 1_000).to_string()
}

/// What the button of a branch asks for.
pub(super) fn branch_clicked(button: &Element) -> Option<Msg> {
    let branch = |name: &str| number(&button.get_attribute(name)?).map(BranchId);
    let travel = if let Some(id) = branch("data-branch") {
        Travel::Select(id)
    } else if let Some(id) = branch("data-beside") {
        Travel::Beside(id)
    } else if button.has_attribute("data-rename") {
        Travel::Rename
    } else {
        Travel::Delete(branch("data-delete")?)
    };
    Some(Msg::Travel(travel))
}

/// A branch was given a name.
pub(super) fn changed(event: Event) -> Option<Msg> {
    let field = event.target_dyn_into::<HtmlInputElement>()?;
    let branch = BranchId(number(&field.get_attribute("data-name-of")?)?);
    Some(Msg::Travel(Travel::Named(branch, field.value())))
}

/// Something was pasted onto the figure.
pub(super) fn pasted(event: Event) -> Option<Msg> {
    let event = event.dyn_into::<ClipboardEvent>().ok()?;
    // Who writes a name pastes into it.
    let writes = event.target_dyn_into::<HtmlInputElement>().is_some();
    let msg = brought(&event.clipboard_data().filter(|_| !writes)?);
    event.prevent_default();
    msg
}

/// Something was dropped onto the figure.
pub(super) fn dropped(event: DragEvent) -> Option<Msg> {
    event.prevent_default();
    brought(&event.data_transfer()?)
}

/// A link is opened at once; a script or a file needs somebody to read it.
fn brought(data: &DataTransfer) -> Option<Msg> {
    if let Some(file) = data.files().and_then(|files| files.get(0)) {
        return Some(Msg::Look(Look::Share(file.into())));
    }
    let text = data.get_data("text").ok()?;
    let text = text.trim();
    // Not by the library's search for words: it is 2 kB, and nothing else here needs it.
    let mut parts = text.as_bytes().windows(PREFIX.len());
    let is_link = parts.any(|part| part == PREFIX.as_bytes()) && !text.contains('\n');
    Some(match is_link {
        true => Msg::Travel(Travel::Pasted(text.to_owned())),
        false if text.is_empty() => return None,
        false => Msg::Look(Look::Share(text.into())),
    })
}

/// The keys that go through time.
pub(super) fn time_key(event: &KeyboardEvent, element: &Element) -> Option<Msg> {
    let (key, shift) = (event.key(), event.shift_key());
    if event.ctrl_key() || event.meta_key() {
        let undoes = key.eq_ignore_ascii_case("z");
        let control = if shift { Control::Redo } else { Control::Undo };
        return undoes.then_some(Msg::Control(control));
    }
    let on_strip = element.closest(".time-strip").ok().flatten().is_some();
    let in_field = element.closest("input").ok().flatten().is_some();
    // Shift and a comma are another letter on every keyboard; the key is the same.
    let code = event.code();
    Some(match (key.as_str(), code.as_str()) {
        (_, "Comma") if shift => Msg::Control(Control::Before),
        (_, "Period") if shift => Msg::Control(Control::After),
        ("T", _) => Msg::Control(Control::TaskBefore),
        ("t", _) => Msg::Control(Control::TaskAfter),
        ("q" | "Q", _) => Msg::Control(Control::SkipQuiet),
        (",", _) => Msg::Control(Control::StepBack),
        (".", _) => Msg::Control(Control::Step),
        ("Home", _) if !in_field => Msg::Control(Control::Beginning),
        ("End", _) if !in_field => Msg::Control(Control::Live),
        ("ArrowLeft", _) if on_strip => Msg::Travel(Travel::Nudge(-1)),
        ("ArrowRight", _) if on_strip => Msg::Travel(Travel::Nudge(1)),
        ("PageDown", _) if on_strip => Msg::Travel(Travel::Nudge(-10)),
        ("PageUp", _) if on_strip => Msg::Travel(Travel::Nudge(10)),
        ("ArrowUp", _) if on_strip => Msg::Travel(Travel::Lane(-1)),
        ("ArrowDown", _) if on_strip => Msg::Travel(Travel::Lane(1)),
        _ => return None,
    })
}

/// What is spoken of where the reader stands.
pub(super) fn spoken(timeline: &Timeline) -> &'static str {
    if timeline.is_at_end() { "" } else { text::SPOKEN_PAST }
}
