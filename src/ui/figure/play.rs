//! Time: starting a run, going on frame by frame, and keeping what is shown up to date.

use std::rc::Rc;

use web_sys::HtmlElement;

use super::Figure;
use super::view::render_panels;
use crate::labs::{LabEntry, LabSettings};
use crate::scene::{Frame, Gesture};
use crate::session::Session;
use crate::ui::app::note_in_address;
use crate::ui::crash;
use crate::ui::stage::Preview;
use crate::ui::watch::tab_is_hidden;

/// The mark of a stage in which servers glide to a new place.
pub(super) const GLIDES: &str = "data-glides";
/// How often the panels are rendered while playing, in milliseconds.
const PANELS_EVERY_MS: f64 = 100.0;
/// How long a dead message is shown, in milliseconds of real time.
const BURST_MS: f64 = 700.0;

impl Figure {
    pub(super) fn now_us(&self) -> u64 {
        self.session.borrow().lab().now_us()
    }

    pub(super) fn run_or_rest(&mut self) {
        let runs = self.playback.playing && self.in_view && !tab_is_hidden();
        self.playback.rest();
        self.frame_loop.set_running(runs);
    }

    pub(super) fn next_frame(&mut self, time_ms: f64) -> bool {
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
            self.render_panels();
        }
        if let Some(motion) = &self.motion {
            motion.apply(self.now_us(), self.still);
        }
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
        let session = self.session.borrow();
        let linger_us = self.playback.virtual_us(BURST_MS) as u64;
        self.seen_records = session.lab().history_len();
        self.scene = Rc::new(session.lab().scene(self.frame, linger_us));
        // Time goes on while a menu is open; what it offers must stay true.
        if let Some(menu) = &mut self.menu {
            menu.choices = session.lab().choices(menu.target);
        }
        self.motion = None;
    }

    /// After an act or a step: everything is shown as it is now.
    pub(super) fn refresh(&mut self) {
        self.refresh_scene();
        self.render_panels();
        self.looking.is_stale();
    }

    fn render_panels(&mut self) {
        let breach = self.jumped.as_ref();
        let refused = self.refused.as_ref();
        self.panels = render_panels(self.entry, &self.session.borrow(), breach, refused);
    }

    pub(super) fn measure(&mut self) -> bool {
        let Some(element) = self.stage.cast::<HtmlElement>() else {
            return false;
        };
        let (width, height) = (element.client_width() as f32, element.client_height() as f32);
        let frame = Frame { width: width.max(240.0), height: height.max(240.0) };
        if frame == self.frame {
            let _ = element.set_attribute(GLIDES, "");
            return false;
        }
        let _ = element.remove_attribute(GLIDES);
        self.frame = frame;
        self.jumps = true;
        self.menu = None;
        self.refresh_scene();
        self.looking.is_stale();
        true
    }

    pub(super) fn start(&mut self, settings: LabSettings) {
        *self.session.borrow_mut() = open(self.entry, settings);
        self.gesture = Gesture::default();
        self.preview = Preview::default();
        self.menu = None;
        self.notices.clear();
        (self.jumped, self.came_from, self.refused) = (None, None, None);
        self.looking.start_over();
        note_in_address(self.entry, &self.session.borrow().run().settings);
        self.refresh();
        self.run_or_rest();
    }
}

pub(super) fn open(entry: &'static LabEntry, settings: LabSettings) -> Session {
    crash::note_seed(settings.seed);
    let mut session = Session::start(entry, settings);
    let opening_us = session.lab().opening_us();
    // A run that halts before it opens shows what it has; the first frame reports the halt.
    let _ = session.advance_to(opening_us);
    session
}
