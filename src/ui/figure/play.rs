//! Time: starting a run, going on frame by frame, and keeping what is shown up to date.

use std::rc::Rc;

use web_sys::HtmlElement;

use super::Figure;
use super::arrive::{Arrival, open};
use super::view::render_panels;
use crate::labs::LabSettings;
use crate::scene::Frame;
use crate::ui::app::note_in_address;
use crate::ui::watch::tab_is_hidden;

/// The mark of a stage in which servers glide to a new place.
pub(super) const GLIDES: &str = "data-glides";
/// How often the panels are rendered while playing, in milliseconds.
const PANELS_EVERY_MS: f64 = 100.0;
/// How often the picture of a crowd is renewed while playing, in milliseconds: what is in it moves
/// in every frame.
const CROWD_EVERY_MS: f64 = 30.0;
/// How long a dead message is shown, in milliseconds of real time.
const BURST_MS: f64 = 700.0;

impl Figure {
    pub(super) fn now_us(&self) -> u64 {
        self.timeline.borrow().lab().now_us()
    }

    pub(super) fn run_or_rest(&mut self) {
        let travels = self.journey.is_some() || self.scrub.is_some();
        let wanted = self.playback.playing || travels || self.looking.is_unfinished();
        let runs = wanted && self.in_view && !tab_is_hidden();
        self.playback.rest();
        self.frame_loop.set_running(runs);
    }

    pub(super) fn next_frame(&mut self, time_ms: f64) -> bool {
        if self.journey.is_some() {
            self.go_on();
            return true;
        }
        if self.scrub.is_some() {
            return self.scrub_on(time_ms);
        }
        if !self.playback.playing {
            self.look_on(time_ms);
            if !self.looking.is_unfinished() {
                self.run_or_rest();
            }
            return false;
        }
        let (now_us, beside) = (self.now_us(), self.beside.as_ref().map(|it| &it.head));
        let quiet_until_us =
            self.playback.skips_quiet.then(|| self.timeline.borrow().quiet_until_us(beside));
        let quiet_until_us = quiet_until_us.flatten();
        let hurried = quiet_until_us.and_then(|it| self.playback.hurried(now_us, it));
        let until_us = hurried.unwrap_or(now_us + self.playback.frame(time_ms));
        if hurried.is_some() {
            self.skipped_us = Some(until_us - now_us);
        }
        let advanced = self.timeline.borrow_mut().advance_to(until_us);
        if let Err(halted) = advanced {
            self.halt(halted.to_string());
        }
        let is_due = !self.scene.is_crowded() || time_ms - self.scene_at_ms >= CROWD_EVERY_MS;
        let happened = is_due
            && (hurried.is_some()
                || self.timeline.borrow().lab().history_len() != self.seen_records);
        let panels_due = time_ms - self.panels_at_ms >= PANELS_EVERY_MS;
        if happened {
            self.scene_at_ms = time_ms;
            self.refresh_scene();
        }
        if panels_due {
            self.panels_at_ms = time_ms;
            self.render_panels();
        }
        if let Some(motion) = &self.motion {
            motion.apply(self.now_us(), self.still);
        }
        self.follow_beside();
        self.move_beside(false);
        self.strip.follow(self.now_us(), self.beside.as_ref().map(|beside| &beside.head));
        self.strip.draw();
        self.look_on(time_ms);
        happened || panels_due
    }

    pub(super) fn halt(&mut self, why: String) {
        self.playback.playing = false;
        self.run_or_rest();
        if !self.notices.contains(&why) {
            self.notices.push(why);
        }
    }

    pub(super) fn refresh_scene(&mut self) {
        let linger_us = self.playback.virtual_us(BURST_MS) as u64;
        self.refresh_beside(linger_us);
        let timeline = self.timeline.borrow();
        self.seen_records = timeline.lab().history_len();
        if let Some(quiz) = &mut self.quiz {
            quiz.look(timeline.lab());
        }
        self.scene = Rc::new(timeline.lab().scene(self.frame, linger_us));
        // Time goes on while a menu is open; what it offers must stay true.
        if let Some(menu) = &mut self.menu {
            menu.choices = timeline.lab().choices(menu.target);
        }
        self.motion = None;
    }

    /// A frame in which a pointer is on the strip. As while playing, what is only read is renewed
    /// less often than what moves; when the pointer rests, at once.
    fn scrub_on(&mut self, time_ms: f64) -> bool {
        let to = self.scrub.as_mut().and_then(|scrub| scrub.to.take());
        let Some((branch, at_us)) = to else {
            return self.catch_up();
        };
        let panels_due = time_ms - self.panels_at_ms >= PANELS_EVERY_MS;
        if panels_due {
            self.panels_at_ms = time_ms;
        }
        self.hurries = !panels_due && branch == self.timeline.borrow().branch();
        self.scrub_to(branch, at_us);
        self.hurries = false;
        self.look_on(time_ms);
        true
    }

    /// Renews what was left as it was in a hurry. Whether there was anything.
    pub(super) fn catch_up(&mut self) -> bool {
        let late = self.late;
        if late {
            self.refresh();
        }
        late
    }

    /// After an act or a step: everything is shown as it is now.
    pub(super) fn refresh(&mut self) {
        self.refresh_scene();
        self.late = self.hurries;
        if self.late {
            let beside = self.beside.as_ref().map(|beside| &beside.head);
            return self.strip.follow(self.timeline.borrow().now_us(), beside);
        }
        self.render_panels();
        self.looking.is_stale();
    }

    fn render_panels(&mut self) {
        if let Some(beside) = &self.beside {
            self.timeline.borrow_mut().keep_look(&beside.head);
        }
        let (breach, refused) = (self.jumped.as_ref(), self.refused.as_ref());
        let timeline = self.timeline.borrow();
        self.panels = render_panels(self.entry, &timeline, breach, refused);
        self.strip.look(&timeline, self.beside.as_ref().map(|beside| &beside.head));
        self.verdict = self.render_verdict();
    }

    pub(super) fn measure(&mut self) -> bool {
        let Some(element) = self.stage.cast::<HtmlElement>() else {
            return false;
        };
        let (width, height) = (element.client_width() as f32, element.client_height() as f32);
        let frame = Frame { width: width.max(240.0), height: height.max(240.0) };
        self.strip.measure();
        if frame == self.frame {
            let _ = element.set_attribute(GLIDES, "");
            return false;
        }
        let _ = element.remove_attribute(GLIDES);
        self.frame = frame;
        self.jumps = true;
        self.refresh();
        // A menu stays open: a scroll bar that comes is no reason to take it away.
        if let Some(mut menu) = self.menu.take() {
            menu.at = self.place_of(menu.target);
            self.menu = Some(menu);
        }
        true
    }

    /// A fresh run takes the place of this one.
    pub(super) fn start(&mut self, settings: LabSettings) {
        let timeline = open(self.entry, settings);
        note_in_address(self.entry, timeline.settings());
        self.keeper.forget(self.entry);
        self.begin(Arrival { timeline, journey: None, waits: false, notices: Vec::new() });
    }
}
