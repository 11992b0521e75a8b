//! The view "Log and state": the log on the left, what it comes to on the right, and one playhead
//! for both. And the log forked, with both futures beside each other.
//!
//! An event that was recorded at an instant of its own is gone to in the run. Others, such as those
//! of before the run, have none: then only the picture goes there. Events that the run has yet to
//! come to again, after it was taken back, stay in sight.

mod controls;
mod rows;
mod table;
#[cfg(test)]
mod tests;

use super::super::shop::{Shop, ShopEvent};
use super::super::system::{KEEPER, Log};
use super::super::{Cluster, EventLab};
use super::fork::{self, Deed, Fork, Parting};
use super::state::{Reading, Versions, begins_with};
use crate::event_store::EventStore;
use crate::labs::{Command, Lab, Pointed, View};
use crate::scene::svg::Markup;
use crate::scene::{Density, Frame, Highlight, Thing};
use crate::shared_list::SharedList;

/// Where there is less room than this, in pixels, the two stand one above the other.
const NARROW: f32 = 480.0;
/// Where there is less height than this, in pixels, fields that are 0 are left out.
const TALL: f32 = 400.0;
/// How high a row is, in pixels; static/lens.css has the same.
const ROW: f32 = 38.0;
/// How much room the state needs where it stands under the log.
const STATE: f32 = 410.0;
/// So far a pointer is dragged from one event to the next, in pixels.
const STEP: f32 = 24.0;

/// What was done to a run, each act with its instant in microseconds.
type Acts = SharedList<(u64, Command), 32>;

/// Where the run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Here {
    now_us: u64,
    /// The last position of the log.
    position: u64,
    /// Up to which position it is durable.
    durable: u64,
    /// Whether events say when in the run they were recorded.
    by_time: bool,
}

/// What can be chosen for a fork.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Palette {
    Edit,
    Insert,
}

/// Another history, worked out.
#[derive(Debug)]
struct Forked {
    fork: Fork,
    log: EventStore<ShopEvent>,
    versions: Versions<Shop>,
    parting: Option<Parting>,
}

/// What the view keeps between one drawing and the next.
pub(super) struct LogView {
    reading: Reading,
    /// The log as far as the run has come to it, which may be further than where it is now.
    known: EventStore<ShopEvent>,
    /// When it was so long, and what had been done to the run by then.
    known_us: u64,
    known_acts: Acts,
    versions: Versions<Shop>,
    here: Here,
    forked: Option<Forked>,
    palette: Option<Palette>,
    /// The row that is looked at; `None` follows the run.
    row: Option<u64>,
    /// Pixels of a drag that have not made a step yet.
    slack: f32,
}

impl LogView {
    pub(super) fn new() -> LogView {
        let reading = Reading::new();
        let known = EventStore::new();
        let versions = Versions::of(&reading.replay(), &known);
        LogView {
            reading,
            known,
            known_us: 0,
            known_acts: Acts::default(),
            versions,
            here: Here::default(),
            forked: None,
            palette: None,
            row: None,
            slack: 0.0,
        }
    }

    /// The run has come to another instant, with this log and after these acts.
    fn follow_run(&mut self, log: &EventStore<ShopEvent>, acts: &Acts, here: Here) {
        let same_acts = acts.len() <= self.known_acts.len()
            && acts.iter().zip(self.known_acts.iter()).all(|(act, known)| act == known);
        let is_past = here.now_us < self.known_us && same_acts;
        // As another branch has nothing to come to again.
        let was_taken_back = is_past && begins_with(&self.known, log);
        if !was_taken_back {
            let same = log.last_position() == self.known.last_position();
            if !(same && begins_with(&self.known, log)) {
                self.know(log.clone());
            }
            self.known_us = here.now_us;
            self.known_acts = acts.clone();
        }
        let recorded_at = log.event(here.position).map(|event| event.recorded_at());
        if here.now_us != self.here.now_us && recorded_at == Some(here.now_us) {
            // Somebody went to this event.
            self.row = None;
        }
        self.here = here;
    }

    fn know(&mut self, log: EventStore<ShopEvent>) {
        self.versions = Versions::of(&self.reading.replay(), &log);
        self.known = log;
        let fork = self.forked.take().map(|forked| forked.fork);
        self.forked = fork.and_then(|fork| self.worked_out(fork));
    }

    fn worked_out(&self, fork: Fork) -> Option<Forked> {
        let log = fork.of(&self.known)?;
        let versions = Versions::of(&self.reading.replay(), &log);
        let parting = fork.parting(&self.versions, &versions, self.known.last_position());
        Some(Forked { fork, log, versions, parting })
    }

    fn last_row(&self) -> u64 {
        let last = self.known.last_position();
        self.forked.as_ref().map_or(last, |forked| forked.fork.rows(last))
    }

    /// How far both histories are after a row.
    fn positions(&self, row: u64) -> (u64, u64) {
        self.forked.as_ref().map_or((row, row), |forked| forked.fork.positions(row))
    }

    /// The row at which the run is: the last one, if there are two.
    fn run_row(&self) -> u64 {
        let at = self.here.position;
        let rows = at..=(at + 1).min(self.last_row());
        rows.rev().find(|row| self.positions(*row).0 == at).unwrap_or(at)
    }

    /// The row that is looked at.
    fn row(&self) -> u64 {
        self.row.unwrap_or_else(|| self.run_row()).min(self.last_row())
    }

    /// The event on a row of the log itself, by its position.
    fn event_on(&self, row: u64) -> Option<u64> {
        let (position, _) = self.positions(row);
        (row > 0 && self.positions(row - 1).0 < position).then_some(position)
    }

    /// The instant of the run at which an event is the last one, if there is one.
    fn goes_to(&self, position: u64) -> Option<u64> {
        let at_us = self.known.event(position)?.recorded_at();
        let next = self.known.event(position + 1);
        let is_last_then = next.is_none_or(|next| next.recorded_at() > at_us);
        let is_there = self.forked.is_none() && self.here.position != position;
        (self.here.by_time && is_last_then && is_there).then_some(at_us)
    }

    fn go(&mut self, row: u64) {
        let row = row.min(self.last_row());
        self.row = (row != self.run_row()).then_some(row);
        self.palette = None;
    }

    fn step(&mut self, rows: i64) {
        self.go(self.row().saturating_add_signed(rows));
    }

    /// A button, a slider, or a key.
    fn choose(&mut self, what: &str) {
        let (name, value) = what.split_once('=').unwrap_or((what, ""));
        match (name, value.parse::<u64>()) {
            ("at", Ok(row)) => self.go(row),
            ("back" | "ArrowUp" | "ArrowLeft", _) => self.step(-1),
            ("on" | "ArrowDown" | "ArrowRight", _) => self.step(1),
            ("drop", _) => self.fork_here(|_| Some(Deed::Drop)),
            ("edit", _) => self.open(Palette::Edit),
            ("insert", _) => self.open(Palette::Insert),
            ("pick", Ok(place)) => {
                let palette = self.palette;
                self.fork_here(|event| deed(palette?, event, place as usize));
            }
            ("unfork", _) => {
                let (position, _) = self.positions(self.row());
                (self.forked, self.palette) = (None, None);
                self.go(position);
            }
            _ => {}
        }
    }

    fn open(&mut self, palette: Palette) {
        self.palette = (self.palette != Some(palette)).then_some(palette);
    }

    /// Forks the log at the row that is looked at; a fork that is there is given up for it.
    fn fork_here(&mut self, deed: impl FnOnce(Option<ShopEvent>) -> Option<Deed>) {
        let (at, _) = self.positions(self.row());
        let event = self.known.event(at).map(|event| *event.payload());
        let Some(deed) = deed(event) else { return };
        if let Some(forked) = self.worked_out(Fork { at, deed }) {
            let row = forked.fork.row();
            (self.forked, self.palette) = (Some(forked), None);
            self.go(row);
        }
    }

    /// The log and the state beside each other, or, where there is little room, one above the
    /// other.
    fn picture(&self, frame: Frame) -> String {
        let is_narrow = frame.width < NARROW;
        let room = frame.height - if is_narrow { STATE } else { 0.0 };
        let most = ((room / ROW) as u64).max(5);
        let mut html = Markup::default();
        let forked = if self.forked.is_some() { "true" } else { "false" };
        let is_short = !is_narrow && frame.height < TALL;
        let narrow = match (is_narrow, frame.density()) {
            (true, _) => "ev-log narrow",
            (false, Density::Compact) => "ev-log tight",
            (false, Density::Roomy) => "ev-log",
        };
        html.open("div", &[("class", narrow), ("data-forked", forked)]);
        self.draw_rows(&mut html, most);
        self.draw_state(&mut html, is_short);
        html.close("div");
        html.text
    }

    /// What the cursor is on, in words.
    fn pointed(&self) -> Pointed {
        let words = self.in_words(self.row());
        Pointed { thing: Thing::Node(KEEPER), question: None, words }
    }
}

/// What the choice at a place of a palette comes to.
fn deed(palette: Palette, event: Option<ShopEvent>, place: usize) -> Option<Deed> {
    match palette {
        Palette::Edit => fork::alternatives(event?).get(place).map(|event| Deed::Edit(*event)),
        Palette::Insert => fork::insertions().get(place).map(|event| Deed::Insert(*event)),
    }
}

fn here(cluster: &Cluster) -> Here {
    Here {
        now_us: cluster.world().now_us(),
        position: cluster.log().last_position(),
        durable: cluster.durable_through(),
        by_time: cluster.rules().log == Log::Single,
    }
}

impl View for LogView {
    fn draw(&mut self, lab: &dyn Lab, frame: Frame, _lit: &Highlight) -> String {
        let Some(lab) = EventLab::of(lab) else { return String::new() };
        let cluster = lab.cluster();
        self.follow_run(cluster.log(), cluster.acts(), here(cluster));
        self.picture(frame)
    }

    fn controls(&self) -> String {
        self.draw_controls()
    }

    fn press(&mut self, _lab: &dyn Lab, what: &str) -> Option<Pointed> {
        self.choose(what);
        // On a cluster no server has the log more than the others.
        (self.here.by_time && what.starts_with("Arrow")).then(|| self.pointed())
    }

    /// From event to event, as far as the pointer goes.
    fn pan(&mut self, dx: f32) {
        self.slack += dx;
        let steps = (self.slack / STEP) as i64;
        self.slack -= steps as f32 * STEP;
        if steps != 0 {
            self.step(steps);
        }
    }

    fn follow(&mut self) {
        self.row = None;
    }

    fn is_following(&self) -> bool {
        self.row.is_none()
    }
}
